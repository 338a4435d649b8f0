"""Recording real apps, replaying what was recorded, and faking them."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

import gradioproxy as gp
from gradioproxy.testing import fake, record, replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.50.2", "4.0.2", "4.44.1", "6.31.0")
PASSWORD = "secret word"  # noqa: S105 - the tests' own
SECONDS = 60

_PORT = re.compile(r"127\.0\.0\.1:\d+")


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Give the path of a cassette that is not there."""
    return tmp_path / "cassettes" / "talk.json"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Give a file to be sent."""
    path = tmp_path / "given.txt"
    path.write_text("content of a file")
    return path


def use(app: gp.Session, given: Path) -> list[Any]:
    """Use an app in many ways; return what came of it."""
    got: list[Any] = [app.echo("x"), app.two("a", 3), app.none("x")]
    got.append(list(app.stream_text.stream("one two three")))
    for function in (app.fail, app.fail_late, app.crash):
        with pytest.raises(gp.AppError) as raised:
            function()
        got.append((str(raised.value), raised.value.app_message, raised.value.outputs))
    got.append(app.files_hash([given]))
    back = app.file_back(given)
    got += [back.name, back.bytes(), app.image_back(Image.new("RGB", (3, 4))).bytes()]
    got.append([app.state("a"), app.state("b")])
    job = app.count.submit(1000)
    values = iter(job)
    got.append([next(values), next(values), job.cancel(), job.cancelled()])
    got.append(list(app.echo.map([str(number) for number in range(10)], concurrency=4)))
    return got


def test_a_replay_gives_what_was_recorded(server: Server, talk: Path, given: Path) -> None:
    """Values, partial ones, errors, files and cancels, by whatever protocol; and asks nobody."""
    with record(talk), gp.connect(server.url) as app:
        real = use(app, given)
    server.stop()
    with replay(talk), gp.connect(server.url) as app:
        assert use(app, given) == real
        with pytest.raises(gp.NotRecorded, match=r"/echo of \[\"other\"\].* /echo of") as raised:
            app.echo("other")
    assert raised.value.nearest[0].startswith("/echo of")
    # Of what goes over a websocket, a call only knows that it was about to be sent.
    assert not raised.value.may_have_run or app.protocol == "ws"


def test_recording_twice_gives_the_same(server: Server, tmp_path: Path, given: Path) -> None:
    """But for the port, and for how far the app got in what was cancelled."""
    texts = []
    for name in ("one", "two"):
        with record(tmp_path / f"{name}.json"), gp.connect(server.url) as app:
            use(app, given)
        said = json.loads((tmp_path / f"{name}.json").read_text())
        (found,) = said["apps"]
        assert [call["end"] for call in found["calls"] if "end" in call] == ["given up"]
        for call in found["calls"]:
            if "end" in call:
                del call["messages"]
        texts.append(json.dumps(said, indent=1))
        server.stop()  # so that nothing is left that both could have in common
        server.start()
    one, two = (_PORT.sub("PORT", text) for text in texts)
    assert one == two
    names = [
        {each.name for each in (tmp_path / f"{name}.files").iterdir()} for name in ("one", "two")
    ]
    assert names[0] == names[1]


def test_what_a_recording_has(server: Server, talk: Path, given: Path) -> None:
    """Names of endpoints for people, and nothing of this process or that of the server."""
    with record(talk), gp.connect(server.url) as app:
        session_hash = app.session_hash
        app.echo("x")
        app.file_back(given).bytes()
    text = talk.read_text()
    (found,) = json.loads(text)["apps"]
    assert [(call["call"], call["by"]) for call in found["calls"]] == [
        ("/echo", "queue"),
        ("/file_back", "queue"),
    ]
    assert text.count(f":{server.port}") == 1
    assert found["url"] == server.url
    for random in (session_hash, str(given.parent), "/tmp/", "gradio_temp"):  # noqa: S108 - none
        assert random not in json.dumps(found["calls"])


def test_calls_are_found_in_any_order(server: Server, talk: Path) -> None:
    """And by any number of threads; the last of equal ones is given again."""
    with record(talk), gp.connect(server.url) as app:
        assert [app.echo(text) for text in "abc"] == ["a", "b", "c"]
        states = [app.state("x"), app.state("x")]
    with replay(talk), gp.connect(server.url) as app:
        assert [app.state("x") for _ in range(3)] == [*states, states[-1]]
        jobs = [app.echo.submit(text) for text in "cabcab" * 10]
        assert [job.result(SECONDS) for job in jobs] == [*"cabcab" * 10]


def test_two_sessions_at_once(server: Server, tmp_path: Path) -> None:
    """Each thread is recorded in its own cassette; blocks can be one in another."""
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    both = threading.Barrier(2, timeout=SECONDS)

    def talk(path: Path) -> None:
        with record(path):
            both.wait()
            with gp.connect(server.url) as app:
                app.echo(path.name)
            both.wait()

    threads = [threading.Thread(target=talk, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for path in paths:
        (found,) = json.loads(path.read_text())["apps"]
        assert [call["data"] for call in found["calls"]] == [[path.name]]
    with replay(paths[0]), gp.connect(server.url) as outer:
        with replay(paths[1]), gp.connect(server.url, name="inner") as inner:
            assert (outer.echo("a.json"), inner.echo("b.json")) == ("a.json", "b.json")
        with pytest.raises(gp.NotRecorded):
            outer.echo("b.json")


def test_a_failing_block_is_written_all_the_same(server: Server, talk: Path) -> None:
    """And its error goes on."""

    def fail(app: gp.Session) -> None:
        app.echo("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), record(talk), gp.connect(server.url) as app:
        fail(app)
    with replay(talk), gp.connect(server.url) as app:
        assert app.echo("x") == "x"


@pytest.fixture
def locked(gradio: RunningServers, version: str) -> Server:
    """Give an app that wants a login, under each version in turn."""
    return gradio(version, "stateless", launch={"auth": ["ann", PASSWORD]})


def test_a_login_is_recorded_without_its_secrets(locked: Server, talk: Path) -> None:
    """No password, token, cookie and header is in it, though an app says them again."""
    secrets = {"token": "hf_tokenABCDEFGH", "X-Key": "key/12345+secret"}
    cookies: list[str] = []
    with (
        record(talk),
        gp.connect(
            locked.url,
            auth=("ann", PASSWORD),
            token=secrets["token"],
            headers={"X-Key": secrets["X-Key"]},
        ) as app,
    ):
        assert app.echo(PASSWORD) == PASSWORD
        assert app.echo(f"bearer {secrets['token']}") == f"bearer {secrets['token']}"
        assert app.echo("plain") == "plain"
        connections = app.__connection__.engine.transport.requester.connections
        cookies += connections.list_cookies()
    assert len(cookies) >= 1
    content = b"".join(path.read_bytes() for path in talk.parent.rglob("*") if path.is_file())
    for secret in (PASSWORD, *secrets.values(), *cookies):
        assert secret.encode() not in content
        assert json.dumps(secret)[1:-1].encode() not in content
    with replay(talk), gp.connect(locked.url, auth=("ann", PASSWORD)) as app:
        assert app.echo(PASSWORD) == "<secret>"
    with replay(talk), gp.connect(locked.url) as app:
        assert app.echo("plain") == "plain"


def test_a_secret_in_the_name_of_a_file(server: Server, talk: Path, tmp_path: Path) -> None:
    """The file goes up and comes back all the same, where it is no secret's place."""
    token = "hf_tokenABCDEFGH"  # noqa: S105 - no real one
    given = tmp_path / f"{token}.txt"
    given.write_bytes(b"content")
    with record(talk), gp.connect(server.url, token=token) as app:
        assert app.file_back(given).bytes() == b"content"
    assert token not in talk.read_text()
    assert "/tmp/" not in json.dumps(json.loads(talk.read_text())["apps"][0]["calls"])  # noqa: S108 - none
    with replay(talk), gp.connect(server.url, token=token) as app:
        assert app.file_back(given).bytes() == b"content"


