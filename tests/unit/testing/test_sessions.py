"""The blocks of `record` and `replay`: whom they are for, what they write, and when."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.testing import fake, record, replay
from gradioproxy.transport.interception import find_interceptor
from tests.support.faked import URL, write_cassette
from tests.support.web_server import PATIENCE, Reply, Web, hang_up, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.web_server import Exchange


def read_requests(path: Path) -> list[str]:
    """Return what was asked of the only app of a cassette."""
    (found,) = json.loads(path.read_text())["apps"]
    return [entry["request"] for entry in found["asked"]]


def test_sessions_of_other_threads_count(web: Web, tmp_path: Path) -> None:
    """Programs open them where they like."""
    serve_app(web, "echo")
    with record(tmp_path / "a.json"):
        thread = threading.Thread(target=lambda: gp.get_info(web.url))
        thread.start()
        thread.join()
    assert read_requests(tmp_path / "a.json") == ["GET /config", "GET /gradio_api/info"]


def test_sessions_from_before_do_not(web: Web, tmp_path: Path) -> None:
    """Nor do those of within, once the block has ended."""
    serve_app(web, "echo")
    web.on("/x", Reply(body=b"1"))
    with gp.connect(web.url) as before:
        with record(tmp_path / "a.json"):
            gp.request(before, "GET", "/x")
            within = gp.connect(web.url, name="within")
        gp.request(within, "GET", "/x")
        within.close()
    assert read_requests(tmp_path / "a.json") == ["GET /config", "GET /gradio_api/info"]


def test_one_cassette_at_a_time(tmp_path: Path) -> None:
    """Two that write one would lose one; a block can be used again."""
    path = tmp_path / "a.json"
    block = record(path)
    with block, pytest.raises(ValueError, match="is being recorded already"), record(path):
        raise AssertionError("it began")
    with block:
        pass
    assert json.loads(path.read_text())["apps"] == []
    with record(path), replay(write_cassette(tmp_path / "b.json")), gp.connect(URL) as app:
        assert "/echo" in app
    assert json.loads(path.read_text())["apps"] == []  # what was replayed was said to nobody


def test_one_that_could_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves nothing behind: it can begin later, and there is no folder of one that may not."""
    path = tmp_path / "a.json"

    def fail() -> Path:
        raise gp.FileNotSaved("full", path="x")

    with monkeypatch.context() as full:
        full.setattr("gradioproxy.testing.sessions.make_temporary_folder", fail)
        with pytest.raises(gp.FileNotSaved), record(path):
            raise AssertionError("it began")
    with record(path):
        monkeypatch.setattr("gradioproxy.testing.sessions.make_temporary_folder", fail)
        with pytest.raises(ValueError, match="is being recorded"), record(path):
            raise AssertionError("it began")


def test_a_recording_that_is_dropped(web: Web, tmp_path: Path) -> None:
    """The cassette that was there stays; the next one is written again."""
    serve_app(web, "echo")
    path = tmp_path / "a.json"
    block = record(path)
    with block:
        gp.get_info(web.url)
        block.discard()
    assert not path.exists()
    with block:
        gp.get_info(web.url)
    assert read_requests(path) == ["GET /config", "GET /gradio_api/info"]


def test_what_is_no_cassette_is_not_overwritten(tmp_path: Path) -> None:
    """And is not lost."""
    path = tmp_path / "precious.json"
    path.write_text("precious")
    with pytest.raises(gp.SchemaError, match="would be lost"), record(path):
        raise AssertionError("it began")
    assert path.read_text() == "precious"


