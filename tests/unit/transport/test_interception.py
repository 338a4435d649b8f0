"""Who stands between requests and the network: for which connections, and what they see."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from gradioproxy.errors import NotRecorded
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.interception import find_interceptor, install, uninstall
from gradioproxy.transport.response import Answer, ByteStream
from gradioproxy.transport.url import Address
from tests.support.web_server import Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.transport.interception import Exchange
    from gradioproxy.transport.request import Reply as AnyReply

TOKEN = "hf_tokenABCDEF"  # noqa: S105 - no real one
SECRETS = Access(token=TOKEN, auth=("ann", "secret word"), headers={"X-Key": "key12345"})


class Watcher:
    """Notes what passes, and has it sent."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def intercept(self, exchange: Exchange) -> AnyReply:
        """Send a request."""
        self.seen.append(exchange)
        return exchange.send(exchange.request)

    @property
    def urls(self) -> list[str]:
        """The addresses that were asked for."""
        return [exchange.request.url for exchange in self.seen]


class Refuser:
    """Answers nothing."""

    def intercept(self, exchange: Exchange) -> AnyReply:
        """Raise an error."""
        raise NotRecorded(f"not {exchange.request.url}")


@pytest.fixture
def installed() -> Iterator[Callable[[Watcher], Watcher]]:
    """Give what installs an interceptor until the test ends."""
    made: list[Watcher] = []

    def make(watcher: Watcher, *, everywhere: bool = True) -> Watcher:
        install(watcher, everywhere=everywhere)
        made.append(watcher)
        return watcher

    yield make
    for watcher in made:
        uninstall(watcher)


def test_those_that_are_made_meanwhile_have_it(
    web: Web, installed: Callable[[Watcher], Watcher]
) -> None:
    """And keep it: those from before and after have none."""
    web.on("/x", Reply(body=b"1"))
    before = transport_to(web)
    watcher = installed(Watcher())
    within = transport_to(web)
    uninstall(watcher)
    after = transport_to(web)
    for transport in (before, within, after):
        assert transport.get("/x").body == b"1"
    assert watcher.urls == [f"{web.url}/x"]


def test_it_sees_no_secret(web: Web, installed: Callable[[Watcher], Watcher]) -> None:
    """They are added below it; the server gets them all the same."""
    web.on("/x", Reply(body=b"1"))
    watcher = installed(Watcher())
    Transport(Address(web.url), SECRETS).get("/x")
    (exchange,) = watcher.seen
    shown = repr(exchange)
    assert not any(secret in shown for secret in ("hf_tokenABCDEF", "secret word", "key12345"))
    assert web.requests[0].headers["Authorization"] == "Bearer hf_tokenABCDEF"


@pytest.mark.parametrize("kind", ["get", "post", "stream", "download", "upload", "socket"])
def test_every_road_leads_past_it(kind: str) -> None:
    """Nothing is connected to where it answers, or raises."""
    transport = Transport(Address("http://app.test"), Access(), interceptor=Refuser())
    roads: dict[str, Callable[[], object]] = {
        "get": lambda: transport.get("/x"),
        "post": lambda: transport.post("/x", []),
        "stream": lambda: transport.stream("/x", 60),
        "download": lambda: transport.download("/x"),
        "upload": lambda: transport.upload("/x", list),
        "socket": lambda: transport.socket("/x"),
    }
    with pytest.raises(NotRecorded, match=r"^not http://app.test/x$") as raised:
        roads[kind]()
    assert not raised.value.may_have_run


def test_the_way_elsewhere_has_it_too() -> None:
    """Whatever was installed by then."""
    transport = Transport(Address("http://app.test"), Access(), interceptor=Refuser())
    with pytest.raises(NotRecorded):
        transport.to_elsewhere("http://other.test").get("/x")


def test_the_way_elsewhere_of_one_from_before_has_none(
    web: Web, installed: Callable[[Watcher], Watcher]
) -> None:
    """Though it is made while one is installed: a session has the same one for all it asks."""
    web.on("/x", Reply(body=b"1"))
    before = transport_to(web)
    watcher = installed(Watcher())
    assert before.to_elsewhere(web.url).get("/x").body == b"1"
    assert watcher.urls == []


def test_in_a_thread_its_own_counts_most(installed: Callable[..., Watcher]) -> None:
    """Elsewhere the latest does, if it is for all threads."""
    outer = installed(Watcher())
    found: dict[str, object] = {}
    own = Watcher()

    def look() -> None:
        found["before"] = find_interceptor()
        install(own)
        found["own"] = find_interceptor()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == {"before": outer, "own": own}
    assert find_interceptor() is outer
    uninstall(outer)
    assert find_interceptor() is own
    uninstall(own)
    assert find_interceptor() is None
    installed(Watcher(), everywhere=False)
    thread = threading.Thread(target=lambda: found.update(other=find_interceptor()))
    thread.start()
    thread.join()
    assert found["other"] is None


def test_whole_answers_and_streams_are_what_is_asked_for(
    web: Web, installed: Callable[[Watcher], Watcher]
) -> None:
    """Whoever looks on can tell them apart before anything is sent."""
    web.on("/x", Reply(body=b"1"))
    watcher = installed(Watcher())
    transport = transport_to(web)
    transport.get("/x")
    with_stream = transport.stream("/x", 60)
    assert with_stream.read() == b"1"
    with_stream.close()
    assert [exchange.request.reply for exchange in watcher.seen] == [Answer, ByteStream]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_child_can_install_one(installed: Callable[[Watcher], Watcher]) -> None:
    """Though another thread of the parent was about to."""
    outer = installed(Watcher())
    child = os.fork()
    if child == 0:
        own = Watcher()
        install(own)
        os._exit(0 if find_interceptor() is own else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert find_interceptor() is outer
