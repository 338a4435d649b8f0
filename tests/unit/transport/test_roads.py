"""Whatever is sent goes by the same rules: secrets, cookies, logins and redirections."""

from __future__ import annotations

import base64
import contextlib
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from gradioproxy.errors import (
    AuthenticationError,
    ConnectError,
    GradioProxyError,
    ServerError,
    Timeout,
)
from gradioproxy.files.download import read_content
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.origin import OriginPolicy
from gradioproxy.transport.request import Request
from gradioproxy.transport.response import Answer
from gradioproxy.transport.url import Address, parse_address
from tests.support.clocks import DAY, YEAR, let_time_jump
from tests.support.quoted_secrets import find_secrets
from tests.support.web_server import (
    PATIENCE,
    Exchange,
    Reply,
    Web,
    hang_up,
    redirect,
    reply_json,
    transport_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.web_server import Script

TOKEN = "hf_tokenABCDEF"  # noqa: S105 - no real one
ACCESS = Access(token=TOKEN, auth=("ann", "secret"))
COOKIE = Reply(headers={"Set-Cookie": "access-token=x; Path=/"})


def open_socket(transport: Transport) -> None:
    """Ask for a websocket, of a server that has none."""
    with contextlib.suppress(ServerError, ConnectError):
        transport.socket("/x")


ROADS: dict[str, Callable[[Transport], object]] = {
    "get": lambda transport: transport.get("/x"),
    "post": lambda transport: transport.post("/x", []),
    "upload": lambda transport: transport.upload("/x", list),
    "stream": lambda transport: transport.stream("/x", 60).read(),
    "download": lambda transport: transport.download("/x").read(),
    "websocket": open_socket,
}
FOLLOW = {"get", "stream", "download"}

each_road = pytest.mark.parametrize("road", ROADS)


@pytest.fixture
def other(web: Web) -> Iterator[Web]:
    """Give a second server, which is another origin on the same host."""
    del web  # for its environment
    with Web() as server:
        yield server


@each_road
def test_secrets_and_cookies_go_along_to_the_app(web: Web, road: str) -> None:
    """Whatever is asked for."""
    web.on("/cookie", COOKIE)
    web.on("/x", reply_json([]))
    transport = transport_to(web, ACCESS)
    transport.get("/cookie")
    ROADS[road](transport)
    [_, request] = web.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Cookie"] == "access-token=x"


@each_road
@pytest.mark.parametrize("moved", [False, True])
def test_nothing_goes_along_elsewhere(web: Web, other: Web, road: str, *, moved: bool) -> None:
    """Whether a redirection leads there, or the app itself was found to be there."""
    web.on("/cookie", COOKIE)
    web.on("/x", redirect(f"{other.url}/x"))
    other.on("/x", reply_json([]))
    transport = transport_to(web, ACCESS)
    transport.get("/cookie")
    if moved:
        transport.rebase(parse_address(other.url))
    ROADS[road](transport)
    assert other.paths() == ["/x"] * (moved or road in FOLLOW)
    for request in other.requests:
        assert {"Authorization", "Cookie"}.isdisjoint(request.headers)


@each_road
@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("path", ["/mallory/x", "/alice/%2e%2e/mallory/x", "/alice/../mallory/x"])
def test_secrets_for_one_address_go_to_nothing_beside_it(
    web: Web, road: str, path: str, *, moved: bool
) -> None:
    """Whether a redirection leads there, or the app itself was found to be there."""
    web.on("/alice/cookie", COOKIE)
    web.on("/alice/x", redirect(path))
    web.otherwise = Reply(401)
    access = Access(TOKEN, auth=("ann", "secret"), scope=f"{web.url}/alice")
    transport = transport_to(f"{web.url}/alice", access)
    transport.get("/cookie")
    if moved:
        transport.rebase(Address(web.url + path.removesuffix("/x")))
    if moved or road in FOLLOW:
        with pytest.raises(AuthenticationError, match=r"/mallory.* wants a login"):
            ROADS[road](transport)
    else:
        ROADS[road](transport)
    begin = f"Bearer {TOKEN}", "access-token=x"
    for request in web.requests[1:]:
        sent = request.headers["Authorization"], request.headers["Cookie"]
        assert sent == (begin if request.path == "/alice/x" else (None, None))
        assert b"secret" not in request.body


@pytest.mark.parametrize("head", [b"HTTP/1.1 101 Switching Protocols\r\nX-Y: ", b""])
def test_a_handshake_that_drips_is_a_timeout(web: Web, head: bytes) -> None:
    """The limit is for the whole of it, and not for each byte."""

    def drip(exchange: Exchange) -> None:
        exchange.wfile.write(head)
        with contextlib.suppress(OSError):
            while not exchange.server.web.told.wait(0.02):
                exchange.wfile.write(b"x")

    web.on("/x", drip)
    with pytest.raises(Timeout, match="took longer than timeout allows") as raised:
        transport_to(web, Access(timeout=0.3)).socket("/x")
    assert raised.value.limit == "timeout"


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_a_websocket_follows_no_redirection(web: Web, other: Web, scheme: str) -> None:
    """The error says that it was one."""
    web.on("/x", redirect(f"{scheme}://127.0.0.1:{other.port}/x"))
    with pytest.raises(ServerError, match="302, to a websocket's") as raised:
        transport_to(web, ACCESS).socket("/x")
    assert raised.value.status == 302
    assert other.requests == []


def echo(status: int, header: str = "X-Said") -> Callable[[Exchange], None]:
    """Return a script that says again what it was sent, in its body and in a header."""

    def script(exchange: Exchange) -> None:
        body = exchange.receive()
        came = "; ".join(exchange.headers.values())
        exchange.answer(Reply(status, f"you sent {came}".encode() + body, {header: came}))

    return script


def echo_without_http(exchange: Exchange) -> None:
    """Say again what was sent where a status should be, which libraries quote: a script."""
    exchange.receive()
    for value in exchange.headers.values():
        exchange.wfile.write(f"{value} ".encode())
    exchange.wfile.write(b"\r\n\r\n")
    exchange.drop()


def quote_answer(answer: Answer) -> None:
    """Raise the error for an answer that is none."""
    answer.json()
    raise answer.error()


def read_no_events(transport: Transport) -> None:
    """Raise the error for an answer that is no stream of events."""
    raise transport.requester.build_stream_error(transport.stream("/x", 60))


QUOTING: dict[str, Callable[[Transport], object]] = {
    **ROADS,
    "get": lambda transport: quote_answer(transport.get("/x")),
    "post": lambda transport: quote_answer(transport.post("/x", [])),
    "upload": lambda transport: quote_answer(transport.upload("/x", list)),
    "raw": lambda transport: quote_answer(transport.request_raw("GET", "/x")),
    "stream": read_no_events,
    "file": lambda transport: list(read_content(transport, f"{transport.address.url}/x", "x")),
    "websocket": lambda transport: transport.socket("/x"),
}
del QUOTING["download"]


def assert_told(web: Web) -> None:
    """Wait for the test."""
    assert web.told.wait(PATIENCE)


@pytest.mark.parametrize("road", QUOTING)
@pytest.mark.parametrize(
    "script", ["page", "status", "encoding", "no http", "hang up", "drip", "refused"]
)
def test_no_error_has_a_secret(web: Web, road: str, script: str) -> None:
    """Neither what a server says again of it, nor the request that a library's exception holds."""
    scripts: dict[str, Script] = {
        "page": echo(500),
        "status": echo(206),
        "encoding": echo(200, "Content-Encoding"),
        "no http": echo_without_http,
        "hang up": hang_up,
        "drip": lambda exchange: assert_told(exchange.server.web),
    }
    web.on("/cookie", Reply(headers={"Set-Cookie": "access-token=cookie0123456; Path=/"}))
    web.on("/x", scripts.get(script, Reply()))
    address = parse_address(web.url.replace("://", "://eve:evespass@"))
    access = Access(
        TOKEN,
        ("ann", "loginpass"),
        {"X-Key": "headervalue"},
        timeout=0.3 if script == "drip" else 9,
    )
    transport = Transport(address, access)
    transport.get("/cookie")
    if script == "refused":
        with Web() as gone:
            address = parse_address(gone.url.replace("://", "://eve:evespass@"))
        transport = Transport(address, access)
    with pytest.raises(GradioProxyError) as raised:
        QUOTING[road](transport)
    web.told.set()
    transport.close()
    encoded = base64.b64encode(b"eve:evespass").decode()
    secrets = (TOKEN, "headervalue", "loginpass", "evespass", encoded, "cookie0123456")
    assert find_secrets(raised.value, secrets, variables=True) == []
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    if script in {"page", "status"} and road != "file":
        assert "<secret>" in str(raised.value)


def break_off(exchange: Exchange) -> None:
    """End the connection in the middle of an answer: a script."""
    exchange.receive()
    exchange.start()
    exchange.chunk(b"half")
    exchange.drop()


@pytest.mark.parametrize("road", QUOTING)
@pytest.mark.parametrize("script", [hang_up, break_off])
def test_an_error_that_is_forgotten_holds_nothing(web: Web, road: str, script: Script) -> None:
    """At once, and not when everything is collected: no traceback leads to itself."""
    web.on("/x", script)
    transport = transport_to(web)
    collected = gc.isenabled()
    gc.disable()
    try:
        with contextlib.suppress(GradioProxyError):
            QUOTING[road](transport)
        transport.close()
        known = weakref.ref(transport)
        del transport
        assert known() is None
    finally:
        if collected:
            gc.enable()


@each_road
@pytest.mark.parametrize("helps", [False, True])
def test_a_login_that_has_expired_is_renewed_once(web: Web, road: str, *, helps: bool) -> None:
    """With its cookie everything goes once more, and no further."""
    web.on("/login", COOKIE)
    web.on("/x", Reply(401), reply_json([]) if helps else Reply(401))
    transport = transport_to(web, ACCESS)
    if helps:
        ROADS[road](transport)
    else:
        with pytest.raises(AuthenticationError, match="refused what token= and auth= gave"):
            ROADS[road](transport)
    assert web.paths() == ["/x", "/login", "/x"]
    assert [request.headers["Cookie"] for request in web.requests] == [
        None,
        None,
        "access-token=x",
    ]


@each_road
def test_a_login_that_nobody_has(web: Web, road: str) -> None:
    """The error says what to pass."""
    web.on("/x", Reply(401))
    with pytest.raises(AuthenticationError, match="wants a login; pass auth="):
        ROADS[road](transport_to(web))
    assert web.paths() == ["/x"]


@each_road
def test_a_login_that_another_origin_wants(web: Web, other: Web, road: str) -> None:
    """No password is sent there."""
    other.on("/x", Reply(401))
    transport = transport_to(web, ACCESS)
    transport.rebase(parse_address(other.url))
    with pytest.raises(AuthenticationError, match="which wants a login"):
        ROADS[road](transport)
    assert (web.paths(), other.paths()) == ([], ["/x"])


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("http://app.test", True),
        ("http://APP.test:80/x?y", True),
        ("https://app.test/x", True),
        ("http://app.test:81", False),
        ("https://app.test:444", False),
        ("http://app.test.org", False),
        ("http://app.test@other.test", False),
        ("http://other.test\\@app.test", False),
        ("//app.test", False),
    ],
)
def test_what_the_policy_covers(url: str, *, covered: bool) -> None:
    """Scheme, host and port are those of the app, or better."""
    assert OriginPolicy(Address("http://app.test"), Access()).covers(url) is covered


