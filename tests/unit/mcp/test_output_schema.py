"""What tools declare to return, and results that are otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.mcp.output_schema import UNDECLARED, OutputSchema
from gradioproxy.schema.endpoint import Endpoint, Result
from gradioproxy.schema.shape import TEXT, Array, Scalar
from tests.support.schemas import read_endpoints

if TYPE_CHECKING:
    from pathlib import Path


def output_of(*shapes: Any) -> OutputSchema:
    """Return what an endpoint declares that has results of these shapes."""
    labels = ("Text", "Number")
    results = tuple(
        Result(label, "Textbox", "textbox", shape, index)
        for index, (label, shape) in enumerate(zip(labels, shapes, strict=False))
    )
    return OutputSchema(Endpoint("/f", 0, (), results, 0, len(results)))


def test_what_is_as_declared() -> None:
    output = output_of(TEXT, Array(Scalar(int)))
    assert output.names == ("Text", "Number")
    values = {"Text": "a", "Number": [1]}
    assert output.arrange(values) == values
    assert output.arrange({"Text": None}) == {"Text": None}
    assert output_of().schema is None


@pytest.mark.parametrize("wrong", [1, {"__type__": "update", "visible": False}, [["x"]], True])
def test_what_is_not(wrong: Any) -> None:
    """Nothing of it is lost, and the whole is valid all the same."""
    output = output_of(TEXT, Array(Scalar(int)))
    made = output.arrange({"Text": wrong, "Number": [1]})
    assert made == {"Number": [1], UNDECLARED: {"Text": wrong}}
    assert output.schema is not None
    jsonschema.validate(made, output.schema)


def test_a_value_without_an_end() -> None:
    """What is nested as deep as a validator can go is not as declared, and no failure."""
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    assert UNDECLARED in output_of(Array(Array(Array(TEXT)))).arrange({"result": nested})


def test_schemas_of_real_apps(infos: Path) -> None:
    """They are valid, and have a description where the app says anything."""
    seen = 0
    for _, endpoint in read_endpoints(infos):
        output = OutputSchema(endpoint)
        if output.schema is not None:
            jsonschema.Draft202012Validator.check_schema(output.schema)
            assert [*output.schema["properties"]] == [*output.names]
            seen += 1
    assert seen > 100
