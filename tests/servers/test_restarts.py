"""A server that is restarted, possibly as another app, between two calls."""

from __future__ import annotations

from pathlib import Path

import pytest

import gradioproxy as gp
from tests.support.gradio import Server


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
