"""What holds for every machine of one call, whatever its server does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.protocols.direct import Direct
from gradioproxy.protocols.simple import Simple
from gradioproxy.protocols.single_call import parsed
from gradioproxy.protocols.sse import Sse
from gradioproxy.protocols.websocket import Websocket
from tests.recordings.lone import HASH
from tests.replaying import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.protocols.machine import Machine

RELEASES = ((3, 16, 2), (4, 0, 2), (4, 8, 0), (4, 44, 1), (6, 31, 0))
KINDS = (
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
MACHINES: dict[str, Callable[[tuple[int, ...]], Machine]] = {
    "websocket": lambda release: Websocket(HASH, "", release, fresh=False),
    "sse": lambda release: Sse(HASH, "", release),
    "simple": lambda release: Simple(HASH, "", release),
    "direct": lambda release: Direct(HASH, "", release, edits=release > (4, 17)),
    "batch": lambda release: Direct(HASH, "", release, batch=True),
}

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
    {"msg": st.sampled_from(KINDS)},
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


@pytest.mark.parametrize("kind", MACHINES)
@given(release=st.sampled_from(RELEASES), happenings=st.lists(happenings, max_size=12))
def test_whatever_comes_a_call_ends_once(
    kind: str, release: tuple[int, ...], happenings: list[tuple[str, Any]]
) -> None:
    """Nothing raises, nothing follows the end, and there is one when nothing more can come."""
    player = Replay(MACHINES[kind](release))
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


@pytest.mark.parametrize("kind", MACHINES)
def test_a_machine_takes_one_call(kind: str) -> None:
    machine = MACHINES[kind]((4, 44, 1))
    assert machine.shared is False
    assert machine.calls == 0
    assert machine.event_id("a") is None
    machine.join("a", 3, "/name", [])
    assert machine.calls == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"msg": "x"}', {"msg": "x"}),
        (b'{"msg": "x"}', {"msg": "x"}),
        ("[1]", {}),
        ("", {}),
        (b"\xff", {}),
        ("[" * 100_000, {}),
    ],
)
def test_a_text_that_is_no_object_says_nothing(text: str | bytes, message: dict[str, Any]) -> None:
    assert parsed(text) == message
