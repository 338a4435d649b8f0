"""Connections are used again where that is safe, and nothing is ever sent twice."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
import urllib3.exceptions

from gradioproxy.errors import ConnectError, ConnectionLost
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Restarted, Transport
from gradioproxy.transport.in_flight import interruptible
from gradioproxy.transport.login import MOST_COOKIES
from gradioproxy.transport.request import Request
from gradioproxy.transport.response import Answer
from gradioproxy.transport.url import Address, parse_address
from tests.support.web_server import (
    CA,
    PATIENCE,
    Exchange,
    Reply,
    Web,
    hang_up,
    reply_json,
    transport_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

APP = parse_app({"dependencies": [], "app_id": 1})
ID = "/app_id"

OPEN = Access()


def test_the_query_of_the_address_goes_with_calls_and_nothing_else(web: Web) -> None:
    """Nor elsewhere, and no error has it."""
    current = parse_app({"version": "6.31.0", "dependencies": [], "app_id": 1})
    web.on("/app_id", reply_json({"app_id": 1}))
    web.on("/x", reply_json([]))
    transport = Transport(parse_address(f"{web.url}?a=word"), OPEN)
    transport.get("/x")
    transport.post("/x?b=1", {}, app=current)
    transport.post("/x", {}, app=current, effect=False)
    stream = transport.stream("/x", None, app=current)
    stream.close()
    asked = [each.target for each in web.requests if each.path == "/x"]
    assert asked == ["/x", "/x?a=word&b=1", "/x", "/x?a=word"]
    assert "word" not in stream.url
    requester = transport.requester
    away = Request("GET", "http://other.test/x", Answer, 1)
    prepared = requester.connections.prepare(away, None, requester.policy, "a=word")
    assert (prepared.request.url, prepared.query) == (away.url, "")


def test_no_query_is_in_the_logs_of_libraries(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the address's nor that of the request, as a line and where an answer is broken."""

    def answer(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "2")
        exchange.send_header("X-More", "1\r\nno header")
        exchange.end_headers()
        exchange.wfile.write(b"[]")

    caplog.set_level("DEBUG")
    web.on("/app_id", reply_json({"app_id": 1}))
    web.on("/x", answer)
    current = parse_app({"version": "6.31.0", "dependencies": [], "app_id": 1})
    transport = Transport(parse_address(f"{web.url}?room=mine"), OPEN)
    stream = transport.stream("/x?session_hash=tab#part", None, app=current)
    stream.close()
    assert web.requests[-1].target == "/x?room=mine&session_hash=tab"
    levels = {record.levelname for record in caplog.records if record.name.startswith("urllib3")}
    assert levels == {"DEBUG", "WARNING"}
    assert "/x" in caplog.text
    assert "mine" not in caplog.text
    assert "tab" not in caplog.text


def test_no_query_is_in_the_error_of_a_websocket_that_breaks(web: Web) -> None:
    """Nor is a secret of another kind that is in its path."""

    def open_and_break(exchange: Exchange) -> None:
        key = exchange.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        exchange.send_response(101)
        exchange.send_header("Upgrade", "websocket")
        exchange.send_header("Connection", "Upgrade")
        accepted = base64.b64encode(hashlib.sha1(key.encode()).digest())  # noqa: S324 - RFC 6455
        exchange.send_header("Sec-WebSocket-Accept", accepted.decode())
        exchange.end_headers()
        exchange.drop()

    past = parse_app({"version": "3.50.2", "dependencies": [], "app_id": 1})
    web.on("/app_id", reply_json({"app_id": 1}))
    web.on("/hf_secretABCDEF/join", open_and_break)
    access = Access(token="hf_secretABCDEF")  # noqa: S106 - no real one
    transport = Transport(parse_address(f"{web.url}?room=mine"), access)
    opened = transport.socket("/hf_secretABCDEF/join", past)
    with pytest.raises(ConnectionLost) as raised:
        list(opened)
    assert web.requests[0].target == "/hf_secretABCDEF/join?room=mine"
    shown = f"ws://127.0.0.1:{web.port}/<secret>/join"
    assert raised.value.url == opened.url == shown
    assert str(raised.value).startswith(f"The connection to {shown} broke (")


