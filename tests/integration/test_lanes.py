"""Which call goes over which conversation, and what becomes of them when things go wrong."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.calls.call import Begun
from gradioproxy.calls.future import CANCELLED
from gradioproxy.calls.lane import Lane
from gradioproxy.calls.scheduler import FIRST_SECONDS
from gradioproxy.errors import (
    AppError,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    JobCancelled,
    ProtocolError,
    QueueFull,
    ServerError,
    SessionClosed,
    Timeout,
)
from gradioproxy.protocols.direct import Direct
from gradioproxy.protocols.machine import Open
from gradioproxy.protocols.settling import RARE_LOOK
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.transport import in_flight
from gradioproxy.transport.http import Restarted
from tests.support.machine_driver import talk
from tests.support.scripted_peer import SECONDS, Peer, Session, job_of, record_of
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.calls.call import Call
    from gradioproxy.calls.job import Job
    from gradioproxy.protocols.machine import Step

JOIN, CANCEL, DATA = "/queue/join", "/cancel", "/queue/data"


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def session(peer: Peer) -> Iterator[Session]:
    """Give a session of two lanes."""
    session = Session(peer)
    yield session
    session.close()


@pytest.fixture
def lone(peer: Peer) -> Iterator[Session]:
    """Give a session of two lanes that take one call each."""
    session = Session(peer, shared=False)
    yield session
    session.close()


def wait_until_queued(session: Session, count: int) -> None:
    """Wait until so many calls wait for a lane."""
    wait_until(lambda: count_waiting(session) >= count)


def count_waiting(session: Session) -> int:
    """Return how many calls wait for a lane."""
    return sum(map(len, list(session.lanes._waiting.values())))


def result(job: Job[Any]) -> Any:
    return job.result(SECONDS)


def error(job: Job[Any]) -> BaseException | None:
    return job.exception(SECONDS)


def test_a_call_is_brought_to_its_result(peer: Peer, session: Session) -> None:
    job = session.submit("a")
    peer.advance("a", "begin", "yield", "yield", "return")
    assert list(job) == [1, 2]
    assert result(job) == 2
    assert job.event_id == "event 0"
    assert record_of(job).seat is None


def test_an_app_that_fails_fails_the_call(peer: Peer, session: Session) -> None:
    job = session.submit("a")
    peer.advance("a", "begin", "yield", "fail")
    failure = error(job)
    assert isinstance(failure, AppError)
    assert (str(failure), failure.outputs, failure.event_id) == ("boom", (1,), "event 0")


def test_each_call_has_a_lane_of_its_own_while_there_are_lanes(
    peer: Peer, session: Session
) -> None:
    jobs = [session.submit(token) for token in "ab"]
    assert peer.lane_of("a") != peer.lane_of("b")
    peer.advance("b", "begin", "return")
    assert result(jobs[1]) == 0
    peer.advance("a", "begin", "return")
    assert result(jobs[0]) == 0


def test_beyond_that_calls_share_lanes_with_calls_of_other_functions(
    peer: Peer, session: Session
) -> None:
    """So that each can be cancelled; where that is no question, the emptier lane is taken."""
    for token, function in [("a", 0), ("b", 1), ("c", 0), ("d", 1), ("e", 2), ("f", 2)]:
        session.submit(token, function)
    first, second = peer.lane_of("a"), peer.lane_of("b")
    assert [peer.lane_of(token) for token in "cd"] == [second, first]
    assert {peer.lane_of(token) for token in "ef"} == {first, second}
    session.submit("g", 0)
    session.submit("h", 0)
    assert {peer.lane_of(token) for token in "gh"} == {first, second}
    assert peer.most == 2


def test_there_are_never_more_lanes_and_threads_than_allowed(peer: Peer, session: Session) -> None:
    """However many calls are under way."""
    tokens = [f"call {number}" for number in range(100)]
    jobs = [session.submit(token, number % 3) for number, token in enumerate(tokens)]
    assert len(peer.open) == 2
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("gradioproxy")]
    assert len(threads) <= 4
    for token in tokens:
        peer.advance(token, "begin", "yield", "return")
    assert [result(job) for job in jobs] == [1] * 100
    assert peer.most == 2


def test_calls_that_come_one_after_the_other_share_the_sessions_hash(
    peer: Peer, session: Session
) -> None:
    """A session is to the app what a browser's tab is."""
    for token in "abc":
        job = session.submit(token)
        peer.advance(token, "begin", "return")
        result(job)
    assert {peer.lane_of(token) for token in "abc"} == {session.lanes.own_hash}
    session.settle()
    assert peer.open == {}


def test_a_call_that_starts_beside_another_has_a_hash_of_a_lane(
    peer: Peer, session: Session
) -> None:
    """Which is kept for the next such call, as each hash costs the server a new state."""
    first = session.submit("a")
    for token in "bcd":
        job = session.submit(token)
        peer.advance(token, "begin", "return")
        result(job)
        session.settle_lanes(1)
    others = {peer.lane_of(token) for token in "bcd"}
    assert len(others) == 1
    assert session.lanes.own_hash not in others
    peer.advance("a", "begin", "return")
    result(first)
    session.settle_lanes(0)
    session.submit("e")
    assert peer.lane_of("e") == session.lanes.own_hash


