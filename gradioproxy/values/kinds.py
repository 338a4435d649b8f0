"""What a value is, as far as several stages ask: a list, a file, a file of a server.

Asked of builtins, and of what `foreign` leaves beside them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from ..builtin import DateText
from ..files.in_memory import InMemory
from ..schema.match import names_file
from .markers import FileMarker


def is_list(value: Any) -> bool:
    """Tell whether a value is a list of things."""
    return isinstance(value, list | tuple | AbstractSet)


def could_be_file(value: Any) -> bool:
    """Tell whether a value can be meant as a file."""
    if isinstance(value, DateText):
        return False
    if isinstance(value, Mapping):
        return names_file(value)
    if isinstance(value, InMemory):
        return bool(value.kind)
    named = isinstance(value, str | os.PathLike | bytes | bytearray | memoryview | FileMarker)
    return named or hasattr(value, "read")


def names_local_file(value: Any) -> bool:
    """Tell whether an object is what gradio_client's ``handle_file`` makes of a file that is here.

    What servers send of their files says more, if only that it is not known: address, size, type.
    So do those of ``upload``.
    """
    if not isinstance(value, Mapping) or len(value) != 3:  # noqa: PLR2004 - the keys below
        return False
    if value.keys() != {"path", "orig_name", "meta"}:
        return False
    path = value["path"]
    if not isinstance(path, str) or value["meta"] != {"_type": "gradio.FileData"}:
        return False
    try:
        return bool(value["orig_name"] == Path(path).name and Path(path).exists())
    except (OSError, ValueError):
        return False  # a text that can't be a path


def is_inline(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is a file of Gradio 3 with its content in it."""
    data = value.get("data")
    return isinstance(data, str) and data.startswith("data:")
