"""Which IP addresses everybody on the internet reaches, and which only one machine or network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from ..errors import NotGradio
from .url import normalize_url

# IPv6 addresses that stand for an IPv4 address (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(url: str) -> bool:
    """Tell whether everybody on the internet reaches the host of a URL; this asks the name service.

    Args:
        url: An ``http`` or ``https`` URL.

    Returns:
        Whether the host has addresses, and all of them are public.
    """
    try:
        host = urlsplit(normalize_url(url)).hostname
    except NotGradio:
        return False
    addresses = resolve_addresses(host) if host else []
    return bool(addresses) and all(map(is_public_address, addresses))


def resolve_addresses(host: str) -> list[str]:
    """Return the IP addresses of a host; none if the name service knows none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is public: not of this machine or of a private network."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return found.is_global and not found.is_multicast
