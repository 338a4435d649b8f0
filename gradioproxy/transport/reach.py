"""How far in a connection may lead, judged by the address that it leads to in fact.

A server's answers name other places: files, redirections, streams. It leads us no further in than
it is itself: an app on the internet to no private network and not to this machine, one in a private
network not to this machine, and none to where a cloud keeps the credentials of its machines.

Rule: what counts is the address of the connection, since a name may lead elsewhere each time it is
asked for. The name is asked beforehand all the same: whether something listens at an address is
already more than a stranger is to know.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ..errors import GradioProxyError, NotGradio, ServerError
from ..text import one_line
from .network import Zone, find_zone, is_public_address, resolve_addresses
from .url import normalize_url, same_origin

if TYPE_CHECKING:
    from collections.abc import Collection


class Reach(Protocol):
    """Judges where connections may lead."""

    def covers(self, url: str) -> bool:
        """Tell whether a URL may lead anywhere at all."""
        ...

    def check(self, url: str, address: str) -> None:
        """Take note that a URL leads to an IP address.

        Raises:
            GradioProxyError: It may not.
        """
        ...


def check_name(reach: Reach, url: str) -> None:
    """Check what the name in a URL leads to, before anything is sent; raises as `check` does."""
    host = urlsplit(url).hostname
    if host and not reach.covers(url):
        for address in resolve_addresses(host):
            reach.check(url, address)


class AppReach:
    """How far in what an app answers may lead.

    Args:
        url: The app's address.
        hosts: Hosts to which they may lead, wherever these are.
    """

    def __init__(self, url: str, hosts: Collection[str] = ()) -> None:
        self._url = url
        self._hosts = frozenset(host.lower() for host in hosts)
        self._zone: Zone | None = None

    def covers(self, url: str) -> bool:
        """Tell whether a URL may lead anywhere: it is the app's own, or its host was named."""
        return self._is_own(url) or (urlsplit(url).hostname or "") in self._hosts

    def check(self, url: str, address: str) -> None:
        """Take note that a URL leads to an IP address.

        Raises:
            ServerError: It is nearer to this machine than the app.
        """
        zone = find_zone(address)
        if self._is_own(url):
            # The farthest counts: whoever names an app has its name lead where they like.
            self._zone = zone if self._zone is None else min(self._zone, zone)
        elif not self.covers(url) and (zone is Zone.LINK_LOCAL or zone > self._own_zone):
            host = one_line(urlsplit(url).hostname)
            shown = host if host == address else f"{host} ({address})"
            raise ServerError(
                f"{one_line(self._url)} leads to {shown}, which is nearer to this machine than the "
                f"app is. Nothing was asked there. Pass file_hosts=[{host!r}] if it may."
            )

    @property
    def _own_zone(self) -> Zone:
        """How near the app is; if no connection to it has told, as through a proxy, by its name."""
        if self._zone is not None:
            return self._zone
        host = urlsplit(self._url).hostname or ""
        try:
            return find_zone(str(ipaddress.ip_address(host)))
        except ValueError:
            return Zone.LOOPBACK if host == "localhost" else Zone.PUBLIC

    def _is_own(self, url: str) -> bool:
        try:
            return same_origin(normalize_url(url), normalize_url(self._url))
        except NotGradio:
            return False


class NotPublic(GradioProxyError):
    """A name leads into this machine, or a network around it; nothing was sent."""


class PublicReach:
    """Where what a stranger named may lead: to the world."""

    def covers(self, url: str) -> bool:
        """Tell that no URL may lead anywhere."""
        del url
        return False

    def check(self, url: str, address: str) -> None:
        """Take note that a URL leads to an IP address.

        Raises:
            NotPublic: It is not public.
        """
        if not is_public_address(address):
            host = urlsplit(url).hostname
            shown = f"{host} leads to {address}, which" if host != address else str(host)
            raise NotPublic(f"{one_line(shown)} is not public")
