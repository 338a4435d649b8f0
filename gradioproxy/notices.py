"""Warnings that point at the user's line that caused them, however many frames are between."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = __name__.partition(".")[0]


def warn_user(message: str, category: type[Warning]) -> None:
    """Give a warning at the nearest line that is not of this package.

    Args:
        message: What is the matter, and what to do.
        category: The kind of warning.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - warnings themselves do so
    # How many frames of ours are between depends on how a call was made.
    while frame is not None and is_own(frame):
        frame = frame.f_back
    if frame is None:  # called by the interpreter, as at its end
        warnings.warn(message, category, stacklevel=1)
        return
    variables = frame.f_globals
    warnings.warn_explicit(
        message,
        category,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=get_module_name(frame),
        registry=variables.setdefault("__warningregistry__", {}),
    )


def is_own(frame: FrameType) -> bool:
    """Tell whether a frame runs code of this package, the functions that it makes included."""
    return get_module_name(frame).partition(".")[0] == _PACKAGE


def get_module_name(frame: FrameType) -> str:
    """Return the name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__") or "")
