"""What parameters take besides what their schemas say, as annotations of exported functions.

A type checker shall object to nothing that works. So the short forms of `values.shorthand` are in
here, and what `component_hints` has: who changes the former changes this.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from ..schema import shape as shapes
from ..schema.shape import Array, Enum, FixedArray, Shape
from ..values.grids import objects_in
from ..values.shorthand import can_be_empty
from .annotations import AnnotationBuilder, union_of
from .component_hints import WHOLE, more_hints
from .file_like import FileLike
from .value_shapes import input_shape, takes_nothing

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter
    from .annotations import Classes

# Of how many fields an object is that anybody writes as its first one, and as the tuple of all.
MAX_FIELDS = 3
MAX_PARTS = 2
# How deep inside of a value short forms are looked for: each doubles what there is to read.
MAX_LEVEL = 4


def accepted_annotation(
    parameter: Parameter, name: str = "", classes: Classes | None = None
) -> Any:
    """Return the annotation of everything that a parameter takes.

    Args:
        parameter: The parameter.
        name: Its name in Python, for an object that has no title.
        classes: As for `annotations.annotation`.

    Returns:
        As `annotations.parameter_annotation`, and what people may pass instead of that. No
        `typing.Literal` in it has a number with a fraction, which type checkers refuse.
    """
    name = name or parameter.label
    builder = _AcceptedBuilder(classes)
    if parameter.choices is None:
        made = builder.build(parameter.shape, name)
        made = _widen(builder, parameter, made)
    else:
        made = _build_choices(builder, parameter, name)
    return union_of([made, None]) if takes_nothing(parameter) else made


def members_of(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the annotation alone."""
    if typing.get_origin(hint) in {Union, types.UnionType}:
        return typing.get_args(hint)
    return (hint,)


def list_of(item: Any) -> Any:
    """Return the annotation of lists of something, and of whatever else there is for a list.

    A text is a sequence of texts to type checkers, and mostly a mistake.
    """
    if any(member in {Any, str} for member in members_of(item)):
        return list[item] | tuple[item, ...]
    return Sequence[item]


class _AcceptedBuilder(AnnotationBuilder):
    """Makes one annotation, with what stands for the values of each shape."""

    variant = "accepted"

    def __init__(self, classes: Classes | None) -> None:
        super().__init__(output=False, classes=classes)
        self._level = 0

    def build(self, shape: Shape, name: str) -> Any:
        self._level += 1
        try:
            return super().build(shape, name)
        finally:
            self._level -= 1

    def build_choice(self, values: Sequence[Any]) -> Any:
        if any(isinstance(value, float) for value in values):
            values = [value for value in values if not isinstance(value, float)]
            return union_of([*([super().build_choice(values)] if values else []), float])
        return super().build_choice(values)

    def build_list(self, item: Shape, name: str) -> Any:
        made = self.build(item, name)
        if self._level > MAX_LEVEL:
            return Sequence[made]  # type: ignore[valid-type]
        return union_of([list_of(made), *self._build_single(item, made)])

    def build_dictionary(self, value: Any) -> Any:
        return Mapping[str, value]

    def build_fixed(self, items: Sequence[Any]) -> Any:
        return tuple[tuple(items)] | list[Any]  # type: ignore[misc]

    def build_object(self, shape: shapes.Object, name: str) -> Any:
        made = super().build_object(shape, name)
        if self._level > MAX_LEVEL or self.find_context(shape):
            return made  # it contains itself, or is deep inside
        return union_of([made, *self._build_parts(shape.fields)])

    def _build_single(self, item: Shape, made: Any) -> list[Any]:
        """Return what stands for a list of one, as `shorthand.is_single_item` has it.

        Args:
            item: The shape of an item.
            made: Its annotation.
        """
        match item:
            case shapes.File():
                return [FileLike]
            case shapes.Object() | FixedArray():
                return [one for one in members_of(made) if not _is_listlike(one)]
            case shapes.Union() if any(
                isinstance(one, shapes.File | shapes.Object | FixedArray)
                for one in item.alternatives
            ):
                files = FileLike in members_of(made)
                kept = [one for one in members_of(made) if not _is_listlike(one)]
                # A text is no list of texts, unless it is a file.
                return [one for one in kept if files or one not in {str, int, float, bool}]
            case _:
                return []

    def _build_parts(self, fields: Sequence[shapes.Field]) -> list[Any]:
        """Return what is short for an object, as `shorthand.expand_parts` has it."""
        if len(fields) > MAX_FIELDS or any(part.shape == shapes.ANYTHING for part in fields):
            return []
        made: list[Any] = []
        if all(can_be_empty(part.shape) or not part.required for part in fields[1:]):
            first = members_of(self.build_field(fields[0]))
            made += [one for one in first if one is not None and not _is_object(one)]
        if len(fields) == MAX_PARTS:
            made.append(tuple[tuple(map(self.build_field, fields))])  # type: ignore[misc]
        return made


def _is_object(hint: Any) -> bool:
    origin = typing.get_origin(hint)
    return typing.is_typeddict(hint) or hasattr(hint, "__required_keys__") or origin is Mapping


def _is_listlike(hint: Any) -> bool:
    return hint is None or typing.get_origin(hint) in {list, tuple, Sequence}


def _build_choices(builder: _AcceptedBuilder, parameter: Parameter, name: str) -> Any:
    """Return the annotation of a parameter with choices: values, labels, members of an `Enum`."""
    labels = tuple(
        choice.label for choice in parameter.choices or () if choice.label != choice.value
    )
    shape = input_shape(parameter)
    one = shape.item if isinstance(shape, Array) else shape
    made = union_of([builder.build(_add_labels(one, labels), name), enum.Enum])
    if not isinstance(shape, Array):
        return made
    nothing = [None] if parameter.kind == "checkboxgroup" else []
    return union_of([list_of(made), *members_of(made), *nothing])


def _add_labels(shape: Shape, labels: tuple[str, ...]) -> Shape:
    match shape:
        case Enum():
            return shapes.union([shape, Enum(labels)]) if labels else shape
        case shapes.Union(members):
            return shapes.union([_add_labels(one, labels) for one in members])
        case shapes.Scalar(kind) if labels and kind is not types.NoneType:
            return shapes.union([shape, shapes.TEXT])
        case _:
            return shape


def _widen(builder: _AcceptedBuilder, parameter: Parameter, made: Any) -> Any:
    """Return an annotation with what the component takes besides."""
    if parameter.kind in WHOLE:
        return union_of(more_hints(parameter))
    if made is Any:
        return made
    pairs = _build_pairs(builder, parameter) if parameter.kind == "chatbot" else []
    return union_of([*members_of(made), *more_hints(parameter), *pairs])


def _build_pairs(builder: _AcceptedBuilder, parameter: Parameter) -> list[Any]:
    """Return pairs of what was said and answered, where the chat is made of messages."""
    contents = [
        field.shape
        for message in objects_in(parameter.shape)
        if "role" in message.by_name
        for field in message.fields
        if field.name == "content"
    ]
    if not contents:
        return []
    said = union_of([builder.build(contents[0], "content"), None])
    return [Sequence[tuple[said, said]]]  # type: ignore[valid-type]
