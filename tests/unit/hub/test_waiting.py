"""A Space that is not there yet: started, waited for, and what of that is shown."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.hub.rest import Hub
from gradioproxy.hub.waiting import ANSWERING, Deadline, _Clock, wait_for
from tests.support.clocks import JUMPS, let_time_jump
from tests.support.hub_server import OTHER, TOKEN, refused
from tests.support.processes import running
from tests.support.web_server import PATIENCE, Reply, hang_up, reply_json

if TYPE_CHECKING:
    from gradioproxy.hub import Space
    from tests.support.hub_server import StandIn


DESCRIPTION = "GET /api/spaces/alice/app"
RUNTIME = f"{DESCRIPTION}/runtime"


def test_starting(hub: StandIn) -> None:
    """Starting wakes who is asleep, restarts who is broken, and leaves alone who runs."""
    kept = hub.add_space("alice/app")
    for stage in ("RUNNING", "BUILDING", "APP_STARTING", "RUNNING_BUILDING"):
        kept.stages = [stage]
        assert gp.hub.start("alice/app", token=TOKEN).stage == stage
    assert hub.requests == [DESCRIPTION] * 4
    for stage in ("SLEEPING", "STOPPED"):
        kept.stages = [stage]
        assert gp.hub.start("alice/app").stage == stage
        assert kept.stages == [stage, *kept.awake]
    assert hub.front.paths() == ["/", "/"]
    hub.web.requests.clear()
    for stage in ("PAUSED", "RUNTIME_ERROR"):
        kept.stages = [stage]
        assert gp.hub.start("alice/app", token=TOKEN).stage == "BUILDING"
    kept.stages = ["RUNNING"]
    assert gp.hub.start("alice/app", restart=True, token=TOKEN).stage == "BUILDING"
    assert hub.requests == [DESCRIPTION, f"POST {DESCRIPTION[4:]}/restart"] * 3
    kept.stages = ["PAUSED"]
    with pytest.raises(gp.AuthenticationError, match=r"don't have write access.*token= was sent"):
        gp.hub.start("alice/app", token=OTHER)
    with pytest.raises(gp.AuthenticationError, match="No token was sent"):
        gp.hub.start("alice/app")


def test_starting_is_not_tried_twice(hub: StandIn) -> None:
    """A restart whose answer does not come is not sent again."""
    hub.add_space("alice/app", "PAUSED")
    hub.web.on("/api/spaces/alice/app/restart", hang_up)
    with pytest.raises(gp.ConnectionLost):
        gp.hub.start("alice/app", token=TOKEN)
    assert len(hub.requests) == 2


class Hours(_Clock):
    """A time that goes on only where somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0
        self.asked: list[float] = []
        self.interrupted_at: float | None = None

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let it go on."""
        self.time += seconds
        if self.interrupted_at is not None and self.time >= self.interrupted_at:
            raise KeyboardInterrupt


def waited(hub: StandIn, clock: Hours, seconds: float | None = 300) -> tuple[Space, list[str]]:
    """Wait for a Space by a clock of one's own; return it and the words that were shown."""
    shown: list[str] = []
    space = gp.hub.space("alice/app")
    hub.web.requests.clear()
    with Hub(False) as client:
        deadline = Deadline(seconds, "timeout", clock.now())
        return wait_for(client, space, ANSWERING, deadline, shown.append, clock=clock), shown


def test_waiting_asks_ever_more_seldom(hub: StandIn) -> None:
    """Pauses grow up to ten seconds, and the clock in the bar goes on every second."""
    kept = hub.add_space("alice/app", *["SLEEPING"] * 4, *["BUILDING"] * 30, "RUNNING")
    clock = Hours()
    space, shown = waited(hub, clock)

    assert (space.stage, space.host) == ("RUNNING", hub.front.url)
    assert kept.stages == ["RUNNING"]
    assert len(hub.requests) == 34
    assert 200 < clock.time < 300
    assert len(shown) >= clock.time
    assert list(dict.fromkeys(shown)) == ["alice/app is asleep", "alice/app is building"]


