"""Which lane a call gets where an app has calls of both kinds."""

from __future__ import annotations

import contextlib
import gc
import weakref
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls.call import Begun
from gradioproxy.calls.hashes import SessionHashes
from gradioproxy.calls.lane import Lane
from gradioproxy.calls.lanes import Lanes
from gradioproxy.calls.scheduler import Scheduler
from gradioproxy.protocols.events import Completed, Started, Yielded
from gradioproxy.protocols.machine import Report, Residue
from gradioproxy.schema.release import NEWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradioproxy.calls.call import Call
    from gradioproxy.calls.heartbeat import Heartbeats
    from gradioproxy.protocols.events import Event

LIMIT = 3
GENERATOR = 99
"""The number of the function that is a generator."""


@dataclass
class Machine:
    """A machine of one kind."""

    shared: bool
    stale: bool = False
    is_ending: bool = False
    residue: Residue = Residue.NOTHING


@dataclass(eq=False)
class Stand:
    """What stands for a lane, with the calls that are on it."""

    session_hash: str
    machine: Machine
    transport: Any
    functions: list[int] = field(default_factory=list)
    is_open: bool = True
    unhurt: bool = True
    last_function: int = -1
    private: bool = False
    is_closed: bool = False

    @property
    def is_private(self) -> bool:
        """Whether its hash is for one call alone."""
        return self.private

    @is_private.setter
    def is_private(self, value: bool) -> None:
        self.private = value

    @property
    def size(self) -> int:
        """How many calls are on it."""
        return len(self.functions)

    @property
    def runs(self) -> bool:
        """Whether somebody waits for one of them."""
        return bool(self.functions)

    @property
    def is_ending(self) -> bool:
        """Whether it will be over soon."""
        return self.is_closed or self.machine.shared or not self.functions

    @property
    def leaves_hash(self) -> bool:
        """Whether another lane can have its hash in a moment."""
        return not self.size and (self.machine.is_ending or not self.machine.shared)

    def has_function(self, function: int) -> bool:
        """Tell whether a call of that function is on it."""
        return function in self.functions

    def close(self) -> None:
        """End it."""
        self.is_closed, self.is_open = True, False


class Chooser:
    """Lanes, and calls that join those that they get.

    Args:
        isolation: Under which hash the calls may go.
        borrowed: The session's own hash, if it is of another session.
    """

    def __init__(self, isolation: str = "auto", borrowed: str | None = None) -> None:
        heartbeats = cast("Heartbeats", SimpleNamespace(end=lambda _: None))
        hashes = SessionHashes(heartbeats, LIMIT, borrowed)
        self.lanes = Lanes(LIMIT, hashes, cast("Any", Stand))
        self.fresh: list[bool] = []
        self.isolation = isolation
        self.transport = SimpleNamespace(has_secrets_of=lambda _: True)

    def choose(
        self, *, shared: bool, function: int = 0, begun: Begun | None = None, tab: str = ""
    ) -> Stand | None:
        """Let a call choose, and join; a lane that takes one call takes no other then."""

        def choose_machine(*_: object, fresh: bool) -> Machine:
            self.fresh.append(fresh)
            return Machine(shared, stale=not fresh)

        runtime = SimpleNamespace(choose_machine=choose_machine)
        call = SimpleNamespace(
            isolation=self.isolation,
            begun=begun,
            tab=tab or self.lanes.hashes.own,
            shares_stream=shared,
            function=function,
            may_yield=function == GENERATOR,
            runtime=runtime,
            transport=self.transport,
            app=SimpleNamespace(release=NEWEST),
        )
        lane = cast("Stand | None", self.lanes.choose(cast("Call", call)))
        if lane is not None:
            assert lane.machine.shared is shared
            lane.functions.append(function)
            lane.is_open = shared
        return lane

    def leave(self, lane: Stand) -> None:
        """Let the last call of a lane end, and the lane if it took no other."""
        lane.functions.clear()
        if not lane.machine.shared:
            lane.is_closed = True
            self.lanes.remove(cast("Lane", lane))

    def take(self, *, shared: bool, function: int = 0) -> Stand:
        """Let a call choose that finds a lane at once."""
        lane = self.choose(shared=shared, function=function)
        assert lane is not None
        return lane


@pytest.fixture
def chooser() -> Chooser:
    """Give lanes for calls that go under the session's hash if nobody is there."""
    return Chooser()


@pytest.mark.parametrize("first", [True, False])
def test_calls_that_come_one_after_the_other_go_under_the_sessions_hash(
    chooser: Chooser, first: bool
) -> None:
    """Whichever kind they are of, and though a stream is still open there."""
    for kind in (first, not first, first, not first):
        lane = chooser.take(shared=kind)
        assert lane.session_hash == chooser.lanes.hashes.own
        chooser.leave(lane)
    assert [lane.machine.shared for lane in chooser.lanes] == [True]