@pytest.mark.parametrize("reused", [False, True])
def test_a_post_is_never_sent_twice(web: Web, *, reused: bool) -> None:
    """A connection that breaks under a post is an error, also where it was used before."""
    web.on("/x", hang_up)
    web.on("/y", reply_json([]))
    transport = transport_to(web)
    if reused:
        transport.get("/y")

    with pytest.raises(ConnectionLost) as raised:
        transport.post("/x", ["effect"], app=APP)

    assert raised.value.may_have_run
    assert web.connections == 1
    assert [r.body for r in web.requests if r.path == "/x"] == [b'["effect"]']


def test_a_post_that_is_not_read_is_not_sent_twice(web: Web) -> None:
    """The same where the server breaks the connection before it has read anything."""
    web.on("/x", Exchange.drop)
    with pytest.raises(ConnectionLost):
        transport_to(web).post("/x", "x" * 10_000_000)
    assert len(web.requests) == 1


def test_a_connection_is_used_again(web: Web) -> None:
    """Requests after each other share a connection; errors of the caller's making do not end it."""
    web.on("/x", reply_json([]), Reply(404), Reply(422, b"{}"), reply_json([]))
    transport = transport_to(web)

    for _ in range(4):
        transport.get("/x")
        transport.stream("/x", 60).read()

    assert web.connections == 1
    assert len(web.requests) == 8


def test_a_stream_that_is_not_read_to_its_end_ends_its_connection(web: Web) -> None:
    """Closing a stream early gives no connection back that has something left in it."""
    web.on("/x", Reply(body=b"x" * 1_000_000), reply_json([]))
    transport = transport_to(web)

    stream = transport.stream("/x", 60)
    next(iter(stream))
    stream.close()

    assert transport.get("/x").json() == []
    assert web.connections == 2


def test_a_connection_behind_a_server_fault_is_not_used_again(web: Web) -> None:
    """The server closes it without saying so, so that the next request would be lost."""
    web.on("/x", Reply(500, b"failed"), reply_json([]))
    transport = transport_to(web)

    assert transport.get("/x").status == 500
    assert transport.get("/x").status == 200
    assert transport.get("/x").status == 200
    assert [request.connection for request in web.requests] == [1, 2, 2]


@pytest.mark.parametrize(("limit", "connections"), [(-1.0, 3), (3600.0, 1)])
def test_an_idle_connection_is_not_used_again(
    web: Web, monkeypatch: pytest.MonkeyPatch, limit: float, connections: int
) -> None:
    """A connection that was idle for longer than the limit gives way to a new one."""
    monkeypatch.setattr("gradioproxy.transport.pool.MAX_IDLE", limit)
    web.on("/x", reply_json([]))
    transport = transport_to(web)

    for _ in range(3):
        transport.post("/x", [])

    assert web.connections == connections
    assert len(web.requests) == 3


def test_only_an_established_connection_carries_a_call(web: Web) -> None:
    """A call that would need a new connection makes the server be verified first, and then goes."""
    web.on("/x", reply_json([]))
    web.on(ID, reply_json({"app_id": 1}))
    transport = transport_to(web)

    transport.post("/x", ["first"], app=APP)
    transport.post("/x", ["second"], app=APP)
    transport.post("/x", ["no effect"], app=APP, effect=False)

    assert web.paths() == [ID, "/x", "/x", "/x"]
    assert web.connections == 1


def test_nothing_is_sent_to_another_server(web: Web) -> None:
    """A server that is not the one any more gets nothing of a call, whatever its body."""
    web.on(ID, reply_json({"app_id": 2}))
    transport = transport_to(web)

    with pytest.raises(Restarted):
        transport.post("/x", ["effect"], app=APP)
    with pytest.raises(Restarted):
        transport.upload("/x", list, APP)

    assert web.paths() == [ID] * len(web.requests)


