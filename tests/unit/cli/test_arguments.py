"""Parameters as options, and texts as their values."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import given

from gradioproxy.cli.arguments import (
    build_options,
    parse_table,
    read_argument,
    write_argument,
    write_choice,
)
from gradioproxy.cli.endpoint import EndpointCommand
from gradioproxy.cli.input import Input
from gradioproxy.schema import shape as shapes
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.shape import Array, Dictionary, Enum, Object, Shape
from tests.support.schemas import endpoint, parameter, parameters, values

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Parameter

OBJECT = Object("", (shapes.Field("text", shapes.TEXT, required=True),))
MANY_FILES = Array(shapes.FILE)


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Give what standard input will have."""
    content = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    return content


def read(shape: Shape, *texts: str, **facts: Any) -> Any:
    """Return what texts are as the value of a parameter."""
    return read_argument(parameter(shape=shape, **facts), texts, "--x", Input())


@pytest.mark.parametrize(
    ("shape", "texts", "value"),
    [
        (shapes.TEXT, ["5"], "5"),
        (shapes.TEXT, [""], ""),
        (shapes.TEXT, ['{"a": 1}'], '{"a": 1}'),
        (shapes.TEXT, ["@@name"], "@name"),
        (shapes.TEXT, ["@"], "@"),
        (shapes.INTEGER, ["5"], 5),
        (shapes.INTEGER, ["five"], "five"),
        (shapes.NUMBER, ["-0.5"], -0.5),
        (shapes.union([shapes.INTEGER, shapes.NULL]), ["none"], None),
        (shapes.union([shapes.BOOLEAN, shapes.NULL]), ["true"], True),
        (shapes.ANYTHING, ['{"a": [1]}'], {"a": [1]}),
        (shapes.ANYTHING, ["12"], 12),
        (shapes.ANYTHING, ["words"], "words"),
        (OBJECT, ['{"text": "a"}'], {"text": "a"}),
        (OBJECT, ["words"], "words"),
        (Dictionary(shapes.INTEGER), ['{"a": "1"}'], {"a": 1}),
        (Array(shapes.TEXT), ["a"], ["a"]),
        (Array(shapes.TEXT), ["a", "b"], ["a", "b"]),
        (Array(shapes.TEXT), ['["a", "b"]'], ["a", "b"]),
        (Array(shapes.INTEGER), ["1", "2"], [1, 2]),
        (Enum((1, 2)), ["2"], 2),
        (Enum(("1", 2)), ["1"], "1"),
        (Enum(("a", "b")), ["c"], "c"),
        (shapes.FILE, ["@a.png"], "@a.png"),
        (MANY_FILES, ["a.png", "b.png"], ["a.png", "b.png"]),
        (MANY_FILES, ["a.png"], ["a.png"]),
    ],
)
def test_texts_become_values(shape: Shape, texts: list[str], value: Any) -> None:
    """A text becomes what the parameter takes, as far as that leaves no doubt."""
    made = read(shape, *texts)
    assert (made, type(made)) == (value, type(value))


def test_choices_count_before_the_schema() -> None:
    """What a component offers says what its value is."""
    assert read(shapes.TEXT, "2", choices=[1, 2], closed_choices=True) == 2


def test_long_texts_are_read(tmp_path: Path, stdin: io.BytesIO) -> None:
    """Texts come from files and from standard input, without the line break at their end."""
    path = tmp_path / "text.txt"
    path.write_bytes("lang ü\n\n".encode())
    stdin.write(b"from outside\r\n")
    stdin.seek(0)

    assert read(shapes.TEXT, f"@{path}") == "lang ü\n"
    assert read(shapes.TEXT, "-") == "from outside"


def test_files_come_from_standard_input(stdin: io.BytesIO) -> None:
    """A file's content is not read before it is sent."""
    assert read(shapes.FILE, "-") is stdin
    assert read(shapes.union([shapes.FILE, shapes.NULL]), "-") is stdin


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "text.txt: No such file or directory"), (b"\xff", "text.txt is no text in UTF-8")],
)
def test_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    """What names no text is an error before anything is sent, and names the option."""
    monkeypatch.chdir(tmp_path)  # a long path is cut
    path = Path("text.txt")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(click.UsageError, match=f"--x: {message}"):
        read(shapes.TEXT, f"@{path}")


