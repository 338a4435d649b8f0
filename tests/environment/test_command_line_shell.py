"""``gradioproxy shell`` on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from gradioproxy.cli import shell
from gradioproxy.cli.root import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server

SECONDS = 60

pytestmark = pytest.mark.since("6.0", "one version is enough: it is about IPython")


def test_functions_are_there(stateless: Server, tmp_path: Path) -> None:
    """They can be called by their names, as soon as there is a prompt."""
    process = pexpect.spawn(
        sys.executable,
        ["-m", "gradioproxy", "shell", stateless.url],
        dimensions=(40, 80),
        encoding="utf-8",
        timeout=SECONDS,
        cwd=str(tmp_path),
        env={
            **os.environ,
            "IPYTHONDIR": str(tmp_path),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "dumb",
        },
    )
    try:
        process.expect("echo")
        process.expect("In ")
        process.sendline("print('said', echo('Hello').upper())")
        process.expect("said HELLO")
        process.sendline("exit")
        process.expect(pexpect.EOF)
    finally:
        process.close(force=True)
    assert process.exitstatus == 0


def test_an_app_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told like everywhere, and no shell begins."""
    assert run(["shell", "http://127.0.0.1:9"]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_without_ipython(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is told, with what brings it."""
    assert shell.command.name == "shell"
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert run(["shell", "http://127.0.0.1:9"]) == 1
    assert 'pip install "gradioproxy[ipython]"' in capsys.readouterr().err
