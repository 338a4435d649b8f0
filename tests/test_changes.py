"""Updates of components: what they hold is a result like any other, and all of them can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

import gradioproxy as gp
from gradioproxy.files.file import File
from gradioproxy.functions.annotations import result_type
from gradioproxy.schema.endpoint import Result
from gradioproxy.schema.shape import FILE, NUMBER, TEXT, Array
from gradioproxy.values.decode import Decoder
from tests.descriptions import endpoint, values
from tests.web import transport_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers import Server
    from tests.servers.running import RunningServers

APP = transport_to("http://app.test")
FILE_DATA = {"path": "/srv/a.png", "orig_name": "a.png", "url": None}
UNCHANGED = {"__type__": "update", "visible": True}


def decoder(*kinds: tuple[str, Any]) -> Decoder:
    """Return what reads the results of a function with these components and shapes."""
    results = [Result(f"R{n}", kind, shape, n) for n, (kind, shape) in enumerate(kinds)]
    made = endpoint(results=results)
    tuples: Any = result_type("f", made)

    def make_file(raw: Mapping[str, Any]) -> File:
        return File(raw, APP)

    return Decoder(made, None if tuples is None else tuples._make, make_file)


def changed(**changes: Any) -> dict[str, Any]:
    """Return an update as servers send it."""
    return {"__type__": "update", **changes}


@pytest.mark.parametrize(
    ("kind", "shape", "value"),
    [
        ("Textbox", TEXT, "x"),
        ("Textbox", TEXT, None),
        ("Number", NUMBER, 0),
        ("Json", NUMBER, {"__type__": "update", "value": 1}),
        ("Odd", TEXT, {"a": [1]}),
    ],
)
def test_the_value_of_an_update_is_the_result(kind: str, shape: Any, value: Any) -> None:
    """Whatever it is, and whatever else the update says."""
    came = changed(value=value, visible=False, choices=[["a", "b"]])
    made = decoder((kind, shape))

    assert made.decode([came]) == value
    assert made.updates([came]) == (came,)


def test_an_update_without_a_value_is_what_it_is() -> None:
    """Nothing that the app says is lost, and nobody's value is made up."""
    for came in (UNCHANGED, changed()):
        assert decoder(("Textbox", TEXT)).decode([came]) == came
        assert decoder(("Textbox", TEXT)).updates([came]) == (came,)


def test_files_of_updates() -> None:
    """What is a file by its shape is one in an update as well, marked or not."""
    made = decoder(("File", FILE), ("Gallery", Array(FILE)))
    data = [changed(value=FILE_DATA), changed(value=[FILE_DATA], selected_index=0)]

    first, second = made.decode(data)
    assert isinstance(first, File)
    assert [type(one) for one in second] == [File]
    updates: Any = made.updates(data)
    assert {"__type__": "update", "value": first} == updates.R0
    assert updates.R1["selected_index"] == 0
    assert isinstance(updates.R1["value"][0], File)


def test_values_beside_updates() -> None:
    """Fields of a tuple are values or updates, each on its own."""
    made = decoder(("Textbox", TEXT), ("Textbox", TEXT), ("Textbox", TEXT))
    data = ["plain", changed(value="new"), UNCHANGED]

    assert made.decode(data) == ("plain", "new", UNCHANGED)
    assert made.updates(data) == (None, data[1], UNCHANGED)
    assert made.updates(data)._fields == made.decode(data)._fields  # type: ignore[attr-defined]
    assert made.updates([]) == (None, None, None)


@given(values)
def test_any_update(value: Any) -> None:
    """Whatever a server calls an update is read."""
    made = decoder(("File", FILE))
    for came in (changed(value=value), changed(other=value), {"__type__": value}):
        made.decode([came])
        made.updates([came])


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
