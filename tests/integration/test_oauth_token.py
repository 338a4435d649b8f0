"""A token that functions get to act for their caller: with calls of those that ask, and no more."""

from __future__ import annotations

import json
import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.cli.access import OAUTH_VARIABLE
from gradioproxy.cli.root import run as run_command
from tests.support.quoted_secrets import find_secrets
from tests.support.web_server import (
    FILE_SCHEMA,
    TEXT_SCHEMA,
    Exchange,
    Reply,
    Web,
    redirect,
    reply_json,
    serve_app,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "/gradio_api"
JOIN, DATA, RUN, CALL = (
    f"{PREFIX}/queue/join",
    f"{PREFIX}/queue/data",
    f"{PREFIX}/run/predict",
    f"{PREFIX}/call",
)
OAUTH, OTHER = "hf_OauthAbCdEfGhIjKl", "hf_OtherMnOpQrStUvWx"
TEXT = {"label": "Text", "component": "Textbox", "type": TEXT_SCHEMA}
FILE = {"label": "File", "component": "File", "type": FILE_SCHEMA}
ASKS = {"needs": "required", "may": "optional", "direct": "required", "plain": None}


def describe(web: Web) -> None:
    """Let a server describe an app some of whose functions ask for a token."""
    types = {"generator": False, "cancel": False}
    serve_app(
        web,
        dependencies=[
            {
                "id": number,
                "api_name": name,
                "inputs": [1],
                "outputs": [2],
                "queue": name != "direct",
                "types": types,
            }
            for number, name in enumerate(ASKS)
        ],
        version="6.31.0",
    )
    part = {**TEXT, "parameter_name": "text"}
    named = {
        f"/{name}": {
            "parameters": [part],
            "returns": [TEXT],
            **({} if kind is None else {"oauth_token": kind}),
        }
        for name, kind in ASKS.items()
    }
    web.on(f"{PREFIX}/info", reply_json({"named_endpoints": named, "unnamed_endpoints": {}}))


def run(exchange: Exchange) -> None:
    """Send the result of a call."""
    exchange.receive()
    exchange.start()
    for message in (
        {
            "msg": "process_completed",
            "event_id": "A",
            "output": {"data": ["done"]},
            "success": True,
        },
        {"msg": "close_stream", "event_id": None},
    ):
        exchange.chunk(f"data: {json.dumps(message)}\n\n".encode())
    exchange.chunk(b"")


@pytest.fixture
def server(web: Web) -> Web:
    """Give an app that answers calls."""
    describe(web)
    web.on(JOIN, reply_json({"event_id": "A"}))
    web.on(DATA, run)
    web.on(RUN, reply_json({"data": ["done"], "is_generating": False}))
    return web


@pytest.fixture
def other() -> Iterator[Web]:
    """Give a server at another origin."""
    with Web() as web:
        yield web


def tokens(web: Web) -> list[tuple[str, str | None]]:
    """Return the paths of the calls that came, with the token in each; it is nowhere else."""
    found = []
    for request in web.requests:
        body = json.loads(request.body) if request.method == "POST" and request.body else {}
        token = body.pop("oauth_token", None)
        rest = f"{request.target} {json.dumps(body)} {' '.join(request.headers.values())}"
        assert OAUTH not in rest
        assert OTHER not in rest
        if request.method == "POST":
            found.append((request.path, token))
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("needs", (JOIN, OAUTH)),
        ("may", (JOIN, OAUTH)),
        ("direct", (RUN, OAUTH)),
        ("plain", (JOIN, None)),
    ],
)
def test_who_gets_it(server: Web, name: str, expected: tuple[str, str | None]) -> None:
    """In the queue and past it; no other function, and no other request."""
    with gp.connect(server.url, oauth_token=f"{OAUTH}\n") as app:
        assert app[name]("x") == "done"
    assert tokens(server) == [expected]