def test_a_hub_that_is_silent_is_not_waited_for_beyond_the_end(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question gets what is left of the time, and no more."""
    hub.add_space("alice/app", "SLEEPING")
    clock = Hours()
    given: list[float] = []

    def ask(_: object, path: str, max_seconds: float) -> None:
        assert path.endswith("/runtime")
        given.append(max_seconds)
        clock.time += max_seconds
        raise gp.Timeout("silent", limit="timeout")

    space = gp.hub.space("alice/app")
    with Hub(False) as client:
        monkeypatch.setattr(Hub, "get", ask)
        deadline = Deadline(10, "timeout", clock.now())
        with pytest.raises(gp.Timeout, match="is asleep after 10 s"):
            wait_for(client, space, ANSWERING, deadline, lambda _: None, clock=clock)
    assert given == [9.75]
    assert clock.time == pytest.approx(10)


def test_waiting_ends_in_time(hub: StandIn) -> None:
    """The limit holds to the second; a Space that is still asleep has a hint."""
    hub.add_space("alice/app", "SLEEPING")
    clock = Hours()
    with pytest.raises(gp.Timeout, match=r"is asleep after 30 s.*hub\.start\(\) wakes it") as late:
        waited(hub, clock, 30)
    assert clock.time == pytest.approx(30)
    assert (late.value.limit, late.value.seconds) == ("timeout", 30)


def test_waiting_gets_over_what_passes(hub: StandIn) -> None:
    """A Hub that is busy or breaks for a moment is asked again, and not before it said."""
    hub.add_space("alice/app", "BUILDING")
    clock = Hours()
    path = "/api/spaces/alice/app/runtime"
    busy = refused(429, "Too many requests", **{"Retry-After": "100"})
    good = reply_json({"stage": "RUNNING"})
    hub.web.on(path, busy, Reply(502, b"<html>"), hang_up, good)
    space, _ = waited(hub, clock)
    assert space.stage == "RUNNING"
    assert clock.time > 100

    hub.web.on(path, busy)
    with pytest.raises(gp.Timeout) as raised:
        waited(hub, clock, 5)
    assert isinstance(raised.value.__cause__, gp.RateLimited)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refused(404, "Repository not found", "RepoNotFound"), gp.SpaceError),
        (refused(403, "No"), gp.AuthenticationError),
        (Reply(200, b"<html>"), gp.ServerError),
        (reply_json(["no", "stage"]), gp.ServerError),
        (reply_json({"stage": None}), gp.ServerError),
    ],
)
def test_waiting_ends_where_nothing_passes(
    hub: StandIn, reply: Reply, kind: type[gp.GradioProxyError]
) -> None:
    """What does not get better by waiting is raised at once."""
    hub.add_space("alice/app", "BUILDING")
    hub.web.on("/api/spaces/alice/app/runtime", reply)
    with pytest.raises(kind):
        waited(hub, Hours(), None)
    assert len(hub.requests) == 1


def test_waiting_can_be_interrupted(hub: StandIn) -> None:
    """Ctrl-C ends it in the middle of a pause."""
    hub.add_space("alice/app", "BUILDING")
    clock = Hours()
    clock.interrupted_at = 60
    with pytest.raises(KeyboardInterrupt):
        waited(hub, clock, None)
    assert clock.time < 61


def test_ctrl_c_ends_a_program_that_waits(hub: StandIn) -> None:
    """The real signal ends the real wait."""
    hub.add_space("alice/app", "BUILDING")
    program = "import gradioproxy as gp; gp.connect('alice/app', wake_timeout=None)"
    with running(program) as process:
        hub.web.wait_until(lambda: RUNTIME in hub.requests)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors


def test_what_is_waited_for_is_shown(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """A bar says what a Space is doing, and is gone in the end; nothing is shown to nobody."""
    hub.add_space("alice/app", "BUILDING", "RUNNING_BUILDING", "RUNNING")
    assert gp.hub.wait("alice/app", progress=True).stage == "RUNNING"
    shown = capsys.readouterr().err
    assert re.search(r"alice/app is building \[\d\d:\d\d\]", shown)
    assert "running, and building its next version" in shown
    assert shown.endswith("\r")

    hub.spaces["alice/app"].stages = ["BUILDING", "RUNNING"]
    gp.hub.wait("alice/app")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("jumps", JUMPS)
def test_a_clock_that_is_set_meanwhile(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, jumps: tuple[float, ...]
) -> None:
    """The wait ends neither early nor late: it goes by the clock that is never set."""
    let_time_jump(monkeypatch, jumps)
    kept = hub.add_space("alice/app", "BUILDING", "BUILDING", "APP_STARTING", "RUNNING")
    assert gp.hub.wait("alice/app", timeout=PATIENCE).stage == "RUNNING"
    kept.stages = ["BUILDING"]
    with pytest.raises(gp.Timeout, match=r"is building after 0\.3 s"):
        gp.hub.wait("alice/app", timeout=0.3)
    began = time.monotonic()
    with pytest.raises(gp.Timeout):
        gp.hub.wait("alice/app", timeout=0.3)
    assert time.monotonic() - began >= 0.3
