"""Finding the names that are nearest to the one that somebody typed.

Rule: the work is bounded, as the names are a stranger's, as many and as long as they like. Whoever
asks with ``hasattr`` waits for it, too.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from .text import normalize_name

if TYPE_CHECKING:
    import difflib
    from collections.abc import Iterable

# Among more names than these, none is looked for that somebody may have meant.
MAX_NEIGHBOURS = 10_000
# As much of a name as is compared: more than is shown of it.
_LONGEST = 64
# What difflib itself calls close.
_CLOSE = 0.6
# How many pieces of the wanted name are looked for in each of the others, to find the few that are
# worth to be compared.
_PIECES = 8
# How many pairs of characters are compared in all; a pair takes 0.1 µs.
_MAX_PAIRS = 100_000
# What there is to do for a comparison besides, in pairs.
_OVERHEAD = 100

_PUNCTUATION = re.compile(r"[\W_]+")


def find_nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Find the names that somebody may have meant.

    Args:
        name: What was asked for.
        names: The names that there are.

    Returns:
        At most three of them, the nearest first; case and punctuation do not count.
    """
    wanted = fold_name(name, _LONGEST)
    pieces = _cut_pieces(wanted)
    promising = []
    for place, candidate in enumerate(itertools.islice(names, MAX_NEIGHBOURS)):
        folded = fold_name(candidate, _LONGEST)
        if _may_be_near(wanted, folded):
            # A loop in C, as there may be thousands of names.
            found = sum(map(folded.__contains__, pieces))
            promising.append((-found, place, folded, candidate))
    import difflib  # late: most names are right

    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored, left = [], _MAX_PAIRS
    for _, place, folded, candidate in sorted(promising):
        left -= len(wanted) * len(folded) + _OVERHEAD
        if left < 0:
            break
        score = _rate_likeness(matcher, wanted, folded)
        if score >= _CLOSE:
            scored.append((-score, place, candidate))
    return tuple(candidate for _, _, candidate in sorted(scored)[:3])


def fold_name(name: str, limit: int = 200) -> str:
    """Return what is left of a name, as far as it is read, without case and punctuation."""
    return _PUNCTUATION.sub("", normalize_name(name[:limit]).casefold())


def _cut_pieces(name: str) -> list[str]:
    """Return pieces of a name from all over it, of two or three characters."""
    size = 3 if len(name) > _PIECES else 2
    places = range(max(1, len(name) - size + 1))
    step = max(1, len(places) // _PIECES)
    return [name[place : place + size] for place in places[::step][:_PIECES]]


def _may_be_near(wanted: str, candidate: str) -> bool:
    """Tell whether a name can be near, by its length alone or as one that has the other in it."""
    sizes = len(wanted), len(candidate)
    if 2 * min(sizes) >= _CLOSE * sum(sizes):
        return True
    return wanted in candidate or candidate in wanted


def _rate_likeness(matcher: difflib.SequenceMatcher[str], wanted: str, candidate: str) -> float:
    """Return how near a name is, from 0 to 1; a part of a name is near to the whole."""
    if not wanted or not candidate:
        return float(wanted == candidate)
    short, long = sorted((wanted, candidate), key=len)
    inside = 0.7 if len(short) > 2 and short in long else 0.0  # noqa: PLR2004
    matcher.set_seq1(candidate)
    if matcher.real_quick_ratio() < _CLOSE or matcher.quick_ratio() < _CLOSE:
        return inside
    return max(inside, matcher.ratio())
