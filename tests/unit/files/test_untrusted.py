"""What strangers name is fetched without secrets, and only where everybody can."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import ArgumentError, FileTooLarge
from gradioproxy.files.untrusted import find_app_path, untrusted_source
from gradioproxy.transport import reach
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.reach import NotPublic, PublicReach
from gradioproxy.transport.url import Address
from tests.support.web_server import Reply, Web, redirect, transport_to

if TYPE_CHECKING:
    from pathlib import Path


def transport_from(url: str) -> Transport:
    """Return a way to what a stranger named."""
    return Transport(Address(url), Access(proxies={}), reach=PublicReach())


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one address of this machine be the world's."""
    monkeypatch.setattr(reach, "is_public_address", "127.0.0.1".__eq__)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_nothing_is_sent_to_this_machine(web: Web, host: str) -> None:
    """A name that leads here is given up before anything is sent."""
    transport = transport_from(f"http://{host}:{web.port}")
    with pytest.raises(NotPublic, match="not public"):
        transport.get("/x")
    transport.close()
    assert web.requests == []


@pytest.mark.usefixtures("public")
def test_what_is_public_is_fetched(web: Web) -> None:
    """What leads to the world is an ordinary request, with no secret in it."""
    web.on("/x", Reply(body=b"content"))
    transport = transport_from(web.url)
    stream = transport.stream("/x", 10, "timeout")
    assert b"".join(stream) == b"content"
    transport.close()
    [request] = web.requests
    assert {"Authorization", "Cookie"}.isdisjoint(request.headers)


@pytest.mark.usefixtures("public")
def test_a_redirection_leads_no_further(web: Web) -> None:
    """Where a redirection leads to counts as well."""
    transport = transport_from(web.url)
    with socket.create_server(("127.0.0.2", 0)) as elsewhere:
        web.on("/x", redirect(f"http://127.0.0.2:{elsewhere.getsockname()[1]}/y"))
        with pytest.raises(NotPublic):
            transport.stream("/x", 10, "timeout")
    transport.close()
    assert [request.target for request in web.requests] == ["/x"]


def test_a_name_that_leads_elsewhere_the_second_time(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is where the connection leads to, whatever the name service said before."""
    monkeypatch.setattr(reach, "resolve_addresses", lambda _: ["9.9.9.9"])
    transport = transport_from(f"http://localhost:{web.port}")
    with pytest.raises(NotPublic, match=r"localhost leads to 127\.0\.0\.1, which is not public"):
        transport.get("/x")
    transport.close()
    assert web.requests == []


def test_reading_what_is_not_public(web: Web) -> None:
    """Whoever passed it on learns why it was not fetched."""
    transport = transport_to("http://app.example", Access(token="hf_secret"))  # noqa: S106
    source = untrusted_source(f"{web.url}/x", "image", "f", transport)
    assert source is not None
    with pytest.raises(ArgumentError, match=r"image: got .* \(127.0.0.1 .* not public\)"):
        source.open()
    assert web.requests == []


@pytest.mark.usefixtures("public")
def test_what_is_too_much(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who counts ends it, before the rest is fetched; nothing of it stays."""
    counted: list[int] = []

    def count(size: int) -> None:
        counted.append(size)
        if sum(counted) > 1_000_000:
            raise ValueError("1,000,000 bytes at most")

    web.on("/x", Reply(body=bytes(100_000_000)))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = untrusted_source(f"{web.url}/x", "image", "f", transport_to(web), count)
    assert source is not None
    with pytest.raises(FileTooLarge, match=r"image: got 'http://.*'; 1,000,000 bytes at most"):
        source.open()
    assert 1_000_000 < sum(counted) < 10_000_000


@pytest.mark.parametrize(
    "text",
    ["/etc/passwd", "file:///etc/passwd", "C:\\x", "~", "http:", "http://[", "", "ftp://host/x"],
)
def test_what_is_no_url(text: str) -> None:
    """What is no address on the web names nothing."""
    assert untrusted_source(text, "a", "f", transport_to("http://app.example")) is None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://app.example/sub/gradio_api/file=/files/a%20b.png", "/files/a b.png"),
        ("http://app.example/sub/file=C:\\x.png", "C:\\x.png"),
        ("http://app.example/sub/file=/files/../../etc/passwd", None),
        ("http://app.example/sub/file=..", None),
        ("http://app.example/sub/file=%2e%2e/config", None),
        ("http://app.example/sub/file=a%5C..%5Cb", None),
        ("http://app.example/sub/file=", None),
        ("http://app.example/sub/file=http://127.0.0.1/x", None),
        ("http://app.example/sub/file=%48ttps%3A//127.0.0.1/x", None),
        ("http://app.example/sub/file=//127.0.0.1/x", None),
        ("http://app.example/sub/config", None),
        ("http://app.example/file=/files/x", None),
        ("http://app.example.org/sub/file=/files/x", None),
        ("http://other/sub/file=/files/x", None),
    ],
)
def test_files_of_the_app(url: str, path: Any) -> None:
    """A URL of a file of the app stands for that file; no other one does."""
    assert find_app_path(url, transport_to("http://app.example/sub")) == path