def test_calls_that_start_at_once_are_apart(peer: Peer, session: Session) -> None:
    """Also while none of them has reached the server."""
    peer.hold(JOIN)
    jobs = [session.start(session.call(token)) for token in "ab"]
    peer.wait_for_posts(JOIN, 2)
    peer.release_all()
    peer.wait_for_call("a", "b")
    assert peer.lane_of("a") != peer.lane_of("b")
    for token in "ab":
        peer.advance(token, "begin", "return")
    assert [result(job) for job in jobs] == [0, 0]


@pytest.mark.parametrize("end", ["cancel", "break"])
def test_the_hash_of_a_lane_whose_call_was_cancelled_or_lost_is_never_used_again(
    peer: Peer, session: Session, end: str
) -> None:
    session.submit("a")
    job = session.submit("b")
    peer.advance("b", "begin")
    if end == "cancel":
        job.cancel()
    else:
        peer.break_stream(peer.lane_of("b"), ConnectionLost("broke"))
        error(job)
    session.settle_lanes(1)
    session.submit("c")
    assert len({peer.lane_of(token) for token in "abc"}) == 3


def test_a_call_after_one_that_was_cancelled_goes_under_the_sessions_hash(
    peer: Peer, session: Session
) -> None:
    """As soon as the server knows of the cancel."""
    first = session.submit("a")
    peer.advance("a", "begin")
    first.cancel()
    second = session.submit("b", 1)
    assert peer.lane_of("b") == session.lanes.own_hash
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    assert peer.was_killed("a")


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_a_server_that_can_not_be_asked_may_hold_the_stream_of_a_cancelled_call(
    isolation: Any,
) -> None:
    """So the next call goes under another hash if it may; else a little time has to do."""
    peer = Peer((4, 13, 0))
    session = Session(peer)
    own = session.lanes.own_hash
    first = session.submit("a", isolation=isolation)
    peer.advance("a", "begin")
    first.cancel()
    session.settle_lanes(0)
    second = session.submit("b", 1, isolation=isolation)
    assert (peer.lane_of("b") == own) is (isolation == "none")
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    session.close()


@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_a_hash_whose_stream_was_lost_is_used_again_when_the_server_has_let_go(
    peer: Peer, session: Session, isolation: Any
) -> None:
    """Else the old stream would get a part of what the next call is to bring."""
    first = session.submit("a", isolation=isolation)
    peer.advance("a", "begin")
    peer.break_stream(session.lanes.own_hash, ConnectionLost("broke"))
    assert isinstance(error(first), ConnectionLost)
    second = session.submit("b", isolation=isolation)
    assert peer.lane_of("b") == session.lanes.own_hash
    peer.advance("b", "begin", "yield", "return")
    assert result(second) == 1
    session.settle_lanes(0)
    # Once it is settled, nobody asks again.
    before = peer.opened
    third = session.submit("c", isolation=isolation)
    peer.advance("c", "begin", "return")
    assert result(third) == 0
    assert peer.opened == before + 1


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass where the scheduler waits for a server; give the seconds."""
    found: list[float] = []
    monkeypatch.setattr(in_flight, "pause", found.append)
    return found


def lose_stream(peer: Peer, session: Session, isolation: Any, unnoticed: int) -> str:
    """Break the stream of the session's first call; return the hash, which is the session's own.

    Args:
        peer: The server.
        session: The session.
        isolation: Under which hash the call may go.
        unnoticed: How often the server is asked before it notices.
    """
    own = session.lanes.own_hash
    first = session.submit("a", isolation=isolation)
    peer.unnoticed = unnoticed
    peer.break_stream(own, ConnectionLost("broke"))
    assert isinstance(error(first), ConnectionLost)
    return own


def test_a_server_that_notices_late_is_asked_again(
    peer: Peer, session: Session, looks: list[float]
) -> None:
    """Each stream that is closed gives it another chance; when it refuses, that proves little.

    It may do so because it was asked: what is left of a stream ends when it looks for calls.
    """
    own = lose_stream(peer, session, "none", unnoticed=2)
    second = session.submit("b", isolation="none")
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    assert peer.lane_of("b") == own
    assert peer.unnoticed == 0
    assert looks == [FIRST_SECONDS, RARE_LOOK]


def test_a_session_without_state_asks_once(peer: Peer, session: Session) -> None:
    """Another hash is as good, and nothing that is left can get at what goes under it."""
    own = lose_stream(peer, session, "auto", unnoticed=1)
    before = peer.opened
    second = session.submit("b")
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    assert peer.lane_of("b") == session.lanes.own_hash != own
    assert peer.opened == before + 2


def test_a_hash_that_was_replaced_goes_to_nobody(peer: Peer, session: Session) -> None:
    """What is left under it would get a part of what comes."""
    own = lose_stream(peer, session, "auto", unnoticed=1)
    second, beside = session.submit("b"), session.submit("c")
    assert own not in {peer.lane_of("b"), peer.lane_of("c")}
    for token in "bc":
        peer.advance(token, "begin", "return")
    assert [result(second), result(beside)] == [0, 0]


def test_a_server_that_was_asked_in_some_way_may_refuse_because_of_that(
    peer: Peer, session: Session, looks: list[float]
) -> None:
    """It opened the stream that it was asked for, and a hop answered in its place."""
    lose_stream(peer, session, "none", unnoticed=1)
    peer.answer_at("/queue/data", 502, "bad gateway")
    assert isinstance(error(session.start(session.call("b", isolation="none"))), ServerError)
    third = session.submit("c", isolation="none")
    peer.advance("c", "begin", "return")
    assert result(third) == 0
    assert looks == [FIRST_SECONDS, FIRST_SECONDS, RARE_LOOK]


@pytest.mark.parametrize("isolation", ["auto", "none"])
@pytest.mark.usefixtures("looks")
def test_a_server_that_does_not_let_go(peer: Peer, session: Session, isolation: Any) -> None:
    """The session gets another hash, unless the app keeps its state under the old one."""
    own = lose_stream(peer, session, isolation, unnoticed=100)
    second = session.start(session.call("b", isolation=isolation))
    if isolation == "none":
        failure = error(second)
        assert isinstance(failure, ConnectionLost)
        assert not failure.may_have_run
        assert "still holds the stream" in str(failure)
        assert session.lanes.own_hash == own
        assert "b" not in peer.joined
        peer.unnoticed = 0
        second = session.start(session.call("b", isolation=isolation))
    peer.wait_for_call("b")
    assert (session.lanes.own_hash == own) is (isolation == "none")
    assert peer.lane_of("b") == session.lanes.own_hash
    peer.advance("b", "begin", "return")
    assert result(second) == 0


def test_calls_can_each_have_a_hash_of_their_own(peer: Peer, session: Session) -> None:
    jobs = []
    for token in "abc":
        jobs.append(session.start(session.call(token, isolation="full")))
        if len(jobs) < 3:
            peer.wait_for_call(token)
    assert "c" not in peer.joined  # there are two lanes
    peer.advance("a", "begin", "return")
    peer.wait_for_call("c")
    for token in "bc":
        peer.advance(token, "begin", "return")
    assert [result(job) for job in jobs] == [0, 0, 0]
    hashes = {peer.lane_of(token) for token in "abc"} | {session.lanes.own_hash}
    assert len(hashes) == 4


def test_waiting_calls_get_a_lane_in_order(peer: Peer, lone: Session) -> None:
    """Where each conversation is one call's."""
    tokens = "abcdef"
    jobs = [lone.submit(token) for token in "ab"]
    jobs += [lone.start(lone.call(token)) for token in "cdef"]
    for ended, begins in zip(tokens, tokens[2:], strict=False):
        assert begins not in peer.joined
        peer.advance(ended, "begin", "return")
        peer.wait_for_call(begins)
    for token in "ef":
        peer.advance(token, "begin", "return")
    assert [result(job) for job in jobs] == [0] * 6
    assert len({peer.lane_of(token) for token in tokens}) == 2
    assert peer.most == 2


