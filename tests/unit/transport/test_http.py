"""Requests go where they may go: secrets stay at home, redirections and proxies are followed."""

from __future__ import annotations

import base64
import socket
import traceback
from typing import TYPE_CHECKING, Any

import pytest
import requests
import requests.exceptions

from gradioproxy.errors import (
    AuthenticationError,
    ConnectError,
    GradioProxyError,
    NotGradio,
    ServerError,
)
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.requester import MAX_REDIRECTS
from gradioproxy.transport.url import parse_address
from tests.support.web_server import (
    CA,
    Reply,
    Web,
    redirect,
    reply_json,
    transport_to,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "hf_tokenABCDEF"  # noqa: S105 - no real one
SECRETS = Access(token=TOKEN, auth=("user", "loginpass"), headers={"X-Key": "headervalue"})


def has_secrets(web: Web) -> list[bool]:
    """Tell of each request whether it had the token, the header and a cookie, or none of them."""
    found = []
    for request in web.requests:
        flags = {name in request.headers for name in ("Authorization", "X-Key", "Cookie")}
        assert len(flags) == 1, dict(request.headers)
        found.append(flags.pop())
    return found


NAMES = ("Authorization", "X-HF-Authorization")


@pytest.fixture
def other(web: Web) -> Iterator[Web]:
    """Give a second server, which is another origin on the same host."""
    del web  # for its environment
    with Web() as server:
        yield server


def test_secrets_go_to_the_app(web: Web) -> None:
    """Token and headers are sent with every kind of request to the app's own origin."""
    web.on("/x", reply_json([]))
    transport = transport_to(web, SECRETS)

    transport.get("/x")
    transport.post("/x", [])
    transport.upload("/x", list)
    transport.stream("/x", 60).read()
    transport.stream(f"{web.url}/x", 60).read()

    for request in web.requests:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["X-Key"] == "headervalue"
        assert request.headers["User-Agent"] == "gradioproxy"


BASIC = f"Basic {base64.b64encode(b'me:basicpass').decode()}"
BEARER = f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("basic", "access", "sent"),
    [
        (True, {}, (BASIC, None)),
        (False, {"token": TOKEN}, (BEARER, None)),
        (True, {"token": TOKEN}, (BASIC, BEARER)),
        (True, {"headers": {"Authorization": "Own"}}, ("Own", None)),
        (False, {"headers": {"authorization": "Own"}, "token": TOKEN}, ("Own", BEARER)),
        (True, {"headers": {"AUTHORIZATION": "Own"}, "token": TOKEN}, ("Own", BEARER)),
        (False, {"headers": {"x-hf-authorization": "Own"}, "token": TOKEN}, (BEARER, "Own")),
        (True, {"headers": {"x-hf-authorization": "Own"}, "token": TOKEN}, (BASIC, "Own")),
    ],
)
def test_secrets_beside_each_other(
    web: Web, *, basic: bool, access: dict[str, Any], sent: tuple[str | None, str | None]
) -> None:
    """One header holds one of them; a token that finds it taken goes into the other, once."""
    web.on("/x", reply_json([]))
    address = web.url.replace("http://", "http://me:basicpass@") if basic else web.url
    transport_to(address, Access(**access)).get("/x")
    found = [web.requests[0].headers.get_all(name) for name in (*NAMES,)]
    assert found == [None if value is None else [value] for value in sent]


def test_secrets_beside_each_other_go_nowhere_else(web: Web, other: Web) -> None:
    """Neither of them follows a redirection, and a refusal says which there were."""
    web.on("/x", redirect(f"{other.url}/y"))
    web.on("/z", Reply(401))
    other.on("/y", reply_json([]))
    address = web.url.replace("http://", "http://me:basicpass@")
    transport = transport_to(address, Access(token=TOKEN))
    transport.get("/x")
    assert not any(other.requests[0].headers.get(name) for name in NAMES)
    with pytest.raises(AuthenticationError, match=r"token= and the user in the address") as raised:
        transport.get("/z")
    said = str(raised.value) + raised.value.report() + repr(transport.shown_headers)
    assert not any(secret in said for secret in (TOKEN, "basicpass", BASIC.split()[1]))


