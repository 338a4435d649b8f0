"""What a parameter takes that is a table or a figure.

Loaded when there is one, as `FileLike` is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any, Protocol, runtime_checkable

from ..pydantic_schemas import ROWS, TABLE, PydanticSchema
from .file_like import ArrayValue

if sys.version_info >= (3, 12):
    from typing import TypeAliasType
else:
    from typing_extensions import TypeAliasType


@runtime_checkable
class FrameValue(Protocol):
    """A DataFrame, as pandas and polars have them."""

    @property
    def columns(self) -> Any:
        """The names of its columns."""

    def to_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is in it."""


@runtime_checkable
class ColumnValue(Protocol):
    """A column alone, as pandas and polars have them."""

    def to_frame(self, *args: Any, **kwargs: Any) -> Any:
        """Return a DataFrame of it."""


@runtime_checkable
class SavableFigure(Protocol):
    """A figure as matplotlib has them."""

    def savefig(self, *args: Any, **kwargs: Any) -> Any:
        """Write it."""


@runtime_checkable
class JSONFigure(Protocol):
    """A figure as plotly and altair have them."""

    def to_json(self, *args: Any, **kwargs: Any) -> Any:
        """Return it as text."""


def _can_be_table(value: object) -> bool:
    kinds = (FrameValue, ColumnValue, ArrayValue, Mapping, list, tuple)
    return isinstance(value, kinds) and not isinstance(value, type)


def _write_table(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    raise TypeError(f"a table that is a {type(value).__name__} is nothing that JSON has")


def _can_be_figure(value: object) -> bool:
    kinds = (SavableFigure, JSONFigure, Mapping)
    return isinstance(value, kinds) and not isinstance(value, type)


def _write_figure(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a figure that is a {type(value).__name__} is nothing that JSON has")


_TABLE_SCHEMA = PydanticSchema(
    {"description": "A table: its rows, or with its headers.", "anyOf": [ROWS, TABLE]},
    _can_be_table,
    "a table",
    _write_table,
)
_FIGURE_SCHEMA = PydanticSchema(
    {"type": "object", "description": "A figure: its type and its plot, as JSON."},
    _can_be_figure,
    "a figure",
    _write_figure,
)
_FRAME = FrameValue | ColumnValue | ArrayValue
_LISTS = Mapping[str, Any] | list[Any] | tuple[Any, ...]

TableLike = TypeAliasType("TableLike", Annotated[_FRAME | _LISTS, _TABLE_SCHEMA])
"""What a parameter takes that is a table: a DataFrame, a column, a two-dimensional array, a list of
rows or of dictionaries, a dictionary of columns, or ``{"headers": [...], "data": [[...]]}``."""

FigureLike = TypeAliasType(
    "FigureLike", Annotated[SavableFigure | JSONFigure | Mapping[str, Any], _FIGURE_SCHEMA]
)
"""What a parameter takes that is a figure: one of matplotlib, plotly or altair, or
``{"type": ..., "plot": ...}``."""
