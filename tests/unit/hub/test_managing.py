"""Copies of Spaces, what they run on, their secrets: what is asked of the Hub, and its refusals."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.hub import Space
from tests.support.hub_server import OTHER, READER, TOKEN, refused
from tests.support.quoted_secrets import find_secrets
from tests.support.web_server import Exchange, Reply, Web, hang_up, redirect, reply_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.hub_server import StandIn

NAME = "alice/app"
VALUE = 'sk-Secret "of" mine/+=\nand its second line\ttab'

ACTIONS: dict[str, Callable[..., Any]] = {
    "pause": gp.hub.pause,
    "restart": gp.hub.restart,
    "hardware": lambda name, **options: gp.hub.request_hardware(name, "t4-small", **options),
    "secrets": gp.hub.secrets,
    "set secret": lambda name, **options: gp.hub.set_secret(name, "KEY", VALUE, **options),
    "delete secret": lambda name, **options: gp.hub.delete_secret(name, "KEY", **options),
    "duplicate": lambda name, **options: gp.hub.duplicate(
        name, "copy", secrets={"KEY": VALUE}, **options
    ),
}
CHANGES = sorted(ACTIONS.keys() - {"secrets"})
every_action = pytest.mark.parametrize("action", ACTIONS)
every_change = pytest.mark.parametrize("action", CHANGES)


def sent(hub: StandIn) -> list[tuple[str, Any]]:
    """Return what was sent to the Hub besides questions: the requests with their bodies."""
    return [
        (f"{one.method} {one.target}", json.loads(one.body) if one.body else None)
        for one in hub.web.requests
        if one.method != "GET"
    ]


def test_a_copy_has_what_was_said(hub: StandIn) -> None:
    """Whatever is said goes to the Hub in one request, and what is not said is left to it."""
    hub.add_space("bob/app")
    copy = gp.hub.duplicate(
        "bob/app",
        "alice/mine",
        private=False,
        hardware="t4-small",
        sleep_time=600,
        secrets={"KEY": VALUE},
        variables={"MODEL": "small"},
        volumes=[{"type": "bucket", "source": "alice/data", "mountPath": "/data"}],
        token=TOKEN,
    )
    assert (type(copy), copy.id, copy.stage, copy.private) == (
        Space,
        "alice/mine",
        "BUILDING",
        False,
    )
    assert sent(hub) == [
        (
            "POST /api/spaces/bob/app/duplicate",
            {
                "repository": "alice/mine",
                "visibility": "public",
                "hardware": "t4-small",
                "sleepTimeSeconds": 600,
                "secrets": [{"key": "KEY", "value": VALUE}],
                "variables": [{"key": "MODEL", "value": "small"}],
                "volumes": [{"type": "bucket", "source": "alice/data", "mountPath": "/data"}],
            },
        )
    ]
    assert hub.requests == ["POST /api/spaces/bob/app/duplicate", "GET /api/spaces/alice/mine"]
    assert gp.hub.wait(copy).stage == "RUNNING"


@pytest.mark.parametrize(
    ("to", "target", "asks"),
    [
        (None, "alice/app", True),
        ("other", "alice/other", True),
        (" other ", "alice/other", True),
        ("alice/other", "alice/other", False),
    ],
)
def test_the_name_of_a_copy(hub: StandIn, to: str | None, target: str, asks: bool) -> None:
    """By default that of the original, in the token's account, which is asked for only then."""
    hub.add_space("bob/app")
    copy = gp.hub.duplicate(f"{hub.web.url}/spaces/bob/app", to, token=TOKEN)
    assert (copy.id, copy.private) == (target, True)
    assert sent(hub) == [
        (
            "POST /api/spaces/bob/app/duplicate",
            {"visibility": "private", "repository": target},
        )
    ]
    assert ("GET /api/whoami-v2" in hub.requests) is asks


def test_a_copy_can_be_as_visible_as_the_original(hub: StandIn) -> None:
    hub.add_space("bob/app")
    assert gp.hub.duplicate("bob/app", private=None, token=TOKEN).private is False
    assert sent(hub)[0][1] == {"repository": "alice/app"}


