"""Records the conversations anew, by ``python -m tests.support.recording.record [VERSION...]``.

Rule: speaks to the server with `requests` alone, so that what is recorded owes nothing to the code
that is tested with it. Each conversation has a server of its own, so that no estimate depends on an
earlier call.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import requests

from tests.support.gradio import Server
from tests.support.recording import HASH, Recording
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS = ("4.13.0", "4.19.2", "4.44.1", "5.50.0", "6.31.0")
CANCEL = (4, 31)
SECONDS = 60


class Recorder:
    """One conversation with a server, under one session hash."""

    def __init__(self, server: Server, session_hash: str = HASH) -> None:
        self._server = server
        self._hash = session_hash
        config = requests.get(f"{server.url}/config", timeout=SECONDS).json()
        self.protocol: str = config["protocol"]
        self.prefix: str = config.get("api_prefix", "")
        self._numbers = {
            function["api_name"]: function.get("id", position)
            for position, function in enumerate(config["dependencies"])
        }
        self.entries: list[list[Any]] = []
        self._changed = threading.Condition()
        self._bodies: dict[str, dict[str, Any]] = {}
        self._response: requests.Response | None = None
        self._reader: threading.Thread | None = None

    def join(self, call: str, name: str, *data: Any) -> None:
        """Post a call."""
        number = self._numbers.get(name, 9999)
        self._add("join", call, number, list(data))
        body = {"data": list(data), "fn_index": number, "session_hash": self._hash}
        event_id = self._post(call, "/queue/join", body)
        self._bodies[call] = {"session_hash": self._hash, "fn_index": number} | event_id

    def cancel(self, call: str) -> None:
        """Post that a call is given up."""
        old = release_of(self._server.version) < CANCEL
        self._add("cancel", call)
        if old:
            self._post(call, "/reset", {"event_id": self._bodies[call]["event_id"]})
        else:
            self._post(call, "/cancel", self._bodies[call])

    def open(self) -> None:
        """Open the stream, and read it on another thread."""
        self._add("open")
        self._response = requests.get(
            f"{self._server.url}{self.prefix}/queue/data",
            params={"session_hash": self._hash},
            stream=True,
            timeout=SECONDS,
        )
        self._reader = threading.Thread(target=self._read, args=(self._response,))
        self._reader.start()

    def wait(self, kind: str, count: int = 1) -> None:
        """Wait until so many messages of a kind have come."""
        with self._changed:
            self._changed.wait_for(lambda: self._count(kind) >= count, SECONDS)

    def end(self) -> None:
        """Wait for the end of the stream."""
        if self._reader is not None:
            self._reader.join(SECONDS)

    def drop(self) -> None:
        """Drop the stream; what its reader then meets is of our own making."""
        with self._changed:
            entries = list(self.entries)
        if self._response is not None:
            self._response.raw.shutdown()
        self.end()
        self.entries = entries

    def _post(self, call: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{self._server.url}{self.prefix}{path}", json=body, timeout=SECONDS)
        try:
            found = answer.json()
        except ValueError:
            found = answer.text.split("\n", 1)[0]  # what follows is a traceback of that machine
        self._add("answer", call, answer.status_code, found)
        return found if isinstance(found, dict) else {}

    def _read(self, response: requests.Response) -> None:
        try:
            while piece := response.raw.read1(1 << 16):
                self._add("received", piece.decode())
        except Exception:  # noqa: BLE001 - whatever the library makes of it
            self._add("broken")
        else:
            self._add("end")

    def _add(self, *entry: Any) -> None:
        with self._changed:
            self.entries.append(list(entry))
            self._changed.notify_all()

    def _count(self, kind: str) -> int:
        text = "".join(entry[1] for entry in self.entries if entry[0] == "received")
        return text.replace('"msg": ', '"msg":').count(f'"msg":"{kind}"')


def call(name: str, *data: Any) -> Callable[[Recorder], None]:
    """Return what records one call, from its beginning to its end."""

    def record(recorder: Recorder) -> None:
        recorder.join("a", name, *data)
        recorder.open()
        recorder.end()

    return record


def cancel_running(recorder: Recorder) -> None:
    """Cancel a generator after two values."""
    recorder.join("a", "endless", "token")
    recorder.open()
    recorder.wait("process_generating", 2)
    recorder.cancel("a")
    if recorder.protocol == "sse_v3":
        recorder.end()
    else:
        recorder.drop()


def cancel_queued(recorder: Recorder) -> None:
    """Cancel a call that waits for the call of another session."""
    other = Recorder(recorder._server, "other")
    other.join("a", "queued", 1)
    other.open()
    other.wait("process_starts")
    recorder.join("a", "queued", 0)
    recorder.open()
    recorder.wait("estimation")
    recorder.cancel("a")
    if recorder.protocol == "sse_v3":
        recorder.end()
    else:
        recorder.drop()
    other.end()


def two_functions(recorder: Recorder) -> None:
    """Make a short call while a longer one of another function is under way."""
    recorder.join("a", "slow", 0.5)
    recorder.open()
    recorder.wait("process_starts")
    recorder.join("b", "count", 3)
    recorder.end()


def one_function(recorder: Recorder) -> None:
    """Make two calls of a function that runs once at a time."""
    recorder.join("a", "queued", 0.3)
    recorder.open()
    recorder.join("b", "queued", 0.1)
    recorder.end()


def state(recorder: Recorder) -> None:
    """Make a call after another, which the app remembers."""
    for name, text in (("a", "one"), ("b", "two")):
        recorder.join(name, "state", text, None)
        recorder.open()
        recorder.end()


def refused(recorder: Recorder) -> None:
    """Call a function that is not there."""
    recorder.join("a", "no such function")


def no_session(recorder: Recorder) -> None:
    """Open the stream of a hash that the server does not know."""
    recorder.open()
    recorder.end()


CONVERSATIONS: dict[str, Callable[[Recorder], None]] = {
    "echo": call("echo", "Grüße \u2028 \U0001f600"),
    "no_outputs": call("none", "x"),
    "two_outputs": call("two", "x", 2),
    "values": call("count", 3),
    "same_values": call("stream_same", "x"),
    "text": call("stream_text", "one two three"),
    "list": call("stream_list", 3),
    "object": call("stream_object", 4),
    "error": call("fail"),
    "hidden_error": call("crash"),
    "late_error": call("fail_late"),
    "progress": call("progress", 3),
    "logs": call("info_warning", "x"),
    "cancel_running": cancel_running,
    "cancel_queued": cancel_queued,
    "two_functions": two_functions,
    "one_function": one_function,
    "state": state,
    "refused": refused,
    "no_session": no_session,
}


def main() -> None:
    """Record every conversation with the versions that are named, or with all."""
    for version in sys.argv[1:] or VERSIONS:
        for name, conversation in CONVERSATIONS.items():
            with Server(version) as server:
                recorder = Recorder(server)
                conversation(recorder)
            recording = Recording(
                name, version, recorder.protocol, recorder.prefix, recorder.entries
            )
            recording.write()
            print(version, name, len(recorder.entries))  # noqa: T201 - a person runs it


if __name__ == "__main__":
    main()