def test_a_policy_moves_within_its_origin_only() -> None:
    """The step up to https is one, and from then on there is no way back."""
    policy = OriginPolicy(Address("http://app.test"), Access(token="t"))  # noqa: S106
    policy.rebase(Address("http://other.test"))
    assert policy.covers("http://app.test")
    policy.rebase(Address("https://app.test/sub"))
    for each in (policy, policy.with_access(Access(token="u"))):  # noqa: S106
        assert each.covers("https://app.test")
        assert not each.covers("http://app.test")
        assert not each.covers("http://other.test")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y", "http://app.test/y"),
        ("y?z", "http://app.test/a/y?z"),
        ("//other.test/y", "http://other.test/y"),
        ("https://app.test", "https://app.test"),
        ("ftp://app.test/y", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
    ],
)
def test_where_redirections_lead(location: str, target: str | None) -> None:
    """To an address on the web, or nowhere."""
    policy = OriginPolicy(Address("http://app.test"), Access())
    if target is None:
        with pytest.raises(ServerError, match="no web address"):
            policy.resolve_redirect("http://app.test/a/x", location)
    else:
        assert policy.resolve_redirect("http://app.test/a/x", location) == target


@each_road
def test_a_login_goes_to_the_app_wherever_redirections_lead(web: Web, road: str) -> None:
    """What is asked for may be below another path, and the app is not: unless it is its page."""
    web.on("/login", COOKIE)
    web.on("/static/login", COOKIE)
    web.on("/x", redirect("/static/x"))
    web.on("/static/x", Reply(401), reply_json([]))
    ROADS[road](transport_to(web, ACCESS))
    logins = [path for path in web.paths() if path.endswith("login")]
    moved = "/static/login" if road == "get" else "/login"
    assert logins == ([moved] if road in FOLLOW else [])


