"""From what a protocol reports to the exception that a caller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import (
    AppError,
    ArgumentError,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    FileTooLarge,
    GradioProxyError,
    JobCancelled,
    MissingFile,
    Problem,
    ProtocolError,
    QueueFull,
    QuotaExceeded,
    RateLimited,
    ServerError,
    Timeout,
    Trace,
)
from .protocols import events
from .text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .answers import Answer
    from .protocols.events import Event
    from .transport import Transport

UNAUTHORIZED, TOO_LARGE = 401, 413


def error_for(event: Event, function: str, event_id: str | None) -> GradioProxyError:
    """Return the exception for an event that ends a call badly.

    Args:
        event: What the protocol reported.
        function: The function's name, for the message.
        event_id: The server's name for the call.
    """
    match event:
        case events.Failed(message, title):
            return _app_error(message, title, function, event_id)
        case events.Cancelled():
            return JobCancelled(f"{function}() was cancelled by the server.", event_id=event_id)
        case events.Refused():
            return _refusal(event, function)
        case events.Lost(message):
            return ConnectionLost(
                f"The app stopped answering in the middle of {function}() ({message}). "
                "It may have run; call it again if that does no harm.",
                event_id=event_id,
                may_have_run=True,
            )
        case _:
            return ProtocolError(f"{function}() ended with {event!r}.")


def in_call(error: GradioProxyError, function: str, event_id: str | None) -> GradioProxyError:
    """Return the error of one call for an error of the connection that it depended on."""
    if isinstance(error, ConnectError) and event_id is None:
        return error  # nothing was sent
    if isinstance(error, ConnectError | ConnectionLost):
        return ConnectionLost(
            f"The connection to the app broke in the middle of {function}(): {error} "
            "The call may have run; call it again if that does no harm.",
            event_id=event_id,
            may_have_run=True,
        )
    if isinstance(error, Timeout):
        return Timeout(f"{function}(): {error}", limit=error.limit, event_id=event_id)
    return error


def bad_stream(status: int, body: bytes, transport: Transport) -> GradioProxyError:
    """Return the error for an answer that should have been an event stream."""
    if status == UNAUTHORIZED:
        return transport.unauthorized()
    words = one_line(body[:2000].decode("utf-8", "replace"))
    return ServerError(
        f"{transport.address.url} answered {status} instead of events: {words}",
        status=status,
        body=words,
    )


def upload_refused(answer: Answer, names: Sequence[str]) -> GradioProxyError:
    """Return the error for an answer that refuses files."""
    if answer.status == TOO_LARGE:
        problem = Problem(", ".join(names[:5]), "a file that is too large", answer.text)
        return FileTooLarge("upload", [problem])
    return answer.error("and did not take the files")


def unreadable(error: OSError, function: str) -> GradioProxyError:
    """Return the error for a file that was there when the call was made and can't be read now."""
    problem = Problem("a file", str(error), "it must stay readable until it has gone up")
    return MissingFile(function, [problem])


def complete(
    error: BaseException,
    trace: Trace,
    event_id: str | None,
    outputs: Callable[[], tuple[Any, ...]],
) -> None:
    """Add to an error what the job knows and whoever raised it did not."""
    if not isinstance(error, GradioProxyError):
        return
    error.trace = error.trace or trace
    if isinstance(error, AppError):
        error.outputs = outputs()
    elif isinstance(error, ConnectionLost):
        error.event_id = error.event_id or event_id


def _app_error(
    message: str | None, title: str | None, function: str, event_id: str | None
) -> GradioProxyError:
    if message is None:
        text = (
            f"{function}() failed inside the app, which hides its errors. Its author can show "
            "them with launch(show_error=True), or raise gr.Error."
        )
    else:
        heading = f"{title}: " if title and title != "Error" else ""
        text = f"{heading}{message}"
    kind = QuotaExceeded if message and "GPU quota" in message else AppError
    if kind is QuotaExceeded:
        return QuotaExceeded(clean(text), event_id=event_id)
    return AppError(text, app_message=message, title=title, event_id=event_id)


def _refusal(event: events.Refused, function: str) -> GradioProxyError:
    said = f" ({event.message})" if event.message else ""
    if event.reason == "full":
        return QueueFull(
            f"The app's queue is full, {function}() did not run{said}. Try again later.",
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
    ran = "It may have run; call it again if that does no harm."
    return ServerError(
        f"The server answered {event.status} to {function}(){said}. "
        f"{ran if event.may_have_run else 'It did not run.'}",
        status=event.status,
        body=event.message,
        may_have_run=event.may_have_run,
    )
