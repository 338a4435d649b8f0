"""An endpoint's function: what is called when it is called, and how it is put together."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from ..calls import progress
from ..calls.job import KEPT, Job
from ..calls.mapping import Mapped
from ..calls.order import Order
from ..calls.stream import Stream
from ..schema.endpoint import Endpoint, is_filler
from ..text import shown
from ..values.decode import Decoder, received
from . import codegen
from . import docstring as docs
from .annotations import parameter_annotation, result_type, return_annotation, spell
from .check import Check, describe
from .codegen import REQUIRED
from .naming import parameter_names
from .settings import View, encoder_of
from .signature import sign
from .tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FunctionType
    from typing import TypeGuard

    from ..files.payload import Plan
    from ..options import DocstringStyle
    from .tool import ToolStyle


class Function(Protocol):
    """What a generated function is, to annotate with."""

    __name__: str
    __qualname__: str
    __module__: str
    endpoint: Endpoint

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the app and return the final result."""
        ...

    def stream(self, *args: Any, **kwargs: Any) -> Stream[Any]:
        """Call the app and return its partial results as they come."""
        ...

    def submit(self, *args: Any, **kwargs: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        ...

    def check(self, *args: Any, **kwargs: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        ...

    def map(
        self,
        *iterables: Iterable[Any],
        concurrency: int = ...,
        errors: Literal["raise", "keep"] = ...,
        patience: float | None = ...,
    ) -> Iterator[Any]:
        """Call the app for each tuple of the iterables' items."""
        ...

    def with_options(self, **changes: Any) -> Function:
        """Return the same function with other options."""
        ...

    def tool_schema(self, style: ToolStyle = ...) -> dict[str, Any]:
        """Return the function's definition as a tool of language models."""
        ...


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
            if progress.wanted(self.view.options.progress):
                progress.watch(job)
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
        f"{key}={shown(value, 60)}"
        for key, value in arguments.items()
        if defaults.get(key, missing) is not value
    ]
    return f"{name}({', '.join(parts)})"


def make_function(
    view: View,
    endpoint: Endpoint,
    name: str,
    *,
    module: str,
    style: DocstringStyle,
    tool: str,
    with_options: Callable[..., Function],
) -> Function:
    """Make the function of an endpoint.

    Args:
        view: How its calls are made.
        endpoint: The endpoint.
        name: Its name.
        module: Its ``__module__``.
        style: The style of its docstring.
        tool: Its name as a tool of language models.
        with_options: Returns the same function with other options.
    """
    names = parameter_names(endpoint)
    defaults = _defaults(view, endpoint, names)
    hints = {
        parameter_name: parameter_annotation(parameter, parameter_name)
        for parameter_name, parameter in zip(names, endpoint.parameters, strict=True)
    }
    hints["return"] = return_annotation(name, endpoint)
    caller = Caller(
        view, endpoint, name, names, {k: v for k, v in defaults.items() if v is not REQUIRED}
    )
    blueprint = codegen.Blueprint(
        name=name,
        parameters=names,
        defaults=tuple(defaults.values()),
        annotations=hints,
        spelled={key: spell(hint) for key, hint in hints.items()},
        doc=docs.docstring(
            endpoint,
            name=name,
            parameters=names,
            annotations=hints,
            style=style,
            url=view.transport.address.url,
        ),
        module=module,
        place=f"gradioproxy {view.transport.address.label} {name}",
    )
    function = codegen.build(blueprint, caller.call)
    _attach(function, caller, Tool(endpoint, tool), with_options)
    return cast("Function", function)


def _defaults(view: View, endpoint: Endpoint, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the defaults from the first parameter on that has one."""
    found: dict[str, Any] = {}
    media = view.engine.media(view.transport)
    for name, parameter in zip(names, endpoint.parameters, strict=True):
        if parameter.has_default and not endpoint.contradiction:
            # A copy that is the function's own; a file in it stays on the server.
            found[name] = received(parameter.default, parameter.shape, media.file)
        elif found or endpoint.contradiction:
            # What can't be called shall say so, and not that an argument is missing.
            found[name] = REQUIRED
    return found


def _attach(
    function: FunctionType, caller: Caller, tool: Tool, with_options: Callable[..., Function]
) -> None:
    """Give a function its other ways to be called."""
    extra = function.__dict__
    for name, doc in _SIBLINGS.items():
        extra[name] = codegen.sibling(function, name, doc, getattr(caller, name))
    sign(function, returns=function.__annotations__["return"])
    for name, kind in (("stream", Stream), ("submit", Job), ("check", Check)):
        sign(extra[name], returns=kind)
    methods: dict[str, Callable[..., Any]] = {
        "map": caller.map,
        "with_options": with_options,
        "tool_schema": tool.tool_schema,
    }
    for name, method in methods.items():
        extra[name] = _below(function, name, method)
    extra["endpoint"] = caller.endpoint


def _below(function: FunctionType, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method as a function that is found below another one, by pickle for example."""

    @functools.wraps(method)
    def below(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    below.__name__, below.__module__ = name, function.__module__
    below.__qualname__ = f"{function.__qualname__}.{name}"
    return below


_SIBLINGS = {
    "stream": "Call the app and return a `Stream` of its partial results, as they come.",
    "submit": "Call the app and return a `Job` at once.",
    "check": "Check the arguments and return what would be sent, without sending it.",
}


def is_generated(value: object) -> TypeGuard[Function]:
    """Tell whether something is a function that was made here."""
    return inspect.isfunction(value) and isinstance(value.__dict__.get("endpoint"), Endpoint)
