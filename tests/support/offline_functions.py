"""Functions of an app that nobody runs, made of what it would say of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.app_documents import connection_to, functions_of

if TYPE_CHECKING:
    from gradioproxy.functions.function import Function

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
FLAG = {"type": "boolean"}
FILE = {"title": "FileData", "type": "object", "properties": {"path": TEXT, "meta": {}}}
FILES = {"type": "array", "items": FILE}
TABLE = {
    "title": "DataframeData",
    "type": "object",
    "properties": {
        "headers": {"type": "array", "items": {}},
        "data": {"type": "array", "items": {"type": "array", "items": {}}},
    },
    "required": ["headers", "data"],
}


def make_offline(
    parameters: dict[str, tuple[str, Any]],
    defaults: dict[str, Any] | None = None,
    results: dict[str, tuple[str, Any]] | None = None,
) -> Function:
    """Return the function of an app of Gradio 6, which can be checked and not called.

    Args:
        parameters: The component and the schema of each parameter, by their names.
        defaults: The defaults of those that have one.
        results: The same of each result, by their labels; by default it returns a text.
    """
    given = defaults or {}
    taken = [
        {
            "label": name.title(),
            "parameter_name": name,
            "parameter_has_default": name in given,
            "parameter_default": given.get(name),
            "type": schema,
            "component": component,
        }
        for name, (component, schema) in parameters.items()
    ]
    returned = [
        {"label": label, "type": schema, "component": component}
        for label, (component, schema) in (results or {"Text": ("Textbox", TEXT)}).items()
    ]
    parts = [*taken, *returned]
    config = {
        "version": "6.31.0",
        "protocol": "sse_v3",
        "api_prefix": "/gradio_api",
        "components": [
            {"id": place, "type": part["component"].lower(), "props": {"label": part["label"]}}
            for place, part in enumerate(parts)
        ],
        "dependencies": [
            {
                "id": 0,
                "api_name": "f",
                "inputs": [*range(len(taken))],
                "outputs": [*range(len(taken), len(parts))],
                "backend_fn": True,
            }
        ],
    }
    info = {"named_endpoints": {"/f": {"parameters": taken, "returns": returned}}}
    made: Function = functions_of(connection_to(config, info))[0]
    return made
