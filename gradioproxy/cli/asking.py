"""Secrets that commands ask for: never an argument, which others on the machine can see."""

from __future__ import annotations

import sys

import click


def ask_secret(prompt: str, name: str) -> str:
    """Return what is typed at a terminal and not shown, or the first line of standard input.

    Args:
        prompt: What to ask for.
        name: What it is, for errors.

    Raises:
        click.UsageError: There is nothing.
    """
    if sys.stdin is None:  # as Python has it where a shell closed it
        raise click.UsageError(f"standard input is closed, and the {name} was to be read from it")
    if sys.stdin.isatty():
        typed: str = click.prompt(prompt, hide_input=True, err=True)
        return typed
    try:
        line = sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"standard input is no text in UTF-8, and no {name}") from error
    if not line.strip():
        raise click.UsageError(f"there is no {name} on standard input; is its file empty?")
    return line
