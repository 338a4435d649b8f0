"""What an app sends becomes what a caller gets: values, tuples, files, and nothing is lost."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis.strategies import booleans

from gradioproxy.errors import ProtocolError
from gradioproxy.files.file import File
from gradioproxy.functions.annotations import result_type
from gradioproxy.schema.limits import MAX_RESULT_DEPTH, MAX_VALUE_DEPTH
from gradioproxy.schema.shape import (
    ANYTHING,
    FILE,
    NULL,
    TEXT,
    Array,
    Dictionary,
    Field,
    FixedArray,
    Object,
    Reference,
    Shape,
    Union,
    parse_shape,
)
from gradioproxy.values.decode import Decoder, decode_value
from gradioproxy.values.markers import mark_server_texts
from gradioproxy.values.table import Table
from tests.support.schemas import endpoint, result, schemas, values
from tests.support.web_server import transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradioproxy.schema.endpoint import Endpoint

APP = transport_to("http://app.test")
MARKED = {"path": "/srv/a.png", "meta": {"_type": "gradio.FileData"}}
UNMARKED = {"path": "/srv/a.png", "orig_name": "a.png"}
OLD = {"name": "/srv/a.png", "data": None, "is_file": True}


def make_file(raw: Mapping[str, Any]) -> File:
    """Make a file of the app."""
    return File(raw, APP)


def decoded(made: Endpoint, *data: Any, copied: bool = True) -> Any:
    """Return what a call gives."""
    tuples: Any = result_type("f", made)
    decoder = Decoder(made, None if tuples is None else tuples._make, make_file)
    return decoder.decode(data, copy=copied)


def got(value: Any, shape: Shape | None = ANYTHING) -> Any:
    """Return what a caller gets of a value, with ``"<name>"`` for files."""
    return named(decode_value(value, shape, make_file))


def named(value: Any) -> Any:
    """Return a value with the names of its files in their places."""
    if isinstance(value, File):
        return f"<{value.name}>"
    if isinstance(value, dict):
        return {key: named(item) for key, item in value.items()}
    return [named(item) for item in value] if isinstance(value, list) else value


# How many.


def test_no_result_is_none() -> None:
    """A function without outputs returns nothing."""
    assert decoded(endpoint()) is None


def test_one_result_is_the_value() -> None:
    """A function with one output returns its value, and the right one among hidden ones."""
    made = endpoint(results=[result("Text")])
    assert decoded(made, "x") == "x"
    assert decoded(made, None) is None
    assert decoded(made, [1]) == [1]
    object.__setattr__(made.results[0], "index", 2)
    object.__setattr__(made, "outputs", 3)
    assert decoded(made, None, "hidden", "x") == "x"


def test_several_results_are_a_named_tuple() -> None:
    """Several outputs are a tuple with a field for each."""
    made = endpoint(results=[result("First"), result("Second word")])
    object.__setattr__(made.results[1], "index", 2)
    object.__setattr__(made, "outputs", 3)

    both = decoded(made, "a", "hidden", ["b"])

    assert both == ("a", ["b"])
    assert (both.First, both.Second_word) == ("a", ["b"])


@pytest.mark.parametrize(
    ("outputs", "came", "said"),
    [
        (0, ["x"], "1 value for no outputs"),
        (1, [], "no values for 1 output"),
        (1, ["x", "y"], "2 values for 1 output"),
        (2, ["x"], "1 value for 2 outputs"),
    ],
)
def test_values_that_are_not_one_for_each_output(outputs: int, came: list[Any], said: str) -> None:
    """Nothing is made up or left out: an answer that is not whole is no result."""
    made = endpoint(results=[result(f"R{n}") for n in range(outputs)])

    with pytest.raises(ProtocolError, match=f"The app sent {said}, so that nobody can tell"):
        decoded(made, *came)


def test_each_caller_gets_a_copy() -> None:
    """What one caller changes, another one doesn't see."""
    data = ({"a": [1]},)
    made = endpoint(results=[result("Any", ANYTHING)])

    first, second = decoded(made, *data), decoded(made, *data)
    first["a"].append(2)

    assert second == {"a": [1]} == data[0]