@pytest.mark.parametrize("to", ["", "a/b/c", "a b", "../x", "a--b"])
def test_names_of_copies_that_can_be_none(hub: StandIn, to: str) -> None:
    """They are no Spaces' names, and nothing is asked."""
    with pytest.raises(ValueError, match="can't be the name of a Space"):
        gp.hub.duplicate("bob/app", to, token=TOKEN)
    assert hub.requests == []


def test_a_name_that_exists(hub: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is changed there; who wants it so gets the Space that is there."""
    hub.add_space("bob/app")
    hub.add_space("alice/app", "PAUSED")
    with pytest.raises(gp.SpaceError, match="'alice/app' was not made, as there is one") as raised:
        gp.hub.duplicate("bob/app", secrets={"KEY": VALUE}, token=TOKEN)
    assert "(You already created this space repo). to= takes" in str(raised.value)
    assert raised.value.space == "alice/app"
    with caplog.at_level(logging.INFO, "gradioproxy"):
        found = gp.hub.duplicate("bob/app", exist_ok=True, secrets={"KEY": VALUE}, token=TOKEN)
    assert (found.id, found.stage) == ("alice/app", "PAUSED")
    assert hub.spaces["alice/app"].secrets == {}
    assert "is as it was" in caplog.text


@pytest.mark.parametrize(
    "reply", [refused(429, "Too many"), refused(404, "Not yet", "RepoNotFound"), Reply(502)]
)
def test_a_copy_that_is_not_described_yet(hub: StandIn, reply: Reply) -> None:
    """It was made, which no error says: what is known of it comes back, and can be waited for."""
    hub.add_space("bob/app")
    hub.web.on("/api/spaces/alice/app", reply)
    copy = gp.hub.duplicate("bob/app", token=TOKEN)
    assert (type(copy), dict(copy), copy.stage) == (Space, {"id": "alice/app"}, "")
    hub.web.on("/api/spaces/alice/app")
    assert gp.hub.wait(copy).stage == "RUNNING"  # with the token that it was made with


def test_pausing_and_restarting(hub: StandIn) -> None:
    """The Space comes back as it is then, whichever way it is named."""
    kept = hub.add_space(NAME, private=True)
    space = gp.hub.space(NAME, token=TOKEN)
    paused = gp.hub.pause(space)
    assert (type(paused), paused.stage, paused.host) == (Space, "PAUSED", hub.front.url)
    assert gp.hub.restart(paused).stage == "BUILDING"
    assert kept.rebuilds == 0
    assert gp.hub.restart(NAME, True, token=TOKEN).stage == "BUILDING"
    assert kept.rebuilds == 1
    assert [target for target, _ in sent(hub)] == [
        "POST /api/spaces/alice/app/pause",
        "POST /api/spaces/alice/app/restart",
        "POST /api/spaces/alice/app/restart?factory=true",
    ]
    assert gp.hub.wait(paused).stage == "RUNNING"


def test_other_hardware(hub: StandIn) -> None:
    """What was requested is told, and what it still runs on; the time to sleep goes along."""
    kept = hub.add_space(NAME)
    moved = gp.hub.request_hardware(NAME, "t4-small", token=TOKEN)
    assert moved.runtime.hardware == {"current": "cpu-basic", "requested": "t4-small"}
    gp.hub.request_hardware(NAME, "a100-large", 300, token=TOKEN)
    assert kept.sleep_time == 300
    assert [body for _, body in sent(hub)] == [
        {"flavor": "t4-small"},
        {"flavor": "a100-large", "sleepTimeSeconds": 300},
    ]
    assert gp.hub.wait(moved, token=TOKEN).runtime.hardware.current == "a100-large"


@pytest.mark.parametrize("place", ["moved", "copied"])
def test_hardware_that_is_not_known(hub: StandIn, place: str) -> None:
    """The Hub says so, in a line that no terminal obeys; nothing was changed."""
    kept = hub.add_space(NAME)
    ask: dict[str, Callable[[], Space]] = {
        "moved": lambda: gp.hub.request_hardware(NAME, "t5\x1b[31m", token=TOKEN),
        "copied": lambda: gp.hub.duplicate(NAME, "copy", hardware="t5", token=TOKEN),
    }
    with pytest.raises(gp.ServerError) as raised:
        ask[place]()
    said = str(raised.value)
    assert said.startswith("The Hub refused that (400): \u2716 Invalid option: expected one of")
    assert '"t4-small"' in said
    assert "\n" not in said
    assert raised.value.status == 400
    assert (kept.hardware, list(hub.spaces)) == (["cpu-basic", "cpu-basic"], [NAME])


def test_secrets(hub: StandIn) -> None:
    """They are told by name, without their values; set, given other values, and taken away."""
    kept = hub.add_space(NAME)
    assert gp.hub.secrets(NAME, token=TOKEN) == {}
    gp.hub.set_secret(NAME, "KEY", "first", token=TOKEN)
    gp.hub.set_secret(NAME, "KEY", VALUE, description="For the model", token=TOKEN)
    gp.hub.set_secret(NAME, "OTHER", "x", token=TOKEN)
    assert kept.secrets["KEY"]["value"] == VALUE
    found = gp.hub.secrets(NAME, token=TOKEN)
    assert list(found) == ["KEY", "OTHER"]
    assert (found.KEY.description, found.KEY.get("value")) == ("For the model", None)
    gp.hub.delete_secret(NAME, "KEY", token=TOKEN)
    assert list(gp.hub.secrets(NAME, token=TOKEN)) == ["OTHER"]
    assert [target for target, _ in sent(hub)] == [
        *["POST /api/spaces/alice/app/secrets"] * 3,
        "DELETE /api/spaces/alice/app/secrets",
    ]


@pytest.mark.parametrize("answer", [[], None, "x", 3])
def test_what_says_nothing_of_secrets(hub: StandIn, answer: Any) -> None:
    hub.web.on("/api/spaces/alice/app/secrets", reply_json(answer))
    with pytest.raises(gp.ServerError, match="does not say which secrets"):
        gp.hub.secrets(NAME, token=TOKEN)


def test_an_answer_that_says_nothing_is_enough(hub: StandIn) -> None:
    """Where nothing is read of it, as `huggingface_hub` reads nothing."""
    hub.web.on("/api/spaces/alice/app/secrets", Reply(204))
    gp.hub.set_secret(NAME, "KEY", VALUE, token=TOKEN)
    gp.hub.delete_secret(NAME, "KEY", token=TOKEN)
    assert [target for target, _ in sent(hub)] == [
        "POST /api/spaces/alice/app/secrets",
        "DELETE /api/spaces/alice/app/secrets",
    ]


def quote_all(status: int, name: str, cut: int) -> Callable[[Exchange], None]:
    """Return a script that says again, as an error, what it was sent."""

    def quote(exchange: Exchange) -> None:
        body = json.loads(exchange.receive() or b"{}")
        given = body.get("value") or (body.get("secrets") or [{}])[0].get("value", "")
        said = f"{'x' * cut}You sent {given}, as {json.dumps(given)}, {given!r}, {TOKEN}"
        reply = reply_json({"error": said, "issues": body}, status)
        told = {name: " ".join(said.split())}
        exchange.answer(Reply(status, reply.body, {**reply.headers, **told}))

    return quote


@every_action
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500])
@pytest.mark.parametrize("place", [("X-Error-Message", 0), ("X-Other", 0), ("X-Other", 180)])
def test_no_error_has_a_secret(
    hub: StandIn,
    caplog: pytest.LogCaptureFixture,
    action: str,
    status: int,
    place: tuple[str, int],
) -> None:
    """However the Hub says it again, whatever it answers; nor does a log have one."""
    hub.add_space(NAME)
    for path in ("pause", "restart", "hardware", "secrets", "duplicate"):
        hub.web.on(f"/api/spaces/{NAME}/{path}", quote_all(status, *place))
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(gp.GradioProxyError) as raised,
    ):
        ACTIONS[action](NAME, token=TOKEN)
    secrets = [TOKEN, VALUE, VALUE[:12], VALUE.splitlines()[0], "its second line"]
    assert find_secrets(raised.value, secrets) == []
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert find_secrets(raised.value, secrets[1:], variables=True) == []


@pytest.mark.parametrize("value", ["x", "abc", "seven77"])
def test_a_short_secret_is_one_too(hub: StandIn, value: str) -> None:
    hub.web.on(f"/api/spaces/{NAME}/secrets", refused(400, f"Not valid: {value}."))
    with pytest.raises(gp.ServerError) as raised:
        gp.hub.set_secret(NAME, "KEY", value, token=TOKEN)
    assert f": {value}" not in str(raised.value)
    assert f": {value}" not in raised.value.body
    assert "<secret>" in str(raised.value)


@pytest.mark.parametrize("fault", ["refused", "cut"])
@pytest.mark.parametrize("action", ["set secret", "duplicate"])
def test_a_connection_that_breaks_has_no_secret(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, action: str, fault: str
) -> None:
    """What was sent is in no variable that a traceback shows, and nothing is sent a second time."""
    if fault == "refused":
        with Web() as gone:
            monkeypatch.setenv("HF_ENDPOINT", gone.url)
    else:
        hub.web.otherwise = hang_up
    make: dict[str, Callable[[], object]] = {
        "set secret": lambda: gp.hub.set_secret(NAME, "KEY", VALUE, token=TOKEN),
        "duplicate": lambda: gp.hub.duplicate(
            NAME, "alice/copy", secrets={"KEY": VALUE}, token=TOKEN
        ),
    }
    kind: type[gp.GradioProxyError] = gp.ConnectError if fault == "refused" else gp.ConnectionLost
    with pytest.raises(kind) as raised:
        make[action]()
    secrets = [VALUE, VALUE[:12], json.dumps(VALUE)[1:12]]
    assert find_secrets(raised.value, secrets, variables=True) == []
    assert len(hub.web.requests) == (fault == "cut")
    assert raised.value.may_have_run is (fault == "cut")


@every_action
def test_without_a_token(hub: StandIn, action: str) -> None:
    """Nothing is asked, since the Hub does that for nobody."""
    hub.add_space(NAME)
    for options in ({"token": False}, {}):
        with pytest.raises(gp.AuthenticationError, match=r"without a token\. No token was sent"):
            ACTIONS[action](NAME, **options)
    assert hub.requests == []


@every_change
def test_a_token_that_may_only_read(hub: StandIn, action: str) -> None:
    """The error says what it takes."""
    kept = hub.add_space(NAME)
    with pytest.raises(gp.AuthenticationError, match=r"role read.*takes one that may write") as got:
        ACTIONS[action](NAME, token=READER)
    assert got.value.status == 403
    assert READER not in str(got.value)
    assert (kept.stages, kept.secrets, list(hub.spaces)) == (["RUNNING"], {}, [NAME])


@every_change
def test_a_token_that_the_hub_takes_for_none(hub: StandIn, action: str) -> None:
    """Of some that may look, it says 401 without a code: the Space is there all the same."""
    hub.add_space(NAME)
    for path in ("pause", "restart", "hardware", "secrets", "duplicate"):
        hub.web.on(f"/api/spaces/{NAME}/{path}", refused(401, "Invalid username or password."))
    with pytest.raises(gp.AuthenticationError, match=r"does not permit that.*may write"):
        ACTIONS[action](NAME, token=TOKEN)


@every_action
def test_a_wrong_token(hub: StandIn, action: str) -> None:
    hub.add_space(NAME)
    with pytest.raises(gp.AuthenticationError, match="refused the token of token="):
        ACTIONS[action](NAME, token="hf_wrong")  # noqa: S106 - none


@every_action
def test_what_is_somebody_elses(hub: StandIn, action: str) -> None:
    """Only its owner may; anybody may copy it, as nobody but for oneself."""
    kept = hub.add_space(NAME)
    if action == "duplicate":
        with pytest.raises(gp.AuthenticationError, match="under the namespace"):
            gp.hub.duplicate(NAME, "alice/copy", token=OTHER)
    else:
        with pytest.raises(gp.AuthenticationError, match="don't have write access"):
            ACTIONS[action](NAME, token=OTHER)
    assert (kept.stages, kept.secrets, list(hub.spaces)) == (["RUNNING"], {}, [NAME])


@every_action
@pytest.mark.parametrize("name", ["bob/private", "bob/missing"])
def test_what_is_missing_or_private(hub: StandIn, action: str, name: str) -> None:
    hub.add_space("bob/private", private=True)
    with pytest.raises(gp.SpaceError, match="does not exist, or it is private") as raised:
        ACTIONS[action](name, token=TOKEN)
    assert raised.value.space == name


@every_action
def test_what_is_gated(hub: StandIn, action: str) -> None:
    hub.add_space("bob/app", gated="manual")
    with pytest.raises(gp.SpaceError, match="is gated"):
        ACTIONS[action]("bob/app", token=TOKEN)


@every_action
@pytest.mark.parametrize("name", ["alice", "a/b/c", "a/../b", "", "a--b/c"])
def test_names_that_can_be_none(hub: StandIn, action: str, name: str) -> None:
    with pytest.raises(ValueError, match="can't be the name of a Space"):
        ACTIONS[action](name, token=TOKEN)
    assert hub.requests == []


@every_action
def test_too_many_requests(hub: StandIn, action: str) -> None:
    """Nothing is repeated here, and the error has the seconds to wait."""
    hub.web.otherwise = refused(429, "Too many requests", **{"Retry-After": "17"})
    with pytest.raises(gp.RateLimited, match="Too many requests") as raised:
        ACTIONS[action](NAME, token=TOKEN)
    assert raised.value.retry_after == 17
    assert len(hub.requests) == 1


@pytest.mark.parametrize("action", ["pause", "restart"])
def test_what_can_not_be_paused(hub: StandIn, action: str) -> None:
    hub.add_space(NAME, sdk="static")
    with pytest.raises(gp.ServerError, match=r"refused that \(400\): Static Spaces can't be paus"):
        ACTIONS[action](NAME, token=TOKEN)


@pytest.mark.parametrize("status", [307, 308])
def test_a_renamed_space(hub: StandIn, status: int) -> None:
    """What is asked of it goes to where it is, with all that is in it."""
    hub.add_space("alice/new")
    old, new = "/api/spaces/alice/old/secrets", "/api/spaces/alice/new/secrets"
    hub.web.on(old, redirect(new, status))
    gp.hub.set_secret("alice/old", "KEY", VALUE, token=TOKEN)
    assert hub.spaces["alice/new"].secrets["KEY"]["value"] == VALUE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_secret_goes_elsewhere(hub: StandIn, status: int) -> None:
    """Neither to another server, nor as another request at the same one."""
    with Web() as other:
        for target in (f"{other.url}/x", "/api/x"):
            if target == "/api/x" and status in {307, 308}:
                continue
            hub.web.on(f"/api/spaces/{NAME}/secrets", redirect(target, status))
            with pytest.raises(gp.ServerError):
                gp.hub.set_secret(NAME, "KEY", VALUE, token=TOKEN)
        assert other.requests == []
    assert {request.path for request in hub.web.requests} == {f"/api/spaces/{NAME}/secrets"}


@pytest.mark.parametrize("target", ["https://other.test/?v={}", "ftp://x/{}", "/api/{}"])
def test_a_redirection_that_says_the_secret_again(hub: StandIn, target: str) -> None:
    """It is followed nowhere, and not quoted."""
    hub.web.on(f"/api/spaces/{NAME}/secrets", redirect(target.format(VALUE), 307))
    with pytest.raises(gp.ServerError, match="an address with a secret in it") as caught:
        gp.hub.set_secret(NAME, "KEY", VALUE, token=TOKEN)
    assert VALUE not in caught.value.report()
    assert len(hub.web.requests) == 1


@pytest.mark.parametrize("value", [8000, None, ["x"]])
def test_a_secret_that_is_no_text(hub: StandIn, value: Any) -> None:
    """It is told before anything is sent."""
    with pytest.raises(TypeError, match=f"a secret is a text, not {type(value).__name__}"):
        gp.hub.set_secret(NAME, "KEY", value, token=TOKEN)
    with pytest.raises(TypeError, match="a secret is a text"):
        gp.hub.duplicate(NAME, secrets={"KEY": value}, token=TOKEN)
    assert hub.requests == []


@pytest.mark.parametrize("which", ["secrets", "variables"])
def test_a_name_that_is_no_text(hub: StandIn, which: str) -> None:
    """It is told before anything is sent, and without what has that name."""
    given: Any = {which: {("a", 1): VALUE}}
    with pytest.raises(TypeError, match="variable is a text, not tuple") as raised:
        gp.hub.duplicate(NAME, token=TOKEN, **given)
    assert VALUE not in str(raised.value)
    assert hub.requests == []


@pytest.mark.usefixtures("hub")
def test_a_traceback_before_it_is_sent() -> None:
    """What is nothing that JSON has is told where no secret is near."""
    volumes: Any = [{"type": object()}]
    with pytest.raises(TypeError) as caught:
        gp.hub.duplicate(NAME, secrets={"KEY": VALUE}, volumes=volumes, token=TOKEN)
    ours = [frame for frame in caught.traceback if "gradioproxy" not in str(frame.path)]
    shown = [repr(frame.frame.f_locals) for frame in ours if "json" in str(frame.path)]
    assert shown
    assert VALUE not in "".join(shown)


def test_a_hub_that_is_not_safe(monkeypatch: pytest.MonkeyPatch, hub: StandIn) -> None:
    """A token of the environment stays here, and without one nothing is asked."""
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.test")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for action in ACTIONS.values():
        with pytest.raises(gp.AuthenticationError, match="that of HF_TOKEN goes over https only"):
            action(NAME)
    assert hub.requests == []


def test_the_quota(hub: StandIn) -> None:
    """The seconds that are left, when there are more, and all that the Hub says."""
    hub.quota = {"base": 300, "current": 181.5, "resetsAt": "2026-09-30T09:12:03.000Z"}
    left = gp.hub.quota(token=TOKEN)
    assert (left.remaining, left.base) == (181.5, 300)
    assert left.resets_at == datetime(2026, 9, 30, 9, 12, 3, tzinfo=timezone.utc)
    assert {"remaining", "resets_at", "base"} <= set(dir(left))
    assert hub.requests == ["GET /api/spaces/zero-gpu/quota"]
    answers: list[Any] = [None, "soon", 5, {}]
    for said in answers:
        hub.quota = {"base": 300, "current": 300, "resetsAt": said}
        assert gp.hub.quota(token=TOKEN).resets_at is None


@pytest.mark.parametrize("answer", [[], None, {}, {"current": None}, {"current": True}, "x"])
def test_a_quota_that_is_not_said(hub: StandIn, answer: Any) -> None:
    hub.web.on("/api/spaces/zero-gpu/quota", reply_json(answer))
    with pytest.raises(gp.ServerError, match="does not say what is left of ZeroGPU"):
        gp.hub.quota(token=TOKEN)


def test_a_quota_that_is_refused(hub: StandIn) -> None:
    """No Space is missing then, whatever the path looks like."""
    with pytest.raises(gp.AuthenticationError, match="without a token"):
        gp.hub.quota()
    assert hub.requests == []
    for status, said in ((401, "refused the token"), (403, "does not permit that"), (404, "404")):
        hub.web.on("/api/spaces/zero-gpu/quota", refused(status, "No."))
        with pytest.raises(gp.GradioProxyError, match=said) as raised:
            gp.hub.quota(token=TOKEN)
        assert not isinstance(raised.value, gp.SpaceError)
