"""Values as source: they come out of it as they went in, and formatters leave them alone."""

from __future__ import annotations

import ast
import inspect
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from gradioproxy.functions.literals import (
    is_literal,
    write_docstring,
    write_literal,
    write_text,
)
from gradioproxy.text import clean
from tests.support.exported_source import check_format
from tests.support.schemas import HOSTILE, texts, values

if TYPE_CHECKING:
    from pathlib import Path


def same(one: Any, other: Any) -> bool:
    """Tell whether values are equal, and of the same types all through."""
    return repr(one) == repr(other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("a\\b\n\t\0", r'"a\\b\n\t\x00"'),
        ("名前 é", '"名前 é"'),
        ("a\u202eb\u200b\xa0\ud800", r'"a\u202eb\u200b\xa0\ud800"'),
        ("a\u3164b", r'"a\u3164b"'),
        (True, "True"),
        (None, "None"),
        (-3, "-3"),
        (1.0, "1.0"),
        (math.inf, "math.inf"),
        (-math.inf, "-math.inf"),
        (math.nan, "math.nan"),
        ([], "[]"),
        ({"a": [1, {"b": None}]}, '{"a": [1, {"b": None}]}'),
    ],
)
def test_literals(value: Any, text: str) -> None:
    assert write_literal(value) == text


def test_what_is_long_gets_lines() -> None:
    """Each item is on a line of its own, with a comma behind the last one, to stay there."""
    value = {"key": ["a" * 40, "b" * 40], "short": [1, 2]}
    assert write_literal(value, "    ", 60).split("\n") == [
        "{",
        '        "key": [',
        f'            "{"a" * 40}",',
        f'            "{"b" * 40}",',
        "        ],",
        '        "short": [1, 2],',
        "    }",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "x" * 501,
        list(range(51)),
        1 << 300,
        object(),
        {1: 2},
        [[[[[[[[1]]]]]]]],
        {"a": {"b": object()}},
        b"bytes",
    ],
)
def test_what_is_not_written(value: Any) -> None:
    """What is no JSON, too long, or too deep."""
    assert not is_literal(value)


@given(values)
def test_values_come_back(value: Any) -> None:
    """Whatever is in them; the numbers that have no digits come from ``math``."""
    if not is_literal(value):
        return
    for room in (1, 88):
        text = write_literal(value, "", room)
        assert same(eval(text, {"math": math, "__builtins__": {}}), value)  # noqa: S307 - of ours


@given(texts)
def test_texts_come_back(text: str) -> None:
    written = write_text(text)
    assert ast.literal_eval(written) == text
    assert len(written.splitlines()) == 1


@given(texts)
def test_docstrings_come_back(text: str) -> None:
    """What a terminal obeys is left out, and blanks are blanks; all else is there."""
    lines = write_docstring(text, "    ")
    function: Any = ast.parse("\n".join(["def f():", *lines, "    return 1"])).body[0]
    assert len(function.body) == 2
    doc = ast.get_docstring(function)
    assert doc is not None
    kept = "".join(c for c in doc if not c.isspace())
    assert kept == "".join(c for c in clean(text, len(text) + 1) if not c.isspace())
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_docstring_is_what_it_was() -> None:
    """Its paragraphs and indents stay."""
    text = 'Do it.\n\nArgs:\n    a (str): A \\ and """ and \'x\'.\n        More.'
    made: Any = ast.parse("\n".join(["def f():", *write_docstring(text, "    ")])).body[0]
    assert ast.get_docstring(made) == inspect.cleandoc(text)


def test_formatters_leave_docstrings(tmp_path: Path) -> None:
    """With quotation marks at either end, blanks, backslashes and lines of nothing."""
    pieces = [*HOSTILE, '"quoted"', "x\\", "  x  ", "a\n\n   b\n", "\t\ta\n\tb", '"', "'''", ""]
    lines = []
    for number, text in enumerate(f"{one}{other}" for one in pieces for other in pieces):
        lines += ["", "", f"def f{number}():", *write_docstring(text, "    "), "    return 1"]
    file = tmp_path / "docstrings.py"
    file.write_text("\n".join(lines[2:]) + "\n", encoding="utf-8")
    check_format([file], tmp_path)
