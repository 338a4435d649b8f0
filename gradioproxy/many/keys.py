"""What an input is known again by: the content of its values.

Rule: equal values have one key, wherever their files are and whatever those are called. A file is
known by its content, an address on the web by itself, and a file that the app has by its place
there. Equal inputs of one ``map`` are told apart by their number.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..files.reading import read_blocks
from ..files.source import PathSource, RemoteSource
from .kept_files import hash_chunks
from .stored import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..files.payload import FileSlot, Payload
    from ..files.source import Source
    from ..options import CallOptions
    from ..schema.endpoint import Parameter

# Files that are passed again and again are read once.
_REMEMBERED = 1000


class Key(NamedTuple):
    """What an input is known again by.

    Attributes:
        digest: The same for equal inputs.
        arguments: The values as JSON, by the parameters' names, with the names of files.
    """

    digest: bytes
    arguments: str


class KeyMaker:
    """Makes the keys of the inputs of one ``map``.

    Args:
        names: The names of the parameters that get a value of each input.
        parameters: These parameters.
        options: How the calls are made.
        hide: Takes secrets out of a text.
    """

    def __init__(
        self,
        names: Sequence[str],
        parameters: Sequence[Parameter],
        options: CallOptions,
        hide: Callable[[str], str],
    ) -> None:
        self._hide = hide
        self._places = {
            name: parameter.index for name, parameter in zip(names, parameters, strict=True)
        }
        # What is looked at by the app besides its inputs.
        self._event = [options.event_data, options.trigger_id]
        self._digests: dict[tuple[object, ...], str] = {}

    def make(self, payload: Payload) -> Key:
        """Return the key of an input.

        Args:
            payload: What a call with it sends.

        Raises:
            OSError, GradioProxyError: A file among its values can't be read.
        """
        digests = [{"file": self._hash(slot)} for slot in payload.slots]
        filled = payload.fill(digests)
        known = [_know_files(filled[index]) for index in self._places.values()]
        text = json.dumps([known, self._event], sort_keys=True, separators=(",", ":"))
        shown = payload.fill([{"file": slot.source.name} for slot in payload.slots])
        arguments = {name: shown[index] for name, index in self._places.items()}
        return Key(hashlib.sha256(text.encode()).digest(), write_json(arguments, self._hide))

    def _hash(self, slot: FileSlot) -> str:
        source = slot.source
        if isinstance(source, RemoteSource):
            # It is not fetched to find out that nothing has to be done with it.
            place = source.app_path
            return f"url:{source.shown}" if place is None else f"app:{place}"
        if not isinstance(source, PathSource):
            return _hash_content(source)
        status = Path(source.path).stat()
        known = source.path, status.st_size, status.st_mtime_ns, status.st_ino
        if known not in self._digests:
            if len(self._digests) >= _REMEMBERED:
                self._digests.clear()
            self._digests[known] = _hash_content(source)
        return self._digests[known]


def _hash_content(source: Source) -> str:
    """Return what stands for the content of a file that goes up."""
    return hash_chunks(read_blocks(source.open()))


def _know_files(value: Any) -> Any:
    """Return a value with what stands for a file that the app has in each of their places."""
    if isinstance(value, list):
        return [_know_files(item) for item in value]
    if not isinstance(value, dict):
        return value
    meta, path = value.get("meta"), value.get("path")
    if isinstance(meta, dict) and meta.get("_type") == "gradio.FileData" and isinstance(path, str):
        return {"file": f"app:{path}"}
    return {key: _know_files(item) for key, item in value.items()}
