"""Calling a function for each result of another one, also while that one streams.

Only what users can do with functions is done here; nothing is known of calls or connections.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

from ..closing import Closing
from ..errors import ArgumentError, Problem
from ..functions.codegen import REQUIRED
from ..functions.function import Function, is_built
from ..text import short_repr
from ..uncopyable import Uncopyable
from ..values.markers import Untrusted, mark_server_texts


def pipe(
    results: Iterable[Any],
    function: Function | Callable[..., Any],
    mapping: Mapping[str, int | str],
    *,
    keep: bool = False,
    **arguments: Any,
) -> Pipe:
    """Feed each result of one function into another one, which may be another app's.

    ::

        for text in pipe(app1.img.stream("a car"), app2.ascii, {"image": 0}):
            print(text)

    Files go from app to app: they are brought over as needed, or fetched by the second app itself
    where both are on the internet. A text that an app sent never names a file of this machine,
    also where a function of yours passes it on as it is; what you make of one is yours.

    Args:
        results: The results: a stream, a job, another pipe, or anything else to iterate over.
        function: What each of them goes into.
        mapping: Which part of a result goes into which parameter: the parameter's name, and the
            part's position or field; 0 is the result itself where there is one output.
        keep: Whether to yield a tuple with the result of every stage, those of pipes in *results*
            included.
        **arguments: Further arguments of *function*, passed as they are.

    Returns:
        An iterator over the results of *function*, one for each of *results*, in their order; each
        is called for when it is asked for. A context manager, which stops a stream that it reads.

    Raises:
        TypeError: The names of *mapping* and *arguments* are not those that *function* takes.
        ArgumentError: While iterating: a result has no such part.
        GradioProxyError: While iterating: whatever the calls raise.
    """
    _check_names(function, mapping, arguments)
    return Pipe(results, function, mapping, arguments, keep=keep)


class Pipe(Closing, Uncopyable, Iterator[Any]):
    """The results of a function that is called for each result of another; made by `pipe`."""

    _instead = "Pass its results."

    def __init__(
        self,
        results: Iterable[Any],
        function: Function | Callable[..., Any],
        mapping: Mapping[str, int | str],
        arguments: Mapping[str, Any],
        *,
        keep: bool,
    ) -> None:
        self._results = results
        self._function = function
        self._mapping = dict(mapping)
        self._arguments = dict(arguments)
        self._keep = keep
        self._stages = self._run()

    def __repr__(self) -> str:
        return f"<Pipe into {getattr(self._function, '__name__', 'a function')}>"

    def __next__(self) -> Any:
        stages = next(self._stages)
        return stages if self._keep else stages[-1]

    def close(self) -> None:
        """Stop: a stream that is read is cancelled."""
        self._stages.close()
        _close(self._results)

    def _run(self) -> Generator[tuple[Any, ...]]:
        """Yield for each result a tuple with what every stage made of it."""
        inner = self._results
        source = inner._stages if isinstance(inner, Pipe) else ((each,) for each in inner)  # noqa: SLF001
        try:
            for stages in source:
                yield (*stages, self._call_function(stages[-1]))
        finally:
            _close(inner)

    def _call_function(self, result: Any) -> Any:
        parts = {name: self._find_part(name, result, key) for name, key in self._mapping.items()}
        if is_built(self._function):
            parts = {name: Untrusted(part) for name, part in parts.items()}
        else:
            parts = {name: mark_server_texts(part) for name, part in parts.items()}
        return self._function(**parts, **self._arguments)

    def _find_part(self, name: str, result: Any, key: int | str) -> Any:
        """Return the part of a result that goes into a parameter."""
        fields: tuple[str, ...] | None = getattr(result, "_fields", None)
        if isinstance(result, tuple) and fields is not None:
            if isinstance(key, str) and key in fields:
                return getattr(result, key)
            if isinstance(key, int) and 0 <= key < len(result):
                return result[key]
            parts = f"one of {', '.join(fields)}, or 0 to {len(fields) - 1}"
        elif key == 0 and not isinstance(key, bool):
            return result
        elif isinstance(result, Mapping) and key in result:
            return result[key]
        else:
            parts = "0, which is the result itself"
        problem = Problem(name, f"part {short_repr(key)} of a result", f"it has {parts}")
        raise ArgumentError(getattr(self._function, "__name__", "function"), [problem])


def _check_names(
    function: Callable[..., Any], mapping: Mapping[str, Any], arguments: Mapping[str, Any]
) -> None:
    """Raise a TypeError unless a call with these names is one that the function takes."""
    name = getattr(function, "__name__", "the function")
    twice = sorted(mapping.keys() & arguments.keys())
    if twice:
        raise TypeError(f"{', '.join(twice)}: given by the mapping and as an argument")
    signature = inspect.signature(function)
    signature.bind_partial(**mapping, **arguments)  # says first what is not known at all
    bound = signature.bind(**mapping, **arguments)
    bound.apply_defaults()
    missing = [repr(key) for key, value in bound.arguments.items() if value is REQUIRED]
    if missing:
        raise TypeError(f"{name}() is missing {', '.join(missing)}; pass it as an argument of pipe")


def _close(results: Iterable[Any]) -> None:
    """Close what is read, if that is a stream, a pipe or a generator."""
    close = getattr(results, "close", None)
    if isinstance(results, Iterator) and callable(close):
        close()
