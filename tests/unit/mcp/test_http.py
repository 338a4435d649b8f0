"""Where a server is to be found, and by which names."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.mcp.http import Place, list_hosts, parse_place


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8000", "127.0.0.1", 8000),
        ("127.0.0.1:0", "127.0.0.1", 0),
        ("localhost:80", "localhost", 80),
        ("[::1]:80", "::1", 80),
        ("0.0.0.0:80", "0.0.0.0", 80),  # noqa: S104 - who says so means it
    ],
)
def test_places(text: str, host: str, port: int) -> None:
    assert parse_place(text) == Place(host, port)


@pytest.mark.parametrize(
    "text", ["", ":80", "host", "host:", "host:x", "host:65536", "host:٣", "host:0000009999999"]
)
def test_what_is_no_place(text: str) -> None:
    """A port alone is this machine's; nobody is served elsewhere who did not say so."""
    with pytest.raises(ValueError, match=r"names no host|is no HOST:PORT"):
        parse_place(text)


def test_names() -> None:
    """Of this machine, and of what was added."""
    assert list_hosts(Place("127.0.0.1", 1)) == ["127.0.0.1", "localhost", "[::1]"]
    assert "mcp.test" in list_hosts(Place("127.0.0.1", 1), ["mcp.test"])
    assert {"MCP.test", "mcp.test"} <= {*list_hosts(Place("127.0.0.1", 1), ["MCP.test"])}
    assert "127.0.0.9" in list_hosts(Place("127.0.0.9", 1))
    assert "192.0.2.1" in list_hosts(Place("192.0.2.1", 1))
    assert all(Place(host, 1).is_loopback for host in ("127.0.0.9", "::1", "localhost"))
    assert not Place("0.0.0.0", 1).is_loopback  # noqa: S104 - it is every address
    assert not Place("example.test", 1).is_loopback
