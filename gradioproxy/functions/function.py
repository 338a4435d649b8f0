"""An endpoint's function: what is called when it is called, and how it is put together."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from ..calls.job import Job
from ..calls.stream import Stream
from ..schema.endpoint import Endpoint
from ..values.decode import decode_value
from . import codegen
from . import docstring as docs
from .annotations import parameter_annotation, render_annotation, return_annotation
from .caller import Caller
from .check import Check
from .codegen import REQUIRED
from .naming import parameter_names
from .signature import sign
from .tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FunctionType
    from typing import TypeGuard

    from .settings import CallSettings
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


def make_function(
    settings: CallSettings,
    endpoint: Endpoint,
    name: str,
    *,
    module: str,
    tool: str,
    with_options: Callable[..., Function],
) -> Function:
    """Make the function of an endpoint.

    Args:
        settings: How its calls are made.
        endpoint: The endpoint.
        name: Its name.
        module: Its ``__module__``.
        tool: Its name as a tool of language models.
        with_options: Returns the same function with other options.
    """
    names = parameter_names(endpoint)
    defaults = _decode_defaults(settings, endpoint, names)
    hints = {
        parameter_name: parameter_annotation(parameter, parameter_name)
        for parameter_name, parameter in zip(names, endpoint.parameters, strict=True)
    }
    hints["return"] = return_annotation(name, endpoint)
    caller = Caller(
        settings, endpoint, name, names, {k: v for k, v in defaults.items() if v is not REQUIRED}
    )
    blueprint = codegen.Blueprint(
        name=name,
        parameters=names,
        defaults=tuple(defaults.values()),
        annotations=hints,
        spelled={key: render_annotation(hint) for key, hint in hints.items()},
        doc=docs.docstring(
            endpoint,
            name=name,
            parameters=names,
            annotations=hints,
            style=settings.engine.options.docstring_style,
            url=settings.transport.address.url,
        ),
        module=module,
        place=f"gradioproxy {settings.transport.address.label} {name}",
    )
    function = codegen.build(blueprint, caller.call)
    _attach(function, caller, Tool(endpoint, tool), with_options)
    return cast("Function", function)


def _decode_defaults(
    settings: CallSettings, endpoint: Endpoint, names: tuple[str, ...]
) -> dict[str, Any]:
    """Return the defaults from the first parameter on that has one."""
    found: dict[str, Any] = {}
    media = settings.engine.make_files(settings.transport)
    for name, parameter in zip(names, endpoint.parameters, strict=True):
        if parameter.has_default and not endpoint.contradiction:
            # A copy that is the function's own; a file in it stays on the server.
            found[name] = decode_value(parameter.default, parameter.shape, media.make_file)
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
        extra[name] = _as_child_function(function, name, method)
    extra["endpoint"] = caller.endpoint


def _as_child_function(
    function: FunctionType, name: str, method: Callable[..., Any]
) -> Callable[..., Any]:
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
