"""Finding the names that are nearest to the one that somebody typed."""

from __future__ import annotations

import difflib
import itertools
import re
from typing import TYPE_CHECKING

from .text import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable


# Among more names than these, none is looked for that somebody may have meant.
MAX_NEIGHBOURS = 10_000


_PUNCTUATION = re.compile(r"[^a-z0-9]+")


def find_nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Find the names that somebody may have meant.

    Args:
        name: What was asked for.
        names: The names that there are.

    Returns:
        At most three of them, the nearest first; case and punctuation do not count.
    """
    wanted = fold_name(name)
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored = []
    for place, candidate in enumerate(itertools.islice(names, MAX_NEIGHBOURS)):
        score = _rate_likeness(matcher, wanted, fold_name(candidate))
        if score >= 0.6:  # noqa: PLR2004 - what difflib itself calls close
            scored.append((-score, place, candidate))
    return tuple(candidate for _, _, candidate in sorted(scored)[:3])


def fold_name(name: str) -> str:
    """Return what is left of a name without case and punctuation."""
    name = normalize_name(name[:200]).casefold()
    if name.isascii():
        return _PUNCTUATION.sub("", name)
    return "".join(character for character in name if character.isalnum())


def _rate_likeness(matcher: difflib.SequenceMatcher[str], wanted: str, candidate: str) -> float:
    """Return how near a name is, from 0 to 1; a part of a name is near to the whole."""
    if not wanted or not candidate:
        return float(wanted == candidate)
    short, long = sorted((wanted, candidate), key=len)
    inside = 0.7 if len(short) > 2 and short in long else 0.0  # noqa: PLR2004
    matcher.set_seq1(candidate)
    if matcher.real_quick_ratio() < 0.6 or matcher.quick_ratio() < 0.6:  # noqa: PLR2004
        return inside
    return max(inside, matcher.ratio())
