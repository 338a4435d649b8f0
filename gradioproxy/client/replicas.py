"""One app at several addresses, used as one session."""

from __future__ import annotations

import functools
import inspect
import time
from typing import TYPE_CHECKING, Any, cast

from ..calls.replica import Replica
from ..calls.replica_engine import ReplicaEngine
from ..functions.moving_caller import MovingCaller
from ..hub.target import identify
from ..options import CallOptions, SessionOptions, WakePolicy
from ..stable_names import named_in_pickles
from ..text import one_line, render_count
from ..transport.credentials import access_from_environment
from .connect import add_layers, connect, read_options
from .connection import Connection
from .function_set import Functions, reopening_arguments
from .make_session import UNLISTED, enter_session
from .open import AskedApp
from .replica_apps import ReplicaApp, check_app, describe_first, ensure_different, ensure_stateless
from .replica_apps import open_all as open_apps
from .session import Session

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from ..calls.engine import Engine
    from ..errors import GradioProxyError
    from ..files.filedata import Upload
    from ..functions.caller import Caller
    from ..functions.settings import CallSettings
    from ..hub.records import Space
    from ..many.chunk import Find
    from ..schema.endpoint import Endpoint
    from .connect import Opening
    from .description import Description

_LONGEST_REASON = 300


class Replicas(Session):
    """One app at several addresses; its functions are its attributes.

    Made by `replicas`. It behaves as a session does, and each call goes to the address where it
    waits least. ``print`` shows the addresses, and how they are.
    """

    __module__ = "gradioproxy"

    @property
    def uploads(self) -> list[Upload]:
        """The files that went up, at each address."""
        return _engine_of(self).uploads

    def refresh(self, *, state: bool = False) -> None:
        """Read the app's description again, of the first address that answers.

        The others are compared with it; one that has another app is left out.

        Args:
            state: Whether the session is to begin anew for the app as well; see `Session.refresh`.

        Raises:
            SessionClosed: It was closed.
            SchemaChanged: The app keeps a state now, or breaks the session's lock.
            GradioProxyError: No address answers.
        """
        engine = _engine_of(self)
        engine.ensure_open()
        engine.refresh()
        if state:
            engine.leave_state()

    def with_options(self, **changes: Any) -> Replicas:
        """Return the same session with other options for its calls; see `Session.with_options`."""
        functions = super().with_options(**changes).functions
        return self.__connection__.create(Replicas, functions, self.__session_name__)

    def __reduce_ex__(self, protocol: object, /) -> tuple[Callable[..., Session], Any]:
        return restore_replicas, reopening_arguments(self.functions)

    def __repr__(self) -> str:
        found = _engine_of(self).replicas
        used = sum(each.outage is None for each in found)
        closed = ", closed" if self.closed else ""
        return f"<Replicas {self.name}: {used} of {len(found)} addresses in use{closed}>"

    def __str__(self) -> str:
        heading, _, table = super().__str__().partition("\n")
        lines = [f"  {url}: {state}" for url, state in _describe_replicas(self)]
        return "\n".join([heading, *lines, table])

    def _repr_html_(self) -> str:
        from ..markup import escape  # late: few scripts look

        rows = "".join(
            f"<li><code>{escape(url)}</code>: {escape(state)}</li>"
            for url, state in _describe_replicas(self)
        )
        return f"{super()._repr_html_()}<ul>{rows}</ul>"


class ReplicaFunctions(Functions):
    """The functions of an app at several addresses."""

    def __reduce_ex__(self, protocol: object, /) -> tuple[Callable[..., Functions], Any]:
        return restore_replica_functions, reopening_arguments(self)


