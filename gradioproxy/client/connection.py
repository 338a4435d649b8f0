"""What a session and everything made from it share: an engine, and the app's present description.

When the app is described anew, the functions that its sessions show change here, and nowhere else.
Which classes sessions and sets of functions have is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .. import forksafe
from ..functions.caller import Caller
from ..functions.name_table import NameTable
from ..functions.settings import CallSettings
from ..options import add_headers
from ..uncopyable import Uncopyable
from .attributes import RESERVED, FunctionHolders
from .collisions import Collision, Warner, build_warning_members
from .discovery import unknown_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..calls.engine import Engine
    from ..errors import UnknownEndpoint
    from ..many.chunk import Find
    from ..options import CallOptions
    from ..schema.endpoint import App, Endpoint
    from ..transport.http import Transport
    from .description import Description

T = TypeVar("T")

PUBLIC = frozenset(
    {
        *("name", "url", "version", "protocol", "info", "config", "session_hash", "functions"),
        *("uploads", "jobs", "close", "closed", "refresh", "with_options", "forget", "tools"),
        "call_tool",
    }
)
"""The attributes of a session that are its own; for good, as scripts rely on the others."""


class Connection(Uncopyable):
    """An app that is connected to: what runs its calls, and what it says of itself.

    Args:
        engine: What runs the calls.
        description: What the app says of itself.
    """

    def __init__(self, engine: Engine, description: Description) -> None:
        self.engine = engine
        self._lock = forksafe.RLock()
        self._holders: dict[type, FunctionHolders[Any]] = {}
        self._warner = Warner()
        self.take_description(description)
        engine.current.subscribe(self)

    def take_description(self, description: Description) -> None:
        """Take a description as the present one.

        Functions that did not change stay the same objects.
        """
        with self._lock:
            self.description = description
            self.names = build_names(description.app, self.engine.options.unnamed)
            for base, holders in self._holders.items():
                self._update_attributes(base, holders)

    def create(self, base: type[T], *arguments: Any) -> T:
        """Make a session or a `Functions`, which has the app's functions as attributes.

        Args:
            base: The class.
            *arguments: What it takes besides the connection.
        """
        with self._lock:
            if base not in self._holders:
                self._holders[base] = FunctionHolders(base)
                self._update_attributes(base, self._holders[base])
        created: T = self._holders[base].create(self, *arguments)
        return created

    def _update_attributes(self, base: type, holders: FunctionHolders[Any]) -> None:
        if PUBLIC.isdisjoint(dir(base)):
            holders.update_attributes(self.names.own_attributes, {})
            return
        collisions = [
            Collision(row.own_attribute, row.attribute, row.endpoint)
            for row in self.names.rows
            if row.own_attribute in PUBLIC
        ]
        others = build_warning_members(base, collisions, self._warner)
        holders.update_attributes(self.names.attributes, others)

    def settings_with(self, options: CallOptions, find: Find | None = None) -> CallSettings:
        """Return how calls are made.

        Args:
            options: Their options.
            find: Finds the app in another process.
        """
        transport = self.engine.transport
        changes: dict[str, Any] = {}
        if options.token is not None:
            changes["token"] = options.token or None
        if options.headers is not None:
            keeps_token = "token" not in changes or bool(changes["token"])
            changes["headers"] = change_headers(transport, options.headers, keeps_token=keeps_token)
        if options.oauth_token is not None:
            changes["oauth_token"] = options.oauth_token or None
        if changes:
            transport = transport.with_access(**changes)
        return CallSettings(self.engine, options, transport, find)

    def make_caller(
        self,
        settings: CallSettings,
        endpoint: Endpoint,
        name: str,
        names: tuple[str, ...],
        defaults: Mapping[str, Any],
    ) -> Caller:
        """Return what makes the calls of a function; see `function.make_function`."""
        return Caller(settings, endpoint, name, names, defaults)

    def describe_options(self, options: CallOptions) -> dict[str, Any]:
        """Return what pickles have of calls with these options, besides the app's address."""
        return options.without_secrets()

    def find_endpoint(self, key: object) -> Endpoint:
        """Return the endpoint for what stands between brackets: a name or a number.

        Raises:
            UnknownEndpoint: There is none.
        """
        found = self.description.app.find(key)
        if found is None:
            raise self.unknown_endpoint(str(key), self.names.listed)
        return found

    def unknown_endpoint(self, name: str, names: Iterable[str]) -> UnknownEndpoint:
        """Return the error for a name that is none of those that there are."""
        return unknown_endpoint(self.engine.transport.address.url, name, list(names))


def change_headers(
    transport: Transport, changes: Mapping[str, str | None], *, keeps_token: bool = True
) -> dict[str, str]:
    """Return the headers that a session was given with some more of them.

    Args:
        transport: The way to the app.
        changes: The others; those with the value ``None`` are taken away.
        keeps_token: Whether the session's token is sent all the same.

    Raises:
        ValueError: ``Authorization`` is to be taken away, and none was given: what is sent as such
            a header comes from the token or from the address, and would be sent all the same.
    """
    given = transport.access.headers
    merged = add_headers(given, changes)
    away = {name.lower() for name, value in merged.items() if value is None}
    if "authorization" in away and "authorization" not in map(str.lower, given):
        if transport.address.basic:
            raise ValueError("Authorization is the user in the session's address: connect without")
        if keeps_token and transport.access.token:
            raise ValueError("Authorization is the session's token: with_options(token=False)")
    return {name: value for name, value in merged.items() if value is not None}


def build_names(app: App, unnamed: bool | None) -> NameTable:
    """Return how the functions of an app are called in its sessions.

    Args:
        app: The app.
        unnamed: Whether functions without a name are listed; by default if there are no others.
    """
    return NameTable.build(app, unnamed, members=PUBLIC, reserved=RESERVED)
