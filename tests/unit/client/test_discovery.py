"""What `connect` makes of what is at an address."""

from __future__ import annotations

import html
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.web_server import Reply, redirect, reply_json, serve_app

if TYPE_CHECKING:
    from tests.support.web_server import Web

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


CONFIG: dict[str, Any] = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": "/gradio_api",
    "components": [{"id": 1, "type": "textbox", "props": {"label": "Text"}, "skip_api": False}],
    "dependencies": [{"id": 0, "api_name": "f", "inputs": [1], "outputs": [1]}],
}


def page(config: Any, end: str = ";</script>") -> Reply:
    """Return a page as Gradio makes them, with a description in it."""
    script = f"<html><script>window.gradio_config = {json.dumps(config)}{end}</html>"
    return Reply(200, script.encode())


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"Internal Server Error"),
        Reply(502, b"<h1>Bad Gateway</h1>"),
        Reply(404, PAGE),
        Reply(403, b"Forbidden"),
        Reply(200, b'{"version": "5.50.0", "depend'),
        reply_json([]),
    ],
)
@pytest.mark.parametrize("end", [";</script>", " ; \n </script>", "</script>", ";window.x = {};"])
def test_a_description_on_the_page(web: Web, reply: Reply, end: str) -> None:
    """Where /config fails, or is hidden by a proxy, the description on the app's page is read."""
    web.on("/config", reply)
    web.on("/", page({**CONFIG, "title": "}; </script>"}, end))
    with gp.connect(web.url) as app:
        assert (app.version, list(app)) == ("5.50.0", ["/f"])
        assert app.config["title"] == "}; </script>"


@pytest.mark.parametrize(
    "script",
    [
        b'window.gradio_config = {"version": "5.50.0", "components": [',
        b'window.gradio_config = {"a":' * 2_000,
        b"window.gradio_config = {]};</script>",
    ],
)
def test_a_description_on_the_page_that_is_cut(web: Web, script: bytes) -> None:
    """It can't be read, and says so."""
    web.on("/config", Reply(500))
    web.on("/", Reply(200, script))
    with pytest.raises(gp.SchemaError, match="cut or garbled"):
        gp.connect(web.url)


def test_looking_for_a_description_is_as_long_as_the_page(web: Web) -> None:
    """A page that begins one again and again is read once, not once for each beginning."""
    web.on("/config", Reply(404))
    web.on("/", Reply(200, b"window.gradio_config = {" * 200_000))
    with pytest.raises(gp.SchemaError, match="cut or garbled"):
        gp.connect(web.url)


def test_a_page_that_wants_a_login(web: Web) -> None:
    """What the page has instead of a description before a login says that it wants one."""
    web.on("/config", Reply(500))
    web.on("/", page({"auth_required": True, "auth_message": None}))
    with pytest.raises(gp.AuthenticationError, match="wants a login"):
        gp.connect(web.url)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "lets nobody in without a secret"),
        ({"token": "hf_wrong"}, "refused what token= gave"),
        ({"headers": {"X-Key": "wrong"}}, "refused what headers= gave"),
    ],
)
def test_a_forbidden_app(web: Web, options: dict[str, Any], said: str) -> None:
    """403 is a refusal, and not the absence of an app; it names what was refused."""
    web.on("/config", reply_json({"detail": "forbidden"}, 403))
    web.on("/", Reply(403, PAGE))
    with pytest.raises(gp.AuthenticationError, match=said) as raised:
        gp.connect(web.url, **options)
    assert raised.value.status == 403
    assert "403 (forbidden)" in str(raised.value)
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(500, b"Internal Server Error"), "its /info answered 500"),
        (Reply(404), "its /info answered 404"),
        (Reply(200, b"<html>"), "its /info answered what is no description"),
        (reply_json({"detail": "no"}, 401), "its /info can't be read"),
    ],
)
def test_a_description_at_second_hand(web: Web, reply: Reply, why: str) -> None:
    """Where /info fails, functions are read from the components, and every reader is told so."""
    serve_app(web, "echo")
    web.on("/gradio_api/info", reply)
    with gp.connect(web.url) as app:
        assert app.info is None
        assert list(app) == ["/echo"]
        assert list(inspect.signature(app.echo).parameters) == ["Text"]
        said = f"Read from the components of the app's page, because {why}"
        for text in (str(app), app._repr_html_(), str(app.echo.__doc__)):
            assert said in " ".join(html.unescape(text).split())

    serve_app(web, "echo")
    with gp.connect(web.url) as app:
        assert app.info is not None
        assert list(inspect.signature(app.echo).parameters) == ["text"]
        for text in (str(app), app._repr_html_(), str(app.echo.__doc__)):
            assert "Read from the components" not in text


def test_versions_without_info_are_not_at_second_hand(web: Web) -> None:
    """Before 3.26 there is no /info, and nothing that could be mended."""
    web.on("/config", reply_json({**CONFIG, "version": "3.25.0", "api_prefix": ""}))
    with gp.connect(web.url) as app:
        assert app.info is None
        assert "Read from" not in f"{app} {app.f.__doc__}"