class ReplicaConnection(Connection):
    """An app that is connected to at several addresses.

    Args:
        engine: What runs the calls.
        description: What each of them is held to.
        apps: The app at each address.
    """

    def __init__(
        self, engine: ReplicaEngine, description: Description, apps: Sequence[ReplicaApp]
    ) -> None:
        self._apps = apps
        super().__init__(engine, description)

    def make_caller(
        self,
        settings: CallSettings,
        endpoint: Endpoint,
        name: str,
        names: tuple[str, ...],
        defaults: Mapping[str, Any],
    ) -> Caller:
        """Return what makes the calls of a function, at whichever address."""
        return MovingCaller(
            settings, endpoint, name, names, defaults, settings_at=self._find_settings
        )

    def settings_with(self, options: CallOptions, find: Find | None = None) -> CallSettings:
        """Return how calls are made, here alone: who shares them out has to know of all."""
        del find
        return super().settings_with(options)

    def _find_settings(self, engine: Engine, options: CallOptions) -> CallSettings:
        (connection,) = [
            app.connection
            for app in self._apps
            if app.connection is not None and app.connection.engine is engine
        ]
        return connection.settings_with(options)

    def describe_options(self, options: CallOptions) -> dict[str, Any]:
        """Return what pickles have of calls with these options: the addresses, too."""
        sources = [app.source for app in self._apps]
        return {**super().describe_options(options), "replicas": sources}


def replicas(*srcs: str | Space, **options: Any) -> Replicas:
    """Open a session with one app that is at several addresses, such as copies of a Space.

    Each call goes where it waits least: by the calls under way there, by what the address says of
    its queue, and by how quick it was. An address that does not answer is left out, and tried again
    later, when a call comes; the calls that it took go to the others, as long as nothing of them
    was sent. A call of which anything was sent never moves: it fails as any call does.

    Each address has to have the same functions; versions of Gradio, and what an app has besides, do
    not matter. That is asked here, and whenever one that was left out answers again. Files that one
    of them returned can be passed to calls, wherever they go.

    Args:
        *srcs: The addresses, as for `connect`.
        **options: Those of `connect`, but for ``session_hash``. They hold for each address: a
            ``token``, ``auth`` and ``headers`` go to all of them. What is for one alone stands in
            it, as ``https://user:password@host``.

    Returns:
        The session. By default, its ``map`` has as many calls under way as all addresses have
        streams. It has one name, and `Session.jobs`; `Session.session_hash` is that of the first
        address which answered, as are `Session.url` and `Session.version`.

    Raises:
        ValueError: No address is named, or one twice; or the app keeps a state, so that calls have
            to go to one address.
        TypeError: `connect` has no such option.
        SchemaChanged: The addresses have different apps, or one breaks the *lock*.
        ConnectError: No address answers; each has a line. If all fail alike, it is that error.
        NotGradio, AuthenticationError, SchemaError, TooLarge: As by `connect`, for any address.
        SessionExists, MissingFile: As by `connect`.
    """
    given = inspect.signature(connect).bind("", **options)
    given.apply_defaults()
    values = dict(given.kwargs)
    name, replace = values.pop("name"), values.pop("replace")
    if values["session_hash"] is not None:
        raise ValueError("session_hash is of one address: connect to that alone")
    if not srcs:
        raise ValueError("replicas() takes the addresses of an app, and got none")
    apps, opening = _name_apps(srcs, **values)
    connection = connect_apps(apps, opening.options)
    kinds = Replicas, ReplicaFunctions
    return enter_session(connection, opening.call_options, name, replace=replace, kinds=kinds)


def _name_apps(
    srcs: Sequence[str | Space],
    *,
    token: str | bool | None,
    lock: str | os.PathLike[str] | None,
    cache: bool,
    **values: Any,
) -> tuple[list[ReplicaApp], Opening]:
    """Return the app at each address, of which nobody was asked yet, and how they are opened."""
    opening = read_options(**values)
    addresses = [identify(src, token, opening.access).address for src in srcs]
    ensure_different([address.url for address in addresses])
    apps = []
    for src, address in zip(srcs, addresses, strict=True):
        asked = AskedApp(src, token, opening.access, opening.waking)
        source = add_layers(asked, lock, opening.options.unnamed, cache=cache)
        apps.append(ReplicaApp(source, address, opening.options))
    return apps, opening


