"""Tools whose files are those of a real app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server


# Files of a real app.


def test_a_file_of_the_app_by_its_url(server: Server, tmp_path: Path) -> None:
    """A model passes on a file of the app without anything being sent again; no other URL of it."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with gp.connect(server.url) as app:
        [name] = app.file_back.tool_schema("mcp")["inputSchema"]["properties"]
        kept = app.file_back(path)
        before = len(app.uploads)
        assert app.call_tool("file_back", {name: kept.url}).bytes() == b"content"
        assert len(app.uploads) == before
        for url in (f"{server.url}/config", f"{server.url}/file=../x"):
            with pytest.raises(gp.ArgumentError, match="only where the whole world can"):
                app.call_tool("file_back", {name: url})
        [name] = app.files_hash.tool_schema("mcp")["inputSchema"]["properties"]
        with pytest.raises(gp.ArgumentError, match=r"\[1\]"):
            app.call_tool("files_hash", {name: [kept.url, str(path)]})
