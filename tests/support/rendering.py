"""A description of an app with functions that make others, and what they answer."""

from __future__ import annotations

from typing import Any

PART, OTHER = 10, 11
"""The numbers of the parts of the page that they make."""


def component(number: int, kind: str = "textbox", **properties: Any) -> dict[str, Any]:
    """Return a component as servers describe it."""
    return {"id": number, "type": kind, "props": properties, "skip_api": kind == "column"}


def function(number: int, name: Any, inputs: Any = (), outputs: Any = (), **more: Any) -> Any:
    """Return a function as servers describe it."""
    sides = {"inputs": [*inputs], "outputs": [*outputs]}
    return {"id": number, "api_name": name, "targets": [], "rendered_in": None, **sides, **more}


CONFIG: dict[str, Any] = {
    "version": "6.31.0",
    "app_id": 1,
    "components": [
        component(1, label="Own"),
        component(PART, "column", show_progress=True),
        component(OTHER, "row"),
    ],
    "dependencies": [
        function(0, "make", [1], [PART], render_id=0, targets=[[0, "load"], [1, "change"]]),
        function(1, "own", [1], [1], render_id=None),
    ],
}


def part(names: list[Any], number: int = PART, first: int = 20) -> dict[str, Any]:
    """Return what a call answers that made a part with functions of these names."""
    functions = [
        function(first + place, name, [100 + place], [1], rendered_in=0)
        for place, name in enumerate(names)
    ]
    inside = [component(100 + place, label=f"Text {place}") for place in range(len(names))]
    children = [{"id": each["id"]} for each in inside]
    return {
        "layout": {"id": number, "children": children},
        "components": [component(number, "column"), *inside],
        "dependencies": functions,
        "render_id": 0,
    }
