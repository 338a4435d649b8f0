"""The functions of an app as one object, by endpoint and by attribute, and how they are looked up.

Functions are made here when they are first looked up, and kept. Nothing is known of sessions.
"""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..functions.function import Function, make_function
from ..options import SessionOptions
from ..suggest import nearest
from ..text import normal, one_line
from ..transport.credentials import Access
from .app_module import register
from .attributes import complete_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..options import CallOptions
    from ..schema.endpoint import Endpoint
    from .connection import Connection

OPENING_OPTIONS = frozenset(
    {
        *("name", "replace", "wake_timeout"),
        *(field.name for kind in (Access, SessionOptions) for field in dataclasses.fields(kind)),
    }
)
"""What only `connect` takes, besides the options of calls."""


class Functions(Mapping[str, Function]):
    """The functions of a session, by the names of their endpoints, and as attributes.

    A function is made when it is first touched. The attributes are the functions and nothing else:
    a function called ``keys`` hides the mapping's method of that name.
    """

    def __init__(
        self, connection: Connection, options: CallOptions, module: str | None = None
    ) -> None:
        source = connection.engine.transport.address.source
        self.__connection__ = connection
        self.__settings__ = connection.settings_with(options)
        self.__module_name__ = module or register(source, self, _look_up_in(self), options)
        self.__made__: dict[str, Function] = {}
        self.__lock__ = forksafe.RLock()

    def __getitem__(self, endpoint: str) -> Function:
        return function_of(self, self.__connection__.find_endpoint(endpoint))

    def __iter__(self) -> Iterator[str]:
        return iter(self.__connection__.names.listed)

    def __len__(self) -> int:
        return len(self.__connection__.names.rows)

    def __contains__(self, endpoint: object) -> bool:
        return endpoint in self.__connection__.names.listed

    def __getattr__(self, name: str) -> Function:
        # None while a copy is made.
        connection: Connection | None = vars(self).get("__connection__")
        known = {} if connection is None else connection.names.own_attributes
        endpoint = known.get(normal(name))
        if endpoint is None:
            raise AttributeError(f"there is no function {one_line(name, 60)!r}")
        return self[endpoint]

    def __dir__(self) -> list[str]:
        return complete_names(self, self.__connection__.names.own_attributes)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"<{len(self)} functions of {self.__settings__.transport.address.url}>"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def _look_up_in(functions: Functions) -> Callable[[str], Function]:
    """Return a function that returns those of a `Functions`, without holding it."""
    held = weakref.ref(functions)

    def look_up(name: str) -> Function:
        functions = held()
        if functions is None:
            raise AttributeError(f"the session that had {name!r} is gone")
        return function_for_name(functions, name)

    return look_up


def function_of(functions: Functions, endpoint: Endpoint) -> Function:
    """Return the function of an endpoint, made unless there is one that means the same."""
    with functions.__lock__:
        made = functions.__made__.get(endpoint.name)
        if made is None or not (made.endpoint is endpoint or made.endpoint.is_like(endpoint)):
            names = functions.__connection__.names.names_of(endpoint.name)
            made = make_function(
                functions.__settings__,
                endpoint,
                names.attribute,
                module=functions.__module_name__,
                tool=names.tool,
                with_options=_build_with_options(functions, endpoint),
            )
            functions.__made__[endpoint.name] = made
        return made


def _build_with_options(functions: Functions, endpoint: Endpoint) -> Callable[..., Function]:
    def with_options(**changes: Any) -> Function:
        """Return the same function with other options for its calls.

        Args:
            **changes: ``call_timeout``, ``progress``, ``headers``, ``token`` (``False``: none) and
                ``validate``.

        Raises:
            TypeError: Another option: there is none of that name, or not for single calls.
        """
        return function_of(with_changed_options(functions, changes), endpoint)

    return with_options


def function_for_name(functions: Functions, name: str) -> Function:
    """Return the function that is called *name*, also if the app does not document it.

    Raises:
        UnknownEndpoint: There is none.
    """
    connection = functions.__connection__
    if name not in connection.names.attributes:
        for endpoint in connection.description.app.undocumented:
            if connection.names.names_of(endpoint).attribute == name:
                return functions[endpoint]
    return function_for_attribute(functions, name)


def function_for_attribute(functions: Functions, name: str) -> Function:
    """Return the function that is the session's attribute *name*.

    Raises:
        UnknownEndpoint: There is none.
    """
    connection = functions.__connection__
    endpoint = connection.names.attributes.get(normal(name))
    if endpoint is None:
        if name not in connection.description.app.unnamed:
            raise connection.unknown_endpoint(name, connection.names.attributes)
        endpoint = name
    return functions[endpoint]


def function_for_tool(functions: Functions, name: str) -> Function:
    """Return the function that is called *name* as a tool of language models.

    Raises:
        UnknownEndpoint: There is none.
    """
    tools = functions.__connection__.names.tools
    return function_for_attribute(functions, tools.get(name, name))


def with_changed_options(functions: Functions, changes: Mapping[str, Any]) -> Functions:
    """Return the same functions with other options for their calls.

    Raises:
        TypeError: There is no such option, or not for single calls.
    """
    options = functions.__settings__.options
    fields = [field.name for field in dataclasses.fields(options)]
    unknown = [name for name in changes if name not in fields]
    if unknown:
        said = _explain_unknown(unknown, fields)
        raise TypeError(f"with_options() takes {', '.join(fields)}; {said}")
    return functions.__connection__.create(Functions, dataclasses.replace(options, **changes))


def _explain_unknown(names: list[str], known: list[str]) -> str:
    """Say of options that calls don't have what they are."""
    whole = [name for name in names if name in OPENING_OPTIONS]
    texts = []
    if whole:
        verb = "hold" if len(whole) > 1 else "holds"
        texts.append(f"{' and '.join(whole)} {verb} for a session as a whole, see connect()")
    for name in names:
        near = nearest(name, known)
        if name not in whole:
            hint = f", did you mean {near[0]}?" if near else ""
            texts.append(f"there is no option {one_line(name, 60)}{hint}")
    return "; ".join(texts)
