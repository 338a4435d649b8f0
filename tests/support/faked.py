"""Small apps for tests of fakes and cassettes, described by contracts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradioproxy.testing.locked import describe_locked
from tests.support.contracts import contract, function, giving, taking

if TYPE_CHECKING:
    from pathlib import Path

JSON = Any
URL = "http://app.test"

FUNCTIONS = {
    "/echo": function(taking("text")),
    "/repeat": function(taking("text"), taking("times", "int", default=2)),
    "/pair": function(
        returns=[giving(name="left", label="left"), giving("int", "right", label="right")]
    ),
    "/count": function(taking("most", "int"), yields=True),
    "/size": function(taking("file", "FileLike", component="File"), returns=[giving("int")]),
    "/make": function(taking("text"), returns=[giving("File", component="File")]),
    "/pick": function(taking("letter", choices=["a", "b"], component="Dropdown")),
    "/nothing": function(returns=[]),
}


def describe(**changes: JSON) -> dict[str, JSON]:
    """Return the description of a small app, with other fields of its ``/config``."""
    config, info, _ = describe_locked(contract(FUNCTIONS, URL))
    return {"config": {**config, **changes}, "info": info}


def describe_as(version: str, protocol: str | None) -> dict[str, JSON]:
    """Return the same as an app of another Gradio would have it."""
    changes: dict[str, JSON] = {"version": version}
    if not version.startswith(("5", "6")):
        changes["api_prefix"] = ""
    described = describe(**changes)
    config = described["config"]
    config["enable_queue"] = True
    config.pop("protocol")
    if protocol is not None:
        config["protocol"] = protocol
    return described


def write_cassette(path: Path, *calls: JSON, asked: list[JSON] | None = None) -> Path:
    """Write a cassette of the small app."""
    described = describe()
    said = [
        {"request": "GET /config", "answers": [{"status": 200, "json": described["config"]}]},
        {
            "request": "GET /gradio_api/info",
            "answers": [{"status": 200, "json": described["info"]}],
        },
        *(asked or []),
    ]
    path.write_text(
        json.dumps({"cassette": 1, "apps": [{"url": URL, "asked": said, "calls": [*calls]}]})
    )
    return path


def completed(*data: JSON) -> JSON:
    """Return the message that ends a call."""
    return {"msg": "process_completed", "output": {"data": [*data]}, "success": True}


def yielded(*data: JSON) -> JSON:
    """Return the message of a partial result."""
    output = {"data": [*data], "is_generating": True}
    return {"msg": "process_generating", "output": output, "success": True}


def called(number: int, data: list[JSON], *messages: JSON, **facts: JSON) -> JSON:
    """Return a call of a cassette."""
    made = {"call": "", "function": number, "by": "queue", "data": data}
    return {**made, "messages": [*messages], **facts}
