"""Where a call waits least is told by what is under way, what is queued, and how quick it was."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.calls.load import Balance, Load
from gradioproxy.protocols import events


def choose(balance: Balance, *loads: Load) -> Load:
    return loads[balance.choose(loads)]


def test_equals_take_turns() -> None:
    balance, first, second = Balance(), Load(), Load()
    chosen = [choose(balance, first, second) for _ in range(4)]
    assert chosen == [first, second, first, second]


def test_the_one_with_less_to_do() -> None:
    balance, first, second = Balance(), Load(), Load()
    first.begin("a", "f", 0.0)
    assert choose(balance, first, second) is second
    second.begin("b", "f", 0.0)
    second.begin("c", "f", 0.0)
    assert choose(balance, first, second) is first
    assert (first.under_way, second.under_way) == (1, 2)


def test_what_others_wait_for_counts_while_it_is_known() -> None:
    balance, first, second = Balance(), Load(), Load()
    first.begin("a", "f", 0.0)
    first.note(events.Queued(6, 7, None))
    second.begin("b", "f", 0.0)
    second.begin("c", "f", 0.0)
    assert (first.queued, choose(balance, first, second)) == (6, second)
    first.note(events.Started(None))
    assert (first.queued, choose(balance, first, second)) == (0, first)
    first.note(events.Queued(6, 7, None))
    first.end("a")
    assert first.queued == 0


def finish(balance: Balance, load: Load, seconds: float, function: str = "f") -> None:
    load.begin("call", function, 100.0)
    balance.finish(load, "call", 100.0 + seconds)


def test_a_slow_one_gets_fewer() -> None:
    balance, slow, quick = Balance(), Load(), Load()
    for _ in range(20):
        finish(balance, slow, 4.0)
        finish(balance, quick, 1.0)
    given: list[Load] = []
    for number in range(40):
        chosen = choose(balance, slow, quick)
        chosen.begin(number, "f", 0.0)
        given.append(chosen)
    assert 0 < given.count(slow) < given.count(quick) / 2


def test_one_that_was_slow_is_tried_again() -> None:
    balance, slow, quick = Balance(), Load(), Load()
    finish(balance, quick, 1.0)
    finish(balance, slow, 1000.0)
    assert choose(balance, slow, quick) is quick
    assert any(choose(balance, slow, quick) is slow for _ in range(1000))


def test_long_functions_make_no_address_slow() -> None:
    """Each function is compared with itself elsewhere."""
    balance, first, second = Balance(), Load(), Load()
    for _ in range(10):
        finish(balance, first, 10.0, "long")
        finish(balance, second, 0.1, "short")
    assert first.pace == pytest.approx(1.0)
    assert second.pace == pytest.approx(1.0)


def test_a_call_among_many_makes_no_address_slow() -> None:
    """One of ten that are done one after the other takes ten times as long."""
    balance, crowded, alone = Balance(), Load(), Load()
    finish(balance, alone, 1.0)
    for number in range(10):
        crowded.begin(number, "f", 0.0)
    for number in range(10):
        balance.finish(crowded, number, number + 1.0)
    assert crowded.pace == pytest.approx(1.0)


@pytest.mark.parametrize("act", [Load.end, lambda load, call: Balance().finish(load, call, 9.0)])
def test_what_ends_twice_counts_once(act: Any) -> None:
    load = Load()
    load.begin("a", "f", 0.0)
    load.begin("b", "f", 0.0)
    act(load, "a")
    act(load, "a")
    assert load.under_way == 1
