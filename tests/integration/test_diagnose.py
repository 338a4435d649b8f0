"""What `diagnose` finds on ways to apps that are broken at one place, and what it leaves alone."""

from __future__ import annotations

import contextlib
import pickle
import socket
import threading
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.client import diagnose as driver
from gradioproxy.client import examination
from gradioproxy.hub import Space
from gradioproxy.transport.http import Transport
from gradioproxy.transport.probe import Probe
from tests.support.hub_server import OTHER, TOKEN
from tests.support.web_server import (
    CA,
    PATIENCE,
    Exchange,
    Reply,
    Web,
    hang_up,
    redirect,
    reply_json,
    serve_app,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from gradioproxy.client.diagnosis import Step
    from gradioproxy.transport.probe import Finding
    from tests.support.hub_server import StandIn
    from tests.support.web_server import Script

NAMES = (
    *("address", "name", "connection", "TLS", "answer", "login", "description", "protocol"),
    *("queue", "stream"),
)
PAGE = Reply(200, b"<html><body>Hello</body></html>")
QUEUE, HEARTBEAT = "/gradio_api/queue/status", "/gradio_api/heartbeat/"


def beat(exchange: Exchange) -> None:
    """Give the first word of a stream, and hold it open until the client goes."""
    exchange.start(Content_Type="text/event-stream")
    exchange.chunk(b"data: ALIVE\n\n")
    exchange.rfile.read(1)
    exchange.close_connection = True


def keep_back(exchange: Exchange) -> None:
    """Begin an answer, and give nothing of it until the client goes: a proxy that buffers."""
    exchange.start(Content_Type="text/event-stream")
    exchange.rfile.read(1)
    exchange.close_connection = True


def say_nothing(exchange: Exchange) -> None:
    """Give not even the head of an answer, until the client goes."""
    exchange.rfile.read(1)
    exchange.close_connection = True


def serve_whole_app(web: Web, heartbeat: Script = beat, **config: Any) -> None:
    """Let a server be an app whose queue is empty, with streams."""
    serve_app(web, "echo", **config)
    web.on(QUEUE, reply_json({"msg": "estimation", "queue_size": 0}))

    def answer(exchange: Exchange) -> None:
        script = heartbeat if exchange.path.startswith(HEARTBEAT) else Reply(404)
        if isinstance(script, Reply):
            exchange.answer(script)
        else:
            script(exchange)

    web.otherwise = answer


def step_of(diagnosis: gp.Diagnosis, name: str) -> Step:
    """Return a step."""
    [found] = [step for step in diagnosis.steps if step.name == name]
    return found


def outcomes(diagnosis: gp.Diagnosis) -> dict[str, str]:
    """Return the outcomes of the steps."""
    return {step.name: step.outcome for step in diagnosis.steps}


def check_failure(src: Any, name: str, kind: type[gp.GradioProxyError], **access: Any) -> Step:
    """Diagnose what fails at one step, and as `connect` fails; return that step."""
    diagnosis = gp.diagnose(src, **access)
    step = step_of(diagnosis, name)
    place = diagnosis.steps.index(step)
    assert step.outcome == "failed", str(diagnosis)
    assert all(before.outcome in {"ok", "skipped"} for before in diagnosis.steps[:place])
    assert {after.outcome for after in diagnosis.steps[place + 1 :]} <= {"skipped"}
    assert not diagnosis.ok
    assert type(diagnosis.error) is kind
    assert step.found
    assert 1 <= step.advice.count(". ") + 1 <= 2
    assert max(map(len, str(diagnosis).splitlines())) <= 80
    with pytest.raises(kind):
        gp.connect(src, wake_timeout=0, **access)
    return step


# What is well.


def test_an_app_that_is_well(web: Web) -> None:
    """Each step is there, with its seconds where something was asked."""
    serve_whole_app(web, root=web.url)
    diagnosis = gp.diagnose(f"{web.url}/?__theme=dark")
    assert diagnosis.ok, str(diagnosis)
    assert (diagnosis.url, diagnosis.error) == (web.url, None)
    assert outcomes(diagnosis) == {**dict.fromkeys(NAMES, "ok"), "TLS": "skipped"}
    assert step_of(diagnosis, "protocol").found == "Gradio 5.50.0, protocol sse_v3"
    assert step_of(diagnosis, "queue").found == "nobody waits"
    asked = {step.name for step in diagnosis.steps if step.seconds is not None}
    assert asked == {"name", "connection", "answer", "description", "queue", "stream"}
    assert not any(step.advice for step in diagnosis.steps)


def test_nothing_is_left(web: Web) -> None:
    """No session, and no connection; and nothing was posted."""
    serve_whole_app(web)
    assert gp.diagnose(web.url).ok
    assert gp.sessions() == []
    web.wait_until(lambda: not web.open_connections)
    assert {request.method for request in web.requests} == {"GET"}


def test_the_parameters_are_those_of_connect(web: Web) -> None:
    serve_whole_app(web)
    for wrong in ({"timeuot": 3}, {"wake_timeout": 3}, {"file_hosts": "host"}, {"token": 3}):
        with pytest.raises(TypeError):
            gp.diagnose(web.url, **wrong)
    with pytest.raises(ValueError, match="header"):
        gp.diagnose(web.url, headers={"X-Key": "a\nb"})
    assert web.requests == []
    headers = {"X-Key": "value"}
    assert gp.diagnose(web.url, headers=headers, limits=gp.Limits(), file_hosts=["host"]).ok
    assert {request.headers["X-Key"] for request in web.requests} == {"value"}


def test_what_is_slow_is_a_warning(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_whole_app(web)
    monkeypatch.setattr(driver, "SLOW", -1.0)
    diagnosis = gp.diagnose(web.url)
    assert diagnosis.ok
    assert step_of(diagnosis, "connection").outcome == "warning"
    assert "timeout=" in step_of(diagnosis, "connection").advice
    assert step_of(diagnosis, "address").outcome == "ok"


def test_ctrl_c_ends_it(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Probe, "ask", interrupt)
    with pytest.raises(KeyboardInterrupt):
        gp.diagnose(web.url)


# Addresses.


@pytest.mark.parametrize(
    "src",
    ["nonsense here", "", "http://", "a/b/c", "http://host:port", "ftp://host", 7, None, b"a/b"],
)
def test_what_is_no_address(hub: StandIn, src: Any) -> None:
    step = check_failure(src, "address", gp.NotGradio)
    assert '"http://127.0.0.1:7860"' in step.advice
    assert hub.requests == []


def test_a_password_of_an_address_is_not_shown() -> None:
    diagnosis = gp.diagnose("http://ann:pass/word@host name")
    assert not diagnosis.ok
    assert "pass" not in f"{diagnosis!r}{diagnosis.url}{diagnosis.error}".replace("password", "")


def test_a_hub_that_is_nowhere(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    del hub
    monkeypatch.setenv("HF_ENDPOINT", "no address")
    assert "HF_ENDPOINT" in check_failure("alice/app", "address", gp.NotGradio).advice


# Names, connections, TLS.


def test_a_name_that_does_not_resolve(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    del web
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    step = check_failure("http://no-such-host.invalid:7860", "name", gp.ConnectError)
    assert "no-such-host.invalid" in step.found
    assert "spelling" in step.advice


def test_a_port_where_nobody_listens(web: Web) -> None:
    with Web() as closed:
        pass
    step = check_failure(closed.url, "connection", gp.ConnectError)
    assert str(closed.port) in step.found
    assert "0.0.0.0" in step.advice  # noqa: S104 - in a text
    assert web.requests == []


@pytest.mark.parametrize(
    ("verify", "helps"),
    [(None, 'verify="/path/to/ca.pem"'), ("/nowhere/ca.pem", "Correct the path in verify=")],
)
def test_an_authority_that_nobody_knows(web: Web, verify: str | None, helps: str) -> None:
    del web
    with Web(tls=True) as secure:
        serve_whole_app(secure)
        step = check_failure(secure.url, "TLS", gp.ConnectError, verify=verify)
        assert helps in step.advice
        diagnosis = gp.diagnose(secure.url, verify=str(CA))
        assert diagnosis.ok
        assert outcomes(diagnosis) == dict.fromkeys(NAMES, "ok")


def test_a_certificate_of_somebody_else(web: Web) -> None:
    del web
    with Web(tls=True, host="127.0.0.2") as secure:
        step = check_failure(secure.url, "TLS", gp.ConnectError, verify=str(CA))
        assert "host name that the certificate is for" in step.advice


def test_no_tls_there(web: Web) -> None:
    url = web.url.replace("http:", "https:")
    assert "http://" in check_failure(url, "TLS", gp.ConnectError).advice


class Talker:
    """A server of few words: it says the same to everybody, or nothing, and hangs up or waits.

    Args:
        said: What it says.
        hangs_up: Whether it does so then; else it waits until the client goes.
        answers: What it says instead to what begins with one of these, in the same way.
    """

    def __init__(
        self, said: bytes, *, hangs_up: bool = True, answers: dict[bytes, bytes] | None = None
    ) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._said, self._hangs_up, self._answers = said, hangs_up, answers or {}
        self.port = self._listener.getsockname()[1]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                with connected, contextlib.suppress(OSError):
                    heard = connected.recv(1 << 16)
                    own = (said for begin, said in self._answers.items() if heard.startswith(begin))
                    if said := next(own, None):
                        connected.sendall(said)
                        continue
                    connected.sendall(self._said)
                    while not self._hangs_up and heard:
                        heard = connected.recv(1 << 16)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


HTTP = {b"HEAD": b"HTTP/1.0 404 Not Found\r\n\r\n"}


@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_server_without_tls_that_says_nothing_of_it(web: Web, hangs_up: bool) -> None:
    """It hangs up, or waits for more; asked in its own words it answers."""
    del web
    with Talker(b"", hangs_up=hangs_up, answers=HTTP) as talker:
        url = f"https://127.0.0.1:{talker.port}"
        step = check_failure(url, "TLS", gp.ConnectError, timeout=0.5)
        assert step.advice == "What answers there speaks no TLS: write http:// instead of https://."


@pytest.mark.parametrize(
    "answers", [{}, {b"HEAD": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, {b"HEAD": b"SSH-2.0"}]
)
def test_a_server_that_speaks_another_tls(web: Web, answers: dict[bytes, bytes]) -> None:
    """That a request without TLS is a bad one, servers with it say too."""
    del web
    with Talker(b"", answers=answers) as talker:
        step = check_failure(f"https://127.0.0.1:{talker.port}", "TLS", gp.ConnectError)
        assert "which TLS it speaks" in step.advice


@pytest.mark.parametrize(
    ("said", "hangs_up", "kind"),
    [
        (b"", True, gp.ConnectionLost),
        (b"\x15\x03\x01\x00\x02\x02\x0a", True, gp.ConnectionLost),
        (b"", False, gp.Timeout),
        (b"HTTP/1.0 400 Bad Request\r\n\r\nThis is an HTTPS port.", True, gp.NotGradio),
    ],
)
def test_a_server_with_tls_that_is_asked_without(
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
    said: bytes,
    hangs_up: bool,
    kind: type[gp.GradioProxyError],
) -> None:
    """Whether it hangs up, says so in its own words, waits, or answers in those of the client."""
    del web
    with Web(tls=True) as secure, Talker(said, hangs_up=hangs_up) as talker:
        address = "127.0.0.1", secure.port
        dial = Probe._dial
        url = f"http://127.0.0.1:{talker.port}"
        assert "TLS: write" not in check_failure(url, "answer", kind, timeout=0.5).advice
        monkeypatch.setattr(Probe, "_dial", lambda _: socket.create_connection(address))
        step = check_failure(url, "answer", kind, timeout=0.5)
        assert step.advice == "What listens there speaks TLS: write https:// instead of http://."
        monkeypatch.setattr(Probe, "_dial", dial)
        step = check_failure(secure.url.replace("https:", "http:"), "answer", gp.ConnectionLost)
        assert step.advice == "What listens there speaks TLS: write https:// instead of http://."


# Proxies.


def test_a_proxy_that_is_nowhere(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose it is, and how to go without it; and not its password."""
    with Web() as closed:
        pass
    monkeypatch.setenv("http_proxy", closed.url.replace("//", "//ann:secret@"))
    step = check_failure("http://app.test", "connection", gp.ConnectError)
    assert f"the proxy {closed.url}" in step.found
    assert "NO_PROXY=app.test" in step.advice
    assert "secret" not in step.found + step.advice
    proxies = {"http": closed.url}
    step = check_failure("http://app.test", "connection", gp.ConnectError, proxies=proxies)
    assert "proxies={}" in step.advice
    assert "NO_PROXY" not in step.advice
    assert web.requests == []


@pytest.mark.parametrize("status", [403, 502, 407])
def test_a_proxy_that_answers_itself(web: Web, status: int) -> None:
    """What a proxy says of an app over http is an answer like any other."""
    web.otherwise = Reply(status, b"<h1>No</h1>")
    kinds = {403: gp.AuthenticationError, 502: gp.ServerError, 407: gp.NotGradio}
    name = "login" if status == 403 else "answer"
    step = check_failure("http://app.test", name, kinds[status], proxies={"http": web.url})
    assert ("user:password" if status == 407 else web.url) in step.advice


def test_a_proxy_that_opens_no_tunnel(web: Web) -> None:
    step = check_failure(
        "https://app.test", "connection", gp.ConnectError, proxies={"https": web.url}
    )
    assert "403" in step.found
    assert web.url in step.advice


def test_by_way_of_a_proxy(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are for the proxy to resolve, and TLS goes through it; what is known is not tried."""
    shaken = []
    shake_hands = Probe.shake_hands

    def note(probe: Probe) -> Finding:
        shaken.append(probe.proxy)
        return shake_hands(probe)

    monkeypatch.setattr(Probe, "shake_hands", note)
    with Web(tls=True) as secure:
        serve_whole_app(secure)
        web.tunnels["app.test:443"] = ("127.0.0.1", secure.port)
        diagnosis = gp.diagnose("https://app.test", proxies={"https": web.url}, verify=str(CA))
        assert diagnosis.ok, str(diagnosis)
        assert web.url in step_of(diagnosis, "name").found
        assert shaken == [web.url]
        proxies = {"https": web.url}
        assert (
            "verify="
            in check_failure("https://app.test", "TLS", gp.ConnectError, proxies=proxies).advice
        )


# Answers.


@pytest.mark.parametrize("reply", [PAGE, Reply(404, PAGE.body), reply_json({"a": 1})])
def test_what_is_no_app(web: Web, reply: Reply) -> None:
    web.on("/config", reply)
    web.on("/", PAGE)
    assert "browser" in check_failure(web.url, "answer", gp.NotGradio).advice


def test_a_path_where_no_app_is(web: Web) -> None:
    """The one at the root of the host is told of."""
    serve_whole_app(web)
    step = check_failure(f"{web.url}/gradio", "answer", gp.NotGradio)
    assert step.advice == f"There is an app at {web.url}: use that address."


@pytest.mark.parametrize(
    ("status", "helps"), [(502, "does not run behind it"), (504, "starting"), (500, "its log")]
)
def test_a_server_that_fails(web: Web, status: int, helps: str) -> None:
    web.otherwise = Reply(status, b"<h1>Failed</h1>")
    assert helps in check_failure(web.url, "answer", gp.ServerError).advice


def test_too_many_requests(web: Web) -> None:
    web.otherwise = Reply(429)
    assert "Wait" in check_failure(web.url, "answer", gp.RateLimited).advice


def test_a_server_that_hangs_up(web: Web) -> None:
    """As one with TLS does that is asked without."""
    web.otherwise = hang_up
    assert "https://" in check_failure(web.url, "answer", gp.ConnectionLost).advice


def test_a_server_that_does_not_answer(web: Web) -> None:
    web.otherwise = say_nothing
    step = check_failure(web.url, "answer", gp.Timeout, timeout=0.3)
    assert "timeout=" in step.advice


def test_a_description_that_is_too_large(web: Web) -> None:
    serve_whole_app(web)
    limits = gp.Limits(description=100)
    assert "limits=" in check_failure(web.url, "answer", gp.TooLarge, limits=limits).advice


def test_an_app_that_has_moved(web: Web) -> None:
    """Elsewhere, it is a warning, as secrets do not go along; on the same host it is not."""
    with Web() as other:
        serve_whole_app(other)
        web.on("/config", redirect(f"{other.url}/config"))
        diagnosis = gp.diagnose(web.url, headers={"X-Key": "value"})
        assert diagnosis.ok, str(diagnosis)
        step = step_of(diagnosis, "answer")
        assert step.outcome == "warning"
        assert other.url in step.found
        assert "headers=" in step.advice
        assert {request.headers["X-Key"] for request in other.requests} == {None}
        web.on("/config", redirect(f"{other.url}/sign-in"))
        other.on("/sign-in", PAGE)
        web.on("/", PAGE)
        step = check_failure(web.url, "answer", gp.NotGradio)
        assert f"{other.url}, perhaps to sign in there" in step.advice


@pytest.mark.parametrize("upwards", [True, False])
def test_an_app_that_moves_between_http_and_https(web: Web, upwards: bool) -> None:
    """To https on the same host is no move, as secrets go along; back again is one."""
    with Web(tls=True) as secure:
        serve_whole_app(web)
        serve_whole_app(secure)
        web.tunnels["app.test:443"] = ("127.0.0.1", secure.port)
        one, other = ("http", "https") if upwards else ("https", "http")
        moved = redirect(f"{other}://app.test/config")
        if upwards:
            web.on("http://app.test/config", moved)
        else:
            secure.on("/config", moved)
        proxies = {"http": web.url, "https": web.url}
        diagnosis = gp.diagnose(f"{one}://app.test", proxies=proxies, verify=str(CA))
        step = step_of(diagnosis, "answer")
        assert step.outcome == ("ok" if upwards else "warning"), str(diagnosis)
        assert f"{other}://app.test" in step.found
        for server in (web, secure):
            server.on("/", PAGE)
        (secure if upwards else web).on("/config", PAGE)
        web.on("http://app.test/", PAGE)
        diagnosis = gp.diagnose(f"{one}://app.test", proxies=proxies, verify=str(CA))
        step = step_of(diagnosis, "answer")
        assert step.outcome == "failed"
        assert ("perhaps to sign in" in step.advice) is not upwards


@pytest.mark.parametrize(
    ("root", "outcome"),
    [
        ("http://internal:7860", "warning"),
        ("URL/elsewhere", "warning"),
        ("URL", "ok"),
        ("URL/", "ok"),
        ("", "ok"),
        ("/path", "ok"),
        (7, "ok"),
    ],
)
def test_an_app_that_calls_itself_otherwise(web: Web, root: Any, outcome: str) -> None:
    """A wrong root_path is told of; calls go to where the caller says."""
    named = root.replace("URL", web.url) if isinstance(root, str) else root
    serve_whole_app(web, root=named)
    diagnosis = gp.diagnose(web.url)
    step = step_of(diagnosis, "answer")
    assert diagnosis.ok, str(diagnosis)
    assert step.outcome == outcome
    assert ("root_path" in step.advice) == (outcome == "warning")


# Logins.


@pytest.mark.parametrize(
    ("access", "helps"),
    [
        ({}, 'auth=("user", "password")'),
        ({"auth": ("ann", "wrong word")}, "Check what you passed"),
        ({"token": "hf_wrongWRONG"}, "Check what you passed"),
    ],
)
def test_a_login_that_is_wanted(web: Web, access: dict[str, Any], helps: str) -> None:
    web.otherwise = reply_json({"detail": "Not authenticated"}, 401)
    step = check_failure(web.url, "login", gp.AuthenticationError, **access)
    assert helps in step.advice
    assert "wrong" not in step.found


def test_a_login_of_http_itself(web: Web) -> None:
    web.otherwise = Reply(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    step = check_failure(web.url, "login", gp.AuthenticationError)
    assert "https://user:password@host" in step.advice


def test_a_login_that_nobody_wants(web: Web) -> None:
    serve_whole_app(web)
    web.on("/login", redirect("/"))
    web.on("/", PAGE)
    diagnosis = gp.diagnose(web.url, auth=("ann", "secret word"))
    assert diagnosis.ok, str(diagnosis)
    assert "not needed" in step_of(diagnosis, "login").found


def test_a_login_that_is_forgotten(web: Web) -> None:
    """As where a cookie that is for https only is not sent again."""
    serve_whole_app(web)
    web.on(QUEUE, Reply(401))
    diagnosis = gp.diagnose(web.url)
    assert type(diagnosis.error) is gp.AuthenticationError
    assert step_of(diagnosis, "queue").outcome == "failed"
    assert "https://" in step_of(diagnosis, "queue").advice


# Spaces.


@pytest.mark.parametrize(
    ("stage", "helps"),
    [
        ("SLEEPING", 'hub.start("alice/app")'),
        ("STOPPED", 'hub.start("alice/app")'),
        ("PAUSED", "Ask its owner to start it"),
        ("BUILDING", 'hub.wait("alice/app")'),
        ("RUNTIME_ERROR", "mend"),
        ("NO_APP_FILE", "mend"),
    ],
)
def test_a_space_that_does_not_run(hub: StandIn, stage: str, helps: str) -> None:
    """It is asked for, and not woken."""
    hub.add_space("alice/app", stage)
    step = check_failure("alice/app", "space", gp.SpaceError)
    assert helps in step.advice
    assert hub.front.requests == []
    assert {request.method for request in hub.web.requests} == {"GET"}


def test_spaces_that_nobody_may_see(hub: StandIn) -> None:
    hub.add_space("alice/app", private=True)
    for name, token in (("alice/none", None), ("alice/app", None), ("alice/app", OTHER)):
        step = check_failure(name, "space", gp.SpaceError, token=token)
        assert "token=" in step.advice
        assert OTHER not in step.found
    step = check_failure("alice/app", "space", gp.AuthenticationError, token="hf_wrongWRONG")  # noqa: S106
    assert "token=" in step.advice


def test_a_hub_that_is_not_reached(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    del hub
    with Web() as closed:
        monkeypatch.setenv("HF_ENDPOINT", closed.url)
    assert "HF_ENDPOINT" in check_failure("alice/app", "space", gp.ConnectError).advice


def test_a_space_that_is_no_gradio(hub: StandIn) -> None:
    hub.add_space("alice/app", sdk="static")
    assert "Choose" in check_failure("alice/app", "space", gp.SpaceError).advice
    hub.spaces["alice/app"].fields["sdk"] = "docker"
    with Web() as app:
        app.otherwise = PAGE
        hub.target = app.url
        assert "Choose" in check_failure("alice/app", "answer", gp.SpaceError).advice


@pytest.mark.parametrize("named", [True, False])
def test_a_space_that_is_well(hub: StandIn, named: bool) -> None:
    hub.add_space("alice/app", private=True)
    with Web() as app:
        serve_whole_app(app)
        hub.target = app.url
        src = "alice/app" if named else gp.hub.space("alice/app", token=TOKEN)
        diagnosis = gp.diagnose(src, token=TOKEN if named else None)
        assert diagnosis.ok, str(diagnosis)
        assert diagnosis.url == hub.front.url
        assert list(outcomes(diagnosis)) == ["address", "space", *NAMES[1:]]
        assert step_of(diagnosis, "space").found.startswith("running, at ")
        assert TOKEN not in str(diagnosis)


def test_a_space_without_a_name(hub: StandIn) -> None:
    check_failure(Space({"host": hub.front.url}), "space", gp.NotGradio)


# Descriptions and protocols.


def test_gradio_2_is_too_old(web: Web) -> None:
    web.on("/config", reply_json({"version": "2.9.4", "dependencies": []}))
    step = check_failure(web.url, "protocol", gp.NotGradio)
    assert "2.9.4" in step.found
    assert "3.16" in step.advice


def test_a_description_that_the_app_fails_to_give(web: Web) -> None:
    serve_whole_app(web)
    web.on("/gradio_api/info", Reply(500))
    diagnosis = gp.diagnose(web.url)
    assert diagnosis.ok, str(diagnosis)
    step = step_of(diagnosis, "description")
    assert step.outcome == "warning"
    assert "500" in step.found
    assert step.advice


def test_a_description_that_is_to_be_asked_for_later(web: Web) -> None:
    serve_whole_app(web)
    web.on("/gradio_api/info", Reply(429))
    check_failure(web.url, "description", gp.RateLimited)


@pytest.mark.parametrize(("version", "outcome"), [("7.0.0", "warning"), ("4.10.0", "failed")])
def test_a_protocol_that_nobody_knows(web: Web, version: str, outcome: str) -> None:
    """It is no error as long as there is a simpler one."""
    serve_whole_app(web, version=version, protocol="sse_v9", api_prefix="/gradio_api")
    diagnosis = gp.diagnose(web.url)
    step = step_of(diagnosis, "protocol")
    assert step.outcome == outcome
    assert "sse_v9" in step.found
    assert "pip install" in step.advice
    assert isinstance(diagnosis.error, gp.ProtocolError) == (outcome == "failed")


def test_functions_without_names(web: Web) -> None:
    nameless = [{"id": 0, "api_name": None, "inputs": [1], "outputs": [2], "backend_fn": True}]
    serve_whole_app(web, version="3.50.2", protocol="ws", api_prefix="", dependencies=nameless)
    web.on("/info", reply_json({"named_endpoints": {}, "unnamed_endpoints": {}}))
    found = step_of(gp.diagnose(web.url), "description").found
    assert found == "no functions with a name, 1 function without"


# Queues.


@pytest.mark.parametrize(
    ("reply", "outcome", "found"),
    [
        (reply_json({"queue_size": 0}), "ok", "nobody waits"),
        (reply_json({"queue_size": 1}), "warning", "1 call waits to be run"),
        (reply_json({"queue_size": 12}), "warning", "12 calls wait to be run"),
        (reply_json({"queue_size": True}), "skipped", "the app does not tell (200)"),
        (reply_json({"queue_size": "\x1b[1m"}), "skipped", "the app does not tell (200)"),
        (reply_json(["x"]), "skipped", "the app does not tell (200)"),
        (Reply(404), "skipped", "the app does not tell (404)"),
        (Reply(200, b"\xff{"), "skipped", "the app does not tell (200)"),
        (hang_up, "warning", None),
    ],
)
def test_how_busy_a_queue_is(web: Web, reply: Script, outcome: str, found: str | None) -> None:
    serve_whole_app(web)
    web.on(QUEUE, reply)
    diagnosis = gp.diagnose(web.url)
    assert diagnosis.ok, str(diagnosis)
    step = step_of(diagnosis, "queue")
    assert step.outcome == outcome
    assert found in {None, step.found}
    assert bool(step.advice) == (outcome == "warning")


def test_calls_past_the_queue(web: Web) -> None:
    unqueued = {"api_name": "echo", "inputs": [1], "outputs": [2], "backend_fn": True}
    types = {"generator": False, "cancel": False}
    serve_whole_app(web, dependencies=[{**unqueued, "id": 0, "queue": False, "types": types}])
    assert step_of(gp.diagnose(web.url), "queue").outcome == "skipped"
    assert QUEUE not in web.paths()


# Streams.


@pytest.mark.parametrize("held", [keep_back, say_nothing])
def test_streams_that_are_kept_back(
    web: Web, monkeypatch: pytest.MonkeyPatch, held: Script
) -> None:
    """With or without their heads; no hash of a session is used for it, nor the same twice."""
    monkeypatch.setattr(examination, "PATIENCE", 0.3)
    serve_whole_app(web, held)
    for _ in range(2):
        diagnosis = gp.diagnose(web.url)
        assert diagnosis.ok, str(diagnosis)
        step = step_of(diagnosis, "stream")
        assert step.outcome == "warning"
        assert "within 0.3 s" in step.found
        assert "proxy_buffering off" in step.advice
    web.wait_until(lambda: not web.open_connections)
    beats = [path for path in web.paths() if path.startswith(HEARTBEAT)]
    assert len(set(beats)) == len(beats) == 2


def test_a_stream_that_comes_in_one_piece(web: Web) -> None:
    """As from a proxy that gives up on one that does not end."""
    serve_whole_app(web, Reply(200, b"", {"Content-Type": "text/event-stream"}))
    step = step_of(gp.diagnose(web.url), "stream")
    assert (step.outcome, "proxy_buffering" in step.advice) == ("warning", True)


@pytest.mark.parametrize("begun", [True, False])
def test_a_stream_that_breaks(web: Web, begun: bool) -> None:
    """Calls can do without this one, but not without theirs."""

    def break_off(exchange: Exchange) -> None:
        if begun:
            exchange.start(Content_Type="text/event-stream")
        exchange.drop()

    serve_whole_app(web, break_off)
    diagnosis = gp.diagnose(web.url)
    step = step_of(diagnosis, "stream")
    assert diagnosis.ok, str(diagnosis)
    assert step.outcome == "warning"
    assert "breaks streams off" in step.advice


@pytest.mark.parametrize("kind", ["text/html", "application/json", None])
def test_a_stream_that_is_a_page(web: Web, kind: str | None) -> None:
    """As of a proxy that answers whatever it does not know with a page of its own."""
    serve_whole_app(web, Reply(200, PAGE.body, {"Content-Type": kind} if kind else {}))
    diagnosis = gp.diagnose(web.url)
    step = step_of(diagnosis, "stream")
    assert diagnosis.ok, str(diagnosis)
    assert step.outcome == "warning"
    assert "answered 200, instead of events" in step.found
    assert "pass all paths on" in step.advice


def test_a_stream_is_let_go_of(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as its first word came, whatever else is still held."""
    left, streams = threading.Event(), []
    open_stream = Transport.stream

    def note(*arguments: Any) -> Any:
        streams.append(open_stream(*arguments))
        return streams[-1]

    def beat_until_left(exchange: Exchange) -> None:
        beat(exchange)
        left.set()

    monkeypatch.setattr(Transport, "stream", note)
    monkeypatch.setattr(examination.Examination, "close", lambda _: None)
    serve_whole_app(web, beat_until_left)
    assert gp.diagnose(web.url).ok
    assert left.wait(PATIENCE)
    assert len(streams) == 1


def test_a_stream_that_is_refused(web: Web) -> None:
    """Calls can do without a heartbeat, so it is a warning."""
    serve_whole_app(web, Reply(504, b"<h1>Gateway Time-out</h1>"))
    diagnosis = gp.diagnose(web.url)
    step = step_of(diagnosis, "stream")
    assert diagnosis.ok
    assert step.outcome == "warning"
    assert "504" in step.found
    assert step.advice


def test_an_app_that_runs_something_when_a_session_ends(web: Web) -> None:
    """No session is begun there, as its end would run it; a stream of no call does no harm."""
    leaving = {"id": 1, "api_name": False, "inputs": [], "outputs": [], "backend_fn": True}
    echo = {"id": 0, "api_name": "echo", "inputs": [1], "outputs": [2], "backend_fn": True}
    targets = {"targets": [[None, "unload"]]}
    serve_whole_app(web, dependencies=[echo, {**leaving, **targets}], connect_heartbeat=True)
    web.on("/gradio_api/queue/data", beat)
    diagnosis = gp.diagnose(web.url)
    assert diagnosis.ok, str(diagnosis)
    assert step_of(diagnosis, "stream").outcome == "ok"
    assert not any(path.startswith(HEARTBEAT) for path in web.paths())
    web.on("/gradio_api/queue/data", Reply(502))
    diagnosis = gp.diagnose(web.url)
    assert step_of(diagnosis, "stream").outcome == "failed"
    assert isinstance(diagnosis.error, gp.ServerError)
    assert "A proxy answers" in step_of(diagnosis, "stream").advice
    for script, helps in ((PAGE, "pass all paths on"), (hang_up, "breaks streams off")):
        web.on("/gradio_api/queue/data", script)
        step = step_of(gp.diagnose(web.url), "stream")
        assert (step.outcome, helps in step.advice) == ("failed", True)


def serve_gradio_3(web: Web, **config: Any) -> None:
    """Let a server be an app of Gradio 3."""
    changes = {"version": "3.50.2", "protocol": "ws", "api_prefix": "", "enable_queue": True}
    serve_app(web, "echo", **{**changes, **config})
    web.on("/info", reply_json({"named_endpoints": {}, "unnamed_endpoints": {}}))
    web.on("/queue/status", reply_json({"queue_size": 0}))


@pytest.mark.parametrize("reply", [Reply(404), Reply(400), PAGE, Reply(502)])
def test_a_proxy_without_websockets(web: Web, reply: Reply) -> None:
    """Calls of Gradio 3 fail then."""
    serve_gradio_3(web)
    web.on("/queue/join", reply)
    diagnosis = gp.diagnose(web.url)
    assert isinstance(diagnosis.error, gp.ServerError)
    step = step_of(diagnosis, "stream")
    assert step.outcome == "failed"
    assert "Upgrade" in step.advice


def test_an_app_of_gradio_3_without_a_queue(web: Web) -> None:
    serve_gradio_3(web, enable_queue=False)
    diagnosis = gp.diagnose(web.url)
    assert diagnosis.ok, str(diagnosis)
    assert {step_of(diagnosis, name).outcome for name in ("queue", "stream")} == {"skipped"}
    assert web.paths().count("/queue/join") == 0


# Secrets.


@pytest.mark.parametrize("status", [200, 401, 403, 404, 500])
def test_no_secret_is_shown(web: Web, status: int) -> None:
    """Neither in what is printed nor in what is kept, though the server says again what it got."""

    def quote(exchange: Exchange) -> None:
        body = exchange.receive().decode()
        said = f"{exchange.headers} {body} {exchange.path}"
        exchange.answer(Reply(200 if exchange.path == "/login" else status, said.encode()))

    web.otherwise = quote
    url = web.url.replace("//", "//basic-user:basic-password@")
    secrets = {"token": "hf_tokenABCDEF", "auth": ("ann", "login-password")}
    headers = {"X-Key": "header-value-123", "Cookie": "session=cookie-value-123"}
    diagnosis = gp.diagnose(url, headers=headers, **secrets)  # type: ignore[arg-type]
    error = diagnosis.error
    assert error is not None
    with contextlib.suppress(gp.GradioProxyError):
        raise error
    shown = "".join(
        (
            str(diagnosis),
            repr(diagnosis),
            repr(diagnosis.steps),
            error.report(),
            *map(str, error.args),
        )
    )
    assert {request.headers["X-Key"] for request in web.requests} == {"header-value-123"}
    assert any(b"login-password" in request.body for request in web.requests)
    shown += "".join(traceback.format_exception(error)) + str(pickle.dumps(diagnosis))
    for secret in (
        *("hf_tokenABCDEF", "login-password", "basic-password", "header-value-123"),
        "cookie-value-123",
    ):
        assert secret not in shown


def test_an_error_holds_nobody(web: Web) -> None:
    """The error has neither a traceback nor others behind it, which know what was sent."""
    web.otherwise = Reply(500)
    error = gp.diagnose(web.url).error
    assert error is not None
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)
