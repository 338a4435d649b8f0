"""What a generated function does when it is called."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal

from ..calls.job import KEPT, Job
from ..calls.mapping import Mapped
from ..calls.order import Order
from ..calls.progress import watch
from ..calls.stream import Stream
from ..progress_bar import is_wanted
from ..schema.endpoint import Endpoint, is_filler
from ..text import short_repr
from ..values.decode import Decoder
from .annotations import result_type
from .check import Check, describe
from .codegen import REQUIRED
from .settings import View, encoder_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..files.payload import Plan


class Caller:
    """Makes the calls of one function.

    Args:
        view: How calls are made.
        endpoint: What is called.
        name: The function's name.
        names: Its parameters' names.
        defaults: The defaults of those that have one.
    """

    def __init__(
        self,
        view: View,
        endpoint: Endpoint,
        name: str,
        names: tuple[str, ...],
        defaults: Mapping[str, Any],
    ) -> None:
        self.view = view
        self.endpoint = endpoint
        self.name = name
        self.names = names
        self.defaults = defaults
        self.result_type = result_type(name, endpoint)
        self._make_tuple = None if self.result_type is None else self.result_type._make  # type: ignore[attr-defined]

    def call(self, /, **arguments: Any) -> Any:
        """Call the app, wait, and return the result; giving up the wait cancels the call."""
        job = self._start(arguments, KEPT)
        try:
            if is_wanted(self.view.options.progress):
                watch(job)
            return job.result()
        finally:
            if not job.done():
                job.cancel()

    def stream(self, /, **arguments: Any) -> Stream[Any]:
        """Call the app and return its partial results as they come."""
        job, plan = self._prepared(arguments, 0)
        # Made before the call begins: it keeps nothing that came before anybody looked.
        stream = Stream(job)
        self._launch(job, plan)
        return stream

    def submit(self, /, **arguments: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        return self._start(arguments, KEPT)

    def check(self, /, **arguments: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        plan = self._plan(arguments)
        return describe(self.view, self.endpoint, self.name, arguments, plan)

    def map(
        self,
        *iterables: Iterable[Any],
        concurrency: int | None = None,
        errors: Literal["raise", "keep"] = "raise",
        patience: float | None = 300,
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

        Returns:
            An iterator over the results, in the order of the items, each as soon as it and those
            before it are there.

        Raises:
            ValueError: *concurrency* or *errors* is none of these.
        """
        if errors not in {"raise", "keep"}:
            raise ValueError(f"errors must be 'raise' or 'keep', not {errors!r}")
        limit = self.view.engine.options.streams if concurrency is None else concurrency
        if limit < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        signature = inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=self.defaults.get(name, REQUIRED),
                )
                for name in self.names
            ]
        )

        def start(item: tuple[Any, ...]) -> Job[Any]:
            bound = signature.bind(*item)
            bound.apply_defaults()
            return self._start(bound.arguments, 0)

        items = zip(*iterables)  # noqa: B905 - the shortest ends it, as with the built-in
        return Mapped(start, items, limit, keep=errors == "keep", patience=patience).results()

    def _plan(self, arguments: Mapping[str, Any]) -> Plan:
        self.endpoint.ensure_callable(self.name)
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
        left_out = {name for name, default in self.defaults.items() if arguments[name] is default}
        encoder = encoder_of(self.view, self.endpoint, self.names)
        return encoder.encode(self.name, arguments, left_out)

    def _start(self, arguments: Mapping[str, Any], keep: int) -> Job[Any]:
        job, plan = self._prepared(arguments, keep)
        self._launch(job, plan)
        return job

    def _launch(self, job: Job[Any], plan: Plan) -> None:
        timeout = self.view.options.call_timeout
        self.view.engine.start(job, self.endpoint, plan, self.view.transport, timeout)

    def _prepared(self, arguments: Mapping[str, Any], keep: int) -> tuple[Job[Any], Plan]:
        """Return the job of a call that has not begun, and what it sends."""
        plan = self._plan(arguments)
        engine = self.view.engine
        media = engine.media(self.view.transport)
        decoder = Decoder(self.endpoint, self._make_tuple, media.file)
        order = Order(
            name=self.name,
            call=functools.partial(written, self.name, dict(arguments), self.defaults),
            app=f"{self.view.transport.address.url} "
            f"(Gradio {engine.app.version}, {engine.app.protocol})",
            media=media,
            decode=decoder.decode,
            check=decoder.check,
            updates=decoder.updates,
            lone=self.endpoint.generator is not True,
            call_timeout=self.view.options.call_timeout,
            withdraw=engine.withdraw,
            defer=engine.defer,
        )
        return Job(order, keep), plan


def written(name: str, arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return a call as it would be written, values shortened and defaults left out."""
    missing = object()
    parts = [
        f"{key}={short_repr(value, 60)}"
        for key, value in arguments.items()
        if defaults.get(key, missing) is not value
    ]
    return f"{name}({', '.join(parts)})"
