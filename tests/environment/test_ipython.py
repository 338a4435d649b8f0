"""The extension, in a real IPython on a terminal, and the shell of the command line."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import gradioproxy as gp
from gradioproxy.ipython.shell import start_shell
from tests.support.terminal import CLEAR, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("6.31.0",)

SHELL = """
import sys
from gradioproxy.ipython.shell import start_shell
start_shell(sys.argv[1].split(","), {"progress": False})
"""


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app with something of everything."""
    return gradio(version, "displays")


@pytest.fixture
def terminal(server: Server, tmp_path: Path) -> Iterator[Terminal]:
    """Give a terminal in which the functions are there."""
    terminal = Terminal(tmp_path)
    try:
        terminal.run("%load_ext gradioproxy", 1)
        terminal.run(f"%gradio {server.url} --prefix p_ --name mine", 2)
        yield terminal
    finally:
        terminal.close()


def test_at_a_terminal(terminal: Terminal) -> None:
    """The magic tells what it made; Tab completes it, its parameters and their choices."""
    assert any("p_choose(text, mode" in line for line in terminal.lines)
    assert any(line.startswith("mine: ") for line in terminal.lines)
    terminal.press("p_cho\t")
    terminal.wait(lambda lines: "In [3]: p_choose" in lines[-1])
    terminal.press("('x', mod\t")
    terminal.wait(lambda lines: "p_choose('x', mode=" in lines[-1])
    terminal.press("\t")
    menu = " ".join(terminal.wait(lambda lines: '"it\'s"' in lines[-1]))
    assert "'fast'" in menu
    assert "'slow'" in menu
    terminal.press(CLEAR)
    terminal.wait(lambda lines: lines[-1] == "In [3]:")
    terminal.press("p_choose('x', mode='sl\t")
    terminal.wait(lambda lines: "mode='slow'" in lines[-1])
    shown = terminal.run(")", 3)
    assert any("x slow []" in line for line in shown)

    shown = terminal.run("p_picture(5)", 4)
    assert any("<File 'image.png'>" in line for line in shown)
    shown = terminal.run("p_picture.submit(5)", 5)
    assert any("<Job picture " in line for line in shown)
    shown = terminal.run("%gradio http://127.0.0.1:1", 6)
    assert sum("UsageError: http://127.0.0.1:1" in line for line in shown) == 1
    assert not any("Traceback" in line for line in shown)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """Give an IPython of its own, with the extension."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setattr("jedi.settings.cache_directory", str(tmp_path / "jedi"))
    config = Config()
    config.HistoryManager.enabled = False
    kind: Any = InteractiveShell
    made: InteractiveShell = kind(config=config, ipython_dir=str(tmp_path))
    made.run_line_magic("load_ext", "gradioproxy")
    yield made
    for session in gp.sessions():
        session.close()


def complete(shell: InteractiveShell, code: str) -> list[str]:
    """Return what a line becomes with each completion."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(code, len(code)))
    return [code[: each.start] + each.text for each in found]


@pytest.mark.parametrize("jedi", [True, False])
def test_completion(shell: InteractiveShell, server: Server, jedi: bool) -> None:
    """With jedi and without; where the choices fit, nothing else is offered."""
    shell.Completer.use_jedi = jedi
    with gp.connect(server.url) as app:
        shell.user_ns |= {"app": app, "slower": 1, **gp.create_functions(app)}
        for function in ("app.choose", "choose", "app.choose.submit", "app['/choose']"):
            begin = f"{function}('x', mode="
            expected = [f"{begin}'fast'", f"{begin}'slow'", f'{begin}"it\'s"']
            assert complete(shell, begin) == expected
            assert complete(shell, f"{begin}'f") == expected[:1]
            assert set(complete(shell, f"{begin}slo")) >= {f"{begin}'slow'", f"{begin}slower"}
        assert complete(shell, "choose('x', colours=['re") == ["choose('x', colours=['red'"]
        assert complete(shell, "choose('x',\n  mode='sl") == ["choose('x',\n  mode='slow'"]
        assert "choose('x', mode=" in complete(shell, "choose('x', mod")


