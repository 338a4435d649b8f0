"""A fixed set of what ``scripts/fuzz`` looks for without end: no byte of a stranger's does harm."""

from __future__ import annotations

import random

import pytest

from tests.support.fuzzing import SEEDS, TARGETS

RUNS = 150


def change(data: bytes, chosen: random.Random) -> bytes:
    """Return bytes with something in them changed."""
    made = bytearray(data)
    for _ in range(chosen.choice([1, 2, 5, 20])):
        place = chosen.randrange(len(made) + 1)
        match chosen.randrange(4):
            case 0:
                made[place:place] = chosen.randbytes(chosen.choice([1, 3]))
            case 1:
                del made[place : place + chosen.choice([1, 4, 30])]
            case 2:
                made[place : place + 1] = chosen.choice(
                    [b'"', b"{", b"[", b"\n", b"\0", b"9", b"-"]
                )
            case _:
                made[place:place] = made[: chosen.choice([5, 50])]
    return bytes(made)


@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_do_harm(target: str) -> None:
    chosen = random.Random(target)  # noqa: S311 - no secret
    for seed in [b"", *SEEDS[target]]:
        TARGETS[target](seed)
        for _ in range(20 if target == "description" else RUNS):
            TARGETS[target](change(seed, chosen))
