"""The queue of Gradio 4.9 and later, without a server: its rules, and random orders of things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gradioproxy.protocols import states
from gradioproxy.protocols.conversation import Invocation
from gradioproxy.protocols.events import (
    Cancelled,
    Completed,
    Failed,
    Lost,
    Oversized,
    Refused,
    Yielded,
)
from gradioproxy.protocols.machine import Close, Open, Post, Residue
from gradioproxy.protocols.settling import SettlingStream
from gradioproxy.protocols.sse_v1 import Multiplexed
from tests.support.machine_driver import Driver, Queue, message, talk

if TYPE_CHECKING:
    from gradioproxy.protocols.events import Event
    from gradioproxy.protocols.machine import Call

NEW, WITHOUT_QUEUED, OLD = (6, 31, 0), (5, 50, 0), (4, 29, 0)


def conversation(*calls: tuple[str, int], release: tuple[int, ...] = NEW) -> Driver:
    """Return a driver with calls that are named and have begun."""
    machine = Multiplexed(talk("hash", "/p", release), sends_edits=True)
    driver = Driver(machine)
    for call, function in calls:
        driver.join(call, function)
        driver.name(call)
        driver.say("process_starts", call, eta=None)
    return driver


def test_one_stream_serves_all_calls() -> None:
    """It is opened when the first is named, at the path of the session's hash."""
    machine = Multiplexed(talk("h", "/p", NEW), sends_edits=True)
    driver = Driver(machine)
    driver.join("a", 1)
    driver.join("b", 2)
    assert driver.opened == 0
    driver.name("a")
    assert driver.opened == 1
    driver.name("b")
    assert driver.opened == 1
    driver.complete("a", 1)
    driver.complete("b", 2)
    assert driver.events == {"a": [Completed((1,))], "b": [Completed((2,))]}
    assert machine.join("c", Invocation(1, "", [])) == [
        Post("c", "/p/queue/join", driver.sent[0].body)
    ]
    driver.end()
    assert driver.opened == 1
    assert machine._open_due_stream() == []


def test_the_stream_is_at_the_path_of_the_hash() -> None:
    machine = Multiplexed(talk("h", "/p", NEW), sends_edits=True)
    machine.join("a", Invocation(1, "", []))
    driver = Driver(machine)
    driver.events["a"] = []
    driver.posts["a", "call"] = Post("a", "", None)
    opened: list[Any] = []
    driver._take = opened.extend  # type: ignore[method-assign,assignment]
    driver.name("a")
    assert opened == [Open("/p/queue/data?session_hash=h", heartbeats=True)]


def test_a_call_that_came_too_late_for_the_stream_opens_the_next() -> None:
    """The server closes it for the calls that it knew; the new one's messages wait there."""
    driver = conversation(("a", 1))
    driver.join("b", 1)
    driver.complete("a")
    driver.name("b")
    driver.end()
    assert driver.opened == 2
    driver.complete("b", "x")
    driver.end()
    assert driver.events["b"] == [Completed(("x",))]
    assert driver.machine.calls == 0


LOST = Lost("The stream of events ended without a result.")


@pytest.mark.parametrize("release", [NEW, OLD, (4, 19, 2)])
def test_an_end_that_the_server_did_not_announce_loses_every_call(
    release: tuple[int, ...],
) -> None:
    """It may still hold the stream, and would give it a part of what the next one is to bring."""
    driver = conversation(("a", 1), ("b", 2), release=release)
    driver.join("c", 3)
    driver.say("progress", "b", progress_data=[])
    driver.break_off()
    assert [driver.events[call][-1] for call in "abc"] == [LOST] * 3
    assert (driver.closed, driver.opened) == (True, 1)
    assert driver.machine.residue is Residue.STREAM


def test_an_end_that_was_announced_under_a_call_loses_it() -> None:
    """What the server has spoken of, it has forgotten; what it has not, waits for the next."""
    driver = conversation(("a", 1))
    driver.join("b", 2)
    driver.name("b")
    driver.end()
    assert driver.events["a"][-1] == Lost("The server ended the stream without a result.")
    assert driver.opened == 2
    driver.complete("b")
    assert driver.events["b"] == [Completed(())]


def test_the_last_completion_announces_the_end_before_there_are_words_for_it() -> None:
    driver = conversation(("a", 1), release=(4, 19, 2))
    driver.join("b", 2)
    driver.name("b")
    driver.complete("a")
    driver.break_off()
    assert driver.opened == 2
    driver.complete("b")
    driver.break_off()
    assert driver.events["b"] == [Completed(())]
    assert (driver.closed, driver.machine.calls) == (False, 0)
    assert driver.machine.residue is Residue.NOTHING


def test_where_there_are_words_for_it_a_completion_announces_no_end() -> None:
    driver = conversation(("a", 1), release=(4, 22, 0))
    driver.join("b", 2)
    driver.name("b")
    driver.complete("a")
    driver.break_off()
    assert driver.events["b"][-1] == LOST
    assert driver.machine.residue is Residue.STREAM


