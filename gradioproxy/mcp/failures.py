"""What a client is told when a call fails: something that a model can act on, and no secret.

Rule: only errors of this package say what they say; of all others, whose text may have a path of
this machine in it, the kind is told, and the log has the rest.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mcp import types

from ..errors import FileNotSaved, GradioProxyError, JobCancelled
from ..text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("gradioproxy.mcp")

_LONGEST = 4_000


class ServerBusy(Exception):
    """As many calls wait as may; it is no fault of the one that came."""


def describe_failure(error: BaseException, hide: Callable[[str], str]) -> str:
    """Return what a client is told of an error.

    Args:
        error: What was raised.
        hide: Takes secrets out of a text.
    """
    match error:
        case ServerBusy():
            return str(error)
        case FileNotSaved():
            log.error("%s", error)
            return "A file can't be kept on the machine that runs this server: see its log."
        case JobCancelled():
            return "The call was cancelled."
        case GradioProxyError():
            return hide(clean(str(error), _LONGEST))
        case _:
            log.error("A call failed.", exc_info=error)
            return f"This server failed ({type(error).__name__}); its log says where."


def build_failure(text: str) -> types.CallToolResult:
    """Return a result that says what went wrong."""
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)
