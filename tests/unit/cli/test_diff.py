"""What is compared, in which order it is asked for, and whom secrets go to."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy.cli.diff import command
from gradioproxy.cli.root import run
from tests.support.web_server import Reply, Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nothing kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app."""
    serve_app(web, "first")
    return web


@pytest.mark.parametrize("first", [True, False])
def test_files_are_read_before_apps_are_asked(
    app_web: Web, capsys: pytest.CaptureFixture[str], *, first: bool
) -> None:
    """Whichever comes first, a file that is no lock is told of without a request."""
    Path("broken.json").write_text("{}", encoding="utf-8")
    for path, code in (("broken.json", 1), ("missing.json", 2)):
        words = [path, app_web.url] if first else [app_web.url, path]
        assert run(["diff", *words]) == code
        assert path in capsys.readouterr().err
    assert app_web.requests == []


def test_which_is_the_old_one(app_web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    """What is read first is no older for that."""
    assert run(["lock", app_web.url, "-o", "app.json"]) == 0
    serve_app(app_web, "first", "second")
    capsys.readouterr()
    assert run(["diff", "app.json", app_web.url]) == 0
    assert "/second: the function is new" in capsys.readouterr().out
    assert run(["diff", app_web.url, "app.json"]) == 1
    assert "/second: the function is gone" in capsys.readouterr().out
    assert run(["diff", app_web.url, app_web.url]) == 0
    assert capsys.readouterr().out == "nothing changed\n"


SECRETS = (["--token", "hf_secret"], ["--auth", "me:secret"], ["--header", "X-Key: secret"])


@pytest.mark.parametrize("given", SECRETS, ids=lambda given: given[0])
def test_a_secret_is_for_one_app(
    app_web: Web, given: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two addresses nobody knows for which it is; beside a file it goes to the app."""
    assert run(["diff", app_web.url, "http://other.test", *given]) == 2
    printed = capsys.readouterr()
    assert f"{given[0]} would go to both addresses" in printed.err
    assert "secret" not in printed.err
    assert app_web.requests == []

    assert run(["lock", app_web.url, "-o", "app.json"]) == 0
    app_web.requests.clear()
    app_web.on("/login", Reply(200, b'{"success": true}'))
    for words in (["app.json", app_web.url], [app_web.url, "app.json"]):
        assert run(["diff", *words, *given]) == 0
    sent = str([[*one.headers.items(), one.body] for one in app_web.requests])
    assert "secret" in sent or base64.b64encode(b"me:secret").decode() in sent


def test_what_is_completed(app_web: Web) -> None:
    """Apps that were used before, and files."""
    assert run(["info", app_web.url]) == 0
    context = click.Context(command)
    for argument in command.params[-2:]:
        known, path = argument.shell_complete(context, "ht")
        assert (known.value, known.type) == (app_web.url, "plain")
        assert (path.value, path.type) == ("ht", "file")
        (path,) = argument.shell_complete(context, "app.lo")
        assert path.type == "file"
