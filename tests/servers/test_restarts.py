"""A server that is restarted, possibly as another app, between two calls."""

from __future__ import annotations

from pathlib import Path

import pytest

import gradioproxy as gp
from gradioproxy.client.contract.build import build_contract
from gradioproxy.client.contract.changes import compare_contracts
from gradioproxy.client.contract.storage import read_contract, write_contract
from tests.support.faults import FaultProxy
from tests.support.gradio import Server

BROKEN = [
    "  /changed: parameter more is new, and can't be left out",
    "  /gone: the function is gone",
]


def test_a_restarted_app_runs_the_function_that_was_called(version: str) -> None:
    """After a restart with its functions in another order, each name is still its function."""
    with Server(version, "before") as server, gp.connect(server.url) as app:
        first, changed, gone = app.first, app.changed, app.gone
        assert [app.first("x"), app.second("x"), app.changed("x")] == [
            "first x",
            "second x",
            "changed x",
        ]
        server.stop()
        with Server(version, "after", port=server.port):
            assert first("y") == "first y"
            assert app.second("y") == "second y"
            assert app.first is first
            with pytest.raises(gp.SchemaChanged, match="changed"):
                changed("y")
            with pytest.raises(gp.SchemaChanged, match="gone"):
                gone("y")
            assert app.changed("y", "z") == "changed y z"
            assert "gone" not in app


def test_what_was_kept_is_compared_before_a_call(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that was restarted since it was described runs no other function than is called."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Server(version, "before") as server:
        with gp.connect(server.url, cache=True) as app:
            assert app.first("x") == "first x"
        with gp.connect(server.url, cache=True) as app:
            assert app.first("x") == "first x"
        server.stop()
        with gp.connect(server.url, cache=True) as app, Server(version, "after", port=server.port):
            gone = app.gone
            assert app.second("y") == "second y"
            with pytest.raises(gp.SchemaChanged, match="gone"):
                gone("y")
        with gp.connect(server.url, cache=True) as app:
            assert "gone" not in app


@pytest.mark.since("3.19", "before 3.19 the server gives files names of its own")
def test_files_are_sent_to_the_new_server(version: str, tmp_path: Path) -> None:
    """What the old server had is not taken for granted at the new one."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with Server(version, "before") as server, gp.connect(server.url) as app:
        assert Path(app.file_name(path)).name == "a.txt"
        server.restart()
        assert Path(app.file_name(path)).name == "a.txt"


def test_many_jobs_meet_a_restart(version: str) -> None:
    """Jobs that find a new server all run there, each its own function."""
    with Server(version, "before") as server, gp.connect(server.url) as app:
        assert app.first("x") == "first x"
        server.stop()
        with Server(version, "after", port=server.port):
            jobs = [(app.first if n % 2 else app.second).submit(str(n)) for n in range(20)]
            answers = [job.result() for job in jobs]

    assert [f"{'first' if n % 2 else 'second'} {n}" for n in range(20)] == answers


def test_a_lock_is_held_against_what_the_app_is(version: str, tmp_path: Path) -> None:
    """At each connection, with no request more than without it, and after each restart."""
    lock = tmp_path / "app.lock.json"
    with Server(version, "before") as server:
        with gp.connect(server.url) as app:
            write_contract(lock, build_contract(app))
        with FaultProxy(server.url) as proxy, gp.connect(server.url) as app:
            gp.connect(proxy.url).close()
            plain = [exchange.kind for exchange in proxy.seen]
            gp.connect(proxy.url, lock=lock).close()
            assert [exchange.kind for exchange in proxy.seen] == plain * 2
            # The same app at another port, and after a restart: nothing in it is of a process.
            assert compare_contracts(read_contract(lock), build_contract(app)) == []
            server.restart()
            app.refresh()
            assert build_contract(app) == read_contract(lock)
        with gp.connect(server.url, lock=lock) as app:
            first = app.first
            assert first("x") == "first x"
            server.stop()
            with Server(version, "after", port=server.port) as after:
                with pytest.raises(gp.SchemaChanged) as caught:
                    gp.connect(after.url, lock=lock)
                # Before 4.23 its name is its label, and what its page shows a default.
                with gp.connect(after.url) as new:
                    added = new["/changed"].endpoint.parameters[1]
                broken = BROKEN[1:] if added.has_default else BROKEN
                assert str(caught.value).replace("More", "more").split("\n")[1:-1] == broken
                for _ in range(2):
                    # No function of such an app is called, not even one that is as it was.
                    with pytest.raises(gp.SchemaChanged, match="/gone: the function is gone"):
                        first("y")
                with pytest.raises(gp.SchemaChanged, match="/gone: the function is gone"):
                    app.refresh()
                assert "gone" in app
            with Server(version, "before", port=server.port):
                assert first("z") == "first z"
                assert app.first is first
