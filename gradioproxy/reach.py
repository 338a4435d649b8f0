"""Who can reach what: whether a server could fetch something without us."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


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
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return bool(addresses) and all(address.is_global for address in addresses)
