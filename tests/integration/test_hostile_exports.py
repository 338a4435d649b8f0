"""Whatever an app says of itself, its module is definitions and nothing else."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from gradioproxy.client.export import render_module
from gradioproxy.client.function_set import Functions
from gradioproxy.client.session import Session
from gradioproxy.errors import GradioProxyError
from gradioproxy.options import CallOptions
from tests.support.app_documents import connection_to, documents
from tests.support.exported_source import check_format, check_source
from tests.support.hostile_schemas import Steps, list_schemas
from tests.support.mutations import mutate, read_descriptions

if TYPE_CHECKING:
    from pathlib import Path

JSON = Any
SCHEMAS = dict(list_schemas())
MOST_STEPS = 2_000_000
MOST_LETTERS = 200_000

# What would be code if it were written as it is.
TEXTS = (
    '"""\nimport os\nos._exit(3)\n"""',
    "'''",
    "\\",
    'x" + str(exit()) + "',
    "\x00\x1b[31m\u202e\u2028\r\nimport os",
    "\ud800",
    "__import__('os')._exit(3)",
    "a): pass\nimport os #",
    "# type: ignore\n# ruff: noqa",
    "{__import__('os')}",
    "%s\x0c\x0b\x85",
)


def session_of(config: JSON, info: JSON) -> Session:
    """Return a session with an app that says this of itself; nothing is sent."""
    connection = connection_to(config, info)
    functions = connection.create(Functions, CallOptions())
    made: Session = connection.create(Session, functions, "app")
    return made


def load(text: str) -> dict[str, Any]:
    """Run a module, as importing it does."""
    namespace: dict[str, Any] = {"__name__": "written"}
    code = compile(text, "written.py", "exec", dont_inherit=True)
    exec(code, namespace)  # noqa: S102 - after `check_source`
    return namespace


def describe(text: str) -> tuple[JSON, JSON]:
    """Return what an app says that has a text wherever there can be one."""
    choices = [[text, text], ["b", text]]
    props = {"label": text, "info": text, "choices": choices, "value": text, "elem_id": text}
    names = [text, "connect", "App", "Any", "print", "list", "lambda", "_app", "__all__"]
    kinds = ("textbox", "dropdown", "radio", "checkboxgroup", "json")
    components = [{"id": n, "type": kind, "props": props} for n, kind in enumerate(kinds)]
    numbers = list(range(len(kinds)))
    calls = [
        {"id": n, "api_name": name, "inputs": numbers, "outputs": numbers, "types": {}}
        for n, name in enumerate(names)
    ]
    schema = {
        "type": "object",
        "title": text,
        "properties": {text: {"enum": [text, "b"]}, "list": {"const": text}, "str": {}, "Any": {}},
        "required": [text],
    }
    parameter = {
        "label": text,
        "type": schema,
        "component": text,
        "parameter_name": text,
        "parameter_has_default": True,
        "parameter_default": {text: [text, 1e999, None, {text: text}]},
    }
    described = {"parameters": [parameter] * 5, "returns": [parameter] * 5, "description": text}
    config = {
        "version": "6.31.0",
        "title": text,
        "components": components,
        "dependencies": calls,
    }
    return config, {"named_endpoints": {f"/{name}": described for name in names}}


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_texts_stay_texts(text: str, tmp_path: Path) -> None:
    """Names, labels, titles, keys, choices, defaults and descriptions are never code."""
    written = render_module(session_of(*describe(text)))
    check_source(written)
    load(written)
    file = tmp_path / "written.py"
    file.write_text(written, encoding="utf-8")
    check_format([file], tmp_path)


@given(documents())
def test_any_description(document: tuple[JSON, JSON]) -> None:
    """However odd an app is, its module is right, can be imported, and is the same each time."""
    try:
        session = session_of(*document)
    except GradioProxyError:
        return
    written = render_module(session)
    check_source(written)
    load(written)
    assert render_module(session_of(*document)) == written


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_that_lead_to_themselves(name: str) -> None:
    """What takes little to declare takes little to write."""
    box = {"id": 1, "type": "api", "props": {"label": "x"}, "skip_api": False}
    call = {"id": 0, "api_name": "odd", "inputs": [1], "outputs": [1, 1], "types": {}}
    part = {"label": "x", "type": SCHEMAS[name], "component": "api"}
    config = {"version": "5.50.0", "components": [box], "dependencies": [call]}
    info = {"named_endpoints": {"/odd": {"parameters": [part], "returns": [part, part]}}}
    session = session_of(config, info)
    with Steps(MOST_STEPS, name):
        written = render_module(session)
    assert len(written) < MOST_LETTERS
    check_source(written)
    load(written)


def test_changed_descriptions(infos: Path) -> None:
    """Whatever is changed in a real description, a module comes of it, or our own error."""
    descriptions = list(read_descriptions(infos))
    seen = 0
    for seed in range(300):
        chosen = random.Random(seed)  # noqa: S311 - no secret
        _, config, info = chosen.choice(descriptions)
        config = mutate(config, chosen, 3)
        info = mutate(info, chosen, 3) if info is not None else None
        try:
            session = session_of(config, info)
        except GradioProxyError:
            continue
        if len(session) > 40:
            continue
        written = render_module(session)
        check_source(written)
        load(written)
        seen += 1
    assert seen > 100
