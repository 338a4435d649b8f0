"""Exit codes, and the one line about what went wrong."""

from __future__ import annotations

import errno

import click
import pytest

import gradioproxy as gp
from gradioproxy.cli.failures import PipeClosed, find_exit_code, report_failure
from gradioproxy.errors import Problem

PROBLEM = Problem("x", "1", "it takes text")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (gp.AppError("no"), 1),
        (gp.QueueFull("no"), 1),
        (gp.RateLimited("no"), 1),
        (gp.SchemaChanged("no"), 1),
        (gp.ProtocolError("no"), 1),
        (gp.FileGone("no"), 1),
        (OSError(errno.ENOSPC, "No space left on device"), 1),
        (gp.ArgumentError("f", [PROBLEM]), 2),
        (gp.MissingFile("f", [PROBLEM]), 2),
        (gp.UnknownEndpoint("no"), 2),
        (gp.NotGradio("no address"), 2),
        (ValueError("no name"), 2),
        (click.UsageError("no"), 2),
        (gp.NotGradio("a shop", url="http://127.0.0.1"), 3),
        (gp.ConnectError("no"), 3),
        (gp.ConnectionLost("no"), 3),
        (gp.Timeout("no"), 3),
        (gp.ServerError("no"), 3),
        (gp.SpaceError("asleep"), 3),
        (gp.AuthenticationError("no"), 4),
        (gp.JobCancelled("no"), 130),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (PipeClosed(), 141),
    ],
)
def test_exit_codes(error: BaseException, code: int) -> None:
    """They say whose fault it was, and whether the app was reached."""
    assert find_exit_code(error) == code


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (gp.AppError("first\nsecond"), "first; second"),
        (
            gp.ArgumentError("f", [PROBLEM, PROBLEM]),
            "f() can't be called like this: x: got 1; it takes text; x: got 1; it takes text",
        ),
        (OSError(errno.ENOENT, "No such file", "a.txt"), "a.txt: No such file"),
        (ValueError("no name"), "no name"),
        (
            UnicodeEncodeError("utf-8", "secret", 0, 1, "no"),
            "what was given has bytes that are no text in UTF-8",
        ),
        (click.UsageError("wrong."), "wrong"),
        (RuntimeError("a bug"), "RuntimeError: a bug (--debug shows where)"),
    ],
)
def test_it_is_one_line(
    error: BaseException, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a message looks like, it takes one line, and no traceback comes with it."""
    report_failure(error, debug=False)

    printed = capsys.readouterr()
    assert printed.err == f"gradioproxy: {line}\n"
    assert printed.out == ""


def test_an_interruption_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever pressed Ctrl-C, or reads no more, knows."""
    for error in (KeyboardInterrupt(), PipeClosed()):
        report_failure(error, debug=False)

    assert capsys.readouterr().err == ""


def test_debug_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--debug``, the traceback and what is known of the call come before the line."""
    try:
        raise gp.AppError("no")  # noqa: TRY301 - it has to have been raised
    except gp.AppError as error:
        report_failure(error, debug=True)

    *before, last = capsys.readouterr().err.splitlines()
    assert before[0].startswith("Traceback")
    assert any(line.startswith("gradioproxy ") and "Python" in line for line in before)
    assert last == "gradioproxy: no"
