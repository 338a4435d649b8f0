"""The streams by which an app knows that sessions are there: it runs unload handlers at their end.

Only apps that keep a state, or that have such handlers, ask for it; others cost no thread.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING

from .. import forksafe
from ..errors import GradioProxyError
from ..statuses import OK
from ..text import one_line
from ..transport.in_flight import InFlight, interruptible

if TYPE_CHECKING:
    from ..transport.http import Transport
    from .workers import Workers

log = logging.getLogger("gradioproxy")


class Heartbeats:
    """Holds a stream open for each session hash that is in use.

    Args:
        transport: The way to the app.
        path: The path of the streams, without the hash.
        idle_timeout: Seconds of silence after which the server counts as gone.
        workers: Whose threads read them, one each.
    """

    def __init__(
        self, transport: Transport, path: str, idle_timeout: float, workers: Workers
    ) -> None:
        self._transport = transport
        self._path = path
        self._idle_timeout = idle_timeout
        self._workers = workers
        self._lock = forksafe.RLock()
        # What each is at; ``None`` until its thread has begun.
        self._beating: dict[str, InFlight | None] = {}
        self._stopped = False

    def ensure(self, session_hash: str) -> None:
        """Open the stream of a hash on a thread of its own, unless it is open."""
        with self._lock:
            if session_hash in self._beating or self._stopped:
                return
            self._beating[session_hash] = None
        try:
            self._workers.submit(functools.partial(self._beat, session_hash))
        except RuntimeError as error:  # the system gives us no thread, now
            log.debug("A heartbeat could not begin: %s", error)
            self.end(session_hash)  # the next call tries again

    def end(self, session_hash: str) -> None:
        """End the stream of a hash, and with it its session on the server."""
        with self._lock:
            work = self._beating.pop(session_hash, None)
        if work is not None:
            work.interrupt()

    def stop(self) -> None:
        """End all of them."""
        with self._lock:
            self._stopped = True
        for session_hash in list(self._beating):
            self.end(session_hash)

    def _beat(self, session_hash: str) -> None:
        with interruptible() as work:
            with self._lock:
                if session_hash not in self._beating:
                    return  # it was ended before it began
                self._beating[session_hash] = work
            try:
                self._read(session_hash)
                why = "the server ended it"
            except GradioProxyError as error:
                why = one_line(error, 500)
        # The next call opens it again.
        log.debug("A heartbeat ended: %s", why)
        with self._lock:
            if self._beating.get(session_hash) is work:
                del self._beating[session_hash]

    def _read(self, session_hash: str) -> None:
        stream = self._transport.stream(f"{self._path}/{session_hash}", self._idle_timeout)
        try:
            if stream.status == OK:
                for _ in stream:
                    pass  # each says no more than that the server is there
        finally:
            stream.close()
