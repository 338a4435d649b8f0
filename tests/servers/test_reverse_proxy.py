"""Apps behind a reverse proxy that changes scheme, host or path, with real nginx and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.nginx import HEADERS, reverse_proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server


@pytest.mark.parametrize("headers", HEADERS)
def test_everything_works_under_a_path(stateless: Server, headers: str, tmp_path: Path) -> None:
    """Calls, streams and files work at the given address, whatever the app thinks of it."""
    path = tmp_path / "a b#%.txt"
    path.write_bytes(b"content")
    with (
        reverse_proxy(stateless.url, headers) as proxy,
        gp.connect(f"{proxy}/apps/mine/?__theme=dark") as app,
    ):
        assert app.url == f"{proxy}/apps/mine"
        assert app.echo("x") == "x"
        assert list(app.count.stream(3)) == ["1", "2", "3"]
        assert len(app.file_hash(path)) == 64
        job = app.endless.submit(f"behind {headers}")
        next(iter(job))
        job.cancel()
        assert app.wait_end(f"behind {headers}")


@pytest.mark.parametrize("headers", HEADERS)
def test_files_come_from_the_given_address(server: Server, headers: str, tmp_path: Path) -> None:
    """A file's URL is below the address that was given, and not what the app made of the proxy."""
    path = tmp_path / "a b#%.txt"
    path.write_bytes(b"content")
    with (
        reverse_proxy(server.url, headers) as proxy,
        gp.connect(f"{proxy}/apps/mine") as app,
    ):
        file = app.file_back(path)
        assert file.url.startswith(f"{proxy}/apps/mine/")
        assert file.bytes() == b"content"


def test_a_moved_app_is_followed(stateless: Server) -> None:
    """The description is followed to where it was moved, and everything else is sent there."""
    with (
        reverse_proxy(stateless.url, "the outer host") as proxy,
        gp.connect(f"{proxy}/moved") as app,
    ):
        assert app.url == f"{proxy}/apps/mine"
        assert app.echo("x") == "x"
