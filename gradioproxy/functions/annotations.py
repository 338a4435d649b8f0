"""Shapes as the annotations that a careful author would have written.

Annotations are live objects, never source text, so nothing that an app declares is evaluated. What
has no better type is `Any`. Classes made here are kept as long as somebody uses them and no longer;
equal shapes share one.
"""

from __future__ import annotations

import functools
import math
import operator
import re
import sys
import types
import typing
from typing import TYPE_CHECKING, Any, Literal, Union, cast
from weakref import WeakValueDictionary

from ..files.file import File
from ..schema import shape as shapes
from ..schema.shape import Array, Enum, Shape
from ..values.table import Table, is_table
from .component_hints import common_hints
from .naming import class_name, field_names
from .result_class import make_result_class, share_result_class
from .value_shapes import given_shape, taken_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

    from ..schema.endpoint import Endpoint, Parameter, Result

    Classes = MutableMapping[object, type]

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

# Beyond these a Literal is no longer something to read, and a type no longer something to think of.
MAX_CHOICES = 30
MAX_LITERAL = 1_000
MAX_NODES = 2_000
MAX_EXPRESSION = 100
"""How many parts one written type has; what is in an object is written with that."""
LETTERS_OF_PART = 20

# Half of a letter, which JSON can have, and no text that is to be written.
_SURROGATE = re.compile("[\ud800-\udfff]")

_OBJECTS: WeakValueDictionary[object, type] = WeakValueDictionary()

# Called with values that no type checker can know.
_literal: Any = Literal


def annotation(
    shape: Shape, name: str = "", *, output: bool = False, classes: Classes | None = None
) -> Any:
    """Return the annotation for values of a shape.

    Args:
        shape: The shape.
        name: What to call an object that has no title, in any spelling.
        output: Whether the values come from the app.
        classes: The classes that there are, to which those that are made here are added; by default
            those of the process.

    Returns:
        A type, a union of types, a `typing.Literal`, a generic alias, ``None`` or `typing.Any`.
    """
    return AnnotationBuilder(output=output, classes=classes).build(shape, name)


def parameter_annotation(
    parameter: Parameter, name: str = "", classes: Classes | None = None
) -> Any:
    """Return the annotation of a parameter.

    Args:
        parameter: The parameter.
        name: Its name in Python, for an object that has no title.
        classes: As for `annotation`.

    Returns:
        Its shape's annotation; a `typing.Literal` where nothing but the choices can be right, and
        the type of the choices where others can; with ``None`` if that is its default, or if it is
        a file that can be left out.
    """
    return annotation(taken_shape(parameter), name or parameter.label, classes=classes)


def result_annotation(result: Result, name: str = "", classes: Classes | None = None) -> Any:
    """Return the annotation of one value that comes back.

    Args:
        result: The result.
        name: Its name in Python, for an object that has no title.
        classes: As for `annotation`.
    """
    return annotation(given_shape(result), name or result.label, output=True, classes=classes)


def return_annotation(name: str, endpoint: Endpoint, classes: Classes | None = None) -> Any:
    """Return the annotation of what an endpoint's function returns.

    Args:
        name: The function's name.
        endpoint: The endpoint.
        classes: As for `annotation`.

    Returns:
        ``None`` without results, the annotation of the only one, or a named tuple's class.
    """
    if not endpoint.results:
        return None
    several = result_type(name, endpoint, classes)
    return several or result_annotation(endpoint.results[0], classes=classes)


def build_annotations(
    name: str, names: Sequence[str], endpoint: Endpoint, classes: Classes | None = None
) -> dict[str, Any]:
    """Return the annotations of an endpoint's function, as ``__annotations__`` has them.

    They have what the parameters' components take besides what their schemas say.

    Args:
        name: The function's name.
        names: Its parameters' names.
        endpoint: The endpoint.
        classes: As for `annotation`.
    """
    hints = {
        known: union_of([parameter_annotation(parameter, known, classes), *common_hints(parameter)])
        for known, parameter in zip(names, endpoint.parameters, strict=True)
    }
    return {**hints, "return": return_annotation(name, endpoint, classes)}