@pytest.mark.parametrize("first", [True, False])
def test_calls_that_overlap_go_under_other_hashes(chooser: Chooser, first: bool) -> None:
    lanes = [chooser.take(shared=kind, function=kind) for kind in (first, not first)]
    assert len({lane.session_hash for lane in lanes}) == 2


@pytest.mark.parametrize("kind", [True, False])
def test_there_is_always_room_for_one_of_the_other_kind(chooser: Chooser, kind: bool) -> None:
    """So that neither waits for the end of all of the other."""
    for function in range(LIMIT):
        chooser.take(shared=kind, function=function)
    other = chooser.take(shared=not kind)
    assert len([*chooser.lanes]) == LIMIT + 1
    assert (chooser.choose(shared=False) is None) is True
    joined = chooser.take(shared=True)
    assert (joined is other) is (not kind)


def test_a_stream_that_the_server_is_about_to_end_is_left_to_it(chooser: Chooser) -> None:
    """Whoever waits for room gets it then; closed from here, it could be left at the server."""
    for function in range(LIMIT):
        chooser.take(shared=False, function=function)
    idle = chooser.take(shared=True)
    chooser.leave(idle)
    assert chooser.choose(shared=False) is None
    assert not idle.is_closed


def test_a_lane_for_one_call_is_not_handed_on(chooser: Chooser) -> None:
    """Not even if that was given up before anything was sent: it is for calls of its function."""
    lane = chooser.take(shared=False, function=1)
    lane.functions.clear()
    lane.is_open = True
    assert chooser.choose(shared=False, function=2) is not lane
    assert lane.is_closed


def test_with_a_state_calls_of_both_kinds_go_under_one_hash() -> None:
    """At once if they are of different functions; in one stream if they can share it."""
    chooser = Chooser("none")
    first = chooser.take(shared=False, function=1)
    stream = chooser.take(shared=True, function=2)
    other = chooser.take(shared=False, function=3)
    assert chooser.take(shared=True, function=4) is stream
    assert chooser.choose(shared=False, function=1) is None
    hashes = {lane.session_hash for lane in (first, stream, other)}
    assert hashes == {chooser.lanes.hashes.own}
    chooser.leave(first)
    assert chooser.take(shared=False, function=1)


def test_isolated_calls_share_nothing() -> None:
    chooser = Chooser("full")
    lanes = [chooser.take(shared=kind) for kind in (True, False, True)]
    assert len({lane.session_hash for lane in lanes}) == 3
    assert all(lane.is_private for lane in lanes)
    assert chooser.choose(shared=True) is None


@pytest.mark.parametrize("isolation", ["none", "auto"])
def test_a_session_that_begins_anew_shares_nothing_with_the_old_one(isolation: str) -> None:
    """Calls go on where they are, others go elsewhere, and nobody gets the old hash again."""
    chooser = Chooser(isolation)
    lanes = chooser.lanes
    old = chooser.choose(shared=True)
    direct = chooser.choose(shared=False, function=1) if isolation == "none" else None
    assert old is not None
    former = lanes.hashes.own
    lanes.leave_own()
    new = chooser.choose(shared=True, function=2)
    assert new is not None
    assert new.session_hash == lanes.hashes.own != former == old.session_hash
    for lane in filter(None, [old, direct]):
        lanes.remove(cast("Any", lane))
    following = [chooser.choose(shared=True, function=number) for number in (3, 4, 5)]
    assert former not in {lane.session_hash for lane in following if lane is not None}


@pytest.mark.parametrize("shared", [True, False])
def test_a_call_that_waited_while_the_session_began_anew(shared: bool) -> None:
    """It goes under the hash of when it was begun; those begun later under the new one."""
    chooser = Chooser("none")
    lanes = chooser.lanes
    former = lanes.hashes.own
    first = chooser.take(shared=shared)
    first.is_open = False
    assert chooser.choose(shared=shared) is None
    lanes.leave_own()
    assert chooser.choose(shared=shared, tab=former) is None
    new = chooser.take(shared=shared)
    assert new.session_hash == lanes.hashes.own != former
    lanes.remove(cast("Lane", first))
    second = chooser.choose(shared=shared, tab=former)
    assert second is not None
    assert (second.session_hash, second.is_private) == (former, True)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("isolation", ["none", "auto"])
