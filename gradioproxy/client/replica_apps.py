"""The addresses of an app that is at several: each opened by itself, and held to what one has said.

Rule: whatever an address answers, it is used only while it has every function that the session
shows, with the same meaning, and keeps no state.
"""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING

from .. import forksafe
from ..calls.replica import build_outage_error
from ..calls.workers import Workers
from ..errors import (
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    RateLimited,
    SchemaChanged,
    ServerError,
    SpaceError,
    Timeout,
)
from ..text import one_line
from .connection import build_names
from .opening import make_connection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..calls.engine import Engine
    from ..options import SessionOptions
    from ..schema.endpoint import App
    from ..transport.http import Transport
    from ..transport.url import Address
    from .connection import Connection
    from .description import Description
    from .open import Source

# What an app that is there may answer in a while; with anything else, something is wrong with what
# was asked for.
_PASSING = (ConnectError, ConnectionLost, RateLimited, ServerError, SpaceError, Timeout)
# Of the ways in which an app is another one, so many are told.
_MOST_DIFFERENCES = 5


class ReplicaApp:
    """The app at one address.

    Args:
        source: Where its descriptions come from.
        address: The address that was named.
        options: The session's options.

    Attributes:
        connection: The connection to it, once it was reached.
    """

    def __init__(self, source: Source, address: Address, options: SessionOptions) -> None:
        self.connection: Connection | None = None
        self._source = source
        self._address = address
        self._options = options
        self._lock = forksafe.Lock()

    @property
    def url(self) -> str:
        """The address, for people."""
        return self._address.url

    @property
    def place(self) -> str:
        """Where it is, as far as that is known: two that are equal are one."""
        if self.connection is None:
            return self._address.url
        return self.connection.engine.transport.address.url

    @property
    def source(self) -> str:
        """What to connect to again, without secrets."""
        return self._address.source

    def open(self) -> Connection:
        """Return the connection to the app, which is asked what it is.

        Raises:
            GradioProxyError: As `connect` does.
        """
        with self._lock:
            if self.connection is None:
                opened = self._source.open(2 * self._options.streams)
                self.connection = make_connection(*opened, self._options, self._source)
            else:
                self.connection.engine.refresh()
            return self.connection

    def reach(self, contract: App) -> Engine:
        """Return what runs calls there, after asking the app whether it is still the one.

        Args:
            contract: The app, as the session shows it.

        Raises:
            SchemaChanged: It is another one.
            GradioProxyError: As `connect` does.
        """
        connection = self.open()
        check_app(contract, connection.description.app, self._options.unnamed, self.url)
        return connection.engine

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.engine.close()


def check_app(contract: App, found: App, unnamed: bool | None, url: str) -> None:
    """Do nothing, if an app can take the calls that are meant for another.

    What it has besides does no harm, nor do its version and the numbers of its functions.

    Args:
        contract: The app that the calls are meant for.
        found: The app.
        unnamed: The option of the session.
        url: Where it is.

    Raises:
        SchemaChanged: It can't; each way in which it differs has a line.
    """
    state = explain_state(found, url)
    if state:
        raise SchemaChanged(state)
    lines = []
    for name in build_names(contract, unnamed).listed:
        expected, there = contract.find(name), found.find(name)
        if there is None:
            lines.append(f"  {one_line(name, 60)}: there is no such function")
        elif expected is not None and not there.is_compatible(expected):
            lines.append(f"  {one_line(name, 60)}: takes or returns something else")
    if lines:
        more = len(lines) - _MOST_DIFFERENCES
        shown = lines[:_MOST_DIFFERENCES] + ([f"  and {more} more"] if more > 0 else [])
        raise SchemaChanged(
            f"{url} has another app than the session's other addresses:\n" + "\n".join(shown)
        )


def ensure_stateless(app: App, url: str) -> None:
    """Do nothing, unless an app keeps a state.

    Raises:
        ValueError: It does.
    """
    state = explain_state(app, url)
    if state:
        raise ValueError(state)


