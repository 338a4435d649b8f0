"""Writing an app down as a module, and telling what is no longer true of one."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ServerError
from ..files.saving import write_file
from ..functions.module_changes import find_module_changes
from ..functions.module_source import ModuleHead, write_module
from ..text import one_line
from .connection import build_names

if TYPE_CHECKING:
    import os

    from .session import Session


def export(session: Session, path: str | os.PathLike[str]) -> Path:
    """Write a module with the functions of an app, to be imported, read and checked by its types.

    ::

        gradioproxy.export(app, "my_app.py")

    Its functions have full signatures and docstrings, and ``stream``, ``submit``, ``check``,
    ``map``, ``with_options`` and ``tool_schema`` as those of a session have them. It connects when
    one of them is first called; its ``connect`` does so before, and takes the options of `connect`.
    It has no secrets in it. The same app gives the same bytes.

    Args:
        session: The app.
        path: The file; one that is there is replaced, as a whole or not at all.

    Returns:
        The file's path.

    Raises:
        SessionClosed: The session was closed.
        FileNotSaved: The disk is full, read-only or broken.
        OSError: The path is none that can be written.
    """
    target = Path(path)
    write_file([render_module(session).encode()], target)
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
    # What was kept of the app may be of another day; without a network, it is what there is.
    with contextlib.suppress(ConnectionError, TimeoutError, ServerError):
        connection.engine.refresh_if_restarted()
    app = connection.description.lasting_app
    options = connection.engine.options
    names = build_names(app, options.unnamed)
    endpoints = {row.own_attribute: connection.find_endpoint(row.endpoint) for row in names.rows}
    source = connection.engine.transport.address.source
    style, unnamed = options.docstring_style, options.unnamed is True
    return write_module(
        ModuleHead(source, app.title, app.version, app.second_hand, style, unnamed), endpoints
    )


def compare_module(path: str | os.PathLike[str], session: Session) -> list[str]:
    """Say what has changed of an app since a module was written for it.

    Args:
        path: The module.
        session: The app.

    Returns:
        Each change as a line of text; none if exporting the app again would change nothing.

    Raises:
        OSError: The file can't be read.
        ValueError: It is no source of Python.
        SessionClosed: The session was closed.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        return find_module_changes(text, render_module(session))
    except ValueError as error:
        raise ValueError(f"{one_line(path)}: {one_line(error)}") from None
