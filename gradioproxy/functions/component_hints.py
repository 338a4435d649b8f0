"""What components take besides what their schemas say: values of other libraries, and short forms.

It is what `values.foreign` reads of other libraries, and what `values.components` makes of a value:
who changes one of them changes this. Types that are large to load are loaded for who has them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..schema import shape as shapes

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter

WHOLE = frozenset({"dataframe", "plot", "timeseries"})
"""The components of which a schema says a small part of what they take."""


def more_hints(parameter: Parameter) -> list[Any]:
    """Return annotations of what a parameter takes besides that of its schema.

    Args:
        parameter: The parameter; what counts is its component.
    """
    find = _FOUND.get(parameter.kind)
    return find(parameter) if find else []


def common_hints(parameter: Parameter) -> list[Any]:
    """Return those that the functions of a session show besides the schema's annotation.

    They are fewer than what all of `accepted` says: a person reads them, and so do models.

    Args:
        parameter: The parameter.
    """
    if parameter.kind == "gallery" and isinstance(parameter.shape, shapes.Array):
        from .file_like import FileLike  # late, as that says

        return [list[FileLike]]
    return more_hints(parameter)


def _find_table(_parameter: Parameter) -> list[Any]:
    from .table_like import TableLike  # late, as that says

    return [TableLike]


def _find_figure(_parameter: Parameter) -> list[Any]:
    from .table_like import FigureLike  # late, as that says

    return [FigureLike]


def _find_series(parameter: Parameter) -> list[Any]:
    return [*_find_file(parameter), *_find_table(parameter)]


def _find_time(_parameter: Parameter) -> list[Any]:
    import datetime as dt  # late: most functions have none

    return [dt.datetime, dt.date, float]


def _find_file(_parameter: Parameter) -> list[Any]:
    from .file_like import FileLike  # late, as that says

    return [FileLike]


def _find_files(_parameter: Parameter) -> list[Any]:
    from .file_like import FileLike  # late, as that says

    return [FileLike, Sequence[FileLike]]


def _find_file_of_object(parameter: Parameter) -> list[Any]:
    return [] if isinstance(parameter.shape, shapes.File) else _find_file(parameter)


def _find_paths(_parameter: Parameter) -> list[Any]:
    path = str | os.PathLike[str]
    return [str, os.PathLike[str], list[path], tuple[path, ...]]


_FOUND: dict[str, Callable[[Parameter], list[Any]]] = {
    "dataframe": _find_table,
    "datetime": _find_time,
    "fileexplorer": _find_paths,
    "highlightedtext": lambda _: [Mapping[str, Any]],
    "image": _find_file_of_object,
    "imageeditor": _find_file,
    "label": lambda _: [Mapping[str, float]],
    "multimodaltextbox": _find_files,
    "plot": _find_figure,
    "timeseries": _find_series,
    "video": _find_file_of_object,
}