def test_what_is_no_text(stdin: io.BytesIO) -> None:
    """It is told where it comes from, and not what it is."""
    stdin.write(b"\xff")
    stdin.seek(0)
    with pytest.raises(click.UsageError, match="--x: standard input is no text in UTF-8"):
        read(shapes.TEXT, "-")
    with pytest.raises(click.UsageError, match="--x: what was given is no text in UTF-8"):
        read(shapes.TEXT, "secret\udcff")


def test_tables_are_comma_separated(tmp_path: Path) -> None:
    """A table can be what spreadsheets export, or JSON."""
    path = tmp_path / "table.csv"
    path.write_text('name,size\n"a, b",1.5\nc,x\n', encoding="utf-8")
    table = {"headers": ["name", "size"], "data": [["a, b", 1.5], ["c", "x"]]}
    rows = Array(Array(shapes.ANYTHING))
    frame = Object("", (shapes.Field("data", rows, required=True),))

    assert read(frame, f"@{path}", component="Dataframe") == table
    assert read(frame, '{"data": [["a"]]}', component="Dataframe") == {"data": [["a"]]}
    assert parse_table("", "--x") == {"headers": [], "data": []}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "\n a,b \n\n1,NaN\n-2,1e400\n",
            {"headers": [" a", "b "], "data": [[1, "NaN"], [-2, "1e400"]]},
        ),
        (
            "a\n007\n1_0\n\u0661\n+1\n.5\n1.\n1e2\n-0.5E-1\n 7 \n0x1\ninf\n-\n-0\n1\u00a0\n",
            {
                "headers": ["a"],
                "data": [
                    *(["007"], ["1_0"], ["\u0661"], ["+1"], [".5"], ["1."], [100.0], [-0.05], [7]),
                    *(["0x1"], ["inf"], ["-"], [0], ["1\u00a0"]),
                ],
            },
        ),
        (f"a\n{'9' * 5000}\n", {"headers": ["a"], "data": [["9" * 5000]]}),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        (f"a\n{'x' * 200_000}", {"headers": ["a"], "data": [["x" * 200_000]]}),
    ],
)
def test_what_is_a_table(text: str, value: Any) -> None:
    """Numbers are those of JSON, lines without anything are none, and rows can come as JSON."""
    limit = csv.field_size_limit()
    assert parse_table(text, "--x") == value
    assert csv.field_size_limit() == limit  # of whatever file it is a cell


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data.csv", "@FILE reads one"),
        ('{"headers": ["a"]', "is no JSON"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_table(text: str, message: str) -> None:
    """A path without its mark, or JSON that is cut, is no table with one header."""
    with pytest.raises(click.UsageError, match=message):
        parse_table(text, "--x")


@pytest.mark.parametrize(
    ("shape", "value", "words"),
    [
        (shapes.TEXT, "plain", ["--x", "plain"]),
        (shapes.TEXT, "@/etc/passwd", ["--x", "@@/etc/passwd"]),
        (shapes.TEXT, "-o", ["--x=-o"]),
        (shapes.TEXT, "-", []),
        (shapes.TEXT, "a\nb", []),
        (shapes.TEXT, "a\x1b[2J", []),
        (shapes.TEXT, "a\u202eb", []),
        (shapes.NUMBER, -1.5, ["--x=-1.5"]),
        (shapes.BOOLEAN, True, ["--x"]),
        (shapes.BOOLEAN, False, ["--no-x"]),
        (Array(shapes.TEXT), ["a", "@b", "-c"], ["--x", "a", "--x", "@@b", "--x=-c"]),
        (Array(shapes.TEXT), ["[1]"], ["--x", '["[1]"]']),
        (Array(shapes.TEXT), ["@a"], ["--x", "@@a"]),
        (shapes.ANYTHING, "12", ["--x", '"12"']),
        (shapes.ANYTHING, "-", ["--x", '"-"']),
        (shapes.ANYTHING, None, ["--x", "null"]),
        (shapes.union([shapes.TEXT, shapes.NULL]), None, []),
        (shapes.NUMBER, "five", ["--x", "five"]),
        (shapes.NUMBER, "5", []),
        (shapes.TEXT, 5, []),
        (shapes.BOOLEAN, None, []),
        (Enum(("1", 1)), 1, []),
        (Array(shapes.INTEGER), [1, 2], ["--x", "[1, 2]"]),
        (Array(shapes.INTEGER), ["1", "2"], []),
        (Array(shapes.FILE), ["@a.png"], ["--x", "@a.png"]),
        (Array(shapes.TEXT), [], ["--x", "[]"]),
        (shapes.ANYTHING, {"a": "@b"}, ["--x", '{"a": "@b"}']),
        (shapes.FILE, "image.png", ["--x", "image.png"]),
    ],
)
def test_what_an_app_says_is_written_as_it_is(shape: Shape, value: Any, words: list[str]) -> None:
    """An example is pasted: nothing in it reads a file, is an option, or moves a cursor."""
    (option,) = build_options(endpoint([parameter("x", shape)]))
    assert write_argument(option, value) == words
    if words and shape is not shapes.BOOLEAN:
        texts = [one.removeprefix("--x=") for one in words if one != "--x"]
        assert read(shape, *texts) == value


@given(parameters(), values)
def test_whatever_is_written_is_read_as_it_was(drawn: Parameter, value: Any) -> None:
    """By a command line, as values of the option and by its place, whatever apps say."""
    made = endpoint([drawn])
    command = EndpointCommand(made)
    (option,) = command.parameter_options
    written = [(write_argument(option, value), value)]
    if not option.is_flag:
        for choice in drawn.choices or ():
            text = write_choice(option, choice.value)
            listed = isinstance(option.shape, Array)
            wanted = [choice.value] if listed else choice.value
            written += [] if text is None else [([f"{option.opts[0]}={text}"], wanted)]
    for words, expected in written:
        if words:
            with command.make_context("x", [*words]) as context:
                (read_again,) = command.read_arguments(context, None, Input()).values()
            assert json.dumps(read_again, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_choices_are_completed_as_they_are_read() -> None:
    """What would be another value, a file or an option is not offered."""
    offered = [Choice(value, "label") for value in ("a b", "@x", "-5", "-", "1", 1, 2.5, None)]
    drawn = parameter("x", shapes.ANYTHING, choices=offered, closed_choices=True)
    command = EndpointCommand(endpoint([drawn]))
    context = click.Context(command)
    (option,) = command.parameter_options
    assert [item.value for item in option.shell_complete(context, "")] == [
        *("a b", "@@x", "-5", "1", "2.5")
    ]
    (values_argument,) = (one for one in command.params if isinstance(one, click.Argument))
    placed = [item.value for item in values_argument.shell_complete(context, "")]
    assert placed[:4] == ["a b", "@@x", "1", "2.5"]


def test_options_are_named_like_parameters() -> None:
    """Underscores are hyphens, flags can be denied, and lists repeat their option."""
    made = build_options(
        endpoint(
            [
                parameter("My text"),
                parameter("flag", shapes.BOOLEAN),
                parameter("no_flag", shapes.BOOLEAN),
                parameter("names", Array(shapes.TEXT)),
            ]
        )
    )
    assert [one.opts + one.secondary_opts for one in made] == [
        ["--My-text"],
        ["--param-flag", "--no-param-flag"],
        ["--no-flag", "--no-no-flag"],
        ["--names"],
    ]
    assert [one.multiple for one in made] == [False, False, False, True]


def test_other_options_keep_their_names() -> None:
    """A parameter that is called like an option of every call has another option."""
    made = build_options(
        endpoint([parameter("token"), parameter("json", shapes.BOOLEAN), parameter("help")]),
        {"--token", "--json"},
    )
    assert [one.opts + one.secondary_opts for one in made] == [
        ["--param-token"],
        ["--param-json", "--no-param-json"],
        ["--param-help"],
    ]
    made = build_options(endpoint([parameter("token"), parameter("param_token")]), {"--token"})
    assert [one.opts for one in made] == [["--param-param-token"], ["--param-token"]]
