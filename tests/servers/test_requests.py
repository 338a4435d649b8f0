"""What real apps serve besides functions, asked for with a session's access."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from tests.support.gradio.running import RunningServers


def test_an_app_with_a_login(gradio: RunningServers, version: str) -> None:
    """The session's own opens it, by a cookie; without one it is an error that says so."""
    server = gradio(version, "stateless", launch={"auth": ["ann", "secret"]})
    with gp.connect(server.url, auth=("ann", "secret")) as app:
        found = gp.request(app, "GET", "/config", params={"a": "b"})
        assert (found.status, found.ok) == (200, True)
        assert found.json()["version"].strip() == version
        assert found.headers["content-type"].startswith("application/json")
        assert gp.request(app, "GET", f"{server.url}/config").content == found.content
        missing = gp.request(app, "GET", "/no/such/thing")
        assert (missing.status, missing.ok) == (404, False)
        assert app.echo("still") == "still"


def test_a_function_past_all_that_is_known_of_it(app: gp.Session) -> None:
    """A request with an effect, as anybody would make it by hand."""
    prefix = app.config.get("api_prefix") or ""
    body = {"data": ["hällo"], "fn_index": app.echo.endpoint.function}
    found = gp.request(app, "POST", f"{prefix}/run/predict", json=body)
    assert found.json()["data"] == ["hällo"]


@pytest.mark.since("4", "before Gradio 4 components have no functions on the server")
def test_a_components_server_function(gradio: RunningServers, version: str) -> None:
    """As the page asks a FileExplorer for the content of a folder; docs/howto/tabs.rst has it."""
    with gp.connect(gradio(version, "explorer").url) as app:
        parts: list[Any] = app.config["components"]
        explorer = next(part for part in parts if part["type"] == "fileexplorer")
        assert "ls" in explorer["props"]["server_fns"]
        prefix = app.config.get("api_prefix") or ""
        body = {
            "component_id": explorer["id"],
            "fn_name": "ls",
            "data": [],
            "session_hash": app.session_hash,
        }
        found = gp.request(app, "POST", f"{prefix}/component_server", json=body)
        assert found.ok
        assert "here.txt" in json.dumps(found.json())
        body["fn_name"] = "preprocess"
        assert not gp.request(app, "POST", f"{prefix}/component_server", json=body).ok


def test_hidden_outputs(app: gp.Session) -> None:
    """A result leaves them out; an event of the primitive level has all, without a state."""
    assert app.state("x") == "x"
    *_, last = gp.send(app, "/state", ["x"])
    assert last.data == ["x", None]
