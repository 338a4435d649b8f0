"""What a parameter takes that is a table or a figure, for type checkers.

Loaded with the annotations of exported functions alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol

from .file_like import ArrayValue

if sys.version_info >= (3, 12):
    from typing import TypeAliasType
else:
    from typing_extensions import TypeAliasType


class FrameValue(Protocol):
    """A DataFrame, as pandas and polars have them."""

    @property
    def columns(self) -> Any:
        """The names of its columns."""

    def to_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is in it."""


class ColumnValue(Protocol):
    """A column alone, as pandas and polars have them."""

    def to_frame(self, *args: Any, **kwargs: Any) -> Any:
        """Return a DataFrame of it."""


class SavableFigure(Protocol):
    """A figure as matplotlib has them."""

    def savefig(self, *args: Any, **kwargs: Any) -> Any:
        """Write it."""


class JSONFigure(Protocol):
    """A figure as plotly and altair have them."""

    def to_json(self, *args: Any, **kwargs: Any) -> Any:
        """Return it as text."""


TableLike = TypeAliasType(
    "TableLike",
    FrameValue | ColumnValue | ArrayValue | Mapping[str, Any] | list[Any] | tuple[Any, ...],
)
"""What a parameter takes that is a table: a DataFrame, a column, a two-dimensional array, a list of
rows or of dictionaries, a dictionary of columns, or ``{"headers": [...], "data": [[...]]}``."""

FigureLike = TypeAliasType("FigureLike", SavableFigure | JSONFigure | Mapping[str, Any])
"""What a parameter takes that is a figure: one of matplotlib, plotly or altair, or
``{"type": ..., "plot": ...}``."""