def test_a_waiting_call_that_is_cancelled_takes_no_lane(peer: Peer, lone: Session) -> None:
    for token in "ab":
        lone.submit(token)
    waiting = [lone.start(lone.call(token)) for token in "cd"]
    assert waiting[0].cancel()
    peer.advance("a", "begin", "return")
    peer.wait_for_call("d")
    assert "c" not in peer.joined


@pytest.mark.parametrize(("release", "own"), [((4, 19, 2), False), ((5, 0, 2), True)])
@pytest.mark.parametrize("limit", [1, 2])
def test_after_a_generator_was_given_up_the_next_goes_under_another_hash(
    release: tuple[int, ...], own: bool, limit: int
) -> None:
    """Where the server may take the one's last value for the base of the other's edits."""
    peer = Peer(release)
    session = Session(peer, limit)
    first = session.submit("a")
    peer.queues[session.lanes.own_hash].stay_open()
    peer.advance("a", "begin", "yield")
    next(iter(first))
    first.cancel()
    second = session.start(session.call("b"))
    peer.wait_for_call("b")
    assert (peer.lane_of("b") == session.lanes.own_hash) is own
    peer.advance("b", "begin", "yield", "return")
    assert result(second) == 1
    session.close()


def test_a_call_that_waits_for_long_is_not_overtaken(peer: Peer) -> None:
    """Those that come later could join the lane that is there, one after the other."""
    session, other = Session(peer, limit=1), Peer()
    first = session.submit("a")
    waiting = session.start(session.call("b", transport=other))
    wait_until_queued(session, 1)
    later = session.start(session.call("c"))
    wait_until_queued(session, 2)
    peer.advance("a", "begin", "return")
    result(first)
    other.wait_for_call("b")
    assert "c" not in peer.joined
    other.advance("b", "begin", "return")
    peer.wait_for_call("c")
    peer.advance("c", "begin", "return")
    assert [result(waiting), result(later)] == [0, 0]
    session.close()


