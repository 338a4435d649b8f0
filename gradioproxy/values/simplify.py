"""What functions return, as JSON can say it: for programs that read it, and for models."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from ..files.file import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def find_files(value: Any) -> Iterator[File]:
    """Yield the files in a result, in their order."""
    if isinstance(value, File):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from find_files(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from find_files(part)


def simplify(value: Any, paths: Mapping[str, str]) -> Any:
    """Return a result as JSON can say it.

    Args:
        value: What a function returned.
        paths: Where its files are, by their addresses.

    Returns:
        The same with paths for files, objects for named tuples, and ``None`` for numbers that JSON
        does not know.
    """
    if isinstance(value, File):
        return paths.get(value.url, value.url)
    if isinstance(value, dict):
        return {str(key): simplify(part, paths) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {
            name: simplify(part, paths) for name, part in zip(value._fields, value, strict=True)
        }
    if isinstance(value, list | tuple):
        return [simplify(part, paths) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def map_texts(plain: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every text in it changed, keys included."""
    if isinstance(plain, str):
        return change(plain)
    if isinstance(plain, dict):
        return {change(key): map_texts(part, change) for key, part in plain.items()}
    return [map_texts(part, change) for part in plain] if isinstance(plain, list) else plain


def make_sendable(text: str) -> str:
    """Return a text that can be written in UTF-8: half of a pair of surrogates can't."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def write_json(plain: Any, indent: int | None = None) -> str:
    """Return JSON that every reader of JSON takes, lone halves of characters included."""
    text = json.dumps(plain, ensure_ascii=False, indent=indent)
    return text if _is_writable(text) else json.dumps(plain, indent=indent)


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