def connect_apps(apps: Sequence[ReplicaApp], options: SessionOptions) -> ReplicaConnection:
    """Open an app at its addresses, and return what its sessions share.

    Raises:
        ValueError, GradioProxyError: As `replicas` does.
    """
    errors = open_apps(apps)
    try:
        first = next(app.connection for app in apps if app.connection is not None)
        for app in apps:
            if app.connection is not None:
                found = app.connection.description.app
                ensure_stateless(found, app.url)
                check_app(first.description.app, found, options.unnamed, app.url)
        return _join_apps(apps, first, options, errors)
    except BaseException:
        for app in apps:
            app.close()
        raise


def _join_apps(
    apps: Sequence[ReplicaApp],
    first: Connection,
    options: SessionOptions,
    errors: Mapping[str, GradioProxyError],
) -> ReplicaConnection:
    """Return what runs the calls of apps that were found to be one."""
    places = []
    for app in apps:
        engine = None if app.connection is None else app.connection.engine
        places.append(Replica(app.url, app.reach, engine, app.close))
        if app.url in errors:
            places[-1].leave_out(errors[app.url])
    describe = functools.partial(describe_first, apps)
    engine = ReplicaEngine(first.description, first.engine.transport, options, places, describe)
    return ReplicaConnection(engine, first.description, apps)


def open_replicas_again(sources: Sequence[str]) -> ReplicaConnection:
    """Connect for what was pickled, with the secrets of this process's environment.

    Args:
        sources: The addresses.

    Raises:
        GradioProxyError: As `replicas` does.
    """
    options, apps = SessionOptions(), []
    for source in sources:
        access = access_from_environment(source)
        asked = AskedApp(source, access.token, access, WakePolicy())
        apps.append(ReplicaApp(asked, identify(source, None, access).address, options))
    return connect_apps(apps, options)


@named_in_pickles
def restore_replica_functions(_: str, options: Mapping[str, Any]) -> ReplicaFunctions:
    """Connect anew for functions that were pickled."""
    return open_private_replicas(options)


@named_in_pickles
def restore_replicas(_: str, options: Mapping[str, Any]) -> Replicas:
    """Connect anew for a session that was pickled; it is none of the open sessions by name."""
    sources, own = _split_options(options)
    connection = open_replicas_again(sources)
    kinds = Replicas, ReplicaFunctions
    return enter_session(connection, own, UNLISTED, replace=False, kinds=kinds)


def open_private_replicas(
    options: Mapping[str, Any], module: str | None = None
) -> ReplicaFunctions:
    """Connect outside the registry, for functions that were pickled.

    Args:
        options: What the pickle has of the options of their calls, and the addresses.
        module: The name of the module where they live, if they have one.

    Raises:
        GradioProxyError: As `replicas` does.
    """
    sources, own = _split_options(options)
    return open_replicas_again(sources).create(ReplicaFunctions, own, module)


def _split_options(options: Mapping[str, Any]) -> tuple[Sequence[str], CallOptions]:
    own = dict(options)
    sources = own.pop("replicas")
    return sources, CallOptions(**own)


def _engine_of(session: Session) -> ReplicaEngine:
    return cast("ReplicaEngine", session.__connection__.engine)


def _describe_replicas(session: Session) -> list[tuple[str, str]]:
    """Return each address and how it is, for people."""
    rows = []
    for each in _engine_of(session).replicas:
        count = each.load.under_way
        calls = f", {render_count(count, 'call')} under way" if count else ""
        outage = each.outage
        if outage is None:
            rows.append((each.url, f"in use{calls}"))
            continue
        since = time.strftime("%H:%M:%S", time.localtime(outage.since))
        why = one_line(outage.error, _LONGEST_REASON)
        rows.append((each.url, f"left out since {since}{calls}: {why}"))
    return rows
