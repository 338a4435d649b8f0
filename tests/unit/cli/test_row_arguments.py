"""What rows give to a function."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click
import pytest

from gradioproxy.cli.input import Input
from gradioproxy.cli.row_arguments import (
    RowArguments,
    RowError,
    place_paths,
    read_constants,
)
from gradioproxy.cli.rows import Row
from gradioproxy.schema import shape as shapes
from tests.support.offline_functions import FILE, FILES, FLAG, NUMBER, TABLE, TEXT, make_offline

FUNCTION = make_offline(
    {
        "text": ("Textbox", TEXT),
        "times": ("Number", NUMBER),
        "loud": ("Checkbox", FLAG),
        "first_names": ("JSON", {"type": "array", "items": TEXT}),
    },
    {"times": 1, "loud": False, "first_names": ["Ada"]},
)
FOLDER = Path("/rows")


def make_arguments(
    function: Any = FUNCTION, *, texts: bool = True, passes: bool = False, **constants: Any
) -> RowArguments:
    """Return what makes arguments of rows."""
    return RowArguments(function, constants, folder=FOLDER, texts=texts, passes=passes)


def make(arguments: RowArguments, **cells: Any) -> tuple[Any, ...]:
    """Return the values that a row of these cells gives."""
    return arguments.make(Row(1, 2, cells)).values


def find_problems(arguments: RowArguments, **cells: Any) -> tuple[str, ...]:
    """Return what is wrong with a row of these cells."""
    with pytest.raises(RowError) as caught:
        make(arguments, **cells)
    return caught.value.problems


def test_a_text_is_what_an_option_would_be() -> None:
    """A number, a flag, a list: as `gradioproxy call` has it."""
    given = {"text": "5", "times": "2", "loud": "True", "first_names": '["a", "b"]'}
    assert make(make_arguments(), **given) == ("5", 2, True, ["a", "b"])


@pytest.mark.parametrize("text", ["@home", "@@home", "-", "--token", "{", "null", " "])
def test_a_cell_stands_for_nothing_else(text: str) -> None:
    """It names no file that is read, nor standard input."""
    assert make(make_arguments(), text=text)[0] == text


def test_what_is_empty_or_missing_is_the_default() -> None:
    """The function takes it for left out: what is sent is the app's own."""
    for cells in ({"text": "a"}, {"text": "a", "times": "", "loud": "", "first_names": ""}):
        values = make(make_arguments(), **cells)
        assert values == ("a", 1, False, ["Ada"])
        assert FUNCTION.check(*values).data == ["a", 1, False, ["Ada"]]
        assert all(value is default for value, default in zip(values[1:], _list_defaults()))  # noqa: B905


def _list_defaults() -> tuple[Any, ...]:
    defaults: tuple[Any, ...] = FUNCTION.__defaults__  # type: ignore[attr-defined] # a real function
    return defaults


def test_what_is_empty_without_a_default() -> None:
    """It is told: nobody knows whether an empty text was meant."""
    assert find_problems(make_arguments(), text="") == (
        "text: it is empty, and there is no default for it",
    )
    assert find_problems(make_arguments(), times="2") == ("text is missing, and has no default",)


def test_json_values_are_what_they_are() -> None:
    """An empty text is one, and nothing is nothing."""
    values = make(make_arguments(texts=False), text="", times=None, first_names=[])
    assert values == ("", None, False, [])


@pytest.mark.parametrize("name", ["first_names", "first-names", " first names "])
def test_columns_are_parameters(name: str) -> None:
    """As Python spells them, or as an option or a person does."""
    given = {"text": "a", name: "Grace"}
    assert make(make_arguments(), **given)[-1] == ["Grace"]


def test_columns_that_are_wrong() -> None:
    """All that is wrong with them is told, with the nearest name."""
    arguments = make_arguments(times=3)
    assert arguments.check_columns(["tetx", "times", "zzz"]) == [
        "times is given twice, by --set and 'times'",
        "there is no parameter 'tetx', did you mean 'text'?",
        (
            "there is no parameter 'zzz', there are text, times, loud, first_names "
            "(--pass-through copies such columns to the results)"
        ),
        "text is missing, and has no default",
    ]
    assert arguments.check_columns(["text"]) == []
    assert arguments.check_columns([]) == ["text is missing, and has no default"]
    twice = make_arguments().check_columns(["text", "first names", "first_names"])
    assert twice == ["first_names is given twice, by 'first names' and 'first_names'"]


def test_columns_that_are_copied() -> None:
    """They are apart from the arguments; what may be a slip is found."""
    arguments = make_arguments(passes=True)
    given = arguments.make(Row(1, 2, {"text": "a", "id": "=7", "tmes": "2"}))
    assert given.extra == {"id": "=7", "tmes": "2"}
    assert given.values == ("a", 1, False, ["Ada"])
    assert arguments.find_misspelled(given.extra) == {"tmes": "times"}


