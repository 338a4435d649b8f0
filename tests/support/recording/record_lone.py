"""Records them anew, by ``python -m tests.support.recording.record_lone [CHANNEL [VERSION...]]``.

Rule: speaks to the server with `requests` and websocket-client alone, so that what is recorded owes
nothing to the code that is tested with it. Where the server sends estimates, each conversation has
a server of its own, so that none depends on an earlier call.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
import websocket

from tests.support.gradio import Server
from tests.support.recording.lone import CHANNELS, HASH, QUEUES, RUN, Recording
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSIONS = {
    "websocket": ("3.16.2", "3.36.1", "3.50.2"),
    "sse": ("4.0.2", "4.8.0"),
    "simple": ("4.44.1", "5.50.0", "6.31.0"),
    "direct": ("3.16.2", "3.36.1", "3.50.2", "4.0.2", "4.8.0", "4.44.1", "5.50.0", "6.31.0"),
}
SECONDS = 60


class Client:
    """Makes one call, and notes what happens."""

    def __init__(self, server: Server, channel: str, endpoint: str, data: list[Any]) -> None:
        self.server = server
        self.channel = channel
        self.endpoint = endpoint
        self.data = data
        config = requests.get(f"{server.url}/config", timeout=SECONDS).json()
        self.prefix: str = config.get("api_prefix", "")
        self.release = release_of(server.version)
        numbers = {
            function["api_name"]: function.get("id", position)
            for position, function in enumerate(config["dependencies"])
        }
        self.function: int = numbers.get(endpoint, 9999)
        self.entries: list[list[Any]] = []

    @property
    def body(self) -> dict[str, Any]:
        """What the queue and direct calls take."""
        who = {"fn_index": self.function, "session_hash": HASH}
        return {"data": self.data, **who, "event_data": None}

    def run(self, stop_after: int | None = None) -> None:
        """Make the call; give it up after so many values."""
        self.note("join", "a", self.function, self.data)
        getattr(self, f"_{self.channel}")(stop_after)

    def note(self, *entry: Any) -> None:
        """Add an entry."""
        self.entries.append(list(entry))

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Post, and return status and body of the answer."""
        self.note("posted", f"{self.prefix}{path}", body)
        url = f"{self.server.url}{self.prefix}{path}"
        answer = requests.post(url, json=body, timeout=SECONDS)
        try:
            found = answer.json()
        except ValueError:
            found = answer.text.split("\n", 1)[0]  # what follows is a traceback of that machine
        self.note("answer", "a", answer.status_code, found)
        return answer.status_code, found

    def frames(self, path: str) -> Iterator[tuple[requests.Response, str]]:
        """Open a stream and yield its events, noting the pieces as they come."""
        self.note("open", f"{self.prefix}{path}")
        url = f"{self.server.url}{self.prefix}{path}"
        response = requests.get(url, stream=True, timeout=SECONDS)
        text = ""
        try:
            while piece := response.raw.read1(1 << 16):
                self.note("received", piece.decode())
                text += piece.decode()
                while "\n\n" in text:
                    frame, text = text.split("\n\n", 1)
                    yield response, frame
                    if self.entries[-1] == ["close"]:
                        return
            self.note("end")
        except Exception:  # noqa: BLE001 - whatever the library makes of it
            self.note("broken")
        finally:
            response.close()

    def _websocket(self, stop_after: int | None) -> None:
        address = self.server.url.replace("http", "ws", 1)
        self.note("socket", "/queue/join")
        connection = websocket.create_connection(f"{address}/queue/join", timeout=SECONDS)
        answers = {
            "send_hash": {"session_hash": HASH, "fn_index": self.function},
            "send_data": self.body,
        }
        values = 0
        try:
            while (found := connection.recv_data())[0] == websocket.ABNF.OPCODE_TEXT:
                text = found[1].decode()
                self.note("received", text)
                kind = json.loads(text)["msg"]
                if kind in answers:
                    self.note("sent", answers[kind])
                    connection.send(json.dumps(answers[kind]))
                values += kind == "process_generating"
                if values == stop_after:
                    self.note("cancel", "a")
                if kind in {"process_completed", "queue_full"} or values == stop_after:
                    self.note("close")
                    return
            self.note("end")
        except websocket.WebSocketException:
            self.note("broken")
        finally:
            connection.close()

    def _sse(self, stop_after: int | None) -> None:
        values = 0
        name = None
        path = f"/queue/join?fn_index={self.function}&session_hash={HASH}"
        for _, frame in self.frames(path):
            message = json.loads(frame.removeprefix("data: "))
            if message["msg"] == "send_data":
                name = message["event_id"]
                self.post("/queue/data", {**self.body, "event_id": name})
            values += message["msg"] == "process_generating"
            if values == stop_after:
                self.note("cancel", "a")
                self.post("/reset", {"event_id": name})
                self.note("close")

    def _simple(self, stop_after: int | None) -> None:
        path = f"/call/{quote(self.endpoint)}"
        status, found = self.post(path, {"data": self.data})
        values = 0
        if status != requests.codes.ok:
            return
        for _, frame in self.frames(f"{path}/{found['event_id']}"):
            values += frame.startswith("event: generating")
            if values == stop_after:
                self.note("cancel", "a")
                self.note("close")

    def _direct(self, stop_after: int | None) -> None:
        body = self.body
        if (4,) <= self.release < (6,):
            body["event_id"] = RUN
        if self.endpoint == "batch":
            body |= {"data": [[value] for value in self.data], "batched": True}
        values = 0
        while True:
            status, found = self.post("/run/predict", body)
            more = isinstance(found, dict) and found.get("is_generating") is True
            values += more
            if more and values == stop_after:
                self.entries.insert(-1, ["cancel", "a"])
            if not more or values == stop_after or self.release >= (6,):
                break
        if self.release < (6,) and (more or (values and status != requests.codes.ok)):
            self._forget()

    def _forget(self) -> None:
        who = {"session_hash": HASH, "fn_index": self.function}
        if self.release >= (4, 31):
            self.post("/cancel", {**who, "session_hash": RUN, "event_id": RUN})
        elif self.release >= (4,):
            self.post("/reset", {"event_id": RUN})
        else:
            self.post("/reset", who)


