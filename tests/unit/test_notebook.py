"""Whether somebody looks at a notebook, and what is shown there in place."""

from __future__ import annotations

import contextvars
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from gradioproxy.notebook import Output, capture_cell, in_notebook, shows_media
from tests.support.notebook import ZMQInteractiveShell

if TYPE_CHECKING:
    import pytest


class Shell(ZMQInteractiveShell):
    """As Colab's, which is made from that of kernels."""


def run_in(monkeypatch: pytest.MonkeyPatch, shell: Any) -> None:
    """Let this IPython run the code."""
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_kernels_are_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one of somebody else's class; a terminal is none, and neither is plain Python."""
    run_in(monkeypatch, ZMQInteractiveShell())
    assert in_notebook()
    assert shows_media()
    run_in(monkeypatch, Shell())
    assert in_notebook()
    formatter = SimpleNamespace(active_types=["text/plain"])
    run_in(monkeypatch, SimpleNamespace(display_formatter=formatter))
    assert not in_notebook()
    assert not shows_media()
    run_in(monkeypatch, None)
    assert not in_notebook()
    assert shows_media()  # who asks for it then knows what for
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()
    assert shows_media()


def test_an_output_is_changed_in_place(notebook: ZMQInteractiveShell) -> None:
    first, second = Output({"text/plain": "1"}), Output({"text/plain": "a"})
    first.update({"text/plain": "2"})
    assert list(notebook.seen.values()) == [{"text/plain": "2"}, {"text/plain": "a"}]
    assert [update for _, _, update in notebook.published] == [False, False, True]
    del second


def test_an_output_belongs_to_its_cell(notebook: ZMQInteractiveShell) -> None:
    """Which a kernel keeps in a variable of the context; also where another thread changes it."""
    cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="none")
    seen: list[str] = []
    publish = notebook.publish

    def note(*arguments: Any, **options: Any) -> None:
        seen.append(cell.get())
        publish(*arguments, **options)

    notebook.publish = note  # type: ignore[method-assign]
    cell.set("first")
    output, context = Output({}), capture_cell()
    cell.set("second")
    thread = threading.Thread(target=output.update, args=({},))
    thread.start()
    thread.join()
    context.run(Output, {})
    assert seen == ["first"] * 3
