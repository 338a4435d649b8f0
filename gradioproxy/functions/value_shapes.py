"""What a parameter takes, and what a result can be, as shapes: more than their schemas say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema import shape as shapes
from ..schema.choices import find_choices
from ..schema.shape import Array, Enum, Shape

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter, Result


def taken_shape(parameter: Parameter) -> Shape:
    """Return the shape of all that a parameter takes: `input_shape`, and ``None`` as a default."""
    shape = input_shape(parameter)
    return shapes.union([shape, shapes.NULL]) if takes_nothing(parameter) else shape


def takes_nothing(parameter: Parameter) -> bool:
    """Tell whether ``None`` is a way to leave a parameter out, whatever its shape says."""
    left_out = parameter.default is None or isinstance(input_shape(parameter), shapes.File)
    return parameter.has_default and left_out


def given_shape(result: Result) -> Shape:
    """Return the shape of a value that comes back, which can be more than the page's choices."""
    return loosen(result.shape)


def input_shape(parameter: Parameter) -> Shape:
    """Return the shape of what a parameter takes, by its choices where it has some.

    The schema need not know all of them.
    """
    if parameter.choices is None:
        return parameter.shape
    values = tuple(choice.value for choice in parameter.choices or ())
    if not values or not all(v is None or isinstance(v, str | int | float | bool) for v in values):
        return loosen(parameter.shape)
    one: Shape = Enum(values)
    default = parameter.default if isinstance(parameter.default, list) else [parameter.default]
    # Apps exist whose default is none of the choices.
    if not parameter.closed_choices or not all(
        value is None or value in values for value in default
    ):
        one = loosen(one)
    if parameter.takes_list:
        return Array(one)
    shape = parameter.shape
    if isinstance(shape, shapes.Union) and find_choices(shape):
        return shapes.union([one, shapes.NULL])
    plain = Enum | shapes.Scalar | shapes.Anything
    return one if isinstance(shape, plain) else loosen(shape)


def loosen(shape: Shape) -> Shape:
    """Return a shape with the type of its values instead of the choice between them."""
    match shape:
        case Enum(values):
            return shapes.union([shapes.Scalar(type(value)) for value in values])
        case Array(Enum() as item):
            return Array(loosen(item))
        case shapes.Union(members):
            return shapes.union([loosen(member) for member in members])
        case _:
            return shape
