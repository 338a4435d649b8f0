"""Types in contracts: read back as the shapes that they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from gradioproxy.client.contract.type_entries import (
    describe_given,
    describe_taken,
    find_type,
    read_type,
)
from gradioproxy.functions.value_shapes import given_shape, taken_shape
from gradioproxy.schema.inclusion import includes
from gradioproxy.schema.shape import (
    ANYTHING,
    FILE,
    INTEGER,
    NULL,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    Object,
    Shape,
    Union,
)
from tests.support.schemas import endpoints, parameter, result

if TYPE_CHECKING:
    from gradioproxy.schema.endpoint import Endpoint

MANY = tuple(f"choice {number}" for number in range(100))
MESSAGE = Object("Message", (Field("role", TEXT, True),))


@pytest.mark.parametrize(
    ("shape", "facts", "text", "has_schema"),
    [
        (TEXT, {}, "str", False),
        (TEXT, {"has_default": True, "default": None}, "str | None", False),
        (FILE, {}, "FileLike", False),
        (FILE, {"has_default": True, "default": {"path": "a"}}, "FileLike | None", False),
        (ANYTHING, {}, "Any", False),
        (Array(Union((TEXT, INTEGER))), {}, "list[str | int]", False),
        (Union((Array(Union((TEXT, NULL))), NULL)), {}, "list[str | None] | None", False),
        (Dictionary(Array(FILE)), {}, "dict[str, list[FileLike]]", False),
        # Of which the text does not say all.
        (MESSAGE, {}, "Message", True),
        (Array(MESSAGE), {}, "list[Message]", True),
        (Enum(("a", "b")), {}, "Literal['a', 'b']", True),
        (Union((TEXT, FILE)), {}, "FileLike", True),
        (Array(Enum(MANY)), {}, "list[str]", True),
        # Its choices are beside it.
        (TEXT, {"choices": MANY, "closed_choices": True, "default": "choice 1"}, "str", False),
        (
            Array(TEXT),
            {"choices": MANY, "closed_choices": True, "has_default": True, "default": None},
            "list[str] | None",
            False,
        ),
        (TEXT, {"choices": ["a", 1], "closed_choices": True}, "str | int", False),
    ],
)
def test_few_types_need_a_schema(
    shape: Shape, facts: dict[str, Any], text: str, has_schema: bool
) -> None:
    """And with it or without, what is read is what was meant."""
    made = parameter("a", shape, **facts)
    choices = None if made.choices is None else [choice.value for choice in made.choices]
    found, schema = describe_taken(made, "a", choices)
    assert (found, schema is not None) == (text, has_schema)
    entry: dict[str, Any] = {"type": found} | ({"schema": schema} if schema else {})
    entry |= {} if choices is None else {"choices": choices}
    again = read_type(entry)
    assert includes(again, taken_shape(made))
    assert includes(taken_shape(made), again)


@given(endpoints())
def test_no_type_is_lost(made: Endpoint) -> None:
    """Whatever an app says of it, but for numbers that are none."""
    for one in made.parameters:
        text, schema = describe_taken(one, "a", None)
        again = read_type({"type": text} | ({} if schema is None else {"schema": schema}))
        assert includes(again, taken_shape(one))
    for each in made.results:
        text, schema = describe_given(each, "")
        again = read_type({"type": text} | ({} if schema is None else {"schema": schema}))
        assert includes(again, given_shape(each))


def test_a_table_is_told_by_its_keys() -> None:
    table = Object("T", (Field("headers", Array(TEXT), True), Field("data", Array(ANYTHING), True)))
    text, schema = describe_given(result("Table", table), "")
    assert text == "Table"
    assert schema is not None
    assert read_type({"type": text, "schema": schema}).by_name.keys() == {"headers", "data"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["", "Message", "list[]", "list[Message]", "str | Message", "list["]
)
def test_text_that_is_no_type(text: str) -> None:
    assert find_type({"type": text}) is None
    assert read_type({"type": text}) == ANYTHING
