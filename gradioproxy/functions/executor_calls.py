"""The calls of one function by an executor: what goes to its workers, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..calls.request import render_call
from ..errors import GradioProxyError, Trace
from ..many.chunk import AppReference
from ..many.chunk_records import EntryRecords, Received
from ..many.chunk_runner import ChunkRunner
from ..many.executors import find_workers, runs_here
from ..many.losses import describe_end
from ..many.thread_runner import ThreadRunner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.call_files import CallFiles
    from ..files.payload import Payload
    from ..many.chunk import Answer, Find
    from ..many.chunk_records import ChunkRecords
    from ..many.feeding import FallibleRunner
    from ..many.session_runner import SessionRunner
    from ..schema.endpoint import Endpoint
    from .calling import Calling


_HERE_ALONE = (
    "{name}() is shared out to several addresses, by this process alone: others can't make its "
    "calls. Without executor= it makes as many at a time as concurrency= says; for processes, "
    "connect to one address with gradioproxy.connect()."
)


class Inputs(Protocol):
    """Knows what the inputs of a `map` say."""

    def bind(self, item: Any) -> Mapping[str, Any]:
        """Return the arguments of an input by name, or raise what is wrong with it."""
        ...

    def encode(self, item: Any) -> Payload:
        """Return what the call of an input sends, or raise what is wrong with it."""
        ...


@dataclass(frozen=True)
class ExecutorCalls:
    """What an executor is to know of a function, and what is done here with what it brings.

    Attributes:
        caller: Prepares its calls.
        inputs: Knows what an input says.
        here: Makes calls in this process, as many at once as may be under way.
        has_journal: Whether inputs are entries of a journal, which notes what becomes of them.
    """

    caller: Calling
    inputs: Inputs
    here: SessionRunner
    has_journal: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.caller.name

    @property
    def endpoint(self) -> Endpoint:
        """What is called."""
        return self.caller.endpoint

    def make_runner(
        self, executor: Any, patience: float | None, *, shared_files: bool | None
    ) -> tuple[FallibleRunner, float | None]:
        """Return what makes calls by an executor, and how long they may be refused here.

        Args:
            executor: The executor.
            patience: Seconds for which a call may be refused; ``None`` for any number.
            shared_files: Whether the workers see the files of this machine, if it is known.

        Raises:
            TypeError: *executor* is none, or the app is to be found in this process alone.
            ConnectionLost: Its cluster is gone.
        """
        if runs_here(executor):
            return ThreadRunner(executor, self.here, self.name), patience
        if self.caller.settings.find is None:
            raise TypeError(_HERE_ALONE.format(name=self.name))
        try:
            workers = find_workers(executor, shared_files=shared_files)
        except (TypeError, GradioProxyError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it takes nothing
            raise describe_end(self.name, error) from None
        records: ChunkRecords | None = None
        if self.has_journal:
            records = EntryRecords(self._make_files().run)
        # A call that is refused waits at its worker, and has waited long enough when it is here.
        return ChunkRunner(workers, self, self.here.capacity, patience, records), 0

    def refer(self) -> tuple[Find, AppReference]:
        """Return how a worker finds the app."""
        settings = self.caller.settings
        engine = settings.engine
        access = settings.transport.access
        find = settings.find
        if find is None:
            raise TypeError(_HERE_ALONE.format(name=self.name))
        # Without what this process alone has, and jobs that nobody asks for there.
        options = replace(
            engine.options,
            download_dir=None,
            session_hash=None,
            max_jobs=0,
            max_jobs_policy="forget",
        )
        return find, AppReference(
            url=settings.transport.address.source,
            options={**settings.options.without_secrets(), "progress": False},
            session=options,
            verify=access.verify,
            timeout=access.timeout,
            file_hosts=access.file_hosts,
            limits=access.limits,
        )

    def encode(self, item: Any) -> Payload:
        """Return what the call of an input sends; raises what is wrong with it."""
        self.caller.settings.engine.ensure_open()
        return self.inputs.encode(item)

    def receive(self, answer: Answer) -> Received:
        """Return what came of a call, and what makes a result of it as of one of this session."""
        files = self._make_files()
        files.take(answer.streams)
        return Received(answer.data, self.caller.make_decoder(files), files)

    def _make_files(self) -> CallFiles:
        return self.caller.settings.engine.make_files(self.caller.settings.way)

    def explain(self, error: BaseException, item: Any) -> BaseException:
        """Return an error of an input's call, with the call as it was written here."""
        if isinstance(error, GradioProxyError):
            text = render_call(self.name, self.inputs.bind(item), self.caller.defaults)
            error.trace = replace(error.trace or Trace(), call=text)
        return error
