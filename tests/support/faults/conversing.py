"""A websocket between a client and the server, frame by frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tests.support.faults.altering import Altering
from tests.support.faults.rules import Break
from tests.support.faults.wire import Ended, WebsocketFrame, Wire, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.faults.forwarding import Exchange


class Conversing:
    """The frames of one websocket, both ways.

    Args:
        client: The client.
        upstream: The server.
        exchange: What is known of it, and what happens to it.
        note: Takes down what becomes of it.
        break_off: Called where all of it breaks off; returns where it goes on.
        drop_upstream: Called with the server's wire where the server is to notice an end.
    """

    def __init__(
        self,
        client: Wire,
        upstream: Wire,
        exchange: Exchange,
        *,
        note: Callable[..., None],
        break_off: Callable[[Break], None],
        drop_upstream: Callable[..., None],
    ) -> None:
        self._client = client
        self._upstream: Wire | None = upstream
        self._exchange = exchange
        self._note = note
        self._break_off = break_off
        self._drop_upstream = drop_upstream
        self._altering = Altering(exchange.fault, WebsocketFrame.of)
        self._sent = 0

    def run(self, head: bytes) -> NoReturn:
        """Pass everything on, beginning with the head of the answer, until it ends or breaks off.

        Raises:
            Ended, Gone: One of the two is not there any more.
        """
        fault = self._exchange.fault
        if isinstance(fault, Break) and fault.at == "head":
            self._client.send(head[: fault.after])
            self._break_off(fault)
            head = head[fault.after :]
        self._client.send(head)
        self._reach(0)
        while True:
            upstream = self._upstream
            if upstream is None or self._client.wait_with(upstream) is self._client:
                self._pass_up(read_frame(self._client))
            else:
                self._pass_down(read_frame(upstream, self._client))

    def _pass_up(self, frame: WebsocketFrame) -> None:
        self._hear_client(frame)
        if frame.opcode == WebsocketFrame.TEXT:
            self._note(passed=self._exchange.passed + frame.payload)
        if self._upstream is not None:
            self._upstream.send(frame.raw)

    def _pass_down(self, frame: WebsocketFrame) -> None:
        """Pass a frame of the server on, as far as the fault lets it."""
        self._note(answer=self._exchange.answer + frame.payload)
        before = self._altering.count
        if frame.opcode != WebsocketFrame.TEXT:
            self._send(self._altering.rest() + frame.raw)
            return
        for raw in self._altering.alter(frame.raw, frame.payload):
            self._send(raw)
        if self._altering.done:
            self._note(broken=True)
        if self._altering.count > before:
            self._reach(self._altering.count)

    def _send(self, raw: bytes) -> None:
        """Send a frame, or the part of it up to where the conversation is to break off."""
        fault = self._exchange.fault
        if not isinstance(fault, Break) or fault.at != "body":
            self._client.send(raw)
            return
        self._client.send(raw[: fault.after - self._sent])
        self._sent += len(raw)
        if self._sent >= fault.after:
            self._end(fault)

    def _reach(self, count: int) -> None:
        """Let the conversation break off behind so many messages, if this is the place."""
        fault = self._exchange.fault
        if isinstance(fault, Break) and fault.at == "message" and count == fault.after:
            self._end(fault)

    def _end(self, fault: Break) -> NoReturn:
        """Break off, and listen to what the client says to nobody."""
        if fault.how == "rst":
            self._break_off(fault)
        if fault.how != "stall" and self._upstream is not None:
            upstream, self._upstream = self._upstream, None
            self._drop_upstream(upstream, hold=fault.hold)
        if fault.how == "end":
            self._client.send(WebsocketFrame.CLOSE)
        if fault.how != "stall":
            self._client.end()
        self._note(broken=True, stalled=fault.how == "stall")
        try:
            while True:  # what the client says now is not passed on
                self._hear_client(read_frame(self._client))
        except Ended:
            if self._upstream is not None:
                self._upstream.hang_up()
            self._note(left=True)
            raise

    def _hear_client(self, frame: WebsocketFrame) -> None:
        """Take note of what the client says."""
        if frame.opcode == WebsocketFrame.TEXT:
            self._note(body=self._exchange.body + frame.payload)
