"""What a caller passes becomes what the component expects, or an error with all that is wrong."""

from __future__ import annotations

import collections
import contextlib
import copy
import datetime as dt
import decimal
import enum
import errno
import fractions
import io
import itertools
import json
import math
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import PIL.Image
import pytest
from hypothesis import given

from gradioproxy.errors import ArgumentError, FileNotSaved, FileTooLarge, MissingFile
from gradioproxy.files.blanks import BlankSource
from gradioproxy.files.file import File
from gradioproxy.files.filedata import NameWriter, Upload, UploadWriter
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.limits import MAX_VALUE_DEPTH
from gradioproxy.schema.match import part_of
from gradioproxy.schema.release import NEWEST, Release
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Reference,
    Scalar,
    Shape,
    Union,
    parse_shape,
)
from gradioproxy.text import short_repr
from gradioproxy.values.choices import describe_choices
from gradioproxy.values.encode import Encoder
from gradioproxy.values.markers import Untrusted, file
from tests.support.schemas import endpoint, parameter, schemas, values
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.files.payload import Payload
    from gradioproxy.schema.endpoint import Parameter
    from tests.support.disks import FailingDisk

APP = transport_to("http://app.test")
OTHER = transport_to("http://other.test")
MARK = {"_type": "gradio.FileData"}


def payload_of(value: Any, shape: Shape = ANYTHING, **facts: Any) -> Payload:
    """Return the payload of a call with one argument."""
    return payload_of_all([parameter("x", shape, **facts)], {"x": value})


def payload_of_all(
    parameters: list[Parameter],
    arguments: dict[str, Any],
    defaults: frozenset[str] = frozenset(),
    release: tuple[float, ...] = NEWEST.numbers,
    **options: Any,
) -> Payload:
    """Return the payload of a call."""
    encoder = Encoder(APP, Release(release), **options)
    return encoder.encode("f", endpoint(parameters), list(arguments), arguments, defaults)


def sent(value: Any, shape: Shape = ANYTHING, **facts: Any) -> Any:
    """Return the JSON for an argument, with the names of files in angle brackets."""
    payload = payload_of(value, shape, **facts)
    [data] = payload.fill([f"<{slot.source.name}>" for slot in payload.slots])
    assert json.loads(json.dumps(data)) == data
    return data


def problems_of(value: Any, shape: Shape = ANYTHING, **facts: Any) -> str:
    """Return what is said of a wrong argument."""
    with pytest.raises(ArgumentError) as raised:
        payload_of(value, shape, **facts)
    assert str(raised.value).startswith("f()")
    assert all("\n" not in str(problem) for problem in raised.value.problems)
    return str(raised.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file on disk."""
    path = tmp_path / "a b.txt"
    path.write_bytes(b"content")
    return path


# Plain values.


class Plain(enum.Enum):
    """Values of several kinds."""

    TEXT = "text"
    NUMBER = 1
    DAY = dt.date(2024, 1, 2)


class Words(str, enum.Enum):
    """Text that is an enum."""

    ONE = "one"


class Number(enum.IntEnum):
    """A number that is an enum."""

    TWO = 2


class Pair(NamedTuple):
    """What functions of several results return."""

    first: int
    second: str


class Text(str):
    """A kind of text."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (0.7, 0.7),
        ("", ""),
        ("x\u2028\ud800", "x\u2028\ud800"),
        ([1, [2, {}]], [1, [2, {}]]),
        ((1, "a"), [1, "a"]),
        ({1}, [1]),
        (frozenset(["a"]), ["a"]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": (1,)}, {"a": [1]}),
        ({1: "a", None: "b"}, {"1": "a", "null": "b"}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (Pair(1, "b"), [1, "b"]),
        (Plain.TEXT, "text"),
        (Plain.NUMBER, 1),
        (Plain.DAY, "2024-01-02"),
        (Words.ONE, "one"),
        (Number.TWO, 2),
        (Text("t"), "t"),
        ([Plain.TEXT, {"a": Number.TWO}], ["text", {"a": 2}]),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05"),  # noqa: DTZ001
        (dt.datetime(2024, 1, 2, 3, 4, 5, 678), "2024-01-02 03:04:05.000678"),  # noqa: DTZ001
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(1), True),
        (np.str_("s"), "s"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(5), 5),
        (np.array([]), []),
        (np.datetime64("2024-01-02"), "2024-01-02"),
        (np.datetime64("2024-01-02T03:04:05"), "2024-01-02 03:04:05"),
        (np.datetime64("2024-01-02T03:04:05.25", "ns"), "2024-01-02 03:04:05.250000"),
        (np.array(["2024-01-02"], dtype="datetime64[ns]"), ["2024-01-02 00:00:00"]),
        ([np.int8(1), {"a": np.float64(2.5)}], [1, {"a": 2.5}]),
    ],
)
def test_plain_value(value: Any, expected: Any) -> None:
    """What JSON can say is said, whatever kind of object stands for it."""
    data = payload_of(value).data

    assert data == [expected]
    assert json.dumps(data) == json.dumps([expected])


def has_shape(  # noqa: PLR0911 - a case for each shape
    value: Any, shape: Shape, depth: int = 0
) -> bool:
    """Tell whether JSON has the lists and objects of a shape, at their places."""
    match shape:
        case _ if depth > 20:
            return True
        case Reference():
            return has_shape(value, shape.target, depth + 1)
        case Union(members):
            return any(has_shape(value, member, depth + 1) for member in members)
        case Array(item):
            return isinstance(value, list) and all(has_shape(v, item, depth + 1) for v in value)
        case FixedArray():
            return isinstance(value, list) and all(
                has_shape(item, part_of(shape, place), depth + 1)
                for place, item in enumerate(value)
            )
        case Object() | Dictionary():
            return isinstance(value, dict) and all(
                has_shape(item, part_of(shape, key), depth + 1) for key, item in value.items()
            )
        case Scalar():
            return not isinstance(value, list | dict)
        case _:
            return True


