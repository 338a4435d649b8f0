"""What a component takes of numbers, flags and texts, said before anything is sent.

Read from the ``preprocess`` functions of Gradio 3.16 to 6.31. What a component itself makes of a
value goes in as it is: `Textbox` makes text of a number, `Number` rounds. Checkbox and Slider pass
on what comes, in most versions, and a function gets what no page could send: these two are held to
what the page sends. Limits count unless a function of the app could change them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .conform import Misfit, as_flag, as_number, conform, is_flag, is_foreign_number, name_shape
from .fitting import is_list, written_out
from .plain import plain
from .shapes import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    FixedArray,
    Object,
    has_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .schema import JSON, Parameter


# Gradio's own, which fail on anything but what their schemas say.
_CONTAINERS = frozenset(
    {
        *("annotatedimage", "chatbot", "checkboxgroup", "dialogue", "gallery", "highlightedtext"),
        *("imageeditor", "imageslider", "multimodaltextbox"),
    }
)


class Bounds(NamedTuple):
    """The least and the greatest number that a component takes, where it has them."""

    low: int | float | None = None
    high: int | float | None = None


def bounds_of(parameter: Parameter) -> Bounds:
    """Return the limits of a number or a slider."""
    if _kind(parameter) not in {"number", "slider"}:
        return Bounds()
    properties = _properties(parameter)
    low, high = (
        value if _is_number(value) else None
        for value in (properties.get("minimum"), properties.get("maximum"))
    )
    # Limits between which there is nothing limit nothing.
    return Bounds() if low is not None and high is not None and low > high else Bounds(low, high)


def length_of(parameter: Parameter) -> int | None:
    """Return how many characters, or choices, a value may have at most, if there is a limit."""
    name = {"textbox": "max_length", "dropdown": "max_choices"}.get(_kind(parameter), "")
    most = _properties(parameter).get(name)
    return most if isinstance(most, int) and _is_number(most) and most > 0 else None


def is_checked(parameter: Parameter) -> bool:
    """Tell whether some values are refused that the parameter's component does not take."""
    kind, limited = _kind(parameter), length_of(parameter) is not None
    return limited or kind in {"number", "slider", "checkbox", "api"}


def takes_text(parameter: Parameter) -> str:
    """Return what a parameter takes, in words that follow "it takes"."""
    kind = _kind(parameter)
    if kind in {"number", "slider"}:
        low, high = Bounds() if parameter.changeable else bounds_of(parameter)
        if low is not None and high is not None:
            return f"a number from {_shown(low)} to {_shown(high)}"
        least = f" of at least {_shown(low)}" if low is not None else ""
        return f"a number{least or (f' of at most {_shown(high)}' if high is not None else '')}"
    most_text = length_of(parameter)
    if kind == "textbox":
        return f"text of at most {most_text} characters" if most_text else "text"
    return "a file" if has_file(parameter.shape) else name_shape(parameter.shape)


def fit_component(parameter: Parameter, value: Any) -> Any:
    """Return a value as a parameter's component takes it.

    Args:
        parameter: The parameter.
        value: What the caller passed.

    Returns:
        The value, or the number or the flag that it stands for.

    Raises:
        Misfit: The component takes nothing like it.
    """
    fit = _FITS.get(_kind(parameter))
    empty = parameter.has_default and parameter.default is None
    if fit is None or (value is None and empty):
        return value
    return fit(parameter, value)


def check_container(parameter: Parameter, value: Any) -> None:
    """Refuse a single number or text where nothing but a list or an object can be meant.

    Args:
        parameter: The parameter.
        value: What a caller passed, as the component takes it.

    Raises:
        Misfit: The value is neither, and short for neither.
    """
    shape = parameter.shape
    container = isinstance(shape, Array | FixedArray | Object | Dictionary)
    lone = isinstance(value, str | int | float) and _kind(parameter) in _CONTAINERS
    if container and lone and written_out(shape, value) is value:
        raise Misfit(name_shape(shape), value)


def _number(parameter: Parameter, value: Any) -> Any:
    if parameter.shape not in (INTEGER, NUMBER):  # somebody's own, made of one of these
        return value
    if value is None and _kind(parameter) == "number":
        return value
    number = as_number(value)
    if number is None:
        raise Misfit(takes_text(parameter), value)
    # What the page shows at first is right, whatever else the app says.
    if not parameter.changeable and not (parameter.has_default and number == parameter.default):
        low, high = bounds_of(parameter)
        if (low is not None and number < low) or (high is not None and number > high):
            raise Misfit(takes_text(parameter), value)
    whole = parameter.shape == INTEGER and isinstance(number, float) and number.is_integer()
    return int(number) if whole else number


def _flag(parameter: Parameter, value: Any) -> Any:
    value = plain(value)
    if parameter.shape != BOOLEAN or value is None:
        return value
    if not is_flag(value):
        raise Misfit(takes_text(parameter), value)
    return as_flag(value)


def _text(parameter: Parameter, value: Any) -> Any:
    if parameter.shape != TEXT:
        return value
    if is_foreign_number(value):
        return str(value)  # JSON does not know it, and the component makes text of every number
    most = length_of(parameter)
    too_long = isinstance(value, str) and most is not None and len(value) > most
    if too_long and not parameter.changeable:
        raise Misfit(takes_text(parameter), value)
    return value


def _written(parameter: Parameter, value: Any) -> Any:
    """Return text, for a component that passes on what comes, as the page would send it."""
    simple = isinstance(value, int | float | Mapping) or is_list(value)
    return conform(TEXT, value) if parameter.shape == TEXT and simple else value


def _several(parameter: Parameter, value: Any) -> Any:
    most = length_of(parameter)
    too_many = is_list(value) and most is not None and len(value) > most
    if too_many and not parameter.changeable:
        raise Misfit(f"at most {most} of its choices", value)
    return value


def _declared(parameter: Parameter, value: Any) -> Any:
    """Return a value as the types of `gr.api` declare it; choices were found or refused before."""
    known = parameter.options is not None and value is not None
    return value if known else conform(parameter.shape, value)


_FITS: dict[str, Callable[[Parameter, Any], Any]] = {
    "number": _number,
    "slider": _number,
    "checkbox": _flag,
    "textbox": _text,
    "code": _written,
    "html": _written,
    "markdown": _written,
    "dropdown": _several,
    "api": _declared,
}


def _kind(parameter: Parameter) -> str:
    return parameter.source.type if parameter.source else parameter.component.lower()


def _properties(parameter: Parameter) -> dict[str, JSON]:
    return dict(parameter.source.properties) if parameter.source else {}


def _shown(number: float) -> str:
    return repr(number)[:30].removesuffix(".0")


def _is_number(value: JSON) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)