def test_calls_of_one_function_do_not_overtake_those_of_another(peer: Peer) -> None:
    """They wait in different lines, and who came first begins first."""
    session = Session(peer, limit=1, shared=False)
    tokens = ["a", "b", "c", "d"]
    jobs = [session.submit("a", 0, isolation="none")]
    for token, function in zip(tokens[1:], (0, 1, 0), strict=True):
        jobs.append(session.start(session.call(token, function, isolation="none")))
        wait_until_queued(session, len(jobs) - 1)
    for token in tokens:
        peer.wait_for_call(token)
        peer.advance(token, "begin", "return")
    assert [result(job) for job in jobs] == [0] * 4
    assert peer.joined == tokens
    session.close()


def test_a_call_that_waited_for_one_that_was_lost_does_not_continue_its_run() -> None:
    """Gradio 3 continues a generator for whoever calls next under its hash, unless it is reset."""
    peer = Peer((3, 50, 2))
    session = Session(peer, shared=False)
    fresh: list[bool] = []

    def machine(_app: Any, _endpoint: Any, session_hash: str, **facts: bool) -> Direct:
        fresh.append(facts["fresh"])
        return Direct(talk(session_hash, "", peer.release), fresh=facts["fresh"])

    peer.hold("/run/predict")
    first = session.start(session.call("a", isolation="none", machine=machine))
    peer.wait_for_posts("/run/predict")
    session.start(session.call("b", isolation="none", machine=machine))
    wait_until_queued(session, 1)
    peer.raise_at("/run/predict", ConnectionLost("broke"))
    peer.release_all()
    assert isinstance(error(first), ConnectionLost)
    peer.wait_for_posts("/reset")
    assert fresh == [True, False]
    session.close()


def test_calls_that_wait_hear_that_a_stream_is_heard_of(peer: Peer, session: Session) -> None:
    """While it is silent it may be deaf for one who was given up, and nobody joins its lane."""
    peer.hold("/queue/data")
    first = session.submit("a", 0, isolation="none")
    second = session.submit("b", 0, isolation="none")
    wait_until(lambda: first.event_id and second.event_id)
    first.cancel()
    third = session.start(session.call("c", 1, isolation="none"))
    wait_until_queued(session, 1)
    peer.release_all()
    peer.advance("b", "begin", "yield")
    peer.wait_for_call("c")
    peer.advance("b", "return")
    peer.advance("c", "begin", "return")
    assert [result(second), result(third)] == [1, 0]


def test_a_lane_that_does_not_end_makes_way_for_the_call_that_waits() -> None:
    """The server does not end the stream: it may be broken, so nothing more goes over it."""
    peer = Peer((5, 0, 2))
    session = Session(peer)
    first = session.submit("a", isolation="none")
    peer.queues[session.lanes.own_hash].stay_open()
    peer.advance("a", "begin", "yield")
    next(iter(first))
    peer.hold("/cancel")
    first.cancel()
    peer.wait_for_posts("/cancel")
    second = session.start(session.call("b", isolation="none"))
    wait_until_queued(session, 1)
    peer.release_all()
    peer.wait_for_call("b")
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    assert peer.opened == 3  # that one, one to ask whether it is gone, and the second's
    session.close()


def test_a_call_need_not_wait_for_the_hash_that_its_session_leaves() -> None:
    """As soon as it has left it: the call can go under any hash."""
    peer = Peer((5, 0, 2))
    session = Session(peer)
    first = session.submit("a")
    peer.advance("a", "begin", "yield")
    next(iter(first))
    peer.hold("/cancel")
    first.cancel()
    peer.wait_for_posts("/cancel")
    second = session.start(session.call("b"))
    wait_until_queued(session, 1)
    former = session.lanes.own_hash
    session.lanes.leave_own()
    assert session.lanes._waiting == {}
    peer.wait_for_call("b")
    assert peer.lane_of("b") != former
    peer.release_all()
    peer.advance("b", "begin", "return")
    assert result(second) == 0
    session.close()


def test_a_call_that_was_begun_elsewhere_holds_up_no_other(peer: Peer, session: Session) -> None:
    """Where it waits for a conversation of its own, others can share those that there are."""
    for token in "ab":
        session.submit(token)
    waiting = [
        session.start(session.call(token, begun=Begun(token, f"event {token}"))) for token in "xy"
    ]
    wait_until_queued(session, 2)
    more = session.start(session.call("more"))
    wait_until(lambda: "more" in peer.joined or count_waiting(session) > len(waiting))
    assert count_waiting(session) == len(waiting)
    peer.advance("more", "begin", "return")
    assert result(more) == 0
    for job in waiting:
        job.cancel()
    session.lanes._begin_waiting()
    assert session.lanes._waiting == {}


def test_a_stream_that_is_to_end_by_an_answer_is_dropped_if_it_does_not(peer: Peer) -> None:
    """Nothing need come over it after the cancel of a call that was given up without a name."""
    session = Session(peer, limit=1)
    first = session.submit("a")
    peer.advance("a", "begin")
    peer.hold("/queue/join")
    second = session.start(session.call("b", 1))
    peer.wait_for_posts("/queue/join", 2)
    second.cancel()
    peer.advance("a", "return")
    assert result(first) == 0
    queue = peer.queues[session.lanes.own_hash]
    queue.stay_open()
    queue.read = lambda: b""  # type: ignore[method-assign]
    peer.release_all()
    peer.wait(lambda: session.due)
    (lane,) = session.lanes._lanes
    for task in session.due:
        task()
    assert lane.is_closed
    del queue.read
    third = session.submit("c", 2)
    peer.advance("c", "begin", "return")
    assert result(third) == 0
    session.close()


