"""The hashes of a session: which are used again, and which the server may not be done with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls import hashes as module
from gradioproxy.calls.hashes import SessionHashes
from gradioproxy.protocols.machine import Residue

if TYPE_CHECKING:
    from gradioproxy.calls.heartbeat import Heartbeats
    from gradioproxy.transport.http import Transport


class Person:
    """A transport with the secrets of somebody."""

    def __init__(self, name: str = "ann") -> None:
        self.name = name

    def has_secrets_of(self, other: Person) -> bool:
        """Tell whether it is the same one."""
        return self.name == other.name


class Ends(list[str]):
    """Heartbeats that take note of those that end."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[str] = []

    def end(self, session_hash: str) -> None:
        """Take note of it."""
        self.append(session_hash)

    def ensure(self, session_hash: str) -> None:
        """Take note of one that begins."""
        self.begun.append(session_hash)


class Clock:
    """The time, which passes when a test says so."""

    now = 0.0

    def monotonic(self) -> float:
        """Return it."""
        return self.now


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def hashes(ends: Ends) -> SessionHashes:
    return SessionHashes(cast("Heartbeats", ends), limit=2)


def take(hashes: SessionHashes, function: int = 1, person: str = "ann") -> str:
    return hashes.take(cast("Transport", Person(person)), function)


def give_back(
    hashes: SessionHashes, session_hash: str, residue: Residue = Residue.NOTHING, **facts: Any
) -> None:
    person = cast("Transport", Person(facts.pop("person", "ann")))
    hashes.give_back(
        session_hash, person, residue, facts.pop("function", 1), **{"keep": True, **facts}
    )


def test_a_lanes_hash_is_used_again_by_the_same_person(hashes: SessionHashes) -> None:
    first = take(hashes)
    give_back(hashes, first)
    assert take(hashes, person="bob") != first
    assert take(hashes) == first
    assert take(hashes) != first


def test_few_hashes_are_kept(hashes: SessionHashes, ends: Ends) -> None:
    """The latest: the app is told that the others have gone."""
    taken = [take(hashes, person=str(number)) for number in range(5)]
    for number, each in enumerate(taken):
        give_back(hashes, each, person=str(number))
    assert ends == taken[:3]
    assert [take(hashes, person=str(number)) == each for number, each in enumerate(taken)] == [
        *[False] * 3,
        *[True] * 2,
    ]


@pytest.mark.parametrize(
    ("residue", "keep"), [(Residue.RUN, True), (Residue.STREAM, True), (Residue.NOTHING, False)]
)
def test_the_hash_of_a_conversation_that_ended_badly_is_not_used_again(
    hashes: SessionHashes, ends: Ends, residue: Residue, keep: bool
) -> None:
    first = take(hashes)
    give_back(hashes, first, residue, keep=keep)
    assert take(hashes) != first
    assert ends == [first]


def test_a_function_that_is_reset_late_goes_under_another_hash(hashes: SessionHashes) -> None:
    """The server of Gradio 3 resets it some time after it has told of its end."""
    first = take(hashes, function=7)
    give_back(hashes, first, Residue.RESET, function=7)
    assert take(hashes, function=7) != first
    assert take(hashes, function=8) == first
    give_back(hashes, hashes.own, Residue.RESET, function=7)
    assert not hashes.is_at_rest(hashes.own, 7)
    assert hashes.is_at_rest(hashes.own, 8)


def test_where_a_value_is_left_no_generator_goes(hashes: SessionHashes, ends: Ends) -> None:
    """Under the session's own hash other functions do; a lane's is not used again."""
    assert hashes.is_fresh(hashes.own, 1)
    give_back(hashes, hashes.own, stale=True)
    assert not hashes.is_fresh(hashes.own, 1)
    first = take(hashes)
    give_back(hashes, first, stale=True)
    assert take(hashes) != first
    assert ends == [first]


@pytest.mark.parametrize("residue", [Residue.STREAM, Residue.DROPPED])
def test_a_stream_is_left_under_the_sessions_own_hash(
    hashes: SessionHashes, residue: Residue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the server has let go of it, or nothing on the way can hold it any more."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    assert left(hashes) == [Residue.NOTHING] * 2
    give_back(hashes, hashes.own, residue)
    assert left(hashes) == [residue] * 2
    clock.now += module.FORGOTTEN_SECONDS + 1
    assert left(hashes) == [Residue.NOTHING, residue]
    hashes.settle(hashes.own)
    assert left(hashes) == [Residue.NOTHING] * 2


def left(hashes: SessionHashes) -> list[Residue]:
    """Return what may be left: at servers that can't be asked, and at others."""
    return [hashes.find_stream(hashes.own, forgotten=forgotten) for forgotten in (True, False)]


@pytest.mark.parametrize("residue", [Residue.STREAM, Residue.DROPPED])
def test_for_a_while_a_stream_that_was_closed_may_be_held_on_the_way(
    hashes: SessionHashes, residue: Residue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was lost is asked for, or waited for until it is forgotten."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    assert not hashes.may_be_held(hashes.own)
    give_back(hashes, hashes.own, residue)
    assert hashes.may_be_held(hashes.own) is (residue is Residue.DROPPED)
    clock.now += module.LATE_SECONDS + 1
    assert not hashes.may_be_held(hashes.own)


def test_a_session_that_was_begun_elsewhere(ends: Ends) -> None:
    """Its own hash is that one, and the app is not told when it ends."""
    hashes = SessionHashes(cast("Heartbeats", ends), 2, "elsewhere")
    assert hashes.own == "elsewhere"
    hashes.announce("elsewhere")
    assert ends.begun == []
    hashes.announce("another")
    assert ends.begun == ["another"]
    hashes.replace_own()
    assert hashes.own != "elsewhere"
    hashes.announce(hashes.own)
    assert ends.begun == ["another", hashes.own]


def test_what_others_left_under_a_hash_is_not_known(ends: Ends) -> None:
    """Until a function was called to its end there; of the session's other hashes it always is."""
    hashes = SessionHashes(cast("Heartbeats", ends), 2, "elsewhere")
    assert hashes.is_foreign("elsewhere", 1)
    assert not hashes.is_foreign(take(hashes), 1)
    give_back(hashes, "elsewhere", Residue.RUN)
    assert hashes.is_foreign("elsewhere", 1)
    give_back(hashes, "elsewhere")
    assert not hashes.is_foreign("elsewhere", 1)
    assert hashes.is_foreign("elsewhere", 2)
    hashes.replace_own()
    assert not hashes.is_foreign(hashes.own, 1)


def test_calls_go_where_they_were_begun_though_the_session_left(hashes: SessionHashes) -> None:
    """Unless that can't be used; what is left of a stream there stays known."""
    old = hashes.own
    hashes.leave_own(in_use=True)
    assert (hashes.find_tab(old), hashes.find_tab(hashes.own)) == (old, hashes.own)
    give_back(hashes, old, Residue.STREAM, keep=False)
    assert hashes.find_stream(old, forgotten=False) is Residue.STREAM
    given_up = hashes.own
    hashes.replace_own()
    assert hashes.find_tab(given_up) == hashes.own


def test_a_hash_that_is_left_ends_with_what_is_under_way(hashes: SessionHashes, ends: Ends) -> None:
    old = hashes.own
    hashes.leave_own(in_use=True)
    assert ends == []
    give_back(hashes, old, keep=False)
    assert ends == [old]