# Files.


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        (FILE, MARKED, "<a.png>"),
        (FILE, UNMARKED, "<a.png>"),
        (FILE, OLD, "<a.png>"),
        (FILE, None, None),
        (FILE, "data:image/png;base64,AAAA", "<file.png>"),
        (FILE, "text", "text"),
        (FILE, {"other": 1}, {"other": 1}),
        (FILE, {"path": None, "url": None}, {"path": None, "url": None}),
        (Union((FILE, NULL)), UNMARKED, "<a.png>"),
        (Union((NULL, FILE)), UNMARKED, "<a.png>"),
        (Union((NULL, FILE)), None, None),
        (Union((TEXT, FILE)), "data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
        (Array(FILE), [MARKED, UNMARKED, None], ["<a.png>", "<a.png>", None]),
        (FixedArray((TEXT, FILE)), ["x", UNMARKED, UNMARKED], ["x", "<a.png>", UNMARKED]),
        (Dictionary(FILE), {"a": UNMARKED}, {"a": "<a.png>"}),
        (
            Array(
                Union(
                    (
                        Object("Image", (Field("image", FILE, required=True),)),
                        Object("Video", (Field("video", FILE, required=True),)),
                    )
                )
            ),
            [{"image": UNMARKED, "caption": None}, {"video": UNMARKED}],
            [{"image": "<a.png>", "caption": None}, {"video": "<a.png>"}],
        ),
        (ANYTHING, {"a": [MARKED]}, {"a": ["<a.png>"]}),
        (ANYTHING, {"a": [UNMARKED]}, {"a": [UNMARKED]}),
        (ANYTHING, [[OLD, "caption"]], [["<a.png>", "caption"]]),
        (TEXT, MARKED, "<a.png>"),
        (None, {"a": [MARKED]}, {"a": [MARKED]}),
        (ANYTHING, {"path": 5, "meta": MARKED["meta"]}, {"path": 5, "meta": MARKED["meta"]}),
        (ANYTHING, {"meta": "text"}, {"meta": "text"}),
        (
            ANYTHING,
            {"__type__": "update", "value": MARKED, "visible": False},
            {"__type__": "update", "value": "<a.png>", "visible": False},
        ),
    ],
)
def test_files_are_found(shape: Shape | None, value: Any, expected: Any) -> None:
    """A file is one where it is marked as one or the schema says so, at any depth."""
    assert got(value, shape) == expected


def test_files_of_a_shape_that_contains_itself() -> None:
    """The same in a tree."""
    definitions: dict[str, Shape] = {}
    node = Reference("node", definitions)
    definitions["node"] = Union(
        (
            Object(
                "Node", (Field("file", FILE, required=False), Field("more", node, required=False))
            ),
            NULL,
        )
    )
    tree = {"file": None, "more": {"file": UNMARKED, "more": None}}

    assert got(tree, node) == {"file": None, "more": {"file": "<a.png>", "more": None}}


@pytest.mark.parametrize("component", ["Json", "JSON", "json"])
def test_what_a_json_component_shows_is_data(component: str) -> None:
    """JSON stays what it is, also where it looks like a file."""
    made = endpoint(results=[result("JSON", ANYTHING, component)])

    assert decoded(made, {"a": [MARKED, OLD]}) == {"a": [MARKED, OLD]}


def test_nothing_of_a_file_is_lost() -> None:
    """A file knows all that the server said of it."""
    raw = {**MARKED, "size": 5, "is_stream": False, "new key": [1]}

    assert decode_value(raw, FILE, make_file).raw == raw


@given(values, schemas, booleans())
def test_json_comes_through(value: Any, schema: Any, copied: bool) -> None:
    """Whatever the schema and the value: the value comes through, as a copy."""
    before = copy.deepcopy(value)
    came = decode_value(value, parse_shape(schema), dict, copy=copied)  # type: ignore[arg-type]

    if "data:" not in json.dumps(value):
        assert json.dumps(came) == json.dumps(before)
    assert json.dumps(value) == json.dumps(before)


@given(values, schemas)
def test_a_copy_has_nothing_of_what_came(value: Any, schema: Any) -> None:
    came = decode_value(value, parse_shape(schema), dict)  # type: ignore[arg-type]

    assert not {*map(id, containers(came))} & {*map(id, containers(value))}


