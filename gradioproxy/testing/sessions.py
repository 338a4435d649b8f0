"""`record` and `replay`: context managers within which sessions are recorded, or replayed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .. import forksafe
from ..files.private import make_temporary_folder
from ..transport.interception import install, uninstall
from ..uncopyable import Uncopyable
from .normalizing import Normalizer
from .player import Player
from .recorder import Recorder
from .storage import ensure_replaceable, hide_in_file, read_cassette, write_cassette

if TYPE_CHECKING:
    from typing_extensions import Self

    from .cassette import AppEntry

_begins_or_ends = forksafe.Lock()
_open: dict[Path, int] = {}
"""What is being recorded, and by which process."""


class record(Uncopyable):  # noqa: N801 - used as a function
    """Keep what is said with apps in a cassette, for ``replay``: a context manager.

    It is about sessions that are opened within its block, on whichever thread; what they say behind
    it is not kept. The cassette is written at the end of the block, also where that ends with an
    error; one that was there stays as it is until then, and if writing fails.

    It is JSON, with files in a folder beside it (``talk.json``, ``talk.files``), and has no secret
    by which apps are reached: no tokens, passwords, cookies and headers. The arguments and results
    of calls are in it as they are.

    Args:
        path: The cassette.
    """

    __module__ = "gradioproxy.testing"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - links stay
        self._recorder: Recorder | None = None
        self._folder = Path()
        self._is_discarded = False

    def __enter__(self) -> Self:
        """Begin to record.

        Raises:
            SchemaError: There is a file at the path that is no cassette, and would be lost.
            ValueError: The cassette is being recorded already, or can't have that name.
            FileNotSaved: There is no room for temporary files.
        """
        ensure_replaceable(self._path)
        with _begins_or_ends:
            if _open.get(self._path) == os.getpid():
                raise ValueError(f"{self._path} is being recorded already: record to another one")
            _open[self._path] = os.getpid()
        try:
            folder = make_temporary_folder()
            self._folder, self._recorder = folder, Recorder(folder)
            self._is_discarded = False
            install(self._recorder)
        except BaseException:  # Ctrl-C, after which nobody leaves the block
            recorder, self._recorder = self._recorder, None
            if recorder is not None:
                uninstall(recorder)
            _open.pop(self._path, None)
            raise
        return self

    def discard(self) -> None:
        """Write nothing at the end of the block: the cassette that was there stays as it is."""
        self._is_discarded = True

    def __exit__(self, *_: object) -> None:
        """Write the cassette.

        Raises:
            FileNotSaved: The disk is full, read-only or broken.
            OSError: The path is none that can be written.
        """
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        uninstall(recorder)
        recorder.stop()
        try:
            # A forked child leaves the cassette to its parent.
            if recorder.process == os.getpid() and not self._is_discarded:
                recorder.ensure_kept()
                write_cassette(self._path, _write_apps(recorder, self._folder), self._folder)
        finally:
            recorder.forget()
            with _begins_or_ends:
                _open.pop(self._path, None)
            if recorder.process == os.getpid():
                shutil.rmtree(self._folder, ignore_errors=True)


def _write_apps(recorder: Recorder, folder: Path) -> list[AppEntry]:
    """Return what a cassette has of each app; texts in files beside lose secrets, too."""
    written = []
    apps = recorder.list_apps()
    # What one was sent, and said again, may have been passed on to another.
    redactors = [redactor for app in apps for redactor in app.redactors]
    for app in apps:
        normalizer = Normalizer(app, redactors)
        entry = normalizer.write()
        for answer in entry.answers():
            if "sha256" in answer:
                hide_in_file(answer, folder, normalizer.hide_text)
        written.append(entry)
    return written


class replay(Uncopyable):  # noqa: N801 - used as a function
    """Answer from a cassette what ``record`` kept: a context manager. No server is needed.

    Sessions that are opened within its block get what was recorded, for good: nothing that they ask
    for reaches a network. A call is found by its function, its arguments and the content of its
    files. Of equal calls each gets the next that was recorded; when none is left, the last one
    again. Nothing is waited for.

    What was not recorded is a `gradioproxy.NotRecorded`, which names what is most like it.

    Args:
        path: The cassette.
    """

    __module__ = "gradioproxy.testing"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - as above
        self._players: list[Player] = []

    def __enter__(self) -> Self:
        """Begin to replay.

        Raises:
            MissingFile: There is no such cassette.
            SchemaError: It is none, or a damaged one.
        """
        player = Player(read_cassette(self._path))
        self._players.append(player)
        install(player)
        return self

    def __exit__(self, *_: object) -> None:
        """Replay for no more sessions."""
        if self._players:
            uninstall(self._players.pop())
