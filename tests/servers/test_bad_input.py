"""What people and servers get wrong: a clear error of ours, and nothing left hanging."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

import gradioproxy as gp
from tests.support.gradio import Server


@pytest.mark.parametrize(
    "src", ["", "not a url", "ftp://127.0.0.1/", "http://", "http://[::1", "/x"]
)
def test_not_an_address(src: str) -> None:
    """What can't be an address is refused before any request."""
    with pytest.raises(gp.NotGradio, match="no address"):
        gp.connect(src)


def test_nothing_listening() -> None:
    """An address at which nobody listens is a ConnectError, and the built-in that it resembles."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(gp.ConnectError, match="can't be reached") as raised:
            gp.connect(f"http://127.0.0.1:{port}")
    assert isinstance(raised.value, ConnectionError)


def test_an_unknown_endpoint(app: gp.Session) -> None:
    """The nearest names are offered."""
    with pytest.raises(gp.UnknownEndpoint, match="'echo'") as raised:
        _ = app.ecko
    assert raised.value.near[0] == "echo"
    with pytest.raises(AttributeError):
        _ = app.ecko
    with pytest.raises(KeyError):
        app["/nothing like it"]
    assert not hasattr(app, "nothing_like_it")


def test_wrong_calls_are_type_errors(app: gp.Session) -> None:
    """Missing, unknown and surplus arguments are Python's own errors, before anything is sent."""
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: '[Ff]ile'"):
        app.file_hash()
    with pytest.raises(TypeError, match="unexpected keyword argument 'nope'"):
        app.echo("x", nope=1)
    # Before 4.23 apps declare no defaults, and what a textbox shows counts as one.
    takes = r"takes (from 0 to )?1 positional arguments? but 2 were given"
    with pytest.raises(TypeError, match=takes):
        app.echo.submit("x", "y")
    assert app.jobs == []


def test_a_missing_file(app: gp.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that isn't there is an error at the call, and names parameter and path."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gp.MissingFile, match=r"(?i)file: got 'nope.txt'") as raised:
        app.file_hash.submit(Path("nope.txt"))
    assert isinstance(raised.value, FileNotFoundError)
    with pytest.raises(gp.MissingFile, match="folder"):
        app.file_hash(tmp_path)
    with pytest.raises(gp.ArgumentError, match="of type int"):
        app.file_hash(3)


def test_a_value_outside_the_choices(app: gp.Session, server: Server) -> None:
    """Every problem is named at once, with what is taken; labels are taken for their values."""
    # Before 3.50 choices have no labels of their own: the page writes "1" beside 1.
    one, wrong = ("1", "3") if server.release < (3, 50) else ("One", "1")
    with pytest.raises(gp.ArgumentError) as raised:
        app.choices("A", wrong)
    # Named as declared, or by the label in versions that declare no names.
    parameters = [problem.parameter for problem in raised.value.problems]
    assert [name.lower() for name in parameters] == ["letter", "number"]
    assert "did you mean 'a'?" in str(raised.value)
    assert "one of 1, 2" in str(raised.value)
    assert app.choices("a", one) == "'a' 1"


def test_the_server_decides_where_choices_can_change(app: gp.Session) -> None:
    """A component that takes other values is asked, and so is everybody with validate=False."""
    if "custom" in app:  # Dropdown(allow_custom_value=) came with 3.2x
        assert app.custom("mine") == "mine"
    unchecked = app.with_options(validate=False)
    try:
        answer = unchecked.choices("z", 1)
    except gp.AppError as error:
        answer = str(error)
    assert "z" in answer


def test_a_closed_session_says_how_to_reopen(server: Server) -> None:
    """Functions of a closed session raise SessionClosed."""
    app = gp.connect(server.url)
    echo = app.echo
    app.close()
    app.close()
    with pytest.raises(gp.SessionClosed, match="connect"):
        echo("x")


def test_the_server_dies_in_mid_stream(version: str) -> None:
    """Whoever waits for a call of a server that dies is told so, and that it may have run."""
    with Server(version, "stateless") as server, gp.connect(server.url) as app:
        job = app.endless.submit("doomed")
        values = iter(job)
        next(values)
        server.kill()

        with pytest.raises(gp.ConnectionLost) as raised:
            for _ in values:
                pass
        assert raised.value.may_have_run
        # Only the websocket's protocol gives calls no names.
        assert raised.value.event_id or app.protocol == "ws"
        assert isinstance(raised.value, ConnectionError)
        with pytest.raises(gp.ConnectionLost):
            job.result()
        with pytest.raises(gp.ConnectError):
            app.echo("x")
