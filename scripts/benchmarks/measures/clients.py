"""The ways to make one call that are compared, and how they are timed."""

from __future__ import annotations

import gc
import json
import operator
import random
import secrets
import statistics
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

OURS, OFFICIAL, BARE = "gradioproxy", "gradio_client", "requests"
ALL = (OURS, OFFICIAL, BARE)


LONG = 0.1
"""What takes so many seconds may leave a large result."""


class BareClient:
    """Makes the requests of a call on a warm connection, and nothing else.

    Args:
        url: The app's address.
    """

    def __init__(self, url: str) -> None:
        import requests

        self.url = url
        self.session: requests.Session = requests.Session()
        described = self.session.get(f"{url}/config").json()
        self.base = url + described.get("api_prefix", "")
        self.session_hash = secrets.token_hex(8)
        self._numbers = {
            function["api_name"]: function.get("id", place)
            for place, function in enumerate(described["dependencies"])
        }

    def body(self, name: str, data: list[Any]) -> dict[str, Any]:
        """Return what is posted for a call."""
        number = self._numbers[name]
        return {"data": data, "fn_index": number, "session_hash": self.session_hash}

    def queue(self, name: str, data: list[Any]) -> bytes:
        """Call over the queue of Gradio 4.9 and later; return the stream."""
        self.session.post(f"{self.base}/queue/join", json=self.body(name, data)).raise_for_status()
        address = f"{self.base}/queue/data?session_hash={self.session_hash}"
        with self.session.get(address, stream=True) as response:
            return b"".join(response.iter_content(None))

    def messages(self, name: str, data: list[Any]) -> Iterator[dict[str, Any]]:
        """Yield the messages of such a call."""
        self.session.post(f"{self.base}/queue/join", json=self.body(name, data)).raise_for_status()
        address = f"{self.base}/queue/data?session_hash={self.session_hash}"
        with self.session.get(address, stream=True) as response:
            rest = b""
            for chunk in response.iter_content(None):
                *frames, rest = (rest + chunk).split(b"\n\n")
                for frame in frames:
                    yield json.loads(frame[6:])

    def direct(self, name: str, data: list[Any]) -> Any:
        """Call past the queue; return the data."""
        url = f"{self.base}/run/predict"
        return self.session.post(url, json=self.body(name, data)).json()["data"]

    def sse(self, name: str, data: list[Any]) -> bytes:
        """Call over the queue of Gradio 4.0 to 4.8; return the last message."""
        body = self.body(name, data)
        where = f"fn_index={body['fn_index']}&session_hash={self.session_hash}"
        line = b""
        with self.session.get(f"{self.base}/queue/join?{where}", stream=True) as response:
            for line in response.iter_lines():
                if b'"send_data"' in line:
                    body["event_id"] = json.loads(line[6:])["event_id"]
                    self.session.post(f"{self.base}/queue/data", json=body).raise_for_status()
                if b'"process_completed"' in line:
                    break
            for _ in response.iter_content(None):
                pass
        return bytes(line)

    def websocket(self, name: str, data: list[Any]) -> str:
        """Call over the queue of Gradio 3; return the last message."""
        import websocket

        body = self.body(name, data)
        who = {key: body[key] for key in ("fn_index", "session_hash")}
        socket = websocket.create_connection(self.url.replace("http", "ws", 1) + "/queue/join")
        while True:
            text = str(socket.recv())
            if '"send_hash"' in text:
                socket.send(json.dumps(who))
            elif '"send_data"' in text:
                socket.send(json.dumps(body))
            elif '"process_completed"' in text:
                socket.close()
                return text


def in_turns(actions: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each action takes, round by round.

    All are done in each round, in an order that changes: what disturbs the machine, or what one
    leaves behind, hits all alike.
    """
    order = random.Random(0)  # noqa: S311 - no secret; the same at each run
    names = list(actions)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        order.shuffle(names)
        for name in names:
            start = time.perf_counter()
            left = actions[name]()
            seconds[name].append(time.perf_counter() - start)
            close = getattr(left, "close", None)
            if close is not None:
                close()
            if close is not None or seconds[name][-1] > LONG:
                # Or the next one that makes objects would pay for those of this one.
                del left, close
                gc.collect()
    return seconds


def compared(seconds: Mapping[str, list[float]]) -> dict[str, float]:
    """Return of each way the median and what 95 of 100 stay below, and how ours compares.

    The ratios are medians of the rounds' ratios: the speed of a busy machine changes from one
    moment to the next, but less within a round.
    """
    numbers = {}
    for name, times in seconds.items():
        numbers[f"{name} median"] = statistics.median(times)
        if len(times) > 1:
            numbers[f"{name} p95"] = statistics.quantiles(times, n=20)[-1]
        ratios = map(operator.truediv, seconds[OURS], times)
        numbers[f"{OURS} to {name}"] = statistics.median(ratios)
    return numbers


def official_client(url: str) -> Any:
    """Return gradio_client's client."""
    import gradio_client

    return gradio_client.Client(url, verbose=False)


def peak_memory() -> int:
    """Return the most bytes of memory that this process has had, on Linux; see `proc(5)`."""
    return _read_status("VmHWM")


def memory(process: str = "self") -> int:
    """Return the bytes of memory that a process has now, on Linux."""
    return _read_status("VmRSS", process)


def _read_status(field: str, process: str = "self") -> int:
    from pathlib import Path

    rows = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    (line,) = (row for row in rows if row.startswith(f"{field}:"))
    return int(line.split()[1]) << 10
