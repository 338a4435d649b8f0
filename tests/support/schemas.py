"""Endpoints to test with: made here, and read from descriptions of real apps."""

from __future__ import annotations

import gzip
import itertools
import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gradioproxy.functions.annotations import parameter_annotation, return_annotation
from gradioproxy.functions.docstring import compose_docstring
from gradioproxy.functions.naming import attribute_names, parameter_names
from gradioproxy.schema.constraints import parse_constraints
from gradioproxy.schema.endpoint import App, Choice, Endpoint, Parameter, Result
from gradioproxy.schema.parse import parse_app
from gradioproxy.schema.shape import TEXT, Shape, parse_shape
from gradioproxy.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gradioproxy.options import DocstringStyle

JSON = Any

# What a label or a description can be made of to do harm: quotes, sections of all docstring styles,
# escape sequences, characters that turn the line around or have no width.
HOSTILE = (
    "'",
    '"',
    '"""',
    "'''",
    "\\",
    "\n",
    "\r\n",
    "\x1b[31m",
    "\x00",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\ud800",
    "Args:",
    "Returns:\n    str: x",
    "Parameters\n----------\nx : int\n    y",
    ":param x: y",
    "@param x: y",
    "@return: z",
    "return: z",
    ".. deprecated:: 1",
    "{0}%s",
    "日本語のとても長い説明文",
    "🙂",
    "ﬁ",
    "²",
)

texts = st.text(max_size=20) | st.lists(
    st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=5
).map("".join)

# Whatever is too large: for a float, and for a number that a machine counts with.
_large = st.sampled_from((10**400, -(10**400), 1 << 64, 1e308))

scalars = st.none() | st.booleans() | st.integers() | _large | st.floats(allow_nan=True) | texts

values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=6,
)

_words = st.sampled_from(
    (
        *("type", "enum", "const", "anyOf", "oneOf", "allOf", "items", "prefixItems", "title"),
        *("properties", "required", "additionalProperties", "$ref", "$defs", "path", "meta"),
    )
)
_refs = st.sampled_from(("#/$defs/a", "#/$defs/b", "#/$defs/c", "#", "elsewhere"))
_kinds = st.sampled_from(("string", "integer", "number", "boolean", "null", "array", "object"))

_anything = st.recursive(
    scalars | _kinds | _refs,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words | texts, inner, max_size=4),
    max_leaves=12,
)


def _deeper(inner: st.SearchStrategy[JSON]) -> st.SearchStrategy[JSON]:
    some = st.lists(inner, min_size=1, max_size=3)
    return (
        st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries({"type": st.just("array"), "prefixItems": some})
        | st.fixed_dictionaries({"anyOf": some})
        | st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(texts, inner, max_size=3)},
            optional={"title": texts, "required": st.lists(texts, max_size=2)},
        )
        | st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner})
    )


_sensible = st.recursive(
    st.fixed_dictionaries({"type": _kinds})
    | st.fixed_dictionaries({"enum": st.lists(scalars, min_size=1, max_size=4)})
    | st.fixed_dictionaries({"$ref": _refs}),
    _deeper,
    max_leaves=6,
)
_defined = st.fixed_dictionaries(
    {"anyOf": st.lists(_sensible, min_size=1, max_size=3)},
    optional={"$defs": st.dictionaries(st.sampled_from("abc"), _sensible, max_size=3)},
)

schemas = _anything | _sensible | _defined
"""JSON Schemas: right ones, recursive ones, and nonsense."""


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    """Draw a parameter as it is read from what any server could declare."""
    choices = draw(st.none() | st.lists(scalars, max_size=4))
    return parameter(
        one_line(draw(texts)),
        declared_name=draw(st.none() | texts),
        component=draw(st.sampled_from(("Textbox", "Slider", "File", "Image", "Odd", ""))),
        shape=parse_shape(draw(schemas)),
        index=draw(st.integers(0, 20)),
        choices=choices,
        closed_choices=choices is not None and draw(st.booleans()),
        help=one_line(draw(texts)),
        has_default=draw(st.booleans()),
        default=draw(values),
        example=draw(values),
        properties=draw(
            st.dictionaries(
                st.sampled_from(
                    ("minimum", "maximum", "step", "max_length", "max_choices", "file_types")
                ),
                values,
                max_size=3,
            )
        ),
    )


