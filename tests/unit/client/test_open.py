"""From a Space to its app: found, woken, waited for, and what is said of one that can't answer."""

from __future__ import annotations

import gc
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.hub import Space
from tests.support.hub_server import TOKEN
from tests.support.web_server import Reply, Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.hub_server import StandIn

DESCRIPTION = "GET /api/spaces/alice/app"
RUNTIME = f"{DESCRIPTION}/runtime"


@pytest.fixture
def app(hub: StandIn) -> Iterator[Web]:
    """Give a small app that the Space leads to."""
    with Web() as app:
        serve_app(app, "echo")
        hub.target = app.url
        yield app


@pytest.mark.parametrize(
    "src",
    [
        *("alice/app", " alice/app\n", "HUB/spaces/alice/app", "HUB/spaces/alice/app/tree/main"),
        *("https://huggingface.co/spaces/alice/app", "huggingface.co/spaces/alice/app?x=y"),
        "https://hf.co/spaces/alice/app/",
    ],
)
def test_ways_to_write_a_space(hub: StandIn, app: Web, src: str) -> None:
    """A Space is named as itself, or by its page as it was pasted."""
    hub.add_space("alice/app")
    with gp.connect(src.replace("HUB", hub.web.url)) as session:
        assert list(session) == ["/echo"]
        assert session.name == hub.front.url.removeprefix("http://")
    assert gp.get_info(src.replace("HUB", hub.web.url))["named_endpoints"].keys() == {"/echo"}
    assert hub.requests == [DESCRIPTION] * 2
    assert app.paths() == ["/config", "/gradio_api/info"] * 2


@pytest.mark.parametrize(
    "src", ["alice", "a/b/c", "https://huggingface.co/alice/app", 7, None, b"a/b"]
)
def test_what_is_no_space(hub: StandIn, monkeypatch: pytest.MonkeyPatch, src: Any) -> None:
    """What is neither an address nor a Space is an error before the Hub is asked."""
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", hub.front.url)
    with pytest.raises((gp.NotGradio, gp.ConnectError)):
        gp.connect(src)
    with pytest.raises(gp.NotGradio, match="without an id"):
        gp.connect(Space({"host": hub.front.url}))
    assert hub.requests == []


def test_what_is_known_of_a_space_is_used(hub: StandIn, app: Web) -> None:
    """A Space that is known to run is connected to at once; one of a list is asked for first."""
    hub.add_space("alice/app", private=True)
    space = gp.hub.space("alice/app", token=TOKEN)
    [listed] = gp.hub.spaces(token=TOKEN)
    hub.web.requests.clear()
    gp.connect(space).close()
    assert hub.requests == []
    gp.connect(listed).close()
    assert hub.requests == [DESCRIPTION]
    with pytest.raises(gp.SpaceError, match="No token was sent: token=False"):
        gp.connect(space, token=False)
    assert len(app.requests) == 4


def test_what_is_known_of_a_space_may_be_old(hub: StandIn, app: Web) -> None:
    """A Space that has been paused since, or moved, is asked for again."""
    kept = hub.add_space("alice/app")
    space = gp.hub.space("alice/app")
    kept.stages = ["PAUSED"]
    with pytest.raises(gp.SpaceError, match="was paused by its owner"):
        gp.connect(space)
    kept.stages = ["RUNNING"]
    with Web() as closed:
        kept.fields["host"] = closed.url
        before = gp.hub.space("alice/app")
    kept.fields["host"] = hub.front.url
    with gp.connect(before) as session:
        assert session.url == hub.front.url
    assert len(app.requests) == 2


def test_a_sleeping_space_is_woken(hub: StandIn, app: Web) -> None:
    """A Space that is asleep is visited once, and waited for before it is asked for more."""
    kept = hub.add_space("alice/app", "SLEEPING", private=True)
    kept.awake = ("APP_STARTING", "RUNNING")
    with gp.connect("alice/app", token=TOKEN) as session:
        assert list(session) == ["/echo"]
    assert hub.requests == [DESCRIPTION, RUNTIME, RUNTIME]
    assert hub.front.paths() == ["/", "/config", "/gradio_api/info"]
    assert app.paths() == ["/config", "/gradio_api/info"]


