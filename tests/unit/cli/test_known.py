"""What is known of apps without a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.cli import known
from gradioproxy.client.cache import find_folder
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    import gradioproxy as gp


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a folder for caches that is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app."""
    serve_app(web, "first", "second")
    return web


def sources(incomplete: str = "") -> list[Any]:
    """Return the apps that are offered."""
    nothing: Any = None
    return [item.value for item in known.complete_source(nothing, nothing, incomplete)]


def endpoints(source: str, incomplete: str = "", **options: Any) -> list[Any]:
    """Return the endpoints that are offered for an app."""
    found = known.complete_endpoints(known.find_app(source, options), incomplete)
    return [item.value for item in found]


def test_apps_that_were_used_are_known(app_web: Web, session: gp.Session) -> None:
    """The last one comes first, each once; endpoints are found without their slash, too."""
    for source in (app_web.url, "other.test", app_web.url):
        known.keep_description(source, {}, session, anew=False)
    assert sources() == [app_web.url, "other.test"]
    assert sources("oth") == ["other.test"]
    assert endpoints(app_web.url) == ["/first", "/second"]
    assert endpoints(app_web.url, "/s") == endpoints(app_web.url, "s") == ["/second"]
    assert endpoints("unknown.test") == []


def test_it_is_kept_anew_where_it_is_looked_at(app_web: Web, session: gp.Session) -> None:
    """A call does not write what is there, looking at an app does."""
    known.keep_description(app_web.url, {}, session, anew=False)
    serve_app(app_web, "third", app_id=2)
    session.refresh()
    known.keep_description(app_web.url, {}, session, anew=False)
    assert endpoints(app_web.url) == ["/first", "/second"]
    known.keep_description(app_web.url, {}, session, anew=True)
    assert endpoints(app_web.url) == ["/third"]


def test_logins_are_apart(app_web: Web, session: gp.Session) -> None:
    """What somebody may see is offered to nobody else, and no password is kept."""
    login = {"auth": ("me", "hunter2-password")}
    known.keep_description(app_web.url, login, session, anew=False)
    known.keep_description("http://me:hunter2-password@host", {}, session, anew=False)
    assert endpoints(app_web.url) == []
    assert endpoints(app_web.url, auth=("me", "")) == ["/first", "/second"]
    assert sources() == [app_web.url]
    assert b"hunter2" not in b"".join(path.read_bytes() for path in find_folder().iterdir())


@pytest.mark.parametrize("content", ["", "{", "3", '{"a": 1}', '[1, null, "a.test"]'])
def test_a_list_that_is_none(content: str) -> None:
    """It is as good as what can be read of it."""
    (find_folder() / "sources.json").write_text(content, encoding="utf-8")
    assert sources() == (["a.test"] if "a.test" in content else [])


def test_nothing_can_be_kept(folder: Path, app_web: Web, session: gp.Session) -> None:
    """Then there is nothing to complete, and no error."""
    folder.write_text("no folder", encoding="utf-8")
    known.keep_description(app_web.url, {}, session, anew=True)
    assert sources() == endpoints(app_web.url) == []


def test_not_all_of_them(session: gp.Session) -> None:
    """The list does not grow without an end."""
    for number in range(120):
        known.keep_description(f"{number}.test", {}, session, anew=False)
    kept = json.loads((find_folder() / "sources.json").read_bytes())
    assert (len(kept), kept[0]) == (100, "119.test")
