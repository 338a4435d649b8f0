"""An app whose calls stop where their argument says: waiting for an answer, queued, running, ...

Rule: a call goes no further by itself. Needs no Gradio, and can be in the process of its caller.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import select
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.support.web_server import FILE_SCHEMA, Web, reply_json, serve_app

if TYPE_CHECKING:
    from types import TracebackType

    from tests.support.web_server import Exchange, Request, Script

API = "/gradio_api"
LOOK_SECONDS = 0.05
"""How often to look whether the reader of a stream is gone: of that, nobody is told."""

LIVE = ("posted", "queued", "started", "yielding", "downloading")
"""The states in which a call stays."""

ENDED = ("finished", "failed")
"""The states that follow: its result is ``done``, or the app's error ``boom``."""


class HeldApp(Web):
    """The app: ``/hold`` and ``/file`` take the name of a state, and ``:`` with a token behind it.

    Attributes:
        joined: The arguments of the calls that came, in order.
        cancelled: The arguments of those of which it was told that they were given up.
        dropped: How many streams were left by their readers.
        holds: The paths at which nothing is answered until `release`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.joined: list[str] = []
        self.cancelled: list[str] = []
        self.dropped = 0
        self.holds: set[str] = set()
        self._messages: dict[str, list[dict[str, Any]]] = {}
        self._live: dict[str, set[str]] = {}
        self._calls: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._over = False
        serve_app(self, "hold", "file")
        self._describe_file()
        for path, script in {
            "/queue/join": self._join,
            "/queue/data": self._stream,
            "/call/hold": self._take_simple,
            "/call/hold/simple": self._stream_simple,
            "/cancel": self._cancel,
            "/reset": self._cancel,
            "/stream/x": self.hold,
            "/upload": self._take_upload,
            "/file=x": self.hold,
        }.items():
            self.on(API + path, script)

    def note(self, request: Request) -> Script:
        """Take note of a request; return what to answer, if that is not to be held."""
        script = super().note(request)
        # Of a cancel it is told before.
        return self.hold if request.path in self.holds - {f"{API}/cancel"} else script

    def release(self) -> None:
        """Answer what is held."""
        self.told.set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()
        self.release()
        super().__exit__(kind, error, traceback)

    def _describe_file(self) -> None:
        """Let ``/file`` return a file."""
        info = json.loads(self._scripts[f"{API}/info"][0].body)  # type: ignore[union-attr]
        (part,) = info["named_endpoints"]["/file"]["returns"]
        part |= {"component": "Audio", "type": FILE_SCHEMA}
        self.on(f"{API}/info", reply_json(info))

    # What it answers.

    def _join(self, exchange: Exchange) -> None:
        body = _receive_json(exchange)
        argument, session_hash = body["data"][0], body["session_hash"]
        event_id = f"event{next(self._numbers)}"
        state = argument.partition(":")[0]
        with self._changed:
            self.joined.append(argument)
            self._calls[event_id] = argument, session_hash
            self._live.setdefault(session_hash, set()).add(event_id)
            self._changed.notify_all()
        if state == "posted":
            self.hold(exchange)
            return
        if state == "refused":
            exchange.answer(reply_json({"detail": "Queue is full."}, 503))
            return
        messages = _messages_of(state, self.url + API)
        with self._changed:
            told = self._messages.setdefault(session_hash, [])
            told.extend({"event_id": event_id, **message} for message in messages)
            self._changed.notify_all()
        exchange.answer(reply_json({"event_id": event_id}))

    def _take_simple(self, exchange: Exchange) -> None:
        """Take a call of the simple API, one at a time; whatever its state, nothing follows."""
        (argument,) = _receive_json(exchange)["data"]
        with self._changed:
            self.joined.append(argument)
            self._calls["simple"] = argument, ""
        exchange.answer(reply_json({"event_id": "simple"}))

    def _stream_simple(self, exchange: Exchange) -> None:
        exchange.start(Content_Type="text/event-stream")
        self.hold(exchange)

    def _cancel(self, exchange: Exchange) -> None:
        event_id = _receive_json(exchange)["event_id"]
        argument, session_hash = self._calls[event_id]
        with self._changed:
            self.cancelled.append(argument)
            end = {"msg": "process_completed", "success": True, "output": {}}
            self._messages.setdefault(session_hash, []).append({"event_id": event_id, **end})
            self._changed.notify_all()
        if exchange.path.partition("?")[0] in self.holds:
            self.hold(exchange)
        else:
            exchange.answer(reply_json({"success": True}))

    def _take_upload(self, exchange: Exchange) -> None:
        exchange.receive()
        self.hold(exchange)

    def hold(self, exchange: Exchange) -> None:
        """Answer nothing until the test says so, or the other side is gone."""
        while not self.told.wait(LOOK_SECONDS) and not _is_gone(exchange):
            pass
        exchange.drop()

    def _stream(self, exchange: Exchange) -> None:
        (session_hash,) = parse_qs(urlsplit(exchange.path).query)["session_hash"]
        exchange.start(Content_Type="text/event-stream")
        with self._changed:
            live = self._live.setdefault(session_hash, set())
            messages = self._messages.setdefault(session_hash, [])
        if not live:
            exchange.chunk(
                _spell({"msg": "unexpected_error", "message": "404: Session not found."})
            )
            exchange.chunk(b"")
            return
        with contextlib.suppress(OSError):
            while live and not self._over and not _is_gone(exchange):
                with self._changed:
                    self._changed.wait_for(lambda: messages or self._over, LOOK_SECONDS)
                    new, messages[:] = list(messages), []
                for message in new:
                    exchange.chunk(_spell(message))
                    if message["msg"] == "process_completed":
                        live.discard(message["event_id"])
            if not live:
                exchange.chunk(_spell({"msg": "close_stream", "event_id": None}))
                exchange.chunk(b"")
                return
        with self._changed:
            live.clear()
            self.dropped += 1
            self._changed.notify_all()
        exchange.drop()


def _receive_json(exchange: Exchange) -> Any:
    """Return the body of a request; one that was broken off is an end of the connection."""
    try:
        return json.loads(exchange.receive())
    except ValueError:
        raise ConnectionError("the request was broken off") from None


def _spell(message: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(message)}\n\n".encode()


def _messages_of(state: str, api: str) -> list[dict[str, Any]]:
    """Return what is said of a call until it is in a state."""
    messages: list[dict[str, Any]] = [{"msg": "estimation", "rank": 3, "queue_size": 4}]
    if state == "queued":
        return messages
    messages.append({"msg": "process_starts"})
    if state == "started":
        return messages
    if state == "yielding":
        return [*messages, {"msg": "process_generating", "success": True, "output": _data("one")}]
    end: dict[str, Any] = {"msg": "process_completed", "success": state != "failed"}
    if state == "downloading":
        return [*messages, {**end, "output": _file(f"{api}/stream/x", is_stream=True)}]
    if state == "file":
        return [*messages, {**end, "output": _file(f"{api}/file=x", orig_name="x.wav")}]
    output = {"error": "boom"} if state == "failed" else _data("done")
    return [*messages, {**end, "output": output}]


def _data(value: Any) -> dict[str, Any]:
    return {"data": [value]}


def _file(url: str, **facts: Any) -> dict[str, Any]:
    return _data({"path": "x", "url": url, "meta": {"_type": "gradio.FileData"}, **facts})


def _is_gone(exchange: Exchange) -> bool:
    """Tell whether the other side has ended the connection."""
    readable, _, _ = select.select([exchange.connection], [], [], 0)
    try:
        return bool(readable) and not exchange.connection.recv(1, 2)  # MSG_PEEK
    except OSError:
        return True
