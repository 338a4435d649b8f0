"""Runs an app of the tests with Gradio's own MCP server, which needs a Gradio that has it.

The arguments are the app's name; its address is printed when it is ready.
"""

from __future__ import annotations

import importlib
import sys

from tests.support.gradio.run_app import free_port

app = importlib.import_module(f"tests.support.gradio.apps.{sys.argv[1]}").build()
_, url, _ = app.launch(
    server_port=free_port(), mcp_server=True, quiet=True, prevent_thread_lock=True
)
print(url, flush=True)  # noqa: T201 - for the test
sys.stdin.read()
