"""Looks on while an app is used, and keeps what was said: the interceptor of `record`."""

from __future__ import annotations

import functools
import itertools
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from .. import forksafe
from ..errors import ConnectError, ConnectionLost, FileNotSaved, GradioProxyError, Timeout
from ..protocols.single_call import parse_frame
from ..statuses import OK, SERVER_FAULT
from ..transport.request import BytesBody, FilesBody
from ..transport.response import Answer, ByteStream
from ..uncopyable import Uncopyable
from .cassette import GIVEN_UP, LOST, WHOLE, CallEntry
from .messages import keep_output
from .recording import AppRecording
from .routes import Kind, Route, read_route
from .storage import keep_answer, keep_content
from .watched import (
    Copy,
    Frames,
    HashedPart,
    WatchedSocket,
    WatchedStream,
    describe_break,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..protocols.event_stream import Frame
    from ..transport.interception import Exchange
    from ..transport.request import Part, Reply, Request
    from ..transport.text_socket import TextSocket
    from .cassette import Message
    from .recording import Spoken

_BROKEN = (ConnectError, ConnectionLost, Timeout)


class Recorder(Uncopyable):
    """Keeps what is said with any number of apps.

    Args:
        folder: An empty folder for the content of files, until the cassette is written.

    Attributes:
        process: The process that it is for.
    """

    def __init__(self, folder: Path) -> None:
        self._apps: dict[str, AppRecording] = {}
        self._folder = folder
        self._clock = itertools.count()
        self._numbers = itertools.count()
        self._lock = forksafe.Lock()
        # A forked child goes on, and nobody writes what it says.
        self.process = os.getpid()
        self._copies: list[Copy] = []
        self._is_over = False
        self._posts: dict[Kind, Callable[[Exchange, Route, AppRecording], Reply]] = {
            Kind.JOIN: self._join,
            Kind.SIMPLE: self._join,
            Kind.DATA: self._take_data,
            Kind.DIRECT: self._run,
            Kind.CANCEL: self._cancel,
            Kind.CHUNK: self._take_chunk,
            Kind.UPLOAD: self._upload,
            Kind.EVENTS: self._follow_all,
            Kind.TURN: self._follow_one,
            Kind.SIMPLE_EVENTS: self._follow_simple,
            Kind.SOCKET: self._follow_socket,
            Kind.HEARTBEAT: self._pass,
        }

    def stop(self) -> None:
        """Keep nothing more; what is still read from streams passes unseen."""
        with self._lock:
            self._is_over = True
            for app in self._apps.values():
                app.stop()

    def forget(self) -> None:
        """Forget everything: sessions that go on hold this object."""
        with self._lock:
            self._apps.clear()
            self._copies.clear()

    def list_apps(self) -> list[AppRecording]:
        """Return what was said with each app, in the order in which they were first asked."""
        with self._lock:
            return list(self._apps.values())

    def ensure_kept(self) -> None:
        """Do nothing, if all content of files was kept.

        Raises:
            FileNotSaved: There was no room for it.
        """
        for copy in self._copies:
            if copy.failure is not None:
                reason = copy.failure.strerror or str(copy.failure)
                path = str(self._folder)
                raise FileNotSaved(f"{path} can't be written: {reason}.", path=path)

    def intercept(self, exchange: Exchange) -> Reply:
        """Send a request and look on; see `transport.interception.Interceptor`."""
        if self._is_over or os.getpid() != self.process:
            return exchange.send(exchange.request)
        route = read_route(exchange)
        app = self._find_app(exchange.named.url)
        app.note_person(exchange.redactor, route.session_hash)
        return self._posts.get(route.kind, self._ask)(exchange, route, app)

    def _find_app(self, url: str) -> AppRecording:
        with self._lock:
            if url not in self._apps:
                self._apps[url] = AppRecording(url, self._clock)
            return self._apps[url]

    def _pass(self, exchange: Exchange, _route: Route, _app: AppRecording) -> Reply:
        return exchange.send(exchange.request)

    # Calls that are posted.

    def _join(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        began = app.tick()
        entry = _begin_entry(route, "simple" if route.kind is Kind.SIMPLE else "queue")
        try:
            answer = _send_whole(exchange)
        except GradioProxyError as error:
            entry.refusal = _describe_failure(error)
            app.end_call(app.add_call(entry, began), WHOLE)
            raise
        event_id = _read_json(answer).get("event_id")
        if answer.status == OK and isinstance(event_id, str):
            app.add_call(entry, began, event_id)
        else:
            entry.refusal = keep_answer(answer)
            app.end_call(app.add_call(entry, began), WHOLE)
        return answer

    def _take_data(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        call = app.find_call(route.event_id)
        if call is not None:
            _fill_entry(call.entry, route)
        return exchange.send(exchange.request)

    def _run(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        began = app.tick()
        run = app.take_run(route.run)
        try:
            answer = _send_whole(exchange)
        except GradioProxyError as error:
            entry = _begin_entry(route, "direct")
            how = describe_break()
            if run is None and how == LOST:
                entry.refusal, how = _describe_failure(error), WHOLE
            app.end_call(run or app.add_call(entry, began), how)
            raise
        except BaseException:
            if run is not None:  # nothing was sent, and it will be
                app.keep_run(route.run, run)
            raise
        said = _read_json(answer)
        entry = _begin_entry(route, "direct")
        is_error = answer.status == SERVER_FAULT and "error" in said
        if run is None and not ("data" in said or is_error):
            entry.refusal = keep_answer(answer)  # by the server, or by what is before it
        call = run or app.add_call(entry, began)
        if entry.refusal is None:
            kept = {"status": answer.status, "json": keep_output(said) if said else answer.text}
            app.note_message(call, kept)
        if said.get("is_generating"):
            app.keep_run(route.run, call)
        else:
            app.end_call(call, WHOLE)
        return answer

    def _cancel(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        app.take_run(route.run)
        call = app.find_call(route.event_id)
        if call is not None:
            app.end_call(call, GIVEN_UP)
        return exchange.send(exchange.request)

    def _take_chunk(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        call = app.find_call(route.event_id)
        if call is None:
            return exchange.send(exchange.request)
        chunk = {"chunk": None if route.is_end else route.data}
        # Before it is sent: its value may come before the answer.
        app.note_message(call, chunk)
        try:
            return exchange.send(exchange.request)
        except GradioProxyError:
            raise
        except BaseException:
            app.take_back(call, chunk)  # nothing was sent, and it will be
            raise

    # Streams of calls.

    def _follow_all(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        spoken_of: dict[str, None] = {}

        def see(frame: Frame) -> None:
            message = parse_frame(frame)
            event_id = message.get("event_id")
            if isinstance(event_id, str):
                spoken_of[event_id] = None
            if message.get("msg") == "unexpected_error":
                app.end_stream([*spoken_of], message, WHOLE)
            app.take_message(message)

        del route
        return self._watch(
            exchange, see, lambda how: app.end_stream([*spoken_of], None, how or LOST)
        )

    def _follow_one(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        call = app.add_call(_begin_entry(route, "queue"), app.tick())

        def see(frame: Frame) -> None:
            message = parse_frame(frame)
            event_id = message.get("event_id")
            if message.get("msg") == "send_data" and isinstance(event_id, str):
                app.name_call(call, event_id)
            app.note_message(call, message)

        return self._watch(exchange, see, lambda how: app.end_call(call, how or LOST))

    def _follow_simple(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        call = app.find_call(route.event_id)
        if call is None:
            return exchange.send(exchange.request)

        def see(frame: Frame, call: Spoken = call) -> None:
            if frame.name == "heartbeat":
                return
            try:
                data = json.loads(frame.data)
            except (ValueError, RecursionError):
                data = frame.data
            app.note_message(call, {"event": frame.name, "data": data})

        return self._watch(exchange, see, lambda how: app.end_call(call, how or LOST))

    def _watch(
        self, exchange: Exchange, see: Callable[[Frame], object], end: Callable[[str], object]
    ) -> Reply:
        stream = cast("ByteStream", exchange.send(exchange.request))
        frames = Frames(see, exchange.access.limits.message)
        return WatchedStream(stream, frames.receive, end)

    def _follow_socket(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        call = app.add_call(_begin_entry(route, "queue"), app.tick())

        def hear(said: Message) -> None:
            if "data" in said:
                _fill_entry(call.entry, replace(route, body=said))
            app.note_person(exchange.redactor, str(said.get("session_hash") or ""))

        try:
            socket = cast("TextSocket", exchange.send(exchange.request))
        except GradioProxyError:
            app.end_call(call, describe_break())
            raise
        return WatchedSocket(
            socket,
            functools.partial(app.note_message, call),
            hear,
            functools.partial(app.end_call, call),
        )

    # Files that go up, and whatever else is asked.

    def _upload(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        body = exchange.request.body
        parts: list[tuple[str, HashedPart, str]] = []

        def open_parts() -> list[tuple[str, Part, str]]:
            assert isinstance(body, FilesBody)  # noqa: S101 - for type checkers
            parts[:] = [(name, HashedPart(part), kind) for name, part, kind in body.open_parts()]
            return cast("list[tuple[str, Part, str]]", parts)

        if not isinstance(body, FilesBody):
            return self._ask(exchange, route, app)
        answer = _send_whole(exchange, replace(exchange.request, body=FilesBody(open_parts)))
        paths = _read_any(answer)
        sent = [[part.digest, name] for name, part, _ in parts]
        if answer.status == OK and isinstance(paths, list) and len(paths) == len(parts):
            for path, (digest, name) in zip(paths, sent, strict=True):
                app.note_upload(str(path), digest, name)
        else:
            app.note_answer(f"POST {route.target}", sent, keep_answer(answer))
        return answer

    def _ask(self, exchange: Exchange, route: Route, app: AppRecording) -> Reply:
        request = f"{route.method} {route.target}"
        note = functools.partial(app.note_answer, request, describe_body(exchange, route))
        try:
            reply = exchange.send(exchange.request)
        except GradioProxyError as error:
            note(_describe_failure(error))
            raise
        if isinstance(reply, Answer):
            note(keep_answer(reply, self._begin_copy))
            return reply
        return self._watch_content(cast("ByteStream", reply), note)

    def _watch_content(self, stream: ByteStream, note: Callable[[Message], None]) -> Reply:
        """Return a stream whose content is kept."""
        copy = self._begin_copy()

        def end(how: str) -> None:
            kept = keep_content(stream, copy, how)
            if not self._is_over:
                note(kept)

        def see(piece: bytes) -> None:
            if not self._is_over:  # else it would go on to fill the disk
                copy.receive(piece)

        return WatchedStream(stream, see, end)

    def _begin_copy(self) -> Copy:
        copy = Copy(self._folder, str(next(self._numbers)))
        self._copies.append(copy)
        return copy


def _send_whole(exchange: Exchange, request: Request[Any] | None = None) -> Answer:
    return cast("Answer", exchange.send(request or exchange.request))


def _begin_entry(route: Route, way: str) -> CallEntry:
    entry = CallEntry(way, route.called)
    _fill_entry(entry, route)
    return entry


def _fill_entry(entry: CallEntry, route: Route) -> None:
    """Take note of what is posted for a call."""
    entry.function = route.called
    entry.data, entry.is_posted = route.data or [], route.data is not None
    entry.event, entry.whole = list(route.event), route.whole


def describe_body(exchange: Exchange, route: Route) -> Any:
    """Return what a request brings that is no call, as it is found again by; no passwords."""
    body = exchange.request.body
    if route.kind is Kind.LOGIN or not isinstance(body, BytesBody):
        return None
    try:
        found = json.loads(body.content)
    except (ValueError, RecursionError):
        return body.content.decode("utf-8", "replace")
    return route.body if isinstance(found, dict) else found


def _read_any(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _read_json(answer: Answer) -> dict[str, Any]:
    found = _read_any(answer)
    return found if isinstance(found, dict) else {}


def _describe_failure(error: GradioProxyError) -> Message:
    """Return what is kept of a request without an answer."""
    kind = type(error) if type(error) in _BROKEN else ConnectionLost
    return {"error": kind.__name__}
