"""Where an app is, as far as it can be told without asking the app: as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.hub.locate import locate, recall
from gradioproxy.hub.records import Provenance, Record, Space
from gradioproxy.hub.target import Target, choose_token
from gradioproxy.hub.tokens import find_token
from gradioproxy.hub.waiting import Deadline
from gradioproxy.options import WakePolicy
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.url import Address
from tests.support.hub_server import TOKEN
from tests.support.web_server import Reply, Web

if TYPE_CHECKING:
    from tests.support.hub_server import StandIn

HOST = "https://alice-app.hf.space"
RUNNING = {"id": "alice/app", "host": HOST, "runtime": Record(stage="RUNNING")}


def described(provenance: Provenance | None = None, **fields: Any) -> Space:
    """Make a Space of which somebody said something."""
    return Space({**RUNNING, **fields}, provenance=provenance)


@pytest.mark.parametrize(
    ("hub_is", "host", "fields", "known"),
    [
        ("this one", HOST, {}, True),
        ("this one", HOST, {"runtime": Record(stage="RUNNING_BUILDING")}, True),
        ("this one", HOST, {"runtime": Record(stage="SLEEPING")}, False),
        ("this one", HOST, {"runtime": None}, False),
        ("this one", None, {"host": None}, False),
        ("this one", HOST, {"host": "https://eve.example.org"}, False),
        ("this one", HOST, {"id": "alice"}, False),
        ("another", HOST, {}, False),
        ("nobody", HOST, {}, False),
    ],
)
def test_what_the_hub_said_before(
    hub: StandIn, hub_is: str, host: str | None, fields: dict[str, Any], known: bool
) -> None:
    """It is believed where this Hub named the host of a Space that runs, and nobody is asked."""
    addresses = {"this one": hub.web.url, "another": "https://huggingface.co"}
    given = Provenance(addresses[hub_is], host) if hub_is in addresses else None
    space = described(given, **fields)

    target = recall(space, TOKEN, Access())

    assert (target is not None) == known
    if target is not None:
        assert (target.address, target.space) == (Address(HOST, space="alice/app"), space)
        assert vars(target.access) == vars(Access(token=TOKEN))
    assert hub.requests == []


def test_the_host_that_the_hub_named_must_be_safe(hub: StandIn) -> None:
    """A secret goes to no host without https, whoever named it."""
    host = "http://alice.example.org"
    space = described(Provenance(hub.web.url, host), host=host)
    with pytest.raises(gp.SpaceError, match="not https"):
        recall(space, TOKEN, Access())


@pytest.mark.parametrize("src", ["alice/app", "http://127.0.0.1:7860", 7, None])
def test_only_of_a_space_something_was_said_before(hub: StandIn, src: Any) -> None:
    """Whatever else is named is looked for."""
    assert recall(src, None, Access()) is None
    assert hub.requests == []


@pytest.mark.parametrize(
    ("space", "error", "said"),
    [
        (None, gp.NotGradio("No."), None),
        (described(sdk="docker"), gp.NotGradio("No."), r"no Gradio app.*SDK is docker\)\. No\."),
        (described(), gp.SchemaError("No."), r"no Gradio app.*SDK is unknown\)\. No\."),
        (described(gated="auto"), gp.AuthenticationError("No."), "is gated"),
        (described(gated=False), gp.AuthenticationError("No."), None),
        (described(gated="auto"), gp.ServerError("No."), None),
    ],
)
def test_what_a_failure_means(
    space: Space | None, error: gp.GradioProxyError, said: str | None
) -> None:
    """The Hub knows more of a Space than its app says; of other errors nothing is better known."""
    target = Target(Address(HOST), Access(), space)
    if said is None:
        target.explain(error)
        return
    with pytest.raises(gp.SpaceError, match=said) as raised:
        target.explain(error)
    assert (raised.value.space, raised.value.stage) == ("alice/app", "RUNNING")
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    ("passed_before", "token", "source"),
    [
        (None, None, "there is none in"),
        (TOKEN, None, "token="),
        (TOKEN, False, "token=False"),
        (False, None, "token=False"),
        (None, TOKEN, "token="),
    ],
)
def test_which_token(
    hub: StandIn, passed_before: str | bool | None, token: str | bool | None, source: str
) -> None:
    """The one that is passed goes before the one that the Space was asked for with."""
    known = None if passed_before is None else find_token(passed_before)
    space = described(Provenance(hub.web.url, HOST, known))
    assert choose_token(space, token).source.startswith(source)


def test_an_address_is_taken_as_it_is(hub: StandIn) -> None:
    """No token of the environment goes there, and the Hub is not asked."""
    target = locate("127.0.0.1:7860", None, Access(), WakePolicy())
    assert (target.address.url, target.space) == ("http://127.0.0.1:7860", None)
    assert vars(target.access) == vars(Access())
    assert locate("127.0.0.1:7860", TOKEN, Access(), WakePolicy()).access.token == TOKEN
    assert hub.requests == []


def test_secrets_for_the_page_of_a_space_are_for_its_app(hub: StandIn) -> None:
    """Whose address the Hub names; those for another address stay with that."""
    hub.add_space("alice/app")
    page = f"{hub.web.url}/spaces/alice/app"
    target = locate(page, TOKEN, Access(token=TOKEN, scope=page), WakePolicy())
    assert (target.address.url, target.access.scope) == (hub.front.url, "")
    access = Access(token=TOKEN, scope="http://127.0.0.1:7860/app")
    taken = locate("127.0.0.1:7860/app/x", None, access, WakePolicy()).access
    assert vars(taken) == vars(access)


@pytest.mark.parametrize(
    ("seconds", "now", "left"), [(None, 1e9, float("inf")), (5, 12, 3), (5, 16, -1), (0, 10, 0)]
)
def test_deadlines(seconds: float | None, now: float, left: float) -> None:
    """What is left depends on when the wait began."""
    assert Deadline(seconds, "timeout", began=10).seconds_left(now) == left


def test_an_app_that_is_none_keeps_no_connection(web: Web) -> None:
    """What was opened to ask is closed again."""
    web.on("/config", Reply(404))
    web.on("/", Reply(200, b"<html>Something else</html>"))
    with pytest.raises(gp.NotGradio):
        gp.connect(web.url)
    web.wait_until(lambda: web.open_connections == 0)