def test_what_the_documentation_leaves_out(web: Web) -> None:
    """A function that the app does not show is not listed, and is found by its name."""
    functions = [{**CONFIG["dependencies"][0], "id": n, "api_name": f} for n, f in enumerate("fg")]
    entry = {"parameters": [{"label": "Text"}], "returns": [{"label": "Text"}]}
    web.on("/config", reply_json({**CONFIG, "dependencies": functions}))
    web.on("/gradio_api/info", reply_json({"named_endpoints": {"/f": entry}}))
    with gp.connect(web.url) as app:
        assert list(app) == ["/f"]
        hidden = app["/g"]
        assert hidden.check("x").data == ["x"]
        assert app["g"] is hidden
        app.refresh()
        assert app["/g"] is hidden


def test_a_page_leads_nowhere_else(web: Web) -> None:
    """What a page calls itself takes away the end of its address, or nothing."""
    for name in ("", "app", "/", "..", 5, None, "https://evil.example"):
        web.on("/my/app/config", Reply(404))
        web.on("/my/app/", page({**CONFIG, "current_page": name}))
        web.on("/my/app", page({**CONFIG, "current_page": name}))
        with gp.connect(f"{web.url}/my/app") as app:
            assert app.url == (f"{web.url}/my" if name == "app" else f"{web.url}/my/app")


def config_of(**beginning: str) -> dict[str, Any]:
    """Return the description of an app, which begins as is said."""
    return {**beginning, "dependencies": [{"api_name": "f"}]}


def test_types_are_asked_for_before_an_answer_is_read(web: Web) -> None:
    """Where the beginning says where the types are, nothing has to be read to ask for them."""
    web.on("/config", reply_json(config_of(version="6.31.0", api_prefix="/gradio_api")))
    web.on("/gradio_api/info", reply_json({"named_endpoints": {"/f": {}}}))
    with gp.connect(web.url) as app:
        assert list(app) == ["/f"]
    assert web.paths() == ["/config", "/gradio_api/info"]


def test_a_beginning_that_is_not_true(web: Web) -> None:
    """What the whole says counts."""
    body = json.dumps(config_of(version="6.31.0", api_prefix="/one"))
    body = f'{body[:-1]}, "api_prefix": "/other"}}'
    web.on("/config", Reply(200, body.encode()))
    web.on("/one/info", reply_json({"named_endpoints": {"/g": {}}}))
    web.on("/other/info", reply_json({"named_endpoints": {"/f": {}}}))
    with gp.connect(web.url) as app:
        assert list(app) == ["/f"]
    assert web.paths() == ["/config", "/one/info", "/other/info"]


def test_what_only_begins_like_an_app(web: Web) -> None:
    """It is none, though there is something where its types would be."""
    beginning = {"version": "6.31.0", "api_prefix": "/gradio_api"}
    web.on("/config", reply_json(beginning))
    web.on("/gradio_api/info", Reply(404))
    web.on("/", Reply(200, PAGE))
    with pytest.raises(gp.NotGradio, match="There is no Gradio app at"):
        gp.connect(web.url)


def test_an_answer_from_elsewhere_is_read_first(web: Web) -> None:
    """Where it leads to is where the types are."""
    web.on("/config", redirect("/there/config"))
    web.on("/there/config", reply_json(config_of(version="6.31.0", api_prefix="/gradio_api")))
    web.on("/there/gradio_api/info", reply_json({"named_endpoints": {"/f": {}}}))
    with gp.connect(web.url) as app:
        assert app.url == f"{web.url}/there"
    assert web.paths() == ["/config", "/there/config", "/there/gradio_api/info"]


@pytest.mark.parametrize(
    ("version", "functions", "said"),
    [
        ("2.9.4", [{}], "runs Gradio 2.9.4"),
        ("6.31.0", None, "There is no Gradio app"),
        ("6.31.0", [{}] * 11, "11 functions"),
        ("6.31.0", [{}], "503"),
    ],
)
def test_what_an_app_says_counts_before_what_was_asked_early(
    web: Web, version: str, functions: list[Any] | None, said: str
) -> None:
    """That the types can't be had is an error only where they are needed."""
    config = config_of(version=version, api_prefix="/gradio_api")
    del config["dependencies"]
    config |= {} if functions is None else {"dependencies": functions}
    web.on("/config", reply_json(config))
    web.on("/gradio_api/info", Reply(503, b"", {"Retry-After": "9"}))
    web.on("/", Reply(200, PAGE))
    with pytest.raises(gp.GradioProxyError, match=said):
        gp.connect(web.url, limits=gp.Limits(endpoints=10))


def test_types_that_were_asked_for_at_the_wrong_place(web: Web) -> None:
    """A page may say that the app is elsewhere, after they were asked for."""
    cut = json.dumps(config_of(version="6.31.0", api_prefix="/gradio_api"))[:-1]
    whole = {**config_of(version="6.31.0", api_prefix="/gradio_api"), "current_page": "sub"}
    web.on("/sub/config", Reply(200, cut.encode()))
    web.on("/sub", page(whole))
    web.on("/sub/", page(whole))
    web.on("/sub/gradio_api/info", Reply(404))
    web.on("/gradio_api/info", reply_json({"named_endpoints": {"/f": {"description": "Right."}}}))
    with gp.connect(f"{web.url}/sub") as app:
        assert app.url == web.url
        assert "Right." in (app.f.__doc__ or "")
