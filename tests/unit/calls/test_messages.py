"""What an app says to people, in a notebook."""

from __future__ import annotations

import contextvars
import gc
import logging
import threading
import weakref
from typing import Any

import pytest

from gradioproxy.calls.messages import MOST_TOLD
from gradioproxy.protocols.events import Cancelled, Completed, Failed, Logged
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.scripted_peer import SECONDS, make_job, record_of, tell


def take_handlers_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody have asked for log lines, as pytest does when a test begins."""
    log = logging.getLogger("gradioproxy")
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "handlers", [])
    assert not log.hasHandlers()


def pages(notebook: ZMQInteractiveShell) -> list[str]:
    """Return the texts that are to be seen."""
    return [read_page(data["text/html"]) for data in notebook.seen.values()]


def test_a_message_is_shown_as_what_it_is(
    notebook: ZMQInteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And is not written where notebooks show errors."""
    take_handlers_away(monkeypatch)
    job = make_job(name="f")
    tell(job, Logged("warning", "hot", None), Logged("info", "cold", "News"), Completed((1,)))
    assert pages(notebook) == ["f: Warning hot", "f: News cold"]
    assert next(iter(notebook.seen.values()))["text/plain"] == "Warning: hot"
    assert capsys.readouterr().err == ""


def test_without_a_notebook_python_writes_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_handlers_away(monkeypatch)
    tell(make_job(name="f"), Logged("warning", "hot", None))
    assert capsys.readouterr().err == "f: hot\n"


def test_who_asks_for_log_lines_gets_them(
    notebook: ZMQInteractiveShell, caplog: pytest.LogCaptureFixture
) -> None:
    tell(make_job(name="f"), Logged("warning", "hot", None))
    assert caplog.messages == ["f: hot"]
    assert pages(notebook) == ["f: Warning hot"]


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_nothing_but_text(notebook: ZMQInteractiveShell, text: str) -> None:
    tell(make_job(name="f"), Logged(text, text, text))
    assert len(pages(notebook)) == 1


def test_a_call_that_says_a_lot(notebook: ZMQInteractiveShell) -> None:
    job = make_job(name="f")
    tell(job, *[Logged("info", str(number), None) for number in range(MOST_TOLD + 50)])
    assert len(pages(notebook)) == MOST_TOLD + 1
    assert pages(notebook)[-1] == "… and more messages, which are not shown"


def test_a_cell_that_makes_many_calls(notebook: ZMQInteractiveShell) -> None:
    """Has so many messages in all; the next one has its own."""
    for number in range(MOST_TOLD + 50):
        tell(make_job(name="f"), Logged("info", str(number), None), Completed((1,)))
    assert len(pages(notebook)) == MOST_TOLD + 1
    notebook.cell += " and the next"
    tell(make_job(name="f"), Logged("info", "of the next", None), Completed((1,)))
    assert pages(notebook)[MOST_TOLD + 1 :] == ["f: Info of the next"]
    notebook.get_parent = None  # type: ignore[assignment,method-assign]
    for _ in range(2):  # a kernel that says nothing of its cells
        job = make_job(name="f")
        tell(job, *[Logged("info", "x", None) for _ in range(MOST_TOLD + 50)])
    assert len(pages(notebook)) == MOST_TOLD + 2 + 2 * (MOST_TOLD + 1)


def test_a_message_belongs_to_the_cell_that_made_the_call(notebook: ZMQInteractiveShell) -> None:
    """Whatever runs when it comes, and on whichever thread; kernels keep that in a variable."""
    cell: contextvars.ContextVar[str] = contextvars.ContextVar("cell", default="none")
    seen: list[str] = []
    publish = notebook.publish

    def note(*arguments: Any, **options: Any) -> None:
        seen.append(cell.get())
        publish(*arguments, **options)

    notebook.publish = note  # type: ignore[method-assign]
    cell.set("first")
    job = make_job()
    cell.set("second")
    tell(job, Logged("info", "one", None))
    thread = threading.Thread(target=tell, args=(job, Logged("info", "two", None)))
    thread.start()
    thread.join(SECONDS)
    assert seen == ["first", "first"]


class Held:
    """Something that a cell has in its context."""


@pytest.mark.usefixtures("notebook")
def test_a_call_that_is_over_holds_nothing_of_its_cell() -> None:
    """A session remembers thousands of them."""
    variable: contextvars.ContextVar[Held] = contextvars.ContextVar("held")

    def begin() -> tuple[Any, weakref.ref[Held]]:
        variable.set(held := Held())
        return make_job(), weakref.ref(held)

    for end in (Completed((1,)), Failed("it broke"), Cancelled()):
        job, held = contextvars.Context().run(begin)
        tell(job, Logged("info", "one", None))
        assert held() is not None
        tell(job, end)
        gc.collect()
        assert held() is None
    job, held = contextvars.Context().run(begin)
    job.cancel()
    gc.collect()
    assert held() is None


def test_a_message_that_comes_while_the_job_is_shown_is_seen_once(
    notebook: ZMQInteractiveShell,
) -> None:
    """By the time it is published, what was shown before it may have been taken back."""
    job = make_job(name="f")
    publish = notebook.publish

    def take_back_first(*arguments: Any, **options: Any) -> None:
        notebook.publish = publish  # type: ignore[method-assign]
        record_of(job).show_with_messages()
        publish(*arguments, **options)

    notebook.publish = take_back_first  # type: ignore[method-assign]
    tell(job, Logged("info", "one", None), Logged("info", "two", None))
    assert pages(notebook) == [""]


def test_what_shows_the_job_shows_its_messages(notebook: ZMQInteractiveShell) -> None:
    """Also those that came before; they are seen once."""
    job = make_job(name="f")
    tell(job, Logged("info", "one", None))
    job._ipython_display_()
    notebook.wait(lambda seen: "one" in str(list(seen.values())[1]))
    tell(job, Logged("info", "two", None), Completed((1,)))
    notebook.wait(lambda seen: "finished" in str(list(seen.values())[1]))
    first, second = pages(notebook)
    assert (first, second) == ("", "f finishedInfo oneInfo two1")


def test_a_kernel_that_ends_ends_no_call(notebook: ZMQInteractiveShell) -> None:
    notebook.fails = True
    job = make_job()
    tell(job, Logged("info", "one", None), Completed((1,)))
    assert job.result() == 1
