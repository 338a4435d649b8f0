"""What a session does as a page that is loaded: it has the app make the parts that it makes then.

The functions in them (``gr.render``) are the session's from then on; see `schema.rendering`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import AppError, SchemaChanged, ServerError
from ..functions.caller import Caller
from ..functions.naming import parameter_names
from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..functions.settings import CallSettings
    from ..schema.endpoint import Endpoint
    from .connection import Connection

# Parts can have functions in them that make parts: so deep at most.
MAX_DEPTH = 5

log = logging.getLogger("gradioproxy")


def render_parts(connection: Connection, settings: CallSettings) -> None:
    """Have the app make the parts of its page that are made when it is loaded, and are not yet.

    What fails at that is logged, as the page would show it.

    Args:
        connection: The app.
        settings: How it is called.

    Raises:
        ConnectError, ConnectionLost, Timeout, AuthenticationError: As any call does.
    """
    engine = settings.engine
    # No two calls have one page; or somebody else has it, whose functions would be gone.
    if engine.options.isolate is True or engine.session_hash == engine.options.session_hash:
        return
    known = connection.description.renderings
    made = set(known.parts) if known is not None else set()
    for _ in range(MAX_DEPTH):
        todo = [(part, each) for part, each in _list_renderers(connection) if part not in made]
        if not todo:
            return
        for part, endpoint in todo:
            made.add(part)
            _render(endpoint, connection, settings)


def _list_renderers(connection: Connection) -> Iterator[tuple[int, Endpoint]]:
    """Yield the parts that the app makes when its page is loaded, and the functions for that."""
    app = connection.description.app
    if app.stateful:  # an app that has such functions is
        for endpoint in app.unnamed.values():
            if endpoint.part is not None and endpoint.runs_at_load and not endpoint.contradiction:
                yield endpoint.part, endpoint


def _render(endpoint: Endpoint, connection: Connection, settings: CallSettings) -> None:
    name = connection.names.names_of(endpoint.name).attribute
    job = Caller(settings, endpoint, name, parameter_names(endpoint), {}).call_as_page()
    try:
        job.result()
    except (AppError, SchemaChanged, ServerError) as error:
        log.warning("A part of the page could not be made: %s", one_line(error, 1000))
    finally:
        job.cancel()
        settings.engine.jobs.forget([job])
