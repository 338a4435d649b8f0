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
    for source in (app_web.url, "me/other", f"{app_web.url}/?__sign=secret"):
        known.keep_description(source, {}, session)
    assert sources() == [app_web.url, "me/other"]
    assert sources("me/") == ["me/other"]
    assert endpoints(app_web.url) == ["/first", "/second"]
    assert endpoints(app_web.url, "/s") == endpoints(app_web.url, "s") == ["/second"]
    assert endpoints("unknown.test") == []


def test_it_is_kept_anew(app_web: Web, session: gp.Session) -> None:
    """Whatever was there before, also what nobody can read."""
    known.keep_description(app_web.url, {}, session)
    (path,) = (one for one in find_folder().glob("*.json") if one.name != "sources.json")
    path.write_bytes(b"{")
    known.keep_description(app_web.url, {}, session)
    assert endpoints(app_web.url) == ["/first", "/second"]
    serve_app(app_web, "third", app_id=2)
    session.refresh()
    known.keep_description(app_web.url, {}, session)
    assert endpoints(app_web.url) == ["/third"]


def test_what_is_kept_already_is_not_written_again(app_web: Web, session: gp.Session) -> None:
    """A large description takes its time; of the same process of the app it is the same."""
    known.keep_description(app_web.url, {}, session)
    before = {path.name: path.stat().st_ino for path in find_folder().iterdir()}
    assert len(before) == 4
    known.keep_description(app_web.url, {}, session)
    assert {path.name: path.stat().st_ino for path in find_folder().iterdir()} == before
    serve_app(app_web, "first", "second", app_id=2)
    session.refresh()
    known.keep_description(app_web.url, {}, session)
    after = {path.name: path.stat().st_ino for path in find_folder().iterdir()}
    assert sum(after[name] != before[name] for name in before) == 2


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("http://127.0.0.1:7860", "http://127.0.0.1:7860"),
        ("localhost:7860/", "http://localhost:7860"),
        ("http://me:secret@host/app?__sign=secret&x", "http://host/app"),
        ("http://me:sec@ret@host", "http://host"),
        ("no address?x=secret", "no address"),
        ("owner/space", "owner/space"),
        ("a\x1b[2Jb\nc", "a[2Jb c"),
    ],
)
def test_what_is_shown_of_an_address(source: str, shown: str) -> None:
    """No login, nothing behind the path, and nothing that a terminal obeys."""
    assert known.name_source(source) == shown


def test_logins_are_apart(app_web: Web, session: gp.Session) -> None:
    """What somebody may see is offered to nobody else, and no password is kept."""
    login = {"auth": ("me", "hunter2-password")}
    known.keep_description(app_web.url, login, session)
    known.keep_description(f"me:hunter2-password@{app_web.url[7:]}", {}, session)
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
    known.keep_description(app_web.url, {}, session)
    assert sources() == endpoints(app_web.url) == []


def test_not_all_of_them(session: gp.Session) -> None:
    """The list does not grow without an end."""
    for number in range(120):
        known.keep_description(f"me/{number}", {}, session)
    kept = json.loads((find_folder() / "sources.json").read_bytes())
    assert (len(kept), kept[0]) == (100, "me/119")
