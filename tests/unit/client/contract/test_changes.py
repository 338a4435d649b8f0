"""What changed between two contracts: functions, and apps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, reject, settings

from gradioproxy.client.contract.build import describe_contract
from gradioproxy.client.contract.changes import Change, compare_contracts
from gradioproxy.errors import SchemaError
from gradioproxy.text import one_line
from tests.support.app_documents import connection_to, documents
from tests.support.contracts import contract, function, taking

JSON = Any


def changes_of(old: JSON, new: JSON) -> list[tuple[bool, str]]:
    """Return what changed of one function."""
    found = compare_contracts(contract({"/f": old}), contract({"/f": new}))
    assert {change.endpoint for change in found} <= {"/f"}
    return [(change.breaking, change.text) for change in found]


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        (
            function(name="f"),
            function(name="f_2"),
            [(True, "its name in Python is f_2, and was f")],
            [(True, "its name in Python is f, and was f_2")],
        ),
        (
            function(yields=True),
            function(yields=False),
            [(True, "it yields no partial results any more")],
            [(False, "it yields partial results now")],
        ),
        # Some versions of Gradio don't say.
        (function(yields=None), function(yields=False), [], []),
        (function(yields=True), function(yields=None), [], []),
        (function(description="One."), function(description="Another."), [], []),
        (
            function(taking("a")),
            function(taking("b", "int"), contradiction="three inputs"),
            [(True, "it can't be called: three inputs")],
            [(False, "it can be called now")],
        ),
        # Nobody could call it, so that nothing can be lost.
        (
            function(taking("a"), contradiction="three inputs"),
            function(taking("b", "int"), contradiction="two outputs"),
            [],
            [],
        ),
        (
            function(name="f", contradiction="three inputs"),
            function(name="f_2"),
            [
                (False, "its name in Python is f_2, and was f"),
                (False, "it can be called now"),
            ],
            [
                (True, "its name in Python is f, and was f_2"),
                (True, "it can't be called: three inputs"),
            ],
        ),
    ],
)
def test_functions(old: JSON, new: JSON, there: JSON, back: JSON) -> None:
    assert changes_of(old, new) == there
    assert changes_of(new, old) == back


def test_functions_come_and_go() -> None:
    """In the old order; what is new comes last, and breaks nothing."""
    before = contract({"/gone": function(), "/kept": function(), "/gone_2": function()})
    after = contract({"/new": function(), "/kept": function()})
    assert compare_contracts(before, after) == [
        Change("/gone", True, "the function is gone"),
        Change("/gone_2", True, "the function is gone"),
        Change("/new", False, "the function is new"),
    ]
    assert [str(change) for change in compare_contracts(after, before)] == [
        "/new: the function is gone",
        "/gone: the function is new",
        "/gone_2: the function is new",
    ]


def test_the_app_itself_breaks_nothing() -> None:
    """Another address or version is told; the protocol goes with the version."""
    before, after = contract({}), contract({}, "http://copy.test", "7.0.0")
    after["app"]["protocol"] = "sse_v4"
    found = compare_contracts(before, after)
    assert found == [
        Change("", False, "the address is http://copy.test, and was http://app.test"),
        Change("", False, "the version of Gradio is 7.0.0, and was 6.31.0"),
    ]
    assert str(found[0]) == "the address is http://copy.test, and was http://app.test"


def test_what_an_app_says_is_cleaned() -> None:
    """Names, types and choices can't move a cursor, nor begin a line."""
    name = "a\x1b[31m\nb\u202e"
    old = function(taking(name), taking("c", choices=["x", name]), name=name)
    new = function(taking("c", choices=["x"]), contradiction="")
    found = compare_contracts(
        contract({f"/{name}": old, "/g": old}), contract({"/g": new}, url=name)
    )
    assert len(found) == 5
    assert all(str(change).isprintable() for change in found)


def contract_of(document: tuple[JSON, JSON]) -> JSON:
    """Return the contract of an app that describes itself like this."""
    try:
        connection = connection_to(*document)
    except SchemaError:  # no description at all
        reject()
    return describe_contract(connection.description.app, connection.names, "http://app.test")


@given(documents())
def test_an_app_is_what_it_was(document: tuple[JSON, JSON]) -> None:
    """Whatever it says of itself."""
    assert compare_contracts(contract_of(document), contract_of(document)) == []


@settings(max_examples=30, phases=[Phase.generate])  # each draws two, and takes ten times as long
@given(documents(), documents())
def test_any_two_apps_can_be_compared(one: tuple[JSON, JSON], other: tuple[JSON, JSON]) -> None:
    """Whatever they say, in both directions."""
    first, second = contract_of(one), contract_of(other)
    # Functions of one name, too.
    second["functions"] |= dict(zip(first["functions"], second["functions"].values(), strict=False))
    for old, new in ((first, second), (second, first)):
        for change in compare_contracts(old, new):
            assert str(change) == one_line(change, 5_000)
