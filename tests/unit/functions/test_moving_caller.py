"""What a call sends where it moves on: the arguments as they were, and files that are read once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.calls import replica
from tests.support.web_server import (
    FILE_SCHEMA,
    PATIENCE,
    Reply,
    Web,
    hang_up,
    reply_json,
    serve_app,
    serve_calls,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.web_server import Exchange

API = "/gradio_api"


def serve_kind(web: Web, component: str, schema: dict[str, Any]) -> None:
    """Let a server be an app of one function, which takes something and returns a text."""
    box = {"type": "textbox", "props": {"label": "Text", "name": "textbox"}}
    given = {"type": component.lower(), "props": {"label": "Given", "name": component.lower()}}
    serve_app(web, "take", components=[{"id": 1, **given}, {"id": 2, **box}])
    info = json.loads(web.script(f"{API}/info").body)  # type: ignore[union-attr]
    (parameter,) = info["named_endpoints"]["/take"]["parameters"]
    parameter |= {"component": component, "type": schema}
    web.on(f"{API}/info", reply_json(info))
    serve_calls(web)


@pytest.fixture
def webs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Web]]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(replica, "FIRST_PAUSE", 3600.0)
    with Web() as first, Web() as second:
        yield [first, second]


class Asked:
    """A script that keeps an address from answering until the test says so; it fails then."""

    def __init__(self, web: Web) -> None:
        self._web = web
        web.on(f"{API}/app_id", self)

    def __call__(self, exchange: Exchange) -> None:
        """Hang up when the test says so."""
        assert self._web.told.wait(PATIENCE)
        hang_up(exchange)

    def wait_and_fail(self) -> None:
        """Wait until somebody asks; then hang up."""
        self._web.wait_until(lambda: f"{API}/app_id" in self._web.paths())
        self._web.told.set()


def joined(*webs: Web) -> list[Any]:
    """Return what calls were sent with."""
    found = [r for web in webs for r in web.requests if r.path == f"{API}/queue/join"]
    return [json.loads(request.body)["data"] for request in found]


def test_the_arguments_as_they_were(webs: list[Web]) -> None:
    for web in webs:
        serve_kind(web, "Json", {})
    first, second = webs
    asked = Asked(first)
    with gp.replicas(first.url, second.url) as app:
        given = {"numbers": [1, 2]}
        jobs = [app.take.submit(given) for _ in webs]
        given["numbers"].append(3)
        asked.wait_and_fail()
        for job in jobs:
            job.result(PATIENCE)
    assert joined(first, second) == [[{"numbers": [1, 2]}]] * 2


class Once:
    """A file that can be read once, as what comes from a network."""

    def __init__(self) -> None:
        self._left = [b"content"]

    def read(self, _: int = -1) -> bytes:
        """Return the content, the first time."""
        return self._left.pop() if self._left else b""


def test_what_can_be_read_once(webs: list[Web]) -> None:
    """It goes up where the call goes in the end."""
    bodies: list[bytes] = []

    def upload(exchange: Exchange) -> None:
        bodies.append(exchange.receive())
        exchange.answer(reply_json(["/tmp/uploaded"]))  # noqa: S108 - a name, and no file

    for web in webs:
        serve_kind(web, "File", FILE_SCHEMA)
        web.on(f"{API}/upload", upload)
    first, second = webs
    asked = Asked(first)
    with gp.replicas(first.url, second.url) as app:
        jobs = [app.take.submit(Once()) for _ in webs]
        asked.wait_and_fail()
        for job in jobs:
            job.result(PATIENCE)
    assert joined(first) == []
    assert [data[0]["path"] for data in joined(second)] == ["/tmp/uploaded"] * 2  # noqa: S108
    assert all(b"content" in body for body in bodies)


def test_secrets_of_a_call_that_are_refused_leave_no_address_out(webs: list[Web]) -> None:
    for web in webs:
        serve_kind(web, "Json", {})
        web.on(f"{API}/app_id", Reply(401))
    with gp.replicas(*(web.url for web in webs)) as app:
        with pytest.raises(gp.AuthenticationError):
            app.take.with_options(token="wrong")({})  # noqa: S106 - not a real one
        assert str(app).count(": in use") == 2
        with pytest.raises(gp.AuthenticationError, match="No address"):
            app.take({})
