"""IPython on a real terminal, and a notebook's kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import start_new_kernel

from tests.support.terminal import CLEAR, PATIENCE, Terminal
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
