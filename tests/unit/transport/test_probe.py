"""Each part of the way to a server, tried by itself."""

from __future__ import annotations

import errno
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import ConnectError
from gradioproxy.transport.connections import Connections
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.probe import Probe
from tests.support.web_server import CA, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Iterator


def probe(to: Web | str, **access: Any) -> Probe:
    """Return the way to a server."""
    return Probe(transport_to(to, Access(**access)))


@pytest.fixture
def secure(web: Web) -> Iterator[Web]:
    """Give a server with TLS, in an environment without proxies."""
    del web
    with Web(tls=True) as server:
        server.on("/x", Reply(200, b"x"))
        yield server


@pytest.mark.parametrize(
    ("url", "proxy", "found"),
    [
        ("http://app.test", None, ("app.test", 80, "")),
        ("https://app.test/path", None, ("app.test", 443, "")),
        ("http://[::1]:7860", None, ("::1", 7860, "")),
        (
            "http://app.test",
            "http://proxy.test:3128",
            ("proxy.test", 3128, "http://proxy.test:3128"),
        ),
        ("http://app.test", "proxy.test:3128", ("proxy.test", 3128, "http://proxy.test:3128")),
        ("http://app.test", "http://u:p@proxy.test/", ("proxy.test", 80, "http://proxy.test")),
        ("http://app.test", "https://proxy.test", ("proxy.test", 443, "https://proxy.test")),
        ("http://app.test", "socks5h://u:p@p.test", ("p.test", 1080, "socks5h://p.test")),
        ("http://app.test", "http://u:s/e@proxy.test:1", ("proxy.test", 1, "http://proxy.test:1")),
        ("http://app.test", "http://proxy.test:port", ("", 0, "http://proxy.test:port")),
    ],
)
def test_whom_is_connected_to(
    web: Web, url: str, proxy: str | None, found: tuple[str, int, str]
) -> None:
    """The app's host, or the proxy's, whose user and password are not shown."""
    del web
    way = probe(url, proxies={"http": proxy} if proxy else None)
    assert (way.host, way.port, way.proxy) == found


def test_names(monkeypatch: pytest.MonkeyPatch, web: Web) -> None:
    """A name with its addresses, a few of them; one that there is not is a fault."""
    assert probe(web).resolve().found == "127.0.0.1"
    entries = [(socket.AF_INET, 1, 6, "", (f"10.0.0.{n}", 80)) for n in (1, 1, 2, 3, 4)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    assert probe("http://app.test").resolve().found == "app.test is 10.0.0.1, 10.0.0.2, 10.0.0.3 …"

    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    found = probe("http://app.test").resolve()
    assert (found.fault, type(found.error)) == ("name", ConnectError)
    assert "app.test does not resolve (Name or service not known)" in found.found


def test_names_that_can_be_none(web: Web) -> None:
    del web
    assert probe(f"http://{'a' * 70}.test").resolve().fault == "name"
    found = probe("http://app.test", proxies={"http": "http://:port"}).resolve()
    assert (found.fault, found.found) == ("name", "http://:port is no address of a proxy")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "refused"),
        (TimeoutError("timed out"), "silent"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "silent"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "unreachable"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "unreachable"),
        (socket.gaierror(-2, "Name or service not known"), "name"),
        (OSError(errno.EACCES, "Permission denied"), "other"),
    ],
)
def test_connections_that_fail(
    monkeypatch: pytest.MonkeyPatch, web: Web, error: OSError, fault: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    found = probe(web).connect()
    assert found.fault == fault
    assert isinstance(found.error, ConnectError)
    assert str(error).rpartition("] ")[2] in found.found
    assert found.seconds >= 0


def test_a_connection_that_is_let_go_of(web: Web) -> None:
    """Nothing is sent over it, and it is closed."""
    found = probe(web).connect()
    assert (found.error, found.found) == (None, f"127.0.0.1, port {web.port}")
    web.wait_until(lambda: web.connections == 1 and not web.open_connections)
    assert web.requests == []


def test_a_handshake(secure: Web) -> None:
    """Nothing is sent over it; the next request makes its own."""
    transport = transport_to(secure, Access(verify=str(CA)))
    for _ in range(2):
        found = Probe(transport).shake_hands()
        assert found.error is None
        assert found.found.startswith("TLSv1.")
        assert found.found.endswith("; the certificate is valid")
    secure.wait_until(lambda: secure.connections == 2 and not secure.open_connections)
    assert transport.get("/x").body == b"x"
    transport.close()


def test_a_certificate_that_nobody_checks(secure: Web) -> None:
    found = probe(secure, verify=False).shake_hands()
    assert (found.error, found.found[7:]) == (
        None,
        "; the certificate was not checked (verify=False)",
    )


def test_an_authority_that_nobody_knows(secure: Web) -> None:
    found = probe(secure).shake_hands()
    assert found.fault == "authority"
    assert isinstance(found.error, ConnectError)
    assert found.found.startswith("the certificate is refused: ")


def test_a_certificate_of_somebody_else(web: Web) -> None:
    del web
    with Web(tls=True, host="127.0.0.2") as other:
        assert probe(other, verify=str(CA)).shake_hands().fault == "other host"


@pytest.mark.parametrize(("number", "fault"), [(9, "expired"), (10, "expired"), (18, "authority")])
def test_what_openssl_says(
    monkeypatch: pytest.MonkeyPatch, web: Web, number: int, fault: str
) -> None:
    """Numbers of OpenSSL: not valid yet, no longer, signed by itself."""
    del web
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code, error.verify_message = number, "so OpenSSL says"

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Connections, "try_connecting", fail)
    found = probe("https://app.test").shake_hands()
    assert (found.fault, found.found) == (fault, "the certificate is refused: so OpenSSL says")


