"""Recorded conversations, played to the machine whole, in pieces, and with what goes wrong."""

from __future__ import annotations

import functools
import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.protocols.events import Lost
from gradioproxy.protocols.machine import Post
from gradioproxy.protocols.sse_v1 import Multiplexed
from tests.driving import Driver
from tests.recordings import HASH, Recording, recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RECORDINGS = {f"{each.version} {each.name}": each for each in recordings()}
SINGLE = [
    name
    for name, each in RECORDINGS.items()
    if [entry[0] for entry in each.entries[:3]] == ["join", "answer", "open"]
    and list(each.expected) == ["a"]
    and "cancel" not in each.name
]

every_recording = pytest.mark.parametrize("name", RECORDINGS)
every_single_call = pytest.mark.parametrize("name", SINGLE)


def machine_for(recording: Recording) -> Multiplexed:
    return Multiplexed(
        HASH, recording.prefix, recording.release, edits=recording.protocol != "sse_v1"
    )


def replay(recording: Recording, cut: Callable[[bytes], Iterable[bytes]]) -> Driver:
    """Play a recording to a machine, with the bytes of its streams cut anew."""
    driver = Driver(machine_for(recording))
    if recording.name == "no_session":  # only a call makes a machine open a stream
        driver.join("a", 0)
        driver.name("a")
    for kind, group in itertools.groupby(recording.entries, key=lambda entry: entry[0]):
        entries = list(group)
        if kind == "received":
            received = "".join(entry[1] for entry in entries).encode()
            for piece in cut(received) if driver.open else ():
                if driver.open:
                    driver.data(piece)
        else:
            for entry in entries:
                play(driver, recording, entry)
    return driver


def play(driver: Driver, recording: Recording, entry: list[Any]) -> None:
    """Play one entry that is no piece of a stream, unless the machine has ended it all."""
    if driver.closed:
        return
    match entry:
        case ["join", call, function, data]:
            driver.join(call, function, *data)
            body = {
                "data": data,
                "fn_index": function,
                "session_hash": HASH,
                "event_data": None,
                "trigger_id": None,
            }
            path = f"{recording.prefix}/queue/join"
            assert driver.posts[call, "call"] == Post(call, path, body)
        case ["cancel", call]:
            driver.cancel(call)
        case ["answer", call, status, body]:
            # The machine may have found a better way than to post a cancel.
            for purpose in ("call", "cancel"):
                if (call, purpose) in driver.posts:
                    driver.answer(call, status, body, purpose)
        case ["open"]:
            assert driver.open
        case ["end"] if driver.open:
            driver.break_off()


def whole(data: bytes) -> Iterator[bytes]:
    yield data


def byte_by_byte(data: bytes) -> Iterator[bytes]:
    for place in range(len(data)):
        yield data[place : place + 1]


def in_two(place: int, data: bytes) -> Iterator[bytes]:
    yield data[:place]
    yield data[place:]


def matches(driver: Driver, recording: Recording) -> None:
    """Check that every call reported what it should, and that nothing is left."""
    assert {str(call): driver.told(call) for call in driver.events} == recording.expected
    assert driver.machine.calls == 0
    assert not driver.open or recording.name == "no_session"  # where the connection breaks


@every_recording
def test_a_recorded_conversation_reports_what_happened(name: str) -> None:
    """Also when each byte comes alone."""
    recording = RECORDINGS[name]
    matches(replay(recording, whole), recording)
    matches(replay(recording, byte_by_byte), recording)


@every_recording
def test_it_does_not_matter_where_the_stream_is_cut(name: str) -> None:
    """Every place is tried in what is short, and every so many in the rest."""
    recording = RECORDINGS[name]
    size = sum(len(entry[1].encode()) for entry in recording.entries if entry[0] == "received")
    for place in range(0, size, 1 if size < 500 else 307):
        matches(replay(recording, functools.partial(in_two, place)), recording)


@every_recording
def test_line_ends_of_other_servers_and_proxies_do_no_harm(name: str) -> None:
    recording = RECORDINGS[name]

    def with_crlf(data: bytes) -> Iterator[bytes]:
        yield b"\xef\xbb\xbf: comment\r\n\r\n" + data.replace(b"\n", b"\r\n")

    def with_cr(data: bytes) -> Iterator[bytes]:
        yield data.replace(b"\n", b"\r")

    if recording.name != "state":  # a mark belongs at the beginning of a stream
        matches(replay(recording, with_crlf), recording)
    matches(replay(recording, with_cr), recording)


HARMLESS = [
    b'data: {"msg": "process_dreams", "event_id": null, "output": 1}\n\n',
    b'data: {"msg": "process_completed", "event_id": "of nobody", "output": {"data": [1]}}\n\n',
    b'data: {"msg": "log", "event_id": ["x"], "log": "x"}\n\n',
    b'data: {"msg": 3}\n\n',
    b'data: {"ms\n\n',
    b"data: [1, 2]\n\n",
    b"data: null\n\n",
    b"data\n\n",
    b": comment\n\n",
    b"event: heartbeat\ndata: null\n\n",
    b"data: " + b"[" * 100_000 + b"\n\n",
    b"data: \xff\xfe\n\n",
    b"id: 1\nretry: 5\n\n",
]


def messages(data: bytes) -> list[bytes]:
    return [part + b"\n\n" for part in data.split(b"\n\n")[:-1]]


