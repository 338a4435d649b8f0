"""What takes little to declare costs little, whatever is done with it."""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import pickle
import typing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.client.display import render_html, render_text
from gradioproxy.errors import GradioProxyError
from gradioproxy.files.file import File
from gradioproxy.functions.value_shapes import input_shape
from gradioproxy.schema.match import fits
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from gradioproxy.values.conform import conform, mend
from gradioproxy.values.decode import Decoder
from tests.support.app_documents import connection_to, functions_of
from tests.support.hostile_schemas import (
    ROUNDS,
    STEPS,
    TEXT,
    Steps,
    list_schemas,
    list_values,
    refer,
)
from tests.support.schemas import schemas

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = Any
SCHEMAS = dict(list_schemas())
VALUES = [*list_values()]
TRANSPORT = Transport(Address("http://app.test"), Access())

# Each use of any of them takes much less, and one that grows with each level much more.
MOST_STEPS = 300_000
MOST_LETTERS = 60_000


class Hostile:
    """An app one of whose functions has a schema wherever there can be one; others are as usual.

    Args:
        schema: The schema.
        kind: What it is of.
    """

    def __init__(self, schema: JSON, kind: str = "api") -> None:
        box = {"id": 2, "type": "textbox", "props": {"label": "y"}, "skip_api": False}
        odd = {"id": 1, "type": kind, "props": {"label": "x"}, "skip_api": False}
        calls = [
            {"id": 0, "api_name": "odd", "inputs": [1], "outputs": [1, 1], "types": {}},
            {"id": 1, "api_name": "usual", "inputs": [2], "outputs": [2], "types": {}},
        ]
        part = {"label": "x", "type": schema, "component": kind, "example_input": VALUES[5]}
        default = {"parameter_has_default": True, "parameter_default": VALUES[6]}
        text = {"label": "y", "type": TEXT, "component": "Textbox"}
        self.config = {"version": "5.50.0", "components": [odd, box], "dependencies": calls}
        self.info = {
            "named_endpoints": {
                "/odd": {"parameters": [{**part, **default}], "returns": [part, part]},
                "/usual": {"parameters": [text], "returns": [text]},
            }
        }
        self.connection = connection_to(self.config, self.info)
        self.odd = self.connection.description.app.endpoints["/odd"]

    def connect(self) -> None:
        """Read its description, and compare it with what it was."""
        again = connection_to(*json.loads(json.dumps([self.config, self.info])))
        assert again.description.app.endpoints["/odd"].is_compatible(self.odd)

    def make_functions(self) -> None:
        """Make its functions, and show them in every way."""
        functions = functions_of(self.connection)
        for function in functions:
            signature = inspect.signature(function)
            typing.get_type_hints(function)
            texts = [str(signature), function.__doc__, inspect.getsource(function)]
            texts += [json.dumps(function.tool_schema()), repr(function.endpoint)]
            assert max(map(len, texts)) < MOST_LETTERS
        for render in (render_text, render_html):
            assert len(render("", "", functions, len(functions))) < MOST_LETTERS

    def check(self) -> None:
        """Hold arguments against it."""
        function, usual = functions_of(self.connection)[:2]
        for value in VALUES:
            with contextlib.suppress(GradioProxyError):
                str(function.check(value))
        assert usual.check("x").data == ["x"]

    def match(self) -> None:
        """Hold values of JSON against it, and ask what is in it."""
        for value in VALUES:
            fits(self.odd.parameters[0].shape, value)
        assert self.odd.takes_files in {True, False}

    def decode(self) -> None:
        """Read results, and changes of them."""
        decoder = Decoder(self.odd, None, lambda raw: File(raw, TRANSPORT))
        for value in VALUES:
            decoder.decode([value, value])
            decoder.updates([{"__type__": "update", "value": value}] * 2)

    def copy(self) -> None:
        """Copy it, and compare the copies."""
        unpickled = pickle.loads(pickle.dumps(self.odd))  # noqa: S301 - made here
        for same in (copy.deepcopy(self.odd), unpickled):
            assert same.is_compatible(self.odd)
            assert hash(same.parameters[0].shape) == hash(self.odd.parameters[0].shape)

    def mend(self) -> None:
        """Give the function what a model writes."""
        shape = input_shape(self.odd.parameters[0])
        for value in (*VALUES, *map(json.dumps, VALUES)):
            with contextlib.suppress(ValueError):
                conform(shape, mend(shape, value))


USES: dict[str, Callable[[Hostile], None]] = {
    "connect": Hostile.connect,
    "functions": Hostile.make_functions,
    "check": Hostile.check,
    "match": Hostile.match,
    "decode": Hostile.decode,
    "copy": Hostile.copy,
    "mend": Hostile.mend,
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_what_takes_little_to_declare(schema: JSON) -> None:
    """No schema of some kilobytes takes long, or makes long texts, whatever is done with it."""
    assert len(json.dumps(schema)) < 40_000
    with Steps(MOST_STEPS):
        hostile = Hostile(schema)
    for name, use in USES.items():
        with Steps(MOST_STEPS, name):
            use(hostile)


@pytest.mark.parametrize("kind", ["chatbot", "dataframe", "gallery", "image", "json", "dropdown"])
@pytest.mark.parametrize(
    "schema", ["14 levels of two keys around themselves", "8 in a round of list"]
)
def test_components_that_look_into_their_schema(kind: str, schema: str) -> None:
    """What a component makes of its schema is no longer than others."""
    hostile = Hostile(SCHEMAS[schema], kind)
    for name, use in USES.items():
        with Steps(MOST_STEPS, name):
            use(hostile)


_any_step = st.sampled_from([*STEPS.values()])
_any_round = st.sampled_from([*ROUNDS.values()])


@st.composite
def recursive_schemas(draw: st.DrawFn) -> JSON:
    """Draw definitions that lead to one another, and to something else."""
    names = [f"d{n}" for n in range(draw(st.integers(1, 12)))]
    some = st.lists(st.sampled_from(names).map(refer), min_size=1, max_size=4)
    made = st.one_of(
        st.tuples(_any_step, some).map(lambda pair: pair[0](pair[1][0])),
        st.tuples(_any_round, some).map(lambda pair: pair[0](pair[1])),
        schemas,
    )
    return {**refer("d0"), "$defs": {name: draw(made) for name in names}}


@given(recursive_schemas())
def test_any_schema_that_leads_to_itself(schema: JSON) -> None:
    """However definitions lead to one another, every use of them comes to an end."""
    hostile = Hostile(json.loads(json.dumps(schema)))
    for name, use in USES.items():
        with Steps(3 * MOST_STEPS, name):
            use(hostile)
