"""Waits on the network that another thread can end.

Rule: whatever waits on a socket says so before it waits. A thread enters `interruptible`; from then
on every connection that it uses, of whatever library, is registered with the `InFlight` of that
context until it is given back, and `InFlight.interrupt` ends the wait, be it for the first byte of
an answer or for the next one.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import Any

from .. import forksafe
from ..errors import ConnectionLost
from .innermost import Innermost


class InFlight:
    """A piece of work that waits on the network, as other threads see it.

    It waits on sockets, or on whatever else has a method ``interrupt``.

    Args:
        outer: The work that this one is a part of, and is interrupted with.
        effect: Whether the work's request makes the app run something.

    Attributes:
        sent: Whether a request with an effect may have been sent.
    """

    def __init__(self, outer: InFlight | None = None, *, effect: bool = False) -> None:
        self.sent = False
        self._effect = effect
        self._outer = outer
        # Reentrant, because what is collected interrupts its work wherever the collector runs.
        self._lock = forksafe.RLock()
        self._sockets: list[Any] = []
        self._interrupted = False
        self._process = os.getpid()

    @property
    def interrupted(self) -> bool:
        """Whether the work was interrupted, or one that it is a part of."""
        return self._interrupted or (self._outer is not None and self._outer.interrupted)

    def interrupt(self) -> None:
        """End the wait, at once or as soon as it begins; its connections are not used again."""
        with self._lock:
            self._interrupt()

    def _interrupt(self) -> None:
        self._interrupted = True
        # A forked child has the same connections, and shutting one down ends it for the parent.
        if self._process == os.getpid():
            for each in self._sockets:
                _shut_down(each)

    def begin(self, connected: Any) -> None:
        """Register a socket on which the work waits from now on."""
        with self._lock:
            self._sockets.append(connected)
            if self._interrupted:
                _shut_down(connected)
        if self._outer is not None:
            self._outer.begin(connected)

    def end(self, connected: Any) -> None:
        """Unregister a socket, which other work may use from now on."""
        with self._lock, contextlib.suppress(ValueError):
            self._sockets.remove(connected)
        if self._outer is not None:
            self._outer.end(connected)

    def begin_sending(self, *, effect: bool = False) -> None:
        """Note that the first byte of the request is sent now.

        Args:
            effect: Whether a part of this work makes the app run something.

        Raises:
            ConnectionLost: The work was interrupted; nothing is sent any more.
        """
        effect = effect or self._effect
        with self._lock:
            if self._interrupted:
                raise _build_error()
            self.sent = self.sent or effect
        if self._outer is not None:
            self._outer.begin_sending(effect=effect)

    def withhold(self) -> bool:
        """Interrupt the work unless a request with an effect was begun; return whether one was."""
        with self._lock:
            if not self.sent:
                self._interrupt()
            return self.sent

    def ensure_wanted(self) -> None:
        """Do nothing, unless the work was interrupted.

        Raises:
            ConnectionLost: It was, and nothing is sent any more.
        """
        if self.interrupted:
            raise _build_error()


_works: Innermost[InFlight] = Innermost()


def current_work() -> InFlight | None:
    """Return the innermost work of this thread, if it is in an `interruptible` context."""
    return _works.find()


def interruptible(*, effect: bool = False) -> contextlib.AbstractContextManager[InFlight]:
    """Let other threads end the waits of the requests that are made in this context.

    Args:
        effect: Whether the request makes the app run something.
    """
    return _works.hold(InFlight(_works.find(), effect=effect))


class _Pause(threading.Event):
    """A wait that ends when the time is over, or with its work."""

    interrupt = threading.Event.set


def pause(seconds: float) -> None:
    """Wait for so many seconds, unless the work of this thread is interrupted."""
    work, wait = current_work(), _Pause()
    if work is None:
        wait.wait(seconds)
        return
    work.begin(wait)
    try:
        wait.wait(seconds)
    finally:
        work.end(wait)


def _build_error() -> ConnectionLost:
    return ConnectionLost("It was given up before anything was sent.", may_have_run=False)


def _shut_down(connected: Any) -> None:
    if hasattr(connected, "interrupt"):
        connected.interrupt()
        return
    # For TLS through a proxy that speaks TLS, urllib3 has an object of its own around the socket.
    raw = getattr(connected, "socket", connected)
    if isinstance(raw, socket.socket):
        with contextlib.suppress(OSError):
            # `SSLSocket.shutdown` would drop the TLS layer at once, and the thread that reads would
            # take the encrypted bytes that are left for content.
            socket.socket.shutdown(raw, socket.SHUT_RDWR)