def test_a_space_that_is_being_built(hub: StandIn, app: Web) -> None:
    """A Space that is not there yet is waited for and left alone; also at an unknown stage."""
    hub.add_space("alice/app", "BUILDING", "A_NEW_STAGE", "RUNNING_BUILDING", "RUNNING")
    gp.connect("alice/app").close()
    assert hub.requests == [DESCRIPTION, RUNTIME, RUNTIME]
    assert hub.front.paths() == ["/config", "/gradio_api/info"]
    assert len(app.requests) == 2


def test_a_space_that_is_not_waited_for(hub: StandIn) -> None:
    """Without patience a Space is not even woken, and with too little it is a Timeout."""
    hub.add_space("alice/app", "SLEEPING")
    with pytest.raises(gp.SpaceError, match=r"is asleep\. Raise wake_timeout=") as raised:
        gp.connect("alice/app", wake_timeout=0)
    assert (raised.value.space, raised.value.stage) == ("alice/app", "SLEEPING")
    assert (hub.requests, hub.front.requests) == ([DESCRIPTION], [])

    hub.spaces["alice/app"].stages = ["BUILDING"]
    with pytest.raises(gp.Timeout, match=r"alice/app is building after 0\.01 s") as late:
        gp.connect("alice/app", wake_timeout=0.01)
    assert (late.value.limit, late.value.seconds) == ("wake_timeout", 0.01)
    assert isinstance(late.value, TimeoutError)


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("NO_APP_FILE", "has no app"),
        ("CONFIG_ERROR", "error in its configuration"),
        ("BUILD_ERROR", "could not be built"),
        ("RUNTIME_ERROR", "has crashed"),
        ("PAUSED", "was paused by its owner"),
        ("DELETING", "is being deleted"),
    ],
)
def test_a_space_that_does_not_come(hub: StandIn, stage: str, said: str) -> None:
    """Each way of being broken is said in words, with the stage and what the Hub says of it."""
    kept = hub.add_space("alice/app", "BUILDING", stage)
    kept.error = "Exit code: 1\x1b[31m"
    for ask in (gp.connect, gp.hub.wait, gp.connect):
        with pytest.raises(gp.SpaceError, match=said) as raised:
            ask("alice/app")
        assert str(raised.value).endswith(f"(stage {stage}). The Hub says: Exit code: 1[31m")
        assert (raised.value.space, raised.value.stage) == ("alice/app", stage)
        assert pickle.loads(pickle.dumps(raised.value)).stage == stage  # noqa: S301 - made here
    assert hub.front.requests == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sdk": "static"}, "is no Gradio app: its SDK is static"),
        ({"sdk": "streamlit"}, "is no Gradio app: its SDK is streamlit"),
        ({"disabled": True}, "was disabled by Hugging Face"),
    ],
)
def test_a_space_that_can_be_no_app(hub: StandIn, fields: dict[str, Any], said: str) -> None:
    """A Space that can be no Gradio app is not waited for, nor asked."""
    hub.add_space("alice/app", "SLEEPING", **fields)
    with pytest.raises(gp.SpaceError, match=said):
        gp.connect("alice/app")
    assert (hub.requests, hub.front.requests) == ([DESCRIPTION], [])


def test_a_docker_space_may_be_an_app(hub: StandIn, app: Web) -> None:
    """What a Docker Space runs shows when it is asked."""
    hub.add_space("alice/app", sdk="docker")
    gp.connect("alice/app").close()
    app.on("/config", Reply(404))
    app.on("/", Reply(200, b"<html>Something else</html>"))
    with pytest.raises(gp.SpaceError, match=r"runs, but is no Gradio app.*SDK is docker") as raised:
        gp.connect("alice/app")
    assert (raised.value.space, raised.value.stage) == ("alice/app", "RUNNING")
    assert isinstance(raised.value.__cause__, gp.NotGradio)


def test_a_default_that_is_a_space(hub: StandIn, app: Web) -> None:
    """The session that choosing a Space opens stays until it is closed or another is chosen."""
    hub.add_space("alice/app")
    space = gp.hub.space("alice/app")
    gp.set_default(space)
    gc.collect()
    first = gp.session()
    assert gp.sessions() == [first]
    gp.set_default(space)
    del first
    gc.collect()
    assert len(gp.sessions()) == 1

    with gp.connect(app.url, name="other") as other:
        gp.set_default(other)
        gc.collect()
        assert gp.sessions() == [other]
    gp.set_default(space)
    gp.session().close()
    gc.collect()
    assert gp.sessions() == []
    hub.spaces["alice/app"].stages = ["PAUSED"]
    with pytest.raises(gp.SpaceError, match="paused"):
        gp.set_default(space)
