"""From what a caller names to an app that has described itself, and the way to it.

Whatever is made of them, such as a session, is not known here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from ..errors import GradioProxyError, NotGradio, SchemaError, ServerError
from ..hub.address import parse_space_name
from ..options import WakePolicy
from ..transport.http import Transport
from ..transport.url import parse_address
from .discovery import describe_app

if TYPE_CHECKING:
    from ..hub.records import Space
    from ..transport.credentials import Access
    from ..transport.url import Address
    from .description import Description


class Source(Protocol):
    """Where the description of a session's app comes from, now and later.

    Layers: the app itself, what is kept of it (`cached.CachedApp`), what it is held to
    (`contract.lock.LockedApp`).
    """

    @property
    def is_kept(self) -> bool:
        """Whether what `open` returned was said before, and may be no longer true."""

    def open(self, pool: int) -> tuple[Transport, Description]:
        """Return the way to the app, and its description.

        Args:
            pool: How many connections to keep.
        """

    def describe(self, transport: Transport) -> Description:
        """Return what the app says of itself now."""

    def arrive(self, transport: Transport) -> None:
        """Find out where the app is now, before anything is sent, if that is not known."""


class AskedApp:
    """An app that is asked what it is.

    Args:
        src: The app: an address, or a Space.
        token: The token that the caller passed.
        access: How else to reach the app.
        waking: What to do about a Space that is not running.

    Attributes:
        named: The same.
    """

    is_kept = False

    def __init__(
        self, src: str | Space, token: str | bool | None, access: Access, waking: WakePolicy
    ) -> None:
        self.named = src, token, access, waking

    def open(self, pool: int) -> tuple[Transport, Description]:
        """Find the app, and ask it; raises as `open_app` does."""
        return open_app(*self.named, pool=pool)

    def describe(self, transport: Transport) -> Description:
        """Ask it again; raises as `discovery.describe_app` does."""
        return describe_app(transport)

    def arrive(self, transport: Transport) -> None:
        """Do nothing: it was found when it was opened."""


def open_app(
    src: str | Space,
    token: str | bool | None,
    access: Access,
    waking: WakePolicy | None = None,
    *,
    pool: int,
    types: bool = True,
) -> tuple[Transport, Description]:
    """Find the app that is meant, and ask it what it is.

    Args:
        src: An address, the name of a Space or the address of its page, or what the Hub said of it.
        token: The token that the caller passed.
        access: How else to reach the app.
        waking: What to do about a Space that is not running.
        pool: How many connections to keep.
        types: Whether to ask for the types of values too.

    Returns:
        The way to the app, and its description.

    Raises:
        NotGradio, SpaceError, AuthenticationError, SchemaError, RateLimited, ServerError,
        ConnectError, ConnectionLost, Timeout: As `connect` does.
    """
    if isinstance(src, str) and token is None and parse_space_name(src) is None:
        return _describe(parse_address(src), access, pool, types=types)
    from ..hub.locate import locate, recall  # late: most apps are where their address says

    remembered = recall(src, token, access)
    if remembered is not None:
        # It may have moved since. Not a refused login, which must not be tried twice.
        with suppress(ConnectionError, NotGradio, SchemaError, ServerError):
            return _describe(remembered.address, remembered.access, pool, types=types)
    target = locate(src, token, access, waking or WakePolicy())
    try:
        return _describe(target.address, target.access, pool, types=types)
    except GradioProxyError as error:
        target.explain(error)
        raise


def _describe(
    address: Address, access: Access, pool: int, *, types: bool
) -> tuple[Transport, Description]:
    transport = Transport(address, access, pool=pool)
    try:
        return transport, describe_app(transport, types=types)
    except BaseException:
        transport.close()
        raise
