"""What a call returned, as a client gets it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import types

from gradioproxy.files.file import File
from gradioproxy.mcp.bounds import Bounds
from gradioproxy.mcp.kept_files import KeptFiles
from gradioproxy.mcp.output_schema import OutputSchema
from gradioproxy.mcp.results import ResultWriter
from gradioproxy.schema.endpoint import Endpoint, Result
from gradioproxy.schema.shape import ANYTHING, Shape
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.mcp.apps import App


class Pair(NamedTuple):
    """A result as functions return them."""

    One: Any
    Two: Any


def output_of(*shapes: Shape) -> OutputSchema:
    """Return what an endpoint declares that has results of these shapes."""
    results = tuple(
        Result(label, "Json", "json", shape, index)
        for index, (label, shape) in enumerate(zip(("One", "Two"), shapes, strict=False))
    )
    return OutputSchema(Endpoint("/f", 0, (), results, 0, len(results)))


ANY, TWO = output_of(ANYTHING), output_of(ANYTHING, ANYTHING)


def write(
    value: Any,
    output: OutputSchema = ANY,
    hide: Callable[[str], str] = str,
    **bounds: int,
) -> tuple[types.CallToolResult, KeptFiles]:
    kept = KeptFiles(Bounds(**bounds))
    app = cast("App", SimpleNamespace(hide=hide, make_filter=lambda: hide))
    made = ResultWriter(Bounds(**bounds), kept).write(value, output, app)
    # As it goes over the wire.
    return types.CallToolResult.model_validate_json(made.model_dump_json(by_alias=True)), kept


def text_of(result: types.CallToolResult) -> str:
    assert isinstance(result.content[0], types.TextContent)
    return result.content[0].text


@pytest.mark.parametrize(
    ("value", "text", "structure"),
    [
        ("a\nb", "a\nb", {"result": "a\nb"}),
        (3, "3", {"result": 3}),
        (None, "null", {"result": None}),
        (float("nan"), "null", {"result": None}),
        ([1, {"a": "ü"}], '[1, {"a": "ü"}]', {"result": [1, {"a": "ü"}]}),
        # Half of a character can't be sent.
        ("a\ud800", "a?", {"result": "a?"}),
        ({"\ud800": 1}, '{"?": 1}', {"result": {"?": 1}}),
    ],
)
def test_values(value: Any, text: str, structure: Any) -> None:
    result, _ = write(value)
    assert (text_of(result), result.structured_content) == (text, structure)


def test_several_values() -> None:
    """They are called by their fields."""
    result, _ = write(Pair("a", 1), TWO)
    assert result.structured_content == {"One": "a", "Two": 1}
    assert json.loads(text_of(result)) == {"One": "a", "Two": 1}


def test_secrets() -> None:
    """They are in no part of it: no text, no key, and no whole that is read later."""
    value = {"key": ["hf_secret"], "hf_secret": "x" * 50}
    result, kept = write(value, hide=lambda text: text.replace("hf_secret", "<secret>"), text=30)
    assert "hf_secret" not in repr(result)
    (link,) = [block for block in result.content if isinstance(block, types.ResourceLink)]
    whole = kept.find(link.uri)
    assert whole is not None
    assert json.loads(whole.content) == {"key": ["<secret>"], "<secret>": "x" * 50}  # type: ignore[arg-type] # it is bytes


def test_a_password_that_is_the_name_of_a_value() -> None:
    """The name is what the tool has declared; a client finds the value by it."""
    result, _ = write(Pair({"One": "x"}, "One"), TWO, hide=lambda text: text.replace("One", "***"))
    assert result.structured_content == {"One": {"***": "x"}, "Two": "***"}


def test_secrets_in_the_names_of_files() -> None:
    """An app chooses them; what is shown of a file leads to it all the same."""
    raw = {"path": "x.bin", "orig_name": "a hf_secret.txt", "mime_type": "text/hf_secret"}
    files = [File({**raw, "path": path}, transport_to("http://127.0.0.1:9")) for path in "ab"]

    def hide(text: str) -> str:
        return text.replace("hf_secret", "<secret>").replace("files", "<secret>")

    result, kept = write(files, hide=hide, kept_files=1)
    assert "hf_secret" not in repr(result)
    (link,) = [block for block in result.content if isinstance(block, types.ResourceLink)]
    assert json.loads(text_of(result)) == [link.uri, "a <secret>.txt"]
    found = kept.find(link.uri)
    assert found is not None
    assert found.content is files[0]


def test_what_is_too_long() -> None:
    """Its beginning is shown, and the whole can be read, unless it is too much for that as well."""
    result, kept = write(Pair("x" * 100, "short"), TWO, text=50)
    assert result.structured_content == {"Two": "short"}
    assert "the first of 127 characters" in text_of(result)
    assert [block.type for block in result.content] == ["text", "resource_link"]

    result, kept = write("x" * 100, text=50, resource=80)
    assert [block.type for block in result.content] == ["text"]
    assert "more than can be read at once" in text_of(result)
    assert kept.find("") is None


def test_what_is_too_deep() -> None:
    """A message has no value in which nobody who reads JSON gets to the end."""
    nested: Any = "x"
    for _ in range(250):
        nested = [nested]
    result, _ = write(Pair(nested, 1), TWO)
    assert result.structured_content == {"Two": 1}
    assert json.loads(text_of(result)) == {"One": nested, "Two": 1}


def test_many_files(web: Web) -> None:
    """So many are shown, all that can be kept are named by URI, and each is one."""
    transport = transport_to(web)
    for number in range(6):
        web.on(f"/file={number}.txt", Reply(body=b"x"))
    files = [File({"path": f"{number}.txt"}, transport) for number in range(6)]
    result, kept = write([*files, files[0]], files=2, kept_files=4)
    assert [block.type for block in result.content] == ["text", "resource_link", "resource_link"]
    uris = json.loads(text_of(result))
    assert [kept.find(uri) is not None for uri in uris] == [True] * 4 + [False] * 2 + [True]
    assert uris[4:6] == ["4.txt", "5.txt"]
    assert uris[6] == uris[0]
    assert web.requests == []


def test_nothing() -> None:
    result, _ = write(None, output_of())
    assert result.structured_content is None
    assert text_of(result).startswith("Done")