def test_the_same_secrets(web: Web) -> None:
    """Two ways to an app are as good as one where they say the same of who comes."""
    transport = transport_to(web, Access(token=TOKEN))
    assert transport.has_secrets_of(transport.with_access(token=TOKEN))
    assert transport.has_secrets_of(transport.with_access(timeout=1))
    assert not transport.has_secrets_of(transport.with_access(token=None))
    assert not transport.has_secrets_of(transport.with_access(headers={"X": "y"}))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_secrets_stay_with_their_origin(web: Web, other: Web, status: int) -> None:
    """A redirection to another origin is followed without token, headers and cookies."""
    web.on("/set", Reply(headers={"Set-Cookie": "session=1; Path=/"}))
    web.on("/x", redirect(f"{other.url}/y", status))
    other.on("/y", Reply(body=b"there"))
    transport = transport_to(web, SECRETS)

    transport.get("/set")
    web.requests.clear()
    assert transport.get("/x").body == b"there"
    assert transport.stream("/x", 60).read() == b"there"
    assert transport.stream(f"{other.url}/y", 60).read() == b"there"

    assert has_secrets(web) == [True, True]
    assert has_secrets(other) == [False, False, False]


def test_cookies_of_other_origins_are_not_kept(web: Web, other: Web) -> None:
    """Another origin, also on the same host, can't put a cookie into the app's requests."""
    web.on("/x", redirect(f"{other.url}/y"))
    web.on("/z", reply_json([]))
    other.on("/y", Reply(headers={"Set-Cookie": "planted=1; Path=/"}))
    transport = transport_to(web)

    transport.get("/x")
    transport.get("/x")
    transport.get("/z")

    assert has_secrets(web) == [False, False, False]
    assert has_secrets(other) == [False, False]


@pytest.mark.parametrize(
    "location",
    [
        "http://{other}\\@{web}/y",
        "http://{web}@{other}/y",
        "//{web}@{other}/y",
        "http://{other}#@{web}/y",
        "http://{other}?@{web}/y",
    ],
)
def test_nobody_reads_another_host_in_a_redirection(web: Web, other: Web, location: str) -> None:
    """An address that libraries read in different ways doesn't bring secrets to the wrong one."""
    web.on("/x", redirect(location.format(web=web.url[7:], other=other.url[7:])))
    transport = transport_to(web, SECRETS)

    transport.get("/x")

    assert not any(has_secrets(other))
    assert all(has_token(web))


def has_token(web: Web) -> list[bool]:
    """Tell of each request whether it had the token."""
    return ["Authorization" in request.headers for request in web.requests]


def test_secrets_come_back_home(web: Web, other: Web) -> None:
    """Where another origin leads back to the app, the app gets its secrets again."""
    web.on("/x", redirect(f"{other.url}/y"))
    web.on("/z", Reply(body=b"home"))
    other.on("/y", redirect(f"{web.url}/z"))

    assert transport_to(web, SECRETS).get("/x").body == b"home"
    assert has_token(web) == [True, True]
    assert has_token(other) == [False]


def test_secrets_stay_when_the_app_has_moved(web: Web, other: Web) -> None:
    """An app that turned out to be elsewhere is used there without the secrets, however often."""
    web.on("/login", reply_json({"success": True}))
    other.on("/login", reply_json({"success": True}))
    transport = transport_to(web, SECRETS)
    for path in ("", "/sub", "/sub/sub"):
        transport.rebase(parse_address(f"{other.url}{path}"))
        transport.log_in()
        transport.get("/x")
        transport.post("/x", [])
        transport.with_access(headers={"X-Key": "again"}).get("/x")

    assert set(other.paths()) == {"/x", "/sub/x", "/sub/sub/x"}
    assert not any(has_secrets(other))


