"""Tab in shells: what bash, zsh and fish complete, and what they are told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from gradioproxy.cli.root import run
from tests.support.gradio import ROOT
from tests.support.web_server import FILE_SCHEMA, TEXT_SCHEMA, Web, reply_json, serve_app

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


CHOICES = ("plain", "with space", "a, b, c", "it's", "co:lon", "new,er:x", "$(touch pwned)", "@at")


def serve_choices(web: Web) -> None:
    """Let a server describe itself as an app with a choice, a file, and names that are no words."""
    text = {"label": "Text", "component": "Textbox", "type": TEXT_SCHEMA, "parameter_name": "text"}
    mode = {**text, "component": "Dropdown", "parameter_name": "mode"}
    mode["type"] = {**TEXT_SCHEMA, "enum": [*CHOICES]}
    file = {**text, "component": "File", "type": FILE_SCHEMA, "parameter_name": "file"}
    choices = [[value, value] for value in CHOICES]
    parts = [("textbox", {}), ("dropdown", {"choices": choices, "value": "plain"}), ("file", {})]
    endpoints: dict[str, list[tuple[int, dict[str, Any]]]] = {
        "pick": [(1, mode), (2, file)],
        "mode, and more": [(0, text)],
        "say:what": [(0, text)],
        "we$(touch pwned)": [(0, text)],
    }
    serve_app(
        web,
        components=[
            {"id": number, "type": kind, "props": {"label": kind, "name": kind, **more}}
            for number, (kind, more) in enumerate(parts)
        ],
        dependencies=[
            {"id": number, "api_name": name, "backend_fn": True, "outputs": [0]}
            | {"inputs": [place for place, _ in takes]}
            for number, (name, takes) in enumerate(endpoints.items())
        ],
    )
    named = {
        f"/{name}": {"parameters": [part for _, part in takes], "returns": [text]}
        for name, takes in endpoints.items()
    }
    web.on("/gradio_api/info", reply_json({"named_endpoints": named, "unnamed_endpoints": {}}))


# What is typed before Tab, and what the command gets then; {} is the app.
TYPED = {
    "doc": ["doctor"],
    "lock http": ["lock", "{}"],
    "diff app.lo": ["diff", "app.lock.json"],
    "call {} /pi": ["call", "{}", "/pick"],
    "call {} pi": ["call", "{}", "/pick"],
    "info {} mod": ["info", "{}", "/mode, and more"],
    "map {} /pi": ["map", "{}", "/pick"],
    "map {} /pick --input app": ["map", "{}", "/pick", "--input", "app.lock.json"],
    "call {} /say:w": ["call", "{}", "/say:what"],
    "call {} /we": ["call", "{}", "/we$(touch pwned)"],
    "call {} /pick --mo": ["call", "{}", "/pick", "--mode"],
    "call {} /pick --mode pl": ["call", "{}", "/pick", "--mode", "plain"],
    "call {} /pick --mode wi": ["call", "{}", "/pick", "--mode", "with space"],
    "call {} /pick --mode a": ["call", "{}", "/pick", "--mode", "a, b, c"],
    "call {} /pick --mode it": ["call", "{}", "/pick", "--mode", "it's"],
    "call {} /pick --mode co:l": ["call", "{}", "/pick", "--mode", "co:lon"],
    "call {} /pick --mode '$": ["call", "{}", "/pick", "--mode", "$(touch pwned)"],
    "call {} /pick --mode @": ["call", "{}", "/pick", "--mode", "@@at"],
    "call {} /pick --mode=pl": ["call", "{}", "/pick", "--mode=plain"],
    "call {} /pick --mode=wi": ["call", "{}", "/pick", "--mode=with space"],
    "call {} /pick --mode=new": ["call", "{}", "/pick", "--mode=new,er:x"],
    "call {} /pick --file app": ["call", "{}", "/pick", "--file", "app.lock.json"],
    "call {} /pick --file=app": ["call", "{}", "/pick", "--file=app.lock.json"],
    "call {} /pick new": ["call", "{}", "/pick", "new,er:x"],
    "call {} /pick plain ap": ["call", "{}", "/pick", "plain", "app.lock.json"],
    "call {} /pick --file ": ["call", "{}", "/pick", "--file", "app.lock.json"],
}
# The same within quotation marks, where zsh and fish have completions of their own, or none.
QUOTED = {
    'call {} /pick --mode "$': ["call", "{}", "/pick", "--mode", "$(touch pwned)"],
    'call {} /pick --mode "wi': ["call", "{}", "/pick", "--mode", "with space"],
    'call {} /pick --mode "it': ["call", "{}", "/pick", "--mode", "it's"],
    'call {} "/we': ["call", "{}", "/we$(touch pwned)"],
    "call {} '/we": ["call", "{}", "/we$(touch pwned)"],
}
BASH_FILE = """
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
PS1='ready> '
eval "$(gradioproxy completion bash)"
"""
ZSH_FILE = """
autoload -Uz compinit
compinit -u -D
unsetopt beep
PS1='ready> '
eval "$(gradioproxy completion zsh)"
"""
FISH_FILE = """
function fish_greeting; end
function fish_prompt; echo -n 'ready> '; end
gradioproxy completion fish | source
"""
# What is asked to complete is the command of the package; what is run says what it was given.
STAND_IN = """#!{python}
import json, os, sys
if "_GRADIOPROXY_COMPLETE" in os.environ or sys.argv[1:2] == ["completion"]:
    sys.path.insert(0, {root!r})
    from gradioproxy.cli import main
    main()
