"""The functions of an app as one object, by endpoint and by attribute, and how they are looked up.

Functions are made here when they are first looked up, and kept. Nothing is known of sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..functions.function import Function
from ..options import CallOptions
from ..stable_names import named_in_pickles
from ..text import normalize_name, one_line
from .attributes import complete_names
from .function_maker import FunctionMaker
from .opening import open_again

if TYPE_CHECKING:
    from ..schema.endpoint import Endpoint
    from .connection import Connection


class Functions(Mapping[str, Function]):
    """The functions of a session, by the names of their endpoints, and as attributes.

    A function is made when it is first touched. The attributes are the functions and nothing else:
    a function called ``keys`` hides the mapping's method of that name.
    """

    def __init__(
        self, connection: Connection, options: CallOptions, module: str | None = None
    ) -> None:
        self.__connection__ = connection
        self.__maker__ = FunctionMaker(connection, options, module)
        self.__made__: dict[str, Function] = {}

    def __getitem__(self, endpoint: str) -> Function:
        return get_function(self, self.__connection__.find_endpoint(endpoint))

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
        endpoint = known.get(normalize_name(name))
        if endpoint is None:
            raise AttributeError(f"there is no function {one_line(name, 60)!r}")
        return self[endpoint]

    def __dir__(self) -> list[str]:
        return complete_names(self, self.__connection__.names.own_attributes)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"<{len(self)} functions of {self.__connection__.engine.transport.address.url}>"

    def __copy__(self) -> Functions:
        return self  # a copy would have no functions of its own

    def __deepcopy__(self, memo: object) -> Functions:
        return self

    def __reduce_ex__(self, protocol: object, /) -> tuple[Callable[..., Functions], Any]:
        return restore_functions, reopening_arguments(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def reopening_arguments(functions: Functions) -> tuple[str, dict[str, Any]]:
    """Return what pickles have of functions: the app's address, and options without secrets."""
    connection = functions.__connection__
    options = connection.describe_options(functions.__maker__.settings.options)
    return connection.engine.transport.address.url, options


@named_in_pickles
def restore_functions(url: str, options: dict[str, Any]) -> Functions:
    """Connect anew for functions that were pickled."""
    return open_again(url).create(Functions, CallOptions(**options))


def get_function(functions: Functions, endpoint: Endpoint) -> Function:
    """Return the function of an endpoint, which is kept with the others."""
    return _keep(functions, functions.__maker__.make(endpoint))


def get_function_named(functions: Functions, name: str) -> Function:
    """Return the function that is called *name*, also if the app does not document it.

    Raises:
        UnknownEndpoint: There is none.
    """
    return _keep(functions, functions.__maker__.make_named(name))


def _keep(functions: Functions, function: Function) -> Function:
    functions.__made__[function.endpoint.name] = function
    return function