def test_a_login_page_elsewhere_is_not_tried(web: Web, other: Web) -> None:
    """A login that another origin wants is an error that names it, and no password is sent."""
    web.on("/x", redirect(f"{other.url}/y"))
    other.on("/y", Reply(401))
    transport = transport_to(web, SECRETS)

    with pytest.raises(AuthenticationError) as raised:
        transport.get("/x")

    assert f"leads to {other.url}, which wants a login" in str(raised.value)
    assert "pass" not in str(raised.value)
    assert other.paths() == ["/y"]


def test_the_password_is_not_sent_to_where_the_app_moved(web: Web, other: Web) -> None:
    """A file of the first address that wants a login again brings no password to the second."""
    web.on("/login", reply_json({"success": True}))
    web.on("/file", Reply(401))
    other.on("/login", reply_json({"success": True}))
    transport = transport_to(web, SECRETS)
    transport.rebase(parse_address(other.url))

    with pytest.raises(AuthenticationError, match=r"refused what token= and auth= and headers="):
        transport.stream(f"{web.url}/file", 60)
    assert web.paths() == ["/file", "/file"]
    assert other.paths() == []


def test_that_a_call_has_to_queue_is_no_wish_for_a_login(web: Web) -> None:
    """Gradio 3 says both by the same status; the password is not sent again for it."""
    refusal = {"detail": "Not authorized to skip the queue"}
    web.on("/run/predict", reply_json(refusal, 401))
    transport = transport_to(web, Access(auth=("ann", "secret")))
    answer = transport.post("/run/predict", {})
    assert (answer.status, answer.json()) == (401, refusal)
    assert web.paths() == ["/run/predict"]


def test_https_on_the_same_host_keeps_the_secrets(web: Web) -> None:
    """The step up to https on one host is followed with secrets; then there is no way back."""
    access = Access(token=TOKEN, verify=str(CA), proxies={"http": web.url, "https": web.url})
    with Web(tls=True) as secure:
        web.tunnels["app.test:443"] = ("127.0.0.1", secure.port)
        web.on("http://app.test/x", redirect("https://app.test/x"))
        secure.on("/x", redirect("http://app.test/z"))
        web.on("http://app.test/z", Reply(body=b"back"))
        secure.on("/y", Reply(body=b"up"))
        transport = transport_to("app.test", access)

        assert transport.get("/x").body == b"back"
        transport.rebase(parse_address("https://app.test"))
        assert transport.get("/y").body == b"up"
        assert transport.stream("http://app.test/z", 60).read() == b"back"

        plain = [request for request in web.requests if request.method == "GET"]
        assert [("Authorization" in r.headers, r.target) for r in plain] == [
            (True, "http://app.test/x"),
            (True, "http://app.test/z"),
            (False, "http://app.test/z"),
        ]
        assert [("Authorization" in r.headers, r.path) for r in secure.requests] == [
            (True, "/x"),
            (True, "/y"),
        ]


