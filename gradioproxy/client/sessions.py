"""The public functions that find open sessions and choose the default one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import registry

if TYPE_CHECKING:
    from ..hub.records import Space
    from .session import Session


def sessions(pattern: str = "*") -> list[Session]:
    """Return the open sessions.

    Args:
        pattern: Their names, with ``*`` and ``?`` as in file names.
    """
    return registry.find(pattern)


def session(name: str | None = None) -> Session:
    """Return an open session.

    Args:
        name: Its name; by default the default session, which is the only one that is open, or the
            one chosen with `set_default`.

    Raises:
        NoDefaultSession: There is none of that name; or none at all, or several and none was
            chosen.
    """
    found: Session = registry.get(name)
    return found


def set_default(session_or_space: Session | Space | str) -> None:
    """Make a session the default one.

    Args:
        session_or_space: The session, or its name; or a Space, to which one is opened, as `connect`
            does, that stays open until it is closed or another one is made the default.

    Raises:
        NoDefaultSession: No session is open by that name.
        SpaceError, AuthenticationError, NotGradio, Timeout, ServerError, ConnectError: The Space
            can't be connected to.
    """
    # Late, like `connect` below: who asks for the open sessions may have none, and loads neither.
    from ..hub.records import Space

    if isinstance(session_or_space, Space):
        from .connect import connect

        registry.set_default(connect(session_or_space), keep=True)
    elif isinstance(session_or_space, str):
        registry.set_default(registry.get(session_or_space))
    else:
        registry.set_default(session_or_space)
