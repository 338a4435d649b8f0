"""What an author set of a component, as far as it matters to callers.

Rule: no raw JSON of a component leaves this package. What is set as no Gradio sets it counts as not
set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..builtin import is_finite
from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard


class Constraints(NamedTuple):
    """What a component takes and gives, beyond the shape of its values.

    Attributes:
        minimum: The least number.
        maximum: The greatest number.
        step: What numbers are multiples of.
        max_length: How many characters a text has at most, or choices a value of a Dropdown.
        multiselect: Whether a value of a Dropdown is a list of choices.
        custom_values: Whether other values than the choices are taken.
        many_files: Whether it holds several files.
        file_types: The kinds of files, as ``image`` or ``.png``; empty if there are others, too.
        password: Whether a text is hidden from who types it.
        timed: Whether a moment has a time of day.
        timezone: The zone of a moment that names none; empty if the app does not say which.
        passes_text_on: Whether the app gets the text of a moment as it is.
        reads_moments: Whether text must be a moment that the component can read.
        headers: The headers of a table.
        columns: The number of its columns, if nobody can change it on the page.
        takes_long_rows: Whether a row of a table may be longer than its headers.
        names_columns: Whether the function gets the headers of a table with its rows.
    """

    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    max_length: int | None = None
    multiselect: bool = False
    custom_values: bool = False
    many_files: bool = False
    file_types: tuple[str, ...] = ()
    password: bool = False
    timed: bool = True
    timezone: str = ""
    passes_text_on: bool = False
    reads_moments: bool = False
    headers: tuple[Any, ...] = ()
    columns: int | None = None
    takes_long_rows: bool = False
    names_columns: bool = False


UNCONSTRAINED = Constraints()
"""What holds of a component of which nothing is known."""


def parse_constraints(kind: str, properties: Mapping[str, Any]) -> Constraints:
    """Read what an author set.

    Args:
        kind: The component's type, lower case.
        properties: What ``/config`` says of it.
    """
    if not properties:
        return UNCONSTRAINED
    minimum, maximum = _parse_bounds(properties)
    types, headers = properties.get("file_types"), properties.get("headers")
    timezone, form = properties.get("timezone"), properties.get("type")
    return Constraints(
        minimum=minimum,
        maximum=maximum,
        step=_parse_number(properties.get("step")),
        max_length=_parse_length(kind, properties),
        multiselect=properties.get("multiselect") is True,
        custom_values=properties.get("allow_custom_value") is True,
        many_files=properties.get("file_count") in ("multiple", "directory"),
        file_types=tuple(
            one_line(one, 20)
            for one in (types if isinstance(types, list) else ())
            if isinstance(one, str) and one
        ),
        password=form == "password",
        timed=properties.get("include_time") is not False,
        timezone=timezone if isinstance(timezone, str) else "",
        passes_text_on=form == "string",
        reads_moments=kind == "datetime" and form in ("timestamp", "datetime"),
        headers=tuple(map(_read_header, headers)) if isinstance(headers, list) else (),
        columns=_parse_columns(properties),
        takes_long_rows=form in ("array", "numpy"),
        names_columns=form in ("pandas", "polars"),
    )


def _read_header(header: Any) -> Any:
    """Return a header as it is, if that is what can stand above a column."""
    return one_line(header) if isinstance(header, list | dict) else header


def _parse_bounds(properties: Mapping[str, Any]) -> tuple[int | float | None, int | float | None]:
    low, high = (_parse_number(properties.get(key)) for key in ("minimum", "maximum"))
    # Limits between which there is nothing limit nothing.
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def _parse_number(value: object) -> int | float | None:
    return value if is_finite(value) else None


def _parse_length(kind: str, properties: Mapping[str, Any]) -> int | None:
    most = properties.get({"textbox": "max_length", "dropdown": "max_choices"}.get(kind, ""))
    return most if _is_count(most) else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _parse_columns(properties: Mapping[str, Any]) -> int | None:
    # Versions have other names for it.
    for name in ("column_count", "col_count"):
        match properties.get(name):
            case [number, "fixed"] if _is_count(number):
                return number
    match properties.get("column_limits"):
        case [least, most] if least == most and _is_count(most):
            return most
    return None
