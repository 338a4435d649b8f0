"""One request on its way to the server, and the answer to it."""

from __future__ import annotations

import http
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from tests.support.faults.answering import Answering
from tests.support.faults.conversing import Conversing
from tests.support.faults.rules import Break, Fault, Respond
from tests.support.faults.wire import Ended, Gone, Head, Wire, read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.faults.answering import Style
    from tests.support.faults.rules import Rules
    from tests.support.faults.wire import Bell

_KINDS = {
    "heartbeat": "heartbeat",
    "upload": "upload",
    "app_id": "app_id",
    "config": "config",
    "info": "info",
    "cancel": "cancel",
    "reset": "cancel",
    "run": "post",
    "api": "post",
    "": "page",
}


@dataclass(eq=False, repr=False)
class Exchange:
    """A request, and what became of it.

    Attributes:
        kind: Its kind; see `rules`.
        method: Its method.
        target: Its path and query.
        fault: What happens to it, if a rule is about it.
        body: Its body; of a websocket, what the client says on it.
        passed: What of that went to the server.
        forwarded: Whether the request went to the server.
        broken: Whether its fault has happened.
        status: The status of the server's answer; 0 without one.
        head: The head of the answer, as the client was to get it.
        answer: The body of the server's answer, or what it says on a websocket, as far as it came.
        size: How many bytes of its body were sent on, in the style of the proxy.
        delivered: Whether the client got the whole of it.
        stalled: Whether it has stalled and does not go on.
        left: Whether the client went away then, and the server has noticed.
    """

    kind: str
    method: str
    target: str
    fault: Fault | None = None
    body: bytes = b""
    passed: bytes = b""
    forwarded: bool = False
    broken: bool = False
    status: int = 0
    head: bytes = b""
    answer: bytes = b""
    size: int = 0
    delivered: bool = False
    stalled: bool = False
    left: bool = False

    def __repr__(self) -> str:
        marks = ("forwarded", "broken", "delivered", "stalled", "left")
        happened = [mark for mark in marks if getattr(self, mark)]
        fault = "" if self.fault is None else f", {self.fault}"
        return f"<{self.method} {self.target[:60]} {self.status} {' '.join(happened)}{fault}>"

    def is_about(self, text: str) -> bool:
        """Tell whether a text is among the data that the client sent."""
        return f'"{text}"'.encode() in self.body

    def has_passed(self, text: str) -> bool:
        """Tell whether a text is among the data that went to the server."""
        return f'"{text}"'.encode() in self.passed


@dataclass(frozen=True)
class Surroundings:
    """What the proxy is for its exchanges.

    Attributes:
        target: Gives host and port of the server, now.
        rules: What happens to what, now.
        style: What becomes of all answers.
        stop: Rung when the proxy ends.
        release: Rung when nothing is to stall any more.
        calm: Gives what is rung when streams that have stalled are to go on.
        tell: Changes something of which tests are told.
        hold: Takes a connection to the server that is to stay open.
    """

    target: Callable[[], tuple[str, int]]
    rules: Callable[[], Rules]
    style: Style
    stop: Bell
    release: Bell
    calm: Callable[[], Bell]
    tell: Callable[[Callable[[], object]], None]
    hold: Callable[[Wire], None]


class _Over(Exception):
    """The answer is over, because it broke off; says whether another one can follow."""

    def __init__(self, *, reusable: bool) -> None:
        super().__init__()
        self.reusable = reusable


