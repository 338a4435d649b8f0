"""Writing a module, and comparing one with the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client.export import compare_module, render_module
from tests.support.exported_source import check_source
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app whose functions have names that are taken."""
    serve_app(web, "first", "connect", "print", "keys", "Any")
    return web


def test_a_module_is_written(session: gp.Session, tmp_path: Path) -> None:
    """As a whole, in place of what was there, and the same each time."""
    file = tmp_path / "written.py"
    file.write_text("before", encoding="utf-8")
    assert gp.export(session, str(file)) == file
    text = file.read_text(encoding="utf-8")
    check_source(text)
    assert text == render_module(session)
    assert [path.name for path in tmp_path.iterdir()] == ["written.py"]


def test_names_that_are_taken(session: gp.Session) -> None:
    """Nothing of Python's, of the module's, or of what it imports is hidden."""
    text = render_module(session)
    for name in ("first", "connect_", "print_", "keys", "Any_"):
        assert f"\ndef {name}(" in text


def test_no_secret_is_written(app_web: Web) -> None:
    """The address is that without user and password."""
    address = app_web.url.replace("://", "://somebody:secret-word@")
    with gp.connect(address, headers={"X-Key": "secret-key"}) as session:
        text = render_module(session)
    assert "secret" not in text
    assert "somebody" not in text
    assert app_web.url in text


def test_what_has_changed(session: gp.Session, app_web: Web, tmp_path: Path) -> None:
    """Of a path and of a text."""
    file = gp.export(session, tmp_path / "written.py")
    assert compare_module(file, session) == []
    serve_app(app_web, "first", "third")
    session.refresh()
    found = compare_module(file, session)
    assert "print_() is gone" in found
    assert "third() is new" in found
    assert compare_module(file.read_text(encoding="utf-8"), session) == found


def test_a_closed_session(session: gp.Session, tmp_path: Path) -> None:
    session.close()
    with pytest.raises(gp.SessionClosed):
        gp.export(session, tmp_path / "written.py")
    assert list(tmp_path.iterdir()) == []
