"""Processes that have imported a version of Gradio, and fork for each server that is asked for.

Rule: nothing that is started here outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[3]
RUN_APP = Path(__file__).with_name("run_app.py")
STOP_SECONDS = 10


def python_for(version: str) -> str:
    """Return the path of a Python that has this Gradio; its environment is built if need be."""
    command = [str(ROOT / "scripts" / "gradio-env"), version]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def environment(folder: str) -> dict[str, str]:
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


class Process:
    """A server's process, as the one that asked for it sees it.

    Attributes:
        pid: Its process id.
        ready: The pipe on which it says that it is ready; it is closed at its end.
    """

    def __init__(self, launcher: Launcher, pid: int, ready: int, lifeline: int) -> None:
        self.pid = pid
        self.ready = ready
        self._launcher = launcher
        self._lifeline = lifeline
        self._gone = False

    @property
    def alive(self) -> bool:
        """Whether it is there; not to be asked before it is ready."""
        return not self._gone and not select.select([self.ready], [], [], 0)[0]

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it by a signal, and wait until it is gone."""
        if self._gone:
            return
        os.kill(self.pid, number)
        self._launcher.wait(self.pid)
        self._gone = True
        os.close(self._lifeline)
        os.close(self.ready)


class Launcher:
    """A process that has imported one version of Gradio.

    Args:
        version: Version of Gradio.
    """

    def __init__(self, version: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"gradio-{version}-launcher-")
        self._control, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [python_for(version), "-I", "-X", "utf8", str(RUN_APP)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment(self._folder.name),
                cwd=self._folder.name,
                start_new_session=True,
            )
        self.close = weakref.finalize(self, _close, self._control, process, self._folder)

    def launch(self, order: Mapping[str, Any], folder: str, log: int) -> Process:
        """Start a server.

        Args:
            order: What `run_app` has to know: the app, the port and the options.
            folder: Where it may leave files.
            log: The file for what it writes.
        """
        lifeline, ours = os.pipe()
        ready, theirs = os.pipe()
        text = json.dumps({**order, "folder": folder, "environment": environment(folder)})
        socket.send_fds(self._control, [text.encode()], [lifeline, theirs, log])
        os.close(lifeline)
        os.close(theirs)
        return Process(self, int(self._control.recv(64)), ready, ours)

    def wait(self, pid: int) -> None:
        """Wait until a server is gone, which was asked to end; kill it if it takes too long."""
        self._control.sendall(json.dumps({"wait": pid}).encode())
        if not select.select([self._control], [], [], STOP_SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
        self._control.recv(64)


def _close(
    control: socket.socket,
    process: subprocess.Popen[bytes],
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    control.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    process.kill()
    process.wait()
    with contextlib.suppress(FileNotFoundError):
        folder.cleanup()


_latest: dict[str, Launcher] = {}


def forget() -> None:
    """End the launcher that is kept."""
    while _latest:
        _latest.popitem()[1].close()


def launcher(version: str) -> Launcher:
    """Return the launcher of a version; only the latest is kept, besides those in use."""
    if version not in _latest:
        _latest.clear()
        _latest[version] = Launcher(version)
    return _latest[version]