def test_heartbeats_say_nothing_of_a_call() -> None:
    """One of which nothing was heard is lost with the second; others go on for ever."""
    driver = conversation(("a", 1))
    driver.join("b", 2)
    driver.name("b")
    driver.say("heartbeat", None)
    assert driver.events["b"] == []
    driver.say("heartbeat", None)
    assert driver.events["b"] == [Lost("The server lives, but says nothing of the call.")]
    for _ in range(10):
        driver.say("heartbeat", None)
    driver.complete("a")
    assert driver.events["a"][1:] == [Completed(())]
    # Of the lost one the server may still know.
    assert driver.machine.residue is Residue.STREAM


def test_streams_that_end_without_a_word_are_not_asked_for_for_ever() -> None:
    driver = conversation()
    driver.join("a", 1)
    driver.name("a")
    while driver.open and driver.opened < 10:
        driver.end()
    assert driver.opened == 3
    assert driver.events["a"] == [Lost("The server ended the stream without a result.")]
    assert driver.machine.residue is Residue.NOTHING


def test_nobody_joins_a_stream_over_which_the_server_failed() -> None:
    """It ends it; what it says of calls that it was not asked about yet comes with the next."""
    driver = conversation(("a", 1))
    driver.join("b", 2)
    driver.say("unexpected_error", None, message="Integer exceeds 64-bit range")
    assert driver.events["a"][-1] == Lost("Integer exceeds 64-bit range")
    assert (driver.closed, driver.machine.accepts) == (False, False)
    driver.name("b")
    driver.break_off()
    assert (driver.closed, driver.opened, driver.machine.accepts) == (False, 2, True)
    driver.say("unexpected_error", None)
    assert driver.events["b"] == [Lost("unexpected error")]
    assert driver.closed
    assert driver.machine.residue is Residue.NOTHING


@pytest.mark.parametrize(
    ("release", "end", "stale"),
    [
        ((6, 26, 0), "cancel", True),
        ((4, 19, 2), "cancel", True),
        ((6, 26, 0), "fail", True),
        ((6, 26, 0), "complete", False),
        ((6, 27, 0), "cancel", False),
    ],
)
def test_a_value_of_a_run_that_did_not_end_well_may_be_taken_for_anothers(
    release: tuple[int, ...], end: str, stale: bool
) -> None:
    driver = conversation(("a", 1), release=release)
    assert not driver.machine.stale
    driver.say("process_generating", "a", output={"data": ["x"]}, success=True)
    if end == "complete":
        driver.complete("a", "x")
    elif end == "fail":
        driver.say("process_completed", "a", output={"error": "boom"}, success=False)
    else:
        driver.cancel("a")
        if driver.open:
            driver.say("process_completed", "a", output={}, success=True)
    assert driver.machine.stale is stale


@pytest.mark.parametrize(("stale", "event"), [(True, Lost), (False, Yielded)])
def test_where_a_first_value_may_be_edits_no_edits_are_no_value(
    stale: bool, event: type[Event]
) -> None:
    """They may say that the value is the one that another run gave last."""
    driver = Driver(Multiplexed(talk("hash", "/p", (4, 19, 2)), sends_edits=True, stale=stale))
    driver.join("a", 1)
    driver.name("a")
    driver.say("process_generating", "a", output={"data": [[]]}, success=True)
    assert isinstance(driver.events["a"][-1], event)


def test_where_a_first_value_may_be_edits_whole_values_are_asked_for() -> None:
    """As soon as that can be asked for, from the call on that is the first to be harmed."""
    driver = conversation(("a", 1), release=(4, 20, 0))
    driver.say("process_generating", "a", output={"data": ["x"]}, success=True)
    driver.say("process_completed", "a", output={"error": "boom"}, success=False)
    driver.join("b", 1)
    assert driver.posts["b", "call"].body["simple_format"] is True
    driver.name("b")
    for value in ([["replace", [], "y"]], "z"):
        driver.say("process_generating", "b", output={"data": [value]}, success=True)
        assert driver.events["b"][-1] == Yielded((value,))


def test_a_call_that_was_posted_elsewhere_brings_edits() -> None:
    """Whatever would be asked for if it were posted here, and though it is attached twice."""
    conversing = talk("hash", "/p", (4, 20, 0))
    driver = Driver(Multiplexed(conversing, sends_edits=True, stale=True))
    driver.attach("a", 1, "e1")
    driver.attach("b", 1, "e1")
    assert driver.events["b"] == [Lost("The call is followed here already.")]
    for value in ("x", [["append", [], "y"]]):
        driver.say("process_generating", "e1", output={"data": [value]}, success=True)
    assert driver.events["a"] == [Yielded(("x",)), Yielded(("xy",))]


@pytest.mark.parametrize("given_up", [False, True])
def test_a_stream_on_which_nobody_waits_is_dropped_with_a_heartbeat(given_up: bool) -> None:
    """The server keeps it open for a call that was lost, or whose cancel it never confirms."""
    driver = conversation(("a", 1))
    if given_up:
        driver.cancel("a")
        driver.answer("a", 200, {"success": True}, "cancel")
    else:
        driver.complete("a")
    driver.say("heartbeat", None)
    assert driver.closed
    assert driver.machine.calls == 0
    assert driver.machine.residue is Residue.STREAM


