"""Direct calls, without a server: recordings, and what a server might answer instead."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.protocols.direct import Direct
from gradioproxy.protocols.machine import Residue
from tests.support.machine_driver import talk
from tests.support.recording.lone import HASH, RUN
from tests.support.replay import Replay

WHO = {"session_hash": HASH, "fn_index": 3}
VALUE = {"data": ["x"], "is_generating": True}
ERROR = {"error": "'boom'"}
SERVER_FAULT = (500, "Internal Server Error")

STOPS: list[tuple[tuple[int, ...], list[Any]]] = [
    ((3, 50, 2), ["posted", "/reset", WHO]),
    ((4, 8, 0), ["posted", "/reset", {"event_id": RUN}]),
    ((4, 31), ["posted", "/cancel", {**WHO, "session_hash": RUN, "event_id": RUN}]),
]

every_stop = pytest.mark.parametrize(("release", "stop"), STOPS)


def posted(release: tuple[int, ...] = (3, 50, 2), *, batch: bool = False) -> Replay:
    """Return a call that was posted."""
    player = Replay(Direct(talk(HASH, "", release), batch=batch))
    player.join(data=["a", 1])
    player.done.clear()
    return player


def yielded(release: tuple[int, ...] = (3, 50, 2)) -> Replay:
    """Return a call that has a value and waits for the next."""
    player = posted(release)
    player.answer(200, VALUE)
    player.done.clear()
    player.events.clear()
    return player


@pytest.mark.parametrize(
    ("release", "generator", "event_id"),
    [
        ((3, 16, 2), True, {}),
        ((4, 8, 0), True, {"event_id": RUN}),
        ((4, 8, 0), False, {}),
        ((6,), True, {}),
    ],
)
def test_what_is_posted(
    release: tuple[int, ...], generator: bool, event_id: dict[str, str]
) -> None:
    """Nothing limits the time until the answer, which is the result.

    Servers of Gradio 4 and 5 keep every name of a run that they are told, for ever.
    """
    player = Replay(Direct(talk(HASH, "/prefix", release), generator=generator))
    player.join(data=["a", 1])
    body = {"data": ["a", 1], **WHO, "event_data": None, **event_id}
    assert player.done == [["posted", "/prefix/run/predict", body]]
    assert player.unanswered[0].patient
    assert player.unanswered[0].purpose == "call"


def test_every_run_has_a_name_of_its_own() -> None:
    names = set()
    for _ in range(9):
        player = posted((4,))
        names.add(player.unanswered[0].body["event_id"])
    assert len(names) == 9


def test_a_generator_is_continued_by_the_same_post() -> None:
    """Which must not be taken for the beginning of a call."""
    player = posted()
    first = player.unanswered[0]
    player.answer(200, VALUE)
    (second,) = player.unanswered
    assert second.body == first.body
    assert second.purpose == "continue"


@pytest.mark.parametrize("last", [[None], ["x"], ["y"], "no list", None])
def test_the_answer_that_ends_a_generator_has_no_value(last: object) -> None:
    player = yielded()
    player.answer(200, {"data": last, "is_generating": False})
    assert player.told == [["Completed", ["x"]]]
    assert player.done == []


@pytest.mark.parametrize(
    ("release", "end", "stale"),
    [
        ((5, 50, 0), "cancel", True),
        ((5, 50, 0), "fail", True),
        ((5, 50, 0), "complete", False),
        ((6, 26, 0), "no more", True),  # Gradio 6 has only the first value to give
        ((6, 27, 0), "no more", False),
    ],
)
def test_a_value_of_a_run_that_did_not_end_well_may_be_taken_for_anothers(
    release: tuple[int, ...], end: str, stale: bool
) -> None:
    player = Replay(Direct(talk(HASH, "", release), sends_edits=True))
    player.join()
    assert not player.machine.stale
    player.answer(200, VALUE)
    if end == "complete":
        player.answer(200, {"data": [None], "is_generating": False})
    elif end == "fail":
        player.answer(500, ERROR)
    elif end == "cancel":
        player.machine.cancel("a")
        player.answer(200, VALUE)
    assert player.machine.stale is stale


RESET = ["posted", "/reset", WHO]


@pytest.mark.parametrize("success", [True, False])
def test_a_run_that_may_go_on_is_reset_before_the_next_one(success: bool) -> None:
    """Gradio 3 would take the next one for its continuation."""
    player = Replay(Direct(talk(HASH, "", (3, 50, 2)), fresh=False))
    player.join(data=["a"])
    assert player.done == [RESET]
    player.answer(200, {"success": success})
    assert [step[1] for step in player.done] == ["/reset", "/run/predict"]
    player.answer(200, {"data": ["x"], "is_generating": False})
    assert player.told == [["Completed", ["x"]]]


@pytest.mark.parametrize("status", [0, 500, 504])
def test_a_reset_without_an_answer_is_made_once_more_and_then_the_call_is_lost(
    status: int,
) -> None:
    """It might get the values of the other run."""
    player = Replay(Direct(talk(HASH, "", (3, 50, 2)), fresh=False))
    player.join(data=["a"])
    player.answer(status, None)
    assert player.done == [RESET, RESET]
    player.answer(status, None)
    assert player.told == [["Lost", "it does not forget an earlier run of the function"]]
    assert player.machine.residue is Residue.RUN


def test_a_call_that_is_given_up_before_it_was_posted_is_not_posted() -> None:
    player = Replay(Direct(talk(HASH, "", (3, 50, 2)), fresh=False))
    player.join(data=["a"])
    player.cancel()
    assert player.told == []
    player.answer(200, {"success": True})
    assert player.told == [["Cancelled"]]
    assert player.done == [RESET]


@pytest.mark.parametrize(
    ("release", "generator"), [((3, 50, 2), False), ((4, 0, 0), True), ((6,), True)]
)
def test_nothing_is_reset_where_no_run_can_be_taken_for_another(
    release: tuple[int, ...], generator: bool
) -> None:
    player = Replay(Direct(talk(HASH, "", release), generator=generator, fresh=False))
    player.join(data=["a"])
    assert [step[1] for step in player.done] == ["/run/predict"]


@pytest.mark.parametrize(
    ("answers", "residue"),
    [
        ([], Residue.RUN),
        ([(0, None)], Residue.RUN),
        ([(504, "Gateway Timeout")], Residue.RUN),
        ([(200, VALUE), (504, "Gateway Timeout"), (200, {"success": True})], Residue.RUN),
        ([(200, VALUE)], Residue.RUN),
        ([(401, {"detail": "Not authenticated"})], Residue.NOTHING),
        ([(429, "Too Many Requests")], Residue.NOTHING),
        ([(500, ERROR)], Residue.NOTHING),
        ([(200, {"data": ["x"]})], Residue.NOTHING),
        ([(200, VALUE), (200, {"data": [None], "is_generating": False})], Residue.NOTHING),
    ],
)
def test_a_call_without_its_answer_may_leave_a_run(
    answers: list[tuple[int, Any]], residue: Residue
) -> None:
    """Whoever answered instead, the server may be at it, or may have yielded a value."""
    player = posted()
    for status, body in answers:
        player.answer(status, body)
    assert player.machine.residue is residue


def test_a_batch_of_one_goes_in_lists() -> None:
    player = Replay(Direct(talk(HASH, "", (4, 8, 0)), batch=True))
    player.join(data=["a", [1]])
    assert player.done[0][2]["data"] == [["a"], [[1]]]
    assert player.done[0][2]["batched"] is True
    player.answer(200, {"data": [["b"], [[2]]], "is_generating": None})
    assert player.told == [["Completed", ["b", [2]]]]


@pytest.mark.parametrize("data", [["b"], [[]], [None], [["b"], {}]])
def test_a_batch_without_a_result_loses_the_call(data: list[object]) -> None:
    player = posted(batch=True)
    player.answer(200, {"data": data, "is_generating": None})
    assert player.told == [["Lost", "The server sent no result for a batch of one."]]


def test_gradio_6_gives_the_first_value_only() -> None:
    """A second post would run the function again."""
    player = posted((6, 31, 0))
    player.answer(200, VALUE)
    assert [each[0] for each in player.told] == ["Yielded", "Lost"]
    assert player.done == []


QUEUE = "Please join the queue to use this API."
CLOSED = "the app takes this call only through its queue"
ANSWERS: list[tuple[int, Any, list[Any]]] = [
    (200, {"data": ["x"], "is_generating": False}, ["Completed", ["x"]]),
    (200, {"data": ["x"], "is_generating": None}, ["Completed", ["x"]]),
    (200, {"data": ["x"]}, ["Completed", ["x"]]),
    (200, {"data": []}, ["Completed", []]),
    (200, {}, ["Lost", "The server sent an answer without data."]),
    (200, {"data": None}, ["Lost", "The server sent an output without data."]),
    (200, {"error": "x"}, ["Lost", "The server sent an output without data."]),
    (200, "a page", ["Lost", "The server sent an answer without data."]),
    (200, ["x"], ["Lost", "The server sent an answer without data."]),
    (500, ERROR, ["Failed", "boom", None]),
    (500, {"error": None}, ["Failed", None, None]),
    (500, {"error": "x", "title": "Oh"}, ["Failed", "x", "Oh"]),
    (500, {"detail": "x"}, ["Refused", "fault", "x", 500, None, []]),
    (*SERVER_FAULT, ["Refused", "fault", "Internal Server Error", 500, None, []]),
    (502, "Bad Gateway", ["Refused", "fault", "Bad Gateway", 502, None, []]),
    (
        401,
        {"detail": "Not authenticated"},
        ["Refused", "login", "Not authenticated", 401, None, []],
    ),
    (
        401,
        {"detail": "Not authorized to skip the queue"},
        ["Refused", "fault", f"{CLOSED}: Not authorized to skip the queue", 401, None, []],
    ),
    (404, {"detail": "Not Found"}, ["Refused", "fault", f"{CLOSED}: Not Found", 404, None, []]),
    (404, {"detail": QUEUE}, ["Refused", "fault", f"{CLOSED}: {QUEUE}", 404, None, []]),
    (413, "too large", ["Refused", "invalid", "too large", 413, None, []]),
    (
        422,
        {"detail": [{"loc": ["body", "data"], "msg": "bad"}]},
        ["Refused", "invalid", "body.data: bad", 422, None, []],
    ),
    (429, "slow down", ["Refused", "limit", "slow down", 429, None, []]),
    (0, None, ["Refused", "fault", "", 0, None, []]),
]


@pytest.mark.parametrize(("status", "body", "told"), ANSWERS)
def test_what_an_answer_says(status: int, body: Any, told: list[Any]) -> None:
    """The only answer leaves nothing over that would have to be reset."""
    player = posted()
    player.answer(status, body)
    assert player.told == [told]
    assert player.done == []


@pytest.mark.parametrize("data", [None, "x", {}])
def test_a_value_without_data_loses_the_call(data: object) -> None:
    player = posted()
    player.answer(200, {"data": data, "is_generating": True})
    player.answer(200, {"success": True})
    assert player.told == [["Lost", "The server sent an output without data."]]


@every_stop
@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, ERROR, ["Failed", "boom", None]),
        (*SERVER_FAULT, ["Refused", "fault", "Internal Server Error", 500, None, []]),
        (0, None, ["Refused", "fault", "", 0, None, []]),
        (
            200,
            {"data": None, "is_generating": True},
            ["Lost", "The server sent an output without data."],
        ),
    ],
)
def test_what_a_run_leaves_over_is_reset_before_its_end_is_reported(
    release: tuple[int, ...], stop: list[Any], status: int, body: Any, told: list[Any]
) -> None:
    """A caller who tries again would otherwise get the end of this run."""
    player = yielded(release)
    player.answer(status, body)
    assert player.told == []
    assert player.done == [stop]
    assert player.unanswered[0].purpose == "cancel"
    player.answer(0, None)
    assert player.told == [told]
    assert player.done == [stop]


@every_stop
@pytest.mark.parametrize(("status", "body"), [(200, VALUE), (500, ERROR), (0, None)])
def test_a_run_that_is_given_up_is_reset_after_the_answer(
    release: tuple[int, ...], stop: list[Any], status: int, body: Any
) -> None:
    """Not before: the server would keep what it is just computing."""
    player = posted(release)
    player.cancel()
    assert player.done == []
    player.answer(status, body)
    assert player.done == [stop]
    player.answer(500, "whatever")
    assert player.told == [["Cancelled"]]


def test_a_call_that_is_given_up_and_comes_to_its_end_is_over() -> None:
    for player in (posted(), yielded()):
        player.cancel()
        player.cancel()
        player.answer(200, {"data": ["y"], "is_generating": False})
        assert player.told == [["Cancelled"]]
        assert player.done == []


@pytest.mark.parametrize(("release", "generator"), [((3, 50, 2), False), ((6,), True)])
def test_a_call_that_leaves_nothing_over_is_given_up_at_once(
    release: tuple[int, ...], generator: bool
) -> None:
    """Its answer is not waited for: no value of it could be left over for the next call."""
    player = Replay(Direct(talk(HASH, "", release), generator=generator))
    player.join(data=["a"])
    player.cancel()
    assert player.told == [["Cancelled"]]
    assert player.closed
    player.answer(200, {"data": ["x"]})
    player.cancel()
    assert player.told == [["Cancelled"]]


def test_an_answer_for_another_call_does_nothing() -> None:
    player = posted()
    assert player.machine.receive_answer("b", object()) == []  # type: ignore[arg-type]
