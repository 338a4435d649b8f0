"""A server leads no further in than it is itself, by whatever it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.errors import ServerError
from gradioproxy.files.file import File
from gradioproxy.transport import reach
from gradioproxy.transport.credentials import Access, parse_hosts
from gradioproxy.transport.network import Zone, find_zone
from gradioproxy.transport.reach import AppReach
from tests.support.web_server import Reply, Web, redirect, reply_json, serve_app, transport_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradioproxy.transport.http import Transport

APP = "http://app.test"
PUBLIC, PRIVATE, HERE, LINK = "9.9.9.9", "10.0.0.1", "127.0.0.1", "169.254.169.254"
REFUSED = "nearer to this machine than the app"


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        *((address, Zone.PUBLIC) for address in ("9.9.9.9", "2606:4700::1111", "64:ff9b::909:909")),
        *((address, Zone.PRIVATE) for address in ("10.0.0.1", "172.16.0.1", "192.168.1.1")),
        *((address, Zone.PRIVATE) for address in ("100.64.0.1", "fc00::1", "224.0.0.1", "ff02::1")),
        *((address, Zone.LOOPBACK) for address in ("127.0.0.1", "127.9.9.9", "::1", "::")),
        *((address, Zone.LOOPBACK) for address in ("0.0.0.0", "::ffff:127.0.0.1")),  # noqa: S104
        *((address, Zone.LOOPBACK) for address in ("::127.0.0.1", "64:ff9b::7f00:1")),
        *((address, Zone.LINK_LOCAL) for address in ("169.254.169.254", "fe80::1")),
        *((address, Zone.LINK_LOCAL) for address in ("::ffff:169.254.169.254", "fd00:ec2::254")),
        ("100.100.100.200", Zone.LINK_LOCAL),
    ],
)
def test_how_near_an_address_is(address: str, zone: Zone) -> None:
    """In whichever way it is written, and whatever it stands for."""
    assert find_zone(address) is zone


@pytest.mark.parametrize(
    ("own", "to", "allowed"),
    [
        *((own, PUBLIC, True) for own in (PUBLIC, PRIVATE, HERE, LINK)),
        *((own, LINK, False) for own in (PUBLIC, PRIVATE, HERE, LINK)),
        (PUBLIC, PRIVATE, False),
        (PUBLIC, HERE, False),
        (PRIVATE, PRIVATE, True),
        (PRIVATE, HERE, False),
        (HERE, PRIVATE, True),
        (HERE, HERE, True),
    ],
)
def test_an_app_leads_no_further_in_than_it_is(own: str, to: str, *, allowed: bool) -> None:
    judge = AppReach(APP)
    judge.check(f"{APP}/config", own)
    if allowed:
        judge.check("http://other.test/x", to)
    else:
        with pytest.raises(ServerError, match=REFUSED):
            judge.check("http://other.test/x", to)
    judge.check(f"{APP}:80/x", to)  # where the app itself is now is the caller's business


def test_an_app_that_comes_nearer_leads_no_further() -> None:
    """Its name may lead where its owner likes, each time anew."""
    judge = AppReach(APP)
    judge.check(APP, PUBLIC)
    judge.check(APP, HERE)
    with pytest.raises(ServerError, match=REFUSED):
        judge.check("http://other.test/x", HERE)


@pytest.mark.parametrize(
    ("app", "to", "allowed"),
    [
        ("http://app.test", PRIVATE, False),
        ("http://10.0.0.9:81", PRIVATE, True),
        ("http://10.0.0.9:81", HERE, False),
        ("http://localhost:7860", HERE, True),
        ("http://[::1]:7860", HERE, True),
    ],
)
def test_an_app_to_which_no_connection_leads_is_where_its_name_says(
    app: str, to: str, *, allowed: bool
) -> None:
    """As through a proxy, or before the first one."""
    judge = AppReach(app)
    if allowed:
        judge.check("http://other.test/x", to)
    else:
        with pytest.raises(ServerError, match=REFUSED):
            judge.check("http://other.test/x", to)


def test_hosts_that_the_caller_names() -> None:
    """They are compared as names, whatever they lead to."""
    judge = AppReach(APP, parse_hosts(["Files.test", "10.0.0.2"]))
    judge.check(APP, PUBLIC)
    for url in ("http://files.test/x", "https://10.0.0.2:8443"):
        assert judge.covers(url)
        judge.check(url, PRIVATE)
    assert not judge.covers("http://files.test.evil.test/")
    for wrong in (["http://files.test"], ["a/b"], [""], [3]):
        with pytest.raises(ValueError, match="is no host"):
            parse_hosts(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not a text"):
        parse_hosts("files.test")


@pytest.fixture
def inside(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Give a server of this machine to apps that are none: those at 127.0.0.1 are the world's."""
    del web

    def find(address: str) -> Zone:
        return {"127.0.0.1": Zone.PUBLIC, "127.0.0.2": Zone.LOOPBACK}[address]

    monkeypatch.setattr(reach, "find_zone", find)
    with Web(host="127.0.0.2") as server:
        server.otherwise = Reply(body=b"INSIDE")
        yield server


