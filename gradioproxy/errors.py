"""Every exception of the package, in one module however long it gets, and nothing else.

::

    GradioProxyError
      ConnectError (ConnectionError)          nothing reached the app: refused, TLS, DNS
      ConnectionLost (ConnectionError)        in mid-call: event_id, may_have_run
      Timeout (TimeoutError)                  which limit it was
      ServerError                             an answer that is no answer: status, first words
      NotGradio (ValueError)                  no Gradio app there
      SchemaError                             a description that can't be understood at all, or not
                                              in what it says of the function that is called
      AuthenticationError (PermissionError)   login or token needed, refused, expired
      UnknownEndpoint (AttributeError, KeyError)
      ArgumentError (ValueError)              every problem of a call at once
        MissingFile (FileNotFoundError)
        FileTooLarge
      SpaceError                              a Space that can't answer: which, and its stage
      AppError                                the app raised: message, title, partial results
      QueueFull
      QuotaExceeded
      RateLimited                             retry_after
      JobCancelled (concurrent.futures.CancelledError)
      FileGone (FileNotFoundError)
      FileNotSaved (OSError)                  what can't be written on this machine: the path
      NameTaken (ValueError)
      SessionExists (ValueError)
      SessionClosed (RuntimeError)
      NoDefaultSession (LookupError)
      TooManyJobs (RuntimeError)
      SchemaChanged (RuntimeError)
      ProtocolError (RuntimeError)
        TooLarge                              over one of the `Limits`: which, and its value
      JournalError (RuntimeError)             a journal of something else, or one that can't be used
      NameCollision (UserWarning)             a warning: a session's member hides a function

Messages are cleaned of control characters here, once, because most of them quote a server.

What a class has to say besides is a keyword of its own, and an attribute. What is known of the call
in which an error arose is added by `GradioProxyError.with_call`, and in no other way.
"""

from __future__ import annotations

import concurrent.futures
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ._version import __version__
from .stable_names import named_in_pickles
from .text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self


Limit = Literal["timeout", "idle_timeout", "call_timeout", "wake_timeout", "result", "time_limit"]


