"""A call in a notebook: shown in place, from its beginning to its end."""

from __future__ import annotations

import base64
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from gradioproxy.calls import display
from gradioproxy.calls.progress import show
from gradioproxy.calls.stream import Stream
from gradioproxy.errors import JobCancelled
from gradioproxy.files.call_files import CallFiles
from gradioproxy.progress_bar import NotebookBar
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
from gradioproxy.schema.shape import FILE
from gradioproxy.values.decode import Decoder
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page
from tests.support.schemas import endpoint, result
from tests.support.scripted_peer import SECONDS, make_job, record_of, tell
from tests.support.web_server import Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.calls.job import Job


def build_picture() -> bytes:
    """Return a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(buffer, "PNG")
    return buffer.getvalue()


PNG = build_picture()


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
    see(notebook, "running: working  3/4 steps")
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


def test_a_picture_of_a_plot_is_beside_the_rest() -> None:
    """A page shows the HTML of a job, and no picture next to it."""
    job = make_job()
    encoded = base64.b64encode(PNG).decode()
    plot = {"type": "matplotlib", "plot": f"data:image/png;base64,{encoded}"}
    tell(job, Logged("info", "drawn", None), Yielded((plot,)))
    assert f"<img src='data:image/png;base64,{encoded}'" in job._repr_mimebundle_()["text/html"]
    tell(job, Completed((plot,)))
    bundle = job._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/html"}
    assert f"<img src='data:image/png;base64,{encoded}'" in bundle["text/html"]
    assert page_of(job) == "predict finishedInfo drawn"


# Files among partial results.


def picture_job(web: Web, folder: Path | None = None) -> Job[Any]:
    """Return the job of a call whose results are files, of which the server has ``a`` and ``b``."""
    for name in "ab":
        web.on(f"/file=/{name}.png", Reply(body=PNG))
    files = CallFiles(transport_to(web), "", folder, lambda task: task())
    made = endpoint(results=[result("Image", component="Image", shape=FILE)])
    return make_job(files=files, decoder=Decoder(made, None, files.make_file))


def test_a_file_of_a_partial_result_is_fetched_once(
    notebook: ZMQInteractiveShell, web: Web, tmp_path: Path
) -> None:
    """However often the call says where it is, or yields it; and not to where downloads go."""
    job = picture_job(web, tmp_path)
    job._ipython_display_()
    for name, total in (("a", 4), ("a", 5), ("b", 6)):
        tell(job, Yielded(({"path": f"/{name}.png"},)))
        for index in range(3):
            tell(job, Progressed((Unit(index, total, "steps", None, "at"),)))
            see(notebook, f" {index}/{total} steps")
    assert "<img" in next(iter(notebook.seen.values()))["text/html"]
    tell(job, Completed(({"path": "/b.png"},)))
    see(notebook, "predict finished")
    assert "<img" in next(iter(notebook.seen.values()))["text/html"]
    assert web.paths() == ["/file=/a.png", "/file=/b.png"]
    assert list(tmp_path.iterdir()) == []


def test_a_partial_result_is_drawn_once(notebook: ZMQInteractiveShell) -> None:
    """A call may report its progress a thousand times between two of them."""
    decoded: list[Any] = []

    def decode(data: Any) -> Any:
        decoded.append(data[0])
        return data[0]

    job = make_job(decode=decode)
    job._ipython_display_()
    for value in ("one", "two"):
        tell(job, Yielded((value,)))
        for index in range(3):
            tell(job, Progressed((Unit(index, 3, value, None, "at"),)))
            see(notebook, f" {index}/3 {value}", value)
    assert decoded == ["one", "two"]
    tell(job, Completed(("three",)))
    see(notebook, "finished", "three")


def test_who_looks_at_what_runs_waits_for_nothing(notebook: ZMQInteractiveShell, web: Web) -> None:
    """The cell goes on at once, whatever the server does; the picture follows."""
    job = picture_job(web)
    go_on = threading.Event()

    def answer(exchange: Exchange) -> None:
        exchange.receive()
        assert go_on.wait(SECONDS)
        exchange.start()
        for part in (PNG, b""):
            exchange.chunk(part)

    web.on("/file=/a.png", answer)
    tell(job, Yielded(({"path": "/a.png"},)))
    assert "not shown: it was not fetched" in page_of(job)
    assert web.requests == []
    job._ipython_display_()
    assert "not shown: it was not fetched" in read_page(notebook.published[0][0]["text/html"])
    go_on.set()
    notebook.wait(lambda seen: "<img" in next(iter(seen.values()))["text/html"])
    tell(job, Completed(({"path": "/a.png"},)))
    see(notebook, "finished")
    for thread in watchers():
        thread.join(SECONDS)


def test_a_stream_of_sound_is_not_waited_for(notebook: ZMQInteractiveShell, web: Web) -> None:
    """Before Gradio 5 it ends with its call; it is shown when it is here."""
    job = picture_job(web)
    sound = {"path": "hash/1/7", "is_stream": True, "orig_name": "a.wav", "mime_type": "audio/wav"}
    tell(job, Yielded((sound,)))
    job._ipython_display_()
    see(notebook, "audio 'a.wav', not shown: it was not fetched")
    web.on("/stream/hash/1/7", Reply(body=b"RIFF\xff\xff\xff\xffWAVEfmt "))
    tell(job, Completed((sound,)))
    see(notebook, "predict finished")
    assert "<audio" in next(iter(notebook.seen.values()))["text/html"]


def test_a_stream_of_partial_results_shows_itself() -> None:
    """As where its call is; nothing is taken from it, and nothing changes."""
    job = make_job(name="f")
    stream = Stream(job)
    tell(job, Progressed((Unit(1, 2, "steps", None, HOSTILE[0]),)), Yielded(("one",)))
    for _ in range(2):
        bundle = stream._repr_mimebundle_()
        assert bundle["text/plain"] == "<Stream of <Job f running>>"
        assert read_page(bundle["text/html"]) == f"f running: {HOSTILE[0]}  1/2 steps"
    tell(job, Completed(("one",)))
    assert read_page(stream._repr_mimebundle_()["text/html"]) == "f finished"
    assert list(stream) == ["one"]


def test_on_a_terminal_a_stream_is_its_text(notebook: ZMQInteractiveShell) -> None:
    notebook.display_formatter.active_types = ["text/plain"]
    stream = Stream(make_job(name="f"))
    assert stream._repr_mimebundle_() == {"text/plain": "<Stream of <Job f pending>>"}
    stream.close()


def test_what_can_not_be_decoded_is_told() -> None:
    """A display is no place for a traceback."""

    def decode(_: Any) -> Any:
        raise ValueError("no <value>")

    job = make_job(decode=decode)
    tell(job, Yielded((1,)))
    assert "not shown: no <value>" in page_of(job)


def test_secrets_that_an_app_says_again_are_not_shown() -> None:
    """In what it says to people, in its progress, and in what is wrong with its values."""

    def decode(data: Any) -> Any:
        raise ValueError(f"no {data}")

    def hide(text: str) -> str:
        return text.replace("hf_secret", "…")

    job = make_job(decode=decode)
    record_of(job).request.transport.hide = hide  # type: ignore[method-assign]
    tell(job, Logged("info", "got hf_secret", "hf_secret"))
    for unit in (
        Unit(1, 2, "hf_secret", None, "with hf_secret"),
        Unit(None, None, None, 0.5, "with hf_secret"),
        Unit(None, None, None, None, "with hf_secret"),
    ):
        tell(job, Progressed((unit,)))
        assert "with …" in page_of(job)
        assert "hf_secret" not in str(job._repr_mimebundle_())
        bar = NotebookBar()
        show(bar, job.status, hide)
        assert "hf_secret" not in str(bar._render())
    tell(job, Yielded(("hf_secret",)))
    assert "not shown: no" in page_of(job)
    assert "hf_secret" not in str(job._repr_mimebundle_())


def test_a_share_that_is_none() -> None:
    """A server may say more than all, or less than nothing."""
    for fraction, shown in ((1e308, "100%"), (-1e308, "0%"), (0.25, "25%")):
        job = make_job()
        tell(job, Progressed((Unit(None, None, None, fraction, "at"),)))
        assert page_of(job) == f"predict running: at  {shown}"


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
