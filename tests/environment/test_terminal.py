"""IPython on a real terminal, and a notebook's kernel."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

import pexpect
import pyte
import pytest
from jupyter_client.manager import start_new_kernel

from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COLUMNS, LINES = 80, 120
PATIENCE = 60

CLEAR = "\x15"  # Ctrl-U


class Terminal:
    """IPython on a terminal of eighty columns, as a person sees it."""

    def __init__(self, folder: Path, *options: str) -> None:
        screen: Any = pyte.Screen(COLUMNS, LINES)
        self._screen = screen
        self._stream = pyte.Stream(screen)
        self._process = pexpect.spawn(
            sys.executable,
            [
                *("-m", "IPython", "--no-banner", "--no-confirm-exit", "--no-pdb"),
                *("--HistoryManager.enabled=False", "--no-automagic", *options),
            ],
            # Not where files are that completion would offer.
            cwd=str(folder),
            dimensions=(LINES, COLUMNS),
            encoding="utf-8",
            env={
                **os.environ,
                "IPYTHONDIR": str(folder),
                "PAGER": "cat",
                # It would ask where the cursor is, and take a late answer for another prompt's.
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "TERM": "xterm",
            },
        )
        self._process.delaybeforesend = None
        # A program asks the terminal where the cursor is.
        screen.write_process_input = self._process.send
        try:
            self.wait(lambda lines: lines[-1] == "In [1]:")
        except BaseException:
            self.close()
            raise

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return str("\n".join(line.rstrip() for line in self._screen.display)).rstrip().split("\n")

    def wait(self, shown: Callable[[list[str]], bool]) -> list[str]:
        """Read until the screen shows something; return its lines."""
        deadline = time.monotonic() + PATIENCE
        try:
            while not shown(self.lines):
                left = max(0, deadline - time.monotonic())
                self._stream.feed(self._process.read_nonblocking(4096, timeout=left))
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            raise AssertionError("\n".join(["the screen at the end:", *self.lines])) from error
        return self.lines

    def press(self, keys: str) -> None:
        """Press keys."""
        self._process.send(keys)

    def run(self, code: str, number: int) -> list[str]:
        """Run code as the input of that number, and return what the screen shows then."""
        self.press(f"{code}\r")
        return self.wait(lambda lines: lines[-1] == f"In [{number + 1}]:")

    def close(self) -> None:
        """End it."""
        self._process.close(force=True)


@pytest.fixture(params=["True", "False"], ids=["jedi", "no jedi"])
def terminal(request: pytest.FixtureRequest, web: Web, tmp_path: Path) -> Iterator[Terminal]:
    """Give a terminal whose ``app`` is connected, with jedi and without."""
    serve_app(web, "first", "second_one")
    terminal = Terminal(tmp_path, f"--Completer.use_jedi={request.param}")
    try:
        terminal.run("import gradioproxy as gp", 1)
        terminal.run(f"app = gp.connect('{web.url}')", 2)
        yield terminal
    finally:
        terminal.close()


def test_at_a_terminal(terminal: Terminal) -> None:
    """Tab completes functions and parameters; question marks show help and source."""
    terminal.press("app.\t")
    menu = " ".join(terminal.wait(lambda lines: "second_one" in lines[-1]))
    assert "first" in menu
    assert "close" not in menu
    terminal.press(CLEAR)
    terminal.wait(lambda lines: lines[-1] == "In [3]:")

    terminal.press("app.sec\t")
    terminal.wait(lambda lines: "In [3]: app.second_one" in lines[-1])
    terminal.press("(te\t")
    terminal.wait(lambda lines: "In [3]: app.second_one(text=" in lines[-1])
    terminal.press(CLEAR)
    terminal.wait(lambda lines: lines[-1] == "In [3]:")

    shown = terminal.run("app.first?", 3)
    assert "Signature: app.first(text: str) -> str" in shown
    assert "Args:" in shown
    assert "    text (str): A textbox." in shown
    assert not any(line.startswith("Source:") for line in shown)
    shown = terminal.run("app.first??", 4)
    assert "def first(text: str) -> str:" in shown
    assert any(line.startswith("    return ") for line in shown)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give the client of a notebook's kernel."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_in_a_notebook(kernel: Any, web: Web) -> None:
    """A notebook completes and inspects functions, and shows a session as a table."""
    serve_app(web, "first", "second_one")
    shown: list[dict[str, Any]] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_result":
            shown.append(message["content"]["data"])

    kernel.execute_interactive(
        f"import gradioproxy as gp; app = gp.connect('{web.url}'); app",
        timeout=PATIENCE,
        output_hook=note,
    )
    [data] = shown
    assert "<code>second_one(text) -&gt; str</code>" in data["text/html"]
    assert data["text/plain"].startswith("<Session 127.0.0.1:")

    found = kernel.complete("app.", reply=True, timeout=PATIENCE)["content"]["matches"]
    assert {name.rpartition(".")[2] for name in found} == {"first", "second_one"}
    found = kernel.complete("app.first(te", reply=True, timeout=PATIENCE)["content"]["matches"]
    assert found == ["text="]
    for detail, part in ((0, "A textbox."), (1, "def first(text: str) -> str:")):
        content = kernel.inspect("app.first", detail_level=detail, reply=True, timeout=PATIENCE)
        text = content["content"]["data"]["text/plain"]
        assert part in re.sub(r"\x1b\[[\d;]*m", "", text)
