"""What an app says to people, in a notebook."""

from __future__ import annotations

import logging

import pytest

from gradioproxy.calls.messages import MOST_TOLD
from gradioproxy.protocols.events import Completed, Logged
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.scripted_peer import make_job, tell


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
