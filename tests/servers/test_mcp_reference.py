"""Gradio's own MCP server of the same app is what ours is held against; the differences are meant.

``docs/howto/mcp.rst`` has them in a table.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp.shared.exceptions import MCPError

from tests.support.gradio.launching import ROOT, environment, python_for
from tests.support.mcp_clients import Client, over_http, over_stdio, run, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

WITH_ITS_OWN = "6.31.0+mcp"
# Whose schemas have no form that one could compare: of files, and of what can be anything.
OF_FILES = {"file_hash", "files_hash", "file_back", "image_back", "gallery_back", "chat"}
OF_ANYTHING = {"json_back", "typed"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an app that has Gradio's own MCP server."""
    folder: Path = tmp_path_factory.mktemp("own")
    command = [python_for(WITH_ITS_OWN), "-m", "tests.support.programs.own_mcp_server", "main"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**environment(str(folder)), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    ) as process:
        assert process.stdout is not None
        try:
            # Gradio prints lines of its own before.
            lines = (line.decode().strip() for line in process.stdout)
            yield next(line for line in lines if line.startswith("http")).rstrip("/")
        finally:
            process.kill()


def compare(url: str, test: Callable[[Client, Client], Coroutine[Any, Any, None]]) -> None:
    """Run a test with clients of both: of Gradio's own, and of ours."""

    async def both() -> None:
        async with over_http(f"{url}/gradio_api/mcp/") as own, over_stdio(url) as ours:
            await test(own, ours)

    run(both())


def keep_types(schema: Any) -> Any:
    """Return of a parameter's schema what both have in the same form."""
    kept = {key: schema[key] for key in ("type", "enum", "default") if key in schema}
    return {**kept, **({"items": keep_types(schema["items"])} if "items" in schema else {})}


def test_names_and_schemas(url: str) -> None:
    """The same tools, parameters and types; what is required is."""

    async def test(own: Client, ours: Client) -> None:
        theirs, mine = await own.list_tools(), await ours.list_tools()
        assert theirs.keys() == mine.keys()
        for name in theirs.keys() - OF_FILES - OF_ANYTHING:
            one, other = theirs[name].input_schema, mine[name].input_schema
            assert [*one["properties"]] == [*other["properties"]], name
            assert one.get("required", []) == other["required"], name
            first = (theirs[name].description or "").partition(". ")[0].rstrip(".")
            assert (mine[name].description or "").startswith(first), name
            if name in {"choices", "custom"}:
                continue  # ours has the types of the choices, and that others may be given
            for parameter, schema in one["properties"].items():
                expected, made = keep_types(schema), keep_types(other["properties"][parameter])
                assert expected.items() <= made.items(), (name, parameter)

    compare(url, test)


def test_results(url: str) -> None:
    """The same text for one value, the same image, the same words of a failure."""

    async def test(own: Client, ours: Client) -> None:
        calls: tuple[tuple[str, tuple[Any, ...]], ...]
        calls = (
            ("echo", ("grün",)),
            ("add", (1, 2)),
            ("count", (3,)),
            ("fail", ()),
            ("slider", (2,)),
        )
        for tool, values in calls:
            one, other = await own.call(tool, *values), await ours.call(tool, *values)
            assert one.is_error == other.is_error
            # Where it tells the progress, Gradio writes the kind of the error before its words.
            assert text_of(one).removeprefix("Error: ") == text_of(other), tool
        url = (
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
            "DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
        )
        one, other = await own.call("image_back", url), await ours.call("image_back", url)
        assert [b.data for b in one.content if b.type == "image"] == [
            b.data for b in other.content if b.type == "image"
        ]

    compare(url, test)


def test_what_differs(url: str) -> None:
    """What the table says of Gradio's own is so; a later Gradio may be otherwise."""

    async def test(own: Client, ours: Client) -> None:
        theirs = await own.list_tools()
        assert all(tool.output_schema is None for tool in theirs.values())
        two = await own.call("two", "x", 1)
        assert ([block.text for block in two.content], two.structured_content) == (["x", "1"], None)
        json_back = await own.session.call_tool("json_back", {"value": {"a": 1}})
        assert json_back.is_error, json_back
        assert (await own.session.call_tool("state", {"text": "x"})).is_error
        joined = text_of(await own.call("state", "a"))
        async with over_http(f"{url}/gradio_api/mcp/") as another:
            assert text_of(await another.call("state", "b")) == f"{joined} b"
        back = await own.call("file_back", "data:text/plain;base64,eA==")
        assert text_of(back).startswith(f"{url}/gradio_api/file=")
        await own.call("info_warning", "x")
        assert own.logs == []
        with pytest.raises(MCPError, match="timed out"):
            await own.call("endless", "given up", timeout=3)
        assert text_of(await own.call("wait_end", "given up")) == "False"
        wrong = await own.session.call_tool("two", {})
        assert text_of(wrong).count("required") == 1

        assert (await ours.call("json_back", {"a": 1})).structured_content == {"result": {"a": 1}}
        assert [text_of(await ours.call("state", text)) for text in "ab"] == ["a", "a b"]
        mine = await ours.session.call_tool("two", {})
        assert text_of(mine).count("required") == 2

    compare(url, test)