@given(values, schemas)
def test_json_stays_what_it_is(value: Any, schema: Any) -> None:
    """JSON goes out unchanged, as a copy, whatever a schema says that says nothing of files."""
    shape = parse_shape(schema)
    if not has_shape(value, shape):
        return  # it may be short for something that has
    before = copy.deepcopy(value)
    try:
        payload = payload_of(value, shape)
    except ArgumentError:
        return  # a text where a file goes, which is none
    if not payload.slots and "meta" not in json.dumps(payload.data):
        assert json.dumps(payload.data) == json.dumps([before])
    assert json.dumps(value) == json.dumps(before)


@pytest.mark.parametrize(
    "key", ["a", None, True, False, 1, -1, 10**30, 1.0, 1.5e-7, math.inf, -math.inf, math.nan]
)
def test_keys_are_written_as_json_writes_them(key: Any) -> None:
    """What is no text as a key becomes the text that Python's own JSON has for it."""
    assert json.dumps(sent({key: {key: 1}})) == json.dumps({key: {key: 1}})
    assert sent({key: 1}, Dictionary(NUMBER)) == json.loads(json.dumps({key: 1}))


def test_keys_of_other_libraries() -> None:
    """Keys are made plain as values are."""
    keys = {np.bool_(True): 1, np.int64(2): 2, np.float32(0.5): 3, Plain.TEXT: 4}
    assert sent(keys) == {"true": 1, "2": 2, "0.5": 3, Plain.TEXT.value: 4}
    assert sent({dt.date(2024, 1, 31): 5}) == {"2024-01-31": 5}


class Silent:
    """Something whose repr fails."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object, "<class 'object'> of type type; it takes what JSON can say"),
        ((n for n in "ab"), "of type generator; it takes what JSON can say"),
        (range(3), "range(0, 3) of type range; it takes what JSON can say"),
        (iter([]), "of type list_iterator"),
        (1j, "1j of type complex"),
        (decimal.Decimal(1), "Decimal('1') of type Decimal"),
        (dt.time(1), "of type time"),
        (Silent(), "got <Silent> of type Silent"),
        (PIL.Image.new("L", (1, 1)), "of type Image; it takes what JSON can say; wrap it in gra"),
        (b"x", "x: got bytes; wrap them in gradioproxy.file()"),
        (bytearray(b"x"), "wrap them in gradioproxy.file()"),
        (PurePosixPath("/a"), "wrap it in gradioproxy.file() to send the file, or in str()"),
        ({"a": [0, 1j]}, "x['a'][1]: got 1j of type complex"),
        ({"a\nb": 1j}, "x['a\\nb']: got 1j"),
    ],
)
def test_what_json_can_not_say(value: Any, said: str) -> None:
    """What can't be sent is named with its place, its kind and what to do."""
    assert said in problems_of(value)


def test_a_path_is_text_where_text_goes() -> None:
    """A path for a parameter that takes text is its text."""
    assert sent(PurePosixPath("/a/b"), TEXT) == "/a/b"


def nested(depth: int) -> Any:
    """Return a list in lists."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_too_deep() -> None:
    """A value that is nested too deeply is refused, long before Python's own stack ends."""
    assert sent(nested(MAX_VALUE_DEPTH - 1)) == nested(MAX_VALUE_DEPTH - 1)
    for depth in (MAX_VALUE_DEPTH + 1, 100_000):
        value = nested(depth)
        assert f"nested too deeply; at most {MAX_VALUE_DEPTH} levels are sent" in problems_of(value)
        while value:
            value = value.pop()  # or Python would need its stack to free it


def list_in_itself() -> Any:
    """Return a list that contains itself twice."""
    value: Any = [1]
    value += [value, value]
    return value


def dict_in_itself() -> Any:
    """Return a dictionary that contains itself, further below."""
    value: Any = {}
    value["a"] = [{"b": value}, {"b": value}]
    return value


def array_in_itself() -> Any:
    """Return an array of objects that contains itself twice."""
    value = np.empty(2, dtype=object)
    value[:] = [value, value]
    return value


@pytest.mark.parametrize("make", [list_in_itself, dict_in_itself, array_in_itself])
def test_a_value_that_contains_itself(make: Callable[[], Any]) -> None:
    """A value that has no end is an error that says so, at once."""
    assert "got a value that contains itself; it takes what JSON can say" in problems_of(make())


def test_one_object_in_several_places_is_fine() -> None:
    """Only what contains itself has no end."""
    shared = {"a": [1]}
    assert sent([shared, shared, [shared]]) == [{"a": [1]}] * 2 + [[{"a": [1]}]]


def test_hidden_inputs_and_defaults_are_in_their_places() -> None:
    """Each argument goes to its input; hidden ones are left to the session; defaults are copies."""
    default = {"a": [1]}
    parameters = [
        parameter("a", index=1),
        parameter("b", index=3, has_default=True, default=default),
        parameter("c", index=4, has_default=True, default=default),
    ]
    made = endpoint(parameters)
    object.__setattr__(made, "inputs", 6)
    arguments = {"a": "x", "b": object(), "c": default}
    payload = Encoder(APP, NEWEST).encode("f", made, ("a", "b", "c"), arguments, {"b"})

    assert payload.data == [None, "x", None, {"a": [1]}, {"a": [1]}, None]
    payload.data[3]["a"].append(2)
    payload.data[4]["a"].append(3)
    assert default == {"a": [1]}
    assert parameters[1].default == {"a": [1]}


def test_who_says_that_an_argument_was_left_out_need_not_have_it() -> None:
    """As for the arguments of a language model, of which some are missing."""
    made = endpoint([parameter("A", default="a", index=0), parameter("B", index=1)])
    payload = Encoder(APP, NEWEST).encode("f", made, ("a", "b"), {"b": "x"}, {"a"})
    assert payload.data == ["a", "x"]


def test_a_default_is_sent_as_the_app_gave_it() -> None:
    """Neither choices nor shapes have a say in the app's own default."""
    given_file = {"path": "/tmp/x", "meta": {"_type": "gradio.FileData"}}  # noqa: S108
    one = parameter(
        "x", FILE, has_default=True, default=given_file, choices=["a"], closed_choices=True
    )

    payload = payload_of_all([one], {"x": None}, frozenset({"x"}))

    assert payload.data == [given_file]
    assert not payload.slots


# Choices.

CHOICES: list[Any] = [1, "1", "one", True, None, 2.5]