def test_what_is_left_under_a_borrowed_hash(isolation: str, shared: bool) -> None:
    """Is taken for something, and calls go there all the same, generators as well."""
    chooser = Chooser(isolation, "theirs")
    for _ in range(2):
        lane = chooser.take(shared=shared, function=GENERATOR)
        assert lane.session_hash == "theirs"
        lane.last_function = GENERATOR
        lane.functions.clear()
        chooser.lanes.remove(cast("Lane", lane))
    assert chooser.fresh[0] is False
    chooser = Chooser(isolation)
    chooser.take(shared=shared, function=GENERATOR)
    assert chooser.fresh == [True]


@pytest.mark.parametrize("isolation", ["none", "auto", "full"])
def test_a_call_that_was_begun_elsewhere(isolation: str) -> None:
    """It goes under its own hash, with others of that, or alone; nobody gets the hash later."""
    chooser = Chooser(isolation)
    first = chooser.choose(shared=True, begun=Begun("theirs", "1"))
    assert first is not None
    assert (first.session_hash, first.is_private) == ("theirs", True)
    assert chooser.choose(shared=True, begun=Begun("theirs", "2")) is first
    first.is_open = False
    assert chooser.choose(shared=True, begun=Begun("theirs", "3")) is None
    simple = [chooser.choose(shared=False, begun=Begun("", str(number))) for number in range(2)]
    hashes = {lane.session_hash for lane in simple if lane is not None}
    assert len(hashes | {"theirs", chooser.lanes.hashes.own}) == 4
    assert chooser.choose(shared=False, begun=Begun("", "3")) is None
    for lane in filter(None, [first, *simple]):
        chooser.lanes.remove(cast("Any", lane))
    others = [chooser.choose(shared=True, function=number) for number in range(3)]
    used = {lane.session_hash for lane in others if lane is not None}
    assert used.isdisjoint(hashes | {"theirs"})


def test_what_gives_calls_lanes_does_not_hold_itself() -> None:
    """So the connections of a session that nobody has any more are closed at once."""
    heartbeats = cast("Heartbeats", SimpleNamespace(end=lambda _: None))
    scheduler = Scheduler(
        LIMIT, 60.0, lambda _: None, lambda *_: None, SessionHashes(heartbeats, 1)
    )
    held = weakref.ref(scheduler)
    collected = gc.isenabled()
    gc.disable()
    try:
        del scheduler
        assert held() is None
    finally:
        if collected:
            gc.enable()


class Note:
    """What stands for a call's record, and for the call."""

    is_over = False

    def __init__(self, error: Exception | None = None) -> None:
        self.record = self
        self.transport = SimpleNamespace(hide=str)
        self.heard: list[Event] = []
        self.effects = 0
        self._error = error

    def take_events(self, happened: Sequence[Event], _: str) -> None:
        """Note events."""
        if self._error is not None:
            raise self._error
        self.heard += happened

    def leave_seat(self) -> None:
        """Do nothing."""

    def run_effects(self) -> None:
        """Count how often."""
        self.effects += 1


class Teller:
    """A machine that tells of several calls at once."""

    accepts = is_ending = is_deaf = cancels_alone = False

    def __init__(self, *reports: Report) -> None:
        self._reports = reports

    def cancel(self, number: int) -> list[Report]:
        """Tell of them."""
        del number
        return [*self._reports]


def test_each_call_that_was_told_of_something_runs_its_effects() -> None:
    """Once for all that came together; and though telling another one fails."""
    machine: Any = Teller(
        Report(1, Yielded(("x",))), Report(1, Completed(("x",))), Report(2, Started(None))
    )
    for broken in (None, MemoryError()):
        lane = Lane("hash", machine, cast("Any", None), 60)
        first, second = Note(), Note(broken)
        lane.calls.update(cast("Any", {1: first, 2: second}))
        with pytest.raises(MemoryError) if broken else contextlib.nullcontext():
            lane.withdraw(1)
        lane.tell_change()
        assert (len(first.heard), first.effects) == (2, 1)
        assert (len(second.heard), second.effects) == (0 if broken else 1, 1)


def test_calls_are_told_in_the_order_of_what_happened_to_each() -> None:
    """However it is mixed with what happened to others; who is over or gone hears nothing."""
    mixed: list[tuple[int, Event]] = [
        (1, Started(None)),
        (2, Yielded(("a",))),
        (1, Yielded(("b",))),
        (1, Yielded(("c",))),
        (3, Started(None)),
        (2, Completed(("d",))),
        (1, Started(0.5)),
        (2, Started(None)),
    ]
    machine: Any = Teller(*(Report(*each) for each in mixed))
    lane = Lane("hash", machine, cast("Any", None), 60)
    notes = {1: Note(), 2: Note()}
    lane.calls.update(cast("Any", notes))
    lane.withdraw(1)
    assert notes[1].heard == [event for call, event in mixed if call == 1]
    assert notes[2].heard == [Yielded(("a",)), Completed(("d",))]
    assert [*lane.calls] == [1]
