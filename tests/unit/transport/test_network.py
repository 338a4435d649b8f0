"""Which addresses are the world's."""

from __future__ import annotations

import pytest

from gradioproxy.transport.network import is_public, is_public_address, resolve_addresses


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_what_is_near_is_not_public(address: str) -> None:
    """Neither this machine nor its networks, in whichever way they are written."""
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["9.9.9.9", "1.1.1.1", "2606:4700::1111", "64:ff9b::909:909"])
def test_the_world_is_public(address: str) -> None:
    """Addresses that everybody reaches."""
    assert is_public_address(address)


def test_hosts_of_urls() -> None:
    """A host counts by all of its addresses; one that has none is not public."""
    assert is_public("https://9.9.9.9:8443/x")
    for url in ("http://localhost/", "http://127.1/", "http://[::1]/", "http:///x", "http://a..b/"):
        assert not is_public(url)
    # As the libraries below read it, and whoever fetches it.
    assert not is_public("http://127.0.0.1:9\\@9.9.9.9/x")
    assert not is_public("http://9.9.9.9:99999/x")
    assert "127.0.0.1" in resolve_addresses("localhost")
    assert resolve_addresses("no.such.host.invalid") == []
