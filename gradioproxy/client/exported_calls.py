"""The functions of written modules, and how they call the app: only if it is as it was written.

What is written is compared with the app when a function is first called, and again when the app is
described anew. That is the only time: calls of a function that is still the same pay nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .. import forksafe
from .._version import __version__
from ..errors import AuthenticationError, SchemaChanged
from ..functions.caller import Caller
from ..functions.codegen import REQUIRED, Blueprint, build, read_defaults
from ..functions.function import build_feed, build_siblings, decode_defaults
from ..functions.naming import parameter_names
from ..options import CallOptions
from ..transport.credentials import ENVIRONMENT, access_from_environment
from .function_maker import change_options, merge_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FunctionType

    from ..calls.feed import Feed
    from ..calls.job import Job
    from ..calls.stream import Stream
    from ..functions.check import Check
    from ..functions.tool import ToolStyle
    from ..schema.endpoint import Endpoint
    from .session import Session


class ModuleApp(Protocol):
    """What a written module has of its app: an `exported.App`."""

    src: str
    version: str

    def get_session(self) -> Session:
        """Return the session, which is opened if there is none."""
        ...


def open_default(src: str) -> Session:
    """Open the session of a module whose user has not connected, and which is in no registry.

    Args:
        src: The app's address.

    Raises:
        AuthenticationError: The app wants a secret that the environment does not have.
        GradioProxyError: Whatever else `connect` raises.
    """
    from .connect import connect  # late: a module is imported before anything is called
    from .make_session import UNLISTED  # late, as above

    access = access_from_environment(src)
    try:
        return connect(src, name=UNLISTED, token=access.token, auth=access.auth)
    except AuthenticationError as error:
        hint = (
            "Call connect(token=...) or connect(auth=...) of the module first, or set the variable "
            f"{ENVIRONMENT}."
        )
        raise AuthenticationError(f"{error} {hint}", status=error.status) from None


def make_exported(
    app: ModuleApp,
    endpoint: str,
    definition: Any,
    changes: Mapping[str, Any] | None = None,
    *,
    feeds: bool = False,
) -> Any:
    """Make a function that looks like its definition, and calls the app.

    Args:
        app: The module's app.
        endpoint: The endpoint's name.
        definition: What is written in the module; its body is never run.
        changes: The options of its calls that are others than the session's.
        feeds: Whether it is made for a stream of inputs.

    Raises:
        TypeError: There is no such option.
    """
    changes = dict(changes or {})
    options = change_options(CallOptions(), changes)
    if "event_data" in changes:
        changes["event_data"] = options.event_data  # a copy, which the caller can't change
    calls = ExportedCalls(app, endpoint, definition, changes, feeds=feeds)

    code, name = definition.__code__, definition.__name__
    function = build(
        Blueprint(
            name=name,
            parameters=code.co_varnames[: code.co_argcount],
            defaults=definition.__defaults__ or (),
            annotations=definition.__annotations__,
            spelled={},
            doc=definition.__doc__ or "",
            module=definition.__module__,
            place=f"{definition.__module__} {name}",
            implementation=calls.call,
            siblings={**build_siblings(calls), **(build_feed(calls) if feeds else {})},
            methods={
                "map": calls.map,
                "with_options": calls.with_options,
                "tool_schema": calls.tool_schema,
            },
            attributes={"is_exported": True},
        )
    )
    # By which `inspect` shows the module's own source, and finds the names in its annotations.
    function.__dict__["__wrapped__"] = definition
    return function


class _Ready(NamedTuple):
    """A function of the app as it is now, found to be as it was written.

    Attributes:
        session: The session that it is of.
        endpoint: The endpoint.
        caller: What makes its calls.
    """

    session: Session
    endpoint: Endpoint
    caller: Caller


class ExportedCalls:
    """Makes the calls of one function of a written module.

    Args:
        app: The module's app.
        endpoint: The endpoint's name.
        definition: What is written in the module.
        changes: The options of its calls that are others than the session's.
        feeds: Whether it is made for a stream of inputs.
    """

    def __init__(
        self,
        app: ModuleApp,
        endpoint: str,
        definition: FunctionType,
        changes: Mapping[str, Any],
        *,
        feeds: bool,
    ) -> None:
        self._app = app
        self._name = endpoint
        self._definition = definition
        self._changes, self._feeds = changes, feeds
        self._defaults = read_defaults(definition)
        self._lock = forksafe.RLock()
        self._ready: _Ready | None = None

    def call(self, /, **arguments: Any) -> Any:
        """Call the app, wait, and return the result."""
        caller = self._find_caller()
        return caller.call(**self._complete(caller, arguments))

    def stream(self, /, **arguments: Any) -> Stream[Any]:
        """Call the app and return its partial results as they come."""
        caller = self._find_caller()
        return caller.stream(**self._complete(caller, arguments))

    def submit(self, /, **arguments: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        caller = self._find_caller()
        return caller.submit(**self._complete(caller, arguments))

    def feed(self, /, **arguments: Any) -> Feed[Any]:
        """Call the app with a first chunk, and return what takes the others."""
        caller = self._find_caller()
        return caller.feed(**self._complete(caller, arguments))

    def check(self, /, **arguments: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        caller = self._find_caller()
        return caller.check(**self._complete(caller, arguments))

    def map(self, *iterables: Iterable[Any], **options: Any) -> Iterator[Any]:
        """Call the app for each tuple of the iterables' items, several calls at a time.

        Args:
            *iterables: The values of the first parameter, of the second, and so on.
            **options: As of the ``map`` of any function: ``concurrency``, ``errors``, ``patience``,
                ``journal``, ``retry``, ``repeat_unknown`` and ``progress``.

        Returns:
            An iterator over the results, in the order of the items.
        """
        return self._find_caller().map(*iterables, **options)

    def with_options(self, **more: Any) -> Any:
        """Return the same function with other options for its calls.

        Args:
            **more: As of `Session.with_options`: ``call_timeout``, ``progress``, ``validate``,
                ``headers``, ``token``, ``oauth_token``, ``event_data`` and ``trigger_id``.

        Raises:
            TypeError: Another option: there is none of that name, or not for single calls.
        """
        changes = merge_changes(self._changes, more)
        return make_exported(self._app, self._name, self._definition, changes, feeds=self._feeds)

    def tool_schema(self, style: ToolStyle = "openai") -> dict[str, Any]:
        """Return the function's definition as a tool of language models.

        Args:
            style: Whose form it has: ``openai``, ``anthropic`` or ``mcp``.
        """
        self._find_caller()
        return self._app.get_session()[self._name].tool_schema(style)

    def _complete(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return all arguments of a call: for those that were left out the app's own defaults.

        What the function passes for them is the default that is written, and nothing else tells
        them apart; that is never sent, so that no call changes it for another.
        """
        given = {
            name: value
            for name, value in arguments.items()
            if name not in self._defaults or value is not self._defaults[name]
        }
        own = {name: caller.defaults.get(name, REQUIRED) for name in caller.names}
        return {**own, **given}

    def _find_caller(self) -> Caller:
        """Return what makes the calls, for the app as it is now.

        Raises:
            SchemaChanged: It is not as it was written.
            GradioProxyError: There is no session yet, and the app can't be reached.
        """
        session = self._app.get_session()
        endpoint = session.__connection__.description.app.find(self._name)
        ready = self._ready
        if ready is None or ready.session is not session or ready.endpoint is not endpoint:
            if endpoint is None:
                raise self._explain(session, ["there is no such function any more"])
            with self._lock:
                ready = self._ready = self._make_ready(session, endpoint)
        return ready.caller

    def _make_ready(self, session: Session, endpoint: Endpoint) -> _Ready:
        from ..functions.exported_signature import (  # late: a module is imported before any call
            build_signature,
            find_breaks,
            read_signature,
        )

        name = self._definition.__name__
        written, now = read_signature(self._definition), build_signature(name, endpoint)
        # Another version of gradioproxy may say the same in other words.
        breaks = find_breaks(written, now, types=self._app.version == __version__)
        if breaks:
            raise self._explain(session, breaks)
        connection = session.__connection__
        options = change_options(session.functions.__maker__.settings.options, self._changes)
        settings = connection.settings_with(options)
        names = parameter_names(endpoint)
        returns = written.returns
        fits = len(getattr(returns, "_fields", ())) == len(endpoint.results)
        caller = Caller(
            settings,
            endpoint,
            name,
            names,
            decode_defaults(settings, endpoint, names),
            result=returns if fits else None,
        )
        return _Ready(session, endpoint, caller)

    def _explain(self, session: Session, breaks: list[str]) -> SchemaChanged:
        module = self._definition.__module__
        return SchemaChanged(
            f"{self._definition.__name__}() of the app at {session.url} is not what it was when "
            f"{module} was exported: {'; '.join(breaks)}. Nothing was sent. Export it again, with "
            f"gradioproxy.export() or the command at the top of {module}."
        )
