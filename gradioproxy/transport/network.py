"""Connections: how they are kept alive, and how near to this machine an IP address is."""

from __future__ import annotations

import enum
import ipaddress
import socket
from urllib.parse import urlsplit

from ..errors import NotGradio
from .url import normalize_url

# Servers send nothing while a call runs that has a connection for itself, past the queue or in
# Gradio 3; so there is no limit of silence. With these packets the system finds a peer that is
# gone, after a minute and a half.
KEEPALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]

# IPv6 addresses that stand for an IPv4 address (RFC 6052, RFC 4291), and two that don't.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_UNEMBEDDED = frozenset(map(ipaddress.ip_address, ("::", "::1")))
# Where Amazon's and Alibaba's machines ask for their credentials, besides 169.254.169.254.
_CREDENTIALS = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))


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


class Zone(enum.IntEnum):
    """How near to this machine an address is: the greater, the fewer reach it."""

    PUBLIC = 0
    """Everybody on the internet reaches it."""

    PRIVATE = 1
    """It is of a network around this machine."""

    LOOPBACK = 2
    """It is this machine."""

    LINK_LOCAL = 3
    """It is of the link itself, where clouds keep the credentials of their machines."""


def find_zone(address: str) -> Zone:
    """Return how near an IP address is; one that stands for another is that one."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64 or found in _COMPATIBLE:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None and found not in _UNEMBEDDED:
            found = inner
    if found.is_loopback or found.is_unspecified:
        return Zone.LOOPBACK
    if found.is_link_local or found in _CREDENTIALS:
        return Zone.LINK_LOCAL
    return Zone.PUBLIC if found.is_global and not found.is_multicast else Zone.PRIVATE


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is public: not of this machine or of a private network."""
    return find_zone(address) is Zone.PUBLIC