def chosen(value: Any, choices: Any = (), labels: Any = (), **facts: Any) -> Any:
    """Return what is sent for a choice."""
    made = tuple(
        Choice(choice, label)
        for choice, label in zip(choices, labels or map(str, choices), strict=True)
    )
    payload = payload_of(value, ANYTHING, **{"choices": made, "closed_choices": True, **facts})
    return payload.data[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (1.0, 1),
        ("1", "1"),
        (True, True),
        (None, None),
        ("one", "one"),
        (2.5, 2.5),
        ("2.5", 2.5),
        ("True", True),
        (Words.ONE, "one"),
        (np.int64(1), 1),
        (np.bool_(1), True),
    ],
)
def test_choice(value: Any, expected: Any) -> None:
    """A choice is meant by its value, as JSON compares them, or else by its label."""
    assert json.dumps(chosen(value, CHOICES)) == json.dumps(expected)


def test_the_value_wins_over_a_label() -> None:
    """Where a value is called as another one's label, the value is meant."""
    assert chosen("a", ["b", "a"], ["a", "b"]) == "a"
    assert chosen("b", ["b", "a"], ["a", "b"]) == "b"
    assert chosen("A", ["b", "a"], ["A", "B"]) == "b"
    assert chosen(["A", "b"], ["b", "a"], ["A", "B"]) == ["b", "b"]
    assert chosen(("B",), ["b", "a"], ["A", "B"]) == ["a"]
    assert chosen({"B"}, ["b", "a"], ["A", "B"]) == ["a"]


def test_the_choice_is_sent_as_the_app_has_it() -> None:
    """What is sent is the app's own value, with its own type."""
    assert json.dumps(chosen(1.0, [1])) == "1"
    assert type(chosen(Text("a"), ["a"])) is str
    assert chosen([1, 2], [[1, 2], [3]], ["x", "y"], closed_choices=False) == [1, 2]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("ONE", "x: got 'ONE'; it takes one of 'one', 'two'; did you mean 'one'?"),
        ("", "x: got ''; it takes one of 'one', 'two'"),
        (1, "x: got 1; it takes one of"),
        (["one", "tow"], "x[1]: got 'tow'; it takes one of 'one', 'two'; did you mean 'two'?"),
        (True, "x: got True; it takes"),
        ({"a": 1}, "x: got {'a': 1}; it takes"),
        ("x" * 500, "x: got 'xxx"),
    ],
)
def test_no_choice(value: Any, said: str) -> None:
    """What is none of fixed choices is refused, with the choices and the one that was meant."""
    text = problems_of(value, choices=["one", "two"], closed_choices=True)
    assert said in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("choice", "value"),
    [(1, True), (1, "1"), ("1", 1), (True, 1), (True, "true"), (0, False), (0, ""), ("", 0)],
)
def test_choices_of_other_types_are_others(choice: Any, value: Any) -> None:
    """``1``, ``"1"`` and ``True`` are three choices."""
    with pytest.raises(ArgumentError):
        chosen(value, [choice], ["label"])


def test_one_and_several() -> None:
    """One box that is ticked is a list of one, none is an empty list, and a list is not one."""
    several = {"choices": ["a", "b"], "closed_choices": True, "properties": {"multiselect": True}}
    boxes = {"choices": ["a", "b"], "closed_choices": True, "component": "Checkboxgroup"}
    assert sent("a", Array(TEXT), **several) == ["a"]
    assert sent(None, Array(TEXT), **several) is None
    assert sent(None, Array(TEXT), **boxes) == []
    assert sent(np.array(["b", "a"]), Array(TEXT), **boxes) == ["b", "a"]
    assert "x[1]: got 'c'" in problems_of(("a", "c"), Array(TEXT), **boxes)
    assert "x: got ['a']; it takes one of" in problems_of(
        ["a"], TEXT, choices=["a"], closed_choices=True
    )


def test_where_the_server_decides() -> None:
    """Choices that can change, and those of a caller who knows better, are not enforced."""
    assert chosen("other", ["one"], closed_choices=False) == "other"
    choices = (Choice("one", "One"),)
    one = parameter("x", choices=choices, closed_choices=True)
    assert payload_of_all([one], {"x": "other"}, validate=False).data == ["other"]
    assert payload_of_all([one], {"x": "One"}, validate=False).data == ["one"]
    assert chosen(None, ["one"]) is None


class Table:
    """Something that has no truth value when it is compared, as tables have none."""

    def __eq__(self, other: object) -> Any:
        return np.array([True, False])

    __hash__ = None  # type: ignore[assignment]


def test_strange_values_are_no_choice() -> None:
    """An object that can't be compared is an argument like another one, and refused by its kind."""
    assert "it takes one of" in problems_of(Table(), choices=["one"], closed_choices=True)
    assert "of type Table" in problems_of(Table(), choices=["one"])


def test_many_choices_are_counted() -> None:
    """An error names some choices and the nearest one, however many there are."""
    text = describe_choices([f"choice {n}" for n in range(1000)], "Choice 500")

    assert text.startswith("it takes one of 'choice 0', 'choice 1', ")
    assert text.endswith("'choice 9' and 990 more; did you mean 'choice 500'?")


def test_shown_is_short_and_clean() -> None:
    """A value in a message is its repr, on one line, without what a terminal would obey."""
    assert short_repr("a\n\x1b[31m") == r"'a\n\x1b[31m'"
    assert len(short_repr("x" * 10_000)) == 80
    assert short_repr(Silent()) == "<Silent>"
    assert short_repr(nested(50_000)).isprintable()


# Files.


@pytest.mark.parametrize(
    "make",
    [
        str,
        Path,
        lambda path: path.open("rb"),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: path.read_bytes(),
        lambda path: memoryview(path.read_bytes()),
        lambda _: "data:text/plain;base64,Y29udGVudA==",
        lambda path: file(str(path)),
        lambda path: file(file(path)),
        lambda _: file(b"content"),
    ],
)
def test_whatever_is_a_file(path: Path, make: Callable[[Path], Any]) -> None:
    """A parameter for files takes what people have files as; nothing is read twice or sent."""
    value = make(path)
    payload = payload_of(value, FILE)
    getattr(value, "close", lambda: None)()

    [slot] = payload.slots
    with slot.source.open() as handle:
        assert handle.read() == b"content"
    assert payload.data == [slot]
    assert slot.where == "x"