def test_netrc_is_never_used(
    web: Web, other: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a netrc file says is for other programs, whether the caller gave secrets or none."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password netrcpass\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(web.url) == ("me", "netrcpass")
    web.on("/x", redirect(f"{other.url}/y"))

    transport_to(web).get("/x")
    transport_to(web).post("/x", [])
    transport_to(web, SECRETS).get("/x")

    assert [r.headers["Authorization"] for r in web.requests] == [None, None, f"Bearer {TOKEN}"]
    assert not any(has_secrets(other))


def test_redirections_of_get_are_followed(web: Web) -> None:
    """A chain of redirections, absolute and relative, ends at its last answer, which says where."""
    web.on("/a", redirect("/b"))
    web.on("/b", redirect(f"{web.url}/c/d"))
    web.on("/c/d", redirect("e?f"))
    web.on("/c/e", Reply(body=b"end"))
    transport = transport_to(web)

    answer = transport.get("/a")
    assert (answer.body, answer.url) == (b"end", f"{web.url}/c/e?f")
    assert transport.stream("/a", 60).read() == b"end"


def test_endless_redirections_end(web: Web) -> None:
    """Redirections that lead in a circle are given up."""
    web.on("/a", redirect("/a"))
    transport = transport_to(web)

    assert transport.get("/a").status == 302
    assert transport.stream("/a", 60).status == 302
    assert len(web.requests) == 2 * MAX_REDIRECTS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_of_post_are_not_followed(web: Web, other: Web, status: int) -> None:
    """A post is never sent anywhere else, and never becomes a get."""
    web.on("/x", redirect(f"{other.url}/y", status))
    transport = transport_to(web)

    answer = transport.post("/x", [])

    assert (answer.status, answer.ok, answer.location) == (status, False, f"{other.url}/y")
    assert (len(web.requests), len(other.requests)) == (1, 0)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "data:,x",
        "javascript:alert(1)",
        "http://[",
        "http://host:99999/",
        "http://%zz%00\x7f/",
    ],
)
def test_redirections_to_no_web_address_are_refused(web: Web, location: str) -> None:
    """A redirection never leads out of the web; one that is garbled is the server's error."""
    web.on("/x", redirect(location))
    transport = transport_to(web)

    for ask in (transport.get, lambda path: transport.stream(path, 60)):
        with pytest.raises(ServerError, match="no web address") as raised:
            ask("/x")
        assert str(raised.value).isprintable()


def test_cookies_are_kept(web: Web) -> None:
    """Cookies of every answer go with all later requests, also after a fork, also with a token."""
    web.on("/x", Reply(headers={"Set-Cookie": "replica=7; Path=/"}), reply_json([]))
    transport = transport_to(web)

    transport.post("/x", [])
    transport.get("/x")
    transport.stream("/x", 60).read()
    transport.with_access(token=TOKEN).get("/x")
    transport.renew()
    transport.get("/x")

    assert [r.headers["Cookie"] for r in web.requests] == [None] + ["replica=7"] * 4
    assert web.connections == 2


def test_a_secure_cookie_counts_on_this_machine(web: Web) -> None:
    """As in browsers; up to Gradio 3.27 its websockets know no other login. Elsewhere it stays."""
    cookie = Reply(headers={"Set-Cookie": "access-token=x; Path=/; Secure; SameSite=None"})
    for url, access in (
        (web.url, Access()),
        ("http://app.test", Access(proxies={"http": web.url})),
    ):
        web.requests.clear()
        web.on("/x", cookie)
        web.on("http://app.test/x", cookie)
        transport = transport_to(url, access)
        transport.get("/x")
        transport.get("/x")
        with pytest.raises((ServerError, ConnectError)):
            transport.socket("/ws")
        kept = "access-token=x" if url == web.url else None
        assert [r.headers["Cookie"] for r in web.requests if r.method == "GET"][1:] == (
            [kept, kept] if url == web.url else [kept]
        )


@pytest.mark.parametrize("host", ["http://☃.☃☃", f"http://{'ü' * 99}"])
def test_no_possible_host(host: str) -> None:
    """A name that no host can have is no address."""
    with pytest.raises(NotGradio):
        transport_to(host)


