"""Gives a target bytes, led by what they reach: ``fuzz.py TARGET [OPTION OF LIBFUZZER...]``.

Run by ``scripts/fuzz``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gradioproxy"]):
    from tests.support.fuzzing import SEEDS, TARGETS


def main() -> None:
    """Run one target."""
    target, options = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[target]):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