def result_type(
    name: str, endpoint: Endpoint, classes: Classes | None = None
) -> type[tuple[Any, ...]] | None:
    """Return the class of the named tuples that an endpoint's function returns.

    Args:
        name: The function's name.
        endpoint: The endpoint.
        classes: As for `annotation`.

    Returns:
        The class, with annotated fields; the same one for an equal endpoint of that name. ``None``
        if the function returns no tuple. Instances pickle, and can be unpickled where the class
        was never made.
    """
    if len(endpoint.results) < 2:  # noqa: PLR2004
        return None
    fields = field_names(endpoint)
    hints = tuple(
        result_annotation(result, field, classes)
        for field, result in zip(fields, endpoint.results, strict=True)
    )
    spelled = tuple(map(render_annotation, hints))
    make = share_result_class if classes is None else make_result_class
    return make(f"{class_name(name)}Result", fields, hints, spelled)


def render_annotation(annotation: Any, *, choices: bool = True) -> str:
    """Return an annotation as a person would write it, without the modules of its names.

    Args:
        annotation: Any annotation made here.
        choices: Whether to write the values of a `typing.Literal`, or else their types.

    Returns:
        Text such as ``list[str] | None``.
    """
    arguments, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if origin is Literal and choices:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is Literal:
        return render_annotation(union_of(type(value) for value in arguments))
    if origin in {Union, types.UnionType}:
        texts = dict.fromkeys(render_annotation(part, choices=choices) for part in arguments)
        return " | ".join(sorted(texts, key="None".__eq__))
    if origin is NotRequired:
        return render_annotation(arguments[0], choices=choices)
    if isinstance(origin, type):
        inside = ", ".join(render_annotation(part, choices=choices) for part in arguments)
        return f"{origin.__name__}[{inside or '()'}]"
    return _render_name(annotation)


def _render_name(annotation: Any) -> str:
    """Return the name of an annotation that has no parts."""
    if annotation is None or annotation is types.NoneType:
        return "None"
    name = getattr(annotation, "__name__", None)
    # Before Python 3.11, Any has no name.
    return name if isinstance(name, str) else re.sub(r"(\w+\.)+", "", repr(annotation))


