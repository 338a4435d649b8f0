"""Fetching an app's description without opening a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..transport.credentials import Access
from .open import open_app

if TYPE_CHECKING:
    from ..hub.records import Space


def get_info(src: str | Space, *, token: str | bool | None = None, **access: Any) -> Any:
    """Return an app's description without opening a session.

    Args:
        src: The app's address, or a Space, as for `connect`.
        token: As for `connect`.
        **access: ``auth``, ``headers``, ``verify``, ``proxies`` and ``timeout``, as for `connect`.

    Returns:
        What the app answers to ``/info``, with ``named_endpoints`` and ``unnamed_endpoints``; where
        it has none, what it answers to ``/config``.

    Raises:
        NotGradio, SpaceError, AuthenticationError, RateLimited: As `connect` does.
        ConnectError, ConnectionLost, Timeout, ServerError: The same.
    """
    transport, description = open_app(src, token, Access(**access), pool=2)
    transport.close()
    return description.info if description.info is not None else description.config
