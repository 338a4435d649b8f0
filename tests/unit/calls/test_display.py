"""A call in a notebook: shown in place, from its beginning to its end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gradioproxy.calls import display
from gradioproxy.errors import JobCancelled
from gradioproxy.protocols.events import (
    Completed,
    Failed,
    Logged,
    Progressed,
    Queued,
    Started,
    Unit,
    Yielded,
)
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.scripted_peer import make_job, record_of, tell


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change what is shown whenever something happens."""
    monkeypatch.setattr(display, "_PAUSE", 0)


def page_of(job: Any) -> str:
    """Return the text of what is shown of a job now."""
    return read_page(job._repr_mimebundle_()["text/html"])


def see(notebook: ZMQInteractiveShell, *parts: str) -> None:
    """Wait until the first output has these texts."""

    def has(seen: dict[str, Any]) -> bool:
        text = read_page(next(iter(seen.values()))["text/html"])
        return all(part in text for part in parts)

    notebook.wait(has)


def watchers() -> list[threading.Thread]:
    """Return the threads that show jobs."""
    return [each for each in threading.enumerate() if "display" in each.name]


def test_a_job_is_followed_in_place(notebook: ZMQInteractiveShell) -> None:
    """Its stage, its bar, what the app says, its latest partial result; then its result."""
    job = make_job()
    job._ipython_display_()
    see(notebook, "predict pending")
    tell(job, Queued(2, 3, 4.0))
    see(notebook, "queued, 2 before it, about 4 s")
    tell(job, Started(9.0))
    see(notebook, "running, about 9 s")
    tell(job, Progressed((Unit(3, 4, "steps", None, "working"),)))
    see(notebook, "running: working 3/4 steps")
    tell(job, Logged("warning", "careful", None))
    see(notebook, "Warning careful")
    tell(job, Yielded(("one",)))
    see(notebook, "one")
    tell(job, Yielded(("two",)), Completed(("two",)))
    see(notebook, "predict finished", "two")
    assert len(notebook.seen) == 1  # messages are there, and nowhere else
    assert [update for _, _, update in notebook.published][:2] == [False, True]
    for thread in watchers():
        thread.join(60)
    assert watchers() == []
    with pytest.raises(NotImplementedError):
        job._ipython_display_()
    assert page_of(job) == "predict finishedWarning carefultwo"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_the_app_is_more_than_text(text: str) -> None:
    job = make_job(name="f")
    units = (Unit(1, 2, text, 0.5, text), Unit(None, None, None, 0.5, text))
    for unit in units:
        tell(job, Progressed((unit,)))
        page_of(job)
    tell(job, Logged(text, text, text), Yielded((text,)))
    assert job._repr_mimebundle_()["text/plain"].startswith("<Job f running>")
    page_of(job)
    tell(job, Failed(text))
    page_of(job)


def test_how_jobs_end() -> None:
    failed, cancelled, nothing = make_job(), make_job(), make_job()
    tell(failed, Failed("it broke"))
    assert "predict failedAppError it broke" in page_of(failed)
    cancelled.cancel()
    assert page_of(cancelled) == "predict cancelled"
    with pytest.raises(JobCancelled):
        cancelled.result()
    tell(nothing, Completed((None,)))
    assert page_of(nothing) == "predict finished"


def test_a_plot_is_drawn_by_its_library() -> None:
    job = make_job()
    tell(job, Completed(({"type": "plotly", "plot": {"data": [], "layout": {}}},)))
    bundle = job._repr_mimebundle_()
    assert bundle["application/vnd.plotly.v1+json"] == {"data": [], "layout": {}}
    assert read_page(bundle["text/html"]).startswith("predict finished")


def test_what_can_not_be_decoded_is_told() -> None:
    """A display is no place for a traceback."""

    def decode(_: Any) -> Any:
        raise ValueError("no <value>")

    job = make_job(decode=decode)
    tell(job, Yielded((1,)))
    assert "not shown: no <value>" in page_of(job)


def test_secrets_that_an_app_says_again_are_not_shown() -> None:
    """In what it says to people."""
    job = make_job()
    record_of(job).request.transport.hide = lambda text: text.replace("hf_secret", "…")  # type: ignore[method-assign]
    tell(job, Logged("info", "got hf_secret", "hf_secret"))
    assert "hf_secret" not in str(job._repr_mimebundle_())


def test_so_many_jobs_are_followed(
    notebook: ZMQInteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Further ones are shown as they are, and say so; those that end make room."""
    monkeypatch.setattr(display, "MOST_WATCHED", 2)
    jobs = [make_job() for _ in range(3)]
    for job in jobs:
        job._ipython_display_()
    assert len(watchers()) == 2
    last = list(notebook.seen.values())[-1]
    assert "2 other jobs are followed" in read_page(last["text/html"])
    for job in jobs:
        tell(job, Completed(("x",)))
    for thread in watchers():
        thread.join(60)
    job = make_job()
    job._ipython_display_()
    assert len(watchers()) == 1
    tell(job, Completed(("x",)))


def test_a_kernel_that_ends_ends_no_call(notebook: ZMQInteractiveShell) -> None:
    job = make_job()
    job._ipython_display_()
    notebook.fails = True
    tell(job, Logged("info", "x", None))
    for thread in watchers():
        thread.join(60)
    tell(job, Completed(("x",)))
    assert job.result() == "x"
    assert watchers() == []


def test_without_a_notebook_nothing_is_followed(notebook: ZMQInteractiveShell) -> None:
    """IPython on a terminal shows what it shows of everything."""
    notebook.display_formatter.active_types = ["text/plain"]
    job = make_job()
    assert job._repr_mimebundle_() == {"text/plain": repr(job)}
    type(notebook).__name__ = "TerminalInteractiveShell"
    try:
        with pytest.raises(NotImplementedError):
            job._ipython_display_()
    finally:
        type(notebook).__name__ = "ZMQInteractiveShell"
    assert watchers() == []
