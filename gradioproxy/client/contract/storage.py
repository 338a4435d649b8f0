"""Contracts in files: a lock, which is kept beside the scripts that rely on an app.

What is read here has the form that `build` gives it, so that comparing it can't fail.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import MissingFile, Problem, SchemaError
from ...text import as_json, one_line, short_repr
from .type_entries import find_type

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

FORMAT = 1
"""What this version writes; one that can't be read by it gets the next number."""

# Nobody writes these but git, where two people changed a lock.
_CONFLICT = "<<<<<<<"


def write_contract(path: str | os.PathLike[str], contract: Mapping[str, Any]) -> None:
    """Write a contract to a file, which is there as a whole or not at all.

    Args:
        path: The file; one that is there is replaced.
        contract: What `build.build_contract` returned.

    Raises:
        FileNotSaved: The disk is full, read-only or broken.
        OSError: The path is none that can be written.
    """
    from ...files.saving import write_file  # late: locks are read more often than written

    write_file([f"{as_json(contract, indent=2)}\n".encode()], Path(path))


def read_contract(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a contract from a file.

    Args:
        path: The file.

    Returns:
        What was written.

    Raises:
        MissingFile: There is none, or it can't be read.
        SchemaError: It is no lock, a damaged one, or one of a later version.
    """
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise _build_missing(path, error) from None
    shown = short_repr(str(path), 300)
    again = "`gradioproxy lock` writes it anew"
    try:
        text = content.decode("utf-8-sig")
        found = json.loads(text)
    except (ValueError, RecursionError):
        merged = _CONFLICT.encode() in content
        why = "holds a conflict of a merge" if merged else "is no JSON"
        raise SchemaError(f"The lock {shown} {why}; {again}.") from None
    if not isinstance(found, dict) or not isinstance(found.get("functions"), dict):
        raise SchemaError(f"{shown} is no lock of an app; `gradioproxy lock` writes one.")
    version = found.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise SchemaError(
            f"The lock {shown} is of format {one_line(version, 20)}, which a later gradioproxy "
            f"wrote; this one reads format {FORMAT}. Install a later version."
        )
    damage = "its format" if version != FORMAT else next(_find_damage(found), "")
    if damage:
        raise SchemaError(f"The lock {shown} is damaged ({damage}); {again}.")
    if found["app"].get("note"):
        raise SchemaError(
            f"The lock {shown} was written while the app's description failed, and holds what was "
            f"guessed of it; {again}."
        )
    return found


def _build_missing(path: str | os.PathLike[str], error: OSError | ValueError) -> MissingFile:
    if isinstance(error, FileNotFoundError):
        expected = "there is no such file. `gradioproxy lock` writes one"
    else:
        reason = error.strerror if isinstance(error, OSError) else None
        expected = f"it can't be read: {reason or error}"
    return MissingFile("connect", [Problem("lock", short_repr(str(path), 300), expected)])


def _find_damage(contract: Mapping[str, Any]) -> Iterator[str]:
    """Yield what in a contract has another form than it should have."""
    if not _has(contract.get("app"), {"url": str, "gradio": str}):
        yield "app"
    for endpoint, function in contract["functions"].items():
        place = one_line(endpoint, 60)
        if not _has(function, {"name": str, "parameters": list, "returns": list}):
            yield place
            continue
        takes = {"name": str, "type": str, "required": bool}
        for number, parameter in enumerate(function["parameters"]):
            if not _has(parameter, takes) or not _has_type(parameter):
                yield f"{place}, parameter {number + 1}"
        gives = {"type": str} if len(function["returns"]) == 1 else {"name": str, "type": str}
        for number, result in enumerate(function["returns"]):
            if not _has(result, gives) or not _has_type(result):
                yield f"{place}, result {number + 1}"


def _has(value: Any, kinds: Mapping[str, type]) -> bool:
    """Tell whether a value is an object with these keys, and with such values."""
    return isinstance(value, dict) and all(
        isinstance(value.get(key), kind) for key, kind in kinds.items()
    )


def _has_type(entry: Mapping[str, Any]) -> bool:
    """Tell whether it can be told what a parameter or result is."""
    return isinstance(entry.get("choices", []), list) and find_type(entry) is not None
