"""Opening apps whose descriptions are kept: they are known at once, and without a network.

A call finds out whether the app is still the one that was described, as it does after a restart:
each connection is asked before it carries a call. Of a Space, where it is now is asked first.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import forksafe
from ..errors import SchemaChanged
from ..hub.target import identify
from ..text import one_line
from ..transport.http import Transport
from .cache import Entry

if TYPE_CHECKING:
    from ..hub.records import Space
    from ..transport.credentials import Access
    from .discovery import Description
    from .open import AskedApp

_log = logging.getLogger("gradioproxy")


def find_entry(src: str | Space, token: str | bool | None, access: Access) -> Entry:
    """Return the place where the description of an app is kept.

    Args:
        src: The app: an address, or a Space.
        token: The token that the caller passed.
        access: How else to reach the app.

    Raises:
        NotGradio: *src* is no app.
    """
    known = identify(src, token, access)
    return Entry(known.address, known.access)


class CachedApp:
    """An app whose description is kept.

    Args:
        asked: The app, which is asked where nothing is kept of it.

    Attributes:
        is_kept: Whether what `open` returned was kept.

    Raises:
        NotGradio: It is none.
    """

    def __init__(self, asked: AskedApp) -> None:
        src, token, access, _ = asked.named
        known = identify(src, token, access)
        self._entry = Entry(known.address, known.access)
        self._access = known.access
        self._is_space = bool(known.address.space)
        self._asked = asked
        self._arriving = forksafe.Lock()
        self._arrived = True
        self.is_kept = False

    def open(self, pool: int) -> tuple[Transport, Description]:
        """Return the way to the app, and its description: what was kept, or else what it says now.

        Args:
            pool: How many connections to keep.

        Raises:
            GradioProxyError: As `open.open_app` does, where nothing was kept.
        """
        kept = self._entry.read()
        if kept is None:
            transport, description = self._asked.open(pool)
            self._keep(transport, description)
            return transport, description
        self._arrived = not self._is_space
        self.is_kept = True
        transport = Transport(kept.address, self._access, pool=pool)
        # Not as its address: secrets are for what was named, wherever that has led.
        transport.rebase(replace(kept.address, url=kept.url))
        return transport, kept.description

    def arrive(self, transport: Transport) -> None:
        """Find out where the Space is now, and wake it, unless that was done.

        Raises:
            SchemaChanged: It is somewhere else.
            GradioProxyError: As `hub.locate.locate` does.
        """
        if self._arrived:
            return
        from ..hub.locate import locate  # late: most apps are where their address says

        with self._arriving:
            if not self._arrived:
                address = locate(*self._asked.named).address
                if address.url != transport.requester.named.url:
                    self._entry.remove()
                    raise SchemaChanged(
                        f"The Space {address.space} is at another address now. Nothing was sent. "
                        "Connect again."
                    )
                self._arrived = True

    def describe(self, transport: Transport) -> Description:
        """Ask the app for its description, and keep it; raises as `discovery.describe_app` does."""
        self.arrive(transport)
        description = self._asked.describe(transport)
        self._keep(transport, description)
        return description

    def _keep(self, transport: Transport, description: Description) -> None:
        """Keep a description; a cache is no reason to fail."""
        try:
            self._entry.write(transport, description)
        except OSError as error:
            label = transport.address.label
            _log.warning("What %s says of itself is not kept: %s", label, one_line(error))
