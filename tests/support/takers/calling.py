"""What a taker is: it is handed functions with arguments, and returns what came of each call."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Taker = Callable[[Sequence["Call"]], Iterable[Any]]

TAKERS: dict[str, Taker] = {}
"""All of them, by their names."""


class Call(NamedTuple):
    """A call to make.

    Attributes:
        function: An app's function, as it is.
        arguments: What to pass, by the parameters' names, as JSON has it; files are paths.
    """

    function: Any
    arguments: dict[str, Any]


class Failed(NamedTuple):
    """What came of a call that could not be made."""

    error: str


def takes_all(taker: Taker) -> Taker:
    """Add a taker that is handed all calls together."""
    TAKERS[taker.__name__] = taker
    return taker


def takes_each(take: Callable[[Any, dict[str, Any]], Any]) -> Callable[[Any, dict[str, Any]], Any]:
    """Add a taker that is handed one function after the other."""

    def take_one(call: Call) -> Any:
        try:
            return take(call.function, call.arguments)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - that is what came of it
            return Failed(f"{type(error).__name__}: {error}"[:1000])

    TAKERS[take.__name__] = functools.partial(map, take_one)
    return take
