"""Making the calls of one function: from its arguments to a result, a stream, a job or a check.

Arguments come by name, defaults filled in, as the generated function passes them. How values are
written is the encoder's business, and how calls go is the engine's.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal

from ..calls.job import Job
from ..calls.job_record import JobRecord
from ..calls.progress import watch
from ..calls.request import CallRequest, Prepared, ensure_takes_event, find_left_out
from ..calls.stream import Stream
from ..files.payload import Payload
from ..progress_bar import is_wanted
from ..protocols import takes_feeds
from ..schema.endpoint import Endpoint, is_filler
from ..values.decode import Decoder
from .annotations import result_type
from .check import Check, describe_call
from .codegen import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..calls.call import Begun
    from ..calls.feed import Feed
    from ..calls.feeds import Feeder
    from ..values.file_slots import Sources
    from .settings import CallSettings


class Caller:
    """Makes the calls of one function.

    Args:
        settings: How calls are made.
        endpoint: What is called.
        name: The function's name.
        names: Its parameters' names.
        defaults: The defaults of those that have one, or `REQUIRED`.
        result: The class of its named tuples, if it is none that is made here.
    """

    def __init__(
        self,
        settings: CallSettings,
        endpoint: Endpoint,
        name: str,
        names: tuple[str, ...],
        defaults: Mapping[str, Any],
        *,
        result: type[tuple[Any, ...]] | None = None,
    ) -> None:
        self.settings = settings
        self.endpoint = endpoint
        self.name = name
        self.names = names
        self.defaults = defaults
        self.result_type = result or result_type(name, endpoint)
        self._make_tuple = None if self.result_type is None else self.result_type._make  # type: ignore[attr-defined]

    def call(self, /, **arguments: Any) -> Any:
        """Call the app, wait, and return the result; giving up the wait cancels the call."""
        job, record, payload = self._prepare(arguments, None, result_only=True)
        try:
            self._begin(job, record, payload)
            if is_wanted(self.settings.options.progress):
                watch(record)
            return job.result()
        finally:
            if not job.done():
                job.cancel()

    def stream(self, /, **arguments: Any) -> Stream[Any]:
        """Call the app and return its partial results as they come."""
        job, record, payload = self._prepare(arguments, 0)
        # Made before the call begins: it keeps nothing that came before anybody looked.
        stream = Stream(job)
        self._begin(job, record, payload)
        return stream

    def submit(self, /, **arguments: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        job, record, payload = self._prepare(arguments, None)
        self._begin(job, record, payload)
        return job

    def feed(self, /, **arguments: Any) -> Feed[Any]:
        """Call the app with a first chunk, and return what takes the others."""
        from ..calls.feed import Feed  # late: few scripts stream their inputs
        from ..calls.feed_call import FeedRecord
        from ..calls.feeds import ChainFeeder, Chunk, RunFeeder

        engine, signature = self.settings.engine, self._make_signature()

        def bind(*args: Any, **kwargs: Any) -> dict[str, Any]:
            try:
                given = signature.bind_partial(*args, **kwargs).arguments
            except TypeError as error:
                raise TypeError(f"{self.name}(): {error}") from None
            return {**arguments, **given}

        def make(given: Mapping[str, Any], record: type[JobRecord] = JobRecord) -> Chunk:
            return Chunk(*self._prepare(given, 0, make=record))

        feeder: Feeder
        if takes_feeds(engine.app, self.endpoint):
            feeder = RunFeeder(engine, make(arguments, FeedRecord), self._encode)
        else:
            feeder = ChainFeeder(engine, make(arguments), make)
        return Feed(self.name, feeder, bind)

    def _make_signature(self) -> inspect.Signature:
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=self.defaults.get(name, REQUIRED),
                )
                for name in self.names
            ]
        )

    def follow(self, begun: Begun) -> Job[Any]:
        """Return a job for a call that was begun elsewhere, whose arguments nobody knows here."""
        self.endpoint.ensure_callable(self.name)
        job, record, payload = self._make_job(Payload([]), {}, {}, None)
        self.settings.engine.start(job, record, payload, begun)
        return job

    def call_as_page(self) -> Job[Any]:
        """Call the app with what the page's components have at first; return a job at once."""
        names = self.names
        payload = self.settings.encoder.encode(self.name, self.endpoint, names, {}, set(names))
        job, record, payload = self._make_job(payload, {}, {}, None)
        self.settings.engine.start(job, record, payload)
        return job

    def check(self, /, **arguments: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        payload = self._encode(arguments)
        return describe_call(self.settings, self.endpoint, self.name, arguments, payload)

    def map(
        self,
        *iterables: Iterable[Any],
        concurrency: int | None = None,
        errors: Literal["raise", "keep"] = "raise",
        patience: float | None = 300,
        executor: Any = None,
        shared_files: bool | None = None,
    ) -> Iterator[Any]:
        """Call the app for each tuple of the iterables' items, several calls at a time.

        A call that the app refuses because its queue is full, or because there were too many
        requests, is made again, and fewer are under way from then on.

        Args:
            *iterables: The values of the first parameter, of the second, and so on.
            concurrency: How many calls are under way at most; by default as many as the session
                has streams.
            errors: Whether to ``raise`` the first error, which cancels what is under way, or to
                ``keep`` errors as results in their places.
            patience: Seconds after which a call that is refused again and again fails; ``None`` for
                any number, 0 for at once.
            executor: What makes the calls instead of this session: a `concurrent.futures.Executor`
                or a ``distributed.Client``. Each of its workers has a session of its own, with the
                secrets of its environment; those of all have *concurrency* calls under way.
            shared_files: Whether the executor's workers see the files of this machine, and are
                given paths instead of content; by default those do that are on it.

        Returns:
            An iterator over the results, in the order of the items, each as soon as it and those
            before it are there.

        Raises:
            ValueError: *concurrency* or *errors* is none of these.
            TypeError: *executor* is none.
            ConnectionLost: The executor was lost, or shut down, and has made no call of the next
                item; also where errors are kept.
        """
        if errors not in {"raise", "keep"}:
            raise ValueError(f"errors must be 'raise' or 'keep', not {errors!r}")
        limit = self.settings.engine.options.streams if concurrency is None else concurrency
        if limit < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        signature = self._make_signature()

        def bind(item: tuple[Any, ...]) -> Mapping[str, Any]:
            bound = signature.bind(*item)
            bound.apply_defaults()
            return bound.arguments

        def prepare(item: tuple[Any, ...]) -> tuple[Job[Any], JobRecord, Payload]:
            return self._prepare(bind(item), 0, result_only=True)

        items = zip(*iterables)  # noqa: B905 - the shortest ends it, as with the built-in
        from ..many.mapping import Mapped  # late: few scripts make many calls
        from ..many.session_runner import SessionRunner

        keep, runner = errors == "keep", SessionRunner(self._begin, prepare, limit)
        if executor is None:
            return Mapped(runner, items, keep=keep, patience=patience).results()
        from .executor_calls import ExecutorCalls  # late: few scripts have an executor

        calls = ExecutorCalls(
            *(self.settings, self.endpoint, self.name, self.defaults, self._make_tuple),
            *(bind, self._encode, runner),
        )
        return calls.map(executor, items, keep=keep, patience=patience, shared_files=shared_files)

    def _begin(self, job: Job[Any], record: JobRecord, payload: Payload) -> None:
        """Run a call that was prepared; returns at once."""
        self.settings.engine.start(job, record, payload)

    def prepare(self, arguments: Mapping[str, Any], sources: Sources | None = None) -> Prepared:
        """Check the arguments of a call, and return what it takes to make it; nothing is sent.

        Args:
            arguments: Every parameter's value by its name.
            sources: What was found of the files among them when it was prepared before.

        Raises:
            TypeError, ArgumentError, SchemaError: It can't be made like this.
        """
        payload = self._encode(arguments, sources)
        return self._make_parts(payload, arguments, self.defaults)

    def _encode(self, arguments: Mapping[str, Any], sources: Sources | None = None) -> Payload:
        self.endpoint.ensure_callable(self.name)
        ensure_takes_event(self.name, self.settings.engine.app, self.settings.options)
        missing = [
            f"{name!r} ({parameter.label})" if is_filler(name) and parameter.label else repr(name)
            for name, parameter in zip(self.names, self.endpoint.parameters, strict=True)
            if arguments[name] is REQUIRED
        ]
        if missing:
            plural = "s" if len(missing) > 1 else ""
            raise TypeError(
                f"{self.name}() missing {len(missing)} required argument{plural}: "
                + " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
            )
        left_out = find_left_out(arguments, self.defaults)
        encoder = self.settings.encoder
        return encoder.encode(
            self.name, self.endpoint, self.names, arguments, left_out, sources=sources
        )

    def _prepare(
        self,
        arguments: Mapping[str, Any],
        keep: int | None,
        *,
        result_only: bool = False,
        make: type[JobRecord] = JobRecord,
    ) -> tuple[Job[Any], JobRecord, Payload]:
        """Return the job of a call that has not begun, its record, and what it sends."""
        payload = self._encode(arguments)
        return self._make_job(
            payload, arguments, self.defaults, keep, result_only=result_only, make=make
        )

    def _make_job(
        self,
        payload: Payload,
        arguments: Mapping[str, Any],
        defaults: Mapping[str, Any],
        keep: int | None,
        *,
        result_only: bool = False,
        make: type[JobRecord] = JobRecord,
    ) -> tuple[Job[Any], JobRecord, Payload]:
        made = self._make_parts(payload, arguments, defaults)
        engine = self.settings.engine
        record = make(made.request, engine, made.decoder, made.files, keep, result_only=result_only)
        return Job(record), record, payload

    def _make_parts(
        self, payload: Payload, arguments: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> Prepared:
        engine, transport = self.settings.engine, self.settings.way
        files = engine.make_files(transport)
        request = CallRequest(
            self.name,
            engine.app,
            self.endpoint,
            transport,
            self.settings.options,
            arguments,
            defaults,
        )
        decoder = Decoder(self.endpoint, self._make_tuple, files.make_file)
        return Prepared(request, payload, decoder, files)
