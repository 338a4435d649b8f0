"""What ``-o`` names: standard output, what has to stay what it is, or a file of its own."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import click

from ..files.saving import write_chunks, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STANDARD_OUTPUT = "-"
# Where nothing is behind standard output that can be compared, as in programs that catch it.
_NAMES_OF_IT = frozenset({STANDARD_OUTPUT, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})

_MAX_LINKS = 40


def parse_target(text: str) -> str:
    """Return what a caller named, and ``-`` for whatever is standard output.

    Args:
        text: A path. ``/dev/stdout``, a link to it and the file to which a shell sends the output
            are standard output: opened once more, they would be written from their beginning.
    """
    if text in _NAMES_OF_IT:
        return STANDARD_OUTPUT
    with contextlib.suppress(OSError, ValueError):
        if os.path.samestat(os.stat(text), os.fstat(sys.stdout.fileno())):  # noqa: PTH116 - beside that of a number
            return STANDARD_OUTPUT
    return text


def is_device(path: Path) -> bool:
    """Tell whether a path is that of a pipe, a device and the like."""
    return path.exists() and not (path.is_file() or path.is_dir())


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths are of one file, which need not be there yet."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if one.resolve() == other.resolve():
            return True
        return one.samefile(other)
    return False


def stays_in_place(path: Path) -> bool:
    """Tell whether what is there takes content, and is not replaced: a link, a pipe or a device."""
    return path.is_symlink() or is_device(path)


def write_target(chunks: Iterable[bytes], path: Path) -> None:
    """Write a file whole or not at all, also behind a link; pipes and devices as it comes.

    Args:
        chunks: The content.
        path: Where it goes, which is not standard output.

    Raises:
        FileNotSaved, OSError: As `files.saving.write_file` does.
    """
    if not stays_in_place(path):
        write_file(chunks, path)
        return
    if not is_device(path) and (made := _follow_links(path)) is not None:
        write_file(chunks, made)
        return
    with path.open("wb") as file:
        write_chunks(chunks, file, path)


def _follow_links(path: Path) -> Path | None:
    """Return where a link leads to, unless it is to itself or to what processes hold."""
    for _ in range(_MAX_LINKS):
        path = path.parent.resolve() / path.name
        if path.is_relative_to("/dev") or path.is_relative_to("/proc"):
            return None
        if not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    return None


def check_target(path: Path) -> None:
    """Do nothing, if a file can be written there.

    Raises:
        click.UsageError: Its folder is missing, or nobody may write there.
    """
    # Through a link that leads to nothing yet, what it leads to is made.
    made = _follow_links(path) if path.is_symlink() and not path.exists() else path
    if made is None:
        raise click.UsageError(f"-o {path}: it is a link that leads to no file")
    folder = made.parent
    if not folder.is_dir():
        raise click.UsageError(f"-o {path}: there is no folder {folder}")
    if made.is_dir():
        raise click.UsageError(f"-o {path}: it is a folder, and there is one file to write")
    if not os.access(made if made.exists() else folder, os.W_OK):
        raise click.UsageError(f"-o {path}: it may not be written")