@pytest.mark.parametrize(("name", "expected"), [("needs", OAUTH), ("plain", None)])
def test_of_a_command(
    server: Web,
    name: str,
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Which is told that it is wanted, and has it from the environment."""
    monkeypatch.setenv(OAUTH_VARIABLE, OAUTH)
    for options, token in (["--oauth-token"], expected), ([], None):
        server.requests.clear()
        assert run_command(["call", server.url, f"/{name}", "x", *options]) == 0
        assert tokens(server) == [(JOIN, token)]
    printed = capsys.readouterr()
    assert OAUTH not in printed.out + printed.err


@pytest.mark.parametrize(
    ("session", "call", "expected"),
    [
        (None, OTHER, OTHER),
        (OAUTH, OTHER, OTHER),
        (OAUTH, None, OAUTH),
        (OAUTH, False, None),
        (None, None, None),
        (None, False, None),
    ],
)
def test_of_a_call(
    server: Web, session: str | None, call: str | bool | None, expected: str | None
) -> None:
    """Its own token goes before the session's, and False is none."""
    with gp.connect(server.url, oauth_token=session) as app:
        app.needs.with_options(oauth_token=call)("x")
        app.with_options(oauth_token=call).direct("x")
        app.with_options(oauth_token=call).plain("x")
    assert tokens(server) == [(JOIN, expected), (RUN, expected), (JOIN, None)]


def test_no_other_origin_gets_it(web: Web, other: Web) -> None:
    """Where the app was found to be elsewhere, its functions are called without."""
    describe(other)
    other.on(RUN, reply_json({"data": ["done"], "is_generating": False}))
    web.on("/config", redirect(f"{other.url}/config"))
    with gp.connect(web.url, oauth_token=OAUTH) as app:
        assert app.direct("x") == "done"
        assert "oauth_token" not in app.direct.check("x").curl
    assert tokens(other) == [(RUN, None)]
    assert tokens(web) == []


@pytest.mark.parametrize("status", [307, 308])
def test_no_redirection_takes_it_along(server: Web, other: Web, status: int) -> None:
    """A post is not sent anywhere else."""
    server.on(RUN, redirect(f"{other.url}{RUN}", status))
    with (
        gp.connect(server.url, oauth_token=OAUTH) as app,
        pytest.raises(gp.GradioProxyError),
    ):
        app.direct("x")
    assert other.requests == []


def test_the_primitive_level(server: Web) -> None:
    """A session's token goes with the calls that ask; so does one that is given with an address."""
    server.on(f"{CALL}/needs", reply_json({"event_id": "A"}))
    server.on(f"{CALL}/needs/A", Reply(body=b'event: complete\ndata: ["done"]\n\n'))
    with gp.connect(server.url, oauth_token=OAUTH) as app:
        assert [update.data for update in gp.send(app, "/needs", ["x"])] == [["done"]]
    assert [u.data for u in gp.send(server.url, "/needs", ["x"], oauth_token=OAUTH)] == [["done"]]
    assert tokens(server) == [(f"{CALL}/needs", OAUTH)] * 2


@pytest.mark.parametrize("name", ["needs", "direct"])
def test_what_is_shown_has_it_not(server: Web, name: str, tmp_path: Path) -> None:
    """Plans and their lines, reprs, pickles, written modules and docstrings."""
    with gp.connect(server.url, oauth_token=OAUTH) as app:
        function = app[name].with_options(oauth_token=OTHER)
        plan = function.check("x")
        gp.export(app, tmp_path / "written.py")
        shown = [
            *(str(plan), repr(plan), repr(app), str(app), repr(function), str(function.__doc__)),
            repr(function.__globals__["_func_impl_"].__self__.settings),  # type: ignore[attr-defined]
            *(pickle.dumps(each).decode("latin-1") for each in (app, function)),
            (tmp_path / "written.py").read_text(encoding="utf-8"),
        ]
    assert "oauth_token" in plan.curl
    assert "<oauth_token>" in plan.curl
    assert "<oauth_token>" not in app["plain"].check("x").curl
    assert not any(secret in text for secret in (OAUTH, OTHER) for text in shown)


@pytest.mark.parametrize("name", ["needs", "direct"])
@pytest.mark.parametrize("status", [422, 500, 502])
def test_no_error_has_it(
    server: Web, caplog: pytest.LogCaptureFixture, name: str, status: int
) -> None:
    """Though the server says it again; nor do tracebacks that show variables."""
    caplog.set_level(logging.DEBUG)

    def say_it(exchange: Exchange) -> None:
        said = exchange.receive().decode()
        exchange.answer(reply_json({"detail": said, "error": said}, status))

    server.on(JOIN, say_it)
    server.on(RUN, say_it)
    with gp.connect(server.url, oauth_token=OAUTH) as app:
        with pytest.raises(gp.GradioProxyError) as raised:
            app[name]("x")
        assert find_secrets(raised.value, [OAUTH], variables=True) == []
    assert "<secret>" in str(raised.value)
    assert OAUTH not in caplog.text


@pytest.mark.parametrize("name", ["needs", "direct"])
def test_no_variable_has_it_when_the_connection_breaks(server: Web, name: str) -> None:
    """The request is held by those that sent it."""

    def drop(exchange: Exchange) -> None:
        exchange.receive()
        exchange.drop()

    server.on(JOIN, drop)
    server.on(RUN, drop)
    with gp.connect(server.url, oauth_token=OAUTH) as app:
        with pytest.raises(gp.GradioProxyError) as raised:
            app[name]("x")
        assert find_secrets(raised.value, [OAUTH], variables=True) == []


def test_a_failed_call_that_lacked_it(server: Web) -> None:
    """The error says what was missing, and the docstring before."""
    server.on(RUN, reply_json({"error": "This action requires a logged in user"}, 500))
    with gp.connect(server.url) as app:
        with pytest.raises(gp.AppError, match=r"logged in user\. direct\(\) needs .*oauth_token="):
            app.direct("x")
        with pytest.raises(gp.AppError, match=r"logged in user$"):
            app.direct.with_options(oauth_token=OAUTH)("x")
        said = {name: " ".join((app[name].__doc__ or "").split()) for name in ASKS}
    assert "It needs a Hugging Face token of yours" in said["needs"]
    assert "It can use a Hugging Face token of yours" in said["may"]
    assert "token" not in said["plain"]


def test_calls_with_other_tokens_share_no_stream(server: Web) -> None:
    """What a server says of one call must not be shown with another's token in it."""
    settings: Any = []
    with gp.connect(server.url, oauth_token=OAUTH) as app:
        for token in (None, OTHER, OAUTH, False):
            function: Any = app.needs.with_options(oauth_token=token)
            settings.append(function.__globals__["_func_impl_"].__self__.settings.transport)
    first, *others = settings
    assert [first.has_secrets_of(each) for each in others] == [False, True, False]
