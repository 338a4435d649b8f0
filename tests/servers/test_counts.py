"""What calls cost in things that can be counted: requests, hashes, threads, and modules."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.faults import FaultProxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.13.0", "6.31.0")

SECONDS = 60
CALLS, JOBS, MOST_THREADS = 1000, 100, 12

REQUESTS = {
    "3.50.2": ["app_id", "socket"],
    "4.0.2": ["post", "stream"],
    "4.13.0": ["post", "stream"],
    "6.31.0": ["post", "stream"],
}
"""Of a call over the queue. Before a websocket is used, the server is asked who it is."""

RARE = {
    *("asyncio", "difflib", "html", "platform", "sysconfig", "wave", "zoneinfo"),
    *("websocket", "requests_toolbelt", "tqdm", "IPython", "numpy", "pandas", "mcp"),
    *(f"gradioproxy.{name}" for name in ("hub.rest", "hub.tokens", "transport.text_socket")),
    *(f"gradioproxy.protocols.{name}" for name in ("sse", "websocket", "simple")),
    *(
        f"gradioproxy.{name}"
        for name in ("client.display", "functions.curl", "functions.map_calls", "many")
    ),
    *(f"gradioproxy.{name}" for name in ("client.contract", "schema.inclusion", "schema.write")),
    *(f"gradioproxy.{name}" for name in ("schema.rendering", "client.page_load")),
    *(f"gradioproxy.{name}" for name in ("testing", "transport.local")),
    *(f"gradioproxy.files.{name}" for name in ("stream", "stream_download", "served_stream")),
    *(
        f"gradioproxy.{name}"
        for name in ("ipython", "markup", "files.preview", "files.live", "files.spool")
    ),
    *(f"gradioproxy.{name}" for name in ("functions.page_event", "protocols.chunks")),
    *(f"gradioproxy.{name}" for name in ("functions.executor_calls", "client.worker_sessions")),
    *(f"gradioproxy.calls.{name}" for name in ("display", "messages", "sight", "watching")),
    *(f"gradioproxy.{name}" for name in ("mcp", "client.tool_call")),
    *(f"gradioproxy.calls.{name}" for name in ("feed", "feeds", "feed_call", "async_iteration")),
    *(f"gradioproxy.values.{name}" for name in ("display", "plain", "plot", "plotly")),
    *(f"gradioproxy.calls.{name}" for name in ("load", "moving", "replica", "replica_engine")),
    *(f"gradioproxy.{name}" for name in ("client.replica_apps", "functions.moving_caller")),
    *(["typing_extensions"] if sys.version_info >= (3, 11) else []),
}
"""What a script of two calls has no use for."""


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that has each function twice, under each version in turn."""
    return gradio(version, "ways")


def test_connecting_and_calling_take_few_requests(server: Server, version: str) -> None:
    """Two for a session; those of the protocol for a call over the queue, and one past it."""
    with FaultProxy(server.url) as proxy, gp.connect(proxy.url) as app:
        assert [exchange.kind for exchange in proxy.seen] == ["config", "info"]
        for function, kinds in ((app.echo, REQUESTS[version]), (app.direct_echo, ["post"])):
            function("x")
            before = len(proxy.seen)
            assert function("x") == "x"
            assert sorted(exchange.kind for exchange in proxy.seen[before:]) == kinds


@pytest.mark.since("4.22", "before 4.22 an app's functions can't know the session")
def test_a_thousand_calls_go_under_one_hash(app: gp.Session) -> None:
    """For each hash the server builds a state as large as the app, and keeps it."""
    seen = {function() for _ in range(CALLS // 2) for function in (app.tab, app.direct_tab)}
    assert seen == {app.session_hash}


def test_many_jobs_take_few_threads(app: gp.Session) -> None:
    """However many there are, and whichever way they go; and none is lost."""
    jobs = [app[name].submit(str(number)) for number in range(JOBS) for name in ("echo", "both")]
    jobs += [app.direct_echo.submit(str(number)) for number in range(JOBS)]
    most = 0
    for job in jobs:
        own = [t for t in threading.enumerate() if t.name.startswith("gradioproxy")]
        most = max(most, len(own))
        job.result(SECONDS)
    assert 0 < most <= MOST_THREADS


def test_calls_load_nothing_on_their_threads(server: Server, tmp_path: Path) -> None:
    """In a process that was forked meanwhile, what one was loading is waited for without end."""
    path = tmp_path / "given.txt"
    path.write_text("content")
    script = f"""
import sys, threading

loaded = []

class Watch:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            loaded.append(name)

import gradioproxy as gp

app = gp.connect({server.url!r})
sys.meta_path.insert(0, Watch())
assert app.echo("x") == app.direct_echo("x") == "x"
assert app.direct_steps(2) == app.steps(2) == "2"
assert app.copies(gp.file({str(path)!r}))[0].bytes() == b"contentone.txt"
job = app.steps.submit(100)
job.cancel()
assert app.echo("x") == "x"
print(*loaded)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert done.stdout.split() == []


def test_descriptions_are_read_by_what_is_loaded_while_they_come() -> None:
    """The first request of a script waits for no module that is needed after its answer alone."""
    script = "import sys, gradioproxy; gradioproxy.connect; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    late = {f"gradioproxy.{name}" for name in ("schema.parse", "client.session", "calls.engine")}
    assert late & {*done.stdout.split()} == set()


@pytest.mark.since("6", "older protocols need more modules")
def test_a_script_of_two_calls_loads_what_it_uses(server: Server) -> None:
    """Libraries, and modules of our own, for what it does not do stay where they are."""
    script = f"""
import sys
import gradioproxy as gp

app = gp.connect({server.url!r})
assert app.echo("x") == app.direct_echo("x") == "x"
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert RARE & {*done.stdout.split()} == set()
