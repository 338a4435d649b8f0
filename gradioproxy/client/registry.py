"""The registry of open sessions, of which it knows that they have a name and can be closed."""

from __future__ import annotations

import fnmatch
import itertools
import weakref
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .. import forksafe
from ..errors import NoDefaultSession, SessionExists

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping


class Closeable(Protocol):
    """What the registry needs to know of a session."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def closed(self) -> bool:
        """Whether it was closed."""

    def close(self) -> None:
        """Close it."""


S = TypeVar("S", bound=Closeable)


class Registry(Generic[S]):
    """The open sessions of this process.

    A session without a name of its own is held weakly: in a notebook, running the cell that
    connects once more leaves one session. A named one stays until it is closed.
    """

    def __init__(self) -> None:
        self._lock = forksafe.RLock()
        self._sessions: weakref.WeakValueDictionary[str, S] = weakref.WeakValueDictionary()
        self._named: dict[str, S] = {}
        self._default: weakref.ref[S] | None = None
        # The one that choosing a Space has opened, which nobody else holds.
        self._kept: S | None = None

    def add(self, session: S, *, replace: bool = False) -> None:
        """Enter a session that has a name of its own.

        Raises:
            SessionExists: The name is taken, unless *replace*: that session is closed then.
        """
        name = session.name
        with self._lock:
            old: S | None = self._sessions.get(name)
            if old is not None and not old.closed and not replace:
                raise SessionExists(
                    f"A session named {name!r} is open. Close it, choose another name, or pass "
                    "replace=True."
                )
            self._sessions[name] = self._named[name] = session
        if old is not None and old is not session:
            old.close()

    def add_unnamed(self, label: str, make: Callable[[str], S]) -> S:
        """Enter a session that has no name of its own, and return it.

        Args:
            label: What to call it; with ``-2`` and so on behind it if another one is called that.
            make: Makes the session of its name.
        """
        with self._lock:
            for number in itertools.count(1):
                name = label if number == 1 else f"{label}-{number}"
                taken: S | None = self._sessions.get(name)
                if taken is None or taken.closed:
                    break
            session = self._sessions[name] = make(name)
            return session

    def remove(self, session: S) -> None:
        """Take a closed session out; it may have been closed through a view with other options."""
        with self._lock:
            held: MutableMapping[str, S]
            for held in (self._sessions, self._named):
                known = held.get(session.name)
                if known is not None and known.closed:
                    del held[session.name]
            if self._kept is not None and self._kept.closed:
                self._kept = None

    def find(self, pattern: str) -> list[S]:
        """Return the open sessions whose names match a pattern as of file names."""
        with self._lock:
            found = [s for name, s in self._sessions.items() if fnmatch.fnmatchcase(name, pattern)]
        return sorted((s for s in found if not s.closed), key=lambda session: session.name)

    def get(self, name: str | None) -> S:
        """Return the named session, or the default one.

        Raises:
            NoDefaultSession: There is none of that name; or none at all, or several and none was
                chosen.
        """
        open_sessions = self.find("*")
        names = ", ".join(repr(session.name) for session in open_sessions)
        if name is not None:
            for session in open_sessions:
                if session.name == name:
                    return session
            known = f"Open are {names}." if names else "No session is open."
            raise NoDefaultSession(f"No session is named {name!r}. {known}")
        chosen: S | None = self._default() if self._default is not None else None
        if chosen is not None and not chosen.closed:
            return chosen
        if len(open_sessions) == 1:
            return open_sessions[0]
        if not open_sessions:
            raise NoDefaultSession("No session is open. Open one with gradioproxy.connect(url).")
        raise NoDefaultSession(
            f"{len(open_sessions)} sessions are open ({names}) and none was chosen. Choose with "
            "gradioproxy.set_default(session)."
        )

    def set_default(self, session: S, *, keep: bool = False) -> None:
        """Make a session the default one.

        Args:
            session: The session.
            keep: Whether to hold it for as long as it is the default.
        """
        with self._lock:
            self._default = weakref.ref(session)
            self._kept = session if keep else None


# `Session` itself is not loaded for it: whoever asks for the open ones may have none.
registry: Registry[Any] = Registry()
