"""Files, up and down and from call to call."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ..measures.clients import OFFICIAL, OURS
from ..processes import measured, run_app, timed_command
from ..table import MEGABYTE, Row, below, beside_bare, faster, render_time, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGE = 1024 * MEGABYTE
ROUNDS = 3
FILES = 500


def large_files() -> Iterator[Row]:
    """Yield rows for a file of 1 GB, which is all zeros and takes no room until it is sent."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        path = Path(folder, "file.bin")
        path.touch()
        os.truncate(path, LARGE)
        with run_app("files") as server:
            target = f"{server.url}/gradio_api/upload"
            found = _take_turns(
                lambda name: measured("uploading", name, server.url, str(path), "size"),
                lambda: timed_command("curl", "-fsS", "-F", f"files=@{path}", target),
            )
    yield from _rows("upload of 1 GB", *found, (None, None))
    with run_app("files") as server:
        made = measured("downloading", OURS, server.url, LARGE)
        address = f"{server.url}/gradio_api/file={_find_made(server.process)}"
        found = _take_turns(
            lambda name: measured("downloading", name, server.url, LARGE),
            lambda: timed_command("curl", "-fsS", "-o", "file.bin", address),
        )
        del made
        nowhere = median(
            timed_command("curl", "-fsS", "-o", os.devnull, address) for _ in range(ROUNDS)
        )
        handed = measured("handing", server.url, LARGE)
    yield from _rows("download of 1 GB", *found, (1.2, 1))
    yield Row("\\ into nowhere", ["", "", render_time(nowhere)])
    ratio = beside_bare(handed["large"] / handed["small"], 2, "one of 1 byte")
    yield timed("a file of 1 GB handed on", [handed["large"]], ratio)


def _find_made(process: int) -> Path:
    """Return the path of the file that the server made, as it names it."""
    folder = Path(f"/proc/{process}/cwd").resolve()
    return next(folder.rglob(f"made-{LARGE}.bin"))


def _take_turns(
    measure: Callable[[str], dict[str, float]], curl: Callable[[], float]
) -> tuple[list[float], dict[str, float]]:
    """Return the median seconds of each, and by how many bytes the memory of ours grew at most."""
    rounds = [(measure(OURS), measure(OFFICIAL), curl()) for _ in range(ROUNDS)]
    ours, official, bare = zip(*rounds, strict=True)
    seconds = [median(each["seconds"] for each in way) for way in (ours, official)]
    memory = {
        OURS: max(each["memory"] for each in ours),
        OFFICIAL: max(each["memory"] for each in official),
    }
    return [*seconds, median(bare)], memory


def _rows(
    what: str,
    seconds: list[float],
    memory: dict[str, float],
    wanted: tuple[float | None, float | None],
) -> Iterator[Row]:
    ours, official, curl = seconds
    verdicts = (beside_bare(ours / curl, wanted[0], "curl"), faster(ours / official, wanted[1]))
    yield timed(what, seconds, *verdicts)
    grown = {name: value / MEGABYTE for name, value in memory.items()}
    yield Row(
        "\\ memory",
        [f"+{value:.3g} MB" for value in grown.values()],
        (below(grown[OURS], 32, "MB"),),
    )


def small_files() -> Iterator[Row]:
    """Yield a row for 500 small files in one call."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        for number in range(FILES):
            Path(folder, f"{number}.txt").write_text(f"file {number}")
        with run_app("files") as server:
            rounds = [
                [
                    measured("uploading", name, server.url, folder, "sizes")["seconds"]
                    for name in (OURS, OFFICIAL)
                ]
                for _ in range(ROUNDS)
            ]
    ours, official = map(median, zip(*rounds, strict=True))
    yield timed("500 small files in one call", [ours, official], faster(ours / official, 10))
