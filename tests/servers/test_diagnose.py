"""What `diagnose` says of real servers, and that these run nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client import examination
from tests.support.gradio.apps.runs import begun
from tests.support.nginx import reverse_proxy
from tests.support.versions import release_of
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from gradioproxy.client.diagnosis import Step
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

LOGIN = {"auth": ["ann", "secret word"]}


def step_of(diagnosis: gp.Diagnosis, name: str) -> Step:
    """Return a step."""
    [found] = [step for step in diagnosis.steps if step.name == name]
    return found


def check_well(diagnosis: gp.Diagnosis, version: str) -> None:
    """Check that nothing is wrong, and that as much was tried as can be."""
    assert diagnosis.ok, str(diagnosis)
    assert {step.outcome for step in diagnosis.steps} <= {"ok", "skipped"}, str(diagnosis)
    assert f"Gradio {version}," in step_of(diagnosis, "protocol").found
    assert step_of(diagnosis, "queue").found == "nobody waits"
    # Between the websockets of Gradio 3 and the heartbeats there is nothing to be tried.
    without = (4,) <= release_of(version) < (4, 25)
    assert step_of(diagnosis, "stream").outcome == ("skipped" if without else "ok")


def test_a_server_that_is_well(stateless: Server) -> None:
    """Its streams get through."""
    diagnosis = gp.diagnose(stateless.url)
    check_well(diagnosis, stateless.version)
    said = step_of(diagnosis, "stream").found
    assert said.startswith(("websockets get through", "its first word came at once", "none of"))


def test_a_server_with_a_login(gradio: RunningServers, version: str) -> None:
    locked = gradio(version, "stateless", launch=LOGIN)
    check_well(gp.diagnose(locked.url, auth=("ann", "secret word")), version)
    for auth in (None, ("ann", "wrong word")):
        diagnosis = gp.diagnose(locked.url, auth=auth)
        assert step_of(diagnosis, "answer").outcome == "ok"
        assert step_of(diagnosis, "login").outcome == "failed"
        assert isinstance(diagnosis.error, gp.AuthenticationError)
        assert "word" not in str(diagnosis).replace("password", "")


@pytest.mark.since("4.19", "before, an app does not say which address it takes for its own")
def test_a_root_path_that_leads_elsewhere(gradio: RunningServers, version: str) -> None:
    """It is told of; the app can be used all the same."""
    server = gradio(version, "stateless", launch={"root_path": "https://example.org/sub"})
    diagnosis = gp.diagnose(server.url)
    assert diagnosis.ok, str(diagnosis)
    step = step_of(diagnosis, "answer")
    assert step.outcome == "warning"
    assert "https://example.org/sub" in step.found
    assert "root_path" in step.advice


def test_nothing_runs(gradio: RunningServers, version: str) -> None:
    """Neither a function, nor what the app does when somebody comes or goes.

    What comes after it shows that all of these would have been seen.
    """
    server = gradio(version, "watched")
    has_unload = release_of(version) >= (4, 25)
    before = len(begun(server.folder))
    for _ in range(2):
        check_well(gp.diagnose(server.url), version)
    assert begun(server.folder)[before:] == []
    with gp.connect(server.url) as app:
        assert app.echo("x") == "x"
    expected = ["echo", "unload"] if has_unload else ["echo"]
    wait_until(lambda: len(begun(server.folder)) - before >= len(expected))
    assert begun(server.folder)[before:] == expected


@pytest.mark.since("4.25", "before, there are no streams without a call")
@pytest.mark.parametrize(("buffering", "outcome"), [("on", "warning"), ("off", "ok")])
def test_a_proxy_that_keeps_streams_back(
    stateless: Server, monkeypatch: pytest.MonkeyPatch, buffering: str, outcome: str
) -> None:
    """As nginx does, unless it is told not to."""
    if buffering == "on":
        monkeypatch.setattr(examination, "PATIENCE", 1.0)
    with reverse_proxy(stateless.url, "the outer host", buffering) as proxy:
        diagnosis = gp.diagnose(f"{proxy}/apps/mine")
    assert diagnosis.ok, str(diagnosis)
    step = step_of(diagnosis, "stream")
    assert step.outcome == outcome
    assert ("proxy_buffering off" in step.advice) == (buffering == "on")


@pytest.mark.before("4", "only Gradio 3 speaks over websockets")
def test_a_proxy_that_passes_websockets_on(stateless: Server) -> None:
    with reverse_proxy(stateless.url, "the outer host") as proxy:
        diagnosis = gp.diagnose(f"{proxy}/apps/mine")
    assert diagnosis.ok, str(diagnosis)
    assert step_of(diagnosis, "stream").found == "websockets get through"
