"""What a command ends with: one line about what went wrong, and the exit code for it."""

from __future__ import annotations

import sys
import traceback

import click

from .. import errors
from .exit_codes import (
    FAILED,
    INTERRUPTED,
    LOGIN_NEEDED,
    MISUSED,
    NOT_REACHED,
    PIPE_CLOSED,
)

# The first that fits counts. Everything else of ours is the app that failed or refused.
_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.AuthenticationError, LOGIN_NEEDED),
    (errors.UnknownEndpoint, MISUSED),
    (errors.ArgumentError, MISUSED),
    (errors.ConnectError, NOT_REACHED),
    (errors.ConnectionLost, NOT_REACHED),
    (errors.Timeout, NOT_REACHED),
    (errors.ServerError, NOT_REACHED),
    (errors.SpaceError, NOT_REACHED),
)


class PipeClosed(Exception):
    """Whoever reads what is printed went away."""


def find_exit_code(error: BaseException) -> int:
    """Return the exit code for what a command was ended by.

    Args:
        error: Anything that was raised.

    Returns:
        0 done, 1 the app failed or refused, 2 wrong use, 3 not reached or lost, 4 login, 130
        Ctrl-C, 141 nobody reads what is printed.
    """
    match error:
        case KeyboardInterrupt() | click.Abort() | errors.JobCancelled():
            return INTERRUPTED
        case PipeClosed():
            return PIPE_CLOSED
        case click.ClickException():
            return error.exit_code
        case errors.NotGradio():
            # What is no address was never asked.
            return NOT_REACHED if error.url else MISUSED
        case ValueError() if not isinstance(error, errors.GradioProxyError):
            return MISUSED  # as functions have it that are given what can't be
        case _:
            return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)


def report_failure(error: BaseException, *, debug: bool) -> int:
    """Say what ended a command, in one line on standard error; return the exit code.

    Args:
        error: What it was ended by.
        debug: Whether to show the traceback, and what is known of the call.
    """
    code = find_exit_code(error)
    if code in (INTERRUPTED, PIPE_CLOSED):
        return code
    if debug:
        traceback.print_exception(error)
        if isinstance(error, errors.GradioProxyError):
            write_error(error.report())
    write_error(f"gradioproxy: {_describe(error)}")
    return code


def write_error(text: str) -> None:
    """Write to standard error; where nobody reads that, there is nobody to tell."""
    try:
        click.echo(text, err=True)
        sys.stderr.flush()
    except OSError:
        pass


def _describe(error: BaseException) -> str:
    match error:
        case click.UsageError():
            return _describe_misuse(error)
        case click.ClickException():
            said = error.format_message()
        case OSError() if not isinstance(error, errors.GradioProxyError):
            said = f"{error.filename}: " if error.filename else ""
            said += error.strerror or str(error)
        case UnicodeEncodeError():
            # Not what was given: it may be a secret.
            said = "what was given has bytes that are no text in UTF-8"
        case errors.GradioProxyError() | ValueError():
            said = str(error)
        case _:
            said = f"{type(error).__name__}: {error} (--debug shows where)"
    return _join_lines(said)


def _describe_misuse(error: click.UsageError) -> str:
    message = _join_lines(error.format_message()).rstrip(".")
    if error.ctx is None:
        return message
    return f"{message}; see '{error.ctx.command_path} --help'"


def _join_lines(text: str) -> str:
    """Return a message on one line: what stood on lines of its own has a semicolon before it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    made = lines[0] if lines else ""
    for line in lines[1:]:
        made += f" {line}" if made.endswith((":", ";", ",")) else f"; {line}"
    return made
