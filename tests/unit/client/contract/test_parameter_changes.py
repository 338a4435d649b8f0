"""What changed of parameters, and which calls it breaks, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.client.contract.parameter_changes import compare_parameters
from tests.support.contracts import taking

JSON = Any

A, B, C = taking("a"), taking("b"), taking("c", "int")
OPTIONAL = taking("o", "float", default=1.5)
ENDLESS = {
    "$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}, "required": ["next"]}},
    "$ref": "#/$defs/n",
}
"""What no value is, as none ends that has to contain itself."""


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        (
            [A, B],
            [A],
            [(True, "parameter b is gone")],
            [(True, "parameter b is new, and can't be left out")],
        ),
        (
            [A, OPTIONAL],
            [A],
            [(True, "parameter o is gone")],
            [(False, "parameter o is new, and can be left out")],
        ),
        (
            [OPTIONAL, A],
            [A],
            [(True, "parameter o is gone")],
            [(True, "parameter o is new, and stands before a")],
        ),
        (
            [A, B],
            [A, taking("text")],
            [(True, "parameter b is called text now")],
            [(True, "parameter text is called b now")],
        ),
        # Another type, or another place: no calls by position go on.
        (
            [A, B],
            [A, C],
            [(True, "parameter b is gone"), (True, "parameter c is new, and can't be left out")],
            [(True, "parameter c is gone"), (True, "parameter b is new, and can't be left out")],
        ),
        (
            [A, B],
            [B, A],
            [
                (True, "parameter a is number 2 now, and was number 1"),
                (True, "parameter b is number 1 now, and was number 2"),
            ],
            [
                (True, "parameter b is number 2 now, and was number 1"),
                (True, "parameter a is number 1 now, and was number 2"),
            ],
        ),
        # What stands behind one that is gone was not moved by anybody.
        (
            [A, B, C],
            [B, C],
            [(True, "parameter a is gone")],
            [(True, "parameter a is new, and can't be left out")],
        ),
        (
            [taking("a", "int")],
            [taking("b", "float", default=1)],
            [
                (True, "parameter a is called b now"),
                (False, "parameter a can be left out now"),
                (False, "parameter a takes float, and took int"),
            ],
            [(True, "parameter b is gone"), (True, "parameter a is new, and can't be left out")],
        ),
        (
            [A],
            [taking("a", default="x")],
            [(False, "parameter a can be left out now")],
            [(True, "parameter a can't be left out any more")],
        ),
        (
            [taking("a", default="x")],
            [taking("a", default="y")],
            [(False, "parameter a has another default: 'y', and not 'x'")],
            [(False, "parameter a has another default: 'x', and not 'y'")],
        ),
        (
            [taking("a", default=None)],
            [taking("a", default_sha256="abc")],
            [(False, "parameter a has another default")],
            [(False, "parameter a has another default")],
        ),
        (
            [taking("a", default_sha256="abc")],
            [taking("a", default_sha256="def")],
            [(False, "parameter a has another default")],
            [(False, "parameter a has another default")],
        ),
        ([taking("a", "float", default=1)], [taking("a", "float", default=1.0)], [], []),
        ([A], [taking("a", label="Another", component="Code")], [], []),
    ],
)
def test_signatures(old: JSON, new: JSON, there: JSON, back: JSON) -> None:
    assert list(compare_parameters(old, new)) == there
    assert list(compare_parameters(new, old)) == back


MESSAGE: dict[str, Any] = {
    "type": "object",
    "properties": {"role": {"type": "string"}, "content": {"type": "string"}},
    "required": ["role"],
}
STRICT = {**MESSAGE, "required": ["role", "content"]}
RICH = {**MESSAGE, "properties": {**MESSAGE["properties"], "id": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        (
            {"kind": "int"},
            {"kind": "float"},
            [(False, "takes float, and took int")],
            [(True, "takes int, and took float")],
        ),
        (
            {"kind": "str"},
            {"kind": "str | None"},
            [(False, "takes str | None, and took str")],
            [(True, "takes str, and took str | None")],
        ),
        (
            {"kind": "str"},
            {"kind": "Any"},
            [(False, "takes Any, and took str")],
            [(True, "takes str, and took Any")],
        ),
        (
            {"kind": "list[str]"},
            {"kind": "list[str | int]"},
            [(False, "takes list[str | int], and took list[str]")],
            [(True, "takes list[str], and took list[str | int]")],
        ),
        # A path is a file no more where anything is taken.
        (
            {"kind": "FileLike"},
            {"kind": "Any"},
            [(True, "takes Any, and took FileLike")],
            [(True, "takes FileLike, and took Any")],
        ),
        (
            {"kind": "FileLike"},
            {"kind": "list[FileLike]"},
            [(True, "takes list[FileLike], and took FileLike")],
            [(True, "takes FileLike, and took list[FileLike]")],
        ),
        (
            {"kind": "str", "choices": ["a", "b"]},
            {"kind": "str", "choices": ["a"]},
            [(True, "does not take 'b' any more")],
            [(False, "takes 'b' too")],
        ),
        (
            {"kind": "list[str]", "choices": ["a", "b"]},
            {"kind": "list[str]", "choices": ["c", "a"]},
            [(True, "does not take 'b' any more"), (False, "takes 'c' too")],
            [(True, "does not take 'c' any more"), (False, "takes 'b' too")],
        ),
        (
            {"kind": "str", "choices": ["a", "b"]},
            {"kind": "list[str]", "choices": ["a", "b"]},
            [(True, "takes list[str], and took str")],
            [(True, "takes str, and took list[str]")],
        ),
        (
            {"kind": "str", "choices": [str(number) for number in range(100)]},
            {"kind": "str", "choices": [str(number) for number in range(90)]},
            [(True, "does not take '90', '91', '92', '93', '94', '95' and 4 more any more")],
            [(False, "takes '90', '91', '92', '93', '94', '95' and 4 more too")],
        ),
        ({"kind": "int", "choices": [1, 2]}, {"kind": "int", "choices": [2.0, 1]}, [], []),
        (
            {"kind": "int | str", "choices": [1]},
            {"kind": "int | str", "choices": ["1"]},
            [(True, "does not take 1 any more"), (False, "takes '1' too")],
            [(True, "does not take '1' any more"), (False, "takes 1 too")],
        ),
        (
            {"kind": "str | None", "choices": ["a"], "schema": {"enum": ["a", None]}},
            {"kind": "str | None", "choices": ["b"], "schema": {"enum": ["b", None]}},
            [(True, "does not take 'a' any more"), (False, "takes 'b' too")],
            [(True, "does not take 'b' any more"), (False, "takes 'a' too")],
        ),
        # Choices that are no scalars are known all the same.
        (
            {"kind": "Any", "choices": [["a"], {"b": 1}]},
            {"kind": "Any", "choices": [["a"]]},
            [(True, "does not take {'b': 1} any more")],
            [(False, "takes {'b': 1} too")],
        ),
        (
            {"kind": "str"},
            {"kind": "str", "choices": ["a", "b"]},
            [(True, "takes nothing but 'a', 'b' now")],
            [(False, "takes other values than its choices now")],
        ),
        (
            {"kind": "Literal['a', 'b']", "schema": {"enum": ["a", "b"]}},
            {"kind": "Literal['a']", "schema": {"enum": ["a"]}},
            [(True, "takes Literal['a'], and took Literal['a', 'b']")],
            [(False, "takes Literal['a', 'b'], and took Literal['a']")],
        ),
        (
            {"kind": "Message", "schema": MESSAGE},
            {"kind": "Message", "schema": STRICT},
            [(True, "takes another Message now ('content' must be there)")],
            [(False, "takes another Message now ('content' may be missing)")],
        ),
        (
            {"kind": "list[Message]", "schema": {"type": "array", "items": MESSAGE}},
            {"kind": "list[Message]", "schema": {"type": "array", "items": RICH}},
            [(False, "takes another list[Message] now ('id' is new)")],
            [(True, "takes another list[Message] now ('id' is gone)")],
        ),
        (
            {"kind": "Message", "schema": MESSAGE},
            {"kind": "dict[str, Any]"},
            [(False, "takes dict[str, Any], and took Message")],
            [(True, "takes Message, and took dict[str, Any]")],
        ),
        (
            {"kind": "FileLike", "component": "Image"},
            {"kind": "FileLike", "component": "Audio"},
            [(True, "is a file for Audio, and was one for Image")],
            [(True, "is a file for Image, and was one for Audio")],
        ),
        (
            {"kind": "FileLike", "component": "Image"},
            {"kind": "FileLike", "component": "File"},
            [],
            [(True, "is a file for Image, and was one for File")],
        ),
        (
            {"kind": "FileLike", "component": "Image"},
            {"kind": "FileLike", "component": "Own"},
            [],
            [],
        ),
        (
            {"kind": "float", "minimum": 0, "maximum": 10},
            {"kind": "float", "minimum": 1, "maximum": 10.0},
            [(True, "has 1 as its least number, and was 0")],
            [(False, "has 0 as its least number, and was 1")],
        ),
        (
            {"kind": "float"},
            {"kind": "float", "maximum": 4},
            [(True, "has 4 as its greatest number")],
            [(False, "has no greatest number any more")],
        ),
        (
            {"kind": "float", "maximum": 4},
            {"kind": "float", "maximum": 3},
            [(True, "has 3 as its greatest number, and was 4")],
            [(False, "has 4 as its greatest number, and was 3")],
        ),
        # A range of no numbers takes none: whatever comes, none is lost.
        (
            {"kind": "float", "minimum": 5, "maximum": 1},
            {"kind": "float", "minimum": 8, "maximum": 10},
            [
                (False, "has 8 as its least number, and was 5"),
                (False, "has 10 as its greatest number, and was 1"),
            ],
            [
                (False, "has 5 as its least number, and was 8"),
                (True, "has 1 as its greatest number, and was 10"),
            ],
        ),
        # What no value is can have been passed by nobody, and nothing can be passed to it.
        (
            {"kind": "dict", "schema": ENDLESS},
            {"kind": "str"},
            [(False, "takes str, and took dict")],
            [(True, "takes dict, and took str")],
        ),
    ],
)
def test_types(old: JSON, new: JSON, there: JSON, back: JSON) -> None:
    before, after = ([taking("a", **facts)] for facts in (old, new))
    for found, expected in (
        (list(compare_parameters(before, after)), there),
        (list(compare_parameters(after, before)), back),
    ):
        assert found == [(breaking, f"parameter a {text}") for breaking, text in expected]


def test_types_that_are_too_large_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether they break anything, and that is what is said; not if they are equal."""
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 0)
    one, other = taking("a", "list[int]"), taking("a", "list[float]")
    said = "parameter a may take less than it took: the types are too large to be compared"
    assert list(compare_parameters([one], [other])) == [(True, said)]
    assert list(compare_parameters([one], [one])) == []
    # Nor is one taken for another under a new name.
    assert len(list(compare_parameters([one], [{**other, "name": "b"}]))) == 2