def test_a_description_is_told_apart_for_good(web: Web) -> None:
    """From each that there was before, even where one takes another's place in memory."""
    web.on("/x", reply_json([]))
    web.on(ID, reply_json({"app_id": 1}))
    transport = transport_to(web)

    for _ in range(20):  # each is freed before the next is made
        transport.post("/x", [], app=parse_app({"dependencies": [], "app_id": 1}))

    assert web.paths().count(ID) == web.paths().count("/x") == 20


def test_a_stream_that_begins_a_call_is_opened_at_who_described_the_app(web: Web) -> None:
    """And any other stream wherever it may be."""
    web.on(ID, reply_json({"app_id": 1}), reply_json({"app_id": 2}))
    web.on("/x", reply_json([]))
    transport = transport_to(web)
    transport.stream("/x", None, app=APP).close()
    with pytest.raises(Restarted):
        transport.stream("/x", None, app=APP)
    transport.stream("/x", None).close()
    assert web.paths() == [ID, "/x", ID, "/x"]


@pytest.mark.parametrize("close", ["header", "version"])
def test_where_no_connection_outlives_an_answer(web: Web, close: str) -> None:
    """The server is asked just before, over another connection, and that has to do."""

    def answer(body: Any) -> Callable[[Exchange], None]:
        def speak(exchange: Exchange) -> None:
            exchange.receive()
            if close == "version":
                exchange.protocol_version = "HTTP/1.0"
                exchange.answer(Reply(body=json.dumps(body).encode()))
            else:
                exchange.answer(reply_json(body, Connection="close"))
            exchange.close_connection = True

        return speak

    web.on(ID, answer({"app_id": 1}))
    web.on("/x", answer([]))
    transport = transport_to(web)
    for _ in range(3):
        assert transport.post("/x", ["effect"], app=APP).ok
        assert transport.stream("/x", None, app=APP).read() == b"[]"

    # Once more at first, as one connection may end by chance.
    assert web.paths() == [ID, *([ID, "/x"] * 6)]
    assert web.connections == len(web.requests)

    web.on(ID, answer({"app_id": 2}))
    with pytest.raises(Restarted):
        transport.post("/x", ["effect"], app=APP)
    assert web.paths()[-1] == ID


def test_a_connection_that_ends_by_chance_is_no_rule(web: Web) -> None:
    """Another one is verified, and carries what follows."""
    web.on(ID, reply_json({"app_id": 1}, Connection="close"), reply_json({"app_id": 1}))
    web.on("/x", reply_json([]))
    transport = transport_to(web)
    transport.post("/x", ["first"], app=APP)
    transport.post("/x", ["second"], app=APP)
    assert web.paths() == [ID, ID, "/x", "/x"]


def test_a_check_that_fails_is_made_once_more(web: Web) -> None:
    """It changes nothing; and if it fails again, nothing can have run."""
    web.on(ID, Exchange.drop, reply_json({"app_id": 1}))
    web.on("/x", reply_json([]))
    transport = transport_to(web)
    assert transport.post("/x", ["effect"], app=APP).ok
    # And once again: what was verified before a failure does not count.
    assert web.paths() == [ID, ID, ID, "/x"]

    web.on(ID, Exchange.drop)
    with pytest.raises(ConnectionLost) as lost:
        transport_to(web).post("/x", ["effect"], app=APP)
    assert not lost.value.may_have_run
    assert web.paths()[4:] == [ID, ID]


