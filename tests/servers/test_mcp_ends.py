"""The end of an MCP server: it is prompt, the app is told, and nothing else was on the wire."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from typing import IO, TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from tests.support.held_app import HeldApp
from tests.support.mcp_clients import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import gradioproxy as gp
    from tests.support.gradio import Server

TESTED_VERSIONS = ("3.50.2", "6.31.0")
SECONDS = 30
"""After this, something hangs that should not."""

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Wire:
    """A server over standard input and output, and what was said."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.errors: IO[bytes] = process.stderr
        self.input: IO[bytes] = process.stdin
        self.output: IO[bytes] = process.stdout

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.input.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.input.flush()

    def receive(self, number: int) -> Any:
        """Return the answer to a request; whatever comes is JSON, a message on each line."""
        for line in self.output:
            message = json.loads(line)
            assert message["jsonrpc"] == "2.0"
            if message.get("id") == number:
                return message
        raise AssertionError("it ended without an answer")

    def begin(self) -> None:
        """Say what clients say at first."""
        who = {"name": "tests", "version": "1"}
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": who}
        self.send(id=0, method="initialize", params=about)
        assert self.receive(0)["result"]["serverInfo"]["name"] == "gradioproxy"
        self.send(method="notifications/initialized")

    def call(self, number: int, tool: str, **arguments: Any) -> None:
        """Call a tool."""
        params = {"name": tool, "arguments": arguments}
        self.send(id=number, method="tools/call", params=params)


@contextlib.contextmanager
def wire(*arguments: str, **env: str) -> Iterator[Wire]:
    """Give a server."""
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
    ) as process:
        try:
            yield Wire(process)
        finally:
            process.kill()


def close_input(server: Wire) -> int:
    server.input.close()
    return 0


def terminate(server: Wire) -> int:
    server.process.terminate()
    return 0


def interrupt(server: Wire) -> int:
    server.process.send_signal(signal.SIGINT)
    return 130


@posix
@pytest.mark.parametrize("end", [close_input, terminate, interrupt])
def test_a_call_is_under_way(server: Server, app: gp.Session, end: Callable[[Wire], int]) -> None:
    """It is given up, by whatever the server ends."""
    token = uuid.uuid4().hex
    (name,) = json.loads(json.dumps(app.endless.tool_schema("mcp")))["inputSchema"]["properties"]
    with wire(server.url) as served:
        served.begin()
        served.call(1, "endless", **{name: token})
        assert app.wait_begin(token)
        expected = end(served)
        assert served.process.wait(SECONDS) == expected
        assert app.wait_end(token)
        assert b"Traceback" not in served.errors.read()


@posix
def test_a_client_that_reads_nothing(server: Server) -> None:
    """It can't keep the server from ending, by what it does not take."""
    with wire(server.url) as served:
        served.begin()
        for number in range(1, 100):
            served.send(id=number, method="tools/list")
        assert served.receive(1)
        served.process.terminate()
        ended = served.process.wait(SECONDS)
        assert ended in {0, 128 + signal.SIGTERM}, served.errors.read()


@posix
def test_a_client_that_closes_its_ears(server: Server) -> None:
    """To write to nobody is an end like any other."""
    with wire(server.url) as served:
        served.begin()
        served.output.close()
        served.call(1, "nothing")
        assert served.process.wait(SECONDS) == 0
        assert served.errors.read() == b""


def test_what_is_printed_is_no_message(server: Server) -> None:
    """Whoever prints in the process writes to standard error, and finds nothing to read."""
    script = (
        "import os, sys, threading, gradioproxy.mcp.calls as calls\n"
        "from gradioproxy.cli import main\n"
        "begin = calls.Caller._begin\n"
        "def noisy(*a):\n"
        "    print('printed', flush=True); os.write(1, b'written'); os.system('echo of a child')\n"
        "    sys.stderr.write(f'read {os.read(0, 10)}')\n"
        "    return begin(*a)\n"
        "calls.Caller._begin = noisy\n"
        "sys.argv = ['gradioproxy', 'mcp', sys.argv[1]]\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, server.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        served = Wire(process)
        served.begin()
        served.call(1, "nothing")
        assert served.receive(1)["result"]["content"][0]["text"] == "from nothing"
        _, errors = process.communicate(timeout=SECONDS)
    for text in (b"printed", b"written", b"of a child", b"read b''"):
        assert text in errors


def test_what_is_no_message(server: Server) -> None:
    """It harms nobody who sends messages."""
    with wire(server.url) as served:
        served.input.write(b"no JSON\n\xff\xfe\n[1, 2\n\n{}\n")
        served.begin()
        served.call(1, "nothing")
        assert served.receive(1)["result"]["content"][0]["text"] == "from nothing"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--only", "ecko"), "there is no function 'ecko'; did you mean 'echo'"),
        (("--files", "/nothing/there"), "--files /nothing/there: No such file"),
        (("--files", ""), "--files names no folder"),
        (("--http", "nowhere"), "--http: 'nowhere' is no HOST:PORT"),
        (("--http", "192.0.2.1:80"), "--http 192.0.2.1:80: "),
        (("--allow-host", "a"), "--allow-host is for --http"),
        (("--max-calls", "0"), "--max-calls"),
    ],
)
def test_wrong_use(server: Server, arguments: tuple[str, ...], text: str) -> None:
    """It is said in one line, before anybody is served."""
    done = subprocess.run(
        [*PROGRAM, server.url, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_the_sdk(server: Server, tmp_path: Any) -> None:
    """It is said what to install."""
    (tmp_path / "mcp.py").write_text("raise ImportError('none here')")
    done = subprocess.run(
        [*PROGRAM, server.url],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 2
    assert (
        done.stderr
        == "gradioproxy: this needs the SDK of MCP, 2.0 or later: pip install gradioproxy[mcp]\n"
    )


@posix
@pytest.mark.parametrize("end", [close_input, terminate])
def test_a_file_is_being_fetched(
    end: Callable[[Wire], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for what an app does not send."""
    file = {"path": "x", "meta": {"_type": "gradio.FileData"}}
    done = {"msg": "process_completed", "success": True, "output": {"data": [file]}}
    monkeypatch.setattr("tests.support.held_app._messages_of", lambda *_: [done])
    with HeldApp() as app, wire(app.url) as served:
        served.begin()
        served.call(1, "file", text="finished")
        app.wait_until(lambda: any(one.path.endswith("/file=x") for one in app.requests))
        expected = end(served)
        assert served.process.wait(SECONDS) == expected
