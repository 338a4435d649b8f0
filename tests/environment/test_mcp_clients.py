"""Other people's clients of the MCP server: FastMCP's, and the MCP inspector's command line."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.support.gradio import ROOT

pytest.importorskip("mcp", reason="needs the extra mcp")

from tests.support.mcp_clients import PROGRAM, http_server

if TYPE_CHECKING:
    from tests.support.gradio import Server

TESTED_VERSIONS = ("3.50.2", "6.31.0")
SECONDS = 120
# The latest that goes with the oldest Node that is still in use.
INSPECTOR = "0.15.0"


@pytest.fixture(scope="module")
def fastmcp_python() -> str:
    """Give the Python that has FastMCP."""
    found = subprocess.run(
        [str(ROOT / "scripts" / "library-env")], check=True, stdout=subprocess.PIPE, text=True
    )
    return found.stdout.strip()


@pytest.fixture(scope="module")
def inspector() -> str:
    """Give the inspector's program, from npm's registry where it was not installed yet."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm")
    folder = Path(os.environ["GRADIOPROXY_CACHE"]) / f"inspector-{INSPECTOR}"
    program = folder / "node_modules" / ".bin" / "mcp-inspector"
    if not program.exists():
        package = f"@modelcontextprotocol/inspector@{INSPECTOR}"
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"the inspector can't be installed: {done.stderr[-200:]}")
    return str(program)


def image() -> str:
    """Return the URL that holds a small image."""
    content = io.BytesIO()
    Image.new("RGB", (2, 3), "red").save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def ask_with_fastmcp(python: str, *command: str) -> Any:
    """Return what the program of FastMCP's client prints."""
    program = ROOT / "tests" / "support" / "programs" / "fastmcp_client.py"
    done = subprocess.run(
        [python, str(program), *command],
        input=image(),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.since("4.23", "before, parameters are called by their labels")
def test_fastmcp(server: Server, fastmcp_python: str) -> None:
    """By both ways, everything that there is for a client."""
    with http_server(server.url) as url:
        for command in ([*PROGRAM, server.url], [url]):
            came = ask_with_fastmcp(fastmcp_python, *command)
            assert {"echo", "two", "image_back"} <= {*came["tools"]}
            assert came["two"] == {"First_result": "a", "Second_result": 2}
            assert came["failed"] == [True, "boom 'quoted'\nline"]
            assert came["image"] == ["text", "image"]
            assert came["read"] == "image/png"
            assert [text for *_, text in came["progress"] if text == "Stepping"]
            assert [level for level, _ in came["logs"]] == ["info", "warning"]


def inspect(program: str, *arguments: str) -> Any:
    """Return what the inspector prints."""
    done = subprocess.run(
        [program, "--cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_inspector(server: Server, inspector: str) -> None:
    """It lists the tools and calls them."""
    tools = inspect(inspector, *PROGRAM, server.url, "--method", "tools/list")["tools"]
    (echo,) = [tool for tool in tools if tool["name"] == "echo"]
    (name,) = echo["inputSchema"]["properties"]
    call = ("--method", "tools/call", "--tool-name", "echo", "--tool-arg", f"{name}=grün")
    with http_server(server.url) as url:
        for way in ([*PROGRAM, server.url], [url, "--transport", "http"]):
            came = inspect(inspector, *way, *call)
            assert came["structuredContent"] == {"result": "grün"}
            assert came["content"] == [{"type": "text", "text": "grün"}]
