"""The sessions of a worker of an executor, kept from chunk to chunk.

They have no secrets but those of this process's environment. Nobody closes one that is let go of
here: its connections go with the last call that uses it.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..options import CallOptions
from ..transport.credentials import access_from_environment
from .opening import open_again

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..functions.settings import CallSettings
    from ..many.chunk import AppReference
    from .connection import Connection

# Workers live as long as clusters do, and each session has connections and threads.
MAX_SESSIONS = 8


class _Entry:
    """A session that is opened by whoever needs it first."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self.connection: Connection | None = None

    def open(self, app: AppReference) -> Connection:
        """Return it; raises what `open_again` does."""
        with self._lock:
            if self.connection is None or self.connection.engine.closed:
                self.connection = open_again(
                    app.url,
                    app.session,
                    verify=app.verify,
                    timeout=app.timeout,
                    file_hosts=app.file_hosts,
                    limits=app.limits,
                )
            return self.connection


class WorkerSessions:
    """The sessions of this process, by their apps, options and logins; those used last."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def find(self, app: AppReference) -> CallSettings:
        """Return what the calls of a chunk are made with.

        Args:
            app: Which app, and how it is called.

        Raises:
            AuthenticationError: The app wants a secret that the environment does not have.
            GradioProxyError: Whatever else opening a session raises.
        """
        key = _build_key(app)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > MAX_SESSIONS:
                self._entries.popitem(last=False)
        return entry.open(app).settings_with(CallOptions(**app.options))

    def close(self) -> None:
        """Close all of them, as the process ends."""
        with self._lock:
            entries = list(self._entries.values())
            self._entries.clear()
        for entry in entries:
            if entry.connection is not None:
                entry.connection.engine.close()


def _build_key(app: AppReference) -> Hashable:
    login: Any = access_from_environment(app.url)
    secrets = login.token, login.auth, login.scope
    return app.url, app.session, app.verify, app.timeout, app.file_hosts, app.limits, secrets


sessions = WorkerSessions()
"""Those of this process."""

if multiprocessing.parent_process() is not None:
    # A process of multiprocessing's ends without what `atexit` has.
    multiprocessing.util.Finalize(None, sessions.close, exitpriority=10)