def test_the_extension_is_taken_away_again(
    shell: InteractiveShell, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that it added; the functions are the user's."""
    shell.run_line_magic("gradio", f"{server.url} --name mine")
    assert gp.session("mine").url == server.url
    choose = shell.user_ns["choose"]
    shell.run_line_magic("unload_ext", "gradioproxy")
    assert "mode='fast'" not in str(complete(shell, "choose('x', mode="))
    assert not {"gradio", "gradio_show"} & shell.magics_manager.magics["line"].keys()
    assert not hasattr(shell.magics_manager.user_magics, "gradio")
    assert choose("x", "fast") == "x fast []"
    shell.run_line_magic("load_ext", "gradioproxy")
    shell.run_line_magic("gradio", f"{server.url} --name mine")
    shell.run_line_magic("gradio", f"{server.url} --name mine")
    assert "mine: " in capsys.readouterr().out
    assert len(gp.sessions("mine*")) == 1
    shell.user_ns["choose"] = "mine"
    run: Any = shell.run_cell
    assert not run(f"%gradio {server.url} --name mine").success
    assert "choose: taken by something else" in capsys.readouterr().err
    assert shell.user_ns["albums"].endpoint is gp.session("mine").albums.endpoint
    assert len(shell.user_ns["albums"]()) == 2  # the session that works still does
    gp.session("mine").close()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "required: src"),
        ("http://127.0.0.1:1", "can't be reached"),
        ("{url} --prefix 1", "can't be a name in Python"),
        ("{url} --nothing", "unrecognized arguments"),
        ("'two words'", "two words"),
    ],
)
def test_errors_are_one_line(
    shell: InteractiveShell,
    server: Server,
    line: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run: Any = shell.run_cell
    outcome = run(f"%gradio {line.format(url=server.url)}")
    assert not outcome.success
    printed = capsys.readouterr()
    lines = [each for each in (printed.err + printed.out).splitlines() if each]
    assert len(lines) == 1
    assert lines[0].startswith("UsageError: ")
    assert said in lines[0]
    assert gp.sessions() == []


def test_a_shell(server: Server, tmp_path: Path) -> None:
    """One app: its functions as they are called, the session, the extension."""
    terminal = Terminal(tmp_path, "-c", SHELL, server.url, program=())
    try:
        shown = terminal.lines
        assert any("choose(text, mode" in line for line in shown)
        assert any("The session is app." in line for line in shown)
        shown = terminal.run("app.echo('a'), echo('b')", 1)
        assert any("('a', 'b')" in line for line in shown)
        terminal.press("choose('x', mode='fa\t")
        terminal.wait(lambda lines: "mode='fast'" in lines[-1])
    finally:
        terminal.close()


def test_a_shell_for_several_apps(server: Server, tmp_path: Path) -> None:
    """The names of their functions begin with a word for each."""
    terminal = Terminal(tmp_path, "-c", SHELL, f"{server.url},{server.url}", program=())
    try:
        shown = terminal.run("app1_echo('a'), app2_echo('b'), app1 is app2", 1)
        assert any("('a', 'b', False)" in line for line in shown)
    finally:
        terminal.close()


def test_a_shell_without_ipython(server: Server) -> None:
    """One sentence says what is missing."""
    code = f"import sys; sys.modules['IPython'] = None\n{SHELL}"
    done = subprocess.run(
        [sys.executable, "-c", code, server.url], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        'ModuleNotFoundError: A shell needs IPython: pip install "gradioproxy[ipython]"'
    )


def test_a_shell_for_nothing_that_is_there() -> None:
    with pytest.raises(gp.ConnectError):
        start_shell(["http://127.0.0.1:1"], {})
