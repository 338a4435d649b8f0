"""Making the functions of an app, with one set of options for their calls."""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..functions.function import Function, make_function
from ..options import SessionOptions, add_headers
from ..suggest import find_nearest
from ..text import normalize_name, one_line
from ..transport.credentials import Access
from .app_module import register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..functions.settings import CallSettings
    from ..many.chunk import AppReference
    from ..options import CallOptions
    from ..schema.endpoint import Endpoint
    from .connection import Connection


OPENING_OPTIONS = frozenset(
    {
        *("name", "replace", "wake_timeout", "cache", "lock"),
        *(field.name for kind in (Access, SessionOptions) for field in dataclasses.fields(kind)),
    }
) - {"token_source", "scope"}
"""What only `connect` takes, besides the options of calls."""


def find_settings(app: AppReference) -> CallSettings:
    """Return what a worker of an executor makes calls with, in its own process."""
    from .worker_sessions import sessions  # late: few processes are workers

    return sessions.find(app)


class FunctionMaker:
    """Makes the functions of an app, one for each endpoint.

    Rule: it holds none of them. Who has a function holds its maker, and with that the module in
    which pickles find the function; and nothing holds itself, so that all of it goes at once.

    Args:
        connection: The app.
        options: How calls are made.
        module: The module that the functions say they are of; by default one of their own.

    Attributes:
        connection: The app.
        settings: How calls are made.
    """

    def __init__(
        self, connection: Connection, options: CallOptions, module: str | None = None
    ) -> None:
        source = connection.engine.transport.address.source
        self.connection = connection
        self.settings = connection.settings_with(options, find_settings)
        said = connection.describe_options(options)
        self._module_name = module or register(source, self, _look_up_in(self), said)
        self._made: weakref.WeakValueDictionary[str, Function] = weakref.WeakValueDictionary()
        self._lock = forksafe.RLock()

    def make(self, endpoint: Endpoint) -> Function:
        """Return the function of an endpoint, made unless there is one that means the same."""
        with self._lock:
            made = self._made.get(endpoint.name)
            if made is None or not (
                made.endpoint is endpoint or made.endpoint.is_compatible(endpoint)
            ):
                names = self.connection.names.names_of(endpoint.name)
                made = make_function(
                    self.settings,
                    endpoint,
                    names.attribute,
                    module=self._module_name,
                    tool=names.tool,
                    with_options=self._build_with_options(endpoint),
                    make_caller=self.connection.make_caller,
                )
                self._made[endpoint.name] = made
            return made

    def _build_with_options(self, endpoint: Endpoint) -> Callable[..., Function]:
        def with_options(**changes: Any) -> Function:
            """Return the same function with other options for its calls.

            Args:
                **changes: ``call_timeout``, ``progress`` and ``validate``; ``headers``, added to
                    those that there are, where one with the value ``None`` is taken away; ``token``
                    and ``oauth_token`` (``False``: none); ``event_data``, what an event of the page
                    would bring, as JSON such as ``{"index": 0, "value": "x"}``; ``trigger_id``, the
                    number of the component whose event it is, by default the first that has one.

            Raises:
                TypeError: Another option: there is none of that name, or not for single calls.
                ValueError: ``Authorization`` is taken away, which the session was not given.
            """
            options = change_options(self.settings.options, changes)
            return FunctionMaker(self.connection, options).make(endpoint)

        return with_options

    def make_named(self, name: str) -> Function:
        """Return the function that is called *name*, also if the app does not document it.

        Raises:
            UnknownEndpoint: There is none.
        """
        connection = self.connection
        if name not in connection.names.attributes:
            for endpoint in connection.description.app.undocumented:
                if connection.names.names_of(endpoint).attribute == name:
                    return self.make(connection.find_endpoint(endpoint))
        return self.make(find_by_attribute(connection, name))


def find_by_attribute(connection: Connection, name: str) -> Endpoint:
    """Return the endpoint whose function is the session's attribute *name*.

    Raises:
        UnknownEndpoint: There is none.
    """
    endpoint = connection.names.attributes.get(normalize_name(name))
    if endpoint is None:
        if name not in connection.description.app.unnamed:
            raise connection.unknown_endpoint(name, connection.names.attributes)
        endpoint = name
    return connection.find_endpoint(endpoint)


def find_by_tool(connection: Connection, name: str) -> Endpoint:
    """Return the endpoint whose function is called *name* as a tool of language models.

    Raises:
        UnknownEndpoint: There is none.
    """
    return find_by_attribute(connection, connection.names.tools.get(name, name))


def merge_changes(changes: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of options with more of them: headers are added, others replaced."""
    merged = {**changes, **more}
    before, after = changes.get("headers"), more.get("headers")
    if before is not None or after is not None:
        merged["headers"] = add_headers(before or {}, after or {})
    return merged


def change_options(options: CallOptions, changes: Mapping[str, Any]) -> CallOptions:
    """Return options for calls with changes; headers are added to those that there are.

    Raises:
        TypeError: There is no such option, or not for single calls.
    """
    fields = [field.name for field in dataclasses.fields(options)]
    unknown = [name for name in changes if name not in fields]
    if unknown:
        said = _explain_unknown(unknown, fields)
        raise TypeError(f"with_options() takes {', '.join(fields)}; {said}")
    return dataclasses.replace(options, **merge_changes({"headers": options.headers}, changes))


def _look_up_in(maker: FunctionMaker) -> Callable[[str], Function]:
    """Return a function that returns those of a maker, without holding it."""
    held = weakref.ref(maker)

    def look_up(name: str) -> Function:
        maker = held()
        if maker is None:
            raise AttributeError(f"the session that had {name!r} is gone")
        return maker.make_named(name)

    return look_up


def _explain_unknown(names: list[str], known: list[str]) -> str:
    """Say of options that calls don't have what they are."""
    whole = [name for name in names if name in OPENING_OPTIONS]
    texts = []
    if whole:
        verb = "hold" if len(whole) > 1 else "holds"
        texts.append(f"{' and '.join(whole)} {verb} for a session as a whole, see connect()")
    for name in names:
        near = find_nearest(name, known)
        if name not in whole:
            hint = f", did you mean {near[0]}?" if near else ""
            texts.append(f"there is no option {one_line(name, 60)}{hint}")
    return "; ".join(texts)
