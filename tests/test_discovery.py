"""What `connect` makes of what is at an address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.web import Reply, reply_json, serve_app

if TYPE_CHECKING:
    from tests.web import Web

PAGE = b"<html><body>Hello</body></html>"


def test_connecting_takes_two_requests(web: Web) -> None:
    """The description is read, and nothing else is asked for."""
    serve_app(web, "echo")
    with gp.connect(web.url) as app:
        assert list(app) == ["/echo"]
        assert [request.path for request in web.requests] == ["/config", "/gradio_api/info"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, PAGE),
        Reply(404, PAGE),
        reply_json({"detail": "Not Found"}, 404),
        reply_json({"version": "1.0", "name": "another service"}),
        reply_json(["not", "an", "object"]),
    ],
)
def test_a_page_that_is_not_gradio(web: Web, reply: Reply) -> None:
    """Whatever is no Gradio app is NotGradio, with the address and what it answered."""
    web.on("/config", reply)
    web.on("/", Reply(200, PAGE))
    with pytest.raises(gp.NotGradio, match="no Gradio app") as raised:
        gp.connect(web.url)
    assert isinstance(raised.value, ValueError)
    assert web.url in str(raised.value)


def test_a_server_that_fails(web: Web) -> None:
    """A server's own failure is a ServerError with its status and first words."""
    web.on("/config", Reply(502, b"<h1>Bad Gateway</h1>"))
    with pytest.raises(gp.ServerError, match="502") as raised:
        gp.connect(web.url)
    assert raised.value.status == 502


def test_gradio_2_is_too_old(web: Web) -> None:
    """An app of Gradio 2 is told apart from no app, by its version."""
    web.on("/config", reply_json({"version": "2.9.4", "dependencies": []}))
    with pytest.raises(gp.NotGradio, match=r"Gradio 2\.9\.4"):
        gp.connect(web.url)


def test_a_description_on_the_page(web: Web) -> None:
    """Where a proxy hides the description, the one on the app's page is read."""
    config = {"version": "5.50.0", "protocol": "sse_v3", "components": [], "dependencies": []}
    script = f"<script>window.gradio_config = {json.dumps(config)};</script>"
    web.on("/config", Reply(404, PAGE))
    web.on("/", Reply(200, script.encode()))
    web.on("/info", Reply(404))
    with gp.connect(web.url) as app:
        assert (app.version, len(app)) == ("5.50.0", 0)


def test_a_broken_info_is_replaced_by_the_components(web: Web) -> None:
    """Where the list of endpoints can't be read, it is derived from the app's components."""
    serve_app(web, "echo")
    web.on("/gradio_api/info", Reply(500, b"Internal Server Error"))
    with gp.connect(web.url) as app:
        assert list(app) == ["/echo"]
