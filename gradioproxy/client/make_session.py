"""Sessions, and sets of functions outside the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..options import CallOptions, SessionOptions
from .function_set import Functions
from .opening import make_connection, open_again
from .registry import registry
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..transport.http import Transport
    from .connection import Connection
    from .description import Description
    from .open import Source


S = TypeVar("S", bound=Session)


class _NoName(str):
    """The name of sessions that are not in the registry."""

    __slots__ = ()


UNLISTED: str = _NoName()
"""What to give as a name for a session that the registry is not to know."""


def make_session(
    transport: Transport,
    description: Description,
    options: SessionOptions,
    call_options: CallOptions,
    name: str | None,
    *,
    replace: bool,
    source: Source | None = None,
) -> Session:
    """Make a session, and put it into the registry unless it is `UNLISTED`.

    Args:
        transport: The way to the app.
        description: What the app says of itself.
        options: The session's options.
        call_options: Those of its calls.
        name: What to call the session; by default its host and port.
        replace: Whether to close an open session of that name.
        source: Where the app's later descriptions come from.

    Raises:
        SessionExists: A session of that name is open.
    """
    connection = make_connection(transport, description, options, source)
    kinds = Session, Functions
    return enter_session(connection, call_options, name, replace=replace, kinds=kinds)


def enter_session(
    connection: Connection,
    call_options: CallOptions,
    name: str | None,
    *,
    replace: bool,
    kinds: tuple[type[S], type[Functions]],
) -> S:
    """Make a session of a connection, which is closed if that fails; see `make_session`.

    Args:
        connection: The connection.
        call_options: The options of the session's calls.
        name: What to call the session.
        replace: Whether to close an open session of that name.
        kinds: The class of the session, and that of its functions.

    Raises:
        SessionExists: A session of that name is open.
    """
    kind, kind_of_functions = kinds
    try:
        functions = connection.create(kind_of_functions, call_options)
        label = connection.engine.transport.address.label
        if name is UNLISTED:
            return connection.create(kind, functions, label)
        if name is None:
            made: S = registry.add_unnamed(
                label, lambda name: connection.create(kind, functions, name)
            )
            return made
        session = connection.create(kind, functions, name)
        registry.add(session, replace=replace)
    except BaseException:
        connection.engine.close()
        raise
    return session


def list_session(session: Session, name: str) -> None:
    """Put a session that is `UNLISTED` into the registry, and close what is open by that name."""
    session.__session_name__ = name
    registry.add(session, replace=True)


def open_private(url: str, module: str, options: Mapping[str, Any]) -> Functions:
    """Connect outside the registry, for functions that live in *module*.

    Args:
        url: The app's address.
        module: The module's name.
        options: The options of their calls that are not as by default.

    Raises:
        AuthenticationError: The app wants a secret that this process's environment does not have.
    """
    connection = open_again(url)
    return connection.create(Functions, CallOptions(**options), module)
