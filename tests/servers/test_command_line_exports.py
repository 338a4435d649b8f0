"""Exported modules, from a shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gradioproxy.cli.root import run

if TYPE_CHECKING:
    from tests.support.gradio import Server

pytestmark = pytest.mark.since("6.0", "what modules are like is tested without the command line")


def test_a_module_and_its_app(
    server: Server,
    stateless: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is written, and checked: against its app, and against one that lacks functions."""
    monkeypatch.chdir(tmp_path)
    assert run(["export", server.url, "-o", "my_app.py", "--check"]) == 2
    assert "there is no file my_app.py to check" in capsys.readouterr().err
    assert run(["export", server.url, "-o", "my_app.py"]) == 0
    assert "def slider(" in Path("my_app.py").read_text(encoding="utf-8")
    capsys.readouterr()

    assert run(["export", server.url, "-o", "my_app.py", "--check"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["export", stateless.url, "-o", "my_app.py", "--check"]) == 1
    assert "slider" in capsys.readouterr().out
    assert "def slider(" in Path("my_app.py").read_text(encoding="utf-8")
