"""What a component takes of numbers, flags and texts, said before anything is sent.

Read from the ``preprocess`` functions of Gradio 3.16 to 6.31. What a component itself makes of a
value goes in as it is: `Textbox` makes text of a number, `Number` rounds, `Code` passes on whatever
comes. Checkbox and Slider pass that on, too, in most versions, and a function gets what no page
could send: these two are held to what the page sends. Limits count unless a function of the app
could change them. How long a text may be, and how many choices there may be, only pages see to:
such a limit is for people and for models, who are told of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..schema.release import NEWEST, Release
from ..schema.shape import (
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
from .conform import Misfit, as_flag, as_number, conform, is_flag, is_foreign_number, name_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.endpoint import Parameter


# Gradio's own, which fail on anything but what their schemas say; those of Gradio 3 take it.
_CONTAINERS = frozenset(
    {
        *("annotatedimage", "chatbot", "checkboxgroup", "dialogue", "gallery", "highlightedtext"),
        *("imageeditor", "imageslider", "multimodaltextbox"),
    }
)
# These read each of several files, in every version.
_FILES = frozenset({"file", "uploadbutton"})


class Bounds(NamedTuple):
    """The least and the greatest number that a component takes, where it has them."""

    low: int | float | None = None
    high: int | float | None = None


def bounds_of(parameter: Parameter) -> Bounds:
    """Return the limits of a number or a slider."""
    if parameter.kind not in {"number", "slider"}:
        return Bounds()  # what it is called by in a component of somebody's own may be anything
    return Bounds(parameter.constraints.minimum, parameter.constraints.maximum)


def is_checked(parameter: Parameter) -> bool:
    """Tell whether some values are refused that the parameter's component does not take."""
    return parameter.kind in {"number", "slider", "checkbox", "api"}


def takes_text(parameter: Parameter) -> str:
    """Return what a parameter takes, in words that follow "it takes"."""
    kind = parameter.kind
    if kind in {"number", "slider"}:
        low, high = Bounds() if parameter.changeable else bounds_of(parameter)
        if low is not None and high is not None:
            return f"a number from {_format_limit(low)} to {_format_limit(high)}"
        least = f" of at least {_format_limit(low)}" if low is not None else ""
        return (
            f"a number{least or (f' of at most {_format_limit(high)}' if high is not None else '')}"
        )
    most_text = parameter.constraints.max_length
    if kind == "textbox":
        return f"text of at most {most_text} characters" if most_text else "text"
    return "a file" if has_file(parameter.shape) else name_shape(parameter.shape)


def fit_component(parameter: Parameter, value: Any, release: Release = NEWEST) -> Any:
    """Return a value as a parameter's component takes it.

    Args:
        parameter: The parameter.
        value: What the caller passed.
        release: The app's version.

    Returns:
        The value, or the number or the flag that it stands for.

    Raises:
        Misfit: The component takes nothing like it.
    """
    fit = _FITS.get(parameter.kind)
    empty = parameter.has_default and parameter.default is None
    empty |= parameter.kind == "slider" and not release.compares_slider_values
    if fit is None or (value is None and empty):
        return value
    return fit(parameter, value)


def check_length(parameter: Parameter, value: Any) -> None:
    """Refuse a text or a list that is longer than what the page of an app takes.

    Args:
        parameter: The parameter.
        value: What a language model gave, whom the tool's schema told of that.

    Raises:
        Misfit: The value is too long.
    """
    most = None if parameter.changeable else parameter.constraints.max_length
    in_letters = parameter.kind == "textbox"
    if most is None or not isinstance(value, str if in_letters else list) or len(value) <= most:
        return
    raise Misfit(takes_text(parameter) if in_letters else f"at most {most} of its choices", value)


def check_container(parameter: Parameter, value: Any, release: Release = NEWEST) -> None:
    """Refuse what is neither the list nor the object that alone can be meant.

    Args:
        parameter: The parameter.
        value: What a caller passed, as the component takes it, with all that it is short for.
        release: The app's version.

    Raises:
        Misfit: It is a single number or text, an object instead of a list, or a list instead of an
            object.
    """
    shape, kind = parameter.shape, parameter.kind
    listed, keyed = isinstance(shape, Array | FixedArray), isinstance(shape, Object | Dictionary)
    wrong = (listed or keyed) and isinstance(value, str | int | float)
    wrong |= listed and isinstance(value, Mapping)
    wrong |= keyed and isinstance(value, list | tuple)
    strict = kind in _FILES or (kind in _CONTAINERS and release.has_strict_containers)
    if wrong and strict:
        raise Misfit(name_shape(shape), value)


def _fit_number(parameter: Parameter, value: Any) -> Any:
    if parameter.shape not in (INTEGER, NUMBER):  # somebody's own, made of one of these
        return value
    if value is None and parameter.kind == "number":
        return value
    number = _parse_number(value)
    if number is None:
        raise Misfit(takes_text(parameter), value)
    # What the page shows at first is right, whatever else the app says.
    if not parameter.changeable and not (parameter.has_default and number == parameter.default):
        low, high = bounds_of(parameter)
        if (low is not None and number < low) or (high is not None and number > high):
            raise Misfit(takes_text(parameter), value)
    whole = parameter.shape == INTEGER and isinstance(number, float) and number.is_integer()
    return int(number) if whole else number


def _fit_flag(parameter: Parameter, value: Any) -> Any:
    if parameter.shape != BOOLEAN or value is None:
        return value
    if not is_flag(value):
        raise Misfit(takes_text(parameter), value)
    return as_flag(value)


def _parse_number(value: Any) -> int | float | None:
    """Return the number that a value is or says, also in the ways that only Python writes it."""
    number = as_number(value)
    if number is None and isinstance(value, str):
        for kind in (int, float):
            with contextlib.suppress(ValueError):
                return kind(value)
    return number


def _fit_text(parameter: Parameter, value: Any) -> Any:
    # JSON does not know a decimal, and what makes text of a number makes the same of it.
    return conform(TEXT, value) if parameter.shape == TEXT and is_foreign_number(value) else value


def _fit_declared(parameter: Parameter, value: Any) -> Any:
    """Return a value as the types of `gr.api` declare it; choices were found or refused before."""
    known = parameter.choices is not None and value is not None
    return value if known else conform(parameter.shape, value)


_FITS: dict[str, Callable[[Parameter, Any], Any]] = {
    "number": _fit_number,
    "slider": _fit_number,
    "checkbox": _fit_flag,
    "textbox": _fit_text,
    "code": _fit_text,
    "html": _fit_text,
    "markdown": _fit_text,
    "api": _fit_declared,
}


def _format_limit(number: float) -> str:
    return repr(number)[:30].removesuffix(".0")