def test_a_stream_is_to_end_when_all_of_its_calls_have() -> None:
    """And nobody joins then, as it may be broken if its end does not come."""
    driver = conversation(("a", 1), ("b", 2))
    driver.complete("a")
    assert (driver.machine.is_ending, driver.machine.accepts) == (False, True)
    driver.complete("b")
    assert (driver.machine.is_ending, driver.machine.accepts) == (True, False)
    driver.end()
    assert (driver.machine.is_ending, driver.machine.accepts) == (False, True)


def test_a_stream_is_to_end_when_the_server_knows_that_nobody_waits() -> None:
    driver = conversation(("a", 1))
    driver.cancel("a")
    assert (driver.machine.is_ending, driver.machine.accepts) == (False, True)
    driver.answer("a", 200, {"success": True}, "cancel")
    assert (driver.machine.is_ending, driver.machine.accepts) == (True, False)
    driver.drop()
    assert driver.told("a") == [["Started", None], ["Cancelled"]]
    assert driver.closed


def test_a_stream_is_not_to_end_for_a_call_that_the_server_was_not_told_of() -> None:
    """Before 6.14 a call that waits in the queue is cancelled when it begins."""
    driver = Driver(Multiplexed(talk("hash", "/p", (5, 50, 0)), sends_edits=True))
    for call in "ab":
        driver.join(call, 1)
        driver.name(call)
    driver.say("estimation", "a", rank=0, queue_size=2, rank_eta=None)
    driver.complete("b")
    driver.cancel("a")
    assert not driver.machine.is_ending


@pytest.mark.parametrize(("announced", "left"), [(False, Residue.STREAM), (True, Residue.NOTHING)])
def test_what_a_stream_leaves_behind_whose_end_does_not_come(
    announced: bool, left: Residue
) -> None:
    """Nothing if the server has said that it ends it; what is open then is between us."""
    driver = conversation(("a", 1))
    driver.complete("a")
    if announced:
        driver.say("close_stream", None)
    driver.drop()
    assert driver.closed
    assert driver.machine.residue is left


@pytest.mark.parametrize(
    ("release", "left"),
    [(NEW, Residue.NOTHING), ((4, 44, 1), Residue.NOTHING), (OLD, Residue.DROPPED)],
)
def test_what_is_left_behind(release: tuple[int, ...], left: Residue) -> None:
    """Nothing after calls that ended well, or were cancelled by a server that confirms it."""
    driver = Driver(Multiplexed(talk("hash", "/p", release), sends_edits=True))
    found = [driver.machine.residue]
    driver.join("a", 1)
    found.append(driver.machine.residue)
    driver.answer("a", 503, {"detail": "Queue is full."})
    found.append(driver.machine.residue)
    assert found == [Residue.NOTHING, Residue.STREAM, Residue.NOTHING]
    driver.join("b", 1)
    driver.name("b")
    driver.say("process_starts", "b")
    driver.cancel("b")
    if driver.open:
        driver.say("process_completed", "b", output={}, success=True)
        driver.end()
    assert driver.machine.residue is left


@pytest.mark.parametrize("release", [NEW, (4, 44, 1), OLD])
def test_a_stream_that_brings_nothing_is_dropped_with_the_last_call(
    release: tuple[int, ...],
) -> None:
    """It may be broken; and the post that cancels the call may have to wait for its time."""
    driver = Driver(Multiplexed(talk("hash", "/p", release), sends_edits=True))
    driver.join("a", 1)
    driver.name("a")
    driver.join("b", 2)
    driver.name("b")
    driver.cancel("a")
    assert driver.open
    driver.say("heartbeat", None)  # which is of no call
    steps: list[Any] = []
    driver._take = steps.extend  # type: ignore[method-assign,assignment]
    driver.cancel("b")
    kinds = [type(step) for step in steps]
    assert kinds.index(Close) < (kinds.index(Post) if Post in kinds else len(kinds))
    assert driver.machine.calls == 0


@pytest.mark.parametrize(
    ("release", "accepts"), [(NEW, True), ((5, 45, 0), False), ((4, 31, 0), False), (OLD, True)]
)
def test_no_call_joins_beside_one_that_is_being_cancelled_where_that_would_harm_it(
    release: tuple[int, ...], accepts: bool
) -> None:
    driver = conversation(("a", 1), release=release)
    assert driver.machine.accepts
    driver.cancel("a")
    assert driver.machine.accepts is accepts


def settled(*messages: bytes) -> list[bool]:
    """Return what is known after each of several pieces of a stream."""
    stream = SettlingStream(talk("hash", "/p", NEW))
    assert stream.open_again() == "/p/queue/data?session_hash=hash"
    return [stream.receive_data(piece) for piece in messages]


def test_a_server_that_refuses_a_stream_has_let_go_of_the_old_one() -> None:
    """Whatever else it sends is left of calls that were lost."""
    refusal = message("unexpected_error", None, message="404: Not Found", success=False)
    assert settled(refusal) == [True]
    assert settled(refusal[:20], refusal[20:]) == [False, True]
    left = message("process_completed", "a", output={"data": []})
    assert settled(message("heartbeat", None), left + refusal) == [False, True]
    assert settled(b": comment\n\n", b"data: no JSON\n\n", left) == [False, False, False]


