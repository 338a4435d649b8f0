"""What the other tests stand on: servers start, answer, restart, and leave nothing behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.gradio import ROOT, VERSIONS, Server, ServerError

NEWEST = VERSIONS[-1]  # for what is the same under each version


def config(server: Server) -> dict[str, object]:
    """Return the server's own description."""
    answer = requests.get(f"{server.url}/config", timeout=30)
    answer.raise_for_status()
    return dict(answer.json())


def gone(pid: int) -> bool:
    """Whether there is no process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("app", ["main", "stateless"])
def test_each_app_answers_under_each_version_and_leaves_no_process(version: str, app: str) -> None:
    """A started server is the version that was asked for; a stopped one has no process or files."""
    with Server(version, app) as server:
        pid = server.pid
        described = config(server)
        folder = server._log_path.parent
        assert str(described["version"]).strip() == version
        assert folder.is_dir()
    assert gone(pid)
    assert not folder.exists()
    with pytest.raises(requests.ConnectionError):
        config(server)


def test_a_restart_keeps_the_port_and_nothing_else() -> None:
    """The same address is another process after a restart."""
    with Server(NEWEST, "stateless") as server:
        before = (server.url, server.pid)
        config(server)
        server.restart()
        config(server)
        assert server.url == before[0]
        assert server.pid != before[1]


def test_an_app_that_cannot_start_says_why() -> None:
    """The error ends with the log of the server, and no process is left."""
    server = Server(NEWEST, "missing")
    with pytest.raises(ServerError, match=r"No module named '.*\.missing'"):
        server.start()
    assert not server.running


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd_open to wait for a stranger")
def test_servers_end_with_the_process_that_started_them() -> None:
    """A server whose starter was killed ends by itself and removes its files."""
    code = (
        "import os, signal\n"
        "from tests.support.gradio import Server\n"
        f"server = Server({NEWEST!r}, 'stateless').start()\n"
        "print(server.pid, server._log_path.parent, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    starter = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    pid, folder = starter.stdout.split()
    try:
        process = os.pidfd_open(int(pid))
    except ProcessLookupError:
        pass
    else:
        ended, _, _ = select.select([process], [], [], 30)
        os.close(process)
        assert ended
    assert starter.returncode == -signal.SIGKILL
    assert not Path(folder).exists()
