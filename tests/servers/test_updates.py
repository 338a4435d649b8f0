"""Updates of components, as real apps send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers


# With real servers.


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that returns updates."""
    return gradio(version, "updated")


def test_what_an_update_holds_comes_back(app: gp.Session) -> None:
    """The value is what the annotation says, by whichever way the app's Gradio makes an update."""
    assert app.text("x") == app.kind("x") == "x"
    assert app.number(3) == 3
    assert app.empty() is None
    assert app.file("content").bytes() == b"content"
    assert app.picked() == "extra"
    assert app.data("x") == ["x"]


def test_what_an_update_holds_besides(app: gp.Session) -> None:
    """A job has all of it, and an update without a value is the result."""
    shown = {"__type__": "update", "visible": True}
    assert app.shown() == shown
    job = app.picked.submit()
    assert job.result() == "extra"
    assert job.updates[0] is not None
    assert job.updates[0]["value"] == "extra"
    assert len(job.updates[0]["choices"]) == 2

    job = app.several.submit("x")
    result = job.result()
    assert result[:3] == ("x", shown, "x")
    assert job.updates[:3] == ({"__type__": "update", "value": "x"}, shown, None)
    assert job.updates.Made["value"].bytes() == result.Made.bytes() == b"x"  # type: ignore[attr-defined]


def test_updates_that_are_partial_results(app: gp.Session) -> None:
    """Each is a value, as long as it has one, and the job has the last."""
    stream = app.steps.stream("x")
    assert stream.job.updates == (None,)
    assert list(stream) == ["x 1", {"__type__": "update", "visible": True}, "x 2"]
    assert stream.job.updates == (None,)
    assert app.steps("x") == "x 2"


def test_files_that_follow_each_other(app: gp.Session) -> None:
    """Each is another file, whichever part of it the server says anew."""
    files = list(app.files.stream("x"))
    assert [file.bytes() for file in files] == [f"x {number}".encode() for number in range(4)]
    assert app.files("y").bytes() == b"y 3"


def test_updates_that_are_passed_on(app: gp.Session) -> None:
    """A result goes into another function, and an update stands for what the page would have."""
    assert app.read(app.file("content")) == "content"
    job = app.file.submit("again")
    job.result()
    assert app.read(job.updates[0]) == "again"
    # The dropdown shows what it showed before.
    assert app.chosen(app.models()) == "chosen base"
    with pytest.raises(gp.ArgumentError, match="it takes a value, which this update"):
        app.read(app.shown())


@pytest.mark.since("4.44", "before 4.44 an update's samples have no files")
def test_files_beside_the_value_of_an_update(app: gp.Session) -> None:
    """They stay as they came, and mean the app's own files where they are passed."""
    [[sample]] = app.samples("content")["samples"]

    assert type(sample) is dict
    assert app.read(sample) == "content"
    assert app.uploads == []


def test_a_component_that_is_left_alone(app: gp.Session) -> None:
    """``gr.skip()`` is an update that changes nothing."""
    if "skipped" in app:
        assert app.skipped() == {"__type__": "update"}
