"""What a caller says of a value that its schema can't say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..files.file import File
    from ..files.source import Source


class FileMarker:
    """A value that is a file where the schema can't say so; made by `file`."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"file({self.value!r})"


def file(path_or_url: Any) -> FileMarker:
    """Mark a value as a file where the schema can't say so, such as inside JSON.

    Args:
        path_or_url: Whatever a parameter for files takes: a path, a URL, bytes, an open file.

    Returns:
        What to put into the value in its place.
    """
    return path_or_url if isinstance(path_or_url, FileMarker) else FileMarker(path_or_url)


class NamedFiles(Protocol):
    """Files that a model can name besides those of the web, because somebody allowed them.

    Attributes:
        hint: How such a file is named, for whoever named none.
    """

    hint: str

    def find_returned(self, name: str, /) -> File | None:
        """Return the file that a function returned, if that is its name."""
        ...

    def find_source(self, name: str, /) -> Source | None:
        """Return another file of that name, if that can be a name of one.

        Raises:
            ValueError: It is none that may be read; the message says why.
        """
        ...

    def count_fetched(self, size: int, /) -> None:
        """Take note of so many bytes more that were fetched to be sent.

        Raises:
            ValueError: They are too many; the message says so.
        """
        ...


class Untrusted:
    """A value in which no string names a local path: it came from a server or a model.

    Args:
        value: The value.
        files: What strings in it can name nevertheless.
    """

    def __init__(self, value: Any, files: NamedFiles | None = None) -> None:
        self.value = value
        self.files = files

    def __repr__(self) -> str:
        return repr(self.value)


class ServerText(str):
    """A text that a server sent: it names no local path, whoever passes it on and through what."""

    __slots__ = ()


def mark_server_texts(value: Any) -> Any:
    """Return a value from a server with all of its texts marked as such.

    Args:
        value: A result or a part of one, in which lists, tuples and dictionaries are looked into.
    """
    if isinstance(value, str):
        return ServerText(value)
    if isinstance(value, dict):
        # Loops, and no comprehensions: those take a frame of Python's stack each before 3.12.
        made = {}
        for key, part in value.items():
            made[key] = mark_server_texts(part)
        return made
    if not isinstance(value, list | tuple):
        return value
    parts = list(map(mark_server_texts, value))
    if isinstance(value, list):
        return parts
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


class Blank:
    """Stands for an image without anything on it, as large as another."""

    def __init__(self, like: Any) -> None:
        self.like = like