@pytest.mark.parametrize("text", ["404: Not Found", "Server stopped unexpectedly."])
def test_an_unexpected_error_ends_every_call_that_the_server_knows(text: str) -> None:
    """A call that is not named yet goes on: the server may have taken it after that."""
    driver = conversation(("a", 1), ("b", 2))
    driver.join("c", 3)
    driver.say("unexpected_error", None, message=text, success=False)
    assert [driver.events[call][-1] for call in ("a", "b")] == [Lost(text), Lost(text)]
    driver.end()
    assert driver.opened == 1
    driver.name("c")
    assert driver.opened == 2
    driver.complete("c")
    assert driver.events["c"] == [Completed(())]


@pytest.mark.parametrize("text", [None, 3, ["x"]])
def test_an_unexpected_error_without_words_is_one(text: Any) -> None:
    driver = conversation(("a", 1))
    driver.say("unexpected_error", None, message=text)
    assert driver.events["a"][-1] == Lost("unexpected error")


def test_the_words_of_an_unexpected_error_are_made_fit_to_show() -> None:
    driver = conversation(("a", 1))
    driver.say("unexpected_error", None, message="\x1b[31m" + "x" * 10_000)
    event = driver.events["a"][-1]
    assert isinstance(event, Lost)
    assert event.message.startswith("[31mx")
    assert len(event.message) == 500


REFUSALS: list[tuple[int, Any, str]] = [
    (503, {"detail": "Queue is full. Max size is 1 and size is 1."}, "full"),
    (503, {"detail": "Queue is stopped."}, "fault"),
    (422, {"detail": [{"loc": ["body", "data"], "msg": "Field required"}]}, "invalid"),
    (401, {"detail": "Not authenticated"}, "login"),
    (429, "slow down", "limit"),
    (500, "Internal Server Error", "fault"),
    (200, None, "fault"),
    (200, "text", "fault"),
    (200, {}, "fault"),
    (200, {"event_id": None}, "fault"),
    (200, {"event_id": 3}, "fault"),
    (204, {"event_id": "a"}, "fault"),
    (0, None, "fault"),
]


@pytest.mark.parametrize(("status", "body", "reason"), REFUSALS)
def test_any_answer_that_names_no_call_refuses_it(status: int, body: Any, reason: str) -> None:
    driver = Driver(Multiplexed(talk("h", "", NEW), sends_edits=True))
    driver.join("a", 1)
    driver.answer("a", status, body)
    (event,) = driver.events["a"]
    assert isinstance(event, Refused)
    assert (event.reason, event.status) == (reason, status)
    assert not driver.open
    assert driver.machine.calls == 0


def test_a_name_that_another_call_has_is_none() -> None:
    driver = conversation(("a", 1))
    driver.join("b", 1)
    driver.name("b", "a")
    assert isinstance(driver.events["b"][-1], Refused)
    driver.complete("a")
    assert driver.events["a"][-1] == Completed(())


@pytest.mark.parametrize("last", [{}, {"data": ["late"]}])
def test_a_function_whose_inputs_are_streamed_is_over_with_its_first_value(last: Any) -> None:
    """It would wait for more, and told that there is none, run again; so it is cancelled."""
    driver = conversation(("a", 1))
    driver.say("process_streaming", "a", output={"data": ["x"]}, success=True)
    assert driver.events["a"][-2:] == [Yielded(("x",)), Completed(("x",))]
    assert driver.sent[-1] == Post(
        "a", "/p/cancel", {"session_hash": "hash", "fn_index": 1, "event_id": "a"}, "cancel"
    )
    driver.answer("a", 200, {"success": True}, "cancel")
    driver.say("process_streaming", "a", output={"data": ["y"]}, success=True)
    driver.say("process_completed", "a", output=last, success=True)
    assert driver.events["a"][-1] == Completed(("x",))
    driver.end()
    assert (driver.opened, driver.machine.calls) == (1, 0)


def test_a_streamed_value_of_a_call_that_was_given_up_is_none() -> None:
    driver = conversation(("a", 1))
    driver.cancel("a")
    driver.say("process_streaming", "a", output={"data": ["x"]}, success=True)
    driver.say("process_completed", "a", output={}, success=True)
    assert [type(event).__name__ for event in driver.events["a"]] == ["Started", "Cancelled"]


def test_answers_to_nothing_and_messages_of_nobody_are_passed_over() -> None:
    machine = Multiplexed(talk("h", "", NEW), sends_edits=True)
    driver = Driver(machine)
    assert machine.receive_data(message("process_starts", "a")) == []
    assert machine.receive_data("a text") == []
    assert machine.receive_end() == []
    assert machine.cancel("a") == []
    driver.posts["a", "call"] = Post("a", "", None)
    driver.name("a")
    assert not driver.open


