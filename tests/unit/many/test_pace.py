"""The pace of many calls; how it fits together is in `test_mapping`."""

from __future__ import annotations

from gradioproxy.errors import QueueFull, RateLimited
from gradioproxy.many.pace import Pace


def test_there_are_no_more_than_the_app_took() -> None:
    pace = Pace(8, None)
    assert pace.allows(7)
    assert not pace.allows(8)
    pace.slow_down(QueueFull("no room"), 3)
    assert pace.allows(2)
    assert not pace.allows(3)


def test_one_more_is_tried_when_all_of_them_ended() -> None:
    pace = Pace(8, None)
    pace.slow_down(QueueFull("no room"), 2)
    pace.note_end()
    assert not pace.allows(2)
    pace.note_end()
    assert pace.allows(2)
    assert not pace.allows(3)


def test_a_wait_that_the_app_names_is_one_even_beside_others() -> None:
    pace = Pace(8, None)
    pace.slow_down(RateLimited("slowly", retry_after=1000.0), 2)
    assert not pace.allows(0)
    assert 900 < pace.seconds_left <= 1000
