"""What a shell can complete without a request: apps that were used, and what they offer.

Rule: whatever is missing or broken here, there is less to complete, and no error.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from ..errors import GradioProxyError
from ..text import one_line, split_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import click
    from click.shell_completion import CompletionItem

    from ..client.cache import Entry
    from ..client.session import Session
    from ..schema.endpoint import App

# As many apps as are offered.
_MOST = 100
_HELP = 60


def keep_description(source: str, options: Mapping[str, Any], session: Session) -> None:
    """Keep what an app says of itself, and that it was used.

    Args:
        source: What the caller named.
        options: The options of `connect` that were used.
        session: The session with it.
    """
    with contextlib.suppress(GradioProxyError, OSError, ValueError):
        connection = session.__connection__
        if "cache" not in options:  # otherwise it was kept
            entry = _find_entry(source, options)
            if not entry.has(connection.description):
                entry.write(connection.engine.transport, connection.description)
        _remember_source(name_source(source))


def name_source(source: str) -> str:
    """Return an app's address as it may be shown and kept: no login, and nothing behind its path.

    Args:
        source: What the caller named.
    """
    from ..hub.address import parse_space_name  # late: help needs none of it
    from ..transport.url import parse_address, strip_user

    with contextlib.suppress(GradioProxyError):
        if parse_space_name(source) is None:
            return parse_address(source).url
    return one_line(strip_user(source).partition("?")[0], 200)


def find_app(source: str, options: Mapping[str, Any]) -> App | None:
    """Return what is known of an app, if it was used before.

    Args:
        source: What the caller named.
        options: The options of `connect` that were given.
    """
    with contextlib.suppress(GradioProxyError, OSError, ValueError):
        kept = _find_entry(source, options).read()
        return None if kept is None else kept.description.app
    return None


def complete_source(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the apps that were used before, the last one first."""
    from click.shell_completion import CompletionItem  # late: few command lines are completed

    return [CompletionItem(one) for one in _list_sources() if one.startswith(incomplete)]


def complete_endpoints(app: App | None, incomplete: str) -> list[CompletionItem]:
    """Return an app's endpoints, with the first words of what they do."""
    if app is None:
        return []
    from click.shell_completion import CompletionItem  # late, as above

    names = app.endpoints or app.unnamed
    # A name may be written without its slash. One of several lines would be several names.
    found = [
        name
        for name in names
        if name.startswith((incomplete, f"/{incomplete}")) and one_line(name) == name
    ]
    return [CompletionItem(name, help=_summarize(names[name].description)) for name in found]


def _summarize(text: str) -> str | None:
    words = split_paragraphs(text, 500)
    return one_line(words[0], _HELP) if words else None


def _find_entry(source: str, options: Mapping[str, Any]) -> Entry:
    from ..client.cached import find_entry  # late: help needs none of it
    from ..transport.credentials import Access

    access = Access(auth=options.get("auth"), headers=options.get("headers", {}))
    return find_entry(source, options.get("token"), access)


def _list_sources() -> list[str]:
    from ..client.cache import find_folder  # late, as above

    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads((find_folder() / "sources.json").read_bytes())
        if isinstance(found, list):
            return [one for one in found if isinstance(one, str)]
    return []


def _remember_source(source: str) -> None:
    from ..client.cache import find_folder  # late, as above
    from ..files.saving import write_file

    known = _list_sources()
    if known[:1] != [source]:
        kept: Iterable[str] = [source, *(one for one in known if one != source)][:_MOST]
        text = json.dumps([*kept])
        write_file([text.encode()], find_folder() / "sources.json", private=True)
