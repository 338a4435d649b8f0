"""Values that nobody changes or compares."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, field, replace

import pytest

from gradioproxy.frozen import frozen


@frozen()
class Pair:
    """Two values, of which one is a secret."""

    first: int
    second: str = field(default="secret", repr=False)


@frozen(repr=False)
class Hidden:
    """A value that is not written."""

    value: str


def test_it_is_a_dataclass() -> None:
    """Made, written, replaced, matched and copied as one."""
    pair = Pair(1)
    assert repr(pair) == "Pair(first=1)"
    assert vars(replace(pair, first=2)) == {"first": 2, "second": "secret"}
    assert vars(copy.copy(pair)) == vars(pair)
    match pair:
        case Pair(first, second):
            assert (first, second) == (1, "secret")


def test_it_is_equal_to_itself_alone() -> None:
    """And can be a key, whatever it holds."""
    pair = Pair(1)
    same = pair
    assert pair == same
    assert pair != Pair(1)
    assert len({pair, same, Pair(1)}) == 2


def test_nothing_is_written() -> None:
    """Where its fields are nobody's business."""
    assert "secret" not in repr(Hidden("secret"))


def test_it_is_not_changed() -> None:
    """Type checkers refuse it as well: the comment below is needed, or their check fails."""
    pair = Pair(1)
    with pytest.raises(FrozenInstanceError):
        pair.first = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del pair.first
    assert pair.first == 1
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg]
