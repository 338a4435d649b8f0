"""Whole descriptions, as any server could answer: right ones, hostile ones, and damaged ones."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gradioproxy.calls.engine import Engine
from gradioproxy.client.connection import Connection
from gradioproxy.client.description import Description
from gradioproxy.client.function_set import Functions
from gradioproxy.options import CallOptions, SessionOptions
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import parse_address
from tests.support.schemas import schemas, texts, values

if TYPE_CHECKING:
    from gradioproxy.options import DocstringStyle

JSON = Any

KINDS = (
    *("textbox", "number", "slider", "checkbox", "checkboxgroup", "radio", "dropdown", "image"),
    *("file", "uploadbutton", "gallery", "chatbot", "dataframe", "imageeditor", "datetime", "json"),
    *("multimodaltextbox", "state", "html", "label", "api", "starrating", ""),
)
VERSIONS = ("3.16.2", "3.36.1", "3.50.2", "4.0.2", "4.19.2", "4.44.1", "5.50.0", "6.31.0", "dev")

# Names that mean something to Python, to a session, to IPython or to the generated code.
NAMES = (
    *("lambda", "None", "match", "self", "app", "close", "functions", "with_options", "_load"),
    *("__class__", "__init__", "_repr_html_", "_ipython_display_", "_func_impl_", "REQUIRED"),
    *("a-b", "a_b", "a b", "ﬁ", "fi", "a\u200b", "1st", "fn_0", "param_0", "", "/", "predict"),
    *("a=1", "a): pass\nimport os #", "*a", "x" * 300, "名前", "❤", "¼", "__debug__"),
)

names = st.sampled_from(NAMES) | texts
choices = st.lists(values | st.tuples(texts, values).map(list), max_size=4)

_properties = st.fixed_dictionaries(
    {"label": texts},
    optional={
        "value": values,
        "info": texts,
        "choices": choices,
        **dict.fromkeys(("minimum", "maximum", "step", "max_length"), values),
        "file_types": st.lists(texts) | values,
        "file_count": st.sampled_from(("single", "multiple")) | values,
        **dict.fromkeys(("multiselect", "allow_custom_value", "include_time"), st.booleans()),
    },
)


@st.composite
def _component(draw: st.DrawFn, number: int) -> JSON:
    made = {"id": number, "type": draw(st.sampled_from(KINDS)), "props": draw(_properties)}
    if draw(st.booleans()):
        made["api_info"] = draw(schemas)
    if draw(st.integers(0, 9)) == 0:
        made[draw(st.sampled_from(("type", "props", "skip_api", "api_info")))] = draw(values)
    return made


@st.composite
def _described(draw: st.DrawFn, *, named: bool) -> JSON:
    made = {"label": draw(texts), "type": draw(schemas), "component": draw(st.sampled_from(KINDS))}
    made["example_input"] = draw(values)
    if named:
        made["parameter_name"] = draw(names)
        made["parameter_has_default"] = draw(st.booleans())
        made["parameter_default"] = draw(values)
    return made


@st.composite
def _damaged(draw: st.DrawFn, document: JSON) -> JSON:
    """Return a document of which one part is something else."""
    spots: list[tuple[Any, Any]] = []
    todo = [document]
    while todo:
        part = todo.pop()
        keys = part if isinstance(part, dict) else range(len(part))
        spots += [(part, key) for key in keys]
        todo += [part[key] for key in keys if isinstance(part[key], dict | list)]
    if spots:
        part, key = draw(st.sampled_from(spots))
        part[key] = draw(values)
    return document


@st.composite
def documents(draw: st.DrawFn) -> tuple[JSON, JSON]:
    """Draw answers to ``/config`` and ``/info``."""
    count = draw(st.integers(0, 4))
    numbers = st.lists(st.integers(0, count), max_size=3)
    calls: list[dict[str, Any]] = [
        {
            "id": number,
            "api_name": draw(names),
            "inputs": draw(numbers),
            "outputs": draw(numbers),
            "types": {"generator": draw(st.booleans())},
        }
        for number in range(draw(st.integers(0, 3)))
    ]
    config = {
        "version": draw(st.sampled_from(VERSIONS)),
        "title": draw(texts),
        "components": [draw(_component(number)) for number in range(count)],
        "dependencies": calls,
    }
    named = draw(st.booleans())
    info = {
        "named_endpoints": {
            f"/{call['api_name']}": {
                "parameters": [draw(_described(named=named)) for _ in call["inputs"]],
                "returns": [draw(_described(named=False)) for _ in call["outputs"]],
                "description": draw(texts),
            }
            for call in calls
        }
    }
    for _ in range(draw(st.integers(0, 2))):
        config, info = draw(_damaged([config, info]))
    # What is no text in JSON never arrives.
    config, info = json.loads(json.dumps([config, info]))
    return config, draw(st.sampled_from((info, None)))


def connection_to(
    config: JSON,
    info: JSON,
    style: DocstringStyle = "google",
    transport: Transport | None = None,
) -> Connection:
    """Return what a session of an app that describes itself like this has; sends nothing."""
    transport = transport or Transport(parse_address("http://app.test"), Access())
    app, options = parse_app(config, info), SessionOptions(docstring_style=style)
    description = Description(config, info, app)
    engine = Engine(description, transport, options, lambda _: description)
    return Connection(engine, description)


def functions_of(connection: Connection, most: int = 50) -> list[Any]:
    """Return the first functions of an app, named and unnamed."""
    functions = connection.create(Functions, CallOptions())
    found = [*connection.names.listed, *connection.description.app.unnamed]
    return [functions[name] for name in itertools.islice(found, most)]
