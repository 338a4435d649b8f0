"""What every machine owes who drives it: the rules of `protocols.machine`, each tried on each.

Rule: a protocol gets these tests by a line of `KINDS`. What it alone does is tested beside it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.protocols.conversation import Conversation, Invocation
from gradioproxy.protocols.direct import Direct
from gradioproxy.protocols.machine import Report
from gradioproxy.protocols.simple import Simple
from gradioproxy.protocols.sse import Sse
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.protocols.websocket import Websocket
from tests.support import recording as recordings
from tests.support.machine_driver import talk
from tests.support.recording import lone
from tests.support.recording.lone import HASH
from tests.support.replay import (
    CALL,
    Replay,
    messages_of,
    replay,
    replay_shared,
    shared_machine,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.protocols.machine import Machine
    from tests.support.machine_driver import Driver

EDITS = (4, 17)


class Kind(NamedTuple):
    """A machine: what makes one for a recording or a release, and the recordings."""

    make: Callable[[Any], Machine]
    fresh: Callable[[tuple[int, ...]], Machine]
    recordings: dict[str, Any]


def make_direct(recording: lone.Recording) -> Machine:
    edits, batch = recording.release >= EDITS, recording.endpoint == "batch"
    return Direct(talk(HASH, recording.prefix, recording.release), sends_edits=edits, batch=batch)


KINDS = {
    "websocket": Kind(
        lambda recording: Websocket(talk(HASH, recording.prefix, recording.release)),
        lambda release: Websocket(talk(HASH, "", release), fresh=False),
        lone.recordings("websocket"),
    ),
    "sse": Kind(
        lambda recording: Sse(talk(HASH, recording.prefix, recording.release)),
        lambda release: Sse(talk(HASH, "", release)),
        lone.recordings("sse"),
    ),
    "simple": Kind(
        lambda recording: Simple(talk(HASH, recording.prefix, recording.release)),
        lambda release: Simple(talk(HASH, "", release)),
        lone.recordings("simple"),
    ),
    "direct": Kind(
        make_direct,
        lambda release: Direct(talk(HASH, "", release), sends_edits=release > EDITS),
        lone.recordings("direct"),
    ),
    "batch": Kind(make_direct, lambda release: Direct(talk(HASH, "", release), batch=True), {}),
    "sse_v1": Kind(
        shared_machine,
        lambda release: Multiplexed(talk(HASH, "", release), sends_edits=release > EDITS),
        {f"{each.version} {each.name}": each for each in recordings.recordings()},
    ),
}
RECORDED = [(kind, name) for kind, (_, _, recorded) in KINDS.items() for name in recorded]
SAYING = [  # where more comes than answers
    (kind, name) for kind, name in RECORDED if messages_of(KINDS[kind].recordings[name])
]
STREAMED = [pair for pair in SAYING if pair[0] != "websocket"]

every_recording = pytest.mark.parametrize(("kind", "name"), RECORDED)
every_saying = pytest.mark.parametrize(("kind", "name"), SAYING)
every_stream = pytest.mark.parametrize(("kind", "name"), STREAMED)
every_kind = pytest.mark.parametrize("kind", KINDS)


def play(
    kind: str, name: str, alter: Callable[[int, list[Any]], Any] = together, lost: int | None = None
) -> Replay | Driver:
    """Play a recording to a new machine."""
    recording = KINDS[kind].recordings[name]
    machine = KINDS[kind].make(recording)
    if kind == "sse_v1":
        return replay_shared(recording, machine, alter, lost)
    return replay(recording, machine, alter, lost)


def told(player: Replay | Driver) -> dict[str, list[list[Any]]]:
    """Return what was reported of each call."""
    if isinstance(player, Replay):
        return {CALL: player.told}
    return {str(call): player.told(call) for call in player.events}


def expected(kind: str, name: str) -> dict[str, list[list[Any]]]:
    """Return what a recording says is to be reported."""
    events = KINDS[kind].recordings[name].expected
    return events if isinstance(events, dict) else {CALL: events}


def finish(player: Replay | Driver) -> None:
    """Let nothing more come, and see that every call has come to its end."""
    if isinstance(player, Replay):
        while player.unanswered:
            player.answer(0, None)
        player.end()
        assert player.over
    else:
        for call, purpose in list(player.posts):
            player.answer(call, 0, None, purpose)
        for _ in range(3):  # a stream is not opened for ever
            if player.open:
                player.break_off()
        assert not player.open
        assert all(map(player.over, player.events))
    assert player.machine.calls == 0


def posted(player: Replay | Driver) -> list[Any]:
    """Return what was posted and sent for a call."""
    if isinstance(player, Replay):
        return [entry for entry in player.done if entry[0] in {"posted", "sent"}]
    return [post for post in player.sent if post.purpose == "call"]


@every_recording
def test_a_recorded_conversation_reports_what_happened(kind: str, name: str) -> None:
    """And does what was done to record it, in this order."""
    player = play(kind, name)
    assert told(player) == expected(kind, name)
    assert player.machine.calls == 0
    if isinstance(player, Replay):
        assert player.done == KINDS[kind].recordings[name].done


@every_stream
def test_it_does_not_matter_where_the_stream_is_cut(kind: str, name: str) -> None:
    """Each byte alone; and in two, at every place of what is short, and at some of the rest."""

    def in_bytes(_: int, messages: list[bytes]) -> Iterator[bytes]:
        for byte in b"".join(messages):
            yield bytes([byte])

    assert told(play(kind, name, in_bytes)) == expected(kind, name)
    size = sum(map(len, messages_of(KINDS[kind].recordings[name])))
    for place in range(0, size, 1 if size < 500 else 307):

        def in_two(_: int, messages: list[bytes], place: int = place) -> list[bytes]:
            data = b"".join(messages)
            return [data[:place], data[place:]]

        assert told(play(kind, name, in_two)) == expected(kind, name)


@every_stream
def test_line_ends_of_other_servers_and_proxies_do_no_harm(kind: str, name: str) -> None:
    def with_crlf(first: int, messages: list[bytes]) -> Iterator[bytes]:
        mark = b"" if first else b"\xef\xbb\xbf"  # which belongs at the beginning of a stream
        yield mark + b": comment\r\n\r\n" + b"".join(messages).replace(b"\n", b"\r\n")

    def with_cr(_: int, messages: list[bytes]) -> Iterator[bytes]:
        yield b"".join(messages).replace(b"\n", b"\r")

    for alter in (with_crlf, with_cr):
        assert told(play(kind, name, alter)) == expected(kind, name)


TEXTS = [
    '{"msg": "process_dreams", "event_id": null, "output": 1}',
    '{"msg": "heartbeat_of_later"}',
    "{}",
    '{"msg": 3}',
    '{"msg": ["send_data"]}',
    "null",
    " ",
    "",
]
DAMAGED = ['{"ms', "[1, 2]", "1", '"send_data"', "<html>", "\ufffd", "[" * 100_000]
HARMLESS = [
    *(f"data: {text}\n\n".encode() for text in TEXTS),
    b'event: of_a_later_version\ndata: ["x"]\n\n',
    b"event: heartbeat\ndata: null\n\n",
    b"data\n\n",
    b": comment\n\n",
    b"id: 1\nretry: 5\n\n",
]


@every_saying
def test_what_means_nothing_changes_nothing(kind: str, name: str) -> None:
    """Unknown messages are passed over, wherever they come."""

    def with_noise(_: int, messages: list[Any]) -> Iterator[Any]:
        for message in messages:
            yield from HARMLESS if isinstance(message, bytes) else TEXTS
            yield "a text, which no stream has" if isinstance(message, bytes) else b"\xff"
            yield message

    player = play(kind, name, with_noise)
    assert told(player) == expected(kind, name)


@every_saying
def test_a_message_that_comes_twice_is_answered_once_and_ends_no_call_twice(
    kind: str, name: str
) -> None:
    """What an edit that is made twice leads to is no matter, as long as the call ends."""
    for number in range(len(messages_of(KINDS[kind].recordings[name]))):

        def doubled(first: int, messages: list[Any], number: int = number) -> Iterator[Any]:
            for place, message in enumerate(messages, first):
                yield from [message] * (2 if place == number else 1)

        player = play(kind, name, doubled)
        finish(player)
        assert posted(player) == posted(play(kind, name))


@every_saying
def test_a_call_whose_messages_are_missing_ends_all_the_same(kind: str, name: str) -> None:
    """Whichever it is, with the end of the stream or socket at the latest."""
    for number in range(len(messages_of(KINDS[kind].recordings[name]))):

        def thinned(first: int, messages: list[Any], number: int = number) -> Iterator[Any]:
            return (m for place, m in enumerate(messages, first) if place != number)

        finish(play(kind, name, thinned))


@pytest.mark.parametrize(("kind", "name"), [pair for pair in SAYING if pair[0] != "simple"])
@pytest.mark.parametrize("text", [*DAMAGED, b"\xff\xfe"], ids=repr)
def test_what_can_not_be_read_loses_the_call(kind: str, name: str, text: str | bytes) -> None:
    """It may have been a value. What was reported until then is right."""
    content = text if isinstance(text, bytes) else text.encode()
    for number in range(len(messages_of(KINDS[kind].recordings[name]))):

        def damaged(first: int, messages: list[Any], number: int = number) -> Iterator[Any]:
            for place, message in enumerate(messages, first):
                if place == number:
                    is_event = isinstance(message, bytes)
                    yield b"data: " + content + b"\n\n" if is_event else content.decode("latin-1")
                yield message

        player = play(kind, name, damaged)
        finish(player)
        for call, events in told(player).items():
            whole = expected(kind, name)[call]
            assert events == whole or events[-1][0] in {"Lost", "Cancelled"}
            assert events[:-1] == whole[: len(events) - 1]


@every_saying
def test_an_end_at_any_place_ends_the_call(kind: str, name: str) -> None:
    """What was reported until then is right; whoever has no result is told that it was lost."""
    for number in range(len(messages_of(KINDS[kind].recordings[name]))):

        def cut_off(first: int, messages: list[Any], number: int = number) -> list[Any]:
            return messages[: max(0, number - first)]

        player = play(kind, name, cut_off)
        finish(player)
        for call, events in told(player).items():
            whole = expected(kind, name)[call]
            assert events == whole or events[-1][0] in {"Lost", whole[-1][0]}
            assert events[:-1] == whole[: len(events) - 1]


@every_recording
def test_no_answer_at_any_place_ends_the_call(kind: str, name: str) -> None:
    answers = sum(entry[0] == "answer" for entry in KINDS[kind].recordings[name].entries)
    for lost in range(answers):
        finish(play(kind, name, lost=lost))


@every_saying
def test_what_comes_with_the_end_and_after_it_does_not_count(kind: str, name: str) -> None:
    """Also in the same piece of a stream."""
    recording = KINDS[kind].recordings[name]
    total = len(messages_of(recording))
    if ["cancel", CALL] in recording.entries:
        return  # the end is not the server's

    def repeated(first: int, messages: list[Any]) -> list[Any]:
        return together(first, messages * (2 if first + len(messages) == total else 1))

    assert told(play(kind, name, repeated)) == expected(kind, name)


@every_recording
def test_after_the_end_nothing_counts(kind: str, name: str) -> None:
    """Whatever comes once more, and whoever cancels, nothing is reported."""
    player = play(kind, name)
    finish(player)
    machine = player.machine
    steps = [step for call in told(player) for step in machine.cancel(call)]
    for message in messages_of(KINDS[kind].recordings[name]):
        steps += machine.receive_data(message)
    steps += machine.receive_end()
    assert [step for step in steps if isinstance(step, Report)] == []
    assert machine.calls == 0


@every_saying
def test_cancelling_a_call_of_another_machine_does_nothing(kind: str, name: str) -> None:
    steps: list[Any] = []
    recording = KINDS[kind].recordings[name]
    machine = KINDS[kind].make(recording)

    def with_cancels(_: int, messages: list[Any]) -> Iterator[Any]:
        for message in messages:
            steps.extend(machine.cancel("another"))
            yield message

    player = (replay_shared if kind == "sse_v1" else replay)(recording, machine, with_cancels)
    assert steps == []
    assert told(player) == expected(kind, name)


@every_stream
def test_an_event_that_is_too_large_loses_the_call(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    """And ends the conversation."""
    monkeypatch.setattr(Conversation.__new__, "__defaults__", (10_000,))

    def flooded(first: int, messages: list[bytes]) -> list[bytes]:
        return messages if first else [b"data: " + b"x" * 20_000]

    player = play(kind, name, flooded)
    assert player.closed
    ends = [events[-1] for events in told(player).values() if events]
    assert [end[0] for end in ends] == ["Oversized"] * len(ends)
    assert all("a message of more than 10,000 bytes" in end[1] for end in ends)
    assert any(told(player).values())
    finish(player)


@every_kind
def test_a_machine_counts_the_calls_under_way(kind: str) -> None:
    machine = KINDS[kind].fresh((4, 44, 1))
    assert machine.accepts
    assert (machine.calls, machine.event_id(CALL)) == (0, None)
    machine.join(CALL, Invocation(3, "/name", []))
    assert (machine.calls, machine.event_id(CALL)) == (1, None)
    assert not machine.is_ending
    assert machine.shared is machine.accepts is (kind == "sse_v1")


RELEASES = ((3, 16, 2), (4, 0, 2), (4, 8, 0), (4, 44, 1), (6, 31, 0))
WORDS = (
    "send_hash",
    "send_data",
    "estimation",
    "process_starts",
    "progress",
    "log",
    "process_generating",
    "process_completed",
    "queue_full",
    "heartbeat",
    "unexpected_error",
)
EVENTS = ("generating", "complete", "error", "heartbeat", "message")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
outputs = values | st.fixed_dictionaries(
    {"data": values | st.lists(values, max_size=2)},
    optional={"is_generating": values, "error": values, "event_id": values},
)
messages = values | st.fixed_dictionaries(
    {"msg": st.sampled_from(WORDS)},
    optional={
        "event_id": values,
        "output": outputs,
        "success": st.booleans() | values,
        "progress_data": values | st.lists(values, max_size=2),
        "log": values,
    },
)
answers = st.tuples(
    st.sampled_from([0, 200, 200, 401, 404, 422, 500, 503]),
    outputs | st.fixed_dictionaries({"event_id": st.text(max_size=5)}) | st.text(max_size=5),
)
happenings = st.one_of(
    st.tuples(st.just("message"), messages),
    st.tuples(st.just("event"), st.tuples(st.sampled_from(EVENTS), outputs)),
    st.tuples(st.just("bytes"), st.binary(max_size=20)),
    st.tuples(st.just("answer"), answers),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("end"), st.none()),
)


@every_kind
@given(release=st.sampled_from(RELEASES), happenings=st.lists(happenings, max_size=12))
def test_whatever_comes_a_call_ends_once(
    kind: str, release: tuple[int, ...], happenings: list[tuple[str, Any]]
) -> None:
    """Nothing raises, nothing follows the end, and there is one when nothing more can come."""
    player = Replay(KINDS[kind].fresh(release))
    player.join(data=["x"])
    for what, value in happenings:
        happen(player, what, value)
    while player.unanswered:
        player.answer(0, None)
    player.end()
    assert player.over
    assert player.machine.calls == 0


def happen(player: Replay, what: str, value: Any) -> None:
    """Let a machine know of something."""
    match what:
        case "message":
            text = json.dumps(value)
            player.data(text, f"data: {text}\n\n".encode())
        case "event":
            player.data(f"event: {value[0]}\ndata: {json.dumps(value[1])}\n\n".encode())
        case "bytes":
            player.data(value)
        case "answer" if player.unanswered:
            player.answer(*value)
        case "cancel":
            player.cancel()
        case "end":
            player.end()
