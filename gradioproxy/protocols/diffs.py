"""Partial results as edits of the one before (protocols ``sse_v2`` and later).

An edit is ``[operation, path, value]``. Values are never changed in place: what an edit touches is
copied along its path and the rest is shared, so that every earlier value stays as it was.

Most streams are texts that grow by a word at a time, and most of their partial results are looked
at by nobody. So a text that grows is put together only for who asks for it (`Grown`): else a text
of a megabyte would be copied ten thousand times.

An edit of a few bytes can make a value of many, or a copy of one. So both are counted here.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from ..errors import ProtocolError, TooLarge
from ..limits import DEFAULT_LIMITS
from ..sizes import measure_value

_OPERATIONS = frozenset({"replace", "append", "add", "delete"})


def apply_edits(value: Any, edits: Any) -> Any:
    """Return *value* with the edits made, in order.

    Raises:
        ProtocolError: The edits do not fit the value.
    """
    return _make_edits(value, edits).value


def _make_edits(value: Any, edits: Any) -> _Draft:
    """Return the draft of *value* with the edits made; raises what `apply_edits` does."""
    if not isinstance(edits, list):
        raise ProtocolError("The server sent edits that are no list.")
    draft = _Draft(value)
    try:
        for operation, path, change in edits:
            draft.edit(operation, path, change)
    except (TypeError, ValueError, LookupError):
        raise ProtocolError(
            "The server sent an edit that does not fit the value it is for."
        ) from None
    return draft


class EditedValue:
    """The value of one output, which edits change.

    Args:
        value: Its first value.
        max_size: The bytes of a value at most: the result, which repeats the last, is one message.

    Attributes:
        added: About how many bytes the latest value takes that no earlier one does.
    """

    def __init__(self, value: Any, max_size: int = DEFAULT_LIMITS.message) -> None:
        self._latest: Any = value
        self._growth: _Growth | None = None
        self._max_size = max_size
        self.added = measure_value(value)
        # The value is no larger than this, whose excess is looked into from the other on.
        self._bound, self._due = self.added, max_size

    @property
    def value(self) -> Any:
        """The value as it is now."""
        return build_value(self._latest)

    def edit(self, edits: Any) -> Any:
        """Make edits; return the new value, or a `Grown` from which `build_value` makes it.

        Raises:
            ProtocolError: They do not fit the value.
            TooLarge: They make it too large.
        """
        match edits:
            case [["append", path, str(text)]]:
                self.added = len(text)
                self._bound += self.added
                if self._growth is not None and self._growth.takes(path):
                    self._latest = self._growth.add(text)
                else:
                    # Once it is done in full: where that succeeds, so does what is added behind it.
                    value = self._apply(edits)
                    self._growth, self._latest = _Growth(value, path), value
                    self.added += self._growth.copied
            case [["replace", [], value]]:
                self._growth, self._latest = None, value
                self.added = self._bound = measure_value(value)
            case []:
                self.added = 0
            case _:
                self.added = measure_value(edits)
                self._bound += self.added
                self._growth, self._latest = None, self._apply(edits)
        if self._bound > self._due:
            self._check_size()
        return self._latest

    def _apply(self, edits: Any) -> Any:
        """Return the value with the edits made, what of it was copied for that being counted."""
        draft = _make_edits(self.value, edits)
        self.added += draft.copied
        return draft.value

    def _check_size(self) -> None:
        """Check how large the value is in fact: edits may have taken away as much as they added.

        Raises:
            TooLarge: It is too large.
        """
        self._bound = measure_value(self.value)
        if self._bound > self._max_size:
            raise TooLarge.of_bytes("a result, piece by piece,", "message", self._max_size)
        # Looking takes as long as the value is large, so that it has to grow again before.
        self._due = max(self._max_size, self._bound + self._max_size // 4)


# After so many pieces a growth is followed by a new one: a piece takes ten times its text.
_MOST_PIECES = 4096


class _Growth:
    """A text that grows somewhere in a value: each of its versions is the beginning of the last.

    Args:
        value: The value at its beginning.
        path: Where the text is.

    Attributes:
        copied: The bytes that it took of the value for itself.
    """

    def __init__(self, value: Any, path: list[Any]) -> None:
        text = value
        for key in path:
            text = text[key]
        self._path, self._types = path, [*map(type, path)]
        # Along the path it is a copy that nobody else gets, and may change.
        draft = _make_edits(value, [["replace", path, text]])
        self._value, self.copied = draft.value, draft.copied
        self._pieces: list[str] = []
        self._length = len(text)
        # How many pieces were put together, and what that is. In one, as any thread may ask.
        self._built: tuple[int, str] = 0, text

    def takes(self, path: Any) -> bool:
        """Tell whether more can be added at a path."""
        if path != self._path or len(self._pieces) >= _MOST_PIECES:
            return False
        # By their types, as 1 equals true.
        return not path or [*map(type, path)] == self._types

    def add(self, piece: str) -> Grown:
        """Let the text grow."""
        self._pieces.append(piece)
        self._length += len(piece)
        return Grown(self, self._length)

    def build(self, length: int) -> Any:
        """Return the value with so much of the text."""
        count, text = self._built
        if len(text) < length:
            pieces = self._pieces[count:]
            text += "".join(pieces)
            self._built = count + len(pieces), text
        return apply_edits(self._value, [["replace", self._path, text[:length]]])


class Grown:
    """A value in which a text has grown; `build_value` puts it together.

    Args:
        growth: The text.
        length: How long it was.
    """

    __slots__ = ("_growth", "_length")

    def __init__(self, growth: _Growth, length: int) -> None:
        self._growth = growth
        self._length = length

    def build(self) -> Any:
        """Return the value."""
        return self._growth.build(self._length)


def build_value(value: Any) -> Any:
    """Return a value as a whole, which may be a `Grown`."""
    return value.build() if isinstance(value, Grown) else value


def looks_like_edits(data: list[Any], *, even_none: bool = False) -> bool:
    """Tell whether the values of all outputs are what edits look like.

    A value that looks so by itself is next to impossible: every output would be a list of lists of
    an operation's name, a path and a value.

    Args:
        data: The values.
        even_none: Whether no edits at all count, too, which can also be empty lists.
    """
    return (even_none or any(data)) and all(
        isinstance(edits, list) and all(_is_edit(edit) for edit in edits) for edits in data
    )


def are_equal(one: Any, other: Any) -> bool:
    """Tell whether two values are the same, however deep; what is no number equals itself."""
    try:
        if one == other:
            return True
    except RecursionError:
        pass  # it is compared below, where depth is no limit
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            # Gradio 4.19 adds its address to a file as a whole, and not to an edit of its URL.
            told = [key for key in one if key != "url" or "path" not in one]
            pairs += ((one[key], other[key]) for key in told)
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif one != other and not (_is_nan(one) and _is_nan(other)):
            return False
    return True


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_edit(edit: Any) -> bool:
    if not isinstance(edit, list) or len(edit) != len(("operation", "path", "value")):
        return False
    operation, path, _ = edit
    return isinstance(path, list) and isinstance(operation, str) and operation in _OPERATIONS


class _Draft:
    """A value on its way to the next; each container is copied once, however many edits it has.

    Args:
        value: The value.

    Attributes:
        copied: The bytes that the copies take.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self.copied = 0
        # By identity; holding them keeps a number from being given to another object.
        self._copies: dict[int, Any] = {}

    def edit(self, operation: str, path: list[Any], change: Any) -> None:
        if not isinstance(path, list):
            raise TypeError(path)
        if not path:
            self.value = self._apply_to_whole(self.value, operation, change)
            return
        self.value = target = self._own(self.value)
        for key in path[:-1]:
            _check_key(target, key)
            target[key] = target = self._own(target[key])
        self._edit_item(target, operation, path[-1], change)

    def _own(self, container: Any) -> Any:
        """Return *container* if it is a copy made here, else a new copy."""
        if not isinstance(container, dict | list):
            raise TypeError(container)
        if id(container) in self._copies:
            return container
        copy = container.copy()
        self._copies[id(copy)] = copy
        self.copied += sys.getsizeof(copy)
        return copy

    def _edit_item(self, target: Any, operation: str, key: Any, change: Any) -> None:
        if operation == "delete" and isinstance(target, list):
            # Gradio only ever shortens lists at their end, and miscounts where that is: up to 4.44
            # it counts up while the list gets shorter, later it also counts deletions inside the
            # list's items.
            if not _is_index(key):
                raise TypeError(key)
            target.pop()
        elif operation == "add" and isinstance(target, list):
            if not _is_index(key) or not 0 <= key <= len(target):
                raise IndexError(key)
            target.insert(key, change)
        elif operation in {"add", "replace"} and isinstance(target, dict):
            _check_key(target, key, new=True)
            target[key] = change
        else:
            _check_key(target, key)
            if operation == "delete":
                del target[key]
            else:
                target[key] = self._apply_to_whole(target[key], operation, change)

    def _apply_to_whole(self, value: Any, operation: str, change: Any) -> Any:
        """Return what *value* becomes by an edit of the value as a whole."""
        if operation == "replace":
            return change
        if operation == "append" and isinstance(value, str) and isinstance(change, str):
            self.copied += len(value)
            return value + change
        raise ValueError(operation)


def _check_key(container: Any, key: Any, *, new: bool = False) -> None:
    """Raise if *container* has no such key, or for a *new* one could have none."""
    if isinstance(container, dict):
        if not isinstance(key, str) or not (new or key in container):
            raise KeyError(key)
    elif not _is_index(key) or not 0 <= key < len(container):
        raise IndexError(key)


def _is_index(key: object) -> bool:
    return isinstance(key, int) and not isinstance(key, bool)
