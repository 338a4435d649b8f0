"""Locks and what changed, from a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gradioproxy.cli.root import run

if TYPE_CHECKING:
    from tests.support.gradio import Server

pytestmark = pytest.mark.since("6.0", "how contracts differ is tested without the command line")


def test_an_app_and_its_lock(
    server: Server,
    stateless: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing changed; another app lacks functions, which is told and is an exit code."""
    monkeypatch.chdir(tmp_path)
    assert run(["lock", server.url, "-o", "app.lock.json"]) == 0
    assert "/slider" in json.loads(Path("app.lock.json").read_text(encoding="utf-8"))["functions"]
    capsys.readouterr()

    assert run(["diff", "app.lock.json", server.url]) == 0
    assert capsys.readouterr().out == "nothing changed\n"
    assert run(["diff", "app.lock.json", stateless.url]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "BREAKING  /slider: the function is gone" in lines
    assert f"          the address is {stateless.url}, and was {server.url}" in lines
    assert run(["diff", server.url, stateless.url, "--json"]) == 1
    changes = json.loads(capsys.readouterr().out)
    assert {"endpoint": "/slider", "breaking": True, "text": "the function is gone"} in changes


def test_what_is_no_lock(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing is a mistake; one that is no lock is told of before any request."""
    assert run(["diff", str(tmp_path / "missing.json"), server.url]) == 2
    assert "there is no such file" in capsys.readouterr().err
    path = tmp_path / "other.json"
    path.write_text("{}", encoding="utf-8")
    assert run(["diff", str(path), server.url]) == 1
    assert "is no lock of an app" in capsys.readouterr().err
    assert run(["lock", server.url, "-o", str(tmp_path / "missing" / "lock.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
