"""A program for an environment in which nothing is but the package and what it requires.

Needs nothing but the standard library beside it: plays a Gradio app, and uses that with what is
installed. Every warning is an error.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import pkgutil
import pydoc
import queue
import re
import subprocess
import sys
import tempfile
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

warnings.simplefilter("error")

import gradioproxy as gp  # noqa: E402 - a warning while it loads is an error too

PREFIX = "/gradio_api"
TEXT = {"label": "Text", "component": "Textbox", "type": {"type": "string"}}
PATH = {"type": "object", "title": "FileData", "properties": {"path": {"type": "string"}}}
FILE = {"label": "File", "component": "File", "type": PATH}
CONFIG = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": PREFIX,
    "app_id": 1,
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Text", "name": "textbox"}},
        {"id": 2, "type": "file", "props": {"label": "File", "name": "file"}},
    ],
    "dependencies": [
        {"id": 0, "api_name": "shout", "inputs": [1], "outputs": [1], "backend_fn": True},
        {"id": 1, "api_name": "keep", "inputs": [2], "outputs": [2], "backend_fn": True},
    ],
}
INFO = {
    "named_endpoints": {
        "/shout": {"parameters": [{**TEXT, "parameter_name": "text"}], "returns": [TEXT]},
        "/keep": {"parameters": [{**FILE, "parameter_name": "file"}], "returns": [FILE]},
    },
    "unnamed_endpoints": {},
}
# What needs an extra, or pytest; beginnings of names.
OF_EXTRAS = (
    *("gradioproxy.ipython.extension", "gradioproxy.mcp.", "gradioproxy.testing.plugin"),
    "gradioproxy.transport.socks",
)
MESSAGES: queue.Queue[dict[str, Any] | None] = queue.Queue()


class App(BaseHTTPRequestHandler):
    """A connection to the app."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        """Describe the app, stream the results of calls, or give a file."""
        path = self.path.partition("?")[0]
        known = {"/config": CONFIG, f"{PREFIX}/info": INFO, f"{PREFIX}/app_id": {"app_id": 1}}
        file = self.files.get(path.partition("file=")[2])
        if path in known:
            self.answer(json.dumps(known[path]).encode())
        elif path == f"{PREFIX}/queue/data":
            self.stream()
        else:
            self.answer(file or b"", 404 if file is None else 200)

    def do_POST(self) -> None:
        """Take a file, or a call, whose result goes to the stream."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith(f"{PREFIX}/upload"):
            _, _, rest = body.partition(b"\r\n\r\n")
            self.files["/kept"] = rest[: rest.index(b"\r\n--")]
            self.answer(b'["/kept"]')
            return
        call = json.loads(body)
        (value,) = call["data"]
        said: dict[str, Any] = {"event_id": "call", "output": {"data": [value]}, "success": True}
        if call["fn_index"] == 0:
            # The second partial result is an edit of the first.
            for data in [value + "!"], [[["append", [], "!"]]]:
                self.say("process_generating", **said | {"output": {"data": data}})
            said["output"] = {"data": [value + "!!"]}
        self.say("process_completed", **said)
        self.say("close_stream")
        MESSAGES.put(None)
        self.answer(b'{"event_id": "call"}')

    def say(self, msg: str, **more: Any) -> None:
        """Put a message into the stream."""
        MESSAGES.put({"msg": msg, **more})

    def stream(self) -> None:
        """Write what is said of a call."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        while (message := MESSAGES.get()) is not None:
            self.wfile.write(b"data: %s\n\n" % json.dumps(message).encode())

    def answer(self, body: bytes, status: int = 200) -> None:
        """Send a whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def check_what_is_installed() -> None:
    """See that the package is the installed one, with its types, and is imported as a whole."""
    (where,) = gp.__path__
    assert "site-packages" in where, where
    assert Path(where, "py.typed").is_file()
    assert gp.__version__ == importlib.metadata.version("gradioproxy")
    for absent in ("IPython", "numpy", "pandas", "PIL", "socks", "pytest", "gradio", "pip"):
        assert importlib.util.find_spec(absent) is None, absent
    for module in pkgutil.walk_packages(gp.__path__, "gradioproxy."):
        if not module.name.startswith(OF_EXTRAS):
            importlib.import_module(module.name)
    for name in gp.__all__:
        getattr(gp, name)


def run_command(*arguments: str) -> str:
    """Return what the command prints that was installed beside this Python."""
    command = Path(sys.executable).with_name("gradioproxy")
    with tempfile.TemporaryDirectory(prefix="gradioproxy-smoke-") as folder:
        done = subprocess.run(
            [command, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "XDG_CACHE_HOME": folder},  # what it keeps of the app is no user's
        )
        assert Path(folder, "gradioproxy", "descriptions").is_dir()
    assert done.stderr == "", done.stderr
    return done.stdout


def use(url: str) -> None:
    """Use an app as its users do."""
    with gp.connect(url) as app:
        assert "shout(text) -> str" in str(app)
        text = pydoc.plain(pydoc.render_doc(app.shout))
        assert re.search(r"shout\(text: str\) -> str\n", text), text
        assert "Args:" in text
        assert "Example:" in text
        assert app.shout("hello") == "hello!!"
        assert list(app.shout.stream("hello")) == ["hello!", "hello!!"]
        assert run_command("call", url, "/shout", "hello") == "hello!!\n"
        assert app.shout.submit(text="again").result(timeout=30) == "again!!"
        with tempfile.TemporaryDirectory(prefix="gradioproxy-smoke-") as folder:
            Path(folder, "a.txt").write_bytes(b"content")
            kept = app.keep(Path(folder, "a.txt"))
            assert Path(kept).read_bytes() == b"content"
    try:
        gp.connect(url, proxies={"http": "socks5://127.0.0.1:1"})
    except gp.ConnectError as error:
        assert "SOCKS" in str(error)  # noqa: PT017 - there is no pytest here
    else:
        raise AssertionError("a proxy was passed by")


def main() -> None:
    """Check everything; print the packages that are there."""
    check_what_is_installed()
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        use(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    names = {each.metadata["Name"] for each in importlib.metadata.distributions()}
    sys.stdout.write(" ".join(sorted(names, key=str.lower)) + "\n")


if __name__ == "__main__":
    main()