class Servers:
    """The server that is running, which the next conversation may be able to use."""

    def __init__(self) -> None:
        self._server: Server | None = None

    def get(self, channel: str, version: str, app: str) -> Server:
        """Return a running server, a new one if need be."""
        server = self._server
        if server is None or channel in QUEUES or (server.version, server.app) != (version, app):
            self.stop()
            self._server = server = Server(version, app).start()
        return server

    def stop(self) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.stop()
        self._server = None


def call(
    endpoint: str, *data: Any, app: str = "main", stop_after: int | None = None, first: Any = None
) -> Callable[[str, str, Servers], Client]:
    """Return what records a call, after another one with other data if there is a *first*."""

    def record(channel: str, version: str, servers: Servers) -> Client:
        server = servers.get(channel, version, app)
        if first is not None:
            Client(server, "direct", endpoint, list(first)).run()  # which changes no estimate
        client = Client(server, channel, endpoint, list(data))
        client.run(stop_after)
        return client

    return record


def full(channel: str, version: str, servers: Servers) -> Client:
    """Call while one call runs and another waits, and there is no place for more."""
    servers.stop()
    queue = {"max_size": 1} | ({"concurrency_count": 1} if version.startswith("3") else {})
    with Server(version, queue=queue) as server:
        threads = []
        for _ in range(2):
            other = Client(server, channel, "queued", [2])
            threads.append(threading.Thread(target=other.run))
            threads[-1].start()
            threads[-1].join(0.5)  # it has its place by then
        client = Client(server, channel, "queued", [0])
        client.run()
        for thread in threads:
            thread.join()
        return client


CONVERSATIONS: dict[str, Callable[[str, str, Servers], Client]] = {
    "echo": call("echo", "Grüße \u2028 \U0001f600"),
    "no_inputs": call("nothing"),
    "no_outputs": call("none", "x"),
    "two_outputs": call("two", "x", 2),
    "values": call("count", 3),
    "no_values": call("count", 0),
    "same_values": call("stream_same", "x"),
    "text": call("stream_text", "one two three"),
    "error": call("fail"),
    "hidden_error": call("crash"),
    "late_error": call("fail_late"),
    "too_few": call("echo"),
    "hidden_input": call("hidden_between", "x", None, "y"),
    "state": call("state", "two", None, first=("one", None)),
    "unknown": call("no such function"),
    "given_up": call("endless", "token", stop_after=2),
    "late_hidden_error": call("crash_late", app="rare"),
    "batch": call("batch", "x", 2, app="rare"),
    "full": full,
    "progress": call("progress", 3),
    "logs": call("info_warning", "x"),
}


def applies(name: str, channel: str, version: str) -> bool:
    """Tell whether a conversation can be had there."""
    if name == "unknown":
        return channel in {"simple", "direct"}
    if name == "full":
        return channel != "direct"
    if name == "batch":
        return channel != "sse"  # it would stop the server's queue
    if name == "progress":
        return channel in {"websocket", "sse"}
    if name == "logs":
        return channel in {"websocket", "sse"} and version != "3.16.2"
    return True


def main() -> None:
    """Record every conversation of the channel and the versions that are named, or of all."""
    channels = sys.argv[1:2] or CHANNELS
    servers = Servers()
    for channel in channels:
        for version in sys.argv[2:] or VERSIONS[channel]:
            for name, conversation in CONVERSATIONS.items():
                if not applies(name, channel, version):
                    continue
                client = conversation(channel, version, servers)
                Recording(
                    channel, name, version, client.prefix, client.endpoint, client.entries
                ).write()
                print(channel, version, name, len(client.entries))  # noqa: T201 - a person runs it
    servers.stop()


if __name__ == "__main__":
    main()
