"""How an app is reached: options at any place of a command line."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING

import click
import pytest

import gradioproxy as gp
from gradioproxy.cli.access import build_connect_options, find_function
from gradioproxy.cli.call import AppCommand, command
from gradioproxy.cli.root import command as root
from gradioproxy.cli.root import run
from tests.support.web_server import TEXT_SCHEMA, Web, reply_json, serve_app, serve_calls

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app whose endpoints have difficult names."""
    serve_app(web, "first", "close", "a-b")
    return web


def read(*words: str, **facts: bool) -> dict[str, Any]:
    """Return the options of `connect` that a command line gives."""
    program = root.make_context("gradioproxy", ["call"])
    with command.make_context("call", [*words], parent=program) as outer:
        app = AppCommand("localhost:1")
        with app.make_context("app", [*outer.args], parent=outer, **facts) as it:
            return build_connect_options(it, it.args)


def test_options_can_stand_anywhere() -> None:
    """The last one counts; headers are added."""
    assert read("--token", "a", "localhost:1", "--token", "b", "--timeout", "5") == {
        "token": "b",
        "timeout": 5.0,
    }
    assert read("--header", "A: 1", "localhost:1", "--header", "B:2:3") == {
        "headers": {"A": "1", "B": "2:3"}
    }
    assert read("localhost:1") == {}
    behind = ("localhost:1", "/f", "--x", "-5", "--token", "b", "value", "--auth=me:it")
    assert read("--token", "a", *behind) == {"token": "b", "auth": ("me", "it")}
    assert read("localhost:1", "/f", "--", "--token", "b") == {}
    assert read("localhost:1", "/f", "--x", "-hello", "--token", "b") == {"token": "b"}
    assert read("--call-timeout", "2.5", "localhost:1") == {"call_timeout": 2.5}
    assert read("localhost:1", "/f", "--call_timeout", "2.5") == {"call_timeout": 2.5}
    assert read("localhost:1", "/f", "--call_timeout=2.5", "--a_b", "3") == {"call_timeout": 2.5}


