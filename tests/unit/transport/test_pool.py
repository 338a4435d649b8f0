"""What the pool does with a connection, state by state; nothing else of a request is in it."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from gradioproxy.errors import ConnectionLost
from gradioproxy.transport import pool
from gradioproxy.transport.adapter import Adapter
from gradioproxy.transport.in_flight import InFlight
from gradioproxy.transport.pool import MAX_IDLE, Lease, NewConnectionNeeded, lease_connection
from gradioproxy.transport.reach import AppReach
from tests.support.clocks import DAY, JUMPS, YEAR, let_time_jump
from tests.support.web_server import CA, Reply, Web, reply_json, transport_to

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """Give a session over the pool alone."""
    with contextlib.closing(requests.Session()) as session:
        session.trust_env, session.verify = False, str(CA)
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter(AppReach("http://127.0.0.1")))
        yield session


def request_once(session: requests.Session, url: str, required: Hashable = None) -> Lease:
    """Make a request and read its answer; return its lease."""
    with lease_connection(Lease(InFlight(), required)) as lease:
        session.get(url, timeout=30)
    return lease


def require_refusal(session: requests.Session, url: str, required: Hashable) -> None:
    """Make a request for which there is no connection."""
    with pytest.raises(NewConnectionNeeded):
        request_once(session, url, required)


def arrange(session: requests.Session, url: str, history: str) -> None:
    """Bring a connection into a state."""
    lease = Lease(InFlight())
    for step in history.split():
        match step:
            case "ask":
                lease = request_once(session, url)
            case "fail":
                request_once(session, f"{url}/failed")
            case "refuse":
                require_refusal(session, url, "nobody")
            case server:
                lease.verify(server)


# What a connection went through; whether it is fit then for what requires one that is verified for
# "me"; whether it can be used at all.
HISTORIES = [
    ("", False, False),
    ("ask", False, True),
    ("ask me", True, True),
    ("ask you", False, True),
    ("ask you me", True, True),
    ("ask me refuse", True, True),
    ("ask me fail", False, False),
    ("ask me fail ask", False, True),
    ("ask fail me", False, False),
    ("ask fail ask me", True, True),
]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(("history", "fit", "usable"), HISTORIES)
def test_which_connections_carry_what_requires_a_verified_one(
    session: requests.Session, history: str, *, fit: bool, usable: bool, tls: bool
) -> None:
    """And of the others the server notices nothing, and none of them is lost."""
    with Web(tls=tls) as web:
        web.on("/x", reply_json([]))
        web.on("/x/failed", Reply(500))
        arrange(session, f"{web.url}/x", history)
        before = web.connections, len(web.requests)
        if fit:
            request_once(session, f"{web.url}/x", "me")
        else:
            require_refusal(session, f"{web.url}/x", "me")
            assert (web.connections, len(web.requests)) == before
        request_once(session, f"{web.url}/x")
        assert web.connections == before[0] + (not usable)


@pytest.mark.parametrize("jumps", JUMPS)
@pytest.mark.parametrize(("slept", "reused"), [(MAX_IDLE - 1, True), (8 * 3600, False)])
def test_a_connection_that_was_idle_for_long_is_not_used_again(
    session: requests.Session,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    *,
    jumps: tuple[float, ...],
    slept: float,
    reused: bool,
) -> None:
    """Its server may have closed it, also while this machine slept; whatever the wall says."""
    web.on("/x", reply_json([]))
    url = f"{web.url}/x"
    let_time_jump(monkeypatch, jumps)
    lease = request_once(session, url)
    assert lease.verify("me")
    after = pool.sleepless_time() + slept
    monkeypatch.setattr(pool, "sleepless_time", lambda: after)
    if reused:
        request_once(session, url, "me")
    else:
        require_refusal(session, url, "me")
        request_once(session, url)
    assert web.connections == (1 if reused else 2)


def test_the_clock_of_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on, nobody sets it, and of a sleep it knows where the system tells."""
    let_time_jump(monkeypatch, (-DAY, YEAR))
    seen = [pool.sleepless_time() for _ in range(100)]
    assert seen == sorted(seen)
    assert seen[-1] - seen[0] < DAY
    if sys.platform == "linux":
        slept = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
        assert pool.sleepless_time() - time.monotonic() == pytest.approx(slept, abs=1)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_through_a_proxy_is_a_new_one_too(
    session: requests.Session, web: Web, scheme: str
) -> None:
    """It is refused before even the proxy is asked."""
    session.proxies = {scheme: web.url}
    require_refusal(session, f"{scheme}://app.test", "me")
    assert web.connections == 0


def test_whether_what_was_verified_is_there_to_be_used(session: requests.Session, web: Web) -> None:
    """It is, unless its server has closed it behind the answer, or another has taken its place."""
    web.on("/kept", reply_json([]))
    web.on("/closed", reply_json([], Connection="close"))
    web.on("/failed", Reply(500))
    assert not Lease(InFlight()).verify("me")
    assert not request_once(session, f"{web.url}/closed").verify("me")
    lease = request_once(session, f"{web.url}/kept")
    assert lease.verify("me")
    request_once(session, f"{web.url}/failed")
    request_once(session, f"{web.url}/kept")
    assert not lease.verify("me")
    require_refusal(session, f"{web.url}/kept", "me")


def test_a_lease_is_of_one_thread_and_one_request(session: requests.Session, web: Web) -> None:
    """Another thread's requests have their own, and so have those in between."""
    web.on("/x", reply_json([]))
    url = f"{web.url}/x"

    with lease_connection(Lease(InFlight(), "me")):
        thread = threading.Thread(target=request_once, args=(session, url))
        thread.start()
        thread.join()
        request_once(session, url)
        with pytest.raises(NewConnectionNeeded):
            session.get(url, timeout=30)
    request_once(session, url)

    assert len(web.requests) == 3
    assert web.connections == 1


def test_no_request_without_a_lease(session: requests.Session, web: Web) -> None:
    """Whoever forgot it learns so at once."""
    with pytest.raises(RuntimeError, match="without a lease"):
        session.get(web.url, timeout=30)
    assert web.connections == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_socks_makes_its_own_connections(scheme: str) -> None:
    """Those through a SOCKS proxy are made by what speaks SOCKS, and known to us as well."""
    pytest.importorskip("socks")
    with contextlib.closing(Adapter(AppReach("http://127.0.0.1"))) as adapter:
        manager = adapter.proxy_manager_for("socks5://127.0.0.1:1")
        pool: Any = manager.connection_from_url(f"{scheme}://app.test")
        with lease_connection(Lease(InFlight())):
            connection = pool._get_conn()

    names = [base.__name__ for base in type(connection).mro()]
    assert names.index("TrackedConnection") < names.index("SOCKSConnection")
    assert connection.default_port == {"http": 80, "https": 443}[scheme]


def test_what_is_given_up_before_it_has_a_connection_gives_none_back(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The pool would say on standard error that it is full."""
    get = pool.VerifyingPool._get_conn

    def give_up_before(self: pool.VerifyingPool, timeout: float | None = None) -> Any:
        lease = pool._leases.find()
        assert lease is not None
        lease.work.interrupt()
        return get(self, timeout)

    monkeypatch.setattr(pool.VerifyingPool, "_get_conn", give_up_before)
    with pytest.raises(ConnectionLost):
        transport_to(web).post("/x", ["effect"])
    assert caplog.records == []
