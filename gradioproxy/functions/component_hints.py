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

    They are fewer and plainer than what `accepted` says: people read them, and what makes tools
    of functions knows lists and dictionaries, and no abstract classes.

    Args:
        parameter: The parameter.
    """
    find = _COMMON.get(parameter.kind, _FOUND.get(parameter.kind))
    return find(parameter) if find else []


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


def _find_bare_files(parameter: Parameter) -> list[Any]:
    from .file_like import FileLike  # late, as that says

    if parameter.kind == "gallery":
        return [list[FileLike]] if isinstance(parameter.shape, shapes.Array) else []
    return [FileLike, list[FileLike]]


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

_COMMON: dict[str, Callable[[Parameter], list[Any]]] = {
    "fileexplorer": lambda _: [str, list[str]],
    "gallery": _find_bare_files,
    "highlightedtext": lambda _: [dict[str, Any]],
    "label": lambda _: [dict[str, float]],
    "multimodaltextbox": _find_bare_files,
}