def file_at(url: str, transport: Transport) -> File:
    transport.get("/config")
    return File({"path": url}, transport)


def test_a_file_elsewhere(web: Web, inside: Web) -> None:
    """It is asked for only where that is no nearer, or where the caller says so."""
    transport = transport_to(web)
    with pytest.raises(ServerError, match=f"127.0.0.2, which is {REFUSED}"):
        file_at(f"{inside.url}/x", transport).bytes()
    assert inside.connections == 0
    allowed = transport_to(web, Access(file_hosts=("127.0.0.2",)))
    assert file_at(f"{inside.url}/x", allowed).bytes() == b"INSIDE"
    with Web() as other:
        other.on("/x", Reply(body=b"outside"))
        assert file_at(f"{other.url}/x", transport).bytes() == b"outside"


@pytest.mark.parametrize("road", ["get", "stream", "download"])
def test_a_redirection_elsewhere(web: Web, inside: Web, road: str) -> None:
    web.on("/x", redirect(f"{inside.url}/y"))
    transport = transport_to(web)
    ask: dict[str, Any] = {
        "get": lambda: transport.get("/x"),
        "stream": lambda: transport.stream("/x", 60),
        "download": lambda: transport.download("/x"),
    }
    with pytest.raises(ServerError, match=REFUSED):
        ask[road]()
    assert inside.connections == 0


def test_an_app_that_is_said_to_be_elsewhere(web: Web, inside: Web) -> None:
    """What is there is neither asked nor quoted."""
    web.on("/config", redirect(f"{inside.url}/config"))
    with pytest.raises(ServerError, match=REFUSED) as raised:
        gp.connect(web.url)
    assert "INSIDE" not in str(raised.value)
    assert inside.connections == 0


def test_through_a_proxy_the_name_counts(
    web: Web, inside: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection leads to the proxy, which would ask for anything."""
    del inside
    monkeypatch.setattr(reach, "resolve_addresses", lambda host: [{"in.test": "127.0.0.2"}[host]])
    web.on("http://app.test/config", reply_json({}))
    web.on("http://app.test/x", redirect("http://in.test/y"))
    transport = transport_to("http://app.test", Access(proxies={"http": web.url}))
    transport.get("/config")
    with pytest.raises(ServerError, match=rf"in.test \(127.0.0.2\), which is {REFUSED}"):
        transport.get("/x")
    assert [request.target for request in web.requests] == [f"{APP}/config", f"{APP}/x"]


def test_where_the_caller_leads_is_the_callers_business(web: Web, inside: Web) -> None:
    """A URL that was passed is fetched, without secrets; where that redirects to counts again."""
    serve_app(web, "echo")
    web.on("/gradio_api/upload", reply_json(["/srv/a.txt"]))
    inside.on("/a.txt", Reply(body=b"mine"))
    gp.upload(web.url, f"{inside.url}/a.txt", headers={"X-Key": "secret"})
    assert b"mine" in web.requests[-1].body
    assert inside.requests[0].headers["X-Key"] is None
