"""Values going out: what a caller passes becomes JSON.

Files are found by the shape of the parameter, at any depth, and stand as `Pending` in the
JSON until they have gone up. Only objects that the caller made can name a local file: strings do so
where the shape has a file and the value is the caller's own.
"""

from __future__ import annotations

import copy
import datetime
import enum
import os
import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ArgumentError, FileTooLarge, MissingFile, Problem
from .files import File
from .fitting import is_lone_file, option_for, same
from .forms import form_of
from .marks import Marked
from .naming import nearest
from .plan import Pending, Plan
from .shapes import (
    Array,
    Reference,
    Scalar,
    Shape,
    Union,
    has_file,
    part_of,
)
from .shapes import File as FileShape
from .sources import (
    BytesSource,
    PathSource,
    RemoteSource,
    Source,
    from_data_url,
    from_handle,
    safe_name,
    url_name,
)
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from .schema import Endpoint, Parameter
    from .transport import Transport

JSON = Any

# Of versions, what counts is which one they are not older than.
NEWEST = (sys.maxsize,)

# How many choices a message names.
LISTED = 10

# Deeper than any real value, and far from where Python's own stack ends.
MAX_DEPTH = 100


class Encoder:
    """Makes the plan of a call.

    Args:
        endpoint: What is called.
        names: The parameters' names in Python.
        transport: The way to the app, to know its files from others.
        max_file_size: The largest file that the app takes, in bytes.
        release: The app's version, which decides how files are written.
        validate: Whether choices are checked.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        names: Sequence[str],
        transport: Transport,
        max_file_size: int | None = None,
        *,
        release: tuple[int, ...] = NEWEST,
        validate: bool = True,
    ) -> None:
        self._endpoint = endpoint
        self._names = names
        self._transport = transport
        self._max = max_file_size
        self._release = release
        self._component = ""
        self._validate = validate
        self._files: list[Pending] = []
        self._problems: list[tuple[type[ArgumentError], Problem]] = []

    def encode(self, function: str, arguments: Mapping[str, Any], defaults: Set[str]) -> Plan:
        """Check the arguments and make the plan.

        Args:
            function: The function's name, for messages.
            arguments: Every parameter's value by its name in Python.
            defaults: The names of those that were left out, whose default is the app's own.

        Returns:
            The plan.

        Raises:
            ArgumentError: Something is wrong with the arguments: all that is, in one error;
                `MissingFile` or `FileTooLarge` where that is all.
        """
        data: list[JSON] = [None] * self._endpoint.inputs
        for name, parameter in zip(self._names, self._endpoint.parameters, strict=True):
            if name in defaults:
                data[parameter.index] = copy.deepcopy(parameter.default)
            else:
                data[parameter.index] = self._parameter(name, parameter, arguments[name])
        if self._problems:
            kinds = {kind for kind, _ in self._problems}
            kind = kinds.pop() if len(kinds) == 1 else ArgumentError
            raise kind(function, [problem for _, problem in self._problems])
        return Plan(data, self._files)

    def _parameter(self, name: str, parameter: Parameter, value: Any) -> JSON:
        self._component = parameter.component
        if parameter.options is not None:
            value = self._chosen(name, parameter, value)
        return self._value(name, parameter.shape, value, 0)

    def _wrong(
        self, where: str, came: str, takes: str, kind: type[ArgumentError] = ArgumentError
    ) -> None:
        self._problems.append((kind, Problem(where, came, takes)))

    # Choices.

    def _chosen(self, name: str, parameter: Parameter, value: Any) -> Any:
        """Return the values for labels; note what is no choice, where that is certain."""
        if isinstance(value, list | tuple | set | frozenset):
            chosen = [self._choice(f"{name}[{i}]", parameter, v) for i, v in enumerate(value)]
            return chosen
        return self._choice(name, parameter, value)

    def _choice(self, where: str, parameter: Parameter, value: Any) -> Any:
        options = parameter.options or ()
        value = value.value if isinstance(value, enum.Enum) else _plain(value)
        for option in options:
            if same(option.value, value):
                return value
        for option in options:
            if option.label == value:
                return option.value
        if value is not None and parameter.fixed and self._validate:
            self._wrong(
                where, shown(value), choices_text([option.value for option in options], value)
            )
        return value

    # Values by shape.

    def _value(self, where: str, shape: Shape, value: Any, depth: int) -> JSON:
        """Return the JSON for a value, with files as `Pending`."""
        if depth > MAX_DEPTH:
            self._wrong(where, "a value nested too deeply", f"at most {MAX_DEPTH} levels are sent")
            return None
        if isinstance(value, Marked):
            return self._file(where, value.value)
        if isinstance(shape, Reference):
            shape = shape.target
        if isinstance(shape, Union):
            shape = option_for(shape, value)
        if isinstance(value, File) or (isinstance(shape, FileShape) and value is not None):
            return self._file(where, value)
        if isinstance(shape, Array) and has_file(shape.item) and is_lone_file(value, shape.item):
            value = [value]
        return self._plain_value(where, shape, value, depth)

    def _plain_value(self, where: str, shape: Shape, value: Any, depth: int) -> JSON:
        match _plain(value):
            case None | bool() | int() | float() | str() as plain:
                return plain
            case Mapping() as mapping:
                return {
                    str(key): self._value(f"{where}[{key!r}]", part_of(shape, key), item, depth + 1)
                    for key, item in mapping.items()
                }
            case bytes() | bytearray() | memoryview():
                self._wrong(
                    where, "bytes", "wrap them in gradioproxy.file() to send them as a file"
                )
            case os.PathLike() as path:
                if isinstance(shape, Scalar):
                    return os.fspath(path)
                self._wrong(
                    where, repr(path), "wrap it in gradioproxy.file() to send the file, or in str()"
                )
            case list() | tuple() | Set() as items:
                return [
                    self._value(f"{where}[{place}]", part_of(shape, place), item, depth + 1)
                    for place, item in enumerate(items)
                ]
            case other:
                self._wrong(where, f"{shown(other)} of type {type(other).__name__}", "JSON is sent")
        return None

    # Files.

    def _file(self, where: str, value: Any) -> JSON:
        """Return what stands for a file: a value of the app's own, or a `Pending`."""
        if isinstance(value, Marked):
            value = value.value
        if isinstance(value, File):
            if value.belongs_to(self._transport):
                return value.raw
            return self._pending(where, RemoteSource(value.chunks, value.name, value.url))
        if isinstance(value, Mapping) and ("path" in value or "url" in value):
            # It names a file of the server, and never one of ours.
            return {"meta": {"_type": "gradio.FileData"}, **value}
        source = self._source(where, value)
        return self._pending(where, source) if source is not None else None

    def _source(self, where: str, value: Any) -> Source | None:
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return RemoteSource(self._fetch(value), url_name(value), value)
        if isinstance(value, str) and (found := from_data_url(value)) is not None:
            return found
        if isinstance(value, str | os.PathLike):
            return self._path(where, value)
        if isinstance(value, bytes | bytearray | memoryview):
            return BytesSource(bytes(value))
        if hasattr(value, "read"):
            try:
                return from_handle(value)
            except (TypeError, ValueError, OSError) as error:
                self._wrong(where, str(error), _FILE_TAKES)
                return None
        self._wrong(where, f"{shown(value)} of type {type(value).__name__}", _FILE_TAKES)
        return None

    def _path(self, where: str, value: str | os.PathLike[str]) -> Source | None:
        path = Path(value)
        try:
            status = path.stat()
            if not path.is_file():
                self._wrong(where, f"{str(path)!r}, which is a folder", _FILE_TAKES, MissingFile)
                return None
            with path.open("rb"):
                pass  # what can't be read should be known now and not halfway through
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._wrong(where, f"{str(path)!r} ({reason})", _FILE_TAKES, MissingFile)
            return None
        return PathSource(str(path.absolute()), safe_name(path.name), status.st_size)

    def _pending(self, where: str, source: Source) -> Pending | None:
        size = source.size
        if self._max is not None and size is not None and size > self._max:
            self._wrong(
                where,
                f"{source.name!r} of {size:,} bytes",
                f"the app takes files of at most {self._max:,} bytes",
                FileTooLarge,
            )
            return None
        pending = Pending(source, where, form_of(self._release, self._component))
        self._files.append(pending)
        return pending

    def _fetch(self, url: str) -> Callable[[], Any]:
        """Return what fetches a URL that the caller passed; without secrets, if it is foreign."""
        transport = self._transport
        raw = {"path": url}
        return lambda: File(raw, transport).chunks()


_FILE_TAKES = "it takes a path, a URL, bytes, an open binary file or a File"


def _plain(value: Any) -> Any:
    """Return a value as what JSON knows, where that is certain."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    # NumPy's and other libraries' scalars and arrays, without asking for those libraries.
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    return value


def shown(value: Any, limit: int = 80) -> str:
    """Return the repr of a caller's value, short and on one line."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a foreign __repr__ may raise anything
        text = f"<{type(value).__name__}>"
    return one_line(text, limit)


def choices_text(values: Sequence[Any], came: Any) -> str:
    """Say what a choice takes, with the nearest one if something like it came."""
    texts = [shown(value, 60) for value in values]
    listed = ", ".join(texts[:LISTED])
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    near = nearest(str(came), [str(value) for value in values])
    hint = f"; did you mean {texts[[str(v) for v in values].index(near[0])]}?" if near else ""
    return f"it takes one of {listed}{more}{hint}"
