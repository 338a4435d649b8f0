"""An app as a lock has it, described as a server of Gradio 6 would: for `fake`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..client.contract.type_entries import read_type
from ..schema.write import write_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .cassette import JSON

VERSION, PROTOCOL, PREFIX = "6.31.0", "sse_v3", "/gradio_api"


def describe_locked(contract: Mapping[str, Any]) -> tuple[JSON, JSON, str]:
    """Return what the app of a contract would answer to ``/config`` and ``/info``, and its address.

    What a contract does not say, such as what is on the page, is not there. Each input and output
    is a component of its own.

    Args:
        contract: What `client.contract.storage.read_contract` returned.
    """
    components: list[dict[str, Any]] = []
    functions: list[dict[str, Any]] = []
    named: dict[str, Any] = {}
    for number, (name, function) in enumerate(contract["functions"].items()):
        inputs = list(_add_components(components, function["parameters"]))
        outputs = list(_add_components(components, function["returns"]))
        functions.append(_describe_function(number, name, function, inputs, outputs))
        named[f"/{name.removeprefix('/')}"] = {
            "description": function.get("description", ""),
            "parameters": [_describe_parameter(each) for each in function["parameters"]],
            "returns": [_describe_value(each) for each in function["returns"]],
        }
    config = {
        "version": VERSION,
        "protocol": PROTOCOL,
        "api_prefix": PREFIX,
        "app_id": 1,
        "components": components,
        "dependencies": functions,
    }
    return config, {"named_endpoints": named, "unnamed_endpoints": {}}, contract["app"]["url"]


def _describe_function(
    number: int, name: str, function: Mapping[str, Any], inputs: list[int], outputs: list[int]
) -> dict[str, Any]:
    generates = function.get("yields") is not False
    return {
        "id": number,
        "api_name": name.removeprefix("/"),
        "inputs": inputs,
        "outputs": outputs,
        "backend_fn": True,
        "queue": True,
        "targets": [],
        "types": {"generator": generates, "cancel": False},
        "api_visibility": "public",
    }


def _add_components(
    components: list[dict[str, Any]], entries: list[dict[str, Any]]
) -> Iterator[int]:
    """Add a component for each parameter or result; yield their numbers."""
    for entry in entries:
        props = {"label": entry.get("label", "")}
        props |= {name: entry[name] for name in ("minimum", "maximum") if name in entry}
        if "choices" in entry:
            props["choices"] = [[str(value), value] for value in entry["choices"]]
        kind = str(entry.get("component", "")).lower()
        number = len(components) + 1
        components.append({"id": number, "type": kind, "props": props, "skip_api": False})
        yield number


def _describe_value(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": entry.get("label", ""),
        "type": write_schema(read_type(entry)),
        "python_type": {"type": "Any", "description": ""},
        "component": entry.get("component", ""),
    }


def _describe_parameter(entry: Mapping[str, Any]) -> dict[str, Any]:
    default = entry.get("default")
    # Of a file, or of what is long, a contract has no more than a name.
    known = not (isinstance(default, dict) and set(default) == {"file"})
    return {
        **_describe_value(entry),
        "parameter_name": entry["name"],
        "parameter_has_default": not entry["required"],
        "parameter_default": default if known else None,
        "example_input": None,
    }