def test_no_tls_there(web: Web) -> None:
    found = probe(web.url.replace("http:", "https:")).shake_hands()
    assert found.fault == "no tls"
    assert found.found.startswith("TLS fails: ")


def test_tls_where_nobody_said_so(secure: Web) -> None:
    """Whoever signed the certificate, as nothing is sent; not where a proxy would answer."""
    plain = secure.url.replace("https:", "http:")
    assert probe(plain).finds_tls()
    assert not probe(secure).finds_tls()
    with Web() as other:
        assert not probe(other).finds_tls()
    assert not probe("http://app.test", proxies={"http": plain}).finds_tls()
    with Web() as closed:
        pass
    assert not probe(closed).finds_tls()
    assert secure.requests == []


def test_a_bundle_that_is_not_there(secure: Web) -> None:
    found = probe(secure, verify="/nowhere/ca.pem").shake_hands()
    assert found.fault == "bundle"
    assert "/nowhere/ca.pem" in found.found


@pytest.mark.parametrize(("status", "fault"), [(403, "proxy"), (407, "proxy login")])
def test_a_proxy_that_lets_nobody_through(web: Web, status: int, fault: str) -> None:
    """What it said is told, and its password is not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        proxies = {"https": f"http://ann:secret@127.0.0.1:{port}"}
        found = _answer_once(listener, status, probe("https://app.test", proxies=proxies))
    assert found.fault == fault
    assert str(status) in found.found
    assert "secret" not in f"{found}"
    assert web.requests == []


def _answer_once(listener: socket.socket, status: int, way: Probe) -> Any:
    """Answer the one request of a way that is tried, and return what that found."""

    def answer() -> None:
        connected, _ = listener.accept()
        with connected:
            connected.recv(1 << 16)
            connected.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        return way.shake_hands()
    finally:
        thread.join()


def test_tls_through_a_proxy(web: Web, secure: Web) -> None:
    web.tunnels["app.test:443"] = ("127.0.0.1", secure.port)
    way = probe("https://app.test", proxies={"https": web.url}, verify=str(CA))
    found = way.shake_hands()
    assert found.error is None
    assert [request.method for request in web.requests] == ["CONNECT"]


def test_asking_does_not_log_in(web: Web) -> None:
    """A login that is wanted is what is to be found."""
    web.on("/x", Reply(401))
    assert probe(web, auth=("ann", "secret")).ask("/x").status == 401
    assert web.paths() == ["/x"]
