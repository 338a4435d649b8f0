"""What Pydantic makes of types of ours: schemas, checks and JSON."""

from __future__ import annotations

import builtins
import io
import pathlib
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

import gradioproxy as gp
from gradioproxy.files.file import File
from gradioproxy.functions.file_like import FileLike
from gradioproxy.functions.table_like import FigureLike, TableLike
from gradioproxy.values.table import Table
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME = pd.DataFrame({"a": [1]})


class Figure:
    """A figure as matplotlib has them."""

    def savefig(self, to: Any) -> None:
        """Write it."""


@pytest.fixture
def file(web: Web) -> File:
    """Give a file of an app."""
    web.on("/file=x/a.txt", Reply(200, b"content"))
    return File({"path": "x/a.txt"}, transport_to(web))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FileLike, "a.txt"),
        (FileLike, pathlib.Path("a.txt")),
        (FileLike, b"content"),
        (FileLike, io.BytesIO()),
        (FileLike, np.zeros((2, 2))),
        (FileLike, (8000, [0, 1])),
        (FileLike, {"path": "a.txt"}),
        (TableLike, FRAME),
        (TableLike, [[1, 2]]),
        (TableLike, {"headers": ["a"], "data": [[1]]}),
        (FigureLike, Figure()),
        (FigureLike, {"type": "plotly", "plot": "{}"}),
        (Table, Table(headers=["a"], data=[])),
        (File | None, None),
    ],
)
def test_what_passes(kind: Any, value: Any) -> None:
    """The same object comes out, not a copy of it."""
    assert TypeAdapter(kind).validate_python(value) is value


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (FileLike, 3, "expected a file, not int"),
        (FileLike, None, "expected a file, not NoneType"),
        (FileLike, True, "expected a file, not bool"),
        (FileLike, ["a.txt"], "expected a file, not list"),
        (TableLike, "a,b", "expected a table, not str"),
        (TableLike, pd.DataFrame, "expected a table, not type"),
        (FigureLike, [], "expected a figure, not list"),
        (FigureLike, Figure, "expected a figure, not type"),
        (File, "a.txt", "expected a File, not str"),
        (Table, [[1]], "expected a table, not list"),
    ],
)
def test_what_does_not(kind: Any, value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (FileLike, {"string"}),
        (FileLike | None, {"string", "null"}),
        (list[FileLike] | FileLike, {"string", "array"}),
        (TableLike, {"array", "object"}),
        (FigureLike, {"object"}),
        (File, {"string", "null"}),
        (Table, {"object", "null"}),
    ],
)
def test_json_schemas(kind: Any, shown: set[str]) -> None:
    """They are the same for what goes in and for what comes out."""
    schema = TypeAdapter(kind).json_schema()
    assert find_types(schema, schema.get("$defs", {})) == shown
    assert TypeAdapter(kind).json_schema(mode="serialization") == schema


def find_types(schema: dict[str, Any], known: dict[str, Any]) -> set[str]:
    """Return the types that values of a JSON Schema can have."""
    if "$ref" in schema:
        return find_types(known[schema["$ref"].rpartition("/")[2]], known)
    types = schema.get("type", [])
    found = {types} if isinstance(types, str) else set(types)
    return found.union(*(find_types(one, known) for one in schema.get("anyOf", ())))


def test_json_of_files(file: File, web: Web) -> None:
    """One that came is its path here; one that is passed on is where it is, and not fetched."""
    assert TypeAdapter(FileLike).dump_json(file).decode() == f'"{file.url}"'
    assert web.requests == []
    path = TypeAdapter(File).dump_python(file, mode="json")
    assert pathlib.Path(path).read_bytes() == b"content"
    assert TypeAdapter(Any).dump_python([file], mode="json") == [path]
    assert TypeAdapter(File | None).dump_python(file) is file


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (FileLike, pathlib.Path("a.txt"), "a.txt"),
        (FileLike, {"path": "a.txt"}, {"path": "a.txt"}),
        (TableLike, ([1],), [[1]]),
        (TableLike, {"data": []}, {"data": []}),
        (FigureLike, {"plot": "x"}, {"plot": "x"}),
        (Table, Table(headers=["a"], data=[]), {"headers": ["a"], "data": []}),
    ],
)
def test_json(kind: Any, value: Any, written: Any) -> None:
    assert TypeAdapter(kind).dump_python(value, mode="json") == written


@pytest.mark.parametrize(
    ("kind", "value"), [(FileLike, b"x"), (TableLike, FRAME), (FigureLike, Figure())]
)
def test_what_json_has_not(kind: Any, value: Any) -> None:
    with pytest.raises(PydanticSerializationError, match="nothing that JSON has"):
        TypeAdapter(kind).dump_python(value, mode="json")


def test_without_pydantic(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks for what it looks for finds nothing."""
    load: Callable[..., Any] = builtins.__import__

    def refuse(name: str, *arguments: Any) -> Any:
        if name.startswith("pydantic"):
            raise ModuleNotFoundError(name)
        return load(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert not hasattr(file, "__pydantic_serializer__")
    assert not hasattr(gp.File, "__pydantic_serializer__")


def test_nothing_of_it_is_loaded() -> None:
    """By whoever has no use for it; here the tests have."""
    assert "pydantic_core" in sys.modules
    source = pathlib.Path(gp.__file__).with_name("pydantic_schemas.py").read_text()
    assert "\nfrom pydantic" not in source
