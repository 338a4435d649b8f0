"""Runs one app of tests/apps under the Gradio of this interpreter; started by `Server`.

Rule: standard output carries one JSON line, when the app is ready; the end of standard input ends
the process.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

ATTEMPTS = 20
LIMITS = (
    "default_concurrency_limit",
    "concurrency_count",
)  # from 4.1 on, before 4; 4.0 has neither


def bind_again() -> None:
    """Let every socket have a port on which there are only closed connections any more.

    Gradio 3.16 tries out a port without asking for that, and takes the port of a server that was
    restarted for a busy one.
    """
    bind = socket.socket.bind

    def bind_reused(self: socket.socket, address: Any) -> None:
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bind(self, address)

    socket.socket.bind = bind_reused  # type: ignore[method-assign,assignment]


def free_port() -> int:
    """Return a port that is free now; another process may take it before the app does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def launch(app: Any, port: int, options: dict[str, Any]) -> int:
    """Launch the app on the port, or on any free one, and return which."""
    for _ in range(ATTEMPTS):
        chosen = port or free_port()
        try:
            app.launch(
                server_name="127.0.0.1", server_port=chosen, prevent_thread_lock=True, **options
            )
        except OSError:
            if port:
                raise
        else:
            return chosen
    raise OSError("no free port")


def main() -> None:
    """Read the arguments, run the app, and wait for the end of standard input."""
    ready = os.dup(1)
    os.dup2(2, 1)  # what Gradio and the app print goes to the log
    arguments = json.loads(sys.argv[1])
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

    bind_again()
    import gradio  # after standard output was moved

    from tests.apps import CONCURRENCY

    options = {"quiet": True, "max_threads": CONCURRENCY, "show_error": False} | arguments["launch"]
    if isinstance(options.get("auth"), list):
        options["auth"] = tuple(options["auth"])
    app = importlib.import_module(f"tests.apps.{arguments['app']}").build()
    known = inspect.signature(app.queue).parameters
    limits = [name for name in LIMITS if name in known][:1]
    app.queue(**(dict.fromkeys(limits, CONCURRENCY) | arguments["queue"]))
    port = launch(app, arguments["port"], options)
    line = {"port": port, "pid": os.getpid(), "gradio": gradio.__version__}
    os.write(ready, json.dumps(line).encode() + b"\n")

    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    shutil.rmtree(Path.cwd(), ignore_errors=True)  # the folder that Server made for us
    os._exit(0)


if __name__ == "__main__":
    main()
