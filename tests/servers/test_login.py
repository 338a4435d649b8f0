"""Apps with a login, against real servers."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

LOGIN = {"auth": ["ann", "secret word"]}


@pytest.fixture
def locked(gradio: RunningServers, version: str) -> Server:
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


UNPICKLE = """
import pickle, sys
import gradioproxy as gp
try:
    function = pickle.loads(bytes.fromhex(sys.argv[1]))
    print(function(sys.argv[2]), next(function.map([sys.argv[2]])))
except gp.AuthenticationError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["function", "options"])
def test_unpickled_elsewhere(locked: Server, kind: str) -> None:
    """A pickled function takes the login from the environment of the process that it gets to."""
    with gp.connect(locked.url, auth=("ann", "secret word")) as app:
        function = app.echo if kind == "function" else app.echo.with_options(call_timeout=60)
        data = pickle.dumps(function)
    assert b"secret" not in data

    def elsewhere(access: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", UNPICKLE, data.hex(), "hello"],
            env={**os.environ, "GRADIOPROXY_ACCESS": access},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        ).stdout.strip()

    address = locked.url.removeprefix("http://")
    assert elsewhere(f"http://ann:secret%20word@{address}") == "hello hello"
    assert "GRADIOPROXY_ACCESS" in elsewhere("")
    assert "GRADIOPROXY_ACCESS" in elsewhere("http://ann:secret%20word@app.example")
    refused = elsewhere(f"http://ann:wrong@{address}")
    assert "auth=" in refused
    assert "wrong" not in refused
