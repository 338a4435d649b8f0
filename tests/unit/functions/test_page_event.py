"""What is said of functions that take what an event of the page brings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradioproxy.functions.docstring import description
from gradioproxy.functions.page_event import build_event_example, event_text
from gradioproxy.schema.endpoint import Target
from tests.support.schemas import docstring_of, endpoint, parameter

# What Gradio's classes of events read of it, as `gradio.events` of 6.31 has them.
READ: dict[str, set[str]] = {
    "select": {"index", "value"},
    "key_up": {"key", "input_value"},
    "delete": {"path"},
    "like": {"index", "value"},
    "retry": {"index", "value"},
    "undo": {"index", "value"},
    "edit": {"index", "previous_value", "value"},
    "download": {"path"},
    "copy": {"value"},
    "click": set(),
}


@pytest.mark.parametrize("event", READ)
@pytest.mark.parametrize("kind", ["textbox", "dataframe", ""])
def test_an_example(event: str, kind: str) -> None:
    """It has what the event brings, is JSON, and stands on one line."""
    made = endpoint(collects_event=True, target=Target(3, event, kind))
    example = build_event_example(made)
    assert READ[event] <= example.keys()
    assert json.loads(json.dumps(example)) == example
    assert len(f"    >>> event = {example}") <= 80


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ""),
        ({"target": Target(1, "select", "image")}, ""),
        ({"collects_event": True}, "an event of the page brings:"),
        (
            {"collects_event": True, "target": Target(1, "select", "image")},
            "an event of the page, ``select`` of the image, brings:",
        ),
        (
            {"collects_event": True, "target": Target(1, "like", "")},
            "an event of the page, ``like`` of the component, brings:",
        ),
    ],
)
def test_what_is_said(facts: dict[str, Any], expected: str) -> None:
    """Of a function that takes something, and of no other."""
    text = event_text(endpoint(**facts))
    assert expected in text
    assert bool(text) == bool(expected)


def test_a_docstring() -> None:
    """It has the sentence, and an example that gives an event; a tool's text has no option."""
    target = Target(1, "select", "dataframe")
    made = endpoint([parameter("Text")], collects_event=True, target=target)
    text = docstring_of(made)
    assert "``with_options(event_data=...)``" in " ".join(text.split())
    assert ">>> event = {'index': [0, 0], 'value': 'Hello', 'selected': True}\n" in text
    assert "app.predict.with_options(event_data=event)(" in text
    assert "with_options" not in description(made)
    assert "an event of the page" in description(made)
