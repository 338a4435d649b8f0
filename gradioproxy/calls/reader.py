"""What brings a conversation its news, so that other threads can end the wait for it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ConnectionLost
from ..protocols import load_machines
from ..statuses import OK
from ..transport.in_flight import interruptible

if TYPE_CHECKING:
    from collections.abc import Generator

    from .. import forksafe
    from ..schema.endpoint import App
    from ..transport.http import Transport
    from ..transport.in_flight import InFlight
    from ..transport.response import ByteStream
    from ..transport.text_socket import TextSocket


NewsStream: TypeAlias = "ByteStream | TextSocket"
"""What brings a lane its news: an event stream or a websocket."""

# How long a server may take to end a stream that it has nothing more to say on; it does so at once.
# One that is silent for longer may be broken, or the server keeps it for calls that were cancelled:
# dropping it harms nobody, and on a broken one the next call would be lost.
ENDING_SECONDS = 0.25


class Reader:
    """The stream or socket that is open or being opened, or a post whose answer is the news.

    Args:
        lock: The conversation's lock, with which it is changed.

    Attributes:
        socket: The websocket, while one is open.
    """

    def __init__(self, lock: forksafe.RLock) -> None:
        self.socket: TextSocket | None = None
        self._lock = lock
        self._work: InFlight | None = None
        self._closed = False

    @contextlib.contextmanager
    def waiting(self) -> Generator[InFlight]:
        """Let others end what is waited for in this context, with `close`.

        Raises:
            ConnectionLost: It was closed before.
        """
        with interruptible() as work:
            with self._lock:
                if self._closed:
                    raise ConnectionLost("The conversation was ended.", may_have_run=False)
                self._work = work
            try:
                yield work
            finally:
                with self._lock:
                    if self._work is work:
                        self.let_go()

    def begin_socket(self, socket: TextSocket) -> None:
        """Note the websocket that the news come over."""
        self.socket = socket

    def is_at(self, work: InFlight) -> bool:
        """Tell whether news still come from what a thread reads; to be asked with the lock held."""
        return self._work is work

    def let_go(self) -> None:
        """Take note that nothing is read any more; with the lock held."""
        self._work = self.socket = None

    def close(self) -> InFlight | None:
        """Let nothing be read any more; return what is to be interrupted, without the lock."""
        self._closed = True
        work = self._work
        self.let_go()
        return work


def load_protocol(app: App, transport: Transport) -> None:
    """Load what conversations with an app take: before, and not on the threads that have them.

    See `protocols.selection`.
    """
    load_machines(app.protocol)
    if app.protocol == "ws":
        transport.load_sockets()


def open_events(
    transport: Transport, path: str, idle_timeout: float | None, app: App | None
) -> ByteStream:
    """Open a stream of events.

    Args:
        transport: The way to the app.
        path: Where it is.
        idle_timeout: Seconds of silence after which the server counts as gone; ``None`` for any.
        app: The app that is to be there, if opening it has an effect.

    Raises:
        GradioProxyError: It could not be opened.
        Restarted: Another app is there.
    """
    stream = transport.stream(path, idle_timeout, app=app)
    if stream.status != OK:
        try:
            raise transport.requester.build_stream_error(stream)
        finally:
            stream.close()
    return stream
