"""Requests of one's own go to the app's origin with what a session has, and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.client.raw import METHODS
from gradioproxy.transport.connections import Prepared
from tests.support.web_server import Reply, Web, hang_up, redirect, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web_server import Exchange

SECRET = "hf_secretABCDEF0123456789"  # noqa: S105 - no real one


@pytest.fixture
def app(web: Web) -> Iterator[gp.Session]:
    """Give a session that has secrets."""
    serve_app(web)
    web.keep = True
    with gp.connect(web.url, token=SECRET, headers={"X-Own": "session"}) as session:
        yield session


def test_what_comes_back(web: Web, app: gp.Session) -> None:
    """All of it, whatever the status."""
    web.on("/data", Reply(418, b'{"a": [1]}', {"X-More": "yes"}))
    found = gp.request(app, "GET", "/data")
    assert (found.status, found.ok, found.headers["x-more"]) == (418, False, "yes")
    assert (found.content, found.text, found.json()) == (b'{"a": [1]}', '{"a": [1]}', {"a": [1]})
    assert repr(found) == "<Response 418, 10 bytes>"


def test_what_goes_there(web: Web, app: gp.Session) -> None:
    """The session's secrets and headers, and those of the request."""
    web.on("/x", reply_json(None))
    other = app.with_options(headers={"X-More": "call"})
    gp.request(other, "POST", "/x?a=1#top", params={"b": "x y", "c": [1, 2]}, json={"d": None})
    seen = web.requests[-1]
    assert (seen.method, seen.target) == ("POST", "/x?a=1&b=x+y&c=1&c=2")
    assert json.loads(seen.body) == {"d": None}
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Authorization"] == f"Bearer {SECRET}"
    assert (seen.headers["X-Own"], seen.headers["X-More"]) == ("session", "call")
    gp.request(app, "PUT", f"{web.url}/x", content="ü", headers={"x-own": None, "X-Less": "1"})
    seen = web.requests[-1]
    assert (seen.method, seen.body, seen.headers["X-Less"]) == ("PUT", "ü".encode(), "1")
    assert "X-Own" not in seen.headers
    gp.request(app, "PATCH", "/x", content=b"\0")
    assert web.requests[-1].headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("method", METHODS)
def test_every_method(web: Web, app: gp.Session, method: str) -> None:
    """Also that whose answer has a length and no content."""

    def answer(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "2")
        exchange.end_headers()
        if exchange.command != "HEAD":
            exchange.wfile.write(b"ok")

    web.on("/x", answer)
    for _ in range(2):
        assert gp.request(app, method, "/x").content == (b"" if method == "HEAD" else b"ok")
    assert web.requests[-1].method == method


@pytest.mark.parametrize(
    "path",
    [
        *("", "x", "@other.test/", ":1/", "http://other.test/x", "https://127.0.0.1/x"),
        *("//other.test/x"[1:].replace("/", "\\", 1), "ftp://127.0.0.1/x", "http://[/"),
        "http://user:s3cret@other.test/?token=s3cret",
    ],
)
def test_other_places(web: Web, app: gp.Session, path: str) -> None:
    """Nothing is sent, and no secret is said."""
    count = len(web.requests)
    with pytest.raises(ValueError, match="path is below http://127") as raised:
        gp.request(app, "GET", path)
    assert len(web.requests) == count
    assert "s3cret" not in str(raised.value)


def test_two_slashes_are_no_other_host(web: Web, app: gp.Session) -> None:
    """The stand-in's server makes one of both."""
    web.on("/other.test/x", reply_json("here"))
    assert gp.request(app, "GET", "//other.test/x").json() == "here"


def test_redirections_are_told(web: Web, app: gp.Session) -> None:
    with Web() as other:
        web.on("/x", redirect(f"{other.url}/y"))
        found = gp.request(app, "GET", "/x")
        assert (found.status, found.ok) == (302, False)
        assert found.headers["Location"] == f"{other.url}/y"
        assert other.requests == []


def test_what_is_broken_is_sent_once_more_where_that_harms_nobody(
    web: Web, app: gp.Session
) -> None:
    web.on("/x", hang_up, reply_json("second"))
    assert gp.request(app, "GET", "/x").json() == "second"
    web.on("/y", hang_up)
    with pytest.raises(gp.ConnectionLost) as raised:
        gp.request(app, "POST", "/y")
    assert raised.value.may_have_run
    assert web.paths().count("/y") == 1


