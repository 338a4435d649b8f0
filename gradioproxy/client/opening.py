"""Connections to apps, with what the caller gives or what the environment holds for pickles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..calls.engine import Engine
from ..errors import AuthenticationError
from ..options import SessionOptions, WakePolicy
from ..transport.credentials import ENVIRONMENT, access_from_environment
from .connection import Connection
from .discovery import describe_app
from .open import open_app

if TYPE_CHECKING:
    from ..hub.records import Space
    from ..transport.credentials import Access


def open_connection(
    src: str | Space,
    token: str | bool | None,
    access: Access,
    options: SessionOptions,
    waking: WakePolicy,
) -> Connection:
    """Connect to the app that is meant; see `open.open_app` for the arguments and errors."""
    # Twice the streams: each may have a post beside it.
    transport, description = open_app(src, token, access, waking, pool=2 * options.streams)
    try:
        return Connection(Engine(description, transport, options, describe_app), description)
    except BaseException:
        transport.close()
        raise


def open_again(url: str) -> Connection:
    """Connect for what was pickled, with the secrets of this process's environment.

    Args:
        url: The app's address.

    Raises:
        AuthenticationError: The app wants a secret that the environment does not have.
        GradioProxyError: Whatever else `open_connection` raises.
    """
    try:
        access = access_from_environment(url)
        return open_connection(url, access.token, access, SessionOptions(), WakePolicy())
    except AuthenticationError as error:
        hint = (
            f"What was pickled holds no secrets: they are taken from the variable {ENVIRONMENT}, "
            "as in https://user:password@app.example.org"
        )
        raise AuthenticationError(f"{error} {hint}.", status=error.status) from None
