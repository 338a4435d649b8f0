"""Options are checked when they are given, and not by what the system makes of them in a call."""

from __future__ import annotations

import math
from typing import Any

import pytest

import gradioproxy as gp
from gradioproxy.options import CallOptions, SessionOptions
from gradioproxy.transport.credentials import Access
from tests.support.web_server import Web, serve_app

KINDS: dict[str, Any] = {
    "timeout": Access,
    "call_timeout": CallOptions,
    "idle_timeout": SessionOptions,
}


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, 1e20, "5", True, [1]])
@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_time_to_wait(name: str, seconds: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=f"{name} is a number of seconds"):
        KINDS[name](**{name: seconds})


@pytest.mark.parametrize("name", KINDS)
def test_what_is_one(name: str) -> None:
    for seconds in (0.5, 60, 1_000_000_000):
        KINDS[name](**{name: seconds})
    assert CallOptions(call_timeout=0).call_timeout == 0
    with pytest.raises(ValueError, match="more than 0"):
        Access(timeout=0)


@pytest.mark.parametrize("number", [0, -1, 1.5, math.nan, True, "8"])
def test_what_is_no_number_of_streams(number: Any) -> None:
    with pytest.raises(ValueError, match="streams must be"):
        SessionOptions(streams=number)


def test_a_request_says_so_too(web: Web) -> None:
    serve_app(web, "f")
    with gp.connect(web.url) as app:
        asked = len(web.requests)
        with pytest.raises(ValueError, match="timeout is a number of seconds"):
            gp.request(app, "GET", "/config", timeout=math.nan)
        assert len(web.requests) == asked