def test_a_login_that_is_refused(locked: Server, talk: Path) -> None:
    """It is refused again; which password that was, nobody sees."""
    for mode in (record, replay):
        with mode(talk), pytest.raises(gp.AuthenticationError, match="auth="):
            gp.connect(locked.url, auth=("ann", "another password"))
    assert "another password" not in talk.read_text()


FAKES: dict[str, Callable[..., Any]] = {
    "/echo": lambda text: text.upper(),
    "two": lambda text, number: (text * 2, number + 1),
    "/none": lambda text: text,
    "/files_hash": lambda files: [(file.name, len(file.bytes())) for file in files],
    "/file_back": lambda file: file,
    "/image_back": lambda _: Image.new("RGB", (5, 6)),
    "/state": lambda text: text,
}


def _count(most: float) -> Any:
    for number in range(int(most)):
        yield str(number + 1)


def _fail_late() -> Any:
    yield "first"
    raise gp.AppError("raised", app_message="boom 'quoted'\nline")


def test_a_fake_of_a_real_app(app: gp.Session, given: Path, tmp_path: Path) -> None:
    """Functions as the app has them, which run others here; by whichever protocol it speaks."""
    functions: dict[str, Callable[..., Any]] = {**FAKES, "/count": _count}
    functions["/fail_late"] = _fail_late
    with fake(app, functions, name="fake") as faked:
        assert inspect.signature(faked.echo) == inspect.signature(app.echo)
        assert list(faked) == list(app)
        assert (faked.echo("x"), faked.two("a", 3), faked.none("x")) == ("X", ("aa", 4), None)
        assert faked.files_hash([given]) == [["given.txt", 17]]
        assert faked.file_back(given).bytes() == given.read_bytes()
        with Image.open(faked.image_back(Image.new("RGB", (2, 2)))) as image:
            assert image.size == (5, 6)
        assert list(faked.count.stream(3)) == ["1", "2", "3"]
        with pytest.raises(gp.AppError) as raised:
            faked.fail_late()
        assert (raised.value.app_message, raised.value.outputs) == (
            "boom 'quoted'\nline",
            ("first",),
        )
        assert faked.state("s") == "s"
        job = faked.count.submit(10**9)
        assert next(iter(job)) == "1"
        assert job.cancel()
        assert job.cancelled()
        with pytest.raises(gp.NotFaked, match="/fail"):
            faked.fail()
        with pytest.raises(gp.ArgumentError, match=r"letter|Letter"):
            faked.choices("other", 1)
    config = tmp_path / "app.json"
    config.write_text(json.dumps({"config": app.config, "info": app.info}))
    with fake(config, functions) as faked:
        assert faked.echo("y") == "Y"


