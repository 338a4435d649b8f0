"""Makes calls with a journal in child processes, which are killed one after the other.

Usage: ``python journal_kills.py URL JOURNAL KILLS SEED INPUTS``. Each child is a fork of this
process, which has all modules loaded and a session, so that one is quick to begin.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import gradioproxy as gp
import gradioproxy.functions.map_calls
import gradioproxy.many.entry
import gradioproxy.many.journal
import gradioproxy.many.ledger_file
import gradioproxy.many.recorder

LONGEST_SECONDS = 0.1
"""A child that has no new result yet is killed some time before that."""

MOMENT = 0.01
"""Some time before that, one is killed after its last result that is waited for."""

MOST_RESULTS = 3


def make_calls(app: gp.Session, journal: Path, inputs: list[str], told: int) -> None:
    """Do what a script does; each result is told with a byte."""
    for _ in app.tag.map(inputs, journal=journal, errors="keep", concurrency=2):
        os.write(told, b".")


def count_known(journal: Path) -> int:
    """Return how many results a child has at once."""
    if not journal.exists() or not journal.stat().st_size:
        return 0
    with gp.Journal(journal) as read:
        return read.counts["done"] + read.counts["unknown"]


def main() -> None:
    """Kill a child after a child."""
    url, path, kills, seed, count = sys.argv[1:]
    moments = random.Random(seed)  # noqa: S311 - moments are no secrets
    inputs = [f"input-{number}" for number in range(int(count))]
    app, journal = gp.connect(url), Path(path)
    for _ in range(int(kills)):
        wanted = moments.randrange(MOST_RESULTS)
        wanted += count_known(journal) if wanted else 0
        hears, told = os.pipe()
        child = os.fork()
        if child == 0:
            make_calls(app, journal, inputs, told)
            os._exit(0)
        os.close(told)
        time.sleep(moments.uniform(0, LONGEST_SECONDS) if not wanted else 0)
        while wanted > 0 and (heard := os.read(hears, wanted)):
            wanted -= len(heard)
        time.sleep(moments.uniform(0, MOMENT))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(hears)


if __name__ == "__main__":
    main()