def test_a_call_has_a_name_as_long_as_it_is_under_way() -> None:
    driver = Driver(Multiplexed(talk("h", "", NEW), sends_edits=True))
    machine = driver.machine
    driver.join("a", 1)
    assert (machine.event_id("a"), machine.calls) == (None, 1)
    driver.name("a", "id")
    assert (machine.event_id("a"), machine.calls) == ("id", 1)
    driver.say("process_completed", "id", output={"error": "x"}, success=False)
    assert (machine.event_id("a"), machine.calls) == (None, 0)
    assert driver.events["a"] == [Failed("x")]


def test_early_messages_are_forgotten_when_they_can_be_of_no_call() -> None:
    """Else a stream that goes on for weeks would fill the memory."""
    driver = conversation(("a", 1))
    machine = driver.machine
    assert isinstance(machine, Multiplexed)
    driver.say("log", "b", log="of nobody yet")
    assert len(machine._early) == 0
    driver.join("b", 1)
    driver.say("log", "b", log="early")
    driver.say("log", "c", log="of nobody")
    assert len(machine._early) == 2
    driver.name("b")
    assert len(machine._early) == 0
    assert driver.told("b") == [["Logged", "info", "early", None]]
    driver.join("c", 1)
    driver.say("log", "d", log="of nobody")
    driver.answer("c", 503, None)
    assert len(machine._early) == 0


