"""Connections to apps that have described themselves; also where what was pickled asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..calls.engine import Engine
from ..errors import AuthenticationError
from ..options import SessionOptions, WakePolicy
from ..transport.credentials import ENVIRONMENT, access_from_environment
from .connection import Connection
from .discovery import describe_app
from .open import open_app

if TYPE_CHECKING:
    from ..transport.http import Transport
    from .description import Description
    from .open import Source


def make_connection(
    transport: Transport,
    description: Description,
    options: SessionOptions,
    source: Source | None = None,
) -> Connection:
    """Make what sessions and their functions share.

    Args:
        transport: The way to the app.
        description: What the app says of itself.
        options: The session's options.
        source: Where its later descriptions come from; by default they are asked for.
    """
    describe = describe_app if source is None else source.describe
    arrive = None if source is None else source.arrive
    try:
        return Connection(Engine(description, transport, options, describe, arrive), description)
    except BaseException:
        transport.close()
        raise


def open_again(url: str, options: SessionOptions | None = None, **more: Any) -> Connection:
    """Connect for what was pickled, with the secrets of this process's environment.

    Args:
        url: The app's address.
        options: The session's options.
        **more: What else of `Access` there is to know, and is no secret.

    Raises:
        AuthenticationError: The app wants a secret that the environment does not have.
        GradioProxyError: Whatever else `open.open_app` raises.
    """
    options = options or SessionOptions()
    try:
        access = replace(access_from_environment(url), **more)
        opened = open_app(url, access.token, access, WakePolicy(), pool=2 * options.streams)
    except AuthenticationError as error:
        hint = (
            f"What was pickled holds no secrets: they are taken from the variable {ENVIRONMENT}, "
            "as in https://user:password@app.example.org"
        )
        raise AuthenticationError(f"{error} {hint}.", status=error.status) from None
    return make_connection(*opened, options)