class Forwarding:
    """The way of one request.

    Args:
        client: Where it comes from.
        head: Its head, which was read.
        around: The proxy.
    """

    def __init__(self, client: Wire, head: Head, around: Surroundings) -> None:
        method, target, _ = head.first.split(" ")
        self.exchange = Exchange(_kind_of(method, target, head), method, target)
        self._client = client
        self._head = head
        self._around = around
        self._upstream: Wire | None = None
        self._answering: Answering | None = None

    def take(self) -> None:
        """Read the request and nothing more: the connection has ended on this side."""
        self._note(body=b"".join(_body(self._client, self._head)))

    def run(self) -> bool:
        """Do what is to be done; return whether another request can follow.

        Raises:
            Ended, Gone: There is nobody to do it for.
        """
        try:
            self._receive()
            self._forward()
        except _Over as over:
            return over.reusable
        finally:
            if self._upstream is not None:
                self._upstream.close()
        return self._answering is not None and self._answering.reusable

    def _receive(self) -> None:
        """Read the request, and let happen what happens before it is forwarded."""
        exchange = self.exchange
        if exchange.kind == "upload":  # what is not to be read as a whole has to be known before
            self._note(fault=self._around.rules().find("upload", exchange.target.encode()))
        fault, came = exchange.fault, b""
        for piece in _body(self._client, self._head):
            came += piece
            if isinstance(fault, Break) and fault.at == "sending" and len(came) > fault.after:
                self._break_off(fault)
        content = exchange.target.encode() + came
        if exchange.kind != "upload":
            self._note(fault=self._around.rules().find(exchange.kind, content))
        self._note(body=came)
        fault = exchange.fault
        if isinstance(fault, Break) and fault.at in {"request", "sending"}:
            self._break_off(fault)
        if isinstance(fault, Respond) and not fault.forward:
            self._respond(fault)

    def _forward(self) -> None:
        """Bring the request to the server, and its answer back."""
        exchange = self.exchange
        try:
            connected = socket.create_connection(self._around.target())
        except OSError:
            raise _Over(reusable=False) from None
        self._upstream = upstream = Wire(connected, self._around.stop)
        self._note(forwarded=True, passed=exchange.body)
        upstream.send(bytes(self._head) + exchange.body)
        try:
            head = Head.parse(upstream.read_to(b"\r\n\r\n", self._client))
            self._note(status=head.status)
            if head.status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                self._converse(head)
            body = read_body(upstream, head, self._client)
            if isinstance(exchange.fault, Respond):
                if not head.get("content-type").startswith("text/event-stream"):
                    for piece in body:
                        self._hear(piece)
                self._respond(exchange.fault)
            if exchange.fault is not None and exchange.method == "POST":
                body = iter([b"".join(body)])  # what breaks off on the way back was done here
            self._answering = self._answer()
            self._answering.pass_on(head, map(self._hear, body))
        except Ended:
            raise _Over(reusable=False) from None
        self._note(size=self._answering.size)
        if exchange.fault is None or isinstance(exchange.fault, Break):
            self._note(delivered=True)
        else:
            self._note(broken=True)

    def _hear(self, piece: bytes) -> bytes:
        """Take note of what the server says."""
        self._note(answer=self.exchange.answer + piece)
        return piece

    def _answer(self) -> Answering:
        fault, style = self.exchange.fault, self._around.style
        return Answering(
            self._client, fault, style, self._break_off, lambda head: self._note(head=head)
        )

    def _respond(self, fault: Respond) -> NoReturn:
        """Answer in the server's place."""
        if self._upstream is not None:
            self._upstream.hang_up()
        text = f"{fault.status} of the proxy".encode()
        fields = [("content-type", "text/plain"), ("content-length", str(len(text)))]
        if fault.retry_after is not None:
            fields.append(("retry-after", str(fault.retry_after)))
        answering = self._answer()
        self._note(broken=True)
        reason = http.HTTPStatus(fault.status).phrase
        answering.pass_on(Head(f"HTTP/1.1 {fault.status} {reason}", fields), iter([text]))
        raise _Over(reusable=answering.reusable)

    def _break_off(self, fault: Break) -> None:
        """Let the exchange end or stall here; returns only where it goes on.

        The server notices first, if it is to notice at all: what the client does then comes later.
        """
        if fault.how == "stall":
            self._stall(fault)
            return
        if self._upstream is not None:
            self._drop_upstream(self._upstream, hold=fault.hold)
        self._note(broken=True)
        if fault.how == "rst":
            self._client.reset()
            raise Gone
        if fault.how == "end" and self._answering is not None:
            self._answering.finish_early()
            raise _Over(reusable=self._answering.reusable)
        raise _Over(reusable=False)

    def _drop_upstream(self, upstream: Wire, *, hold: bool) -> None:
        """Let the server notice the end, or hold the connection to it open."""
        if hold:
            self._around.hold(upstream)
            self._upstream = None
        else:
            upstream.hang_up()

    def _stall(self, fault: Break) -> None:
        bells = [self._around.release]
        if self.exchange.kind == "stream" and fault.at in {"body", "message"}:
            bells.append(self._around.calm())
        self._note(broken=True, stalled=True)
        if fault.at == "sending":
            self._client.halt(*bells)  # what is not read can't be sent
        else:
            self._client.drain(*bells)
        if not any(bell.rung for bell in bells):
            self._leave()
            raise Gone
        self._note(stalled=False)

    def _leave(self) -> None:
        """Let the server notice that the client has gone, and then the test."""
        if self._upstream is not None:
            self._upstream.hang_up()
        self._note(left=True)

    def _converse(self, head: Head) -> NoReturn:
        """Pass the frames of a websocket on, both ways."""
        if isinstance(self.exchange.fault, Respond):
            self._respond(self.exchange.fault)
        self._note(head=bytes(head))
        assert self._upstream is not None
        conversing = Conversing(
            self._client,
            self._upstream,
            self.exchange,
            note=self._note,
            break_off=self._break_off,
            drop_upstream=self._drop_upstream,
        )
        conversing.run(bytes(head))

    def _note(self, **facts: object) -> None:
        self._around.tell(lambda: self.exchange.__dict__.update(facts))


def _kind_of(method: str, target: str, head: Head) -> str:
    """Return the kind of a request; see `rules`."""
    path = target.split("?", maxsplit=1)[0].removeprefix("/gradio_api").strip("/")
    first, _, second = path.partition("/")
    if head.get("upgrade"):
        return "socket"
    if (first == "queue" and second in {"join", "data"}) or first == "call":
        return "post" if method == "POST" else "stream"
    if first.startswith("file="):
        return "file"
    return _KINDS.get(first, "other")


def _body(client: Wire, head: Head) -> Iterator[bytes]:
    """Yield the body of a request, which has none unless it says so."""
    return iter(()) if head.framing == "close" else read_body(client, head)