def test_a_stream_that_stays_open_for_nobody_makes_room_for_other_secrets(
    peer: Peer, session: Session
) -> None:
    """The call that has them goes under the session's own hash all the same."""
    first = session.submit("a")
    peer.queues[session.lanes.own_hash].stay_open()
    peer.advance("a", "begin", "return")
    result(first)
    other = Peer()
    second = session.start(session.call("b", transport=other))
    other.wait_for_call("b")
    assert other.lane_of("b") == session.lanes.own_hash
    other.advance("b", "begin", "return")
    assert result(second) == 0


def test_calls_with_other_secrets_have_lanes_of_their_own(peer: Peer, session: Session) -> None:
    """The stream of a lane is opened with the secrets of its first call."""
    other = Peer()
    first, second = session.submit("a"), session.submit("b")
    waiting = session.start(session.call("c", transport=other))
    assert other.posts == []
    peer.advance("a", "begin", "return")
    result(first)
    other.wait_for_call("c")
    other.advance("c", "begin", "return")
    assert result(waiting) == 0
    assert not second.done()


# State.


def test_calls_with_state_share_the_hash_and_so_the_lane(peer: Peer, session: Session) -> None:
    """Even while other lanes are free."""
    jobs = [session.submit(token, 0, isolation="none") for token in "abc"]
    assert [peer.lane_of(token) for token in "abc"] == [session.lanes.own_hash] * 3
    assert peer.most == 1
    for token in "abc":
        peer.advance(token, "begin", "return")
    assert [result(job) for job in jobs] == [0] * 3
    session.settle()
    again = session.submit("d", isolation="none")
    peer.advance("d", "begin", "return")
    assert result(again) == 0


@pytest.mark.parametrize(("release", "is_open"), [((5, 0, 2), False), ((6, 31, 0), True)])
def test_nobody_joins_before_the_server_hears_that_nobody_waits(
    release: tuple[int, ...], is_open: bool
) -> None:
    """Where it hears so only once no other call is left: the next may wait for just that."""
    session = Session(Peer(release))
    first = session.submit("a")
    session.peer.advance("a", "begin", "yield")
    next(iter(first))
    (lane,) = session.lanes._lanes
    assert lane.is_open
    record_of(first)._finish(CANCELLED)  # as the job does, before it says so to the session
    assert lane.is_open is is_open
    session.close()


def test_a_cancelled_call_with_state_holds_up_the_next_until_the_server_knows(
    peer: Peer, session: Session
) -> None:
    """Else it would be cancelled along: the server goes by hash and function."""
    first = session.submit("a", isolation="none")
    peer.advance("a", "begin")
    peer.hold(CANCEL)
    first.cancel()
    peer.wait_for_posts(CANCEL)
    second = session.start(session.call("b", isolation="none"))
    third = session.submit("c", 1, isolation="none")
    assert "b" not in peer.joined
    peer.release_all()
    peer.wait_for_call("b")
    assert peer.was_killed("a")
    for token, job in (("b", second), ("c", third)):
        peer.advance(token, "begin", "return")
        assert result(job) == 0


def test_a_call_that_waits_for_a_cancel_is_not_posted_after_it_has_failed(
    peer: Peer, session: Session
) -> None:
    """Its caller was told so, and may have made another."""
    first = session.submit("a", isolation="none")
    peer.advance("a", "begin")
    peer.hold(CANCEL)
    first.cancel()
    peer.wait_for_posts(CANCEL)
    second = session.call("b", isolation="none")
    session.lanes.run(second)
    peer.break_stream(session.lanes.own_hash, ConnectionLost("broke"))
    assert isinstance(error(job_of(second)), ConnectionLost)
    peer.release_all()
    session.settle()
    assert "b" not in peer.joined


def test_a_call_with_state_waits_for_a_broken_lane_to_be_left(peer: Peer, session: Session) -> None:
    """There is never a second lane of the session's hash."""
    first = session.submit("a", 0, isolation="none")
    peer.hold(JOIN)
    second = session.start(session.call("b", 1, isolation="none"))
    peer.wait_for_posts(JOIN, 2)
    peer.break_stream(session.lanes.own_hash, ConnectionLost("broke"))
    assert isinstance(error(first), ConnectionLost)
    assert isinstance(error(second), ConnectionLost)
    third = session.start(session.call("c", 2, isolation="none"))
    assert len(peer.posted(JOIN)) == 2  # the second is on its way, and uses the lane
    peer.release_all()
    peer.wait_for_call("c")
    peer.advance("c", "begin", "return")
    assert result(third) == 0


# Giving up.


def test_a_call_that_is_cancelled_is_cancelled_at_the_server(peer: Peer, session: Session) -> None:
    job = session.submit("a")
    peer.advance("a", "begin", "yield")
    assert next(iter(job)) == 1
    assert job.cancel()
    peer.wait(lambda: peer.was_killed("a"))
    session.settle()
    assert peer.open == {}


def test_a_call_that_is_cancelled_in_the_queue_does_not_run(session: Session, peer: Peer) -> None:
    job = session.submit("a")
    assert job.cancel()
    peer.wait(lambda: peer.was_killed("a"))


