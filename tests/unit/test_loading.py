"""A module is loaded while something else is waited for, and whoever imports it has all of it."""

from __future__ import annotations

import importlib
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from gradioproxy.loading import loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = """
import {gate}
{gate}.reached.set()
assert {gate}.opened.wait(60)
value = 1
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a module that waits in the middle, and one that fails."""
    gate = tmp_path / "loading_gate.py"
    gate.write_text("import threading\nreached, opened = threading.Event(), threading.Event()\n")
    (tmp_path / "loading_slow.py").write_text(SLOW.format(gate="loading_gate"))
    (tmp_path / "loading_fails.py").write_text("raise ValueError('its own')")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("loading_gate", "loading_slow", "loading_fails"):
        sys.modules.pop(name, None)


def loaders() -> list[threading.Thread]:
    """Return the threads that load something."""
    return [thread for thread in threading.enumerate() if thread.name == "gradioproxy-load"]


@pytest.mark.usefixtures("modules")
def test_a_module_is_loaded_meanwhile() -> None:
    gate = importlib.import_module("loading_gate")
    with loading("loading_slow"):
        assert gate.reached.wait(60)
        gate.opened.set()
    assert "loading_slow" in sys.modules
    assert not loaders()
    assert importlib.import_module("loading_slow").value == 1


@pytest.mark.usefixtures("modules")
def test_what_is_wrong_with_a_module_is_told_to_who_imports_it() -> None:
    with loading("loading_fails"):
        pass
    with pytest.raises(ValueError, match="its own"):
        importlib.import_module("loading_fails")


@pytest.mark.usefixtures("modules")
def test_several_are_loaded_one_after_the_other() -> None:
    """One that fails is no reason to leave the next one out."""
    gate = importlib.import_module("loading_gate")
    gate.opened.set()
    with loading("loading_gate", "loading_fails", "loading_slow"):
        assert len(loaders()) <= 1
    assert "loading_slow" in sys.modules


def test_what_is_loaded_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Thread", None)
    with loading("json", "sys"):
        pass


@pytest.mark.usefixtures("modules")
def test_without_a_thread_it_is_loaded_when_it_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with loading("loading_slow"):
            pass
    importlib.import_module("loading_gate").opened.set()
    assert importlib.import_module("loading_slow").value == 1
