"""An IPython with the functions of apps in it, for the command line."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..markup import PLAIN
from .opening import choose_prefix, open_functions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .opening import Opened


def start_shell(sources: Sequence[str], connect_options: Mapping[str, Any]) -> None:
    """Run IPython with the functions of apps in its namespace, until its user ends it.

    The sessions are there as ``app``, or ``app1``, ``app2`` and so on, unless a function is called
    so, and are closed at the end. Where there are several, the names of the functions begin with
    a word of each address.

    Args:
        sources: The apps' addresses, or Spaces.
        connect_options: Options of `connect`, for each of them.

    Raises:
        ModuleNotFoundError: IPython is not installed.
        GradioProxyError: An app was not connected to; none is, then.
        ValueError: An option is none that `connect` takes.
    """
    try:
        from IPython import start_ipython
        from traitlets.config import Config
    except ModuleNotFoundError as error:
        message = 'A shell needs IPython: pip install "gradioproxy[ipython]"'
        raise ModuleNotFoundError(message, name=error.name) from None
    with contextlib.ExitStack() as sessions:
        namespace: dict[str, Any] = {}
        opened = _open_all(sources, connect_options, namespace, sessions)
        _name_sessions(opened, namespace)
        config = Config()
        config.TerminalInteractiveShell.banner2 = _render_banner(opened, namespace)
        config.InteractiveShellApp.extensions = ["gradioproxy"]
        start_ipython(argv=[], user_ns=namespace, config=config)


def _open_all(
    sources: Sequence[str],
    options: Mapping[str, Any],
    namespace: dict[str, Any],
    sessions: contextlib.ExitStack,
) -> list[Opened]:
    taken: set[str] = set()
    found = []
    for source in sources:
        prefix = choose_prefix(source, taken) if len(sources) > 1 else ""
        opened = open_functions(source, namespace, prefix=prefix, **options)
        sessions.enter_context(opened.session)
        found.append(opened)
    return found


def _name_sessions(opened: Sequence[Opened], namespace: dict[str, Any]) -> None:
    for number, one in enumerate(opened, 1):
        name = "app" if len(opened) == 1 else f"app{number}"
        namespace.setdefault(name, one.session)


def _render_banner(opened: Sequence[Opened], namespace: Mapping[str, Any]) -> str:
    tables = [one.render()[PLAIN] for one in opened]
    for place, one in enumerate(opened):
        names = [name for name, value in namespace.items() if value is one.session]
        tables[place] += f"\n\n  The session is {names[0]}.\n" if names else "\n"
    return "\n".join(tables)
