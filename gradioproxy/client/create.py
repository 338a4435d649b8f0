"""Putting functions of a session into a script's namespace, or a module, and taking them out.

What somebody else has put under a name is neither replaced nor removed, unless he asks for it.
"""

from __future__ import annotations

import fnmatch
import weakref
from collections.abc import Iterable, Mapping, MutableMapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import forksafe
from ..errors import NameTaken
from ..functions.function import Function, is_generated
from ..functions.naming import namespace_names
from ..text import one_line
from .session import Session
from .sessions import session as open_session

if TYPE_CHECKING:
    from ..schema.endpoint import Endpoint
    from .connection import Connection


class _Placement(NamedTuple):
    """A name in a namespace, and the function that was put there."""

    namespace: MutableMapping[str, Any]
    name: str
    function: Function

    @property
    def in_place(self) -> bool:
        """Whether it is still there."""
        return self.namespace.get(self.name) is self.function


_lock = forksafe.RLock()
_placements: weakref.WeakKeyDictionary[Connection, list[_Placement]] = weakref.WeakKeyDictionary()


def create_functions(
    session: Session | None = None,
    *,
    endpoints: str | int | Function | Iterable[str | int | Function] | None = None,
    prefix: str = "",
    into: MutableMapping[str, Any] | ModuleType | None = None,
    overwrite: bool = False,
) -> dict[str, Function]:
    """Make the functions of a session, and put them into a namespace.

    ::

        gradioproxy.create_functions(into=globals())

    Args:
        session: The session; by default the default one.
        endpoints: Which: names, with or without the slash and with ``*`` and ``?`` as in file
            names, numbers, or functions; by default all that the session lists.
        prefix: What the names begin with.
        into: A namespace such as ``globals()``, or a module; by default they are only returned.
        overwrite: Whether to replace what is there under these names. Functions that this made
            before are always replaced.

    Returns:
        The functions by the names that they have now, as in the session, with an underscore behind
        those of Python's builtins.

    Raises:
        NameTaken: Something else has such a name; nothing was changed.
        UnknownEndpoint: The app has no such endpoint.
        ValueError: With this prefix, the names are none that Python takes.
        NoDefaultSession: No session was given, and none is the default.
    """
    session = open_session() if session is None else session
    connection = session.__connection__
    connection.engine.ensure_open()
    chosen = _choose_endpoints(connection, endpoints)
    attributes = [connection.names.names_of(endpoint.name).own_attribute for endpoint in chosen]
    names = namespace_names(attributes, prefix)
    functions = {name: session[endpoint.name] for name, endpoint in zip(names, chosen, strict=True)}
    if into is None:
        return functions
    namespace = vars(into) if isinstance(into, ModuleType) else into
    with _lock:
        taken = [
            name for name in functions if name in namespace and not is_generated(namespace[name])
        ]
        if taken and not overwrite:
            raise NameTaken(_explain_taken(taken), names=tuple(taken))
        namespace.update(functions)
        made = [_Placement(namespace, name, function) for name, function in functions.items()]
        _placements[connection] = [
            place for place in _placements.get(connection, []) if place.in_place
        ]
        _placements[connection] += [place for place in made if place not in _placements[connection]]
    return functions


def created_functions(session: Session | None = None) -> dict[str, Function]:
    """Return the functions of a session that `create_functions` put somewhere and that are there.

    Args:
        session: The session; by default the default one.

    Returns:
        The functions by their names.

    Raises:
        NoDefaultSession: No session was given, and none is the default.
    """
    connection = (open_session() if session is None else session).__connection__
    with _lock:
        placements = _placements.get(connection, [])
        return {one.name: one.function for one in placements if one.in_place}


def remove_functions(
    functions: Session | Function | Mapping[str, Function] | Iterable[Function],
) -> list[str]:
    """Take functions away from where `create_functions` put them.

    What somebody else has put under these names since stays.

    Args:
        functions: A session, for all of its functions; or functions, as `create_functions` returns
            them.

    Returns:
        The names that are gone.
    """
    wanted: Iterable[Function]
    with _lock:
        if isinstance(functions, Session):
            found = list(_placements.get(functions.__connection__, []))
        else:
            every = [place for places in _placements.values() for place in places]
            if isinstance(functions, Mapping):
                pairs = {(name, id(function)) for name, function in functions.items()}
                found = [place for place in every if (place.name, id(place.function)) in pairs]
            else:
                wanted = functions if isinstance(functions, Iterable) else [functions]
                ids = {id(function) for function in wanted}
                found = [place for place in every if id(place.function) in ids]
        gone = [place for place in found if place.in_place]
        for place in gone:
            del place.namespace[place.name]
        for places in _placements.values():
            places[:] = [place for place in places if place.in_place]
    return [place.name for place in gone]


def _choose_endpoints(
    connection: Connection, endpoints: str | int | Function | Iterable[str | int | Function] | None
) -> list[Endpoint]:
    """Return the endpoints that are meant, once each."""
    if endpoints is None:
        return [connection.find_endpoint(name) for name in connection.names.listed]
    if isinstance(endpoints, str | int) or is_generated(endpoints):
        endpoints = [endpoints]
    found: dict[str, Endpoint] = {}
    for each in endpoints:  # type: ignore[union-attr] # a function is no iterable
        found |= {endpoint.name: endpoint for endpoint in _find_endpoints(connection, each)}
    return list(found.values())


def _find_endpoints(connection: Connection, each: str | int | Function) -> list[Endpoint]:
    """Return the endpoints that a function, a number, a name or a pattern stands for.

    Raises:
        UnknownEndpoint: There is none.
    """
    if is_generated(each):
        return [connection.find_endpoint(each.endpoint.name)]
    if isinstance(each, str) and connection.description.app.find(each) is None:
        matching = [
            connection.find_endpoint(name)
            for name in connection.names.listed
            if any(fnmatch.fnmatchcase(one, each) for one in (name, name.removeprefix("/")))
        ]
        if matching:
            return matching
    return [connection.find_endpoint(each)]


def _explain_taken(names: list[str]) -> str:
    listed = ", ".join(one_line(name, 60) for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""  # noqa: PLR2004
    return (
        f"{listed}{more}: taken by something else, which stays as it is. Nothing was created. Pass "
        "prefix= for other names, endpoints= for some of them, or overwrite=True."
    )
