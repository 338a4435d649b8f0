"""Making the function of an endpoint: everything that `codegen` needs to know is put together here.

`Function` is what type checkers know of the result.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from ..calls.job import Job
from ..calls.stream import Stream
from ..schema.endpoint import Endpoint
from ..values.decode import decode_value
from .annotations import build_annotations, render_annotation
from .caller import Caller
from .check import Check
from .codegen import REQUIRED, Blueprint, Sibling, build
from .docstring import compose_docstring
from .naming import parameter_names
from .tool import Tool

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeGuard

    from ..calls.feed import Feed
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

    def feed(self, *args: Any, **kwargs: Any) -> Feed[Any]:
        """Call the app with a first chunk and return what takes the others.

        Only functions that are made for streams of inputs have it, and their docstrings say so.
        """
        ...

    def check(self, *args: Any, **kwargs: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        ...

    def map(
        self,
        *iterables: Iterable[Any],
        concurrency: int | None = ...,
        errors: Literal["raise", "keep"] = ...,
        patience: float | None = ...,
        journal: str | os.PathLike[str] | None = ...,
        retry: Literal["failed"] | None = ...,
        repeat_unknown: bool = ...,
        progress: bool | Literal["auto"] = ...,
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
    hints = build_annotations(name, names, endpoint)
    defaults = decode_defaults(settings, endpoint, names)
    caller = Caller(settings, endpoint, name, names, defaults)
    address = settings.transport.address
    style = settings.engine.options.docstring_style
    blueprint = Blueprint(
        name=name,
        parameters=names,
        defaults=tuple(defaults.values()),
        annotations=hints,
        spelled={key: render_annotation(hint) for key, hint in hints.items()},
        doc=compose_docstring(
            endpoint, name=name, parameters=names, annotations=hints, style=style, url=address.url
        ),
        module=module,
        place=f"gradioproxy {address.label} {name}",
        implementation=caller.call,
        siblings={
            **build_siblings(caller),
            **(build_feed(caller) if endpoint.takes_chunks else {}),
        },
        methods={
            "map": caller.map,
            "with_options": with_options,
            "tool_schema": Tool(endpoint, tool).tool_schema,
        },
        # IPython takes it from the object. It knows the function's parts, and so is no circle.
        attributes={"endpoint": endpoint, "_repr_html_": functools.partial(_render, caller, hints)},
    )
    return cast("Function", build(blueprint))


def _render(caller: Caller, hints: Mapping[str, Any]) -> str:
    from .display import render_function  # late: few scripts look

    return render_function(caller.name, caller.names, hints, caller.defaults, caller.endpoint)


class Ways(Protocol):
    """What makes the calls of a function in each way that there is."""

    def stream(self, /, **arguments: Any) -> Stream[Any]:
        """Call the app and return its partial results as they come."""
        ...

    def submit(self, /, **arguments: Any) -> Job[Any]:
        """Call the app and return a job at once."""
        ...

    def check(self, /, **arguments: Any) -> Check:
        """Check the arguments and return what would be sent, without sending it."""
        ...


def build_siblings(caller: Ways) -> dict[str, Sibling]:
    """Return the other ways to call a function."""
    stream = "Call the app and return a `Stream` of its partial results, as they come."
    submit = "Call the app and return a `Job` at once."
    check = "Check the arguments and return what would be sent, without sending it."
    return {
        "stream": Sibling(caller.stream, Stream, stream),
        "submit": Sibling(caller.submit, Job, submit),
        "check": Sibling(caller.check, Check, check),
    }


class Feeding(Protocol):
    """What makes the calls of a function that is made for a stream of inputs."""

    def feed(self, /, **arguments: Any) -> Feed[Any]:
        """Call the app with a first chunk, and return what takes the others."""
        ...


def build_feed(caller: Feeding) -> dict[str, Sibling]:
    """Return the way to stream the inputs of a function that is made for that."""
    from ..calls.feed import Feed  # late: few functions are

    text = "Call the app with a first chunk and return a `Feed`, which takes the others."
    return {"feed": Sibling(caller.feed, Feed, text)}


def decode_defaults(
    settings: CallSettings, endpoint: Endpoint, names: tuple[str, ...]
) -> dict[str, Any]:
    """Return the defaults from the first parameter on that has one, by name."""
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


def is_built(value: object) -> bool:
    """Tell whether what is called is a function that was made here, or its ``submit`` and the like.

    Also one of an exported module, and with some arguments given, by `functools.partial`.
    """
    while isinstance(value, functools.partial):
        value = value.func
    return is_generated(value) or (
        inspect.isfunction(value) and not {"is_sibling", "is_exported"}.isdisjoint(value.__dict__)
    )


def is_generated(value: object) -> TypeGuard[Function]:
    """Tell whether something is a function that was made here."""
    return inspect.isfunction(value) and isinstance(value.__dict__.get("endpoint"), Endpoint)
