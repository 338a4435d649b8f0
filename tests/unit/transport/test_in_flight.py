"""Whatever waits on the network can be ended by another thread, from the first byte on."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import ConnectionLost, GradioProxyError
from gradioproxy.files.file import File
from gradioproxy.transport import pool
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.in_flight import InFlight, current_work, interruptible
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.web_server import CA, PATIENCE, Exchange, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.transport.http import Transport


class Handle:
    """A file of a form that is large enough for the server to have to read it."""

    def __init__(self) -> None:
        self.len = 50_000_000

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        size = self.len if size < 0 else min(size, self.len)
        self.len -= size
        return b"x" * size


def silent(exchange: Exchange) -> None:
    """Answer nothing, and read nothing, until the other side is gone."""
    exchange.server.web.told.wait(PATIENCE)


def begun(exchange: Exchange) -> None:
    """Answer with a head, and nothing more."""
    exchange.start()
    silent(exchange)


def in_the_middle(exchange: Exchange) -> None:
    """Answer with a part of the answer."""
    exchange.start()
    exchange.chunk(b"part")
    silent(exchange)


def half_a_head(exchange: Exchange) -> None:
    """Answer with a part of the head."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-")
    silent(exchange)


WAITS: dict[str, Callable[[Transport], Any]] = {
    "get": lambda transport: transport.get("/x"),
    "post": lambda transport: transport.post("/x", ["effect"]),
    "patient post": lambda transport: transport.post("/x", ["effect"], no_timeout=True),
    "stream": lambda transport: transport.stream("/x", None).read(),
    "upload": lambda transport: transport.upload("/x", lambda: [("a", Handle(), "text/plain")]),
    "download": lambda transport: File({"path": "x"}, transport).bytes(),
    "login": lambda transport: transport.log_in(),
    "websocket": lambda transport: list(transport.socket("/x")),
}
STALLS = {
    "silent": silent,
    "half a head": half_a_head,
    "begun": begun,
    "in the middle": in_the_middle,
}


# An answer that is no handshake is refused before its body.
CASES = [
    (wait, stall)
    for wait in WAITS
    for stall in STALLS
    if wait != "websocket" or stall in {"silent", "half a head"}
]


@pytest.mark.parametrize(("wait", "stall"), CASES)
@pytest.mark.parametrize("tls", [False, True])
def test_every_wait_ends_at_once(wait: str, stall: str, tls: bool) -> None:
    """And the connection is not used again."""
    with Web(tls=tls) as web:
        web.otherwise = STALLS[stall]
        access = Access(auth=("user", "password"), verify=str(CA) if tls else None)
        transport = transport_to(web, access)
        works: list[InFlight] = []
        errors: list[BaseException] = []

        def run() -> None:
            with interruptible() as work:
                works.append(work)
                try:
                    WAITS[wait](transport)
                except BaseException as error:  # noqa: BLE001 - which it is, is looked at below
                    errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        web.wait_until(lambda: bool(web.requests))
        works[0].interrupt()
        thread.join(PATIENCE)
        ended = not thread.is_alive()
        web.told.set()
        assert ended
        (error,) = errors
        assert isinstance(error, GradioProxyError), error
        count = len(web.requests)
        assert count == 1, "what was given up is not asked for again"
    transport.close()


def test_a_part_of_a_work_ends_with_the_whole_and_not_the_other_way() -> None:
    one, other = socket.socketpair()
    with interruptible() as whole:
        with interruptible() as part:
            assert current_work() is part
            part.begin(one)
        assert current_work() is whole
    assert current_work() is None
    part.interrupt()
    assert (part.interrupted, whole.interrupted) == (True, False)
    assert other.recv(1) == b""
    for each in (one, other):
        each.close()

    one, other = socket.socketpair()
    with interruptible() as whole, interruptible() as part:
        part.begin(one)
        whole.interrupt()
    assert part.interrupted
    assert other.recv(1) == b""
    with pytest.raises(ConnectionLost) as raised:
        part.ensure_wanted()
    assert not raised.value.may_have_run
    for each in (one, other):
        each.close()


@needs_fork
def test_a_child_of_a_fork_ends_no_connection_of_its_parents() -> None:
    """It has the same ones; whoever it lets go of, the parent still waits."""
    one, other = socket.socketpair()
    with interruptible() as whole, interruptible() as part:
        part.begin(one)

        def let_go() -> None:
            part.interrupt()
            whole.interrupt()
            assert part.interrupted

        assert ends_well_in_child(let_go)
        assert not part.interrupted
        other.sendall(b"x")
        assert one.recv(1) == b"x"
    for each in (one, other):
        each.close()


def test_a_socket_that_was_given_back_is_left_alone() -> None:
    one, other = socket.socketpair()
    with interruptible() as whole, interruptible() as part:
        part.begin(one)
        part.end(one)
    part.interrupt()
    whole.interrupt()
    one.sendall(b"x")
    assert other.recv(1) == b"x"
    part.end(one)  # a second time is no fault
    for each in (one, other):
        each.close()


def test_what_is_given_up_at_the_last_moment_has_not_run(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The libraries wrap the error, as it is one of connections; what it says is still true."""
    send = pool.TrackedConnection.request

    def give_up_before(self: pool.TrackedConnection, *args: Any, **kwargs: Any) -> None:
        self._lease.work.interrupt()
        send(self, *args, **kwargs)

    monkeypatch.setattr(pool.TrackedConnection, "request", give_up_before)
    with pytest.raises(ConnectionLost, match="given up before anything was sent") as raised:
        transport_to(web).post("/x", ["effect"])
    assert raised.value.may_have_run is False
    assert web.requests == []
