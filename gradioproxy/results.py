"""Values coming in: JSON becomes what a caller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ProtocolError
from .fitting import is_inline, option_for
from .shapes import File as FileShape
from .shapes import Reference, Shape, Union, part_of
from .tables import Table, is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .files import File
    from .schema import JSON, Endpoint


class Decoder:
    """Makes what a caller gets of what came.

    Args:
        endpoint: What was called.
        make_tuple: Makes the named tuple of several results.
        make_file: Makes a `File` of what the server sends for one.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        make_tuple: Callable[[Sequence[Any]], Any] | None,
        make_file: Callable[[Mapping[str, Any]], File],
    ) -> None:
        self._endpoint = endpoint
        self._make_tuple = make_tuple
        self._make_file = make_file

    def decode(self, data: Sequence[JSON]) -> Any:
        """Return the value for one output, a named tuple for several, ``None`` for none.

        Args:
            data: One JSON value for each output, hidden ones included.

        Raises:
            ProtocolError: A value is nested more deeply than Python can follow.
        """
        try:
            values = [
                received(
                    data[result.index] if result.index < len(data) else None,
                    # What a JSON component shows is the author's data, whatever it looks like.
                    None if result.component.lower() == "json" else result.shape,
                    self._make_file,
                )
                for result in self._endpoint.results
            ]
        except RecursionError:
            raise ProtocolError("The app sent a value that is nested too deeply.") from None
        if self._make_tuple is not None:
            return self._make_tuple(values)
        return values[0] if values else None


def received(
    value: JSON, shape: Shape | None, make_file: Callable[[Mapping[str, Any]], File]
) -> Any:
    """Return a copy of a JSON value with a `File` or a `Table` wherever it has one.

    Args:
        value: What came.
        shape: Its shape; ``None`` if nothing in it is a file.
        make_file: Makes a `File` of what the server sends for one.
    """
    if isinstance(shape, Reference):
        shape = shape.target
    if isinstance(shape, Union):
        shape = option_for(shape, value)
    if isinstance(value, dict):
        if shape is not None and (raw := _raw_file(value, shape)) is not None:
            return make_file(raw)
        parts = {
            key: received(item, shape and part_of(shape, key), make_file)
            for key, item in value.items()
        }
        if shape is not None and is_table(shape) and {"headers", "data"} <= parts.keys():
            return Table(parts)
        return parts
    if isinstance(value, str) and isinstance(shape, FileShape) and value.startswith("data:"):
        return make_file({"url": value})  # an image of Gradio 3
    if isinstance(value, list):
        return [
            received(item, shape and part_of(shape, place), make_file)
            for place, item in enumerate(value)
        ]
    return value


def _raw_file(value: Mapping[str, JSON], shape: Shape) -> Mapping[str, JSON] | None:
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