@pytest.mark.parametrize(
    ("url", "path", "root"),
    [
        ("http://app.test/config", "/config", "http://app.test"),
        ("http://app.test/sub/config", "/config", "http://app.test/sub"),
        ("http://app.test/elsewhere", "/config", ""),
        ("http://app.test/x", "http://app.test/x", ""),
        ("http://app.test/x", "", ""),
    ],
)
def test_where_a_request_says_that_the_app_is(url: str, path: str, root: str) -> None:
    """Before its path, wherever redirections have led; or it says nothing."""
    assert Request("GET", url, Answer, None, path=path).root == root


@pytest.mark.parametrize("jump", [YEAR, -DAY])
def test_a_cookie_that_a_clock_makes_old(
    web: Web, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """A login is made anew where its cookie is over by the clock here, and else goes on."""

    def look(exchange: Exchange) -> None:
        exchange.receive()
        known = "session=1" in (exchange.headers["Cookie"] or "")
        exchange.answer(reply_json([]) if known else Reply(401))

    web.on("/login", Reply(headers={"Set-Cookie": "session=1; Max-Age=3600; Path=/"}))
    web.on("/x", look)
    transport = transport_to(web, ACCESS)
    ROADS["get"](transport)
    assert web.paths() == ["/x", "/login", "/x"]
    web.requests.clear()
    let_time_jump(monkeypatch, (jump,))
    for _ in range(2):
        ROADS["get"](transport)
    assert web.paths() == (["/x", "/login", "/x", "/x"] if jump > 0 else ["/x", "/x"])
    monkeypatch.undo()
    web.requests.clear()
    ROADS["get"](transport)
    assert web.paths() == ["/x"]
