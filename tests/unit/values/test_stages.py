"""The stages of encoding one by one: each is a function of a value and its place."""

from __future__ import annotations

import collections
import datetime as dt
import enum
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import pytest

from gradioproxy.errors import ArgumentError, MissingFile
from gradioproxy.files.in_memory import InMemory
from gradioproxy.files.payload import FileSlot
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.release import Release
from gradioproxy.schema.shape import ANYTHING, FILE, NULL, TEXT, Array, Field, Object, Shape, Union
from gradioproxy.values.argument import Argument, Place, Problems
from gradioproxy.values.choices import choose
from gradioproxy.values.file_slots import FileSlots
from gradioproxy.values.foreign import IN_ITSELF, read_foreign, to_builtins, unpack
from gradioproxy.values.markers import FileMarker, file
from gradioproxy.values.union import expand
from gradioproxy.values.write import JSONWriter
from tests.support.schemas import parameter
from tests.support.web_server import transport_to

APP = transport_to("http://app.test")
RELEASE = Release((6, 31))


class Color(enum.Enum):
    """Values of several kinds."""

    RED = "red"
    NESTED = (1, dt.date(2024, 1, 2))


def place(shape: Shape = ANYTHING, *, trusted: bool = True, **facts: Any) -> Place:
    """Return the place of a whole argument."""
    return Place(Argument("f", "x", parameter("x", shape, **facts), trusted), shape)


def found(problems: Problems) -> list[str]:
    """Return what is wrong, and where."""
    try:
        problems.raise_any("f")
    except ArgumentError as error:
        return [str(problem) for problem in error.problems]
    return []


# Places.


def test_places_are_written_as_python_writes_them() -> None:
    """Each place knows the one around it, and never changes."""
    whole = place()
    inner = whole.at("a b", ANYTHING).at(3, TEXT)

    assert (whole.where, inner.where) == ("x", "x['a b'][3]")
    assert (whole.depth, inner.depth) == (0, 2)
    assert inner.meant_as(TEXT) is inner
    assert inner.meant_as(FILE) == inner._replace(shape=FILE)


def test_problems_are_of_one_class_or_of_all() -> None:
    """The error is as narrow as all that is wrong allows."""
    problems = Problems()
    problems.raise_any("f")
    problems.add(place(), "a", "b", MissingFile)
    with pytest.raises(MissingFile, match=r"f\(\): x: got a; b"):
        problems.raise_any("f")
    problems.add(place(), "c", "d", inside="[1]")
    with pytest.raises(ArgumentError) as raised:
        problems.raise_any("f")
    assert type(raised.value) is ArgumentError
    assert [problem.parameter for problem in raised.value.problems] == ["x", "x[1]"]


# Builtins.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        (Color.RED, "red"),
        (Color.NESTED, (1, "2024-01-02")),
        (np.int64(3), 3),
        (np.str_("a"), "a"),
        (np.array(5), 5),
        (np.array([None, np.int8(1)], dtype=object), [None, 1]),
        (np.datetime64("2024-01-02T03:04:05", "ns"), "2024-01-02 03:04:05"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        ([np.float64(0.5), (np.bool_(True),)], [0.5, (True,)]),
        ({"a"}, ["a"]),
        (collections.UserDict(a=[np.int8(1)]), {"a": [1]}),
        ({1: np.int8(2), Color.RED: 3}, {1: 2, Color.RED: 3}),
        (pd.Series([1, 2]), [1, 2]),
        (b"x", b"x"),
        (Path("a"), Path("a")),
        (1j, 1j),
    ],
)
def test_builtins(value: Any, expected: Any) -> None:
    """Values of other libraries are builtins, in the whole tree; keys are left alone."""
    made = to_builtins(value)

    assert made == expected
    assert isinstance(made, type(expected))
    assert repr(made) == repr(expected)


@pytest.mark.parametrize("value", [np.zeros((2, 2)), PIL.Image.new("L", (1, 1)), np.zeros(3)])
def test_what_is_kept_in_memory(value: Any) -> None:
    """Images, sounds and arrays are recognized once, wherever they are."""
    for whole in (value, file(value)):
        made = to_builtins(whole)
        made = made.value if isinstance(made, FileMarker) else made
        assert isinstance(made, InMemory)
        assert made.value is value
    assert isinstance(to_builtins({"a": [value]})["a"][0], InMemory)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1.5, 2]), [1.5, 2.0]),
        (np.array([[1], [2]]), [[1], [2]]),
        (np.array(["2024-01-02"], dtype="datetime64[D]"), ["2024-01-02"]),
        ("a", "a"),
    ],
)
def test_arrays_where_json_goes(value: Any, expected: Any) -> None:
    """They are lists there."""
    assert unpack(to_builtins(value)) == expected


def test_a_sound_where_json_goes() -> None:
    """It is the list of its rate and its samples."""
    rate, samples = unpack(to_builtins((8000, np.zeros(2))))
    assert (rate, unpack(samples)) == (8000, [0.0, 0.0])


def test_what_has_no_end() -> None:
    """A value that contains itself has an end after this stage, where it began anew."""
    value: list[Any] = [1]
    value.append({"a": value})
    assert to_builtins(value) == [1, {"a": IN_ITSELF}]