def test_what_changes_nothing_is_asked_for_once_more(web: Web) -> None:
    """A page, an answer of the Hub, a file; but a file of which some is there already is lost."""
    transport = transport_to(web)
    for ask in (
        lambda: transport.get("/x").ok,
        lambda: transport.request_raw("GET", "/x").ok,
        lambda: transport.download("/x").read(),
    ):
        web.on("/x", Exchange.drop, reply_json([]))
        assert ask()
        web.on("/x", Exchange.drop)
        with pytest.raises(ConnectionLost) as lost:
            ask()
        assert not lost.value.may_have_run
    web.on("/x", Exchange.drop)
    with pytest.raises(ConnectionLost) as lost:
        transport.request_raw("POST", "/x")
    assert lost.value.may_have_run
    assert len(web.requests) == 3 * 4 + 1


@pytest.mark.parametrize("tls", [False, True])
def test_a_wait_for_an_answer_can_be_ended(*, tls: bool) -> None:
    """By another thread, at once; the connection is not used again, and no other is harmed."""
    asked, done = threading.Event(), threading.Event()

    def keep_waiting(exchange: Exchange) -> None:
        asked.set()
        done.wait(PATIENCE)
        exchange.drop()

    with Web(tls=tls) as web:
        web.on("/x", keep_waiting)
        web.on("/y", reply_json([]))
        transport = transport_to(web.url, Access(verify=str(CA)) if tls else OPEN)
        with interruptible() as in_flight, ThreadPoolExecutor(1) as other:

            def interrupt() -> None:
                asked.wait(PATIENCE)
                in_flight.interrupt()

            interrupted = other.submit(interrupt)
            with pytest.raises(ConnectionLost):
                transport.post("/x", ["effect"], no_timeout=True)
            interrupted.result()
        done.set()
        assert transport.get("/y").ok
        assert web.connections == 2
        in_flight.interrupt()  # it waits for nothing any more: this is of no consequence
        assert transport.get("/y").ok
        assert web.connections == 2


def test_a_wait_that_was_ended_before_it_began_ends_at_once(web: Web) -> None:
    web.on("/x", lambda exchange: exchange.drop())
    with interruptible() as in_flight:
        in_flight.interrupt()
        with pytest.raises(ConnectionLost):
            transport_to(web).post("/x", ["effect"], no_timeout=True)


def test_nobody_listens(web: Web) -> None:
    """An address where nobody listens is an error that says so, and nothing was sent."""
    with Web() as gone:
        transport = transport_to(gone)
    del web
    asks: list[Any] = [
        lambda: transport.get("/x"),
        lambda: transport.post("/x", []),
        lambda: transport.stream("/x", 60),
    ]
    for ask in asks:
        with pytest.raises(ConnectError, match=r"can't be reached .*refused.* Is the app running"):
            ask()


def test_no_such_host(web: Web) -> None:
    """A host that has no address is one that can't be reached."""
    del web
    with pytest.raises(ConnectError, match="can't be reached"):
        transport_to("http://gradioproxy.invalid").get("/x")


def test_certificates_are_checked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of an unknown authority is refused before anything is sent."""
    del web
    with Web(tls=True) as secure:
        secure.on("/x", reply_json([]))
        for access in (OPEN, Access(verify=True)):
            with pytest.raises(ConnectError, match="certificate verify failed"):
                transport_to(secure, access).post("/x", [])
        with pytest.raises(ConnectError, match=r"certificate verify failed.*mismatch"):
            transport_to(f"https://0.0.0.0:{secure.port}", Access(verify=str(CA))).post("/x", [])
        assert secure.requests == []

        assert transport_to(secure, Access(verify=str(CA))).post("/x", []).status == 200
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
        assert transport_to(secure).post("/x", []).status == 200
        assert transport_to(secure, Access(verify=True)).post("/x", []).status == 200
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA.with_name("missing.pem")))
        with pytest.raises(ConnectError, match="invalid path"):
            transport_to(secure).post("/x", [])
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            assert transport_to(secure, Access(verify=False)).post("/x", []).status == 200
        assert len(secure.requests) == 4


def test_a_server_that_speaks_no_tls(web: Web) -> None:
    """A server that is asked for https and has none can't be reached, and gets nothing."""
    web.on("/x", reply_json([]))
    with pytest.raises(ConnectError):
        transport_to(web.url.replace("http", "https")).post("/x", ["secret"])
    assert web.requests == []


