"""Translates exceptions of `requests` and the libraries below it into those of this package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests
import urllib3

from ..errors import ConnectError, ConnectionLost, GradioProxyError, Timeout
from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..errors import Limit

# Raised before anything is sent; `pool` turns what connecting raises into one of these.
_UNREACHED = (
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    urllib3.exceptions.LocationValueError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.URLRequired,
    requests.exceptions.InvalidHeader,
)
_TIMED_OUT = (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)


def translate_error(
    error: Exception, url: str, limit: Limit, hide: Callable[[str], str] = str
) -> GradioProxyError:
    """Return the exception of this package that stands for one of a library.

    It has no cause and no context, and is to be raised where none is handled: the exceptions of the
    libraries hold requests, with all secrets; what they say is in the message. These lose their
    tracebacks, by which many hold themselves, and whoever sent the request.

    Args:
        error: The library's exception.
        url: The URL that was requested.
        limit: The option to raise if the time was over.
        hide: Takes secrets out of what a server said.
    """
    if isinstance(error, GradioProxyError):
        _forget_origins(error)
        return error
    where = hide(one_line(url.split("?", 1)[0]))
    causes = list(iterate_causes(error))
    forget_error(error)
    # Raised by our part of a connection, and wrapped by the libraries, as it is an `OSError`.
    for cause in causes:
        if isinstance(cause, GradioProxyError):
            return cause
    reason = hide(one_line(re.sub(r"\S*@", "", _find_reason(causes))))
    if _is_complaint(error) or any(isinstance(cause, _UNREACHED) for cause in causes):
        return ConnectError(
            f"{where} can't be reached ({reason}). Is the app running, and the address right?",
            url=where,
        )
    if any(isinstance(cause, _TIMED_OUT) for cause in causes):
        return Timeout(
            f"{where} took longer than {limit} allows; raise {limit}= if it is slow.",
            limit=limit,
        )
    return ConnectionLost(f"The connection to {where} broke ({reason}).", url=where)


def forget_error(error: BaseException) -> None:
    """Take from an error that nobody raises any more what holds it, and by it who sent the request.

    The context managers of urllib3 hold what is raised in them, from Python 3.12 on.
    """
    _forget_origins(error)
    error.__traceback__ = None


def _forget_origins(error: BaseException) -> None:
    """Take from an error the errors that it came of, and from these their tracebacks."""
    for origin in list(iterate_causes(error, contexts=True)):
        origin.__cause__ = origin.__context__ = None
        if origin is not error:
            origin.__traceback__ = None


def _is_complaint(error: BaseException) -> bool:
    """Tell whether a library refuses a setting, such as a CA bundle that does not exist.

    `requests` raises a bare `OSError` for these. Those of the system have a number, and urllib3
    wraps those of an open connection.
    """
    return type(error) is OSError and error.errno is None


def iterate_causes(error: BaseException, *, contexts: bool = False) -> Iterator[BaseException]:
    """Yield an error and those nested in it; `requests` and urllib3 nest them in arguments.

    Args:
        error: The error.
        contexts: Whether those count that were handled when another one was raised.
    """
    todo, seen = [error], set[int]()
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        nested = [*current.args, getattr(current, "reason", None), current.__cause__]
        nested += [current.__context__] if contexts else []
        todo += [cause for cause in nested if isinstance(cause, BaseException)]


def _find_reason(causes: list[BaseException]) -> str:
    """Return the innermost explanation, which is the most specific one."""
    inner = next((c for c in reversed(causes) if isinstance(c, OSError) and c.strerror), causes[-1])
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
