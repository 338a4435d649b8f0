"""Contracts made by hand, as short as what a test is about."""

from __future__ import annotations

from typing import Any

JSON = Any


def taking(name: str, kind: str = "str", **facts: JSON) -> dict[str, JSON]:
    """Return a parameter of a contract, which can't be left out unless there is a default."""
    required = "default" not in facts and "default_sha256" not in facts
    return {
        "name": name,
        "type": kind,
        "required": required,
        "label": name.title(),
        "component": "Textbox",
        **facts,
    }


def giving(kind: str = "str", name: str | None = None, **facts: JSON) -> dict[str, JSON]:
    """Return a result of a contract."""
    named = {} if name is None else {"name": name}
    return {**named, "type": kind, "label": "Result", "component": "Textbox", **facts}


def function(
    *parameters: dict[str, JSON],
    returns: list[dict[str, JSON]] | None = None,
    name: str = "f",
    **facts: JSON,
) -> dict[str, JSON]:
    """Return a function of a contract, which returns a text unless something else is said."""
    return {
        "name": name,
        "description": "",
        "parameters": list(parameters),
        "returns": [giving()] if returns is None else returns,
        "yields": False,
        **facts,
    }


def contract(
    functions: dict[str, JSON], url: str = "http://app.test", gradio: str = "6.31.0"
) -> dict[str, JSON]:
    """Return a contract."""
    about = {"url": url, "gradio": gradio, "protocol": "sse_v3"}
    return {"format": 1, "app": about, "functions": functions}