@every_recording
def test_what_means_nothing_changes_nothing(name: str) -> None:
    """Unknown, malformed and foreign messages are passed over, wherever they come."""
    recording = RECORDINGS[name]

    def with_noise(data: bytes) -> Iterator[bytes]:
        for part in messages(data):
            yield b"".join(HARMLESS)
            yield part

    matches(replay(recording, with_noise), recording)


def ended(driver: Driver) -> None:
    """End the stream as often as the machine opens it; that is never for ever."""
    for _ in range(3):
        if driver.open:
            driver.break_off()
    assert not driver.open
    assert driver.machine.calls == 0
    assert all(driver.over(call) for call in driver.events)


@every_recording
def test_a_message_that_comes_twice_ends_no_call_twice(name: str) -> None:
    """What an edit that is made twice leads to is no matter, as long as the call ends."""
    recording = RECORDINGS[name]
    count = len(messages("".join(e[1] for e in recording.entries if e[0] == "received").encode()))
    for number in range(count):
        left = iter(range(count))

        def doubled(
            data: bytes, number: int = number, left: Iterator[int] = left
        ) -> Iterator[bytes]:
            for part in messages(data):
                yield part * 2 if next(left) == number else part

        ended(replay(recording, doubled))


@every_recording
def test_a_call_whose_messages_are_missing_ends_all_the_same(name: str) -> None:
    """Without its last message it is lost, once the stream was opened again in vain."""
    recording = RECORDINGS[name]
    count = len(messages("".join(e[1] for e in recording.entries if e[0] == "received").encode()))
    for number in range(count):
        left = iter(range(count))
        missing: list[Any] = []

        def thinned(
            data: bytes,
            number: int = number,
            left: Iterator[int] = left,
            missing: list[Any] = missing,
        ) -> Iterator[bytes]:
            for part in messages(data):
                if next(left) == number:
                    missing.append(json.loads(part[6:]))
                else:
                    yield part

        driver = replay(recording, thinned)
        ended(driver)
        for gone in missing:
            if gone["msg"] == "process_completed" and "cancel" not in name:
                lost = [call for call in driver.events if isinstance(driver.events[call][-1], Lost)]
                assert len(lost) == 1


@every_single_call
def test_a_stream_that_ends_early_ends_the_call(name: str) -> None:
    """Between any two messages: whatever comes after that is not known to be all that there was."""
    recording = RECORDINGS[name]
    data = "".join(entry[1] for entry in recording.entries if entry[0] == "received").encode()
    whole = [recording.expected["a"]]
    for number in range(1, len(messages(data))):
        left = itertools.count()
        driver = Driver(machine_for(recording))

        def interrupted(
            data: bytes,
            number: int = number,
            left: Iterator[int] = left,
            driver: Driver = driver,
        ) -> Iterator[bytes]:
            for part in messages(data):
                if next(left) == number and driver.open:
                    driver.break_off()
                yield part

        play_into(driver, recording, interrupted)
        (told,) = [driver.told(call) for call in driver.events]
        if told not in whole:
            assert told[-1][0] == "Lost"
            assert told[:-1] == whole[0][: len(told) - 1]
        assert driver.opened == 1
        assert not driver.open


def play_into(
    driver: Driver, recording: Recording, cut: Callable[[bytes], Iterable[bytes]]
) -> None:
    """Play a recording to a driver of one's own; streams are open when the machine says so."""
    for entry in recording.entries:
        if entry[0] != "received":
            play(driver, recording, entry)
            continue
        for piece in cut(entry[1].encode()):
            if driver.open:
                driver.data(piece)


@every_single_call
def test_the_answer_to_a_call_may_come_after_any_of_its_messages(name: str) -> None:
    """On a stream that another call keeps open; and also after the stream has ended."""
    recording = RECORDINGS[name]
    join, answer = recording.entries[0], recording.entries[1]
    parts = messages("".join(e[1] for e in recording.entries if e[0] == "received").encode())
    for place in range(len(parts) + 1):
        driver = Driver(machine_for(recording))
        driver.join("other", 999)
        driver.name("other")
        driver.join("a", join[2], *join[3])
        for part in parts[:place]:
            driver.data(part)
        assert driver.told("a") == []
        if place == len(parts):
            driver.complete("other")
            driver.end()
        driver.answer("a", answer[2], answer[3])
        for part in parts[place:]:
            driver.data(part)
        assert driver.told("a") == recording.expected["a"]
        assert driver.opened == 1


@pytest.mark.parametrize(
    "name", [name for name in RECORDINGS if name.endswith(("two_functions", "one_function"))]
)
def test_two_calls_on_one_stream_may_come_in_any_order(name: str) -> None:
    """Every order of their messages that keeps each call's own is tried."""
    recording = RECORDINGS[name]
    data = "".join(entry[1] for entry in recording.entries if entry[0] == "received").encode()
    ids = {e[1]: e[3]["event_id"] for e in recording.entries if e[0] == "answer"}
    joins = {e[1]: e for e in recording.entries if e[0] == "join"}
    own = {call: [p for p in messages(data) if ids[call].encode() in p] for call in ids}
    total = len(own["a"]) + len(own["b"])
    for places in itertools.combinations(range(total), len(own["a"])):
        driver = Driver(machine_for(recording))
        for call in ("a", "b"):
            driver.join(call, joins[call][2], *joins[call][3])
            driver.name(call, ids[call])
        left = {call: iter(parts) for call, parts in own.items()}
        for place in range(total):
            driver.data(next(left["a" if place in places else "b"]))
        driver.end()
        matches(driver, recording)