@pytest.mark.parametrize("shape", [FILE, Union((FILE, NULL)), Array(FILE), ANYTHING, TEXT])
def test_no_file_is_none(shape: Shape) -> None:
    """``None`` is sent as it is."""
    assert sent(None, shape) is None


def test_the_place_is_filled_with_what_was_uploaded(path: Path) -> None:
    """Where the file stood there is what the app wants, and the payload stays as it was."""
    payload = payload_of({"a": [file(path), 1], "b": file(b"x")})
    uploads = [Upload("a b.txt", 7, "digest", "/srv/a b.txt"), Upload("file.bin", 1, "", "/srv/f")]
    filled = payload.fill(
        [
            slot.writer.write_upload(upload)
            for slot, upload in zip(payload.slots, uploads, strict=True)
            if isinstance(slot.writer, UploadWriter)
        ]
    )

    assert filled == [
        {
            "a": [
                {
                    "path": "/srv/a b.txt",
                    "orig_name": "a b.txt",
                    "size": 7,
                    "mime_type": "text/plain",
                    "meta": MARK,
                },
                1,
            ],
            "b": {
                "path": "/srv/f",
                "orig_name": "file.bin",
                "size": 1,
                "mime_type": "application/octet-stream",
                "meta": MARK,
            },
        }
    ]
    assert payload.data[0]["a"][0] is payload.slots[0]


IMAGE = Object("GalleryImage", (Field("image", FILE, True), Field("caption", TEXT, False)))
VIDEO = Object("GalleryVideo", (Field("video", FILE, True), Field("caption", TEXT, False)))
MESSAGE = Object(
    "Message",
    (
        Field("role", TEXT, required=True),
        Field("content", Union((TEXT, FILE, Array(Union((TEXT, FILE))))), required=True),
    ),
)


@pytest.mark.parametrize(
    ("shape", "make", "expected"),
    [
        (Array(FILE), lambda p: [p, str(p)], ["<a b.txt>", "<a b.txt>"]),
        (Array(FILE), lambda p: (p,), ["<a b.txt>"]),
        (Array(FILE), lambda p: {p}, ["<a b.txt>"]),
        (Array(FILE), lambda p: p, ["<a b.txt>"]),
        (Array(FILE), str, ["<a b.txt>"]),
        (Array(FILE), file, ["<a b.txt>"]),
        (Array(FILE), lambda _: [], []),
        (Union((Array(FILE), NULL)), str, ["<a b.txt>"]),
        (Union((NULL, Array(FILE))), lambda p: [p], ["<a b.txt>"]),
        (Union((FILE, Array(FILE))), str, "<a b.txt>"),
        (Union((FILE, Array(FILE))), lambda p: [p], ["<a b.txt>"]),
        (Union((Array(FILE), FILE, NULL)), lambda p: {p}, ["<a b.txt>"]),
        (Union((FILE, NULL)), str, "<a b.txt>"),
        (Union((NULL, FILE)), str, "<a b.txt>"),
        (Union((INTEGER, FILE)), str, "<a b.txt>"),
        (Union((INTEGER, FILE)), lambda _: 5, 5),
        (Union((TEXT, FILE)), str, None),
        (Union((TEXT, FILE)), lambda p: p, "<a b.txt>"),
        (Union((FILE, TEXT)), file, "<a b.txt>"),
        (Dictionary(FILE), lambda p: {"a": p, "b": None}, {"a": "<a b.txt>", "b": None}),
        (FixedArray((TEXT, FILE)), lambda p: ["t", str(p), "more"], ["t", "<a b.txt>", "more"]),
        (Array(FixedArray((FILE, TEXT))), lambda p: [(p, "c")], [["<a b.txt>", "c"]]),
        (
            Array(Union((IMAGE, VIDEO))),
            lambda p: [{"image": str(p), "caption": "i"}, {"video": str(p)}],
            [{"image": "<a b.txt>", "caption": "i"}, {"video": "<a b.txt>"}],
        ),
        (
            Array(MESSAGE),
            lambda p: [{"role": "user", "content": ["hi", p]}, {"role": "user", "content": "hi"}],
            [{"role": "user", "content": ["hi", "<a b.txt>"]}, {"role": "user", "content": "hi"}],
        ),
        (
            Object("Multimodal", (Field("text", TEXT, True), Field("files", Array(FILE), False))),
            lambda p: {"text": str(p), "files": [str(p)], "other": str(p)},
            "multimodal",
        ),
        (
            Object("Layers", (), extra=Array(FILE)),
            lambda p: {"any": [str(p)]},
            {"any": ["<a b.txt>"]},
        ),
        (ANYTHING, lambda p: {"a": [{"b": file(str(p))}]}, {"a": [{"b": "<a b.txt>"}]}),
        (TEXT, file, "<a b.txt>"),
    ],
)
def test_files_are_found_by_shape(
    path: Path, shape: Shape, make: Callable[[Path], Any], expected: Any
) -> None:
    """A path is a file where the schema has one, at any depth, and a text where it has a text."""
    if expected is None:
        expected = str(path)
    elif expected == "multimodal":
        expected = {"text": str(path), "files": ["<a b.txt>"], "other": str(path)}

    assert sent(make(path), shape) == expected


OPTIONAL = Union((TEXT, NULL))
MULTIMODAL = Object("Multimodal", (Field("text", TEXT, True), Field("files", Array(FILE), True)))
TOKEN = Object("Token", (Field("token", TEXT, True), Field("label", OPTIONAL, False)))
MASKED = Object("Masked", (Field("image", FILE, True), Field("masks", Array(IMAGE), True)))
SAID = Object("Said", (Field("text", TEXT, True), Field("type", Enum(("text",)), False)))
SHOWN = Object("Shown", (Field("file", FILE, True), Field("alt", OPTIONAL, False)))


