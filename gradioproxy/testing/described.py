"""What `fake` takes for the description of an app: sessions, objects in JSON, and files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..client.contract.storage import read_contract
from ..client.session import Session
from ..errors import SchemaError
from ..text import short_repr
from .locked import describe_locked
from .storage import Cassette, build_cassette, decode_json, read_content

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "http://app.test"
"""The address of an app that has none; no name under ``.test`` leads anywhere (RFC 6761)."""

_TAKES = (
    "pass an open session, a dict with 'config' and 'info', or the path of a file in JSON with "
    "these, of a cassette, or of a lock"
)


class Described(NamedTuple):
    """An app.

    Attributes:
        config: What it answers to ``/config``.
        info: What it answers to ``/info``, if it has that.
        url: Its address.
    """

    config: Any
    info: Any
    url: str = URL


def read_description(
    description: Session | Mapping[str, Any] | str | os.PathLike[str],
) -> Described:
    """Return what an app says of itself.

    Args:
        description: As `fake` takes it.

    Raises:
        MissingFile: There is no such file.
        SchemaError: It is no description.
        TypeError: It is nothing that could be one.
    """
    if isinstance(description, Session):
        connection = description.__connection__
        known = connection.description
        return Described(known.config, known.info, connection.engine.transport.address.url)
    if isinstance(description, str | os.PathLike):
        return _read_path(Path(os.fsdecode(description)))
    found = _find_parts(description) if hasattr(description, "get") else None
    if found is None:
        raise TypeError(f"{short_repr(description)} describes no app: {_TAKES}")
    return found


def _read_path(path: Path) -> Described:
    content = read_content(path, "fake")
    try:
        found = json.loads(decode_json(content))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        if "cassette" in found:
            return _describe_recorded(build_cassette(path, found))
        if isinstance(found.get("functions"), dict):
            return Described(*describe_locked(read_contract(path)))
        if (parts := _find_parts(found)) is not None:
            return parts
    raise SchemaError(f"{short_repr(str(path), 300)} describes no app: {_TAKES}.")


def _find_parts(found: Mapping[str, Any]) -> Described | None:
    config = found.get("config")
    return Described(config, found.get("info")) if isinstance(config, dict) else None


def _describe_recorded(cassette: Cassette) -> Described:
    """Return the description of the first app that a cassette has one of."""
    for app in cassette.apps:
        said = {
            entry.request.partition(" ")[2]: answer["json"]
            for entry in app.asked
            for answer in entry.answers
            if "json" in answer and entry.request.startswith("GET ")
        }
        for target, config in said.items():
            if target.endswith("/config") and isinstance(config, dict):
                base = target.removesuffix("/config")
                prefix = str(config.get("api_prefix") or "")
                return Described(config, said.get(f"{base}{prefix}/info"), app.url)
    shown = short_repr(str(cassette.path), 300)
    raise SchemaError(f"{shown} has no description of an app.")
