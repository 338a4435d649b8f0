"""From what a protocol reports to the exception that a caller gets."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    AppError,
    ArgumentError,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    JobCancelled,
    Problem,
    ProtocolError,
    QueueFull,
    QuotaExceeded,
    RateLimited,
    ServerError,
    Timeout,
    TooLarge,
    Trace,
)
from ..files.upload import unreadable
from ..protocols import events
from ..protocols.machine import Attachable
from ..text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..protocols.events import Event
    from ..protocols.machine import Machine
    from .call import Call
    from .request import CallRequest

ErrorT = TypeVar("ErrorT", bound=BaseException)

MAY_HAVE_RUN = "It may have run; call it again if that does no harm."
DID_NOT_RUN = "It did not run."

NO_TITLE = "Error"
"""What the page calls an error that its app gave no title; only the queue always says so."""


def error_for(event: Event, function: str, *, sent: bool) -> GradioProxyError:
    """Return the exception for an event that ends a call badly.

    Args:
        event: What the protocol reported.
        function: The function's name, for the message.
        sent: Whether what makes the app run the call was sent, and not refused.
    """
    match event:
        case events.Failed(message, title):
            return _app_error(message, title, function)
        case events.Cancelled():
            return JobCancelled(f"{function}() was cancelled by the server.")
        case events.Refused():
            return _refusal(event, function)
        case events.Lost():
            return _build_loss(event, function, sent=sent)
        case _:
            return ProtocolError(f"{function}() ended with {event!r}.")


def explain_app_error(error: GradioProxyError, request: CallRequest) -> GradioProxyError:
    """Return the error of a call with what it may have lacked that is no argument, if it did.

    Args:
        error: How it ended.
        request: What was asked for.
    """
    endpoint, options = request.endpoint, request.options
    if type(error) is not AppError:
        return error
    hints = []
    if endpoint.collects_event and options.event_data is None:
        hints.append(
            f"{request.name}() takes what an event of the page brings, and was given none: call "
            "it with_options(event_data=...), as its docstring shows."
        )
    if endpoint.needs_token and request.transport.access.oauth_token is None:
        hints.append(
            f"{request.name}() needs a Hugging Face token to act for you, and was given none: pass "
            "oauth_token= to connect or with_options."
        )
    if hints:
        stop = "" if str(error).endswith((".", "!", "?")) else "."
        error.args = (" ".join([f"{error}{stop}", *hints]),)
    return error


def _build_loss(event: events.Lost, function: str, *, sent: bool) -> GradioProxyError:
    ran = MAY_HAVE_RUN if sent else DID_NOT_RUN
    match event:
        case events.Oversized(message, maximum):
            text = f"{function}(): {message} {ran}"
            error: GradioProxyError = TooLarge(text, limit="message", maximum=maximum)
        case events.Closed(message):
            text = f"{function}(): {message} Begin another feed with what is left."
            error = Timeout(text, limit="time_limit")
        case _:
            where = "in the middle of" if sent else "before"
            error = ConnectionLost(
                f"The app stopped answering {where} {function}() ({event.message}). {ran}"
            )
    return error.with_call(may_have_run=sent)


def hide_secrets(event: Event, hide: Callable[[str], str]) -> Event:
    """Return an event that ends a call badly with what the server said of it made fit to quote.

    Args:
        event: What the protocol reported.
        hide: Takes secrets out of a text.
    """
    match event:
        case events.Failed(message, title):
            said = [text if text is None else hide(text) for text in (message, title)]
            return replace(event, message=said[0], title=said[1])
        case events.Refused(message=message, problems=problems):
            hidden = tuple((hide(name), hide(text)) for name, text in problems)
            return replace(event, message=hide(message), problems=hidden)
        case events.Lost(message):
            return replace(event, message=hide(message))  # also of one that says why
        case _:
            return event


def copy_error(error: ErrorT) -> ErrorT:
    """Return an error like one that is kept, to be raised.

    Raising the kept one would keep the frames of everybody who catches it, with all that is in
    them: a session remembers its jobs.
    """
    if not isinstance(error, GradioProxyError):
        return error
    own = copy.copy(error).with_traceback(error.__traceback__)
    own.__cause__, own.__suppress_context__ = error.__cause__, error.__suppress_context__
    return own


def describe_in_call(error: GradioProxyError, function: str, *, sent: bool) -> GradioProxyError:
    """Return the error of one call for an error of the connection that it depended on.

    Args:
        error: What happened to the connection.
        function: The function's name, for the message.
        sent: Whether what makes the app run the call was sent before.
    """
    if isinstance(error, ConnectError) and not sent:
        return error
    if isinstance(error, ConnectError | ConnectionLost):
        where = "in the middle of" if sent else "before"
        own: GradioProxyError = ConnectionLost(
            f"The connection to the app broke {where} {function}(): {error} "
            f"{MAY_HAVE_RUN if sent else DID_NOT_RUN}",
            url=error.url,
        )
    elif isinstance(error, Timeout):
        own = Timeout(f"{function}(): {error}", limit=error.limit, seconds=error.seconds)
    elif isinstance(error, ServerError | RateLimited) and sent:
        own = copy.copy(error)
        own.args = (f"{function}(): {error} {MAY_HAVE_RUN}",)
    else:
        return error
    own.__cause__ = error.__cause__
    return own


def own_error(error: BaseException) -> GradioProxyError:
    """Return the error itself if it is one of ours, else one that says that it is our fault."""
    return error if isinstance(error, GradioProxyError) else internal_error(error)


def internal_error(error: BaseException) -> ProtocolError:
    """Return an error that says that another one is our fault."""
    own = ProtocolError(f"gradioproxy failed itself: {error!r}")
    own.__cause__ = error
    return own


def add_call_details(
    error: BaseException,
    trace: Trace,
    *,
    event_id: str | None,
    sent: bool,
    outputs: Callable[[], tuple[Any, ...]],
    hide: Callable[[str], str],
) -> None:
    """Add to an error what the call knows and whoever raised it did not.

    Args:
        error: The error.
        trace: What is known of the call.
        event_id: The server's name for the call.
        sent: Whether what makes the app run the call was sent, and not refused.
        outputs: Returns the partial results.
        hide: Takes secrets out of a text.
    """
    if not isinstance(error, GradioProxyError):
        return
    received = outputs() if isinstance(error, AppError) else None
    event_id = event_id and hide(event_id)
    error.with_call(trace=trace, event_id=event_id, may_have_run=sent, outputs=received)


def _app_error(message: str | None, title: str | None, function: str) -> GradioProxyError:
    if title == NO_TITLE:
        title = None
    if message is None:
        text = (
            f"{function}() failed inside the app, which hides its errors. Its author can show "
            "them with launch(show_error=True), or raise gr.Error."
        )
    else:
        heading = f"{title}: " if title else ""
        nothing = f"{function}() failed inside the app, which gave no message."
        text = heading + (message if clean(message).strip() else nothing)
    if message and "GPU quota" in message:
        return QuotaExceeded(clean(text))
    return AppError(text, app_message=message, title=title)


def _refusal(event: events.Refused, function: str) -> GradioProxyError:
    said = f" ({event.message})" if event.message else ""
    if event.reason == "full":
        return QueueFull(
            f"The app's queue is full, {function}() did not run. Call it again when others have "
            "ended; with map(), a lower concurrency= keeps the queue from filling up.",
            retry_after=event.retry_after,
        )
    if event.reason == "login":
        return AuthenticationError(
            f"The app refused {function}(){said}. Pass auth=(user, password) or token= to connect.",
            status=event.status,
        )
    if event.reason == "limit":
        return RateLimited(
            f"Too many requests, {function}() did not run{said}.", retry_after=event.retry_after
        )
    if event.reason == "invalid":
        problems = [
            Problem(parameter, "a value that the app does not accept", said or "it says no more")
            for parameter, said in event.problems
        ]
        message = event.message or "refused by its checks"
        return ArgumentError(function, problems or [Problem("the app", "these arguments", message)])
    return ServerError(
        f"The server answered {event.status} to {function}(){said}. "
        f"{MAY_HAVE_RUN if event.may_have_run else DID_NOT_RUN}",
        status=event.status,
        body=event.message,
        retry_after=event.retry_after,
        may_have_run=event.may_have_run,
    )


class EndsBadly:
    """Ends a call with what is raised in this context; a defect of ours goes on as well."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        if not isinstance(error, Exception):
            return False
        own = isinstance(error, GradioProxyError)
        if isinstance(error, OSError) and not own:
            # Ours are errors of the system, too, where something is missing or not reached.
            self._call.record.fail(unreadable(error, self._call.name))
            return True
        self._call.record.fail(error if isinstance(error, OSError) else own_error(error))
        return own


def ensure_attachable(machine: Machine, name: str, version: str) -> None:
    """Do nothing, if a machine can follow a call by its id.

    Args:
        machine: What speaks the protocol of the call.
        name: The endpoint's name.
        version: The app's version of Gradio.

    Raises:
        ProtocolError: It can't.
    """
    if not isinstance(machine, Attachable):
        raise ProtocolError(
            f"A call of {name} can't be followed by its id: in Gradio {version} it lives in the "
            "connection that it was made over."
        )


def build_wandering_error(url: str) -> ServerError:
    """Return the error of a call that finds another server each time."""
    return ServerError(
        f"{url} leads to another server each time. An app with several replicas needs a proxy that "
        "keeps sessions together."
    )
