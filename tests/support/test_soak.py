"""What a soak tells, for calls whose fate is known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.soak.figures import Logs, compare, slope
from tests.support.soak.report import BEGIN, END, render_table, write_page

CALL: dict[str, Any] = {
    "run": "a",
    "function": "count",
    "seconds": 1,
    "error": None,
    "told": None,
    "values": ["x", "y"],
    "hung": False,
}


@pytest.fixture
def logs() -> Logs:
    """Give the logs of a server that ran one call and answered two values."""
    made = Logs()
    made.begun["a"] = 1
    made.answered["a"] = ["x", "y"]
    return made


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({}, None),
        ({"values": ["x", None]}, None),  # a file that could not be read
        ({"error": "ConnectionLost", "told": True, "values": ["x"]}, None),
        ({"error": "ConnectionLost", "told": True, "values": []}, None),
        ({"values": ["x", "z"]}, "wrong"),
        ({"values": ["y"]}, "wrong"),
        ({"values": ["x", "y", "y"]}, "wrong"),
        ({"values": ["x"]}, "lost"),
        ({"error": "ConnectionLost", "told": True, "values": ["y"]}, "wrong"),
        ({"error": "ConnectError", "told": False, "values": []}, "denied"),
        ({"error": "KeyError", "foreign": True}, "foreign"),
        ({"error": "hung", "hung": True}, "hung"),
    ],
    ids=repr,
)
def test_each_call_is_held_against_the_log(
    logs: Logs, facts: dict[str, Any], fault: str | None
) -> None:
    found = compare([json.dumps(CALL | facts)], logs)
    right = {"right": 1} if fault is None and "error" not in facts else {}
    wanted = {"calls": 1, "doubled": 0, **right, **({fault: 1} if fault else {})}
    assert {
        name: count for name, count in found["figures"].items() if count or name == "doubled"
    } == ({name: count for name, count in wanted.items() if count or name == "doubled"})
    assert len(found["examples"]) == bool(fault)


def test_a_call_that_ran_twice_is_counted(logs: Logs) -> None:
    logs.begun["a"] = 2
    assert compare([json.dumps(CALL)], logs)["figures"]["doubled"] == 1


def test_growth_is_that_of_an_hour_once_it_has_settled() -> None:
    samples = [
        (float(time), 100.0 if time < 100 else 150 + time / 100) for time in range(0, 300, 5)
    ]
    assert slope(samples) == pytest.approx(36.0)


def test_the_table_goes_between_the_marks(tmp_path: Any) -> None:
    """And what was there before is gone."""
    logs = Logs()
    report = {
        "minutes": 60,
        "crowd": 2,
        "seed": 3,
        "kills": 0,
        "faults": {"Break": 1200},
        "memory": [100.0, 2.5],
        "objects": [1000.0, -3.0],
        "stuck": [],
        "threads": [],
        "files": [],
        "most_threads": 5,
        "descriptors": 0,
        **compare([json.dumps(CALL)], logs),
    }
    page = tmp_path / "page.rst"
    page.write_text(f"before\n\n{BEGIN}\n\nold\n\n{END}\nafter\n", encoding="utf-8")
    write_page(page, report)
    text = page.read_text(encoding="utf-8")
    assert text == f"before\n\n{BEGIN}\n\n{render_table(report)}\n\n{END}\nafter\n"
    assert "Break 1,200" in text
    assert "+2.5 MB, -3 objects" in text
