"""Folders of files whose modes and times say nothing of who made them."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def tracked(project: Path) -> list[str]:
    """Return the files that git tracks, as they are now; one that was deleted is none."""
    command = ["git", "-C", str(project), "ls-files", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = sorted(filter(None, listed.split("\0")))
    return [name for name in names if (project / name).is_file()]


def uncommitted(project: Path) -> list[str]:
    """Return the tracked files that are not as they were committed."""
    command = ["git", "-C", str(project), "diff", "--name-only", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def everything(folder: Path) -> list[str]:
    """Return all files of a folder."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def last_commit(project: Path) -> int:
    """Return when the last commit was made, in seconds since 1970."""
    command = ["git", "-C", str(project), "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def copy(source: Path, names: Iterable[str], folder: Path, seconds: int) -> None:
    """Copy files into a new folder, with the modes that git knows and one time for all of them."""
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
        target.chmod(0o755 if (source / name).stat().st_mode & 0o100 else 0o644)
        os.utime(target, (seconds, seconds))
