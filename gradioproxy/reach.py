"""Who can reach what: whether a server could fetch something without us."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

# Addresses of the next generation each of which stands for one of the old.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(url: str) -> bool:
    """Tell whether everybody on the internet reaches the host of a URL; asks the name service.

    Args:
        url: An ``http`` or ``https`` URL.

    Returns:
        Whether the host has addresses, and all of them are global ones.
    """
    host = urlsplit(url).hostname
    if not host:
        return False
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(is_global(str(entry[4][0])) for entry in found)


def is_global(address: str) -> bool:
    """Tell whether an IP address is one of the internet's, and of no machine or network nearby."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        found = inner or found
    return found.is_global and not found.is_multicast
