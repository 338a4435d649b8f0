"""What leaving a ``with`` block does."""

from __future__ import annotations

import pytest

from gradioproxy.closing import Closing


class Door(Closing):
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        """Count."""
        self.closed += 1


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_a_block_closes_what_it_has(error: type[BaseException] | None) -> None:
    """However it ends, and an error goes on."""
    caught: type[BaseException] | None = None
    door = Door()
    try:
        with door as same:
            assert same is door
            assert door.closed == 0
            if error is not None:
                raise error
    except (ValueError, KeyboardInterrupt) as raised:
        caught = type(raised)
    assert (door.closed, caught) == (1, error)


def test_what_says_not_how_it_is_closed_can_not_be() -> None:
    """Rather than being left open."""
    with pytest.raises(NotImplementedError), Closing():
        pass