@pytest.mark.parametrize(
    ("shape", "make", "expected"),
    [
        (IMAGE, lambda p: p, {"image": "<a b.txt>"}),
        (IMAGE, str, {"image": "<a b.txt>"}),
        (IMAGE, lambda p: (p, "c"), {"image": "<a b.txt>", "caption": "c"}),
        (IMAGE, lambda p: [p, "c"], {"image": "<a b.txt>", "caption": "c"}),
        (Array(IMAGE), lambda p: p, [{"image": "<a b.txt>"}]),
        (Array(IMAGE), lambda p: {"image": p}, [{"image": "<a b.txt>"}]),
        (Array(IMAGE), lambda p: [p, (p,)], [{"image": "<a b.txt>"}, {"image": "<a b.txt>"}]),
        (Array(Union((IMAGE, VIDEO))), lambda _: [b"....ftyp1"], [{"video": "<video.mp4>"}]),
        (
            Array(Union((IMAGE, VIDEO))),
            lambda p: [(p, "c")],
            [{"image": "<a b.txt>", "caption": "c"}],
        ),
        (Array(Union((VIDEO, IMAGE))), lambda _: np.zeros((2, 2)), [{"image": "<image.png>"}]),
        (IMAGE, lambda _: {"path": "/srv/x"}, {"image": {"path": "/srv/x", "meta": MARK}}),
        (
            MASKED,
            lambda p: (p, [(p, "c")]),
            {"image": "<a b.txt>", "masks": [{"image": "<a b.txt>", "caption": "c"}]},
        ),
        (MASKED, lambda p: p, {"image": "<a b.txt>", "masks": []}),
        (MULTIMODAL, lambda _: "t", {"text": "t", "files": []}),
        (MULTIMODAL, lambda p: ("t", [p]), {"text": "t", "files": ["<a b.txt>"]}),
        (
            Array(TOKEN),
            lambda _: [("t", None), ("u", "v"), "w"],
            [{"token": "t", "label": None}, {"token": "u", "label": "v"}, {"token": "w"}],
        ),
        (Array(Union((SAID, SHOWN))), lambda _: "hi", [{"text": "hi"}]),
        (Array(Union((SHOWN, SAID))), lambda _: "hi", [{"text": "hi"}]),
        (Union((TEXT, SHOWN)), str, None),
        (Array(Union((SAID, SHOWN))), lambda p: p, [{"file": "<a b.txt>"}]),
        (
            Array(Union((SAID, SHOWN))),
            lambda p: ["hi", (str(p), "alt")],
            [{"text": "hi"}, {"file": "<a b.txt>", "alt": "alt"}],
        ),
        (Array(FixedArray((FILE, OPTIONAL))), lambda p: [p], [["<a b.txt>", None]]),
        (FILE, lambda _: (8000, np.zeros(2)), "<audio.wav>"),
        (Array(FILE), lambda _: (8000, np.zeros(2)), ["<audio.wav>"]),
        (ANYTHING, lambda _: [8000, np.zeros(2)], [8000, [0, 0]]),
        (ANYTHING, lambda _: file(np.zeros((2, 2))), "<image.png>"),
    ],
)
def test_what_is_short_for_more(
    path: Path, shape: Shape, make: Callable[[Path], Any], expected: Any
) -> None:
    """The first part of an object, the tuple of its parts and one of a list can stand for it."""
    assert sent(make(path), shape) == (str(path) if expected is None else expected)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (IMAGE, 5),
        (IMAGE, []),
        (IMAGE, ["a", "b", "c"]),
        (IMAGE, {"caption": "c"}),
        (Object("Two", (Field("a", TEXT, True), Field("b", TEXT, True))), "t"),
        (TOKEN, 5),
        (TOKEN, True),
        (TOKEN, ("t", 5)),
        (Array(TOKEN), {"label": "v"}),
        (Object("", ()), "t"),
        (FixedArray((TEXT, TEXT)), "t"),
        (Array(TEXT), "t"),
    ],
)
def test_what_is_short_for_nothing(shape: Shape, value: Any) -> None:
    """What does not fit beyond doubt is left to the server."""
    assert sent(value, shape) == json.loads(json.dumps(value))


@pytest.mark.parametrize("value", [b"x", np.zeros((2, 2)), Path("a.png")])
def test_an_object_that_a_file_alone_can_not_stand_for(value: Any) -> None:
    """A file where more than a file is needed is an error that names what is needed."""
    sketch = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))
    said = problems_of(value, sketch)

    assert said.endswith("it takes a dictionary: {'image': ..., 'mask': ...}")
    said = problems_of(b"x", Object("Label", (Field("label", TEXT, False),)))
    assert said.endswith("it takes a dictionary: {'label': ...}")


@pytest.mark.parametrize("make", [io.BytesIO, file, lambda content: file(io.BytesIO(content))])
def test_an_image_that_is_drawn_on_in_gradio_3(make: Callable[[bytes], Any]) -> None:
    """Whatever the image comes as, the mask is as large."""
    drawing = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))
    content = io.BytesIO()
    PIL.Image.new("RGB", (3, 2)).save(content, "PNG")
    one = parameter("x", drawing, component="Image")

    payload = payload_of_all([one], {"x": make(content.getvalue())}, release=(3, 50, 2))

    image, mask = payload.slots
    with image.source.open() as handle:
        assert handle.read() == content.getvalue()
    with PIL.Image.open(mask.source.open()) as blank:
        assert blank.size == (3, 2)


def test_files_of_a_chat_of_gradio_3() -> None:
    """They have a place for a text beside them."""
    chat = parameter("x", Array(FixedArray((FILE, NULL))), component="Chatbot")
    payload = payload_of_all([chat], {"x": [b"x"]}, release=(3, 50))
    [slot] = payload.slots

    assert isinstance(slot.writer, NameWriter)
    value = slot.writer.write_upload(Upload("a", 1, "", "/srv/a"))
    assert (value["name"], value["alt_text"]) == ("/srv/a", None)


def test_one_image_in_several_places_goes_up_once() -> None:
    """What is the same object is encoded and sent once."""
    image = np.zeros((2, 2))
    first, second, third = payload_of([image, image, image.copy()], Array(FILE)).slots

    assert first.source is second.source
    assert first.source is not third.source


