"""What a worker of an executor does: a chunk of calls, over the session that this process has.

Rule: nothing is raised here. What went wrong is what came of the calls; an error that comes back in
another way says that the executor failed, and not a call.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calls.failures import copy_error
from ..calls.job import Job
from ..calls.job_record import JobRecord
from ..calls.request import CallRequest
from ..errors import AuthenticationError, GradioProxyError, JobCancelled
from ..frozen import frozen
from ..values.decode import Decoder
from .chunk import Answer, ChunkAnswer
from .mapping import Mapped
from .session_runner import SessionRunner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..files.call_files import CallFiles
    from ..files.payload import Payload
    from ..schema.endpoint import JSON
    from .chunk import Chunk, Settings

MAX_BROUGHT = 32 << 20
"""When so many bytes of streams are to go back, a worker begins no more calls of a chunk."""

_PLAIN = (str, bytes, int, float, bool, type(None))
_NO_SECRETS = (
    "The call was made by a worker of the executor, which is given no secrets: they are taken from "
    "the variable GRADIOPROXY_ACCESS of its environment, as in "
    "https://user:password@app.example.org."
)


def run_chunk(chunk: Chunk) -> ChunkAnswer:
    """Make the calls of a chunk, and return what came of them.

    Args:
        chunk: The chunk.
    """
    if chunk.ticket is not None and not chunk.ticket.take():
        return ChunkAnswer(refused=True)
    try:
        settings = chunk.find(chunk.app)
    except Exception as error:  # noqa: BLE001 - it is what came of each call
        made = make_portable(error)
        return ChunkAnswer([copy_error(made) for _ in chunk.payloads])
    began = time.monotonic()
    calls = _Calls(chunk, settings)
    runner = SessionRunner(settings.engine.start, calls.prepare, chunk.width)
    items = calls.take_in_time(began + chunk.seconds)
    came = Mapped(runner, items, keep=True, patience=chunk.patience).results()
    return ChunkAnswer([calls.finish(each) for each in came], time.monotonic() - began)


@dataclass(frozen=True)
class _Raw:
    """A result as it came, and the streams in it, which are on this machine."""

    data: tuple[JSON, ...]
    files: CallFiles


@frozen()
class _RawDecoder(Decoder):
    """Gives what came as it is: whoever asked for it decodes it, for a session of his own."""

    files: CallFiles

    def decode(self, data: Sequence[JSON], *, copy: bool = True) -> Any:
        """Return what came, once it is known that it can be decoded, and which streams it has.

        Hidden outputs stay here: nobody asks for them, nor looked how deeply they are nested.
        """
        super().decode(data, copy=copy)
        shown = {result.index for result in self.endpoint.results}
        kept = (value if place in shown else None for place, value in enumerate(data))
        return _Raw(tuple(kept), self.files)


class _Calls:
    """The calls of a chunk.

    Args:
        chunk: The chunk.
        settings: What they are made with.
    """

    def __init__(self, chunk: Chunk, settings: Settings) -> None:
        self._chunk = chunk
        self._settings = settings
        # How many bytes of streams go back so far.
        self._brought = 0

    def take_in_time(self, deadline: float) -> Iterator[Payload]:
        """Yield what is to be sent, as long as there is time and room; the first ones anyhow."""
        chunk = self._chunk
        for number, payload in enumerate(chunk.payloads):
            is_enough = time.monotonic() >= deadline or self._brought >= MAX_BROUGHT
            if number >= chunk.width and is_enough:
                return
            if number and not self._is_wanted():
                return
            yield payload

    def _is_wanted(self) -> bool:
        """Tell whether anybody still waits for the chunk, as far as that is known."""
        ticket = self._chunk.ticket
        return ticket is None or ticket.is_wanted()

    def prepare(self, payload: Payload) -> tuple[Job[Any], JobRecord, Payload]:
        """Return the job of a call that has not begun, its record, and what it sends.

        Raises:
            JobCancelled: It was refused before, and given up meanwhile.
        """
        if not self._is_wanted():
            raise JobCancelled(f"{self._chunk.name}() was given up.")
        engine, way = self._settings.engine, self._settings.way
        chunk = self._chunk
        # Of the app as it was where the arguments were encoded: the engine compares it with what it
        # is now.
        request = CallRequest(chunk.name, engine.app, chunk.endpoint, way, self._settings.options)
        files = engine.make_files(way)
        decoder = _RawDecoder(chunk.endpoint, None, files.make_file, files)
        record = JobRecord(request, engine, decoder, files, 0, result_only=True)
        return Job(record), record, payload

    def finish(self, outcome: Any) -> Answer | BaseException:
        """Return what goes back of what came of a call."""
        if isinstance(outcome, BaseException):
            return make_portable(outcome)
        streams = {}
        for url, path in outcome.files.find_fetched().items():
            with contextlib.suppress(OSError):  # it was cleaned away: who uses it fetches it
                streams[url] = _take_away(path)
        self._brought += sum(map(len, streams.values()))
        return Answer(outcome.data, streams)


def _take_away(path: Path) -> bytes:
    """Return the content of a file in a private folder, which goes."""
    content = path.read_bytes()
    with contextlib.suppress(OSError):
        path.unlink()
        path.parent.rmdir()
    return content


def make_portable(error: BaseException) -> BaseException:
    """Return an error as it can go to another process: ours as it is, as they all can.

    Of others nobody knows what they hold.
    """
    if isinstance(error, AuthenticationError):
        if "GRADIOPROXY_ACCESS" not in str(error):
            error.args = (f"{error} {_NO_SECRETS}",)
        return error
    if isinstance(error, GradioProxyError):
        return error
    is_builtin = type(error).__module__ == "builtins" and not vars(error)
    # Where Dask is loaded, errors are unpickled without their constructors, and these lose their
    # words then.
    is_builtin = is_builtin and not isinstance(error, UnicodeError)
    if is_builtin and all(isinstance(part, _PLAIN) for part in error.args):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")