def test_tls_that_breaks_under_a_call_is_a_lost_connection(web: Web) -> None:
    """A call that got no answer over TLS may have run, which is not what `ConnectError` says."""
    del web
    with Web(tls=True) as secure:
        secure.on("/x", hang_up)
        with pytest.raises(ConnectionLost) as raised:
            transport_to(secure, Access(verify=str(CA))).post("/x", [])
        assert raised.value.may_have_run
        assert secure.paths() == ["/x"]


def test_a_cookie_that_has_expired_is_still_a_secret(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent no more; and what the server says again of it is hidden."""
    web.on("/x", Reply(200, b"[]", {"Set-Cookie": "access=sessionsecret123; Max-Age=60"}))
    web.on("/y", reply_json([]))
    transport = transport_to(web)
    transport.get("/x")
    transport.get("/y")
    later = time.time() + 1000
    monkeypatch.setattr("http.cookiejar.time.time", lambda: later)
    transport.get("/y")
    sent = [request.headers.get("Cookie") for request in web.requests]
    assert sent == [None, "access=sessionsecret123", None]
    assert transport.hide("access=sessionsecret123") == "access=<secret>"


def test_the_length_of_what_is_sent_is_not_the_callers_to_say(web: Web) -> None:
    """Whatever headers are added."""
    web.on("/x", reply_json([]))
    transport_to(web, Access(headers={"Content-Length": "3"})).post("/x", "long enough")
    assert [request.body for request in web.requests] == [b'"long enough"']


def test_no_proxy_for_a_scheme_is_the_proxy_for_all(web: Web) -> None:
    """As the library reads it."""
    web.on("http://app.test/x", reply_json("by proxy"))
    proxies: Any = {"http": None, "all": web.url}
    transport = Transport(Address("http://app.test"), Access(proxies=proxies))
    assert transport.get("/x").json() == "by proxy"


@pytest.mark.parametrize("path", ["/scope/f", "/x/%2e%2e/scope/f", "/scope/%2e%2e/x", "/x"])
def test_secrets_for_a_path_are_for_what_is_below_it(web: Web, path: str) -> None:
    """As it is named and as it is sent: who reads it otherwise must not get them."""
    web.on("/scope/login", Reply(200, b"[]", {"Set-Cookie": "access=cookie"}))
    for each in (path, path.replace("%2e", ".")):
        web.on(each, reply_json([]))
    access = Access(token="t", scope=f"{web.url}/scope")  # noqa: S106
    transport = transport_to(web, access)
    transport.get("/scope/login")
    transport.request_raw("GET", f"{web.url}{path}")
    headers = web.requests[-1].headers
    has = "Authorization" in headers, "Cookie" in headers
    assert has == ((True, True) if path == "/scope/f" else (False, False))


def test_cookies_have_limits_as_in_browsers(web: Web) -> None:
    """All of them go with each request, so that a server could fill the memory with them."""

    def set_cookies(exchange: Exchange) -> None:
        exchange.send_response(200)
        first = 90 * len(web.requests)
        for number in range(first, first + 90):
            exchange.send_header("Set-Cookie", f"c{number}=value; Path=/")
        exchange.send_header("Set-Cookie", f"large={'x' * 5000}; Path=/")
        exchange.send_header("Set-Cookie", "c0=changed; Path=/")
        exchange.send_header("Content-Length", "0")
        exchange.end_headers()

    web.on("/x", set_cookies)
    transport = transport_to(web)
    for _ in range(5):
        transport.get("/x")
    cookies = transport.requester.connections.list_cookies()
    assert len(cookies) == MOST_COOKIES
    assert "changed" in cookies
    assert not any("x" * 5000 in cookie for cookie in cookies)
