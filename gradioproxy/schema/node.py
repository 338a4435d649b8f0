"""What all shapes have in common: they are compared, hashed and written by what they say.

Parts of a shape are shared, as definitions of a schema are: what takes a line to declare can be a
tree that nobody walks to its end. So what has to look at all of a shape looks at each part of it
once (`digest`), or only so far (`repr`).
"""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from hashlib import blake2b
from typing import Any

# As many letters of a shape as anybody reads; what began before them is written to its end.
MAX_WRITTEN = 5_000


class Node:
    """A class made by `frozen`, whose fields are nodes, scalars, types, and tuples."""

    @cached_property
    def digest(self) -> bytes:
        """What it says, in sixteen bytes: fields that are not to be compared left out."""
        made = blake2b(type(self).__name__.encode(), digest_size=16)
        for value in self._compared_values():
            _update_digest(made, value)
        return made.digest()

    def __eq__(self, other: object) -> bool:
        same = self is other or (isinstance(other, Node) and type(self) is type(other))
        return same and self.digest == other.digest  # type: ignore[attr-defined] # a node, too

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return _Writer().write(self)

    def __getstate__(self) -> dict[str, Any]:
        # Without what was computed of it.
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def _compared_values(self) -> list[Any]:
        kept = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return [getattr(self, name) for name in kept]


def _update_digest(made: Any, value: Any) -> None:
    """Add a value to a digest, so that no two values add the same."""
    if isinstance(value, Node):
        made.update(b"n" + value.digest)
    elif isinstance(value, tuple):
        made.update(b"t%d;" % len(value))
        for part in value:
            _update_digest(made, part)
    else:
        text = _spell(value).encode("utf-8", "surrogatepass")
        made.update(b"s%d;" % len(text) + text)


def _spell(value: Any) -> str:
    """Return the text of a scalar or a type, with its type: ``1``, ``1.0`` and ``True`` differ."""
    if isinstance(value, type):
        return f"type {value.__name__}"
    if type(value) is int:
        return f"int {value:x}"  # Python refuses to write one of thousands of digits as decimal
    return f"{type(value).__name__} {value!r}"


class _Writer:
    """Writes a node as dataclasses are written, until that is more than anybody reads."""

    def __init__(self) -> None:
        self.left = MAX_WRITTEN

    def write(self, value: Any) -> str:
        if self.left < 0:
            return "..."
        if isinstance(value, Node):
            shown = [field.name for field in fields(value) if field.repr]  # type: ignore[arg-type]
            self.left -= len(type(value).__name__) + sum(map(len, shown))
            parts = [f"{name}={self.write(getattr(value, name))}" for name in shown]
            return f"{type(value).__name__}({', '.join(parts)})"
        if isinstance(value, tuple):
            parts = []
            for part in value:
                parts.append(self.write(part))
                if self.left < 0:
                    break
            return f"({', '.join(parts)}{',' if len(value) == 1 else ''})"
        text = repr(value)
        self.left -= len(text)
        return text
