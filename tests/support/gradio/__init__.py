"""Gradio apps of the tests as child processes, each under the Gradio version that is asked for.

Rule: a server is ready when `start` returns, gone when `stop` returns, and never outlives the
process that started it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.gradio.launching import ROOT, launcher
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from tests.support.gradio.launching import Process

__all__ = ["ROOT", "VERSIONS", "Server", "ServerError"]

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

used: dict[Server, int] = {}
"""The servers that were asked for since somebody cleared this, and how long their logs were."""

READY_SECONDS = 180
LOG_TAIL = 4000


class ServerError(RuntimeError):
    """A server could not be started; the message ends with what it wrote."""


class Server:
    """One app of tests/support/gradio/apps, running under one version of Gradio on a loopback port.

    Args:
        version: Version of Gradio.
        app: Name of a module in tests/support/gradio/apps.
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
        self._process: Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._last_log = ""

    def __repr__(self) -> str:
        state = f"pid {self.pid}" if self.running else "stopped"
        return f"<Server {self.app} on Gradio {self.version} at {self.url}, {state}>"

    @property
    def release(self) -> tuple[int, ...]:
        """Version of Gradio as numbers."""
        return release_of(self.version)

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
        return self._process is not None and self._process.alive

    @property
    def folder(self) -> Path:
        """Where the running server works; it is gone with it."""
        return self._log_path.parent

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
            if self not in used:
                used[self] = len(self.log)
            return self
        used[self] = 0
        self.stop()
        self._folder = tempfile.TemporaryDirectory(prefix=f"gradio-{self.version}-")
        # Gradio 5 combines clips there, and fails if no file went through it before.
        Path(self._folder.name, "files").mkdir()
        order = {"app": self.app, "port": self.port, **self._options}
        with self._log_path.open("wb") as log:
            self._process = launcher(self.version).launch(order, self._folder.name, log.fileno())
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
            process.end()
        if self._folder is not None:
            self._last_log = self.log
            folder, self._folder = self._folder, None
            folder.cleanup()

    def kill(self) -> None:
        """End the server as a crash does: at once, with nothing closed in order."""
        if self._process is not None:
            self._process.end(signal.SIGKILL)

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

    def _handshake(self, process: Process) -> dict[str, Any]:
        """Wait for the line that the server writes when it is ready."""
        received = b""
        deadline = time.monotonic() + READY_SECONDS
        while not received.endswith(b"\n"):
            remaining = deadline - time.monotonic()
            readable, _, _ = select.select([process.ready], [], [], max(0, remaining))
            piece = os.read(process.ready, 4096) if readable else b""
            if not piece:
                ended = "ended" if readable else f"was not ready within {READY_SECONDS} s"
                raise ServerError(f"{self!r} {ended}; its log:\n{self.log[-LOG_TAIL:]}")
            received += piece
        ready: dict[str, Any] = json.loads(received)
        return ready