class AnnotationBuilder:
    """Makes one annotation, of what goes in or of what comes out."""

    # What tells its classes from those that another builder makes of the same shapes.
    variant = ""

    def __init__(self, *, output: bool, classes: Classes | None = None) -> None:
        self.output = output
        self.classes = _OBJECTS if classes is None else classes
        self.made: dict[object, type] = {}
        self.open: set[str] = set()
        self.left = MAX_NODES
        self.room = MAX_EXPRESSION
        self.contexts: dict[int, bytes] = {}

    def build(self, shape: Shape, name: str) -> Any:  # noqa: C901, PLR0911 - a case for each shape
        """Return the annotation of a shape; *name* is for an object that has no title."""
        self.left -= 1
        self.room -= 1
        if self.left < 0 or self.room < 0:
            return Any
        match shape:
            case shapes.Scalar(kind):
                return None if kind is types.NoneType else kind
            case Enum(values):
                return self.build_choice(values)
            case shapes.File():
                return self.build_file()
            case Array(item):
                return self.build_list(item, name)
            case shapes.FixedArray(items):
                return self.build_fixed([self.build(item, name) for item in items])
            case shapes.Dictionary(value):
                return self.build_dictionary(self.build(value, name))
            case shapes.Union(members):
                return union_of([self.build(member, name) for member in members])
            case shapes.Object():
                return self.build_object(shape, name)
            case shapes.Reference():
                return self.build_reference(shape)
            case _:
                return Any

    def build_file(self) -> Any:
        """Return the annotation of a file."""
        if self.output:
            return File
        from .file_like import FileLike  # late, as that says

        return FileLike

    def build_choice(self, values: Sequence[Any]) -> Any:
        """Return the annotation of one of several values."""
        letters = sum(len(repr(v)) for v in values) if len(values) <= MAX_CHOICES else math.inf
        if letters > MAX_LITERAL or not all(map(_is_for_literals, values)):
            return union_of([type(value) for value in values])
        self.room -= max(len(values), int(letters) // LETTERS_OF_PART)
        chosen = tuple(value for value in values if value is not None)
        parts = [_literal[chosen]] if chosen else []
        return union_of([*parts, None] if len(chosen) < len(values) else parts)

    def build_list(self, item: Shape, name: str) -> Any:
        """Return the annotation of a list."""
        return list[self.build(item, name)]  # type: ignore[misc]

    def build_dictionary(self, value: Any) -> Any:
        """Return the annotation of an object with any keys."""
        return dict[str, value]

    def build_fixed(self, items: Sequence[Any]) -> Any:
        """Return the annotation of a list with an item of its own for each place."""
        # JSON knows no tuples: one can be passed, but what comes back is a list.
        return list[union_of(items)] if self.output else tuple[tuple(items)]  # type: ignore[misc]

    def build_object(self, shape: shapes.Object, name: str) -> Any:
        """Return the annotation of an object with known keys."""
        if self.output and is_table(shape):
            return Table
        if not all(_is_for_literals(part.name) for part in shape.fields):
            return self.build_dictionary(Any)
        # An object that contains itself is finished only when its fields are, so that the class
        # comes first and gets them afterwards.
        key = shape.digest, self.find_context(shape)
        if key in self.made:
            return self.made[key]
        title = class_name(shape.title) or class_name(name) or "Value"
        known = self.classes.get((title, self.variant, self.output, key))
        if known is not None:
            return known
        made = _make_empty_object(title)
        self.made[key] = made
        hints = {part.name: self.build_field(part) for part in shape.fields}
        required = shape.required
        made.__annotations__ = {
            key: hint if key in required else NotRequired[hint] for key, hint in hints.items()
        }
        made.__required_keys__ = required  # type: ignore[attr-defined]
        made.__optional_keys__ = frozenset(hints) - required  # type: ignore[attr-defined]
        if self.left < 0:
            return made
        return self.classes.setdefault((title, self.variant, self.output, key), made)

    def build_field(self, part: shapes.Field) -> Any:
        """Return the annotation of what stands under a key."""
        around, self.room = self.room, MAX_EXPRESSION
        made = self.build(part.shape, part.name)
        self.room = around
        return made

    def find_context(self, shape: Shape) -> bytes:
        """Return what tells a shape from an equal one whose references mean something else."""
        references = (part for part in shapes.walk(shape) if isinstance(part, shapes.Reference))
        first = next(references, None)
        if first is None:
            return b""
        number = id(first.definitions)
        if number not in self.contexts:
            self.contexts[number] = first.digest_definitions()
        return self.contexts[number]

    def build_reference(self, shape: shapes.Reference) -> Any:
        """Return the annotation of a shape that contains itself."""
        # An object that contains itself is met again in `object`; a list of itself has no name
        # that could be written in its place.
        if shape.name in self.open:
            return Any
        self.open.add(shape.name)
        made = self.build(shape.target, shape.name)
        self.open.discard(shape.name)
        return made


def _is_for_literals(value: object) -> bool:
    """Tell whether a value is one that others take in a `typing.Literal`."""
    if isinstance(value, str):
        return not _SURROGATE.search(value)
    return not isinstance(value, float) or math.isfinite(value)


def _make_empty_object(title: str) -> type:
    """Return a new class of `TypedDict` without keys."""
    # Pydantic takes no other before Python 3.12; late, as typing_extensions is large.
    if sys.version_info >= (3, 12):
        from typing import TypedDict
    else:
        from typing_extensions import TypedDict
    made: type = cast("Any", TypedDict)(title, {})
    made.__module__ = __name__
    return made


def union_of(hints: Iterable[Any]) -> Any:
    """Return the union of annotations as people write it: ``None`` last, and nothing twice."""
    unique = list(dict.fromkeys(None if hint is types.NoneType else hint for hint in hints))
    if Any in unique or not unique:
        return Any
    kinds = {hint for hint in unique if isinstance(hint, type)}
    if any(map(_is_file_like, unique)):
        kinds.add(str)
        unique = [hint for hint in unique if hint is not str]
    unique = [hint for hint in unique if not _is_literal_of(hint, kinds)]
    unique.sort(key=lambda hint: hint is None)
    return functools.reduce(operator.or_, unique)


def _is_file_like(hint: Any) -> bool:
    """Tell whether an annotation is `FileLike`: nothing else that is no class has such a name."""
    return not isinstance(hint, type) and getattr(hint, "__name__", "") == "FileLike"


def _is_literal_of(hint: Any, kinds: set[type]) -> bool:
    """Tell whether an annotation is a choice between values that all are of these types."""
    values = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    return bool(values) and all(type(value) in kinds for value in values)
