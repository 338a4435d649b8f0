"""A token that is asked for on a real terminal: it is not shown there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect

from tests.support.hub_server import TOKEN

if TYPE_CHECKING:
    from tests.support.hub_server import StandIn

SECONDS = 60
PROGRAM = "import gradioproxy as gp; print('It is', gp.hub.set_token().name)"


def test_a_token_is_asked_for_and_not_shown(hub: StandIn) -> None:
    process = pexpect.spawn(
        sys.executable, ["-c", PROGRAM], encoding="utf-8", timeout=SECONDS, env={**os.environ}
    )
    process.expect("Token of Hugging Face.*not shown: ")
    process.sendline(TOKEN)
    process.expect("It is alice")
    before = process.before
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    assert TOKEN not in f"{before}{process.before}"
    assert Path(os.environ["HF_HOME"], "token").read_text() == TOKEN
    assert hub.requests == ["GET /api/whoami-v2"]


def test_nobody_is_asked_without_a_terminal(hub: StandIn) -> None:
    """The error says so, and what is piped in is not taken for an answer."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=f"{TOKEN}\n",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("gradioproxy.AuthenticationError: There is no terminal to ask for a tok")
    assert hub.requests == []
