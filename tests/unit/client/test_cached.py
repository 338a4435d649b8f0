"""Spaces whose descriptions are kept: where they are now is asked before a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.hub_server import TOKEN
from tests.support.web_server import Web, redirect, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.hub_server import StandIn


@pytest.fixture(autouse=True)
def folder(hub: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give a folder for caches."""
    assert hub.requests == []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def space(hub: StandIn, web: Web) -> StandIn:
    """Give a Hub with a Space whose description is kept."""
    serve_app(web, "first")
    kept = hub.add_space("me/app")
    hub.target = web.url
    with gp.connect("me/app", token=TOKEN, cache=True) as app:
        assert list(app) == ["/first"]
    kept.stages[:] = ["SLEEPING"]
    hub.web.requests.clear()
    hub.front.requests.clear()
    return hub


def test_help_asks_nobody(space: StandIn) -> None:
    """Neither the Hub nor the Space; and no other's token finds it."""
    with gp.connect("me/app", token=TOKEN, cache=True) as app:
        assert app.url == space.front.url
        assert "text (str)" in str(app.first.__doc__)
    assert (space.requests, space.front.requests) == ([], [])


def test_a_call_wakes_it(space: StandIn, web: Web) -> None:
    """Once, however many calls there are; the token goes where it went."""
    with gp.connect("me/app", token=TOKEN, cache=True) as app:
        jobs = [app.first.submit("x") for _ in range(3)]
        for job in jobs:
            assert job.exception(60) is not None  # the app is one of few words
    assert space.requests.count("GET /api/spaces/me/app") >= 1
    assert web.requests
    sent = {request.headers["X-HF-Authorization"] for request in space.front.requests}
    assert sent == {f"Bearer {TOKEN}"}


ROADS: dict[str, Callable[[gp.Session], Any]] = {
    "call": lambda app: app.first("x"),
    "request": lambda app: gp.request(app, "GET", "/x"),
    "send": lambda app: gp.send(app, "/first", ["x"]),
    "event": lambda app: gp.event(app, "/first", "1"),
    "upload": lambda app: gp.upload(app, b"x"),
    "attach": lambda app: app.jobs.attach("1", "/first").result(60),
}


@pytest.mark.parametrize("road", ROADS)
def test_nothing_is_sent_to_where_a_space_was(space: StandIn, web: Web, road: str) -> None:
    """On no road, with the token or without."""
    with Web() as other, gp.connect("me/app", token=TOKEN, cache=True) as app:
        space.spaces["me/app"].fields["host"] = other.url
        space.spaces["me/app"].stages[:] = ["RUNNING"]
        web.requests.clear()
        with pytest.raises(gp.SchemaChanged, match="at another address now"):
            ROADS[road](app)
        assert (space.front.requests, web.requests, other.requests) == ([], [], [])


def test_a_space_that_moved(space: StandIn, web: Web) -> None:
    """It is not followed with the secrets of the old address; connecting again finds it."""
    with Web() as other, gp.connect("me/app", token=TOKEN, cache=True) as app:
        space.spaces["me/app"].fields["host"] = other.url
        space.spaces["me/app"].stages[:] = ["RUNNING"]
        with pytest.raises(gp.SchemaChanged, match="at another address now"):
            app.first("x")
        assert other.requests == []
        serve_app(other, "second")
        with gp.connect("me/app", token=TOKEN, cache=True) as again:
            assert list(again) == ["/second"]
    assert web.requests


def test_a_space_that_is_gone(space: StandIn) -> None:
    """A call says so; what is known of it stays readable."""
    del space.spaces["me/app"]
    with gp.connect("me/app", token=TOKEN, cache=True) as app:
        assert list(app) == ["/first"]
        with pytest.raises(gp.SpaceError):
            app.first("x")


def test_what_an_address_led_to_gets_no_secret(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when it led there, nor when that was kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    access: Any = {"token": TOKEN, "headers": {"X-Key": "key-0123456789"}, "auth": ("me", "pw-01")}
    with Web() as other:
        serve_app(other, "first")
        web.on("/config", redirect(f"{other.url}/config"))
        with gp.connect(f"{web.url}/?lang=query-0123456789", cache=True, **access) as app:
            assert app.url == other.url
        web.requests.clear()
        with gp.connect(f"{web.url}/?lang=query-0123456789", cache=True, **access) as app:
            assert app.url == other.url
            assert app.first.submit("x").exception(60) is not None  # it is one of few words
        assert web.requests == []
        assert "/gradio_api/queue/join" in other.paths()
        told = [f"{request.target} {request.headers}" for request in other.requests]
        secrets = (TOKEN, "key-0123456789", "query-0123456789", "pw-01", "Authorization")
        assert not [text for text in told if any(secret in text for secret in secrets)]
