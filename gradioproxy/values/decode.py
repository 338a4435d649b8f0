"""Values coming in: JSON becomes what a caller gets.

Rule: partial and final results are decoded in one way, from what came alone. Nothing is kept here,
so that any thread may decode without a lock. What people write for a value is nothing that is known
here: a server writes what its schema says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..errors import ProtocolError
from ..frozen import frozen
from ..schema.limits import MAX_RESULT_DEPTH, is_shallow
from ..schema.match import member_for, part_of
from ..schema.shape import File as FileShape
from ..schema.shape import Reference, Shape, Union
from ..text import render_count
from .changes import is_update
from .kinds import is_inline
from .table import Table, is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..files.file import File
    from ..schema.endpoint import JSON, Endpoint, Result


# Made once: results of many megabytes have millions of parts to compare with it.
_CONTAINERS = (dict, list)

_TOO_DEEP = "The app sent a value that is nested too deeply."


@frozen()
class Decoder:
    """Makes what a caller gets of what came: of equal data equal values, each a copy of its own.

    Attributes:
        endpoint: What was called.
        make_tuple: Makes the named tuple of several results.
        make_file: Makes a `File` of what the server sends for one.
    """

    endpoint: Endpoint
    make_tuple: Callable[[Sequence[Any]], Any] | None
    make_file: Callable[[Mapping[str, Any]], File]

    def check(self, data: Sequence[JSON]) -> None:
        """Do nothing, if there is one value for each output.

        Raises:
            ProtocolError: There are others in number, and none can be told from another.
        """
        outputs = self.endpoint.outputs
        if len(data) != outputs:
            raise ProtocolError(
                f"The app sent {render_count(len(data), 'value')} for "
                f"{render_count(outputs, 'output')}, so that nobody can tell which value is which."
            )

    def decode(self, data: Sequence[JSON], *, copy: bool = True) -> Any:
        """Return the value for one output, a named tuple for several, ``None`` for none.

        Of an update of a component that is its value; one without a value is the update itself.

        Args:
            data: One JSON value for each output, hidden ones included.
            copy: Whether nothing of the data may be a part of the value.

        Raises:
            ProtocolError: A value is nested too deeply, or there are more or fewer values than
                outputs.
        """
        values = [
            update["value"] if update is not None and "value" in update else plain
            for plain, update in self._decode_all(data, copy=copy)
        ]
        if self.make_tuple is not None:
            return self.make_tuple(values)
        return values[0] if values else None

    def updates(self, data: Sequence[JSON]) -> tuple[dict[str, Any] | None, ...]:
        """Return for each output the update of its component, or ``None`` where a value came.

        Args:
            data: One JSON value for each output, hidden ones included; none before any came.

        Returns:
            The updates, with their values as `decode` returns them; a named tuple for several.

        Raises:
            ProtocolError: A value is nested too deeply, or there are more or fewer values than
                outputs.
        """
        came = self._decode_all(data or [None] * self.endpoint.outputs, copy=True)
        updates = [update for _, update in came]
        made: Any = tuple(updates) if self.make_tuple is None else self.make_tuple(updates)
        return cast("tuple[dict[str, Any] | None, ...]", made)

    def _decode_all(
        self, data: Sequence[JSON], *, copy: bool
    ) -> list[tuple[Any, dict[str, Any] | None]]:
        """Return for each output what came, and the same as an update where it is one."""
        self.check(data)
        try:
            return [
                self._decode_one(result, data[result.index], copy=copy)
                for result in self.endpoint.results
            ]
        except RecursionError:  # whoever asks is deep in Python's stack already
            raise ProtocolError(_TOO_DEEP) from None

    def _decode_one(
        self, result: Result, came: JSON, *, copy: bool
    ) -> tuple[Any, dict[str, Any] | None]:
        """Return what came for an output, and the same as an update where it is one."""
        if isinstance(came, str) and not came.startswith("data:"):
            return came, None  # most partial results are texts, and there may be thousands
        # What a JSON component shows is the author's data, whatever it looks like.
        shape = None if result.kind == "json" else result.shape
        if not is_update(came):
            return decode_value(came, shape, self.make_file, copy=copy), None
        update = {
            key: decode_value(item, shape if key == "value" else None, self.make_file)
            for key, item in came.items()
        }
        return update, update


def decode_value(  # noqa: C901, PLR0911 - one frame of Python's stack a level
    value: JSON,
    shape: Shape | None,
    make_file: Callable[[Mapping[str, Any]], File],
    depth: int = 0,
    *,
    copy: bool = True,
) -> Any:
    """Return a copy of a JSON value with a `File` or a `Table` wherever it has one.

    Args:
        value: What came.
        shape: Its shape; ``None`` if nothing in it is a file.
        make_file: Makes a `File` of what the server sends for one.
        depth: How deep in what came it is.
        copy: Whether what has neither may not be a part of what came.

    Raises:
        ProtocolError: It is nested too deeply.
    """
    if shape is None:
        return _copy(value, depth) if copy else _check_depth(value, depth)
    if depth > MAX_RESULT_DEPTH:
        raise ProtocolError(_TOO_DEEP)
    if isinstance(shape, Reference):
        shape = shape.target
    if isinstance(shape, Union):
        shape = member_for(shape, value)
    if isinstance(value, dict):
        if (raw := _find_file(value, shape)) is not None:
            if not is_shallow(raw):  # it is kept as it is, to be pickled and sent
                raise ProtocolError(_TOO_DEEP)
            return make_file(raw)
        # Loops, and no comprehensions: those take a frame each before Python 3.12.
        parts = {}
        for key, item in value.items():
            part = part_of(shape, key)
            parts[key] = decode_value(item, part, make_file, depth + 1, copy=copy)
        if is_table(shape) and {"headers", "data"} <= parts.keys():
            return Table(parts)
        return parts
    if isinstance(value, str) and isinstance(shape, FileShape) and value.startswith("data:"):
        return make_file({"url": value})  # an image of Gradio 3
    if isinstance(value, list):
        items = []
        for place, item in enumerate(value):
            part = part_of(shape, place)
            items.append(decode_value(item, part, make_file, depth + 1, copy=copy))
        return items
    return value


def _copy(value: JSON, depth: int) -> JSON:
    """Return a copy of a JSON value, which may be large: only its objects and lists are visited."""
    if not isinstance(value, _CONTAINERS):
        return value
    if value and depth >= MAX_RESULT_DEPTH:
        raise ProtocolError(_TOO_DEEP)
    copied: Any = value.copy()
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, _CONTAINERS):
            copied[key] = _copy(item, depth + 1)
    return copied


def _check_depth(value: JSON, depth: int) -> JSON:
    """Return a JSON value, if it is nested no deeper than it may be.

    That takes a fifth of what a copy takes: no container is made but one for each level.
    """
    layer = [value] if isinstance(value, _CONTAINERS) else []
    while layer:
        if depth >= MAX_RESULT_DEPTH and any(layer):
            raise ProtocolError(_TOO_DEEP)
        inside = (one.values() if isinstance(one, dict) else one for one in layer)
        layer = [one for some in inside for one in some if isinstance(one, _CONTAINERS)]
        depth += 1
    return value


def _find_file(value: Mapping[str, JSON], shape: Shape) -> Mapping[str, JSON] | None:
    """Return what an object says of a file, if it stands for one, or ``None``.

    It is marked as one, or the shape says so.
    """
    meta = value.get("meta")
    if isinstance(meta, dict) and meta.get("_type") == "gradio.FileData":
        return value if isinstance(value.get("path") or value.get("url"), str) else None
    if isinstance(shape, FileShape) and is_inline(value):
        # As Gradio 3 sends subtitles: the content itself, without a name.
        return {"url": value["data"], "orig_name": value.get("name")}
    named = isinstance(value.get("path"), str) or isinstance(value.get("name"), str)
    is_file = named and (isinstance(shape, FileShape) or value.get("is_file") is True)
    return value if is_file else None
