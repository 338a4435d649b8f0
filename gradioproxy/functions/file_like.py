"""What a parameter takes that is a file.

Loaded when there is one: before Python 3.12, named types are typing_extensions', which is large.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Union

if TYPE_CHECKING:
    import os

    from ..files.file import File

if sys.version_info >= (3, 12):
    from typing import TypeAliasType
else:
    from typing_extensions import TypeAliasType


class SavableImage(Protocol):
    """An image as Pillow has them."""

    def save(self, fp: Any, format: str | None = ..., **params: Any) -> None:  # noqa: A002
        """Write the image."""


class ArrayValue(Protocol):
    """An array as NumPy has them."""

    def __array__(self) -> Any: ...


FileLike = TypeAliasType(
    "FileLike",
    Union[
        str,
        "os.PathLike[str]",
        bytes,
        bytearray,
        memoryview,
        BinaryIO,
        SavableImage,
        ArrayValue,
        tuple[int, ArrayValue | Sequence[Any]],
        "File",
        Mapping[str, Any],
    ],
)
"""What a parameter takes that is a file: a path, a URL, bytes, an open binary file, an image, a
NumPy array or ``(rate, samples)``, a `File`, or the server's own description of a file."""