def test_limits(web: Web) -> None:
    serve_app(web)
    web.on("/x", Reply(body=b"x" * 2000))
    limits = gp.Limits(answer=1000)
    with gp.connect(web.url, limits=limits) as app, pytest.raises(gp.TooLarge):
        gp.request(app, "GET", "/x")


def test_a_login(web: Web, app: gp.Session) -> None:
    web.on("/x", Reply(401))
    with pytest.raises(gp.AuthenticationError):
        gp.request(app, "GET", "/x")


def test_no_secret_is_said(web: Web, app: gp.Session) -> None:
    """Neither the session's, which the server says again, nor what is in a query."""
    web.on("/x", Reply(body=f"not {SECRET}".encode()))
    found = gp.request(app, "GET", "/x", params={"key": "s3cret"})
    with pytest.raises(gp.ServerError) as raised:
        found.json()
    assert SECRET not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_user_in_the_url(web: Web, app: gp.Session) -> None:
    """Nothing is sent with another login than the session's, and no password is said."""
    count = len(web.requests)
    with pytest.raises(ValueError, match="path has a user") as raised:
        gp.request(app, "GET", f"http://ann:s3cret@127.0.0.1:{web.port}/x")
    assert "s3cret" not in str(raised.value)
    assert len(web.requests) == count


def test_the_time_for_a_connection_and_an_answer(
    web: Web, app: gp.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are the request's own, where it has one."""
    web.on("/x", reply_json(None))
    given = []
    send = Prepared.send

    def note(self: Prepared, timeout: tuple[float, float | None]) -> Any:
        given.append(timeout)
        return send(self, timeout)

    monkeypatch.setattr(Prepared, "send", note)
    gp.request(app, "GET", "/x", timeout=77)
    gp.request(app, "GET", "/x")
    assert given == [(77, 77), (30, 30)]


def test_what_is_no_header_of_the_session_can_not_be_taken_away(web: Web, app: gp.Session) -> None:
    """A token would be sent all the same, which is not what was asked for."""
    web.on("/x", reply_json(None))
    count = len(web.requests)
    nothing = {"authorization": None}
    for take in (
        lambda: gp.request(app, "GET", "/x", headers=nothing),
        lambda: app.with_options(headers=nothing),
        lambda: app.with_options(headers={**nothing, "X-More": "1"}),
    ):
        with pytest.raises(ValueError, match="Authorization is the session's token") as raised:
            take()
        assert SECRET not in str(raised.value)
    assert len(web.requests) == count
    gp.request(app.with_options(token=False), "GET", "/x", headers=nothing)
    gp.request(app.with_options(token=False, headers=nothing), "GET", "/x")
    assert [each.headers["Authorization"] for each in web.requests[count:]] == [None, None]
    user = f"http://ann:s3cret@127.0.0.1:{web.port}"
    with gp.connect(user) as other, pytest.raises(ValueError, match="the user in the session's"):
        gp.request(other, "GET", "/x", headers=nothing)
    own = {"Authorization": "Own"}
    with gp.connect(web.url, headers=own) as other:
        gp.request(other, "GET", "/x", headers=nothing)
    assert web.requests[-1].headers["Authorization"] is None


def test_mistakes(app: gp.Session) -> None:
    """They are said before anything is sent."""
    with pytest.raises(ValueError, match="method is one of GET"):
        gp.request(app, "get\r\nX: y", "/x")
    with pytest.raises(ValueError, match="json or content"):
        gp.request(app, "POST", "/x", json=1, content="a")
    with pytest.raises(TypeError):
        gp.request(app, "POST", "/x", json=object())
    nothing: Any = None
    with pytest.raises(TypeError, match="path is text, not NoneType"):
        gp.request(app, "GET", nothing)
    wrong: Any = "http://127.0.0.1"
    with pytest.raises(TypeError, match="takes an open session, not str"):
        gp.request(wrong, "GET", "/x")
    app.close()
    with pytest.raises(gp.SessionClosed):
        gp.request(app, "GET", "/x")
