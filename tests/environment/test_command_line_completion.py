"""Tab in shells: what bash completes, and what zsh and fish are told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

from gradioproxy.cli.root import run
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio import Server

SECONDS = 60
PROGRAM = Path(sys.executable).with_name("gradioproxy")

pytestmark = [
    pytest.mark.since("6.0", "one version is enough: it is about shells"),
    pytest.mark.skipif(not PROGRAM.exists(), reason="needs the command, and not the module alone"),
]


@pytest.fixture
def environment(
    stateless: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, str]:
    """Give an environment in which an app was used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert run(["info", stateless.url]) == 0
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PS1": "ready> ", "TERM": "dumb"}


@pytest.fixture
def bash(environment: dict[str, str], tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    """Give a bash that completes."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "letter.txt").touch()
    shell = pexpect.spawn(
        "/bin/bash",
        ["--norc", "--noprofile"],
        dimensions=(40, 200),
        encoding="utf-8",
        timeout=SECONDS,
        cwd=str(tmp_path / "work"),
        env=environment,
    )
    try:
        shell.expect("ready> ")
        shell.sendline("bind 'set enable-bracketed-paste off'; bind 'set bell-style none'")
        shell.expect("ready> ")
        shell.sendline('eval "$(gradioproxy completion bash)"')
        shell.expect("ready> ")
        yield shell
    finally:
        shell.close(force=True)


def test_bash_completes(bash: pexpect.spawn[str], stateless: Server) -> None:
    """Commands, apps with the colons in their addresses, endpoints, options and paths."""
    for typed, completed in (
        ("gradioproxy doc", "gradioproxy doctor "),
        ("gradioproxy call http", f"gradioproxy call {stateless.url} "),
        (f"gradioproxy call {stateless.url} /ec", f"gradioproxy call {stateless.url} /echo "),
        (f"gradioproxy info {stateless.url} file_h", "/file_hash "),
        (f"gradioproxy call {stateless.url} /echo --te", "/echo --text "),
        (f"gradioproxy call {stateless.url} /file_hash let", "/file_hash letter.txt "),
        (f"gradioproxy call {stateless.url} /file_hash --file let", "--file letter.txt "),
    ):
        bash.send(f"{typed}\t")
        bash.expect_exact(completed)
        bash.send("\x15")  # Ctrl-U


def test_what_an_app_says_is_not_run(bash: pexpect.spawn[str], web: Web, tmp_path: Path) -> None:
    """A name or a choice with a command in it is a word like others, quoted."""
    hostile = ["mode $(touch pwned)", "`touch pwned`", "mo;touch pwned", "two\nlines"]
    serve_app(web, *hostile)
    assert run(["info", web.url]) == 0
    for typed, completed in (
        ("/mode", "'/mode $(touch pwned)' "),
        ("/mo\\;", "'/mo;touch pwned' "),
    ):
        bash.send(f"gradioproxy call {web.url} {typed}\t")
        bash.expect_exact(completed)
        bash.send("--help\r")
        bash.expect("ready> ")
    bash.send(f"gradioproxy call {web.url} /two\t\t")
    bash.send("\x15ls\r")
    bash.expect_exact("letter.txt")
    assert not (tmp_path / "work" / "pwned").exists()


@pytest.mark.parametrize(
    ("shell", "words", "variables"),
    [
        ("zsh", "COMP_WORDS", {"COMP_CWORD": "4"}),
        ("fish", "COMP_WORDS", {"COMP_CWORD": ""}),
    ],
)
def test_other_shells_are_told(
    environment: dict[str, str],
    stateless: Server,
    shell: str,
    words: str,
    variables: dict[str, str],
) -> None:
    """The same, in the form of each."""
    script = subprocess.run(
        [PROGRAM, "completion", shell], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert f"_GRADIOPROXY_COMPLETE={shell}_complete" in script
    given = {
        words: f"gradioproxy call {stateless.url} /echo --te",
        **variables,
        "_GRADIOPROXY_COMPLETE": f"{shell}_complete",
    }
    if shell == "fish":
        given["COMP_CWORD"] = "--te"
    done = subprocess.run(
        [PROGRAM], capture_output=True, text=True, check=False, env={**environment, **given}
    )
    assert "--text" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_scripts(environment: dict[str, str], tmp_path: Path, shell: str) -> None:
    """Each shell that is here takes its own."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"needs {shell}")
    script = subprocess.run(
        [PROGRAM, "completion", shell], capture_output=True, check=True, env=environment
    ).stdout
    path = tmp_path / "script"
    path.write_bytes(script)
    subprocess.run([found, "-n", path], check=True, env=environment)
