"""Spaces with real apps, behind a Hub that is none."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.hub_server import OTHER, TOKEN
from tests.unit.client.test_open import DESCRIPTION

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.hub_server import StandIn
ON_ONE_VERSION = pytest.mark.parametrize("version", ["6.31.0"])


@ON_ONE_VERSION
def test_the_shortest_flow(hub: StandIn, stateless: Server) -> None:
    """A Space is the default, and so connected to, and its functions run; one GET is enough."""
    hub.add_space("alice/app")
    hub.target = stateless.url
    space = gp.hub.space("alice/app", token=TOKEN)
    gp.set_default(space)
    gc.collect()
    with gp.session() as session:
        assert session.url == hub.front.url
        assert session.echo("x") == "x"
        assert list(session.count.stream(3)) == ["1", "2", "3"]
    assert hub.requests == [DESCRIPTION]
    assert gp.sessions() == []
    sent = {request.headers["X-HF-Authorization"] for request in hub.front.requests}
    assert sent == {f"Bearer {TOKEN}"}


@ON_ONE_VERSION
def test_a_private_space_is_reached_by_pickles(hub: StandIn, stateless: Server) -> None:
    """A function of a Space unpickles by way of the Hub, with that process's own token."""
    hub.add_space("alice/app", private=True)
    hub.target = stateless.url
    program = "import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1]))('y'))"
    with gp.connect("alice/app", token=TOKEN) as session:
        assert session.echo("x") == "x"
        assert session.echo.with_options(token=TOKEN)("x") == "x"
        with pytest.raises(gp.GradioProxyError, match="404"):
            session.echo.with_options(token=False)("x")
        assert "https://huggingface,co/spaces/alice/app" in session.echo.__module__
        content = pickle.dumps(session.echo)
        assert pickle.loads(content) is session.echo  # noqa: S301 - made here
    assert TOKEN.encode() not in content
    for token, printed, said in ((TOKEN, "y\n", ""), (OTHER, "", "does not exist, or it is priva")):
        done = subprocess.run(
            [sys.executable, "-c", program, content.hex()],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"HF_TOKEN": token},
        )
        assert done.stdout == printed
        assert said in done.stderr