def test_files_of_a_shape_that_contains_itself(path: Path) -> None:
    """The same in a tree whose nodes have files and further nodes."""
    definitions: dict[str, Shape] = {}
    node = Reference("node", definitions)
    definitions["node"] = Object(
        "Node", (Field("file", FILE, required=False), Field("nodes", Array(node), required=False))
    )
    tree = {"file": str(path), "nodes": [{"nodes": [{"file": str(path)}]}]}

    assert sent(tree, node) == {
        "file": "<a b.txt>",
        "nodes": [{"nodes": [{"file": "<a b.txt>"}]}],
    }
    definitions["either"] = Union((TEXT, definitions["node"]))
    either = Reference("either", definitions)
    assert sent([tree], Array(Union((either, NULL)))) == [sent(tree, node)]


def test_files_have_their_places(path: Path) -> None:
    """Each file knows where it stands, for whoever reads of it."""
    payload = payload_of([{"image": path}, {"image": path}], Array(IMAGE))

    assert [slot.where for slot in payload.slots] == ["x[0]['image']", "x[1]['image']"]


def test_strings_are_no_files_where_no_file_goes(path: Path) -> None:
    """A path that is text somewhere stays text: nothing is read because of what it looks like."""
    value = {"path": str(path), "a": [str(path), f"file://{path}"]}
    for shape in (ANYTHING, TEXT, Dictionary(ANYTHING), Object("", (Field("a", ANYTHING, True),))):
        assert sent(value, shape) == value
        assert sent(str(path), shape) == str(path)


@pytest.mark.parametrize("key", ["path", "url"])
def test_a_description_of_a_file_never_names_one_of_ours(path: Path, key: str) -> None:
    """What looks like a server's file goes back to the server as it is, and is not read here."""
    value = {key: str(path), "orig_name": "a.txt"}

    for shape in (FILE, Union((FILE, NULL)), Array(FILE)):
        data = sent(value, shape)
        expected = {**value, "meta": MARK}
        assert data == ([expected] if isinstance(shape, Array) else expected)
    assert sent(file(value)) == {**value, "meta": MARK}
    own = {**value, "meta": {"_type": "own"}}
    assert sent(own, FILE) == own
    assert value == {key: str(path), "orig_name": "a.txt"}


def test_a_path_that_came_as_an_address_is_a_path() -> None:
    """What stands for a file inside of JSON in 4.19 has the end of its address for its path."""
    for path in ("/srv/a.png", "/file=/srv/a.png", "/gradio_api/file=/srv/a.png"):
        made = sent({"path": path, "url": "http://app.test/x", "meta": None}, FILE)
        assert made["path"] == "/srv/a.png"
        assert made["meta"] == {"_type": "gradio.FileData"}


def handled(path: Path, **more: Any) -> dict[str, Any]:
    """Return what gradio_client's ``handle_file`` makes of a path."""
    return {"path": str(path), "orig_name": path.name, "meta": MARK, **more}


def test_what_the_official_client_makes_of_a_path(path: Path) -> None:
    """It names no local file: what a server sent can look the same. The error says what helps."""
    said = "pass the path itself, without handle_file()"
    assert said in problems_of(handled(path), FILE)
    assert said in problems_of([handled(path)], Array(FILE))
    assert said in problems_of({"image": handled(path)}, IMAGE)
    assert said in problems_of({"a": [file(handled(path))]})


def test_what_the_official_client_makes_of_a_path_in_plain_json(path: Path) -> None:
    """The same; Gradio 3 takes it for data."""
    said = "wrap its path in gradioproxy.file() to send the file"
    assert said in problems_of(handled(path))
    assert said in problems_of({"a": [handled(path)]})
    [data] = payload_of_all(
        [parameter("x", ANYTHING)], {"x": handled(path)}, release=(3, 50, 2)
    ).data
    assert data == handled(path)


def test_what_a_server_says_of_a_file_is_none_of_ours(path: Path) -> None:
    """It says more or less than that, whatever is here; and strangers name no local file."""
    for said in (
        handled(path, url=None),
        handled(path, size=7, mime_type=None),
        {"path": str(path), "meta": MARK},
        {**handled(path), "meta": {**MARK, "more": 1}},
        {**handled(path), "orig_name": "other.txt"},
        handled(path.with_name("missing.txt")),
        handled(Path("a\0b")),
    ):
        assert sent(said, FILE) == said
        assert sent(said) == said
    assert sent(Untrusted(handled(path)), FILE) == handled(path)
    assert sent(Untrusted([handled(path)])) == [handled(path)]


def test_a_description_of_a_file_is_json(path: Path) -> None:
    """A path object in it is refused as anywhere else: it would name a file of ours."""
    assert "wrap it in gradioproxy.file()" in problems_of({"path": path}, FILE)
    assert "contains itself" in problems_of({"path": list_in_itself()}, FILE)


def test_files_of_gradio_3() -> None:
    """Old servers name their files in another way, and know no mark."""
    value = {"name": "/tmp/x", "is_file": True, "data": None}  # noqa: S108
    one = parameter("x", FILE)

    assert payload_of_all([one], {"x": value}, release=(3, 50)).data == [value]
    payload = payload_of_all([one], {"x": File(value, APP)}, release=(3, 50))
    assert (payload.data, payload.slots) == ([value], [])
    payload = payload_of_all(
        [one], {"x": File({"url": "data:text/plain,abc"}, APP)}, release=(3, 50)
    )
    [slot] = payload.slots
    with slot.source.open() as handle:
        assert handle.read() == b"abc"


def test_a_file_of_the_app_is_named_and_not_sent() -> None:
    """A result goes back to the app that it came from as a name, at any depth and in JSON."""
    raw = {"path": "/tmp/x.png", "url": "http://app.test/file=/tmp/x.png"}  # noqa: S108
    result = File(raw, transport_to("http://app.test/"), "/gradio_api")
    marked = {**raw, "meta": MARK}

    assert sent(result, FILE) == marked
    assert sent(result, Array(FILE)) == [marked]
    assert sent([{"image": result}], Array(IMAGE)) == [{"image": marked}]
    assert sent({"a": result}) == {"a": marked}
    assert sent(result, TEXT) == marked
    assert sent(file(result)) == marked
    own = {**raw, "meta": {"_type": "gradio.FileData", "more": 1}}
    assert sent(File(own, APP), FILE) == own
    assert result.raw == raw