def test_a_table_in_a_cell() -> None:
    """It is one as for an option, and what is none is told without advice that is for options."""
    arguments = make_arguments(make_offline({"table": ("Dataframe", TABLE)}))
    (value,) = make(arguments, table="a,b\n1,x\n")
    assert value == {"headers": ["a", "b"], "data": [[1, "x"]]}
    (problem,) = find_problems(arguments, table="some words")
    assert problem.startswith("table takes a table")
    assert "@FILE" not in problem


def test_files_are_relative_to_the_rows(tmp_path: Path) -> None:
    """At any depth; what is elsewhere stays what it is, and what is given for all rows, too."""
    (tmp_path / "a.txt").write_text("content", encoding="utf-8")
    function = make_offline({"one": ("File", FILE), "many": ("File", FILES)}, {"many": []})
    arguments = RowArguments(function, {}, folder=tmp_path, texts=True, passes=False)
    values = make(arguments, one="a.txt", many='["a.txt", "https://example.com/b.txt"]')
    assert values == (
        str(tmp_path / "a.txt"),
        [str(tmp_path / "a.txt"), "https://example.com/b.txt"],
    )
    planned = [(file.name, file.size) for file in function.check(*values).files]
    assert planned[0] == ("a.txt", 7)
    assert make(arguments, one="/elsewhere/a.txt", many="a.txt") == (
        "/elsewhere/a.txt",
        [str(tmp_path / "a.txt")],
    )
    constant = RowArguments(function, {"one": "a.txt"}, folder=tmp_path, texts=True, passes=False)
    assert make(constant, many="") == ("a.txt", [])


ITEM = shapes.Object(
    "GalleryImage",
    (
        shapes.Field("image", shapes.FILE, required=True),
        shapes.Field("caption", shapes.union([shapes.TEXT, shapes.NULL]), required=False),
    ),
)
MESSAGE = shapes.Object(
    "MultimodalData",
    (
        shapes.Field("text", shapes.TEXT, required=True),
        shapes.Field("files", shapes.Array(shapes.FILE), required=False),
    ),
)


@pytest.mark.parametrize(
    ("shape", "value", "placed"),
    [
        (shapes.FILE, "a.png", "/rows/a.png"),
        (shapes.FILE, "data:text/plain,a", "data:text/plain,a"),
        (shapes.FILE, {"path": "a.png"}, {"path": "a.png"}),
        (shapes.FILE, None, None),
        (shapes.union([shapes.FILE, shapes.NULL]), "../a.png", "/rows/../a.png"),
        (shapes.TEXT, "a.png", "a.png"),
        (
            shapes.Array(ITEM),
            ["a.png", ["b.png", "b.png"], {"image": "c.png", "caption": "c.png"}],
            [
                {"image": "/rows/a.png"},
                {"image": "/rows/b.png", "caption": "b.png"},
                {"image": "/rows/c.png", "caption": "c.png"},
            ],
        ),
        (MESSAGE, "a.png", {"text": "a.png"}),
        (
            MESSAGE,
            {"text": "a.png", "files": ["a.png"], "else": "a.png"},
            {"text": "a.png", "files": ["/rows/a.png"], "else": "a.png"},
        ),
        (shapes.Dictionary(shapes.FILE), {"a": "a.png"}, {"a": "/rows/a.png"}),
        (
            shapes.FixedArray((shapes.FILE, shapes.TEXT)),
            ["a.png", "a.png"],
            ["/rows/a.png", "a.png"],
        ),
    ],
)
def test_paths_in_values(shape: shapes.Shape, value: Any, placed: Any) -> None:
    """A text is a path where it is a file, and a text where it is one."""
    assert place_paths(shape, value, FOLDER) == placed


def test_what_all_rows_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `call` takes it: repeated for a list, from a file, from standard input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"from outside\n")))
    given = ["times=2", "first-names=a", "first names=b", "text=-"]
    assert read_constants(FUNCTION.endpoint, given, Input()) == {
        "times": 2,
        "first_names": ["a", "b"],
        "text": "from outside",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["times"], "--set takes PARAM=VALUE, not 'times'"),
        (["tmes=1"], "--set: there is no parameter 'tmes', did you mean 'times'?"),
        (["times=1", "times=2"], "--set times: given twice"),
        (["text=@missing.txt"], "--set text: missing.txt: No such file or directory"),
        (["file=-"], "--set file: standard input is no file that every row could have"),
    ],
)
def test_what_no_row_can_be_given(given: list[str], message: str) -> None:
    """It is told before anything is read."""
    function = make_offline(
        {"text": ("Textbox", TEXT), "times": ("Number", NUMBER), "file": ("File", FILE)}
    )
    with pytest.raises(click.UsageError) as caught:
        read_constants(function.endpoint, given, Input())
    assert caught.value.message == message
