"""The proxy: one thread for each connection of a client, and one more that takes them.

Rule: what it does to the traffic is what a rule says, and else nothing. Each request goes to the
server over a connection of its own, so that none meets one that the server closes just then.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.faults.forwarding import Exchange, Forwarding, Surroundings
from tests.support.faults.rules import Break, Refuse, Rule, Rules
from tests.support.faults.wire import Bell, Ended, Gone, Head, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from tests.support.faults.answering import Style

PATIENCE = 20
"""The seconds after which a test gives up waiting for what the proxy sees."""

# Little, so that a large request is still on its way when the proxy has stopped to read it.
RECEIVE_BUFFER = 1 << 15


class FaultProxy:
    """A proxy on a port of loopback; a context manager, which stops it.

    Args:
        target: The server's address.
        rules: What happens to what, from the beginning.
        style: What becomes of all answers; see `answering`.

    Attributes:
        url: Its address.
        seen: The requests that came, in order.
        resets: How many new connections were reset.
    """

    def __init__(self, target: str, *rules: Rule, style: Style = "plain") -> None:
        self._target = _address_of(target)
        self.seen: list[Exchange] = []
        self.resets = 0
        self._rules = Rules(*rules)
        self._changed = threading.Condition()
        self._stop, self._release = Bell(), Bell()
        self._calms = [Bell()]
        self._open: set[Wire] = set()
        self._idle: set[Wire] = set()
        self._held: list[Wire] = []
        self._threads: list[threading.Thread] = []
        self._failures: list[Exception] = []
        self._listener = self._listen(0)
        self._port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._around = Surroundings(
            target=lambda: self._target,
            rules=lambda: self._rules,
            style=style,
            stop=self._stop,
            release=self._release,
            calm=lambda: self._calms[-1],
            tell=self._tell,
            hold=lambda wire: self._tell(lambda: self._held.append(wire)),
        )

    # What a test says.

    def aim(self, *rules: Rule) -> None:
        """Let these rules be all that there are; they count from now on."""
        self.follow(Rules(*rules))

    def follow(self, rules: Rules) -> None:
        """Do the same with rules that were made before."""
        self._rules = rules

    def release(self) -> None:
        """Let go on what has stalled or would stall later, but for websockets."""
        self._release.ring()

    def calm(self) -> None:
        """Do nothing to what comes from now on; let go of what is held at the server.

        Streams that have stalled behind their head go on; whatever else has stalled does not.
        """
        self._rules = Rules()
        self._calms.append(Bell())
        self._calms[-2].ring()
        with self._changed:
            held, self._held = self._held, []
        for upstream in held:
            upstream.hang_up()
        with self._changed:
            if self.deaf:
                self._listener = self._listen(self._port)
                self._begin(self._accept)

    def move(self, target: str) -> None:
        """Let another server be the one behind the proxy, and end what goes on with the old one.

        As a client sees it, the server was restarted.
        """
        with self._changed:
            self._target = _address_of(target)
            clients = list(self._open)
        for client in clients:
            client.end()

    def end_idle(self) -> None:
        """End all connections, as servers do after a while, once nothing goes on over them."""
        self.wait_until(lambda: self._idle == self._open)
        with self._changed:
            for client in self._idle:
                client.end()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; it is asked whenever something happens here."""
        assert self.waits_for(condition), f"it never came: {self.seen}"

    def waits_for(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Wait as `wait_until` does; tell whether it came to it within some seconds."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def wait_until_left(self) -> None:
        """Wait until the client has gone away from what has stalled, but for heartbeats.

        And but for streams behind their head: their client may have got all that it needs.
        """
        self.wait_until(lambda: all(e.left for e in self.seen if e.stalled and _must_leave(e)))

    def wake(self, *_: object) -> None:
        """Let `wait_until` ask again."""
        self._tell(lambda: None)

    # What a test asks.

    @property
    def open_connections(self) -> int:
        """How many connections there are that the client has not ended."""
        return len(self._open)

    @property
    def deaf(self) -> bool:
        """Whether nobody listens, since a rule said so."""
        return self._listener.fileno() < 0

    @property
    def broken(self) -> int:
        """How many faults have happened to requests."""
        return sum(exchange.broken for exchange in self.seen)

    def of(self, kind: str) -> list[Exchange]:
        """Return the requests of a kind."""
        return [exchange for exchange in self.seen if exchange.kind == kind]

    def about(self, text: str) -> list[Exchange]:
        """Return the requests with an effect that bring a text as data."""
        return [e for e in self.seen if e.kind in {"post", "socket"} and e.is_about(text)]

    def forget(self) -> list[Exchange]:
        """Forget the requests that are not to meet a fault any more; return those that did."""
        with self._changed:
            met = [exchange for exchange in self.seen if exchange.broken]
            self.seen = [e for e in self.seen if e.fault is not None and not e.broken]
            self._threads = [thread for thread in self._threads if thread.is_alive()]
        return met

    # Its life.

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.ring()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        for wire in self._held:
            wire.close()
        for bell in (self._stop, self._release, *self._calms):
            bell.close()
        if self._failures:
            raise self._failures[0]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        return listener

    def _begin(self, task: Callable[[], None]) -> None:
        thread = threading.Thread(target=task, name="fault-proxy", daemon=True)
        thread.start()
        with self._changed:
            self._threads.append(thread)

    def _accept(self) -> None:
        """Take connections until nobody is to listen any more."""
        listener = self._listener
        incoming = Wire(listener, self._stop)
        with contextlib.suppress(Gone):
            while True:
                incoming.wait()
                wire = Wire(listener.accept()[0], self._stop)
                fault = self._rules.find("connection")
                if isinstance(fault, Refuse):
                    self.resets += 1
                    if fault.deaf:
                        # Before the client knows, as what it does then may call `calm`.
                        self._tell(listener.close)
                        wire.reset()
                        return
                    wire.reset()
                else:
                    self._tell(functools.partial(self._open.add, wire))
                    self._begin(functools.partial(self._serve, wire))
        self._tell(listener.close)

    def _serve(self, client: Wire) -> None:
        """Serve a connection to its end."""
        try:
            while (forwarding := self._next(client)) is not None and forwarding.run():
                pass
            client.end()
            while (forwarding := self._next(client)) is not None:
                forwarding.take()  # it came too late, but it came
        except (Ended, Gone):
            pass
        except Exception as error:  # noqa: BLE001 - the test is to fail because of it
            self._failures.append(error)
        finally:
            client.close()
            self._tell(functools.partial(self._open.discard, client))

    def _next(self, client: Wire) -> Forwarding | None:
        """Return the next request of a connection."""
        self._tell(lambda: self._idle.add(client))
        try:
            head = Head.parse(client.read_to(b"\r\n\r\n"))
        except Ended:
            return None
        finally:
            self._tell(lambda: self._idle.discard(client))
        forwarding = Forwarding(client, head, self._around)
        self._tell(lambda: self.seen.append(forwarding.exchange))
        return forwarding

    def _tell(self, change: Callable[[], object]) -> None:
        """Change something that a test may wait for."""
        with self._changed:
            change()
            self._changed.notify_all()


def _address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _must_leave(exchange: Exchange) -> bool:
    """Tell whether a client whose calls have ended has no reason to wait for what has stalled."""
    at = exchange.fault.at if isinstance(exchange.fault, Break) else ""
    silent = exchange.kind == "stream" and at in {"body", "message"}
    return exchange.kind != "heartbeat" and not silent
