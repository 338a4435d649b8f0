"""A value that consists of builtins becomes JSON: what it is meant as at each place, and its parts.

What is a file goes to the stage for files, and what can't be written is noted with its place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..builtin import DateText, is_writable, write_key
from ..files.file import File
from ..files.in_memory import InMemory
from ..schema.limits import MAX_VALUE_DEPTH
from ..schema.match import names_file, part_of
from ..schema.shape import ANYTHING, Anything, FixedArray, Object, Scalar
from ..schema.shape import File as FileShape
from ..text import one_line, short_repr
from .file_slots import name_server_file
from .foreign import SCALARS, TOO_DEEP, Endless, unpack
from .kinds import could_be_file, is_inline, names_local_file
from .markers import FileMarker
from .union import expand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..schema.endpoint import JSON
    from ..schema.release import Release
    from .argument import Place, Problems
    from .file_slots import FileSlots

JSON_TAKES = "it takes what JSON can say"
# Shapes of which scalars are sent as they are.
_SIMPLE = (Anything, Scalar)
# Integers between these have few digits for sure.
_LEAST, _MOST = -(1 << 64), 1 << 64


class JSONWriter:
    """Writes the values of one call.

    Args:
        files: Gets what is a file.
        problems: Gets what can't be written.
        release: The app's version.
    """

    def __init__(self, files: FileSlots, problems: Problems, release: Release) -> None:
        self._files = files
        self._problems = problems
        self._has_file_data = release.has_file_data
        self._release = release

    def write(self, place: Place, value: Any) -> JSON:
        """Return the JSON for a value of any kind, with a slot for each file in it."""
        if place.depth > MAX_VALUE_DEPTH:
            return self._refuse(place, TOO_DEEP.got, TOO_DEEP.expected)
        shape, value = expand(place.shape, value)
        return self.write_expanded(place.meant_as(shape), value)

    def write_expanded(self, place: Place, value: Any) -> JSON:
        """Return the JSON for a value that is no union's and short for nothing."""
        shape = place.shape
        if type(value) in SCALARS and not isinstance(shape, FileShape):
            return self._write_scalar(place, value)
        is_file = isinstance(value, File | FileMarker)
        if is_file or (isinstance(shape, FileShape) and value is not None):
            return self._write_file(place, value)
        if isinstance(shape, Object) and _is_only_file(value):
            return self._refuse(place, short_repr(value), f"it takes a dictionary: {_keys(shape)}")
        if isinstance(value, InMemory):
            value = unpack(value)
        if isinstance(value, dict):
            return self._write_mapping(place, value)
        if isinstance(value, list | tuple):
            return self._write_items(place, value)
        return self._write_scalar(place, value)

    def _write_scalar(self, place: Place, value: Any) -> JSON:
        if isinstance(value, os.PathLike) and isinstance(place.shape, Scalar):
            return os.fspath(value)
        if value is not None and not isinstance(value, bool | int | float | str):
            return self._refuse(place, *_explain(value))
        if isinstance(value, int) and not is_writable(value):
            return self._refuse(place, "a number of thousands of digits", JSON_TAKES)
        return str(value) if isinstance(value, DateText) else value

    def _write_mapping(self, place: Place, mapping: Mapping[Any, Any]) -> JSON:
        if self._is_unsent_file(place, mapping):
            hint = "wrap its path in gradioproxy.file() to send the file"
            return self._refuse(place, short_repr(mapping), hint)
        return self._write_parts(place, mapping)

    def _write_parts(self, place: Place, mapping: Mapping[Any, Any]) -> dict[str, JSON]:
        made: dict[str, JSON] = {}
        for key, part in mapping.items():
            name = key if type(key) is str else write_key(key)
            if name is None:
                self._refuse(place.at(key, ANYTHING), "a key that can't be written", JSON_TAKES)
            else:
                shape = part_of(place.shape, name)
                kind = type(part)
                simple = kind in SCALARS and kind is not int and isinstance(shape, _SIMPLE)
                made[name] = part if simple else self.write(place.at(key, shape), part)
        return made

    def _write_items(self, place: Place, items: Sequence[Any]) -> list[JSON]:
        # All of them have one shape, except where each has its own.
        fixed, shape = isinstance(place.shape, FixedArray), part_of(place.shape, 0)
        simple = not fixed and isinstance(shape, _SIMPLE)
        made: list[JSON] = []
        for index, item in enumerate(items):
            # Written out and not asked of a function: tables have millions of cells.
            kind = type(item)
            if simple and kind in SCALARS and (kind is not int or _LEAST < item < _MOST):
                made.append(item)
            else:
                own = part_of(place.shape, index) if fixed else shape
                made.append(self.write(place.at(index, own), item))
        return made

    def _write_file(self, place: Place, value: Any) -> JSON:
        if isinstance(value, FileMarker):
            value = value.value
        if self._is_unsent_file(place, value):
            hint = "pass the path itself, without handle_file()"
            return self._refuse(place, short_repr(value), hint)
        if isinstance(value, dict):
            own_form = not self._has_file_data and is_inline(value)
            if self._files.find_elsewhere(value.get("url")) is not None:
                return self._files.write(place, value["url"])
            if own_form or names_file(value):
                # It names a file of the server, and never one of ours.
                raw = self._write_parts(place.meant_as(ANYTHING), value)
                return name_server_file(raw, self._release)
        return self._files.write(place, value)

    def _is_unsent_file(self, place: Place, value: Any) -> bool:
        """Tell whether an object is what gradio_client makes of a path, which sends the file then.

        Here it is refused: a server can send an object that looks the same, and whoever passes that
        on must not send it a file of this machine.
        """
        return self._has_file_data and place.argument.trusted and names_local_file(value)

    def _refuse(self, place: Place, got: str, expected: str) -> None:
        self._problems.add(place, got, expected)


def _is_only_file(value: Any) -> bool:
    """Tell whether a value is a file, and no text or object that is JSON all the same."""
    return could_be_file(value) and not isinstance(value, str | Mapping)


def _keys(shape: Object) -> str:
    """Return an object of the keys that a shape needs, as it is written in Python."""
    needed = [part for part in shape.fields if part.required] or shape.fields
    return f"{{{one_line(', '.join(f'{part.name!r}: ...' for part in needed))}}}"


def _explain(value: Any) -> tuple[str, str]:
    """Return what a value is that can't be written as JSON, and what can."""
    match value:
        case Endless():
            return value.got, value.expected
        case bytes() | bytearray() | memoryview():
            return "bytes", "wrap them in gradioproxy.file() to send them as a file"
        case os.PathLike():
            hint = "wrap it in gradioproxy.file() to send the file, or in str()"
            return repr(value), hint
        case InMemory():
            got = f"{short_repr(value)} of type {type(value.value).__name__}"
            return got, f"{JSON_TAKES}; wrap it in gradioproxy.file() to send a file"
        case _:
            return f"{short_repr(value)} of type {type(value).__name__}", JSON_TAKES
