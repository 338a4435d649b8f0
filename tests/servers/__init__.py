"""Gradio apps of the tests as child processes, each under the Gradio version that is asked for.

Rule: a server is ready when `start` returns, gone when `stop` returns, and never outlives the
process that started it.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

VERSIONS = (
    "3.16.2",
    "3.36.1",
    "3.50.2",
    "4.0.2",
    "4.13.0",
    "4.19.2",
    "4.44.1",
    "5.0.2",
    "5.50.0",
    "6.31.0",
)
"""The Gradio versions that the suite runs against; scripts/gradio-env can build others too."""

ROOT = Path(__file__).resolve().parents[2]
RUN_APP = Path(__file__).with_name("run_app.py")
READY_SECONDS = 180
STOP_SECONDS = 10
LOG_TAIL = 4000


class ServerError(RuntimeError):
    """A server could not be started; the message ends with what it wrote."""


def python_for(version: str) -> str:
    """Return the path of a Python that has this Gradio; its environment is built if need be."""
    command = [str(ROOT / "scripts" / "gradio-env"), version]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Server:
    """One app of tests/apps, running under one version of Gradio on a loopback port.

    Args:
        version: Version of Gradio.
        app: Name of a module in tests/apps.
        port: Port to listen on; 0 lets the server find a free one, kept for restarts.
        launch: Arguments for `launch`, such as `auth` or `max_file_size`.
        queue: Arguments for `queue`, such as `max_size`.

    Attributes:
        version: Version of Gradio.
        app: Name of the app.
        port: Port, 0 before the first start.
    """

    def __init__(
        self,
        version: str,
        app: str = "main",
        *,
        port: int = 0,
        launch: Mapping[str, Any] | None = None,
        queue: Mapping[str, Any] | None = None,
    ) -> None:
        self.version = version
        self.app = app
        self.port = port
        self._options = {"launch": dict(launch or {}), "queue": dict(queue or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._last_log = ""

    def __repr__(self) -> str:
        state = f"pid {self.pid}" if self.running else "stopped"
        return f"<Server {self.app} on Gradio {self.version} at {self.url}, {state}>"

    @property
    def url(self) -> str:
        """Address of the app, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._process is None:
            raise ServerError(f"{self!r} has no process")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the server wrote to its standard output and error since it was last started."""
        if self._folder is None:
            return self._last_log
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def start(self) -> Self:
        """Start the server, if it is not running, and wait until it answers.

        Raises:
            ServerError: It ended, or was not ready in time.
        """
        if self.running:
            return self
        self.stop()
        python = python_for(self.version)
        self._folder = tempfile.TemporaryDirectory(prefix=f"gradio-{self.version}-")
        arguments = json.dumps({"app": self.app, "port": self.port, **self._options})
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    python,
                    "-I",
                    "-X",
                    "utf8",
                    str(RUN_APP),
                    arguments,
                ],
                stdin=subprocess.PIPE,  # never written to: its end tells the child that we are gone
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment(self._folder.name),
                cwd=self._folder.name,
                start_new_session=True,  # Ctrl-C is for the tests; they end the servers
            )
        try:
            self.port = self._handshake(self._process)["port"]
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server, if there is one, and wait until it is gone; its files go with it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._folder is not None:
            self._last_log = self.log
            folder, self._folder = self._folder, None
            folder.cleanup()

    def kill(self) -> None:
        """End the server as a crash does: at once, with nothing closed in order."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def restart(self) -> Self:
        """Stop, and start on the same port, as a new process with an empty folder of files."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def _log_path(self) -> Path:
        if self._folder is None:
            raise ServerError(f"{self!r} has no folder")
        return Path(self._folder.name, "log")

    @staticmethod
    def _environment(folder: str) -> dict[str, str]:
        """Return an environment where Gradio sees nothing of the user and asks no other host."""
        users = ("GRADIO_", "HF_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(users)}
        return kept | {
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": f"{folder}/files",
            "HF_HOME": f"{folder}/hf",
            "HF_HUB_OFFLINE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "TMPDIR": folder,
            "no_proxy": "127.0.0.1,localhost",
        }

    def _handshake(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Wait for the line that the child prints when it is ready."""
        if process.stdout is None:
            raise ServerError("no handshake pipe")
        received = b""
        deadline = time.monotonic() + READY_SECONDS
        while not received.endswith(b"\n"):
            remaining = deadline - time.monotonic()
            readable, _, _ = select.select([process.stdout], [], [], max(0, remaining))
            piece = os.read(process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                ended = "ended" if readable else f"was not ready within {READY_SECONDS} s"
                raise ServerError(f"{self!r} {ended}; its log:\n{self.log[-LOG_TAIL:]}")
            received += piece
        ready: dict[str, Any] = json.loads(received)
        return ready