@pytest.mark.parametrize("release", [(5, 50, 0), (4, 44, 1), (4, 29, 0)])
def test_nor_does_it_where_only_a_dropped_stream_can_say_so(release: tuple[int, ...]) -> None:
    peer = Peer(release)
    session = Session(peer)
    try:
        job = session.submit("a")
        peer.wait(lambda: peer.open)
        assert job.cancel()
        peer.wait(lambda: peer.was_killed("a") and not peer.open)
        assert [path for path, _ in peer.posts] == [JOIN]
    finally:
        session.close()


def test_a_call_that_is_cancelled_before_it_is_posted_never_is(
    peer: Peer, session: Session
) -> None:
    call = session.call("a")
    assert job_of(call).cancel()
    session.start(call)
    session.settle()
    assert peer.posts == []


def test_a_call_that_is_cancelled_while_it_is_posted_is_cancelled_at_the_server(
    peer: Peer, session: Session
) -> None:
    """Though it has no name when it is given up, and never ends by itself."""
    peer.hold(JOIN)
    job = session.start(session.call("a"))
    peer.wait_for_posts(JOIN)
    assert job.cancel()
    session.service.close()
    session.service.join(SECONDS)
    assert peer.posted(CANCEL) == []
    peer.release_all()
    peer.wait_for_call("a")
    peer.wait(lambda: peer.was_killed("a"))
    session.settle()
    assert peer.open == {}


def test_a_call_that_ends_while_it_is_being_given_up_is_no_fault(
    peer: Peer, session: Session
) -> None:
    """Whoever comes to tell the server then finds its lane gone."""
    job = session.submit("a")
    seat = record_of(job).seat
    assert seat is not None
    peer.advance("a", "begin", "return")
    result(job)
    session.settle()
    record_of(job).take_seat(*seat)
    session.lanes.withdraw(record_of(job))
    session.lanes.withdraw(record_of(job))
    assert peer.posted(CANCEL) == []


def test_cancelling_one_of_two_calls_of_a_function_harms_no_other(peer: Peer) -> None:
    """The server is told when the other is over."""
    session = Session(peer, limit=1)
    try:
        first, second = session.submit("a"), session.submit("b")
        peer.advance("a", "begin")
        assert first.cancel()
        peer.advance("b", "begin", "yield")
        assert next(iter(second)) == 1
        assert peer.posted(CANCEL) == []
        peer.advance("b", "return")
        assert result(second) == 1
        peer.wait(lambda: peer.was_killed("a"))
    finally:
        session.close()


@pytest.mark.parametrize("failure", [ConnectionLost("broke"), RuntimeError("a defect")])
def test_a_cancel_that_gets_lost_is_made_up_for_by_dropping_the_stream(
    peer: Peer, session: Session, failure: Exception
) -> None:
    job = session.submit("a")
    peer.advance("a", "begin", "yield")
    next(iter(job))
    peer.raise_at(CANCEL, failure)
    assert job.cancel()
    peer.wait(lambda: peer.was_killed("a") and not peer.open)


# What goes wrong.


def test_a_stream_that_breaks_fails_its_calls_and_no_others(peer: Peer) -> None:
    session = Session(peer)
    try:
        jobs = {token: session.submit(token, number) for number, token in enumerate("abcd")}
        broken = peer.lane_of("a")
        on_it = [token for token in "abcd" if peer.lane_of(token) == broken]
        peer.break_stream(broken, ConnectionLost("the wire was cut."))
        for token in on_it:
            failure = error(jobs[token])
            assert isinstance(failure, ConnectionLost)
            assert "the wire was cut." in str(failure)
            assert failure.may_have_run
            assert failure.event_id == peer.find(token)[1]
        for token in set("abcd") - set(on_it):
            peer.advance(token, "begin", "return")
            assert result(jobs[token]) == 0
    finally:
        session.close()


def test_errors_of_one_stream_are_each_calls_own(peer: Peer) -> None:
    """Each says what its call did; none is raised by two threads at once."""
    session = Session(peer, limit=1)
    try:
        peer.hold(DATA)
        jobs = [session.submit("a", 0), session.submit("b", 1)]
        record_of(jobs[0]).note("first")
        record_of(jobs[1]).note("second")
        peer.answer_at(DATA, 502, "Bad gateway")
        peer.release_all()
        failures = [error(job) for job in jobs]
        assert all(isinstance(failure, ServerError) for failure in failures)
        assert failures[0] is not failures[1]
        told = [failure.report() for failure in failures if isinstance(failure, ServerError)]
        assert ["first" in text for text in told] == [True, False]
        assert ["Bad gateway" in text for text in told] == [True, True]
    finally:
        session.close()


def test_a_stream_that_wants_a_login_says_so(peer: Peer, session: Session) -> None:
    peer.answer_at(DATA, 401, {"detail": "Not authenticated"})
    assert isinstance(error(session.start(session.call("a"))), AuthenticationError)