@pytest.fixture
def feeds(gradio: RunningServers, version: str) -> Server:
    """Give the app that takes streams of inputs, under each version in turn."""
    return gradio(version, "feeds")


def test_feeds(feeds: Server, talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of inputs are replayed as they were; a fake is called for each input."""

    def use(app: gp.Session) -> list[str]:
        with app.listen.feed("a") as feed:
            first = next(feed)
            feed.send("b")
            feed.close()
            return [first, *feed]

    with record(talk), gp.connect(feeds.url) as app:
        assert use(app) == ["a", "a b"]
    feeds.stop()
    with replay(talk), gp.connect(feeds.url) as app:
        assert use(app) == ["a", "a b"]
        with app.listen.feed("a") as feed, pytest.raises(gp.NotRecorded):  # noqa: PT012
            feed.send("another")
            feed.close()
            list(feed)
    # However long the next input takes: nothing is unknown here.
    monkeypatch.setattr("gradioproxy.testing.peer.HELD_SECONDS", 0.0)
    with fake(talk, {"/listen": lambda text: text.upper()}) as app:
        assert use(app) == ["A", "B"]
        assert app.listen("c") == "C"


def test_a_process_that_ends_within_a_recording(server: Server, talk: Path) -> None:
    """What is under way ends with it, and so does the process."""
    script = f"""
import sys
import gradioproxy as gp
from gradioproxy.testing import record, replay

with {{}}({str(talk)!r}):
    app = gp.connect({server.url!r})
    assert app.echo("x") == "x"
    job = app.count.submit(10**9)
    assert next(iter(job)) == "1"
    sys.exit(0)
"""
    for name in ("record", "replay"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script.format(name)],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert (done.returncode, done.stderr) == (0, "")