def containers(value: Any) -> list[Any]:
    """Return all lists and objects in a JSON value, itself included."""
    inside = value.values() if isinstance(value, dict) else value
    found = [one for item in inside for one in containers(item)] if is_container(value) else []
    return [value, *found] if is_container(value) else []


def is_container(value: Any) -> bool:
    """Tell whether a JSON value has parts."""
    return isinstance(value, dict | list)


def test_too_deep() -> None:
    """A value that is nested absurdly is an error of the app, and an error of ours."""
    value: Any = []
    for _ in range(100_000):
        value = [value]
    made = endpoint(results=[result("Any", ANYTHING)])

    for copied in (True, False):
        with pytest.raises(ProtocolError, match="nested too deeply"):
            decoded(made, value, copied=copied)
    while value:
        value = value.pop()  # or Python would need its stack to free it


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}])
def test_how_deep_a_result_may_be(wrap: Callable[[Any], Any]) -> None:
    """It depends on neither Python's version nor who asks, and what comes can be kept."""
    value: Any = 1
    for _ in range(MAX_RESULT_DEPTH):
        value = wrap(value)
    made = endpoint(results=[result("Any", ANYTHING)])

    came = decoded(made, value)
    assert pickle.loads(pickle.dumps(came)) == copy.deepcopy(came) == value  # noqa: S301 - made here
    assert mark_server_texts(came) == value
    plain = endpoint(results=[result("Any", ANYTHING, "JSON")])
    assert decoded(plain, value, copied=False) is value
    for copied in (True, False):
        for deep in (made, plain):
            with pytest.raises(ProtocolError, match="nested too deeply"):
                decoded(deep, wrap(value), copied=copied)
    with pytest.raises(ProtocolError, match="nested too deeply"):
        Decoder(made, None, make_file).updates([{"__type__": "update", "value": wrap(value)}])


def test_what_is_said_of_a_file_is_no_deeper_than_what_is_sent() -> None:
    """It is kept as it came, and goes back to the app as it is."""
    said: Any = 1
    for _ in range(MAX_VALUE_DEPTH):
        said = [said]
    made = endpoint(results=[result("Any", FILE)])

    decoded(made, {**OLD, "more": said[0]})
    with pytest.raises(ProtocolError, match="nested too deeply"):
        decoded(made, {**OLD, "more": said})


TABLE = Object(
    "DataframeData",
    (Field("headers", Array(TEXT), required=True), Field("data", Array(ANYTHING), required=True)),
)


def test_tables_stay_dictionaries_that_can_more() -> None:
    """A table is what came, with a way to pandas; what is no table stays what it is."""
    sent = {"headers": ["a"], "data": [[1], [None]], "metadata": None}
    for shape in (TABLE, Union((TABLE, NULL))):
        table = decode_value(sent, shape, make_file)
        assert (table, type(table)) == (sent, Table)
        assert table.to_pandas().columns.tolist() == ["a"]
    tuples = decoded(endpoint(results=[result("x", TABLE), result("y", TABLE)]), sent, sent)
    assert [type(value) for value in (*copy.deepcopy(tuples), *tuples)] == [Table] * 4
    update = {"__type__": "update", "headers": ["a"], "visible": False}
    assert type(decode_value(update, TABLE, make_file)) is dict
    assert type(decode_value(sent, ANYTHING, make_file)) is dict


def test_a_file_with_its_content_in_it() -> None:
    """As Gradio 3 sends subtitles: no path, but a URL with the content."""
    raw = {"name": None, "data": "data:text/vtt;base64,V0VCVlRU", "is_file": False}
    shape = FixedArray((FILE, Union((FILE, NULL))))
    video, titles = decode_value([OLD, raw], shape, make_file)

    assert (video.name, titles.name) == ("a.png", "file.vtt")
    assert titles.bytes() == b"WEBVTT"
    assert got({**raw, "name": "a.vtt"}, FILE) == "<file.vtt>"
    assert got(raw) == raw
    assert got([OLD, None], shape) == ["<a.png>", None]