def test_a_file_of_another_app_is_carried_over(web: Web) -> None:
    """A result of another app is fetched when the call is made, and goes up under its name."""
    web.on("/file=/srv/x.png", Reply(body=b"image"))
    result = File({"path": "/srv/x.png", "orig_name": "x.png"}, transport_to(web))

    payload = payload_of({"a": [result]})

    assert web.requests == []
    [slot] = payload.slots
    assert (slot.source.name, slot.source.size) == ("x.png", None)
    with slot.source.open() as handle:
        assert handle.read() == b"image"


def test_a_file_on_the_web_is_fetched_when_the_call_is_made(web: Web) -> None:
    """A URL is a file where a file goes; what isn't there is a missing file."""
    web.on("/a%20b.png", Reply(body=b"image"), Reply(404))
    url = f"{web.url}/a%20b.png?size=2"
    made = endpoint([parameter("x", FILE)])

    payload = Encoder(OTHER, NEWEST).encode("f", made, ["x"], {"x": url})

    [slot] = payload.slots
    assert web.requests == []
    assert slot.source.name == "a b.png"
    with slot.source.open() as handle:
        assert handle.read() == b"image"
    assert sent(url, TEXT) == url
    [slot] = payload_of([url], Array(FILE)).slots
    with pytest.raises(MissingFile, match=r"f\(\): x\[0\]: got 'http.*there is nothing"):
        slot.source.open()


# What is wrong with files.


def pipe(folder: Path) -> Path:
    """Make a pipe with a name, which nobody writes to."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def loop(folder: Path) -> Path:
    """Make a link to itself."""
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def dangling(folder: Path) -> Path:
    """Make a link to nothing."""
    (folder / "link").symlink_to(folder / "nothing")
    return folder / "link"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "missing.txt", "(No such file or directory)"),
        (lambda folder: folder, "(a folder)"),
        (pipe, "(no ordinary file)"),
        (loop, "(Too many levels of symbolic links)"),
        (dangling, "(No such file or directory)"),
        (lambda folder: folder / "a b.txt" / "x", "(Not a directory)"),
        (lambda folder: folder / ("x" * 300), "(File name too long)"),
        (lambda folder: folder / "a\0b", "null"),
        (lambda _: "", "(a folder)"),
        (lambda _: "/dev/zero", "(no ordinary file)"),
        (lambda _: "just some text\nof two lines", "'just some text\\nof two lines' (No such"),
        (lambda _: "x" * 1_000_000, "(File name too long)"),
        (lambda _: "data:text/plain;base64,AAAAA", "(No such file or directory)"),
        (lambda _: "file:///etc/passwd", "(No such file or directory)"),
        (lambda _: "~/nothing-of-that-name", "(No such file or directory)"),
    ],
)
def test_missing_file(path: Path, make: Callable[[Path], Any], said: str) -> None:
    """A path that leads to no file that can be read is known before anything is sent."""
    value = make(path.parent)
    if value == "/dev/zero" and not Path(value).exists():
        pytest.skip("needs /dev/zero")

    with pytest.raises(MissingFile, match="it takes a path, a URL, bytes, an open") as raised:
        payload_of(value, FILE)
    assert said in str(raised.value)
    assert isinstance(raised.value, FileNotFoundError)
    assert len(str(raised.value)) < 400


def test_a_long_path_is_named_to_its_end() -> None:
    """Whoever has a thousand of them sees which one it is."""
    path = "/".join(["/folder", *["with a long name of its own"] * 6, "a.txt"])
    with pytest.raises(MissingFile) as raised:
        payload_of(path, FILE)
    assert f"{path!r} (No such file or directory)" in str(raised.value)


def test_what_has_to_be_kept_until_it_goes_up_and_can_not_be(disk: FailingDisk) -> None:
    """Nothing is wrong with the argument: the error is about the disk."""
    reader, writer = os.pipe()
    os.write(writer, b"content")
    os.close(writer)
    disk.fail("write", errno.ENOSPC)
    with os.fdopen(reader, "rb") as pipe, pytest.raises(FileNotSaved) as raised:
        payload_of(pipe, FILE)
    assert raised.value.path == str(disk.folder)
    assert "No space left on device" in str(raised.value)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else is named as such before anything is sent."""
    monkeypatch.chdir(tmp_path)
    path = Path("a.txt")
    path.write_text("content")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(MissingFile, match=r"'a\.txt' \(Permission denied\)"):
            payload_of(str(path), FILE)
    finally:
        os.seteuid(user)


class Odd:
    """A path-like object whose path is bytes."""

    def __fspath__(self) -> bytes:
        return b"x"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros(3), "of type ndarray; it takes a path, a URL"),
        (np.zeros((2, 2, 7)), "x: got an array of shape (2, 2, 7), which is no image"),
        ((8000, np.zeros((2, 8000))), "transpose it; it takes a path"),
        (3, "x: got 3 of type int; it takes a path, a URL"),
        (True, "True of type bool"),
        ({"a": 1}, "{'a': 1} of type dict"),
        ([b"x"], "of type list"),
        (Odd(), "it takes a path"),
        (io.StringIO("text"), "a file opened as text; open it with 'rb'"),
        (open(os.devnull, "rb"), "a device, which has no end"),  # noqa: SIM115, PTH123
        ("http://[", "is no address on the web"),
    ],
)
def test_no_file(value: Any, said: str) -> None:
    """What is no file is refused with what it is and what a file would be."""
    assert said in problems_of(value, FILE)
    if hasattr(value, "close"):
        value.close()


def test_too_large(path: Path) -> None:
    """A file that the app won't take is known before anything is sent, wherever it comes from."""
    one = parameter("x", FILE)
    for value in (str(path), b"content", io.BytesIO(b"content"), path.open("rb")):
        with pytest.raises(FileTooLarge, match=r"of 7 bytes; the app takes files of at most 6"):
            payload_of_all([one], {"x": value}, max_file_size=6)
        assert len(payload_of_all([one], {"x": value}, max_file_size=7).slots) == 1
        getattr(value, "close", int)()