@pytest.mark.parametrize(
    "value", [np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]], [np.array([1, 2]), np.array([3, 4])]]
)
def test_time_series(value: Any) -> None:
    """Numbers in two dimensions are a table there, and no image."""
    made = read_foreign(parameter("x", component="Timeseries"), value)
    assert made == {"headers": ["1", "2"], "data": [[1, 2], [3, 4]]}


# Choices.


@pytest.mark.parametrize(
    ("value", "expected", "wrong"),
    [
        ("One", 1, []),
        (2, 2, []),
        ("3", "3", ["x: got '3'; it takes one of 1, 2"]),
        (None, None, []),
    ],
)
def test_choices(value: Any, expected: Any, wrong: list[str]) -> None:
    """A label stands for its value; what is neither is noted, and stays."""
    choices = (Choice(1, "One"), Choice(2, "Two"))
    problems = Problems()

    assert choose(place(TEXT, choices=choices, closed_choices=True), value, problems) == expected
    assert found(problems) == wrong


# Members of unions, and what is short for more.

PICTURE = Object("Picture", (Field("image", FILE, True), Field("caption", TEXT, False)))


@pytest.mark.parametrize(
    ("shape", "value", "meant", "written_out"),
    [
        (ANYTHING, [1], ANYTHING, [1]),
        (Union((FILE, NULL)), "a", FILE, "a"),
        (Union((FILE, NULL)), None, NULL, None),
        (Union((TEXT, FILE)), b"x", FILE, b"x"),
        (Union((TEXT, Array(FILE))), b"x", Array(FILE), [b"x"]),
        (PICTURE, (b"x", "c"), PICTURE, {"image": b"x", "caption": "c"}),
        (Array(PICTURE), b"x", Array(PICTURE), [b"x"]),
        (Union((Array(TEXT), NULL)), 5, Array(TEXT), 5),
        (Union((Array(TEXT), FILE)), 5, ANYTHING, 5),
    ],
)
def test_expand(shape: Shape, value: Any, meant: Shape, written_out: Any) -> None:
    """No union is left, and nothing that is short for more."""
    assert expand(shape, value) == (meant, written_out)


# JSON, and the slots in it.


@pytest.mark.parametrize(
    ("value", "shape", "expected", "wrong"),
    [
        ((1, "a"), ANYTHING, [1, "a"], []),
        ({1: 2, None: 3}, ANYTHING, {"1": 2, "null": 3}, []),
        ({"a": [1j, 2]}, ANYTHING, {"a": [None, 2]}, ["x['a'][0]: got 1j of type complex"]),
        ([b"x"], ANYTHING, [None], ["x[0]: got bytes; wrap them in"]),
        (Path("a"), TEXT, "a", []),
        (Path("a"), ANYTHING, None, ["x: got PosixPath('a'); wrap it in"]),
        ([IN_ITSELF], ANYTHING, [None], ["x[0]: got a value that contains itself"]),
        ([10**5000], ANYTHING, [None], ["x[0]: got a number of thousands of digits"]),
        ([FileMarker(b"x")], ANYTHING, ["<file.bin>"], []),
        (b"x", PICTURE, {"image": "<file.bin>"}, []),
        ([b"x", 5], Array(FILE), ["<file.bin>", None], ["x[1]: got 5 of type int"]),
        ({"path": "/srv/x"}, FILE, {"path": "/srv/x", "meta": {"_type": "gradio.FileData"}}, []),
    ],
)
def test_write(value: Any, shape: Shape, expected: Any, wrong: list[str]) -> None:
    """What can't be written is noted with its place, and the rest is written all the same."""
    problems = Problems()
    files = FileSlots(APP, RELEASE, None, problems)

    made = JSONWriter(files, problems, RELEASE).write(place(shape), value)

    def name(value: Any) -> str:
        assert isinstance(value, FileSlot)
        return f"<{value.source.name}>"

    assert json.loads(json.dumps(made, default=name)) == expected
    said = found(problems)
    assert len(said) == len(wrong)
    for text, beginning in zip(said, wrong, strict=True):
        assert text.startswith(beginning)


@pytest.mark.parametrize(
    ("value", "trusted", "size", "wrong"),
    [
        (b"xyz", True, None, ""),
        (b"xyz", True, 2, "x: got 'file.bin' of 3 bytes; the app takes files of at most 2 bytes"),
        ("data:text/plain,abc", False, None, ""),
        ("/etc/hosts", False, None, "x: got '/etc/hosts'; a file is named by"),
        ("/missing", True, None, "x: got '/missing' (No such file or directory); it takes a path"),
        (5, True, None, "x: got 5 of type int; it takes a path"),
    ],
)
def test_slots(value: Any, *, trusted: bool, size: int | None, wrong: str) -> None:
    """A file has a slot; what is none, or may not be sent, has a problem."""
    problems = Problems()
    files = FileSlots(APP, RELEASE, size, problems)

    slot = files.write(place(FILE, trusted=trusted), value)

    assert files.slots == ([] if wrong else [slot])
    assert "".join(found(problems)).startswith(wrong)
    assert bool(found(problems)) == bool(wrong)