def test_it_is_where_it_was_named(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the program has gone meanwhile."""
    serve_app(web, "echo")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with record("cassettes/a.json"):
        os.chdir("elsewhere")
        gp.get_info(web.url)
    assert read_requests(tmp_path / "cassettes" / "a.json")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_child_writes_nothing(web: Web, tmp_path: Path) -> None:
    """Though it leaves the block before its parent does, and what it says is not kept."""
    serve_app(web, "echo")
    path = tmp_path / "a.json"
    block = record(path)
    with block:
        app = gp.connect(web.url)
        child = os.fork()
        if child == 0:
            gp.request(app, "GET", "/config")
            block.__exit__()
            os._exit(1 if path.exists() else 0)
        assert os.waitpid(child, 0)[1] == 0
        app.close()
    assert read_requests(path) == ["GET /config", "GET /gradio_api/info"]


def test_secrets_in_queries(web: Web, tmp_path: Path) -> None:
    """They are hidden by their names; others are found again by their values."""
    serve_app(web, "echo")
    web.on("/x", Reply(body=b"1"))
    path = tmp_path / "a.json"
    with record(path), gp.connect(f"{web.url}/?key=of-the-address&lang=en") as app:
        gp.request(app, "GET", "/x?api_key=abcd1234&page=2")
    text = path.read_text()
    assert "abcd1234" not in text
    assert "of-the-address" not in text
    assert read_requests(path)[-1] == "GET /x?api_key=<secret>&page=2"
    with replay(path), gp.connect(web.url) as app:
        assert gp.request(app, "GET", "/x?api_key=other&page=2").content == b"1"
        with pytest.raises(gp.NotRecorded):
            gp.request(app, "GET", "/x?api_key=other&page=3")


def test_secrets_in_files(web: Web, tmp_path: Path) -> None:
    """A text beside the cassette loses them as well, and is found again all the same."""
    serve_app(web, "echo")
    token = "hf_tokenABCDEFGH"  # noqa: S105 - no real one
    web.on("/large", Reply(body=f"{'x' * 200_000} {token}".encode()))
    path = tmp_path / "a.json"
    with record(path), gp.connect(web.url, token=token) as app:
        assert token.encode() in gp.request(app, "GET", "/large").content
    (beside,) = path.with_suffix(".files").iterdir()
    assert beside.read_bytes().endswith(b" <secret>")
    with replay(path), gp.connect(web.url) as app:
        assert gp.request(app, "GET", "/large").content == beside.read_bytes()


def test_secrets_of_another_app(web: Web, tmp_path: Path) -> None:
    """What one was sent, others may be told, and say again."""
    serve_app(web, "echo")
    token = "hf_tokenABCDEFGH"  # noqa: S105 - no real one
    web.on("/x", Reply(body=f"it is {token}".encode()))
    web.on("/large", Reply(body=b"x" * 200_000 + token.encode()))
    path = tmp_path / "a.json"

    def use() -> tuple[bytes, bytes]:
        elsewhere = web.url.replace("127.0.0.1", "localhost")
        with gp.connect(web.url, token=token), gp.connect(elsewhere) as other:
            said = gp.request(other, "GET", f"/x?text={token}").content
            return said, gp.request(other, "GET", "/large").content[-20:]

    with record(path):
        assert token.encode() in use()[0]
    assert len(json.loads(path.read_text())["apps"]) == 2
    assert token not in path.read_text()
    for beside in path.with_suffix(".files").iterdir():
        assert token.encode() not in beside.read_bytes()
    with replay(path):
        assert use() == (b"it is <secret>", b"x" * 12 + b"<secret>")


@pytest.mark.parametrize("place", [100, 1 << 24, (1 << 24) + 40_000, (1 << 25) - 5])
def test_secrets_in_whatever_is_beside(web: Web, tmp_path: Path, place: int) -> None:
    """In bytes that are no text, and wherever they are in large files."""
    serve_app(web, "echo")
    token = "hf_tokenABCDEFGH"  # noqa: S105 - no real one
    before, behind = b"\xff" * (place - 7), b"\x00" * 100
    web.on("/bytes", Reply(body=before + token.encode() + behind))
    path = tmp_path / "a.json"
    with record(path), gp.connect(web.url, token=token) as app:
        gp.request(app, "GET", "/bytes")
    (beside,) = path.with_suffix(".files").iterdir()
    assert beside.read_bytes() == before + b"<secret>" + behind
    with replay(path), gp.connect(web.url) as app:
        assert gp.request(app, "GET", "/bytes").content == beside.read_bytes()


def test_whatever_is_asked(web: Web, tmp_path: Path) -> None:
    """Texts, bytes, failures and redirections come again as they were."""
    serve_app(web, "echo")
    web.on("/text", Reply(body="ü".encode(), headers={"Content-Type": "text/plain"}))
    web.on("/bytes", Reply(body=b"\xff\x00"))
    web.on("/failed", Reply(503, b"not now", {"Retry-After": "7"}))
    web.on("/posted", Reply(body=b"[1]"), Reply(body=b"[2]"))

    def ask() -> list[Any]:
        with gp.connect(web.url) as app:
            got = [gp.request(app, "GET", path) for path in ("/text", "/bytes", "/failed")]
            got += [gp.request(app, "POST", "/posted", json={"a": number}) for number in (1, 2)]
            return [(each.status, each.content, each.headers.get("Retry-After")) for each in got]

    path = tmp_path / "a.json"
    with record(path):
        said = ask()
    web.on("/text", Reply(500))
    asked = len(web.paths())
    with replay(path):
        assert ask() == said
    assert len(web.paths()) == asked


def test_answers_that_come_after_the_end(web: Web, tmp_path: Path) -> None:
    """Whoever waits for one gets it, and it is not kept; nothing is lost of what came before."""
    serve_app(web, "echo")
    go, asked = threading.Event(), threading.Event()

    def answer_late(exchange: Exchange) -> None:
        asked.set()
        assert go.wait(PATIENCE)
        exchange.answer(Reply(body=b"late"))

    web.on("/late", answer_late)
    path = tmp_path / "a.json"
    got: list[bytes] = []
    block = record(path)
    with block:
        app = gp.connect(web.url)
        recorder = block._recorder
        assert recorder is not None
        (talk,) = recorder.list_apps()
        thread = threading.Thread(
            target=lambda: got.append(gp.request(app, "GET", "/late").content)
        )
        thread.start()
        assert asked.wait(PATIENCE)
    go.set()
    thread.join(PATIENCE)
    app.close()
    assert got == [b"late"]
    assert len(talk.asked) == 2
    assert read_requests(path) == ["GET /config", "GET /gradio_api/info"]


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(429, b"<html>slow down</html>", {"Retry-After": "7"}),
        Reply(429, b'{"error": "slow down"}', {"Retry-After": "7"}),
        Reply(502, b"<html>bad gateway</html>"),
        Reply(500, b"null"),
        Reply(500, b'{"error": "boom"}'),
        Reply(422, b'{"detail": "odd"}'),
        Reply(200, b"[]"),
        hang_up,
    ],
    ids=["429", "429-error", "502", "500", "500-error", "422", "200", "lost"],
)
def test_refusals_past_the_queue(web: Web, tmp_path: Path, refusal: Any) -> None:
    """Raise the same error, with all that it says, when they are replayed."""
    function = {"id": 0, "api_name": "echo", "inputs": [1], "outputs": [2], "backend_fn": True}
    of_kind = {"queue": False, "types": {"generator": False, "cancel": False}}
    serve_app(web, "echo", dependencies=[{**function, **of_kind}])
    web.on("/gradio_api/run/predict", refusal)

    def call() -> Any:
        with gp.connect(web.url) as app, pytest.raises(gp.GradioProxyError) as raised:
            app.echo("x")
        error = raised.value
        status, after = getattr(error, "status", None), getattr(error, "retry_after", None)
        return type(error), status, after, error.may_have_run

    path = tmp_path / "a.json"
    with record(path):
        said = call()
    with replay(path):
        assert call() == said


def test_nothing_goes_into_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cassette or a fake says would be told of the real app, and the other way round."""
    kept = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept))
    path = write_cassette(tmp_path / "a.json")
    with replay(path), gp.connect(URL, cache=True) as app:
        assert "/echo" in app
    with fake(path, {}, cache=True) as app:
        assert "/echo" in app
    assert not kept.exists()


def test_a_block_within_itself(tmp_path: Path) -> None:
    """Ends as often as it began."""
    path = write_cassette(tmp_path / "a.json")
    block = replay(path)
    with block, block:
        pass
    assert find_interceptor() is None
