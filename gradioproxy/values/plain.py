"""Results as text: as Python writes them, without what is long, and never more than so much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST = 8_000
"""About how many characters there are in all."""
_LONGEST_PART = 2_000
_DEEPEST = 8
_CUT = "…"
_BRACKETS: dict[type, tuple[str, str]] = {dict: ("{", "}"), list: ("[", "]"), tuple: ("(", ")")}


def render_plain(value: object) -> str:
    """Return a value as Python writes it, in its own order, with what is long in it left out."""
    return _Writer(LONGEST).write(value, 0)


class _Writer:
    """Writes one value.

    Args:
        left: How many characters there may still be.
    """

    # Not `reprlib`: it sorts objects, and bounds each level, but not what the levels make together.
    def __init__(self, left: int) -> None:
        self._left = left

    def write(self, value: Any, depth: int) -> str:
        """Return a value, or a part of one, that is so deep in it."""
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            fields = zip(value._fields, value, strict=True)
            body = self._join(fields, lambda pair: f"{pair[0]}={self.write(pair[1], depth + 1)}")
            return f"{type(value).__name__}({body})"
        if not isinstance(value, dict | list | tuple):
            return self._write_leaf(value)
        opening, closing = _BRACKETS[_base_of(value)]
        if value and depth >= _DEEPEST:
            return f"{opening}{_CUT}{closing}"
        if isinstance(value, dict):
            body = self._join(value.items(), lambda pair: self._write_pair(pair, depth + 1))
        else:
            body = self._join(value, lambda item: self.write(item, depth + 1))
        comma = "," if opening == "(" and len(value) == 1 else ""
        return f"{opening}{body}{comma}{closing}"

    def _write_pair(self, pair: tuple[Any, Any], depth: int) -> str:
        key, value = pair
        return f"{self.write(key, depth)}: {self.write(value, depth)}"

    def _join(self, items: Iterable[Any], write: Callable[[Any], str]) -> str:
        parts = []
        for item in items:
            if self._left <= 0:
                parts.append(_CUT)
                break
            self._left -= 2
            parts.append(write(item))
        return ", ".join(parts)

    def _write_leaf(self, value: Any) -> str:
        # In quotation marks its beginning is too long as well.
        shown = value[:_LONGEST_PART] if isinstance(value, str) else value
        try:
            text = repr(shown)
        except Exception:  # noqa: BLE001 - as of integers of thousands of digits
            text = f"<{type(value).__name__}>"
        text = clean(text, _LONGEST_PART)
        self._left -= len(text)
        return text


def _base_of(value: object) -> type:
    return next(kind for kind in _BRACKETS if isinstance(value, kind))
