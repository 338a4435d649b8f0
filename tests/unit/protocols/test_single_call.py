"""What the machines of one call share; what they owe their driver is in `test_conformance`."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.protocols import direct, simple, sse, websocket
from gradioproxy.protocols.events import Lost
from gradioproxy.protocols.messages import DAMAGED, TOO_DEEP, Reader
from gradioproxy.protocols.single_call import State, parse_object
from gradioproxy.schema.release import NEWEST

if TYPE_CHECKING:
    from types import ModuleType

STATES = {state.name.lower().replace("_", " ") for state in State}
CONDITIONS = {"any", "in 4.0", "in Gradio 6", "no generator"}


def states_in(text: str) -> set[str]:
    """Return what the first column of the table of states in a docstring says."""
    _, _, table, _ = re.split(r"^=+ +=+ +=+$", text, flags=re.MULTILINE)
    column = [line.split("  ")[0] for line in table.splitlines()]
    return {state for cell in column if cell for state in cell.split(", ")}


@pytest.mark.parametrize("module", [direct, simple, sse, websocket])
def test_the_states_in_the_table_of_a_machine_are_those_of_its_code(module: ModuleType) -> None:
    said = states_in(module.__doc__ or "")
    assert said <= STATES | CONDITIONS
    used = re.findall(r"\bState\.([A-Z_]+)", inspect.getsource(module))
    assert {name.lower().replace("_", " ") for name in used} <= said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"msg": "x"}', {"msg": "x"}),
        (b'{"msg": "x"}', {"msg": "x"}),
        ("", {}),
        (" \n", {}),
        ("null", {}),
        ("[1]", {"msg": DAMAGED, "event_id": None}),
        ('{"msg": "x", "event_id": "e1", "out', {"msg": DAMAGED, "event_id": "e1"}),
        (b"\xff", {"msg": DAMAGED, "event_id": None}),
        ("[" * 100_000, {"msg": TOO_DEEP, "event_id": None}),
    ],
)
def test_a_text_is_an_object_or_says_nothing_or_can_not_be_read(
    text: str | bytes, message: dict[str, Any]
) -> None:
    assert parse_object(text) == message


def test_an_object_that_is_nested_too_deeply_can_be_a_result() -> None:
    """It is told of the call that it names, and not left out like what says nothing."""
    data = "[" * 100_000 + "]" * 100_000
    named = f'{{"msg": "process_generating", "event_id" : "e1", "output": {{"data": {data}}}}}'
    assert parse_object(named) == {"msg": TOO_DEEP, "event_id": "e1"}
    assert parse_object(f'{{"msg": {data}}}'.encode()) == {"msg": TOO_DEEP, "event_id": None}
    reader = Reader(sends_edits=False, release=NEWEST)
    assert reader.receive(parse_object(named)) == Lost(
        "The server sent a value that is nested too deeply."
    )
