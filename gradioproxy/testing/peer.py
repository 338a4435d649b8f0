"""An app in this process, as the protocols have it: requests go in, answers and streams come out.

It speaks what real servers speak, from Gradio 3 to 6, and knows nothing of what calls are about:
that is for a `performance.Script` to say: for one that replays what was recorded, or one that runs
functions.

Rule: no thread is its own. What a call brings is made by the thread that reads its stream, or waits
for its answer; and never under a lock.
"""

from __future__ import annotations

import functools
import itertools
import json
from typing import TYPE_CHECKING, Any, NoReturn

from .. import forksafe
from ..errors import NotRecorded, Timeout
from ..statuses import NOT_FOUND, OK
from ..transport.in_flight import interruptible
from ..transport.local import Content, LocalSocket, LocalStream, Wait
from ..transport.response import ByteStream
from ..uncopyable import Uncopyable
from .performance import AskedCall, PeerCall, Unasked, reply_json, write_frame
from .routes import Kind, Route, read_route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..transport.in_flight import InFlight
    from ..transport.interception import Exchange
    from ..transport.request import Reply
    from .cassette import Message
    from .performance import Performance, Script

# How long a stream is held open at most that brings nothing more by itself.
HELD_SECONDS = 60.0

_UNKNOWN_END = (
    "The call was given up when it was recorded, so that nobody knows its end. Record it again, to "
    "its end."
)


