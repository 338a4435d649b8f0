"""Where descriptions are kept: for whom, how, and what is done with what is no entry."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client import cache
from gradioproxy.client.cache import Entry, find_folder
from gradioproxy.client.discovery import Description
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address, parse_address
from tests.support.web_server import Reply, Web, serve_app

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = ("hunter2-password", "hf_tokenTokenToken", "gateway-key-0123456789")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a folder for caches that is not there yet."""
    path = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))
    return path


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app."""
    serve_app(web, "first", "second")
    return web


def description() -> Description:
    """Return one that says little."""
    config = {"version": "5.50.0", "dependencies": [], "components": []}
    return Description(config, None, parse_app(config))


def test_it_is_there_at_once(app_web: Web) -> None:
    """The second session asks nothing until something is called; then, whether it is that app."""
    with gp.connect(app_web.url, cache=True) as app:
        first = str(app)
    asked = len(app_web.requests)
    with gp.connect(app_web.url, cache=True) as app:
        assert str(app) == first
        assert app.first.check("x").arguments == {"text": "x"}
        assert app.info == gp.get_info(app_web.url)
    assert len(app_web.requests) - asked == 2  # of `get_info`


def test_it_works_offline() -> None:
    """What was kept is there where nobody listens any more; a call says so."""
    with Web() as web:
        serve_app(web, "first", "second")
        with gp.connect(web.url, cache=True):
            pass
    with gp.connect(web.url, cache=True) as app:
        assert list(app) == ["/first", "/second"]
        assert "text (str)" in str(app.first.__doc__)
        with pytest.raises(gp.ConnectError) as caught:
            app.first("x")
    assert not caught.value.may_have_run


def test_a_new_description_is_kept(app_web: Web) -> None:
    """What `refresh` finds is what the next session begins with."""
    with gp.connect(app_web.url, cache=True) as app:
        serve_app(app_web, "third", app_id=2)
        app.refresh()
    with gp.connect(app_web.url, cache=True) as app:
        assert list(app) == ["/third"]


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"format": 2}', '{"format": 1, "source": "x"}', "\x00"]
)
def test_what_is_no_entry(app_web: Web, damage: str) -> None:
    """It is as if nothing was kept, and the next one takes its place."""
    with gp.connect(app_web.url, cache=True):
        pass
    (path,) = find_folder().glob("*.json")
    good = path.read_bytes()
    path.write_text(damage, encoding="utf-8")
    with gp.connect(app_web.url, cache=True) as app:
        assert list(app) == ["/first", "/second"]
    assert path.read_bytes() == good


def test_where_nothing_can_be_kept(
    app_web: Web, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A cache is no reason to fail: it is told of, and the session is there."""
    folder.write_text("no folder", encoding="utf-8")
    with (
        caplog.at_level(logging.WARNING, "gradioproxy"),
        gp.connect(app_web.url, cache=True) as app,
    ):
        assert list(app) == ["/first", "/second"]
    assert "is not kept: " in caplog.text
    assert folder.read_text(encoding="utf-8") == "no folder"


