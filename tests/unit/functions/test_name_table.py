"""How functions are called, wherever they have a name: a table that is built as data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.functions.name_table import FunctionNames, NameTable
from gradioproxy.schema.parse import parse_app
from tests.support.schemas import texts

MEMBERS = frozenset({"close", "url"})
RESERVED = frozenset({"_abc_impl"})


def table_of(*names: str, unnamed: bool | None = None) -> NameTable:
    """Name the functions of an app; those that are called ``""`` have no name."""
    dependencies: list[dict[str, Any]] = [
        {"id": number, "api_name": name or False, "inputs": [], "outputs": [], "targets": []}
        for number, name in enumerate(names)
    ]
    config = {"version": "5.50.0", "components": [], "dependencies": dependencies}
    return NameTable.build(parse_app(config, None), unnamed, members=MEMBERS, reserved=RESERVED)


@pytest.mark.parametrize(
    ("endpoint", "attribute", "own_attribute", "tool"),
    [
        ("/predict", "predict", "predict", "predict"),
        ("/close", "close_", "close", "close_"),
        ("/_abc_impl", "_abc_impl_", "_abc_impl_", "_abc_impl_"),
        ("/lambda", "lambda_", "lambda_", "lambda_"),
        ("/a b", "a_b", "a_b", "a_b"),
        ("/1st", "api_1st", "api_1st", "api_1st"),
        ("/名前", "名前", "名前", "__"),
        ("/__connection__", "__connection___", "__connection___", "__connection___"),
        ("/" + "x" * 70, "x" * 70, "x" * 70, "x" * 60),
    ],
)
def test_a_row(endpoint: str, attribute: str, own_attribute: str, tool: str) -> None:
    row = FunctionNames(endpoint, attribute, own_attribute, tool)
    assert table_of(endpoint.removeprefix("/")).rows == (row,)


def test_rows_are_in_the_apps_order_and_numbered() -> None:
    """A member of a session takes a name only where there are such members."""
    assert table_of("b", "close", "close_", "a").rows == (
        FunctionNames("/b", "b", "b", "b"),
        FunctionNames("/close", "close_", "close", "close_"),
        FunctionNames("/close_", "close__2", "close_", "close__2"),
        FunctionNames("/a", "a", "a", "a"),
    )


@pytest.mark.parametrize(
    ("names", "unnamed", "listed"),
    [
        (("a", ""), None, ["/a"]),
        (("a", ""), False, ["/a"]),
        (("a", ""), True, ["/a", "fn_1"]),
        (("", ""), None, ["fn_0", "fn_1"]),
        (("", ""), False, []),
        ((), None, []),
    ],
)
def test_which_are_listed(names: tuple[str, ...], unnamed: bool | None, listed: list[str]) -> None:
    """Functions without a name are listed if there are no others, or if they are asked for."""
    assert list(table_of(*names, unnamed=unnamed).listed) == listed


def test_names_of_what_is_not_listed() -> None:
    """A function that is not listed has names all the same."""
    table = table_of("close", "")
    assert table.names_of("/close") == FunctionNames("/close", "close_", "close", "close_")
    assert table.names_of("fn_1") == FunctionNames("fn_1", "fn_1", "fn_1", "fn_1")
    assert table.names_of("/1 st") == FunctionNames("/1 st", "api_1_st", "api_1_st", "api_1_st")


@given(st.lists(texts, max_size=5))
def test_every_way_leads_back(names: list[str]) -> None:
    """Whatever functions are called, each name is that of one function."""
    table = table_of(*names, unnamed=True)
    for row in table.rows:
        assert table.attributes[row.attribute] == row.endpoint
        assert table.own_attributes[row.own_attribute] == row.endpoint
        assert table.tools[row.tool] == row.attribute
        assert table.names_of(row.endpoint) is row
        assert row.attribute not in MEMBERS | RESERVED
        assert row.own_attribute not in RESERVED
