"""The names that somebody may have meant are found, however many a stranger's app has."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from gradioproxy.suggest import MAX_NEIGHBOURS, find_nearest

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Predict", ("/predict", "/predict_1", "/predictions")),
        ("op1", ("/Op1",)),
        ("op-1", ("/Op1",)),
        ("imge2imge", ("/image-to-image",)),
        ("image", ("/predict_image", "/image-to-image")),
        ("zzz", ()),
        ("", ()),
    ],
)
def test_nearest(name: str, expected: tuple[str, ...]) -> None:
    """The nearest names come first, case and punctuation aside, and there are at most three."""
    names = ["/predict_1", "/predict", "/predict_image", "/predictions", "/Op1", "/image-to-image"]

    assert find_nearest(name, names) == expected


def test_nearest_to_a_name_of_punctuation() -> None:
    """Names without letters are near to each other only."""
    assert find_nearest("_", ["/-", "/a"]) == ("/-",)


@pytest.mark.parametrize("typed", ["/generate_imge", "/generateimage", "generat_image"])
def test_nearest_among_thousands(typed: str) -> None:
    """Wherever it stands, and whatever there is besides."""
    names = [f"/upscale_video_{number}" for number in range(MAX_NEIGHBOURS - 1)]
    assert find_nearest(typed, [*names, "/generate_image"]) == ("/generate_image",)


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch, letter: str) -> None:
    """Names that a stranger made to be compared for long are compared for a moment."""
    pairs = 0

    class Counting(difflib.SequenceMatcher[str]):
        lengths = (0, 0)

        def set_seq1(self, a: Sequence[str]) -> None:
            self.lengths = (len(a), self.lengths[1])
            super().set_seq1(a)

        def set_seq2(self, b: Sequence[str]) -> None:
            self.lengths = (self.lengths[0], len(b))
            super().set_seq2(b)

        def ratio(self) -> float:
            nonlocal pairs
            pairs += self.lengths[0] * self.lengths[1]
            return super().ratio()

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    names = [f"{letter * 190}{number:010}" for number in range(MAX_NEIGHBOURS)]
    found = find_nearest(letter * 195, names)
    assert found == tuple(names[:3])
    assert 0 < pairs <= 100_000  # at about 0.1 µs
