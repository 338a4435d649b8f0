"""The calls of one function by an executor: what goes to its workers, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..calls.request import render_call
from ..errors import GradioProxyError, Trace
from ..many.chunk import AppReference
from ..many.chunk_runner import ChunkRunner
from ..many.executors import find_workers, runs_here
from ..many.feeding import feed
from ..many.losses import describe_end
from ..many.thread_runner import ThreadRunner
from ..values.decode import Decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..files.payload import Payload
    from ..many.chunk import Answer, Find
    from ..many.session_runner import SessionRunner
    from ..schema.endpoint import Endpoint
    from .settings import CallSettings


@dataclass(frozen=True)
class ExecutorCalls:
    """What an executor is to know of a function, and what is done here with what it brings.

    Attributes:
        settings: How calls are made.
        endpoint: What is called.
        name: The function's name.
        defaults: The defaults of its parameters that have some.
        make_tuple: Makes the named tuple of several results.
        bind: Returns the arguments of an input by name, or raises what is wrong with it.
        write: Returns what is sent for arguments, or raises what is wrong with them.
        here: Makes calls in this process, as many at once as may be under way.
    """

    settings: CallSettings
    endpoint: Endpoint
    name: str
    defaults: Mapping[str, Any]
    make_tuple: Callable[[Sequence[Any]], Any] | None
    bind: Callable[[Any], Mapping[str, Any]]
    write: Callable[[Mapping[str, Any]], Payload]
    here: SessionRunner

    def map(
        self,
        executor: Any,
        items: Iterator[Any],
        *,
        keep: bool,
        patience: float | None,
        shared_files: bool | None,
    ) -> Iterator[Any]:
        """Return the results of inputs in their order, as they come.

        Args:
            executor: The executor.
            items: The inputs.
            keep: Whether errors are results.
            patience: Seconds for which a call may be refused; ``None`` for any number.
            shared_files: Whether the workers see the files of this machine, if it is known.

        Raises:
            TypeError: *executor* is none.
            ConnectionLost: Its cluster is gone.
        """
        if runs_here(executor):
            threads = ThreadRunner(executor, self.here, self.name)
            return feed(threads, items, keep=keep, patience=patience)
        try:
            workers = find_workers(executor, shared_files=shared_files)
        except (TypeError, GradioProxyError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it takes nothing
            raise describe_end(self.name, error) from None
        runner = ChunkRunner(workers, self, self.here.capacity, patience)
        # A call that is refused waits at its worker, and has waited long enough when it is here.
        return feed(runner, items, keep=keep, patience=0)

    def refer(self) -> tuple[Find, AppReference]:
        """Return how a worker finds the app."""
        settings, engine = self.settings, self.settings.engine
        access = settings.transport.access
        find = settings.find
        if find is None:
            raise TypeError(f"{self.name}() can be called in this process alone.")
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
        self.settings.engine.ensure_open()
        return self.write(self.bind(item))

    def decode(self, answer: Answer) -> Any:
        """Return the result of a call, as a call of this session would have it."""
        files = self.settings.engine.make_files(self.settings.way)
        files.take(answer.streams)
        decoder = Decoder(self.endpoint, self.make_tuple, files.make_file)
        return decoder.decode(answer.data, copy=False)

    def explain(self, error: BaseException, item: Any) -> BaseException:
        """Return an error of an input's call, with the call as it was written here."""
        if isinstance(error, GradioProxyError):
            text = render_call(self.name, self.bind(item), self.defaults)
            error.trace = replace(error.trace or Trace(), call=text)
        return error
