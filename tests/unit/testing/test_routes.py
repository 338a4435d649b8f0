"""What requests ask for, wherever an app is and whichever Gradio it is."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gradioproxy.testing.routes import Kind, read_route
from gradioproxy.transport.request import BytesBody
from gradioproxy.transport.response import Answer, ByteStream
from gradioproxy.transport.text_socket import TextSocket
from gradioproxy.transport.url import Address

URL = "http://app.test/sub"


def read(method: str, url: str, kind: Any = Answer, body: Any = None) -> Any:
    """Read a request."""
    content = None if body is None else BytesBody(json.dumps(body).encode(), "application/json")
    request = SimpleNamespace(method=method, url=url, reply=kind, body=content)
    exchange = SimpleNamespace(request=request, named=Address(URL))
    return read_route(cast("Any", exchange))


@pytest.mark.parametrize(
    ("method", "path", "reply", "kind"),
    [
        ("POST", "/gradio_api/queue/join", Answer, Kind.JOIN),
        ("GET", "/queue/join?fn_index=3&session_hash=s", ByteStream, Kind.TURN),
        ("GET", "/queue/join", TextSocket, Kind.SOCKET),
        ("GET", "/gradio_api/queue/data?session_hash=s", ByteStream, Kind.EVENTS),
        ("POST", "/queue/data", Answer, Kind.DATA),
        ("POST", "/run/predict", Answer, Kind.DIRECT),
        ("POST", "/gradio_api/call/f", Answer, Kind.SIMPLE),
        ("GET", "/gradio_api/call/f/e", ByteStream, Kind.SIMPLE_EVENTS),
        ("POST", "/reset", Answer, Kind.CANCEL),
        ("POST", "/gradio_api/cancel", Answer, Kind.CANCEL),
        ("POST", "/gradio_api/stream/e", Answer, Kind.CHUNK),
        ("GET", "/gradio_api/stream/s/r/3/playlist.m3u8", ByteStream, Kind.OTHER),
        ("POST", "/upload", Answer, Kind.UPLOAD),
        ("GET", "/gradio_api/heartbeat/s", ByteStream, Kind.HEARTBEAT),
        ("POST", "/login", Answer, Kind.LOGIN),
        ("GET", "/config", Answer, Kind.OTHER),
        ("GET", "/gradio_api/file=/x/queue/data", Answer, Kind.OTHER),
    ],
)
def test_kinds(method: str, path: str, reply: Any, kind: Kind) -> None:
    """By method, path and what is to come back."""
    assert read(method, URL + path, reply).kind is kind


def test_what_a_call_says() -> None:
    """Function, session, name; and no token of the caller's."""
    body = {"fn_index": 3, "session_hash": "s", "event_id": "e", "oauth_token": "hf_x"}
    found = read("POST", f"{URL}/run/predict", body=body)
    assert (found.function, found.session_hash, found.event_id) == (3, "s", "e")
    assert "oauth_token" not in found.body
    found = read("GET", f"{URL}/queue/join?fn_index=3&session_hash=s", ByteStream)
    assert (found.function, found.session_hash) == (3, "s")
    found = read("GET", f"{URL}/call/a%2Fb/e%20f", ByteStream)
    assert (found.name, found.event_id) == ("a/b", "e f")


def test_other_origins_are_no_app() -> None:
    """What is asked there is asked as it is written."""
    found = read("POST", "http://other.test/queue/join")
    assert (found.kind, found.target) == (Kind.OTHER, "http://other.test/queue/join")
    assert read("GET", f"{URL}/config?a=b").target == "/sub/config?a=b"
