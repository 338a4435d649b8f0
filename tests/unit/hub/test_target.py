"""What is known of an app before anybody is asked."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.hub.records import Space
from gradioproxy.hub.target import identify
from gradioproxy.transport.credentials import Access
from tests.support.hub_server import TOKEN

if TYPE_CHECKING:
    from typing import Any

    from tests.support.hub_server import StandIn

LOADED = """
import sys
from gradioproxy.hub.target import identify
from gradioproxy.transport.credentials import Access
print(identify(sys.argv[1], None, Access()).address.url)
print(*(name for name in sys.modules if name.startswith("gradioproxy.hub.")))
"""


def test_an_address_and_a_space(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked; a Space gets the token of the environment, another address none."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    plain = identify("http://app.test/x", None, Access())
    assert (plain.address.url, plain.address.space, plain.access.token) == (
        "http://app.test/x",
        "",
        None,
    )
    assert identify("app.test", "hf_mine", Access()).access.token == "hf_mine"  # noqa: S105 - none
    for src in ("me/app", f"{hub.web.url}/spaces/me/app", Space({"id": "me/app"})):
        found = identify(src, None, Access())
        assert (found.address.url, found.address.space, found.access.token) == (
            f"{hub.web.url}/spaces/me/app",
            "me/app",
            TOKEN,
        )
        assert identify(src, False, Access()).access.token is None
    assert hub.requests == []


@pytest.mark.parametrize("src", [3, None, b"me/app", Space({}), Space({"id": "app"}), "no app"])
def test_what_is_no_app(src: Any) -> None:
    """It is told before anything is asked."""
    with pytest.raises(gp.NotGradio):
        identify(src, None, Access())


def test_an_address_needs_no_hub() -> None:
    """What asks the Hub is not loaded for one, nor what knows its tokens."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "app.test"], capture_output=True, text=True, check=True
    )
    address, modules = done.stdout.splitlines()
    assert address == "http://app.test"
    assert {*modules.split()} == {"gradioproxy.hub.address", "gradioproxy.hub.target"}
