"""Which of a parameter's choices a value means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema.choices import find_choice
from ..schema.match import part_of
from ..schema.shape import Enum, Scalar
from ..suggest import find_nearest
from ..text import short_repr
from .foreign import unpack
from .kinds import is_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .argument import Place, Problems

# How many choices a message names.
LISTED = 10


def choose(place: Place, value: Any, problems: Problems) -> Any:
    """Return the choices that a value means, by their values or their labels.

    Args:
        place: That of the whole value of a parameter.
        value: The value, as builtins.
        problems: Gets what is no choice, where that is certain.

    Returns:
        The values of the choices; what is none of them as it is.
    """
    parameter = place.argument.parameter
    if parameter.choices is None:
        return value
    value = unpack(value)
    one = not parameter.takes_list and isinstance(parameter.shape, Enum | Scalar)
    if is_list(value) and not one:
        return [
            _choose_one(place.at(index, part_of(place.shape, index)), unpack(part), problems)
            for index, part in enumerate(value)
        ]
    if value is None and parameter.kind == "checkboxgroup":
        return []  # boxes of which none is ticked
    chosen = _choose_one(place, value, problems)
    return [chosen] if parameter.takes_list and value is not None else chosen


def _choose_one(place: Place, value: Any, problems: Problems) -> Any:
    parameter = place.argument.parameter
    choices = parameter.choices or ()
    found = find_choice(choices, value)
    if found is not None:
        return found.value
    if value is not None and parameter.closed_choices:
        expected = describe_choices([choice.value for choice in choices], value)
        problems.add(place, short_repr(value), expected)
    return value


def describe_choices(values: Sequence[Any], got: Any) -> str:
    """Say what a choice takes, with the nearest one if something like it came."""
    texts = [short_repr(value, 60) for value in values]
    listed = ", ".join(texts[:LISTED])
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    near = find_nearest(short_repr(got), [str(value) for value in values])
    hint = f"; did you mean {texts[[str(v) for v in values].index(near[0])]}?" if near else ""
    return f"it takes one of {listed}{more}{hint}"