def test_host_in_letters_of_any_language(web: Web) -> None:
    """Secrets go to a host whose name is written in other letters than those of the wire."""
    web.on("http://xn--bcher-kva.example/x", reply_json([]))
    transport = transport_to(
        "http://bücher.example", Access(token=TOKEN, proxies={"http": web.url})
    )

    assert transport.get("/x").status == 200
    assert has_token(web) == [True]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_proxies_of_the_environment(web: Web, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A proxy that the environment names is asked for everything that the app is."""
    monkeypatch.setenv(name, web.url)
    web.on("http://app.test/x", reply_json([]))
    transport = transport_to("http://app.test", Access(token=TOKEN))

    assert transport.get("/x").status == 200
    assert transport.post("/x", []).status == 200
    assert transport.stream("/x", 60).status == 200
    assert [request.target for request in web.requests] == ["http://app.test/x"] * 3
    assert web.connections == 1


def test_hosts_without_a_proxy(web: Web, other: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts that the environment excepts are reached directly, also behind a redirection."""
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    other.on("/x", redirect("http://elsewhere.test/y"))
    web.on("http://elsewhere.test/y", redirect(f"{other.url}/z"))
    other.on("/z", Reply(body=b"end"))

    assert transport_to(other).get("/x").body == b"end"
    assert [request.target for request in web.requests] == ["http://elsewhere.test/y"]
    assert [request.target for request in other.requests] == ["/x", "/z"]


def test_given_proxies_replace_those_of_the_environment(
    web: Web, other: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``proxies=`` stands for all of the environment's, and an empty one for none."""
    monkeypatch.setenv("http_proxy", other.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    web.on("http://app.test/x", redirect("http://elsewhere.test/y"))
    web.on("http://elsewhere.test/y", reply_json([]))
    web.on("/x", reply_json([]))

    assert transport_to("http://app.test", Access(proxies={"http": web.url})).get("/x").ok
    assert transport_to(web, Access(proxies={})).get("/x").ok
    assert len(web.requests) == 3
    assert other.requests == []


def test_https_through_a_proxy(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is a tunnel for https: it sees neither secrets nor what is asked."""
    monkeypatch.setenv("https_proxy", web.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
    with Web(tls=True) as secure:
        web.tunnels["app.test:443"] = ("127.0.0.1", secure.port)
        secure.on("/x", reply_json([]))
        transport = transport_to("https://app.test", Access(token=TOKEN))

        assert transport.get("/x").ok
        assert transport.post("/x", []).ok

        assert [(r.method, r.target) for r in web.requests] == [("CONNECT", "app.test:443")]
        assert not any(TOKEN in str(value) for value in web.requests[0].headers.values())
        assert [r.headers["Authorization"] for r in secure.requests] == [f"Bearer {TOKEN}"] * 2


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:proxypass@127.0.0.1:{gone}",
        "http://me:proxypass@127.0.0.1:99999",
        "http://me:proxypass@[",
        "me:proxypass@127.0.0.1:99999",
        "ftp://me:proxypass@127.0.0.1",
        "nonsense://me:proxypass@host",
        "socks5://me:proxypass@127.0.0.1:{gone}",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_work_is_not_quoted_with_its_password(
    web: Web, scheme: str, proxy: str
) -> None:
    """Whatever is wrong with a proxy: nothing reached the app, and no text has its password."""
    del web
    with Web() as gone:
        proxy = proxy.format(gone=gone.port)
    access = Access(proxies={scheme: proxy}, timeout=5)

    with pytest.raises(GradioProxyError) as raised:
        transport_to(f"{scheme}://app.test", access).post("/x", [])

    assert isinstance(raised.value, ConnectError), raised.value
    text = "".join(traceback.format_exception(raised.value, chain=True))
    assert "proxypass" not in text + raised.value.report()


def test_a_proxy_that_refuses(web: Web) -> None:
    """A proxy that makes no tunnel is why nothing reached the app."""
    with pytest.raises(ConnectError, match="403"):
        transport_to("https://app.test", Access(proxies={"https": web.url})).post("/x", [])


def test_a_peer_that_is_gone_is_found_by_the_system(web: Web) -> None:
    """Where a call has a connection for itself, a server may be silent for as long as it likes."""
    transport = transport_to(web)
    transport.request_raw("GET", "/")
    session = transport._requester.connections._app_session
    manager = session.get_adapter(web.url).poolmanager  # type: ignore[attr-defined]
    pools = [manager.pools.get(key) for key in manager.pools.keys()]  # noqa: SIM118 - no iteration
    (connection,) = [each for pool in pools for each in pool.pool.queue if each is not None]
    assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    transport.close()
