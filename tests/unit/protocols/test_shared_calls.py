"""Recorded conversations of many calls on one stream: what holds besides `test_conformance`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from gradioproxy.protocols.events import Lost
from gradioproxy.protocols.machine import Post
from tests.support.machine_driver import Driver
from tests.support.recording import HASH, recordings
from tests.support.replay import messages_of, replay_shared, shared_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@every_recording
def test_what_is_posted(name: str) -> None:
    recording = RECORDINGS[name]
    driver = replay_shared(recording, shared_machine(recording))
    joined = [entry[1:] for entry in recording.entries if entry[0] == "join"]
    who = {"session_hash": HASH, "event_data": None, "trigger_id": None}
    path = f"{recording.prefix}/queue/join"
    posts = [post for post in driver.sent if post.purpose == "call"]
    assert posts[len(posts) - len(joined) :] == [
        Post(call, path, {"data": data, "fn_index": function, **who})
        for call, function, data in joined
    ]


FOREIGN = [
    b'data: {"msg": "process_completed", "event_id": "of nobody", "output": {"data": [1]}}\n\n',
    b'data: {"msg": "log", "event_id": ["x"], "log": "x"}\n\n',
]


@every_recording
def test_messages_of_other_calls_change_nothing(name: str) -> None:
    recording = RECORDINGS[name]

    def among_others(_: int, messages: list[bytes]) -> Iterator[bytes]:
        for message in messages:
            yield from FOREIGN
            yield message

    driver = replay_shared(recording, shared_machine(recording), among_others)
    assert {str(call): driver.told(call) for call in driver.events} == recording.expected


@every_single_call
def test_a_call_without_its_last_message_is_lost(name: str) -> None:
    """Once the stream was opened again in vain."""
    recording = RECORDINGS[name]

    def without_the_last(_: int, messages: list[bytes]) -> list[bytes]:
        return [each for each in messages if b"process_completed" not in each]

    driver = replay_shared(recording, shared_machine(recording), without_the_last)
    for _ in range(3):
        if driver.open:
            driver.break_off()
    assert isinstance(driver.events["a"][-1], Lost)


@every_single_call
def test_a_stream_that_ends_early_is_not_opened_again(name: str) -> None:
    """Between any two messages: whatever comes after that is not known to be all that there was."""
    recording = RECORDINGS[name]
    for number in range(1, len(messages_of(recording))):

        def cut_off(first: int, messages: list[bytes], number: int = number) -> list[bytes]:
            return messages[: max(0, number - first)]

        driver = replay_shared(recording, shared_machine(recording), cut_off)
        if driver.open:
            driver.break_off()
        assert (driver.opened, driver.open) == (1, False)


@every_single_call
def test_the_answer_to_a_call_may_come_after_any_of_its_messages(name: str) -> None:
    """On a stream that another call keeps open; and also after the stream has ended."""
    recording = RECORDINGS[name]
    join, answer = recording.entries[0], recording.entries[1]
    parts = messages_of(recording)
    for place in range(len(parts) + 1):
        driver = Driver(shared_machine(recording))
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
    ids = {e[1]: e[3]["event_id"] for e in recording.entries if e[0] == "answer"}
    joins = {e[1]: e for e in recording.entries if e[0] == "join"}
    own = {call: [p for p in messages_of(recording) if ids[call].encode() in p] for call in ids}
    total = len(own["a"]) + len(own["b"])
    for places in itertools.combinations(range(total), len(own["a"])):
        driver = Driver(shared_machine(recording))
        for call in ("a", "b"):
            driver.join(call, joins[call][2], *joins[call][3])
            driver.name(call, ids[call])
        left = {call: iter(parts) for call, parts in own.items()}
        for place in range(total):
            driver.data(next(left["a" if place in places else "b"]))
        driver.end()
        assert {call: driver.told(call) for call in ids} == recording.expected
        assert (driver.machine.calls, driver.open) == (0, False)
