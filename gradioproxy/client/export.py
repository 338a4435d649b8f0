"""Writing an app down as a module, and telling what is no longer true of one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..functions.module_changes import find_module_changes
from ..functions.module_source import ModuleHead, write_module

if TYPE_CHECKING:
    from .session import Session


def export(session: Session, path: str | os.PathLike[str]) -> Path:
    """Write a module with the functions of an app, to be imported, read and checked by its types.

    ::

        gradioproxy.export(app, "my_app.py")

    Its functions have full signatures, docstrings, ``stream``, ``submit`` and all else that those
    of a session have. It connects when one of them is first called; its ``connect`` does so before,
    and takes the options of `connect`. It has no secrets in it. The same app gives the same bytes.

    Args:
        session: The app.
        path: The file; one that is there is replaced, as a whole or not at all.

    Returns:
        The file's path.

    Raises:
        SessionClosed: The session was closed.
        OSError: The file can't be written.
    """
    text = render_module(session)
    target = Path(path)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def render_module(session: Session) -> str:
    """Return the source that `export` writes.

    Args:
        session: The app.

    Raises:
        SessionClosed: The session was closed.
    """
    connection = session.__connection__
    connection.engine.ensure_open()
    app = connection.description.app
    endpoints = {
        row.own_attribute: connection.find_endpoint(row.endpoint) for row in connection.names.rows
    }
    source = connection.engine.transport.address.source
    head = ModuleHead(source, app.title, app.version, app.second_hand)
    return write_module(head, endpoints, connection.engine.options.docstring_style)


def compare_module(text_or_path: str | os.PathLike[str], session: Session) -> list[str]:
    """Say what has changed of an app since a module was written for it.

    Args:
        text_or_path: The module's source, or its path; what has no line end is a path.
        session: The app.

    Returns:
        Each change as a line of text; none if exporting the app again would change nothing.

    Raises:
        OSError: The file can't be read.
        ValueError: It is no source of Python.
        SessionClosed: The session was closed.
    """
    if isinstance(text_or_path, str) and "\n" in text_or_path:
        text = text_or_path
    else:
        text = Path(text_or_path).read_text(encoding="utf-8")
    return find_module_changes(text, render_module(session))
