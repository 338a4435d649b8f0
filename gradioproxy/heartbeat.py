"""The stream by which an app knows that a session is there: it runs unload handlers when it ends.

Only apps that keep a state, or that have such handlers, ask for it; others cost no thread.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from .errors import GradioProxyError

if TYPE_CHECKING:
    from .answers import ByteStream
    from .transport import Transport
    from .workers import Workers

log = logging.getLogger("gradioproxy")

_OK = 200


class Heartbeat:
    """Holds the stream open.

    Args:
        transport: The way to the app.
        path: The stream's path.
        idle_timeout: Seconds of silence after which the server counts as gone.
        workers: Whose one thread reads it.
    """

    def __init__(
        self, transport: Transport, path: str, idle_timeout: float, workers: Workers
    ) -> None:
        self._transport = transport
        self._path = path
        self._idle_timeout = idle_timeout
        self._workers = workers
        self._lock = threading.RLock()
        self._stream: ByteStream | None = None
        self._beating = False
        self._stopped = False

    def ensure(self) -> None:
        """Open the stream on a thread of its own, unless it is open."""
        with self._lock:
            if self._beating or self._stopped:
                return
            self._beating = True
        self._workers.run(self._beat)

    def stop(self) -> None:
        """End the stream, and with it the session on the server."""
        with self._lock:
            self._stopped = True
            stream = self._stream
        if stream is not None:
            stream.interrupt()

    def _beat(self) -> None:
        try:
            stream = self._transport.stream(self._path, self._idle_timeout)
        except GradioProxyError as error:
            self._ended(str(error))
            return
        try:
            with self._lock:
                self._stream = None if self._stopped else stream
            if self._stream is stream and stream.status == _OK:
                for _ in stream:
                    pass  # each says no more than that the server is there
            self._ended("the server ended it")
        except GradioProxyError as error:
            self._ended(str(error))
        finally:
            stream.close()

    def _ended(self, why: str) -> None:
        """Take note of the end; the next call opens it again."""
        log.debug("The heartbeat ended: %s", why)
        with self._lock:
            self._beating = False
            self._stream = None