@dataclass(frozen=True)
class Trace:
    """What was known of a call when it failed, without secrets.

    Attributes:
        app: The app's address, its Gradio version and its protocol.
        call: The endpoint and the arguments as they were bound.
        timeline: Seconds since the call began, and what was sent or came.
        answer: The first words of the last answer.
    """

    app: str = ""
    call: str = ""
    timeline: tuple[tuple[float, str], ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one argument.

    Attributes:
        parameter: The parameter's name in Python, with the place inside the value where there is
            one (``history[2]['content']``).
        got: What was passed, shortened.
        expected: What the parameter takes, in words.
        label: What the app calls the parameter, where its name says nothing (``param_2``).
    """

    parameter: str
    got: str
    expected: str
    label: str = ""

    def __str__(self) -> str:
        name, bracket, place = self.parameter.partition("[")
        labelled = f"{name} ({self.label})" if self.label else name
        return f"{labelled}{bracket}{place}: got {self.got}; {self.expected}"


class GradioProxyError(Exception):
    """Whatever this package raises on its own account.

    Attributes:
        may_have_run: Of an error of a call, whether the app may have run it: false whenever the
            request that runs it was not sent or was refused, true from then on.
        event_id: Of an error of a call, the server's name for it, once it has one.
        trace: Of an error of a call, what was known of it, for `report`.
    """

    __module__ = "gradioproxy"

    may_have_run: bool = False
    event_id: str | None = None
    trace: Trace | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__module__ == __name__:
            cls.__module__ = GradioProxyError.__module__

    def __init__(self, message: str = "") -> None:
        super().__init__(clean(message))

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which is no way to show a sentence.
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Callable[..., GradioProxyError], tuple[Any, ...]]:
        return restore_error, (type(self), self.args, self.__dict__)

    def with_call(
        self,
        *,
        trace: Trace | None = None,
        event_id: str | None = None,
        may_have_run: bool | None = None,
        outputs: tuple[Any, ...] | None = None,
    ) -> Self:
        """Add what is known of the call in which the error arose.

        Args:
            trace: What was known of the call, unless there is one from nearer to it.
            event_id: The server's name for the call, likewise.
            may_have_run: Whether the app may have run it.
            outputs: The partial results that had arrived: only an `AppError` has them.

        Returns:
            The error itself.
        """
        self.trace = self.trace or trace
        self.event_id = self.event_id or event_id
        if may_have_run is not None:
            self.may_have_run = may_have_run
        if outputs is not None and isinstance(self, AppError):
            self.outputs = outputs
        return self

    def report(self) -> str:
        """Return a block to paste into a bug report, without secrets.

        Returns:
            Versions, the app, the call, the timeline of messages and the last answer, as far as
            they were known when the error arose.
        """
        import platform  # late: few errors are reported

        trace = self.trace or Trace()
        lines = [
            f"{type(self).__name__}: {self}",
            f"gradioproxy {__version__}, Python {platform.python_version()}, {platform.system()}",
        ]
        lines += [f"App: {one_line(trace.app)}"] if trace.app else []
        lines += [f"Call: {one_line(trace.call, 1000)}"] if trace.call else []
        if trace.timeline:
            lines.append("Timeline:")
            lines += [f"  {when:9.3f} s  {one_line(what)}" for when, what in trace.timeline]
        lines += [f"Last answer: {one_line(trace.answer, 500)}"] if trace.answer else []
        return "\n".join(lines)


@named_in_pickles
def restore_error(
    kind: type[GradioProxyError], args: tuple[Any, ...], facts: dict[str, Any]
) -> GradioProxyError:
    """Make an error again from what its ``__reduce__`` gave, whatever its constructor takes."""
    # For one that is an OSError and something else too, Python finds the other one's.
    base = OSError if issubclass(kind, OSError) else kind
    error = base.__new__(kind)
    error.args = args
    error.__dict__.update(facts)
    return error


class ConnectError(GradioProxyError, ConnectionError):
    """Nothing reached the app: the address is wrong, or nobody listens there."""

    def __init__(self, message: str = "", *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class ConnectionLost(GradioProxyError, ConnectionError):
    """The connection broke in the middle of a call."""

    def __init__(self, message: str = "", *, url: str = "", may_have_run: bool = True) -> None:
        super().__init__(message)
        self.url = url
        self.may_have_run = may_have_run


if issubclass(concurrent.futures.TimeoutError, TimeoutError):
    _TimeoutBase = TimeoutError
else:  # Python 3.10: ``except concurrent.futures.TimeoutError`` is what users of futures write

    class _TimeoutBase(TimeoutError, concurrent.futures.TimeoutError):  # type: ignore[no-redef,misc]
        """Both of the classes that are one from Python 3.11 on."""


class Timeout(GradioProxyError, _TimeoutBase):
    """A limit was reached; ``limit`` names the option that sets it."""

    def __init__(
        self, message: str = "", *, limit: Limit = "timeout", seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.limit: Limit = limit
        self.seconds = seconds


class ServerError(GradioProxyError):
    """An answer that is no answer: an error page of the app's server or of a proxy before it.

    Attributes:
        status: The HTTP status.
        body: The first words.
        retry_after: Seconds to wait, if the server said so.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        body: str = "",
        retry_after: float | None = None,
        may_have_run: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.may_have_run = may_have_run


class NotGradio(GradioProxyError, ValueError):
    """What is at the address is no Gradio app, or the address is none."""

    def __init__(self, message: str = "", *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class SchemaError(GradioProxyError):
    """The app's description can't be understood: at all, or in what it says of one function."""


class AuthenticationError(GradioProxyError, PermissionError):
    """The app wants a login or a token, or refused the one that it got."""

    def __init__(self, message: str = "", *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnknownEndpoint(GradioProxyError, AttributeError, KeyError):
    """The app has no such endpoint; ``near`` holds the nearest names."""

    def __init__(self, message: str = "", *, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class ArgumentError(GradioProxyError, ValueError):
    """Arguments that the endpoint does not take; ``problems`` lists every one of them."""

    def __init__(self, function: str, problems: Sequence[Problem]) -> None:
        head = f"{function}() can't be called like this:"
        lines = [head, *(f"  {problem}" for problem in problems)]
        message = "\n".join(lines) if len(problems) != 1 else f"{function}(): {problems[0]}"
        super().__init__(message)
        self.problems = tuple(problems)


class MissingFile(ArgumentError, FileNotFoundError):
    """A file among the arguments isn't there, or can't be read."""


class FileTooLarge(ArgumentError):
    """A file among the arguments is larger than the app takes."""


class SpaceError(GradioProxyError):
    """A Space can't answer: it is asleep, building, paused, failed, missing or private."""

    def __init__(self, message: str = "", *, space: str = "", stage: str = "") -> None:
        super().__init__(message)
        self.space = space
        self.stage = stage


class AppError(GradioProxyError):
    """The app's own function raised.

    Attributes:
        app_message: What the app said, or ``None`` if it hides its errors.
        title: The title that the app gave the error, or ``None``.
        outputs: The partial results that had arrived; they are good.
    """

    def __init__(
        self,
        message: str = "",
        *,
        app_message: str | None = None,
        title: str | None = None,
        outputs: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(message)
        self.app_message = app_message
        self.title = title
        self.outputs = outputs


class _TryLater(GradioProxyError):
    """The same request may be taken later; ``retry_after`` seconds, if the server said so."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueFull(_TryLater):
    """The app's queue takes no more calls at the moment."""


class QuotaExceeded(_TryLater):
    """A quota of the server is used up."""


class RateLimited(_TryLater):
    """Too many requests in too short a time."""


class JobCancelled(GradioProxyError, concurrent.futures.CancelledError):
    """The job was cancelled; there is no result."""


class FileGone(GradioProxyError, FileNotFoundError):
    """The server no longer has the file."""

    def __init__(self, message: str = "", *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class FileNotSaved(GradioProxyError, OSError):
    """A file can't be written here, as where the disk is full; ``path`` says where.

    It is a file of an app, a token, or what is kept here until it goes up.
    """

    def __init__(self, message: str = "", *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class NameTaken(GradioProxyError, ValueError):
    """Names in the namespace belong to something else: ``names``."""

    def __init__(self, message: str = "", *, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names


class SessionExists(GradioProxyError, ValueError):
    """A session of that name is open."""


class SessionClosed(GradioProxyError, RuntimeError):
    """The session was closed."""


class NoDefaultSession(GradioProxyError, LookupError):
    """There is no session, or several and none was chosen."""


class TooManyJobs(GradioProxyError, RuntimeError):
    """The session remembers as many jobs as it may."""


class SchemaChanged(GradioProxyError, RuntimeError):
    """The app is another one than was relied on.

    It was restarted, and the function that is called is another one now; or it breaks the lock of
    the session.
    """


class ProtocolError(GradioProxyError, RuntimeError):
    """The server said something that its protocol has no place for."""


class TooLarge(ProtocolError):
    """A server sent more than is taken in; see `Limits`."""

    def __init__(self, message: str = "", *, limit: str = "", maximum: int = 0) -> None:
        super().__init__(message)
        self.limit = limit
        self.maximum = maximum

    @classmethod
    def of_bytes(cls, what: str, limit: str, maximum: int) -> TooLarge:
        """Return the error for what a server sent over a limit.

        Args:
            what: What that is.
            limit: The field of `Limits`.
            maximum: Its value, in bytes.
        """
        return cls(
            f"The server sent {what} of more than {maximum:,} bytes. If that is right, connect "
            f"with limits=gradioproxy.Limits({limit}=...).",
            limit=limit,
            maximum=maximum,
        )


class JournalError(GradioProxyError, RuntimeError):
    """A journal can't be used: it is of something else, broken, or can't be written; its ``path``.

    What is in it stays as it is.
    """

    def __init__(self, message: str = "", *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class NameCollision(GradioProxyError, UserWarning):
    """A warning: a member of the session was used that has the name of one of the app's functions.

    It is given once for each session and name, at the line that used it. An endpoint whose name is
    that of a session's own member has an underscore behind it as an attribute.
    """
