"""Making the calls of one function: from its arguments to a result, a stream, a job or a check.

Arguments come by name, defaults filled in, as the generated function passes them. How values are
written is the encoder's business, and how calls go is the engine's.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal

from ..calls.job import Job
from ..calls.job_record import JobRecord
from ..calls.progress import watch
from ..calls.request import CallRequest, Encoded, Prepared, ensure_takes_event, find_left_out
from ..calls.stream import Stream
from ..files.payload import Payload
from ..progress_bar import is_wanted
from ..protocols import takes_feeds
from ..schema.endpoint import Endpoint, is_filler
from ..values.decode import Decoder
from ..values.file_slots import Sources
from .annotations import result_type
from .check import Check, describe_call
from .codegen import REQUIRED

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..calls.call import Begun
    from ..calls.call_journal import CallJournal
    from ..calls.feed import Feed
    from ..calls.feeds import Feeder
    from ..files.call_files import CallFiles
    from .calling import JobParts
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
            self.begin(job, record, payload)
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
        self.begin(job, record, payload)
        return stream

    def submit(self, /, **arguments: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        job, record, payload = self._prepare(arguments, None)
        self.begin(job, record, payload)
        return job

    def feed(self, /, **arguments: Any) -> Feed[Any]:
        """Call the app with a first chunk, and return what takes the others."""
        from ..calls.feed import Feed  # late: few scripts stream their inputs
        from ..calls.feed_call import FeedRecord
        from ..calls.feeds import ChainFeeder, Chunk, RunFeeder

        engine, signature = self.settings.engine, self.make_signature()

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
            feeder = RunFeeder(engine, make(arguments, FeedRecord), self.encode)
        else:
            feeder = ChainFeeder(engine, make(arguments), make)
        return Feed(self.name, feeder, bind)

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
        payload = self.encode(arguments)
        return describe_call(self.settings, self.endpoint, self.name, arguments, payload)

    def map(
        self,
        *iterables: Iterable[Any],
        concurrency: int | None = None,
        errors: Literal["raise", "keep"] = "raise",
        patience: float | None = 300,
        journal: str | os.PathLike[str] | None = None,
        retry: Literal["failed"] | None = None,
        repeat_unknown: bool = False,
        executor: Any = None,
        shared_files: bool | None = None,
        progress: bool | Literal["auto"] = "auto",
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
            journal: The path of a file that keeps each input, its state and its result as they
                come, and files in a folder beside it. Begun again with the same journal, calls that
                ended are not made again, whatever the order of the inputs; equal inputs are told
                apart by their number. Several processes that use one journal share the work.
            retry: Whether calls that ``failed`` before are made again; else their errors are there
                again.
            repeat_unknown: Whether calls of which nobody knows whether they ran are made again;
                else they are errors whose ``may_have_run`` is true.
            executor: What makes the calls instead of this session: a `concurrent.futures.Executor`
                or a ``distributed.Client``. Each of its workers has a session of its own, with the
                secrets of its environment; those of all have *concurrency* calls under way.
            shared_files: Whether the executor's workers see the files of this machine, and are
                given paths instead of content; by default those do that are on it.
            progress: Whether a bar shows how far it is; by default as the session's option says.

        Returns:
            An iterator over the results, in the order of the items, each as soon as it and those
            before it are there.

        Raises:
            ValueError: An option is none of these.
            TypeError: There are more or fewer iterables than the function takes values, or
                *executor* is none, or one of processes for a function of several addresses; or
                *patience* is no number.
            ArgumentError: When the first result is asked for: values of lists are no arguments, and
                nothing was called. What an iterator gives is looked at in its turn.
            JournalError: When the first result is asked for: the journal is that of another
                function, or can't be used. Later: it can't be written any more.
            ConnectionLost: The executor was lost, or shut down, and has made no call of the next
                item; also where errors are kept.
        """
        from .map_calls import MapCalls, MapOptions  # late: few scripts make many calls

        options = MapOptions(
            concurrency=concurrency,
            errors=errors,
            patience=patience,
            journal=journal,
            retry=retry,
            repeat_unknown=repeat_unknown,
            executor=executor,
            shared_files=shared_files,
            progress=progress,
        )
        return MapCalls(self, iterables, options).run()

    def make_signature(self) -> inspect.Signature:
        """Return the function's signature, without what only people read of it."""
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

    def begin(self, job: Job[Any], record: JobRecord, payload: Payload) -> None:
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
        payload = self.encode(arguments, sources)
        return self._make_parts(payload, arguments, self.defaults)

    def encode(self, arguments: Mapping[str, Any], sources: Sources | None = None) -> Payload:
        """Check the arguments of a call and return what it sends."""
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

    def encode_call(self, arguments: Mapping[str, Any]) -> Encoded:
        """Do the same for a call that is made later with `make_job`."""
        sources = self._make_sources()
        return Encoded(arguments, self.encode(arguments, sources), sources)

    def _make_sources(self) -> Sources:
        """Return what the files of one call are kept in, however often it is encoded."""
        return Sources()

    def hide(self, text: str) -> str:
        """Return a text without the secrets that its calls go with."""
        return self.settings.way.hide(text)

    def _prepare(
        self,
        arguments: Mapping[str, Any],
        keep: int | None,
        *,
        result_only: bool = False,
        make: type[JobRecord] = JobRecord,
    ) -> JobParts:
        """Return the job of a call that has not begun, its record, and what it sends."""
        payload = self.encode(arguments)
        return self._make_job(
            payload, arguments, self.defaults, keep, result_only=result_only, make=make
        )

    def make_job(self, encoded: Encoded, journal: CallJournal) -> JobParts:
        """Return the same for arguments that were encoded before, with what keeps its way."""
        make = functools.partial(JobRecord, journal=journal)
        arguments, payload, _ = encoded
        return self._make_job(payload, arguments, self.defaults, 0, result_only=True, make=make)

    def prepare_job(self, arguments: Mapping[str, Any]) -> JobParts:
        """Return the job of a call of which only the result is wanted; it has not begun."""
        return self._prepare(arguments, 0, result_only=True)

    def make_decoder(self, files: CallFiles | None = None) -> Decoder:
        """Return what makes results of what the app sent, whenever that was.

        Args:
            files: Makes those among them; by default they are fetched when they are used.
        """
        files = files or self.settings.engine.make_files(self.settings.way)
        return Decoder(self.endpoint, self._make_tuple, files.make_file)

    def _make_job(
        self,
        payload: Payload,
        arguments: Mapping[str, Any],
        defaults: Mapping[str, Any],
        keep: int | None,
        *,
        result_only: bool = False,
        make: Callable[..., JobRecord] = JobRecord,
    ) -> JobParts:
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
        return Prepared(request, payload, self.make_decoder(files), files)