@st.composite
def endpoints(draw: st.DrawFn) -> Endpoint:
    """Draw an endpoint as it is read from what any server could declare."""
    return endpoint(
        draw(st.lists(parameters(), max_size=4)),
        [
            result(one_line(label), parse_shape(schema))
            for label, schema in draw(st.lists(st.tuples(texts, schemas), max_size=3))
        ],
        name=f"/{draw(texts)}",
        description=draw(texts),
        generator=draw(st.none() | st.booleans()),
    )


def parameter(
    label: str = "",
    shape: Shape = TEXT,
    *,
    choices: Sequence[JSON | Choice] | None = None,
    properties: Mapping[str, JSON] | None = None,
    component: str = "Textbox",
    kind: str = "",
    **facts: Any,
) -> Parameter:
    """Make a parameter; without a declared name unless one is given, and with values as choices.

    Its kind is its component's name, unless it is derived from another component.
    """
    kind = kind or component.lower()
    made = tuple(
        each if isinstance(each, Choice) else Choice(each, one_line(each)) for each in choices or ()
    )
    return Parameter(
        **{
            "declared_name": None,
            "label": label,
            "component": component,
            "kind": kind,
            "shape": shape,
            "index": 0,
            "choices": None if choices is None else made,
            "constraints": parse_constraints(kind, properties or {}),
            **facts,
        }
    )


def result(label: str = "", shape: Shape = TEXT, component: str = "Textbox") -> Result:
    """Make a result."""
    return Result(label, component, component.lower(), shape, 0)


def endpoint(
    parameters: Sequence[Parameter] = (),
    results: Sequence[Result] = (),
    *,
    name: str = "/predict",
    **facts: Any,
) -> Endpoint:
    """Make an endpoint."""
    return Endpoint(
        name=name,
        function=0,
        parameters=tuple(parameters),
        results=tuple(results),
        inputs=len(parameters),
        outputs=len(results),
        **facts,
    )


def hints_of(made: Endpoint, name: str = "predict") -> dict[str, Any]:
    """Return the annotations of an endpoint's function."""
    hints = {
        known: parameter_annotation(one, known)
        for known, one in zip(parameter_names(made), made.parameters, strict=True)
    }
    return {**hints, "return": return_annotation(name, made)}


def docstring_of(made: Endpoint, name: str = "predict", style: DocstringStyle = "google") -> str:
    """Return the docstring of an endpoint's function."""
    return compose_docstring(
        made,
        name=name,
        parameters=parameter_names(made),
        annotations=hints_of(made, name),
        style=style,
    )


def read_json(path: Path) -> JSON:
    """Return the content of a packed file, or ``None`` if it isn't there."""
    return json.loads(gzip.decompress(path.read_bytes())) if path.exists() else None


def read_app(config: Path) -> App:
    """Return the app whose ``/config`` is in a file."""
    info = config.with_name(config.name.replace(".config.", ".info."))
    return parse_app(read_json(config), read_json(info))


def read_apps(infos: Path) -> Iterator[tuple[str, App]]:
    """Yield the name and the description of every real app, and of one app under ten Gradios."""
    for config in sorted(infos.rglob("*.config.json.gz")):
        yield config.name.removesuffix(".config.json.gz"), read_app(config)


def read_endpoints(infos: Path, most: int = 20) -> Iterator[tuple[str, Endpoint]]:
    """Yield function names and endpoints of every real app, so many of each at most."""
    for _, app in read_apps(infos):
        names = attribute_names(app.endpoints, frozenset())
        for attribute, name in itertools.islice(names.items(), most):
            yield attribute, app.endpoints[name]
