"""Where the files of a result go: planned before the call, so that nothing is lost after it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import FileNotSaved, GradioProxyError
from ..files.saving import write_new_file
from ..schema.shape import File as FileShape
from ..schema.shape import Union, has_file
from ..text import one_line
from .failures import write_error
from .target import STANDARD_OUTPUT, check_target, is_device, stays_in_place, write_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..files.file import File
    from ..schema.endpoint import Endpoint


class Saver:
    """Saves the files of results.

    Args:
        target: A path, a folder or ``-``; ``None`` for a folder among the temporary ones, which is
            made when there is a file.
        folder: Whether *target* is a folder.

    Attributes:
        failed: Whether a file could not be saved where it was to be.
    """

    def __init__(self, target: str | None, *, folder: bool) -> None:
        self.failed = False
        self._target = target
        self._folder = folder
        self._temporary: Path | None = None
        self._taken = False

    def save(self, files: Iterable[File]) -> dict[str, str]:
        """Save files.

        Args:
            files: The files of one result.

        Returns:
            The path of each by its address.

        Raises:
            FileGone, ConnectError, ConnectionLost, Timeout: One can't be fetched.
        """
        unique = {file.url: file for file in files}
        return {url: self._save_file(file) for url, file in unique.items()}

    def _save_file(self, file: File) -> str:
        if self._target is None:
            return str(file.save(self._make_temporary()))
        try:
            return str(self._save_as_told(file, self._target))
        except BrokenPipeError:
            raise  # nobody reads on
        except OSError as error:
            of_disk = isinstance(error, FileNotSaved) or not isinstance(error, GradioProxyError)
            if not of_disk:
                raise  # it did not come
            path = file.save(self._make_temporary())
            self.failed = True
            reason = error.strerror or one_line(error)
            write_error(f"gradioproxy: {self._target}: {reason}; the file is at {path}")
            return str(path)

    def _save_as_told(self, file: File, target: str) -> Path | str:
        if target == STANDARD_OUTPUT:
            for chunk in file.chunks():
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return STANDARD_OUTPUT
        path = Path(target)
        if self._folder:
            return file.save(path)
        if self._taken and not is_device(path):  # more came than the app's description said
            return write_new_file(file.chunks(), path.parent, path.name)
        self._taken = True
        if not stays_in_place(path):
            return file.save(path)
        write_target(file.chunks(), path)
        return path

    def _make_temporary(self) -> Path:
        """Return the folder for what goes nowhere else, which stays."""
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="gradioproxy-"))
        return self._temporary


def plan_saving(endpoint: Endpoint, target: str | None, *, several: bool) -> Saver | None:
    """Say where the files of an endpoint's results will go.

    Args:
        endpoint: What is called.
        target: What the caller chose, if anything, as `target.parse_target` has it.
        several: Whether there will be several results.

    Returns:
        What saves them; ``None`` if there will be none, and *target* is for the text.

    Raises:
        click.UsageError: *target* can't be what it would have to be.
    """
    holders = [result.shape for result in endpoint.results if has_file(result.shape)]
    if target is None:
        return Saver(None, folder=True)
    if not holders:
        return None
    one = not several and len(holders) == 1 and _is_single(holders[0])
    if target == STANDARD_OUTPUT:
        if not one:
            raise click.UsageError("-o - takes one file, and there can be several")
        if sys.stdout.isatty():
            raise click.UsageError("-o - is for programs and files, not for a terminal")
        return Saver(target, folder=False)
    path = Path(target)
    if one and not (path.is_dir() or target.endswith(os.sep)):
        check_target(path)
        return Saver(target, folder=False)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(
            f"-o {target}: there can be several files, which need a folder: {error.strerror}"
        ) from error
    return Saver(target, folder=True)


def _is_single(shape: object) -> bool:
    """Tell whether a value of a shape is one file at most."""
    if isinstance(shape, Union):
        return any(isinstance(member, FileShape) for member in shape.members)
    return isinstance(shape, FileShape)