class Peer(Uncopyable):
    """The app.

    Args:
        script: What it answers.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._changed = forksafe.Condition()
        self._numbers = itertools.count(1)
        self._calls: dict[str, PeerCall] = {}
        self._runs: dict[object, PeerCall] = {}
        self._answers: Mapping[Kind, Callable[[Exchange, Route], Content]] = {
            Kind.JOIN: self._join,
            Kind.DATA: self._take_data,
            Kind.DIRECT: self._run,
            Kind.SIMPLE: self._join,
            Kind.CANCEL: self._cancel,
            Kind.CHUNK: self._take_chunk,
        }
        self._streams: Mapping[Kind, Callable[[Route, Wait], Iterator[bytes]]] = {
            Kind.EVENTS: self._tell_all,
            Kind.TURN: self._ask_for_data,
            Kind.SIMPLE_EVENTS: self._tell_simple,
            Kind.HEARTBEAT: self._beat,
        }

    def intercept(self, exchange: Exchange) -> Reply:
        """Answer a request; see `transport.interception.Interceptor`."""
        route = read_route(exchange)
        request = exchange.request
        with interruptible(effect=request.effect) as work, exchange.works.under_way(work):
            work.begin_sending()
            request.meanwhile()
            if route.kind is Kind.SOCKET:
                return self._open_socket(exchange, work)
            if route.kind in self._streams:
                return self._open_stream(exchange, route, work)
            make = self._answers.get(route.kind, self._script.answer)
            content = make(exchange, route)
            if request.reply is ByteStream:
                return LocalStream(exchange, content, work)
            return content.answer(exchange)

    # Posts.

    def _join(self, exchange: Exchange, route: Route) -> Content:
        way = "simple" if route.kind is Kind.SIMPLE else "queue"
        call = self._begin(route.session_hash, self._perform(exchange, route, way))
        if call.performance.refusal is not None:
            return call.performance.refusal
        with self._changed:
            self._calls[call.event_id] = call
            self._note_change(call)
        return reply_json({"event_id": call.event_id})

    def _take_data(self, exchange: Exchange, route: Route) -> Content:
        waiting = self._calls.get(route.event_id)
        if waiting is None:
            return reply_json({"detail": "Not Found"}, NOT_FOUND)
        waiting.performance = self._perform(exchange, route, "queue")
        with self._changed:
            self._note_change(waiting)
        return reply_json(None)

    def _run(self, exchange: Exchange, route: Route) -> Content:
        """Answer a direct call, or go on with a run that was begun before."""
        with self._changed:
            call = self._runs.pop(route.run, None)
        if call is None:
            call = self._begin(route.session_hash, self._perform(exchange, route, "direct"))
            if call.performance.refusal is not None:
                return call.performance.refusal
        message = call.advance()
        if message is None:
            self._hold()
        said = message.get("json")
        if isinstance(said, dict) and said.get("is_generating"):
            with self._changed:
                self._runs[route.run] = call
        else:
            call.end()
        return reply_json(said, message.get("status", OK))

    def _perform(self, exchange: Exchange, route: Route, way: str) -> Performance:
        asked = AskedCall(
            way,
            route.called,
            route.data or [],
            route.event,
            whole=route.whole,
            batched=bool(route.body.get("batched")),
        )
        return self._script.begin(exchange, asked)

    def _begin(self, session_hash: str, performance: Performance) -> PeerCall:
        return PeerCall(f"event-{next(self._numbers)}", session_hash, performance)

    def _cancel(self, _exchange: Exchange, route: Route) -> Content:
        with self._changed:
            run = self._runs.pop(route.run, None)
            call = self._calls.get(route.event_id)
            if call is not None:
                call.is_cancelled = True
                self._note_change(call)
        if run is not None:
            run.end()
        return reply_json({"success": True})

    def _take_chunk(self, _exchange: Exchange, route: Route) -> Content:
        call = self._calls.get(route.event_id)
        if call is None:
            return Content((), NOT_FOUND)
        call.performance.take_chunk(None if route.is_end else route.data)
        with self._changed:
            self._note_change(call)
        return reply_json({"msg": "success"})

    def _note_change(self, call: PeerCall) -> None:
        """Wake whoever waits for news of a call; with the lock held."""
        call.changes += 1
        self._changed.notify_all()

    # Streams.

    def _open_stream(self, exchange: Exchange, route: Route, work: InFlight) -> LocalStream:
        wait = Wait(self._changed, work)
        told = []

        def tell() -> Iterator[bytes]:
            yield from self._streams[route.kind](route, wait)
            told.append(True)

        def drop() -> None:
            # Behind an end that was told, others may have joined, which another stream tells of.
            if not told:
                self._drop(route)

        content = Content(tell(), OK, {"Content-Type": "text/event-stream"})
        return LocalStream(exchange, content, work, wait, drop)

    def _tell_all(self, route: Route, wait: Wait) -> Iterator[bytes]:
        """Yield the events of all calls under a hash, until none is left."""
        calls = self._find_calls(route.session_hash)
        if not calls:
            lost = "404: Session not found."
            yield write_frame({"msg": "unexpected_error", "message": lost, "success": False})
            return
        while calls:
            seen = sum(call.changes for call in calls)
            heard = False
            for call in calls:
                for message in self._tell_once(call):
                    heard = True
                    yield write_frame(message)
            if not heard and not any(call.is_over for call in calls):
                self._await_change(route.session_hash, seen, wait)
            self._forget(calls)
            calls = self._find_calls(route.session_hash)
        yield write_frame({"msg": "close_stream", "event_id": None})

    def _tell_once(self, call: PeerCall) -> Iterator[Message]:
        """Yield the next message of a call, if there is one."""
        if call.is_over:
            return
        if call.is_cancelled:
            call.end()
            done = {"msg": "process_completed", "output": {}, "success": True}
            yield {**done, "event_id": call.event_id}
            return
        message = call.advance()
        if message is not None:
            about = {} if message.get("msg") == "unexpected_error" else {"event_id": call.event_id}
            yield {**message, **about}

    def _ask_for_data(self, route: Route, wait: Wait) -> Iterator[bytes]:
        """Yield the events of one call of Gradio 4.0 to 4.8."""
        call = self._begin_asking(route.session_hash)
        try:
            yield write_frame({"msg": "send_data", "event_id": call.event_id})
            for message in self._play(call, wait):
                yield write_frame(message)
        finally:
            self._end(call)

    def _tell_simple(self, route: Route, wait: Wait) -> Iterator[bytes]:
        """Yield the events of one call of the simple API."""
        call = self._calls.get(route.event_id)
        if call is None:
            return
        try:
            for message in self._play(call, wait):
                data = json.dumps(message.get("data"))
                yield f"event: {message.get('event')}\ndata: {data}\n\n".encode()
        finally:
            self._end(call)

    def _beat(self, _route: Route, wait: Wait) -> Iterator[bytes]:
        """Yield one heartbeat, and hold the stream open."""
        yield b"data: ALIVE\n\n"
        wait.until(lambda: False, None)

    def _play(self, call: PeerCall, wait: Wait) -> Iterator[Message]:
        """Yield the messages of a call that has a stream of its own."""
        while not call.is_over:
            seen = call.changes
            message = call.advance()
            if message is not None:
                yield message
            elif not call.is_over:
                self._await_change(call.session_hash, seen, wait, call)

    def _await_change(
        self, session_hash: str, seen: int, wait: Wait, only: PeerCall | None = None
    ) -> None:
        """Wait until something comes of calls that bring nothing by themselves.

        Raises:
            ConnectionLost: It was not waited for.
            Timeout: Nothing comes for as long as the stream may be silent.
            NotRecorded: Nothing comes.
        """

        def count() -> int:
            calls = [only] if only is not None else self._find_calls(session_hash)
            return sum(call.changes for call in calls)

        silence = wait.silence
        longest: float | None = HELD_SECONDS if silence is None else min(silence, HELD_SECONDS)
        if self._script.knows_ends:
            longest = None  # servers send heartbeats meanwhile, and end nothing
        if not wait.until(lambda: count() != seen, longest):
            if silence is not None and silence < HELD_SECONDS:
                raise Timeout("Nothing came.", limit="idle_timeout")
            raise NotRecorded(_UNKNOWN_END)

    def _open_socket(self, exchange: Exchange, work: InFlight) -> LocalSocket:
        """Open the websocket of one call of Gradio 3."""
        wait = Wait(self._changed, work)
        call = self._begin_asking("")
        known = dict[str, Any]()

        def take(text: str) -> None:
            known.update(json.loads(text))
            if "data" in known:
                route = Route(Kind.SOCKET, "GET", "", known)
                call.performance = self._perform(exchange, route, "queue")
            with self._changed:
                self._note_change(call)

        def speak() -> Iterator[str]:
            for question, answer in (("send_hash", "fn_index"), ("send_data", "data")):
                yield json.dumps({"msg": question})
                wait.until(functools.partial(known.__contains__, answer), HELD_SECONDS)
            for message in self._play(call, wait):
                yield json.dumps(message)

        end = functools.partial(self._end, call)
        return LocalSocket(exchange, speak(), take, work=work, wait=wait, on_close=end)

    def _hold(self) -> NoReturn:
        """Wait for a call past the queue to be given up, as it was.

        Raises:
            ConnectionLost: It was.
            NotRecorded: It was not.
        """
        with interruptible() as work:
            Wait(self._changed, work).until(lambda: False, HELD_SECONDS)
        raise NotRecorded(_UNKNOWN_END)

    # What is under way.

    def _begin_asking(self, session_hash: str) -> PeerCall:
        """Begin a call whose data are still to come."""
        call = self._begin(session_hash, Unasked())
        with self._changed:
            self._calls[call.event_id] = call
        return call

    def _find_calls(self, session_hash: str) -> list[PeerCall]:
        found = list(self._calls.values())
        return [call for call in found if call.session_hash == session_hash]

    def _forget(self, calls: list[PeerCall]) -> None:
        """Forget the calls that are over."""
        with self._changed:
            for call in calls:
                if call.is_over:
                    self._calls.pop(call.event_id, None)

    def _end(self, call: PeerCall) -> None:
        call.end()
        self._forget([call])

    def _drop(self, route: Route) -> None:
        """End the calls whose stream nobody reads any more, as servers do."""
        if route.kind is Kind.EVENTS:
            for call in self._find_calls(route.session_hash):
                self._end(call)
        elif (only := self._calls.get(route.event_id)) is not None:
            self._end(only)
