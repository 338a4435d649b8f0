"""What the machines of one call share; what they owe their driver is in `test_conformance`."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.protocols import direct, simple, sse, websocket
from gradioproxy.protocols.single_call import State, parse_object

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
        ("[1]", {}),
        ("", {}),
        (b"\xff", {}),
        ("[" * 100_000, {}),
    ],
)
def test_a_text_that_is_no_object_says_nothing(text: str | bytes, message: dict[str, Any]) -> None:
    assert parse_object(text) == message