def test_a_password_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it need not stand in the history of a shell."""
    asked: list[str] = []

    def answer(question: str, **_: object) -> str:
        asked.append(question)
        return "from the keyboard"

    monkeypatch.setattr(click, "prompt", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert read("--auth", "me", "localhost:1")["auth"] == ("me", "from the keyboard")
    assert read("--auth", "me:it:self", "localhost:1")["auth"] == ("me", "it:self")
    assert read("--auth", "me:", "localhost:1")["auth"] == ("me", "")
    assert asked == ["Password of me"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(click.UsageError, match="no terminal to ask at"):
        read("--auth", "me", "localhost:1")


def test_an_oauth_token_is_no_argument(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is in the environment or asked for: others on the machine see the words of a command."""
    asked: list[tuple[str, object]] = []

    def answer(question: str, *, hide_input: bool, **_: object) -> str:
        asked.append((question, hide_input))
        return "hf_keyboard"

    monkeypatch.setattr(click, "prompt", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.delenv("GRADIOPROXY_OAUTH_TOKEN", raising=False)
    assert read("localhost:1", "/f") == {}
    assert read("localhost:1", "/f", "--oauth-token") == {"oauth_token": "hf_keyboard"}
    assert asked == [("OAuth token", True)]
    assert read("localhost:1", "/f", "--oauth-token", resilient_parsing=True) == {}
    assert len(asked) == 1  # a shell that completes asks nothing
    monkeypatch.setenv("GRADIOPROXY_OAUTH_TOKEN", "hf_environment\n")
    assert read("--oauth-token", "localhost:1") == {"oauth_token": "hf_environment"}
    assert read("localhost:1") == {}
    assert run(["call", "localhost:1", "/f", "--oauth-token=hf_word"]) == 2
    assert "hf_word" not in capsys.readouterr().err
    monkeypatch.setenv("GRADIOPROXY_OAUTH_TOKEN", "")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(click.UsageError, match="GRADIOPROXY_OAUTH_TOKEN has where there is no"):
        read("localhost:1", "/f", "--oauth-token")
    assert len(asked) == 1


def test_a_session_that_was_begun_elsewhere(tmp_path: Path) -> None:
    """By its hash, or by a file with it."""
    path = tmp_path / "hash"
    path.write_text("one-of_mine\n")
    for given in ("one-of_mine", f"@{path}"):
        assert read("localhost:1", "/f", "--session-hash", given) == {"session_hash": "one-of_mine"}
    for wrong, said in (("a/b", "session_hash has letters"), (f"@{path}x", "No such file")):
        with pytest.raises(click.UsageError, match=f"--session-hash: .*{said}"):
            read("localhost:1", "--session-hash", wrong)


@pytest.mark.parametrize(
    ("words", "event", "component"),
    [
        ([], None, None),
        (["--event-data", '{"index": 0}', "--trigger-id", "0"], {"index": 0}, 0),
        (["--trigger-id", "7", "--event-data", "@event.json"], [1], 7),
        (["--event-data=null"], None, None),
    ],
)
def test_what_happened_on_the_page(
    web: Web, words: list[str], event: Any, component: int | None, tmp_path: Path
) -> None:
    """At any place, as a text or from a file; a component can have the number 0."""
    path = tmp_path / "event.json"
    path.write_text("[1]")
    words = [word.replace("@event.json", f"@{path}") for word in words]
    serve_app(web, "first")
    serve_calls(web)
    for place in (
        ["call", web.url, "/first", "x", *words],
        ["call", *words, web.url, "/first", "x"],
    ):
        web.requests.clear()
        assert run(place) == 0
        (sent,) = (json.loads(each.body) for each in web.requests if each.path.endswith("/join"))
        assert (sent["event_data"], sent["trigger_id"]) == (event, component)


def test_options_are_no_parameters(
    web: Web, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A function's own of the same names have others here."""
    names = ("event_data", "trigger_id", "oauth_token", "session_hash")
    serve_app(web, "first")
    part = {"label": "Text", "component": "Textbox", "type": TEXT_SCHEMA}
    parts = [{**part, "parameter_name": name} for name in names]
    described = json.loads(web_config(web))
    described["dependencies"][0] |= {"inputs": [1] * len(names), "outputs": [2] * len(names)}
    web.on("/config", reply_json(described))
    named = {"/first": {"parameters": parts, "returns": parts}}
    web.on("/gradio_api/info", reply_json({"named_endpoints": named, "unnamed_endpoints": {}}))
    serve_calls(web)
    monkeypatch.setenv("GRADIOPROXY_OAUTH_TOKEN", "hf_environment")
    given = [f"--param-{name.replace('_', '-')}={place}" for place, name in enumerate(names)]
    own = ["--event-data=5", "--trigger-id=6", "--oauth-token", "--session-hash=mine"]
    assert run(["call", web.url, "/first", *given, *own]) == 0
    (sent,) = (json.loads(each.body) for each in web.requests if each.path.endswith("/join"))
    assert sent["data"] == [*"0123"]
    assert (sent["event_data"], sent["trigger_id"], sent["session_hash"]) == (5, 6, "mine")
    capsys.readouterr()
    assert run(["call", web.url, "/first", "--help"]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.partition("Example:")[0].splitlines()[1:])) <= 80
    assert "--param-event-data TEXT" in shown
    assert "--event-data JSON" in shown


def web_config(web: Web) -> bytes:
    """Return what an app says of itself."""
    with urllib.request.urlopen(f"{web.url}/config") as answer:  # noqa: S310 - it is http
        content: bytes = answer.read()
    return content


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, web: Web) -> Web:
    """Give the server of an app that is another one than what is kept of it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    serve_app(web, "old")
    assert run(["lock", web.url, "-o", "app.json", "--cache"]) == 0
    serve_app(web, "new", app_id=2)
    serve_calls(web)
    return web


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["info", "{url}"], "new(text) -> str"),
        (["info", "{url}", "/new"], "new(text: str) -> str"),
        (["call", "{url}", "/new", "Hello"], "Hello\n"),
        (["call", "{url}", "--help"], "new(text) -> str"),
        (["export", "{url}", "-o", "-"], "def new(text: str)"),
        (["lock", "{url}", "-o", "-"], '"/new"'),
    ],
)
def test_what_is_kept_of_an_app_that_changed(
    changed: Web, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``--cache``, every command tells of the app that is there."""
    assert run([*(word.format(url=changed.url) for word in words), "--cache"]) == 0
    printed = capsys.readouterr().out
    assert said in printed
    assert "old(" not in printed
    assert "/old" not in printed


def test_what_changed_of_what_is_kept(changed: Web, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is told that nothing changed."""
    assert run(["diff", "app.json", changed.url, "--cache"]) == 1
    assert "BREAKING  /old: the function is gone" in capsys.readouterr().out
    assert run(["call", changed.url, "/old", "x", "--cache"]) == 2


def test_a_shell_has_what_is_kept(changed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions are there at once; the first call says that they are others now."""
    called = []

    def use(user_ns: dict[str, Any], **_: object) -> None:
        with pytest.raises(gp.SchemaChanged, match="/old is gone"):
            user_ns["old"]("x")
        called.append(True)

    monkeypatch.setattr("IPython.start_ipython", use)
    assert run(["shell", changed.url, "--cache"]) == 0
    assert called == [True]


def test_a_doctor_looks_at_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """What is kept says nothing of whether the app can be reached now."""
    assert run(["doctor", "localhost:9", "--cache"]) == 2
    assert re.search(r"No such option:? '?--cache", capsys.readouterr().err)


def test_what_is_kept_does_without_a_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is all that there is then."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Web() as web:
        serve_app(web, "first")
        assert run(["info", web.url]) == 0
    shown = capsys.readouterr().out
    assert run(["info", web.url]) == 3
    assert run(["info", web.url, "--cache"]) == 0
    assert capsys.readouterr().out == shown


def test_functions_are_found_by_any_name(session: gp.Session) -> None:
    """By the endpoint's name with and without its slash, by the attribute's, and by number."""
    for name in ("/a-b", "a-b", "a_b"):
        assert find_function(session, name) is session.a_b
    assert find_function(session, "close") is session.close_
    assert find_function(session, "0").endpoint.function == 0
    with pytest.raises(gp.UnknownEndpoint, match="Did you mean '/first'"):
        find_function(session, "frist")