@pytest.mark.parametrize("what", ["messages", "large messages", "bytes"])
def test_a_flood_ends_the_conversation(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Too many messages of nobody, or one without an end: every call is lost, and says why."""
    if what == "messages":
        monkeypatch.setattr(states, "MAX_EARLY", 10)
    machine = Multiplexed(talk("h", "", NEW)._replace(max_message=10_000), sends_edits=True)
    steps = [*machine.join("a", Invocation(1, "", [])), *machine.join("b", Invocation(2, "", []))]
    driver = Driver(machine)
    driver.events = {"a": [], "b": []}
    driver._functions = {"a": 1, "b": 2}
    driver.wanted = list  # type: ignore[method-assign]  # here the stream is dropped
    driver._take(steps)
    driver.name("a")
    size = 5000 if what == "large messages" else 1
    is_whole = what != "bytes"
    driver.data(message("log", "x", log="x" * size) * 100 if is_whole else b"x" * 100_000)
    assert driver.closed
    kind = Lost if is_whole else Oversized
    assert [type(driver.events[call][-1]) for call in ("a", "b")] == [kind, kind]
    assert machine.calls == 0
    driver.name("b")
    assert not driver.open


@pytest.mark.parametrize("early", [False, True])
def test_edits_that_come_all_at_once_and_make_much(early: bool) -> None:
    """Few bytes make many values, none of which is handed on before all were read."""
    machine = Multiplexed(talk("h", "", NEW)._replace(max_message=10_000), sends_edits=True)
    driver = Driver(machine)
    for number, call in enumerate("ab"):
        driver.join(call, number)
    driver.name("a")
    if not early:
        driver.name("b")
    value = message("process_generating", "b", output={"data": [[1] * 1000]}, success=True)
    edits = [[["add", [0], 1]]]
    edit = message("process_generating", "b", output={"data": edits}, success=True)
    driver.data(value + edit * 3)  # so many may be
    driver.data(edit * 3)
    if early:
        driver.name("b")
    else:
        driver.data(edit * 100)
    *values, end = driver.events["b"]
    assert isinstance(end, Oversized)
    assert end.maximum == 40_000
    assert 4 <= len(values) <= 12
    assert driver.open
    assert driver.events["a"] == []


# Giving up.


def cancel_of(call: str, function: int) -> Post:
    body = {"session_hash": "hash", "fn_index": function, "event_id": call}
    return Post(call, "/p/cancel", body, "cancel")


def test_a_call_that_is_given_up_is_cancelled_and_tells_only_its_end() -> None:
    driver = conversation(("a", 1))
    driver.cancel("a")
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}
    driver.say("process_generating", "a", output={"data": [1]}, success=True)
    driver.say("process_completed", "a", output={}, success=True)
    assert driver.events["a"][1:] == [Cancelled()]
    driver.answer("a", 200, {"success": True}, "cancel")
    driver.end()
    assert driver.machine.calls == 0


def test_giving_up_twice_or_too_late_does_nothing() -> None:
    driver = conversation(("a", 1), ("b", 2))
    driver.cancel("a")
    driver.cancel("a")
    driver.complete("b")
    driver.cancel("b")
    assert driver.sent[2:] == [cancel_of("a", 1)]


def test_a_result_that_was_on_its_way_is_the_end_too() -> None:
    driver = conversation(("a", 1))
    driver.cancel("a")
    driver.complete("a", "late")
    assert driver.events["a"][1:] == [Completed(("late",))]
    driver.end()
    assert not driver.open


FINALS: dict[str, dict[str, Any]] = {
    "result": {"output": {"data": []}, "success": True},
    "failure": {"output": {"error": None}, "success": False},
    "nonsense": {"output": None},
}


@pytest.mark.parametrize("end", FINALS)
def test_a_cancel_waits_for_the_other_calls_of_its_function(end: str) -> None:
    """However they end; those of other functions do not matter."""
    driver = conversation(("a", 1), ("b", 1), ("c", 2))
    driver.cancel("a")
    assert driver.posts == {}
    driver.say("process_completed", "c", output={"data": []}, success=True)
    assert driver.posts == {}
    driver.say("process_completed", "b", **FINALS[end])
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}


@pytest.mark.parametrize(("release", "waits"), [((5, 45, 0), True), ((5, 46, 0), False)])
def test_on_older_servers_a_cancel_waits_for_all_other_calls(
    release: tuple[int, ...], waits: bool
) -> None:
    """They drop the stream when a call ends in the moment in which it is cancelled."""
    driver = conversation(("a", 1), ("b", 2), release=release)
    driver.cancel("a")
    assert (driver.posts == {}) is waits
    driver.complete("b")
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}


def test_a_cancel_waits_for_a_call_that_is_only_joining() -> None:
    """It may be running by the time that the cancel arrives."""
    driver = conversation(("a", 1))
    driver.join("b", 1)
    driver.cancel("a")
    assert ("a", "cancel") not in driver.posts
    driver.answer("b", 503, {"detail": "Queue is full."})
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}


def test_calls_of_one_function_that_are_all_given_up_are_all_cancelled() -> None:
    driver = conversation(("a", 1), ("b", 1))
    driver.cancel("a")
    driver.cancel("b")
    assert driver.sent[2:] == [cancel_of("a", 1), cancel_of("b", 1)]


@pytest.mark.parametrize("status", [200, 500, 0])
def test_no_call_is_posted_while_a_cancel_of_its_function_is_under_way(status: int) -> None:
    """Others are; it follows when the cancel is answered, whatever the answer."""
    driver = conversation(("a", 1), ("keeps the stream", 3))
    driver.cancel("a")
    driver.join("b", 1, "data")
    driver.join("c", 2)
    assert [*driver.posts] == [("a", "cancel"), ("c", "call")]
    driver.say("process_completed", "a", output={}, success=True)
    assert ("b", "call") not in driver.posts
    driver.answer("a", status, None, "cancel")
    assert driver.posts["b", "call"].body["data"] == ["data"]
    driver.name("b")
    driver.complete("b")
    assert driver.events["b"] == [Completed(())]


def test_a_call_waits_for_every_cancel_of_its_function() -> None:
    driver = conversation(("a", 1), ("b", 1), ("keeps the stream", 3))
    driver.cancel("a")
    driver.cancel("b")
    driver.join("c", 1)
    driver.answer("a", 200, None, "cancel")
    assert ("c", "call") not in driver.posts
    driver.answer("b", 200, None, "cancel")
    assert ("c", "call") in driver.posts


def test_a_call_that_waits_for_a_cancel_and_is_given_up_is_never_posted() -> None:
    driver = conversation(("a", 1))
    driver.cancel("a")
    driver.join("b", 1)
    driver.cancel("b")
    assert driver.events["b"] == [Cancelled()]
    driver.answer("a", 200, None, "cancel")
    assert driver.posts == {}
    assert driver.machine.calls == 1


@pytest.mark.parametrize("release", [NEW, WITHOUT_QUEUED, OLD])
def test_a_call_that_is_given_up_before_it_has_a_name_is_ended_once_it_has(
    release: tuple[int, ...],
) -> None:
    """The stream is opened, so that the server sees somebody who leaves or takes its last word."""
    driver = Driver(Multiplexed(talk("hash", "/p", release), sends_edits=True))
    driver.join("a", 1)
    driver.cancel("a")
    driver.name("a")
    assert driver.opened == 1
    assert driver.posts == ({("a", "cancel"): cancel_of("a", 1)} if release == NEW else {})
    driver.say("estimation", "a", rank=0)
    if release == NEW:
        driver.say("process_completed", "a", output={}, success=True)
        driver.end()
    else:
        assert driver.closed
    assert not driver.open
    assert driver.events["a"] == [Cancelled()]
    assert driver.machine.calls == 0


def test_a_call_that_is_given_up_and_refused_leaves_nothing() -> None:
    driver = Driver(Multiplexed(talk("hash", "/p", NEW), sends_edits=True))
    driver.join("a", 1)
    driver.cancel("a")
    driver.answer("a", 503, None)
    assert driver.posts == {}
    assert driver.machine.calls == 0
    assert not driver.open


def queued(*, release: tuple[int, ...]) -> Driver:
    """Return a driver with a call that waits in the server's queue."""
    driver = conversation(release=release)
    driver.join("a", 1)
    driver.name("a")
    driver.say("estimation", "a", rank=1)
    return driver


def test_a_call_that_waits_in_the_queue_is_cancelled_there() -> None:
    driver = queued(release=NEW)
    driver.cancel("a")
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}
    assert driver.open


@pytest.mark.parametrize("release", [WITHOUT_QUEUED, (4, 31, 0), OLD])
def test_dropping_the_stream_takes_a_call_out_of_the_queue_of_older_servers(
    release: tuple[int, ...],
) -> None:
    """A cancel would only end what is told of it."""
    driver = queued(release=release)
    driver.cancel("a")
    assert driver.posts == {}
    assert driver.closed
    assert driver.events["a"][1:] == [Cancelled()]