def explain_state(app: App, url: str) -> str:
    """Say that an app keeps a state, and what helps; nothing of one that keeps none."""
    if not app.stateful:
        return ""
    endpoints = [*app.endpoints.values(), *app.undocumented.values(), *app.unnamed.values()]
    names = list(dict.fromkeys(one_line(each.name, 60) for each in endpoints if each.stateful))
    shown = ", ".join(names[:_MOST_DIFFERENCES]) or "one of its functions"
    return (
        f"The app at {url} keeps a state for each session ({shown}), which calls at another "
        f"address would not find. Connect to one address alone: gradioproxy.connect({url!r})."
    )


def open_all(apps: Sequence[ReplicaApp]) -> dict[str, GradioProxyError]:
    """Open several apps at a time; return why, of those that did not answer, by their addresses.

    If it raises, all of them are closed.

    Raises:
        ValueError: Two of them are one.
        GradioProxyError: None answered, or something is wrong with one that did.
    """
    opening = _OpeningAll(apps)
    try:
        failed = _sort_out(opening.run(), len(apps))
        ensure_different([app.place for app in apps])
    except BaseException:
        opening.give_up()
        raise
    return failed


def _sort_out(errors: Mapping[str, Exception], count: int) -> dict[str, GradioProxyError]:
    """Return the errors of addresses that may answer later; raises any other."""
    failed: dict[str, GradioProxyError] = {}
    for url, error in errors.items():
        if not isinstance(error, _PASSING):
            raise _name_address(error, url)
        failed[url] = error
    if len(failed) == count:
        raise build_outage_error("No address of the app answers.", failed)
    return failed


def ensure_different(places: Sequence[str]) -> None:
    """Do nothing, if no address is named twice.

    Raises:
        ValueError: One is.
    """
    for place in places:
        if places.count(place) > 1:
            raise ValueError(
                f"{place} is named {places.count(place)} times: name each address once"
            )


class _OpeningAll:
    """Opens apps, each on a thread: one that does not answer holds up no other.

    Args:
        apps: The apps.
    """

    def __init__(self, apps: Sequence[ReplicaApp]) -> None:
        self._apps = apps
        self._workers = Workers("open", len(apps))
        self._changed = forksafe.Condition()
        self._outcomes: dict[str, Exception | None] = {}
        self._is_over = False

    def run(self) -> dict[str, Exception]:
        """Open all; return what went wrong, by the addresses."""
        for app in self._apps:
            self._workers.submit(functools.partial(self._open, app))
        with self._changed:
            self._changed.wait_for(lambda: len(self._outcomes) == len(self._apps))
        self._workers.close()
        found = [(app.url, self._outcomes[app.url]) for app in self._apps]
        return {url: error for url, error in found if error is not None}

    def _open(self, app: ReplicaApp) -> None:
        try:
            app.open()
        except Exception as error:  # noqa: BLE001 - whoever asked for it is told
            self._note(app, error)
        else:
            self._note(app, None)

    def _note(self, app: ReplicaApp, outcome: Exception | None) -> None:
        with self._changed:
            is_late = self._is_over
            self._outcomes[app.url] = outcome
            self._changed.notify_all()
        if is_late:
            app.close()

    def give_up(self) -> None:
        """End what is still being opened, and close what was."""
        with self._changed:
            self._is_over = True
            done = [app for app in self._apps if app.url in self._outcomes]
        self._workers.close()
        self._workers.interrupt()
        for app in done:
            app.close()


def _name_address(error: Exception, url: str) -> Exception:
    """Return an error whose message says which of several addresses it is of."""
    if url in str(error):
        return error
    own = copy.copy(error)
    own.args = (f"{url}: {error}", *error.args[1:])
    return own


def describe_first(apps: Sequence[ReplicaApp], _: Transport) -> Description:
    """Return what the first app that answers says of itself now.

    Raises:
        SchemaChanged: It keeps a state.
        GradioProxyError: None answers.
    """
    errors: dict[str, GradioProxyError] = {}
    for app in apps:
        try:
            connection = app.open()
        except GradioProxyError as error:
            errors[app.url] = error
            continue
        state = explain_state(connection.description.app, app.url)
        if state:
            raise SchemaChanged(state)
        return connection.description
    raise build_outage_error("No address of the app answers.", errors)
