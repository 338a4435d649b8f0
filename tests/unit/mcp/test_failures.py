"""What a client is told when a call fails."""

from __future__ import annotations

import logging

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.errors import AppError, FileNotSaved, JobCancelled
from gradioproxy.mcp.failures import ServerBusy, describe_failure


def hide(text: str) -> str:
    return text.replace("hf_secret", "<secret>")


def test_what_a_model_can_act_on() -> None:
    """The app's words, without what moves a cursor and without secrets."""
    assert describe_failure(AppError("no \x1b[31mimage\x00"), hide) == "no [31mimage"
    assert describe_failure(AppError("you sent hf_secret"), hide) == "you sent <secret>"
    assert describe_failure(JobCancelled("f() was cancelled."), hide) == "The call was cancelled."
    assert describe_failure(ServerBusy("call again later"), hide) == "call again later"


@pytest.mark.parametrize(
    "error",
    [
        FileNotSaved("/home/ann/tmp/x can't be written", path="/home/ann/tmp/x"),
        FileNotFoundError(2, "No such file", "/home/ann/tmp/x"),
        KeyError("/home/ann/tmp/x"),
    ],
)
def test_no_path_of_this_machine(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """It is in the log, for whoever runs the server."""
    with caplog.at_level(logging.ERROR, "gradioproxy.mcp"):
        told = describe_failure(error, hide)
    assert "log" in told
    assert "/home" not in told
    assert "/home/ann/tmp/x" in caplog.text
