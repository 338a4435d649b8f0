"""Updates of components: what they hold is a result like any other, and all of them can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from gradioproxy.files.file import File
from gradioproxy.functions.annotations import result_type
from gradioproxy.schema.endpoint import Result
from gradioproxy.schema.shape import FILE, NUMBER, TEXT, Array
from gradioproxy.values.decode import Decoder
from tests.support.schemas import endpoint, values
from tests.support.web_server import transport_to

if TYPE_CHECKING:
    from collections.abc import Mapping


APP = transport_to("http://app.test")
FILE_DATA = {"path": "/srv/a.png", "orig_name": "a.png", "url": None}
UNCHANGED = {"__type__": "update", "visible": True}


def decoder(*kinds: tuple[str, Any]) -> Decoder:
    """Return what reads the results of a function with these components and shapes."""
    results = [
        Result(f"R{n}", kind, kind.lower(), shape, n) for n, (kind, shape) in enumerate(kinds)
    ]
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
