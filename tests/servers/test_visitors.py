"""A Space that is called in an event of a Gradio app knows for whom: real apps, a stand-in Hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.gradio.running import RunningServers
    from tests.support.hub_server import StandIn

# Those before came with libraries that are older than what the client needs.
TESTED_VERSIONS = ["4.44.1", "5.50.0", "6.31.0"]
EVENTS = ("queued", "direct", "waiting", "yielding", "shared", "raw")
LIBRARIES = str(Path(requests.__file__).parents[1])


class Visit:
    """A visitor's call of an app that calls an app: itself, as a Space of a Hub."""

    def __init__(self, url: str, hub: StandIn) -> None:
        self._url = url
        self._hub = hub
        hub.target = url
        hub.add_space("alice/app")

    def __call__(
        self,
        event: str,
        src: str = "alice/app",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> list[Any]:
        """Return the visitor's header as it came to what the app called in an event."""
        own = {"X-IP-Token": token} if token else {}
        with gp.connect(self._url, headers=own) as app:
            return list(app[event].stream(self.describe(src, headers)))

    def describe(self, src: str = "alice/app", headers: Mapping[str, str] | None = None) -> str:
        """Return what the app calls, as its functions take it."""
        hub, given = self._hub.web.url, headers or {}
        return json.dumps({"libraries": LIBRARIES, "hub": hub, "src": src, "headers": given})


@pytest.fixture
def visit(gradio: RunningServers, hub: StandIn, version: str) -> Visit:
    """Give the call of a visitor."""
    return Visit(gradio(version, "visited").url, hub)


@pytest.mark.parametrize("event", EVENTS)
def test_a_space_knows_for_whom_it_is_called(visit: Visit, hub: StandIn, event: str) -> None:
    """It gets the header of the visitor at hand, and of no other one, by each way to call it."""
    for token in ("visitor-one", "visitor-two"):
        assert set(visit(event, token=token)) == {token}
    assert set(visit(event)) == {"none"}
    # The Hub itself is asked without it.
    assert {request.headers["X-IP-Token"] for request in hub.web.requests} == {None}


def test_visitors_who_come_together(visit: Visit, hub: StandIn) -> None:
    """Each call is for who made it, also over one session that they all share."""
    how = visit.describe()
    names = [f"visitor-{number}" for number in range(12)]
    with gp.connect(hub.target) as app:
        jobs = [app.shared.with_options(headers={"X-IP-Token": name}).submit(how) for name in names]
        assert [job.result() for job in jobs] == names


@pytest.mark.parametrize("event", EVENTS)
def test_nobody_else_knows(visit: Visit, hub: StandIn, event: str) -> None:
    """An app at an address is no Space, even where one is."""
    for src in (hub.target, hub.front.url):
        assert set(visit(event, src, token="visitor-one")) == {"none"}  # noqa: S106


def test_what_the_caller_says_is_what_goes(visit: Visit) -> None:
    """Whoever passes a header of that name knows better."""
    said = visit("queued", token="visitor", headers={"x-IP-token": "other"})  # noqa: S106
    assert said == ["other"]