def test_without_a_home(app_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user nobody knows."""

    def find_no_home(*_: object, **__: object) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_dir", find_no_home)
    with gp.connect(app_web.url, cache=True) as app:
        assert list(app) == ["/first", "/second"]


def test_nobody_else_reads_it(folder: Path) -> None:
    """Folder and entries are private, and no secret is in a name or a content."""
    password, token, key = SECRETS
    access = Access(auth=("me", password), token=token, headers={"X-Key": key})
    address = parse_address(f"http://me:{password}@app.test/x")
    entry = Entry(address, access)
    entry.write(Transport(address, access), description())

    kept = entry.read()

    assert kept is not None
    assert kept.address == address
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert len(found) == 3
    for path in found:
        assert path.stat().st_mode & 0o077 == 0
        content = path.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content]
    assert find_folder().stat().st_mode & 0o077 == 0


def test_what_is_kept_is_told_without_reading_it(app_web: Web) -> None:
    """By the number of the app's process; what is broken, or has no number, is not there."""
    with gp.connect(app_web.url) as app:
        first = app.__connection__.description
        serve_app(app_web, "first", app_id=2)
        app.refresh()
        second = app.__connection__.description
    entry = Entry(Address(app_web.url), Access())
    assert not entry.has(first)
    entry.write(Transport(Address(app_web.url), Access()), first)
    assert entry.has(first)
    assert not entry.has(second)
    (path,) = find_folder().glob("*.json")
    path.write_bytes(path.read_bytes()[:-1])
    assert not entry.has(first)
    entry.write(Transport(Address(app_web.url), Access()), description())
    assert not entry.has(description())


def test_each_login_has_its_own() -> None:
    """What one user of an app may see, another does not get to see."""
    address = Address("http://app.test")
    Entry(address, Access(auth=("me", "a"))).write(Transport(address, Access()), description())

    assert Entry(address, Access(auth=("me", "b"))).read() is not None
    others = (
        Access(),
        Access(auth=("you", "a")),
        Access(auth=("me", "a"), token="hf_x"),  # noqa: S106 - none
        Access(auth=("me", "a"), headers={"X": "y"}),
    )
    assert [Entry(address, access).read() for access in others] == [None] * 4
    assert Entry(Address("http://app.test/other"), Access(auth=("me", "a"))).read() is None


@pytest.mark.parametrize(
    "name", ["named", "url", "space", "second_hand", "config", "info", "source"]
)
@pytest.mark.parametrize("value", [None, 5, [], {"a": 1}, "no address \ud800"])
def test_what_is_half_an_entry(name: str, value: object) -> None:
    """Whatever is in a file, it is an entry, or there is none."""
    address = Address("http://app.test")
    entry = Entry(address, Access())
    entry.write(Transport(address, Access()), description())
    (path,) = find_folder().glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}), encoding="utf-8")

    kept = entry.read()

    assert kept is None or (kept.address.url, kept.description.app.endpoints) == (address.url, {})
    assert name in ("space", "second_hand", "info") or kept is None


def test_an_entry_is_removed() -> None:
    """Nothing of what is removed is there, and it can be removed again."""
    address = Address("http://app.test")
    entry = Entry(address, Access())
    entry.write(Transport(address, Access()), description())
    for _ in range(2):
        entry.remove()
        assert entry.read() is None
        assert [path.name for path in find_folder().iterdir()] == ["key"]


def use_apps(number: int) -> list[Entry]:
    """Return entries that were written one after the other, each an hour after the one before."""
    entries = []
    for hour in range(number):
        address = Address(f"http://app-{hour}.test")
        entries.append(Entry(address, Access()))
        entries[-1].write(Transport(address, Access()), description())
        for path in find_folder().glob("*.mark"):
            if path.stat().st_mtime > 3600 * number:
                os.utime(path, (3600 * hour,) * 2)
    return entries


@pytest.mark.parametrize(("limit", "unit"), [("MOST_ENTRIES", 1), ("MOST_BYTES", 0)])
def test_there_are_not_more_and_more(
    limit: str, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those go that were not used for the longest time, and none that is in use."""
    first, second, *_ = use_apps(3)
    unit = unit or next(find_folder().glob("*.json")).stat().st_size + 1
    (find_folder() / "sources.json").write_bytes(b"[" + b" " * 2000 + b"]")
    assert first.read() is not None
    monkeypatch.setattr(cache, limit, 3 * unit)
    address = Address("http://app-9.test")
    last = Entry(address, Access())

    last.write(Transport(address, Access()), description())

    assert second.read() is None
    assert first.read() is not None
    assert last.read() is not None
    names = sorted(path.suffix for path in find_folder().iterdir())
    assert names == ["", *[".json"] * 4, *[".mark"] * 3]


def test_one_that_is_too_large_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was written just now: nobody removes what is to be used next."""
    monkeypatch.setattr(cache, "MOST_BYTES", 1)
    *before, last = use_apps(3)
    assert [entry.read() for entry in before] == [None, None]
    assert last.read() is not None


def test_what_is_asked_for_counts_as_used(app_web: Web) -> None:
    """A command that finds its app kept already keeps it for longer."""
    with gp.connect(app_web.url) as app:
        known = app.__connection__.description
    entry = Entry(Address(app_web.url), Access())
    entry.write(Transport(Address(app_web.url), Access()), known)
    (mark,) = find_folder().glob("*.mark")
    for use in (lambda: entry.has(known), entry.read):
        os.utime(mark, (0, 0))
        assert use()
        assert mark.stat().st_mtime > 0


def test_what_is_second_hand_stays_so(app_web: Web) -> None:
    """That an app failed to describe itself is kept with what was found instead."""
    app_web.on("/gradio_api/info", Reply(404))
    with gp.connect(app_web.url, cache=True) as app:
        shown = str(app)
    assert "its /info answered 404" in shown
    with gp.connect(app_web.url, cache=True) as app:
        assert str(app) == shown