def test_what_components_do_not_take_is_in_one_error_too() -> None:
    """Tables, moments, images, sounds and choices that are wrong are all named before a request."""
    parameters = [
        parameter("table", component="Dataframe", index=0),
        parameter("moment", component="Datetime", index=1),
        parameter("image", FILE, component="Image", index=2),
        parameter("sound", FILE, component="Audio", index=3),
        parameter("choice", choices=["one", "two"], closed_choices=True, index=4),
        parameter("fine", FILE, component="Image", index=5),
    ]
    wrong = {
        "table": 5,
        "moment": [1],
        "image": np.zeros(3),
        "sound": (8000, np.zeros((2, 8000))),
        "choice": "tow",
        "fine": np.zeros((2, 2)),
    }
    with pytest.raises(ArgumentError) as raised:
        payload_of_all(parameters, wrong)

    assert [problem.parameter for problem in raised.value.problems] == list(wrong)[:-1]
    said = str(raised.value)
    assert "table: got 5; it takes a DataFrame" in said
    assert "moment: got [1]; it takes a datetime" in said
    assert "choice: got 'tow'; it takes one of 'one', 'two'; did you mean 'two'?" in said


def test_all_problems_are_in_one_error(path: Path) -> None:
    """Whoever reads the error can mend the whole call."""
    parameters = [
        parameter("a", FILE),
        parameter("b", choices=["x"], closed_choices=True),
        parameter("c", Array(FILE)),
        parameter("d"),
    ]
    arguments = {"a": "/missing", "b": "y", "c": [path, "/missing too", 5], "d": {"e": 1j}}

    with pytest.raises(ArgumentError) as raised:
        payload_of_all(parameters, arguments)

    assert type(raised.value) is ArgumentError
    assert [problem.parameter for problem in raised.value.problems] == [
        "a",
        "b",
        "c[1]",
        "c[2]",
        "d['e']",
    ]
    assert len(str(raised.value).splitlines()) == 6
    with pytest.raises(MissingFile) as missing:
        payload_of_all(parameters[:1] + parameters[2:3], {"a": "/missing", "c": ["/missing too"]})
    assert len(missing.value.problems) == 2


@given(schemas, values)
def test_no_shape_makes_us_fail(schema: Any, value: Any) -> None:
    """Whatever the schema and the value: JSON, or an error about the arguments."""
    shape = parse_shape(schema)
    try:
        payload = payload_of([value, file(b"x"), File({"path": "x"}, APP)], shape)
    except ArgumentError:
        return
    json.dumps(payload.fill([None] * len(payload.slots)))


def test_scalars_are_left_to_the_server() -> None:
    """A number where text goes is sent as a number: the component says what it makes of it."""
    shapes: list[Shape] = [TEXT, INTEGER, NUMBER, BOOLEAN, Enum(("a", 1)), Union((TEXT, INTEGER))]
    for shape in shapes:
        for value in ("", 0, 0.5, False, "a", ["a"]):
            assert json.dumps(sent(value, shape)) == json.dumps(value)


class Incomparable:
    """Something of which nothing is known but that it can't be compared, shown or written."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __hash__(self) -> int:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError


# pytest would write the numbers themselves.
STRANGE: dict[str, Any] = {
    "number": 10**5000,
    "in a list": [1, -(10**5000)],
    "deeper": {"a": {"b": 10**5000}},
    "key": {10**5000: 1},
    "no number": decimal.Decimal("sNaN"),
    "fraction": fractions.Fraction(10**5000),
    "array": [np.array([1, 2])],
    "incomparable": Incomparable(),
    "incomparable in a list": [Incomparable()],
}


@pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
def test_what_nothing_can_be_done_with(value: Any) -> None:
    """It is an error of ours wherever it goes, and not one of Python or of its own."""
    components = ("Textbox", "Number", "Code", "Json", "Dataframe", "Label", "Odd", "Api")
    shapes: tuple[Shape, ...] = (ANYTHING, TEXT, Dictionary(NUMBER))
    for component, shape in itertools.product(components, shapes):
        for choices in (None, ["a"], [["a"], ["b"]]):
            made = endpoint([parameter("x", shape, component=component, choices=choices)])
            with contextlib.suppress(ArgumentError):
                json.dumps(Encoder(APP, NEWEST).encode("f", made, ["x"], {"x": value}).data)


# What is drawn on an image.

SKETCH = Object("Sketch", (Field("image", FILE, True), Field("mask", FILE, True)))


@pytest.mark.parametrize("path", ["/etc/hosts", "/missing", "/etc"])
def test_what_others_name_is_not_looked_for_here(path: str) -> None:
    """Not for the size of what is drawn on it either, which would tell whether it is there."""
    said = problems_of(Untrusted(path), SKETCH, component="Image")
    assert said.count("got") == 1
    assert "only the caller can name a local path" in said


@pytest.mark.parametrize("value", [5, True, "http://[1"])
def test_who_can_pass_no_objects_is_not_told_of_them(value: Any) -> None:
    """A model has no open files, images and arrays."""
    assert "an open binary file" in problems_of(value, FILE, component="File")
    said = problems_of(Untrusted(value), FILE, component="File")
    assert said.endswith("only the caller can name a local path")


def test_an_image_and_what_is_drawn_on_it_have_one_source() -> None:
    """So what can be read once is read once, and a URL is fetched once."""
    for image in (io.BytesIO(b"x"), "http://app.test/a.png", Untrusted("http://app.test/a.png")):
        payload = payload_of(image, SKETCH, component="Image")
        first, second = (slot.source for slot in payload.slots)
        assert isinstance(second, BlankSource)
        assert second._like is first


def test_a_text_that_a_handle_has_names_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    said = problems_of(io.StringIO(str(path)), SKETCH, component="Image")
    assert "a file opened as text" in said


@pytest.mark.parametrize("shape", [FILE, Array(FILE)])
def test_a_date_names_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shape: Shape
) -> None:
    """Also where there is one of that name."""
    (tmp_path / "2024-01-02").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    day = dt.date(2024, 1, 2)
    assert "the date '2024-01-02'" in problems_of(day if shape is FILE else [day], shape)


class Everything(dict[str, Any]):
    """A dictionary that has every attribute, as some libraries make them."""

    def __getattr__(self, name: str) -> Any:
        return self.setdefault(name, Everything())


def test_a_dictionary_is_asked_for_no_attributes() -> None:
    value = Everything(a=1)
    assert sent(value) == {"a": 1}
    assert value == {"a": 1}
