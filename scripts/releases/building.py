"""Builds what git tracks, on request as if somebody else did on another machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .environments import Failed
from .pythons import PROJECT
from .tree import copy, everything, last_commit, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator

FROM_TREE = "from-tree"
"""The folder of the wheel that was not built from the source distribution."""

OTHER_DAY = 1_000_000_000
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}


def build(target: Path, *, elsewhere: bool = False) -> None:
    """Build both distributions into a folder.

    Args:
        target: The folder, which need not be there.
        elsewhere: Whether to do so from files of another day that only their owner may read, with
            another umask, time zone, locale and seed.

    Raises:
        Failed: They can't be built.
    """
    target.mkdir(parents=True, exist_ok=True)
    seconds = last_commit(PROJECT)
    with tempfile.TemporaryDirectory(prefix="gradioproxy-tree-") as name:
        folder = Path(name, "a folder" if elsewhere else "tree")
        copy(PROJECT, tracked(PROJECT), folder, seconds)
        if elsewhere:
            for path in map(folder.joinpath, everything(folder)):
                path.chmod(path.stat().st_mode & 0o700)
                os.utime(path, (OTHER_DAY, OTHER_DAY))
        done = subprocess.run(
            [sys.executable, "-m", "releases.once", folder, target, str(seconds)],
            check=False,
            capture_output=True,
            text=True,
            umask=0o077 if elsewhere else -1,
            env=os.environ
            | {"PYTHONPATH": str(PROJECT / "scripts")}
            | (ELSEWHERE if elsewhere else {}),
        )
    if done.returncode:
        raise Failed(done.stdout + done.stderr)


def differences(one: Path, other: Path) -> Iterator[str]:
    """Yield what differs between two folders of what was built, and within each."""
    names = everything(one)
    if names != everything(other):
        yield f"{names} is not {everything(other)}"
    for name in names:
        content = (one / name).read_bytes()
        if content != (other / name).read_bytes():
            yield f"{name} was built twice and differs"
        if name.startswith(FROM_TREE) and content != (one / Path(name).name).read_bytes():
            yield f"{Path(name).name} of the tree is not that of the source distribution"


def distributions(target: Path) -> tuple[Path, Path]:
    """Return the paths of the source distribution and the wheel."""
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return sdist, wheel