@pytest.mark.parametrize("begins", ["process_starts", "process_generating"])
def test_in_company_a_queued_call_of_older_servers_is_cancelled_when_it_begins(
    begins: str,
) -> None:
    """Cancelled before, it would run all the same, and its result end the others' stream."""
    driver = queued(release=WITHOUT_QUEUED)
    driver.join("b", 2)
    driver.name("b")
    driver.cancel("a")
    driver.say("estimation", "a", rank=0)
    assert driver.posts == {}
    assert driver.open
    driver.say(begins, "a", output={"data": [1]})
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}
    driver.complete("b")
    assert driver.events["b"] == [Completed(())]


def test_in_company_that_leaves_the_stream_is_dropped() -> None:
    driver = queued(release=WITHOUT_QUEUED)
    driver.join("b", 2)
    driver.name("b")
    driver.cancel("a")
    driver.complete("b")
    assert driver.closed
    assert driver.machine.calls == 0


def test_without_cancel_a_call_is_reset_and_the_stream_dropped() -> None:
    """No completion comes after a reset."""
    driver = conversation(("a", 1), release=OLD)
    driver.cancel("a")
    assert driver.posts == {("a", "cancel"): Post("a", "/p/reset", {"event_id": "a"}, "cancel")}
    assert driver.closed
    assert driver.events["a"][1:] == [Cancelled()]
    driver.answer("a", 200, {"success": True}, "cancel")
    assert driver.machine.calls == 0


def test_without_cancel_the_stream_stays_as_long_as_it_is_wanted() -> None:
    """A reset is for one call, and so need not wait for others of its function."""
    driver = conversation(("a", 1), ("b", 1), release=OLD)
    driver.cancel("a")
    assert [*driver.posts] == [("a", "cancel")]
    assert driver.open
    driver.answer("a", 200, {"success": True}, "cancel")
    driver.complete("b")
    assert driver.events["b"][1:] == [Completed(())]
    assert driver.closed
    assert driver.events["a"][1:] == [Cancelled()]


@pytest.mark.parametrize("status", [500, 0])
def test_a_cancel_that_did_not_arrive_is_made_up_for_by_dropping_the_stream(status: int) -> None:
    """But not under another call."""
    driver = conversation(("a", 1), ("b", 2))
    driver.cancel("a")
    driver.answer("a", status, None, "cancel")
    assert driver.open
    driver.cancel("b")
    driver.answer("b", status, None, "cancel")
    assert driver.closed
    assert driver.machine.calls == 0


def test_a_cancel_that_did_not_arrive_is_tried_again_when_something_ends() -> None:
    """Where the stream is wanted by others."""
    driver = conversation(("a", 1), ("b", 2), ("c", 3))
    driver.cancel("a")
    driver.answer("a", 0, None, "cancel")
    assert driver.posts == {}
    driver.complete("b")
    assert driver.posts == {("a", "cancel"): cancel_of("a", 1)}
    assert driver.open


def test_a_stream_that_ends_is_not_opened_again_for_calls_that_were_cancelled() -> None:
    """The server would keep it open for ever."""
    driver = conversation(("a", 1), ("b", 2))
    driver.cancel("a")
    driver.complete("b")
    driver.end()
    assert not driver.open
    assert driver.events["a"][1:] == [Cancelled()]


def test_a_call_that_is_given_up_but_not_cancelled_can_still_be_lost() -> None:
    driver = conversation(("a", 1), ("b", 1))
    driver.cancel("a")
    driver.break_off()
    assert [type(driver.events[call][-1]) for call in ("a", "b")] == [Lost, Lost]
    assert driver.machine.calls == 0
    assert driver.posts == {}


# Random orders.

FUNCTIONS = st.integers(0, 2)
PICK = st.integers(0, 1000)