def test_a_stream_that_can_not_be_opened_fails_its_call_as_lost(
    peer: Peer, session: Session
) -> None:
    """The call had been posted."""
    peer.raise_at(DATA, ConnectError("refused"))
    failure = error(session.start(session.call("a")))
    assert isinstance(failure, ConnectionLost)
    assert failure.may_have_run
    assert not isinstance(failure, ConnectError)


def test_a_stream_that_ends_without_the_result_loses_the_call(peer: Peer, session: Session) -> None:
    """It is not opened again: the server may still hold it."""
    job = session.submit("a")
    peer.advance("a", "begin", "yield")
    assert next(iter(job)) == 1
    peer.break_stream(peer.lane_of("a"))
    failure = error(job)
    assert isinstance(failure, ConnectionLost)
    assert (failure.may_have_run, failure.event_id) == (True, "event 0")
    assert peer.opened == 1


FAILURES = [
    (ConnectError("refused"), ConnectError, "refused"),
    (ConnectionLost("broke", may_have_run=True), ConnectionLost, "in the middle of /f0"),
    (ConnectionLost("broke", may_have_run=False), ConnectionLost, "before /f0"),
    (Timeout("slow", limit="timeout"), Timeout, "/f0"),
    (AuthenticationError("no"), AuthenticationError, "no"),
    (TypeError("no JSON"), ProtocolError, "gradioproxy failed itself: TypeError"),
]


@pytest.mark.parametrize(("failure", "kind", "words"), FAILURES)
def test_a_call_that_can_not_be_posted_fails_alone(
    peer: Peer, failure: Exception, kind: type[Exception], words: str
) -> None:
    """The others of its lane go on."""
    session = Session(peer, limit=1)
    try:
        first = session.submit("a")
        peer.raise_at(JOIN, failure)
        found = error(session.start(session.call("b")))
        assert type(found) is kind
        assert words in str(found)
        peer.advance("a", "begin", "return")
        assert result(first) == 0
    finally:
        session.close()


def test_a_call_that_is_refused_fails_alone(peer: Peer) -> None:
    session = Session(peer, limit=1)
    try:
        first = session.submit("a")
        peer.answer_at(JOIN, 503, {"detail": "Queue is full. Max size is 1 and size is 1."})
        assert isinstance(error(session.start(session.call("b"))), QueueFull)
        peer.advance("a", "begin", "return")
        assert result(first) == 0
    finally:
        session.close()


def test_a_call_that_met_another_server_is_started_anew(peer: Peer, session: Session) -> None:
    """Nothing was sent, and so nothing has failed."""
    peer.raise_at(JOIN, Restarted())
    call = session.call("a")
    job = session.start(call)
    peer.wait_for_posts(JOIN)
    session.settle()
    assert session.again == [call]
    assert not job.done()
    assert record_of(job).seat is None


class Defective(Multiplexed):
    """A machine that fails where it should not."""

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Fail."""
        raise ZeroDivisionError(data)


class Forgetful(Multiplexed):
    """A machine that opens no stream."""

    def receive_answer(self, *args: Any) -> list[Step]:
        """Forget about the stream."""
        steps = super().receive_answer(*args)
        return [step for step in steps if not isinstance(step, Open)]


def test_a_defect_of_ours_leaves_no_call_hanging(
    peer: Peer, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said, and logged with where it came from; the lane is free for the next."""

    def defective(_app: object, _: object, session_hash: str, **_fresh: bool) -> Defective:
        return Defective(talk(session_hash, "", (6, 31, 0)), sends_edits=True)

    job = session.start(session.call("a", machine=defective))
    failure = error(job)
    assert isinstance(failure, ProtocolError)
    assert "gradioproxy failed itself: ZeroDivisionError" in str(failure)
    session.settle()
    assert "ZeroDivisionError" in caplog.text
    jobs = [session.submit(token) for token in "bc"]
    for token, other in zip("bc", jobs, strict=True):
        peer.advance(token, "begin", "return")
        assert result(other) == 0


def test_a_conversation_that_everybody_left_leaves_no_call_hanging(session: Session) -> None:
    def forgetful(_app: object, _: object, session_hash: str, **_fresh: bool) -> Forgetful:
        return Forgetful(talk(session_hash, "", (6, 31, 0)), sends_edits=True)

    failure = error(session.start(session.call("a", machine=forgetful)))
    assert isinstance(failure, ProtocolError)
    assert "without the call's result" in str(failure)


@pytest.mark.parametrize(
    ("failure", "words"),
    [(ProtocolError("spoken by nobody"), "spoken by nobody"), (KeyError("x"), "KeyError")],
)
def test_a_call_that_no_machine_takes_fails_and_those_behind_it_go_on(
    peer: Peer, lone: Session, failure: Exception, words: str
) -> None:
    """At once, or when its turn comes."""

    def none(*_: object, **_fresh: bool) -> Multiplexed:
        raise failure

    assert words in str(error(lone.start(lone.call("a", machine=none))))
    first, _ = lone.submit("b"), lone.submit("c")
    waiting = lone.start(lone.call("d", machine=none, isolation="full"))
    behind = lone.start(lone.call("e"))
    peer.advance("b", "begin", "return")
    result(first)
    assert words in str(error(waiting))
    peer.wait_for_call("e")
    peer.advance("e", "begin", "return")
    assert result(behind) == 0


