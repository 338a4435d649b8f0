"""What a parameter takes that is a file.

Loaded when there is one: before Python 3.12, named types are typing_extensions', which is large.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, BinaryIO, Protocol, runtime_checkable

from ..files.file import File
from ..pydantic_schemas import PydanticSchema

if sys.version_info >= (3, 12):
    from typing import TypeAliasType
else:
    from typing_extensions import TypeAliasType


class SavableImage(Protocol):
    """An image as Pillow has them."""

    def save(self, fp: Any, format: str | None = ..., **params: Any) -> None:  # noqa: A002
        """Write the image."""


@runtime_checkable
class ArrayValue(Protocol):
    """An array as NumPy has them."""

    def __array__(self) -> Any: ...


def _can_be_file(value: object) -> bool:
    return value is not None and not isinstance(value, bool | int | float | list | set | frozenset)


def _write_file(value: object) -> Any:
    if isinstance(value, File):
        return value.url  # its path would fetch it
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a file that is a {type(value).__name__} is nothing that JSON has")


_PLAIN = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
_MADE = SavableImage | ArrayValue | tuple[int, ArrayValue | Sequence[Any]]
_SCHEMA = PydanticSchema(
    {"type": "string", "description": "A file: its path or its URL."},
    _can_be_file,
    "a file",
    _write_file,
)

FileLike = TypeAliasType("FileLike", Annotated[_PLAIN | _MADE | File | Mapping[str, Any], _SCHEMA])
"""What a parameter takes that is a file: a path, a URL, bytes, an open binary file, an image, a
NumPy array or ``(rate, samples)``, a `File`, or the server's own description of a file."""