class Conversations(RuleBasedStateMachine):
    """A machine and the model of a server, with everything between them late or out of order."""

    @initialize(release=st.sampled_from([NEW, (5, 46, 0), (4, 44, 1), OLD]))
    def begin(self, release: tuple[int, ...]) -> None:
        """Begin a conversation, of some version."""
        self.driver = Driver(Multiplexed(talk("h", "", release), sends_edits=True))
        self.queue = Queue(release)
        self.requests: list[tuple[Call, str]] = []
        self.answers: list[tuple[Call, str, int, Any]] = []
        self.names: dict[str, Call] = {}
        self.count = 0

    def _settle(self) -> None:
        """See what was posted and dropped, and that nobody was harmed by it."""
        known = {*self.requests, *(answer[:2] for answer in self.answers)}
        self.requests += [key for key in self.driver.posts if key not in known]
        wanted = self.driver.wanted()
        for event_id in self.queue.killed:
            assert self.names[event_id] not in wanted

    @precondition(lambda self: not self.driver.closed)
    @rule(function=FUNCTIONS)
    def join(self, function: int) -> None:
        """Start a call."""
        self.driver.join(self.count, function)
        self.count += 1
        self._settle()

    @precondition(lambda self: self.driver.wanted())
    @rule(pick=PICK)
    def give_up(self, pick: int) -> None:
        """Give a call up."""
        wanted = self.driver.wanted()
        self.driver.cancel(wanted[pick % len(wanted)])
        self._settle()

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def arrive(self, pick: int) -> None:
        """Let a post arrive."""
        call, purpose = key = self.requests.pop(pick % len(self.requests))
        status, body = self.queue.post(self.driver.posts[key])
        if purpose == "call":
            self.names[body["event_id"]] = call
        self.answers.append((call, purpose, status, body))
        self._settle()

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def get_lost(self, pick: int) -> None:
        """Let a post get lost."""
        call, purpose = self.requests.pop(pick % len(self.requests))
        self.answers.append((call, purpose, 0, None))

    @precondition(lambda self: self.answers)
    @rule(pick=PICK)
    def answer(self, pick: int) -> None:
        """Let an answer arrive."""
        call, purpose, status, body = self.answers.pop(pick % len(self.answers))
        self.driver.answer(call, status, body, purpose)
        self._settle()

    @precondition(lambda self: self.queue.calls)
    @rule(pick=PICK, what=st.sampled_from(["yield", "return", "fail"]))
    def advance(self, pick: int, what: str) -> None:
        """Let the server go on with a call."""
        self.queue.advance([*self.queue.calls][pick % len(self.queue.calls)], what)

    @precondition(lambda self: self.driver.open)
    @rule(count=st.integers(1, 5))
    def read(self, count: int) -> None:
        """Read what the stream brings."""
        for _ in range(count):
            if self.driver.open:
                data = self.queue.read()
                if data is None:
                    self.driver.break_off()
                elif data:
                    self.driver.data(data)
                self._settle()

    @precondition(lambda self: self.driver.closed)
    @rule()
    def notice(self) -> None:
        """Let the server notice that the stream was dropped."""
        self.queue.drop()
        self._settle()

    def teardown(self) -> None:
        """Let everything come to its end: no call hangs, none is lost, and nothing is left."""
        if not hasattr(self, "driver"):
            return
        for _ in range(1000):
            if self.requests:
                self.arrive(0)
            elif self.answers:
                self.answer(0)
            else:
                for event_id in self.queue.calls:
                    self.queue.advance(event_id, "return")
                if not self.driver.open:
                    break
                self.read(1)
        assert self.driver.posts == {}
        assert self.driver.wanted() == []
        assert self.driver.machine.calls == 0
        assert not self.driver.open
        for call, events in self.driver.events.items():
            assert not isinstance(events[-1], Lost)
            if call not in self.driver._given_up:
                assert isinstance(events[-1], Completed | Failed | Refused)
            yields = [event.data for event in events if isinstance(event, Yielded)]
            assert yields == [(number,) for number in range(1, len(yields) + 1)]


TestConversations = Conversations.TestCase
TestConversations.settings = settings(deadline=None, max_examples=100, stateful_step_count=40)


def test_half_a_message_loses_its_call_alone() -> None:
    driver = conversation(("a", 1), ("b", 2))
    driver.data(b'data: {"msg": "process_generating", "event_id": "a", "output": {"da\n\n')
    assert isinstance(driver.events["a"][-1], Lost)
    driver.complete("b", 2)
    assert driver.events["b"][-1] == Completed((2,))


@pytest.mark.parametrize("data", ["<html>", '{"msg": "damaged", "event_id": [1]}', '{"event_id": '])
def test_a_message_that_may_be_of_any_call_loses_all(data: str) -> None:
    driver = conversation(("a", 1), ("b", 2))
    driver.data(f"data: {data}\n\n".encode())
    assert [isinstance(driver.events[call][-1], Lost) for call in "ab"] == [True, True]
    assert driver.closed


HALF = b'data: {"msg": "process_generating", "event_id": "%s", "output": {"da\n\n'


def test_what_comes_of_a_call_that_is_over_harms_no_other() -> None:
    """A generator that yields what can't be read says it once more at its end."""
    driver = conversation(("a", 1), ("b", 2))
    for _ in range(3):
        driver.data(HALF % b"a")
    assert len(driver.events["a"]) == 2
    assert isinstance(driver.events["a"][-1], Lost)
    driver.complete("b", 2)
    assert driver.events["b"][-1] == Completed((2,))


def test_half_a_message_of_a_call_without_a_name_is_kept_for_it() -> None:
    driver = conversation(("a", 1))
    driver.join("b", 2)
    driver.data(HALF % b"b")
    assert driver.events["b"] == []
    driver.name("b")
    assert isinstance(driver.events["b"][-1], Lost)
    driver.complete("a", 1)
    assert driver.events["a"][-1] == Completed((1,))


def test_a_message_that_can_not_be_read_loses_its_call_alone() -> None:
    """It can be the value of which the next are edits, so that it can't be left out."""
    driver = conversation(("a", 1), ("b", 2))
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = message("process_generating", "a", output={"data": ["DEEP"]}, success=True)
    driver.data(whole.replace(b'"DEEP"', deep))
    driver.complete("b", 2)
    assert isinstance(driver.events["a"][-1], Lost)
    assert "nested too deeply" in str(driver.events["a"][-1])
    assert driver.events["b"][-1] == Completed((2,))