else:
    print("<<" + json.dumps(sys.argv[1:]) + ">>")
"""
# Of each shell, its options, the file that it reads first, and what is in there.
STARTS = {
    "bash": (["--noprofile", "--rcfile", "{home}/.bashrc"], ".bashrc", BASH_FILE),
    "zsh": (["-i"], ".zshrc", ZSH_FILE),
    "fish": (["-i"], ".config/fish/config.fish", FISH_FILE),
}


@pytest.fixture
def typist(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> Iterator[pexpect.spawn[str]]:
    """Give a shell of somebody who used an app before."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"needs {shell}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    serve_choices(web)
    assert run(["info", web.url]) == 0
    home, work = tmp_path / "home", tmp_path / "work"
    options, name, script = STARTS[shell]
    (home / name).parent.mkdir(parents=True)
    (home / name).write_text(script, encoding="utf-8")
    # What fish would make by itself, of all manual pages, on its first start.
    (home / ".local" / "share" / "fish" / "generated_completions").mkdir(parents=True)
    work.mkdir()
    (work / "app.lock.json").touch()
    program = home / "gradioproxy"
    program.write_text(STAND_IN.format(python=sys.executable, root=str(ROOT)), encoding="utf-8")
    program.chmod(0o755)
    hidden = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "PYTHONPATH")
    process = pexpect.spawn(
        found,
        [option.format(home=home) for option in options],
        dimensions=(40, 500),
        encoding="utf-8",
        timeout=SECONDS,
        cwd=str(work),
        env={
            **{key: value for key, value in os.environ.items() if key not in hidden},
            **dict.fromkeys(("HOME", "ZDOTDIR", "TMPDIR"), str(home)),
            "PATH": f"{home}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm",
        },
    )
    try:
        process.expect("ready> ")
        yield process
    finally:
        process.close(force=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_command_gets(typist: pexpect.spawn[str], web: Web, tmp_path: Path) -> None:
    """Whatever is completed is one word, as it is meant, in each shell; and nothing is run."""
    asked = len(web.requests)
    for typed in QUOTED:
        typist.send(f"gradioproxy {typed.format(web.url)}\t\x15")  # Ctrl-U
    more = QUOTED if "bash" in str(typist.command) else {}
    for typed, given in (TYPED | more).items():
        typist.send(f"gradioproxy {typed.format(web.url)}\t\r")
        typist.expect("<<(.*)>>")
        assert isinstance(typist.match, re.Match)
        got = json.loads(typist.match[1])
        assert got == [word.format(web.url) for word in given], typed
    assert len(web.requests) == asked
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["app.lock.json"]


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
