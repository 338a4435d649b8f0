"""Imports the Gradio of this interpreter, and forks for each server; started by `Launcher`.

Importing Gradio takes seconds, and a server that is forked off afterwards only a fraction of one.

Rule: standard input is a socket; what comes over it is an order for a server, with its lifeline,
the pipe for the JSON line that it writes when it is ready, and its log; or the id of a server whose
end is waited for. A server ends when its lifeline is cut, this process when the socket is.
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
import tempfile
import traceback
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


def forget_connections_early() -> None:
    """Let the client with which Gradio before 3.50 calls itself forget connections in time.

    Its queue posts each call to the app's own address. The client keeps a connection for five
    seconds, and so does the server; a call in the moment in which both end finds a connection that
    is closed under it, and fails with an error that has no message.
    """
    importlib.import_module("httpx._config").DEFAULT_LIMITS.keepalive_expiry = 2.0


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
            app.launch(server_port=chosen, prevent_thread_lock=True, **options)
        except OSError:
            if port:
                raise
        else:
            return chosen
    raise OSError("no free port")


def serve(order: dict[str, Any], lifeline: int, ready: int, log: int) -> None:
    """Run the app, in a process of its own, until the lifeline is cut."""
    os.setsid()  # Ctrl-C is for the tests; they end the servers
    for descriptor, standard in ((lifeline, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, standard)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    tempfile.tempdir = None  # what the environment says now counts

    import gradio

    from tests.support.gradio.apps import CONCURRENCY

    if gradio.__version__.startswith("3."):
        forget_connections_early()
    options = {
        "quiet": True,
        "max_threads": CONCURRENCY,
        "show_error": False,
        "server_name": "127.0.0.1",
    } | order["launch"]
    if isinstance(options.get("auth"), list):
        options["auth"] = tuple(options["auth"])
    app = importlib.import_module(f"tests.support.gradio.apps.{order['app']}").build()
    known = inspect.signature(app.queue).parameters
    limits = [name for name in LIMITS if name in known][:1]
    app.queue(**(dict.fromkeys(limits, CONCURRENCY) | order["queue"]))
    port = launch(app, order["port"], options)
    line = {"port": port, "gradio": gradio.__version__}
    os.write(ready, json.dumps(line).encode() + b"\n")

    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    shutil.rmtree(Path.cwd(), ignore_errors=True)  # the folder that Server made for us


def fork(order: dict[str, Any], descriptors: list[int]) -> int:
    """Start a process that serves, and return its id."""
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    status = 1
    try:
        serve(order, *descriptors)
        status = 0
    except BaseException:  # noqa: BLE001 - its words are for the log, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def main() -> None:
    """Import Gradio, and do what is asked on standard input until that ends."""
    control = socket.socket(fileno=os.dup(0))
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    bind_again()
    importlib.import_module("gradio")
    while True:
        text, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not text:
            break
        order = json.loads(text)
        if "wait" in order:
            os.waitpid(order["wait"], 0)
            control.sendall(b"gone")
        else:
            control.sendall(str(fork(order, descriptors)).encode())
    shutil.rmtree(Path.cwd(), ignore_errors=True)  # the folder that Launcher made for us


if __name__ == "__main__":
    main()
