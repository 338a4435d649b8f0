"""What it takes until there is something: imports, a whole script, a session, its functions."""

from __future__ import annotations

import functools
import sys
import tempfile
from operator import truediv
from statistics import median
from typing import TYPE_CHECKING

from ..measures.clients import ALL, BARE, OFFICIAL, OURS
from ..processes import measured, python, run_app, timed_command
from ..table import Row, below, beside_bare, faster, render_time, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 15


def imports() -> Iterator[Row]:
    """Yield rows for imports in fresh processes."""
    statements = {
        OURS: "import gradioproxy",
        OFFICIAL: "import gradio_client",
        BARE: "import requests",
        "all": "import gradioproxy; gradioproxy.connect",
    }
    seconds = take_turns(
        {name: functools.partial(_time_import, text) for name, text in statements.items()}
    )
    ours, official, bare, everything = (median(times) for times in seconds.values())
    foreign = int(python("-c", _COUNT_FOREIGN))
    yield timed("import", [ours, official, bare], faster(ours / official, 4))
    yield Row("import, modules of other packages", [str(foreign)], (below(foreign, 0, ""),))
    yield timed("import, with all that connect needs", [everything, official, bare])


def _time_import(statement: str) -> float:
    code = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
    return float(python("-c", code.format(statement)))


_COUNT_FOREIGN = """
import sys
before = {*sys.modules}
import gradioproxy
new = {name.partition(".")[0] for name in {*sys.modules} - before}
print(len(new - {*sys.stdlib_module_names} - {"gradioproxy"}))
"""


def start() -> Iterator[Row]:
    """Yield rows for a script of one call, from the start of Python to its end."""
    for number, most, most_of_command in (("4", None, None), ("200", 1.2, 1.3)):
        # A command keeps what an app says of itself, and is used again.
        with run_app("endpoints", number) as server, tempfile.TemporaryDirectory() as caches:
            actions: dict[str, Callable[[], float]]
            actions = {name: functools.partial(_run, name, server.url) for name in ALL}
            actions["command"] = functools.partial(_run_command, server.url, caches)
            seconds = take_turns(actions)
        ratios = [median(map(truediv, seconds[OURS], seconds[other])) for other in (BARE, OFFICIAL)]
        yield timed(
            f"script of one call, app of {number}",
            [median(seconds[name]) for name in ALL],
            beside_bare(ratios[0], most),
            faster(ratios[1]),
        )
        ratio = median(map(truediv, seconds["command"], seconds[BARE]))
        verdict = beside_bare(ratio, most_of_command)
        figures = [median(seconds[name]) for name in ("command", OFFICIAL, BARE)]
        yield timed(f"gradioproxy call, app of {number}", figures, verdict)


def _run(name: str, url: str) -> float:
    return timed_command(sys.executable, "-m", "benchmarks.measures.start", name, url)


def _run_command(url: str, caches: str) -> float:
    command = (sys.executable, "-m", "gradioproxy", "call", url, "/f", "x")
    return timed_command(*command, caches=caches)


def take_turns(actions: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Return what each action returns, round by round; the first round is for warming up."""
    rounds = [[action() for action in actions.values()] for _ in range(ROUNDS + 1)][1:]
    return dict(zip(actions, map(list, zip(*rounds, strict=True)), strict=True))


def opening() -> Iterator[Row]:
    """Yield rows for sessions with apps of several sizes."""
    # What takes a few milliseconds comes out differently each time, and takes no time to repeat.
    for number, rounds in (("1", 150), ("4", 150), ("200", 25), ("1000", 25)):
        with run_app("endpoints", number) as server:
            numbers = measured("opening", server.url, rounds)
        yield timed(
            f"connect, app of {number}",
            [numbers[f"{name} median"] for name in ALL],
            beside_bare(numbers[f"{OURS} to {BARE}"], 1.15),
            faster(numbers[f"{OURS} to {OFFICIAL}"], 1.5),
        )
    seconds = numbers["make"]
    what = f"make {numbers['made']:.0f} functions"
    yield Row(what, [render_time(seconds)], (below(seconds, 1, "s"),))


def completion() -> Iterator[Row]:
    """Yield rows for Tab and help on an app with 1,000 endpoints."""
    with run_app("endpoints", "1000") as server:
        numbers = measured("touching", server.url)
    for how in ("with jedi", "without"):
        ours, written = numbers[f"ours {how}"], numbers[f"written {how}"]
        verdicts = (below(ours * 1000, 100, "ms"), beside_bare(ours / written, what="a module"))
        yield timed(f"Tab over 1,000 functions, {how}", [ours], *verdicts)
    read = numbers["read"]
    yield timed("signature and docstring of one", [read], below(read * 1000, 2, "ms"))
