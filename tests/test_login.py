"""Apps with a login, against real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Servers
    from tests.servers import Server

LOGIN = {"auth": ["ann", "secret word"]}


@pytest.fixture
def locked(gradio: Servers, version: str) -> Server:
    """Give an app that wants a login, under each version in turn."""
    return gradio(version, "stateless", launch=LOGIN)


def test_the_right_password(locked: Server, tmp_path: Path) -> None:
    """With user and password everything works: calls, streams, uploads and downloads."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with gp.connect(locked.url, auth=("ann", "secret word")) as app:
        assert app.echo("x") == "x"
        assert list(app.count.stream(3)) == ["1", "2", "3"]
        assert len(app.file_hash(path)) == 64


@pytest.mark.parametrize("auth", [None, ("ann", "wrong"), ("nobody", "secret word")])
def test_the_wrong_password(locked: Server, auth: tuple[str, str] | None) -> None:
    """Without the right ones it is an AuthenticationError, which shows neither of them."""
    with pytest.raises(gp.AuthenticationError) as raised:
        gp.connect(locked.url, auth=auth)
    assert isinstance(raised.value, PermissionError)
    assert "auth=" in str(raised.value)
    for secret in auth or ():
        assert secret not in raised.value.report()


def test_an_expired_login_is_renewed(locked: Server, tmp_path: Path) -> None:
    """A restarted server knows no logins: the session logs in again, and the call runs once."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with gp.connect(locked.url, auth=("ann", "secret word")) as app:
        before = app.file_hash(path)
        locked.restart()
        assert app.file_hash(path) == before
        assert app.echo("x") == "x"


def test_a_login_that_nobody_wants(stateless: Server) -> None:
    """auth= for an app without a login does no harm."""
    with gp.connect(stateless.url, auth=("ann", "secret word")) as app:
        assert app.echo("x") == "x"
