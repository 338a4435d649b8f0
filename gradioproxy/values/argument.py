"""Where a value stands among the arguments of a call, and what is wrong with some of them.

A `Place` is handed down from stage to stage and never changes. `Problems` is the one list that all
of them add to, and belongs to whoever encodes the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ArgumentError, Problem
from ..schema.endpoint import is_filler
from ..text import short_repr

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter
    from ..schema.shape import Shape
    from .markers import NamedFiles


class Argument(NamedTuple):
    """An argument of a call.

    Attributes:
        function: The function's name, for messages.
        name: The parameter's name in Python.
        parameter: The parameter.
        trusted: Whether the caller made its value, which can name local files then.
        files: What it can name nevertheless, if not.
    """

    function: str
    name: str
    parameter: Parameter
    trusted: bool = True
    files: NamedFiles | None = None

    @property
    def label(self) -> str:
        """What the page calls the parameter, where its name says nothing."""
        return self.parameter.label if is_filler(self.name) else ""


class Place(NamedTuple):
    """A place in the value of an argument.

    Attributes:
        argument: The argument.
        shape: What is expected there.
        parent: The place around it, if it is not the whole value.
        key: Which part of the one around it that is.
        depth: How many there are around it.
    """

    argument: Argument
    shape: Shape
    parent: Place | None = None
    key: Any = None
    depth: int = 0

    def at(self, key: Any, shape: Shape) -> Place:
        """Return the place of a part."""
        return Place(self.argument, shape, self, key, self.depth + 1)

    def meant_as(self, shape: Shape) -> Place:
        """Return the same place, of which more is known: what is meant of what was possible."""
        if shape is self.shape:
            return self
        return Place(self.argument, shape, self.parent, self.key, self.depth)

    @property
    def where(self) -> str:
        """The place, for people: ``x[0]['path']``."""
        keys = []
        place = self
        while place.parent is not None:
            keys.append(f"[{short_repr(place.key)}]")
            place = place.parent
        return "".join([self.argument.name, *reversed(keys)])

    def describe_problem(self, got: str, expected: str, inside: str = "") -> Problem:
        """Return the problem that something else than what is expected stands here, or inside."""
        return Problem(f"{self.where}{inside}", got, expected, self.argument.label)


class Problems:
    """What is wrong with the arguments of a call."""

    def __init__(self) -> None:
        self._found: list[tuple[type[ArgumentError], Problem]] = []

    def add(
        self,
        place: Place,
        got: str,
        expected: str,
        kind: type[ArgumentError] = ArgumentError,
        *,
        inside: str = "",
    ) -> None:
        """Note what is wrong at a place, or inside of it, and the class of the error that it is."""
        self._found.append((kind, place.describe_problem(got, expected, inside)))

    def raise_any(self, function: str) -> None:
        """Do nothing, if there are none.

        Raises:
            ArgumentError: All that is wrong; of a narrower class where that is all.
        """
        if self._found:
            kinds = {kind for kind, _ in self._found}
            kind = kinds.pop() if len(kinds) == 1 else ArgumentError
            raise kind(function, [problem for _, problem in self._found])
