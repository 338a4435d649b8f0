"""What real apps see of the headers of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.integration.test_secrets import CALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio.running import RunningServers


# With real servers.


@pytest.fixture
def asked(gradio: RunningServers, version: str) -> Iterator[gp.Session]:
    """Give a session with an app that says which headers its requests had."""
    with gp.connect(gradio(version, "asked").url, headers={"X-Own": "session"}) as app:
        yield app


@pytest.mark.parametrize("name", ["queued", "direct", "yielding", "remembered"])
def test_an_app_sees_the_headers_of_the_call(asked: gp.Session, name: str) -> None:
    """By whichever way the call goes."""
    other = asked.with_options(headers={"x-own": "call", "X-More": "too"}, token=CALL)
    assert (asked[name]("x-own"), other[name]("x-own")) == ("session", "call")
    assert (asked[name]("x-more"), other[name]("x-more")) == ("none", "too")
    added = asked[name].with_options(headers={"X-More": "added"})
    assert (added("x-own"), added("x-more")) == ("session", "added")
    assert added.with_options(headers={"x-own": None})("x-own") == "none"
    assert other[name]("authorization") == f"Bearer {CALL}"
    assert asked[name]("authorization") == "none"


def test_calls_at_once_keep_their_headers_apart(asked: gp.Session) -> None:
    """Though in an app with a state they share one stream."""
    names = [f"call {number}" for number in range(20)]
    jobs = [asked.with_options(headers={"X-Own": name}).queued.submit("x-own") for name in names]
    assert [job.result() for job in jobs] == names