def test_who_comes_to_a_lane_that_has_just_broken_goes_to_another(
    peer: Peer, session: Session
) -> None:
    """Nothing of the call was sent."""
    session.submit("a", isolation="none")
    late: Call = session.call("b", isolation="none")
    (lane,) = session.lanes._lanes
    lane.add_thread(late)
    lane.close_with_error(ConnectionLost("broke"))
    assert lane.join(late) is None
    peer.wait(lambda: not peer.open)
    session.calls.submit(lambda: session.lanes._start(lane, late))
    peer.wait_for_call("b")
    peer.advance("b", "begin", "return")
    assert result(job_of(late)) == 0


# What belongs to others runs while no lock is held.


def test_log_handlers_and_callbacks_run_while_no_lock_is_held(peer: Peer, session: Session) -> None:
    """They may ask for anything, and wait for other threads that do."""
    job = session.submit("a")
    (lane,) = session.lanes._lanes
    locks = (lane._lock, session.lanes._lock, record_of(job)._changed)
    found: list[list[bool]] = []

    def look(*_: object) -> None:
        found.append([is_free(lock) for lock in locks])

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            look(record)

    log, handler = logging.getLogger("gradioproxy"), Handler()
    log.addHandler(handler)
    try:
        job.add_done_callback(look)
        peer.advance("a", "begin", "log", "return")
        result(job)
        session.settle()
    finally:
        log.removeHandler(handler)
    assert found == [[True] * 3] * 2


def test_results_are_decoded_while_no_lock_is_held(peer: Peer, session: Session) -> None:
    """A large table holds up nobody else's call."""
    job = session.submit("a")
    (lane,) = session.lanes._lanes
    found: list[list[bool]] = []

    def decode(data: tuple[Any, ...], *, copy: bool) -> Any:
        del copy
        found.append([is_free(lane._lock), is_free(record_of(job)._changed)])
        return data[0]

    record_of(job)._decoder.decode = decode  # type: ignore[assignment, method-assign]
    peer.advance("a", "begin", "yield", "return")
    assert result(job) == 1
    assert found == [[True, True]]


def is_free(lock: Any) -> bool:
    """Tell whether another thread could take a lock at once."""
    taken: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def take() -> None:
        free = lock._lock.acquire(blocking=False)
        if free:
            lock._lock.release()
        taken.put(free)

    thread = threading.Thread(target=take)
    thread.start()
    thread.join(SECONDS)
    return taken.get(timeout=SECONDS)


# Closing.


def test_closing_ends_streams_and_calls(peer: Peer, session: Session) -> None:
    """Whoever was not cancelled before learns why there is no result."""
    jobs = [session.submit(token) for token in "ab"]
    peer.advance("a", "begin", "yield")
    next(iter(jobs[0]))
    peer.wait(lambda: len(peer.open) == 2)
    session.lanes.interrupt()
    assert [type(error(job)) for job in jobs] == [SessionClosed, SessionClosed]
    peer.wait(lambda: not peer.open)
    session.settle()


def test_closing_while_a_stream_is_being_opened_ends_it_too(peer: Peer, session: Session) -> None:
    peer.hold(DATA)
    job = session.submit("a")
    session.lanes.interrupt()
    assert isinstance(error(job), SessionClosed)
    peer.release_all()
    session.settle()
    assert peer.open == {}


def test_closing_while_a_call_is_being_posted_ends_it_at_the_server(
    peer: Peer, session: Session
) -> None:
    peer.hold(JOIN)
    job = session.start(session.call("a"))
    peer.wait_for_posts(JOIN)
    job.cancel()
    session.service.close()
    session.service.join(SECONDS)
    session.lanes.interrupt()
    peer.release_all()
    peer.wait_for_call("a")
    peer.wait(lambda: peer.was_killed("a"))
    with pytest.raises(JobCancelled):
        result(job)
    session.settle()
    assert peer.open == {}


def test_a_lane_that_is_closed_takes_nothing_more(peer: Peer, session: Session) -> None:
    machine = Multiplexed(talk("h", "", (6, 31, 0)), sends_edits=True)
    lane = Lane("h", machine, session.call("x").transport, 60.0)
    lane.close_with_error(SessionClosed("The session was closed."))
    lane.carry_out([Open("/queue/data?session_hash=h")])
    assert lane.join(session.call("a")) is None
    assert peer.opened == 0
    assert machine.calls == 0


def test_a_waiting_call_that_gets_no_thread_fails(peer: Peer) -> None:
    """When the system has no thread to give, nobody waits for ever, and later calls go on."""
    session = Session(peer, limit=1, shared=False)
    try:
        session.submit("a")
        waiting = session.call("b")
        session.lanes.run(waiting)
        dispatch, session.lanes._dispatch = session.lanes._dispatch, no_thread
        peer.advance("a", "begin", "return")
        assert isinstance(error(job_of(waiting)), ProtocolError)
        session.lanes._dispatch = dispatch
        later = session.submit("c")
        peer.advance("c", "begin", "return")
        assert result(later) == 0
    finally:
        session.close()


def no_thread(_: Callable[[], None]) -> None:
    """Do what `threading.Thread.start` does in a system that is full."""
    raise RuntimeError("can't start new thread")
