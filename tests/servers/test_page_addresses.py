"""The query of the address that was pasted, as an app's functions see it; and where nobody does."""

from __future__ import annotations

import json
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers
    from tests.support.hub_server import StandIn

QUERY = "a=1&__theme=dark&b=x%20y&token=s3cret-word&flag&a=2&session_hash=theirs&fn_index=77"
SEEN = {"a": "2", "__theme": "dark", "b": "x y", "token": "s3cret-word", "flag": ""}
PAGE = pytest.mark.since("3.45", "before 3.45 the page sends none")


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that says what its requests had."""
    return gradio(version, "asked")


@pytest.fixture
def asked(server: Server) -> Iterator[gp.Session]:
    """Give a session with it, by an address with a query."""
    with gp.connect(f"{server.url}/?{QUERY}#top") as app:
        yield app


@PAGE
@pytest.mark.parametrize("name", ["queued", "direct", "yielding", "remembered"])
def test_an_app_sees_it(asked: gp.Session, name: str) -> None:
    """By whichever way the call goes; the protocol's own parameters win."""
    assert json.loads(asked[name]("?")) == SEEN
    other = asked[name].with_options(headers={"X-Own": "call"})
    assert (json.loads(other("?")), other("x-own")) == (SEEN, "call")
    assert [json.loads(each) for each in asked[name].map(["?"] * 3)] == [SEEN] * 3


@pytest.mark.before("3.45", "from 3.45 on the page sends it")
def test_an_older_app_sees_none(asked: gp.Session) -> None:
    """As from its page."""
    assert json.loads(asked.queued("?")) == {}


def test_an_app_without_one(server: Server) -> None:
    """Nothing is made up; what stands behind a path of the API is no page's."""
    for end in ("", "/?", "/queue/join?a=1", "/config?a=1"):
        with gp.connect(server.url + end) as app:
            assert json.loads(app.queued("?")) == {}
            assert app.url == server.url


@PAGE
def test_the_primitive_level(server: Server, asked: gp.Session) -> None:
    """It goes along too."""
    for target in (f"{server.url}?{QUERY}", asked):
        *_, last = gp.send(target, "/queued", ["?"])
        assert json.loads(last.data[0]) == SEEN


def test_nobody_is_shown_it(asked: gp.Session, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither name nor value of a secret: in addresses, tables, plans, pickles and errors."""
    shown = [repr(asked), str(asked), asked.url, asked.name, asked.queued.__doc__ or ""]
    shown += [repr(asked.queued.check("?")), repr(gp.sessions())]
    shown += [repr(pickle.dumps(asked)), repr(pickle.dumps(asked.queued))]
    asked.close()
    with pytest.raises(gp.SessionClosed) as closed:
        asked.queued("?")
    shown += traceback.format_exception(closed.value)
    assert not [text for text in shown if "s3cret" in text or "theirs" in text]
    assert "s3cret" not in "".join(capfd.readouterr())


@PAGE
def test_the_plan_has_placeholders(asked: gp.Session) -> None:
    """Curl's command says where the values go."""
    assert "?a=<a>&__theme=<__theme>&b=<b>&token=<token>" in asked.queued.check("?").curl


def test_addresses_that_are_none() -> None:
    """What is wrong with one is said without its query, also by a diagnosis."""
    with pytest.raises(gp.NotGradio) as wrong:
        gp.connect("ftp://host/?token=s3cret-word")
    assert "s3cret" not in str(wrong.value)
    assert "s3cret" not in str(gp.diagnose("ftp://host/?token=s3cret-word"))


@PAGE
@pytest.mark.parametrize("version", ["6.31.0"])
def test_a_space(hub: StandIn, server: Server) -> None:
    """The address of its page, whose query Hugging Face hands on; and a Space that is kept."""
    hub.target = server.url
    hub.add_space("alice/asked")
    src = f"https://huggingface.co/spaces/alice/asked?{QUERY}"
    for cache in (False, True, True):
        with gp.connect(src, cache=cache) as app:
            assert json.loads(app.queued("?")) == SEEN
            assert "s3cret" not in repr(app) + repr(pickle.dumps(app))
