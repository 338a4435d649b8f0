"""Writing a module, and comparing one with the app."""

from __future__ import annotations

import errno
import pickle
from typing import TYPE_CHECKING, get_args

import pytest
import requests

import gradioproxy as gp
from gradioproxy.cli.root import run
from gradioproxy.client.export import compare_module, render_module
from gradioproxy.options import DocstringStyle
from tests.support.exported_source import check_source
from tests.support.web_server import Reply, Web, reply_json, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.disks import FailingDisk


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
    """It is told, whatever begins the file; what is no module says which file it is."""
    file = gp.export(session, tmp_path / "written.py")
    assert compare_module(file, session) == []
    serve_app(app_web, "first", "third")
    session.refresh()
    found = compare_module(file, session)
    assert "print_() is gone" in found
    assert "third() is new" in found
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert compare_module(file, session) == found
    file.write_text("def", encoding="utf-8")
    with pytest.raises(ValueError, match=r"written\.py: this is no module of Python"):
        compare_module(file, session)


def test_what_was_kept_is_not_exported(
    app_web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an app that is another one by now, what it is now is written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with gp.connect(app_web.url, cache=True):
        pass
    serve_app(app_web, "third", app_id=2)
    app_web.on("/gradio_api/app_id", reply_json({"app_id": 2}))
    with gp.connect(app_web.url, cache=True) as app:
        assert "def third(" in render_module(app)


INNER = {"type": "object", "properties": {"only": {"type": "integer"}}}
SHARED = [
    {"type": "object", "title": "Outer", "properties": {"inner": INNER}},
    {"type": "object", "additionalProperties": {"anyOf": [INNER, {"type": "string"}]}},
]


def test_what_was_made_before_changes_nothing(app_web: Web) -> None:
    """Parts of equal shape are called as they are first met, in this module and no other."""
    box = {"id": 1, "type": "json", "props": {"label": "Value"}, "api_info": {"anyOf": SHARED}}
    function = {"id": 0, "api_name": "first", "inputs": [1], "outputs": []}
    serve_app(app_web, components=[box], dependencies=[function])
    app_web.on("/gradio_api/info", Reply(404))
    written = []
    for _ in range(2):
        with gp.connect(app_web.url) as app:
            written.append(render_module(app))
    assert "Value (Outer | dict[str, Inner | str])" in written[0]
    assert written[0] == written[1]


def test_how_it_is_renewed(app_web: Web, tmp_path: Path) -> None:
    """The line at its top writes the same module: with the options of the session."""
    config = requests.get(f"{app_web.url}/config", timeout=60).json()
    config["dependencies"].append({"id": 5, "api_name": None, "inputs": [1], "outputs": [2]})
    app_web.on("/config", reply_json(config))
    file = tmp_path / "written.py"
    for style in get_args(DocstringStyle):
        for unnamed in (None, True):
            with gp.connect(app_web.url, docstring_style=style, unnamed=unnamed) as app:
                text = render_module(app)
            assert ("def fn_5(" in text) is (unnamed is True)
            line = next(line for line in text.splitlines() if line.startswith("    gradioproxy "))
            words = line.replace("<this file>", str(file)).split()[1:]
            assert len(words) == 4 + 2 * (style != "google") + (unnamed is True)
            assert run(words) == 0
            assert file.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written(
    session: gp.Session, tmp_path: Path, disk: FailingDisk
) -> None:
    """What was there stays, and nothing beside it."""
    file = disk.folder / "written.py"
    file.write_text("before", encoding="utf-8")
    disk.fail("write", errno.ENOSPC)
    with pytest.raises(gp.FileNotSaved, match=r"written\.py"):
        gp.export(session, file)
    disk.heal()
    assert file.read_text(encoding="utf-8") == "before"
    assert [*file.parent.iterdir()] == [file]
    link = tmp_path / "link.py"
    link.symlink_to(file)
    gp.export(session, link)
    assert not link.is_symlink()
    assert file.read_text(encoding="utf-8") == "before"


def test_a_closed_session(session: gp.Session, tmp_path: Path) -> None:
    session.close()
    with pytest.raises(gp.SessionClosed):
        gp.export(session, tmp_path / "written.py")
    assert list(tmp_path.iterdir()) == []


def test_classes_of_a_session_stay_its_own(app_web: Web) -> None:
    """A result that is unpickled after an export is one of the function's class."""
    box = {"type": "textbox", "props": {"label": "Text", "name": "textbox"}}
    boxes = [{"id": number, **box} for number in (1, 2, 3)]
    call = {"id": 0, "api_name": "pair", "inputs": [1], "outputs": [2, 3], "backend_fn": True}
    serve_app(app_web, components=boxes, dependencies=[call])
    app_web.on("/gradio_api/info", Reply(404))
    with gp.connect(app_web.url) as app:
        kind = app.pair.__annotations__["return"]
        data = pickle.dumps(kind("a", "b"))
        render_module(app)
        assert type(pickle.loads(data)) is kind  # noqa: S301 - made here
