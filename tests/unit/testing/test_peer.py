"""What servers do with streams: who is told what, and what becomes of calls that nobody follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.testing.player import Player
from gradioproxy.testing.storage import read_cassette
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from tests.support.faked import URL, called, completed, write_cassette, yielded

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "/gradio_api"
STREAM = f"{PREFIX}/queue/data?session_hash=hash"


@pytest.fixture
def transport(tmp_path: Path) -> Transport:
    """Give the way to an app that was recorded."""
    path = write_cassette(
        tmp_path / "talk.json",
        called(0, ["x"], yielded("a"), completed("done x")),
        called(0, ["y"], completed("done y")),
        called(0, ["held"], yielded("a"), end="given up"),
    )
    player = Player(read_cassette(path))
    return Transport(Address(URL), Access(), interceptor=player)


def join(transport: Transport, text: str) -> str:
    """Begin a call; return its name."""
    body = {"data": [text], "fn_index": 0, "session_hash": "hash", "event_data": None}
    body["trigger_id"] = None
    answer = transport.post(f"{PREFIX}/queue/join", body)
    return str(answer.json()["event_id"])


def read(content: bytes) -> list[dict[str, Any]]:
    """Return the messages of a stream."""
    return [json.loads(part.removeprefix("data: ")) for part in content.decode().split("\n\n")[:-1]]


def test_one_stream_tells_of_all_calls_of_a_hash(transport: Transport) -> None:
    """In turns, by their names, and says when it ends."""
    names = [join(transport, text) for text in "xy"]
    stream = transport.stream(STREAM, 60)
    messages = read(stream.read())
    stream.close()
    assert [(each["msg"], each["event_id"]) for each in messages] == [
        ("process_generating", names[0]),
        ("process_completed", names[1]),
        ("process_completed", names[0]),
        ("close_stream", None),
    ]


def test_a_stream_of_no_call_is_refused(transport: Transport) -> None:
    """By an event, as servers do; so is one whose calls have all been told of."""
    for _ in range(2):
        stream = transport.stream(STREAM, 60)
        assert read(stream.read())[0]["msg"] == "unexpected_error"
        stream.close()


def test_who_joins_behind_the_end_is_told_by_the_next_stream(transport: Transport) -> None:
    """Though the one that has ended is closed after that."""
    join(transport, "x")
    stream = transport.stream(STREAM, 60)
    assert read(stream.read())[-1]["msg"] == "close_stream"
    name = join(transport, "y")
    stream.close()
    stream = transport.stream(STREAM, 60)
    assert read(stream.read())[0] == {**completed("done y"), "event_id": name}
    stream.close()


def test_dropping_a_stream_ends_its_calls(transport: Transport) -> None:
    """Also one of which nothing was read."""
    join(transport, "x")
    transport.stream(STREAM, 60).close()
    stream = transport.stream(STREAM, 60)
    assert read(stream.read())[0]["msg"] == "unexpected_error"
    stream.close()


def test_a_cancelled_call_is_completed_without_data(transport: Transport) -> None:
    """The stream that waits for it is woken."""
    name = join(transport, "held")
    stream = transport.stream(STREAM, 60)
    pieces = iter(stream)
    assert read(next(pieces))[0]["msg"] == "process_generating"
    body = {"session_hash": "hash", "fn_index": 0, "event_id": name}
    assert transport.post(f"{PREFIX}/cancel", body, effect=False).json() == {"success": True}
    assert read(b"".join(pieces))[0]["output"] == {}
    stream.close()


def test_a_stream_that_may_not_be_silent(transport: Transport) -> None:
    """It ends with the error that a server's would."""
    join(transport, "held")
    stream = transport.stream(STREAM, 60)
    stream.limit_silence(0.0, "idle_timeout")
    with pytest.raises(gp.Timeout):
        stream.read()
    stream.close()


def test_a_chunk_for_a_call_that_is_not_known(transport: Transport) -> None:
    assert transport.post(f"{PREFIX}/stream/unknown", {"data": []}).status == 404
