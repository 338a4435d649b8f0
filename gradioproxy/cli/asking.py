"""Secrets that commands ask for: never an argument, which others on the machine can see."""

from __future__ import annotations

import sys

import click


def ask_secret(prompt: str, name: str, *, lines: bool = False) -> str:
    """Return what is typed at a terminal and not shown, or what is on standard input.

    Args:
        prompt: What to ask for.
        name: What it is, for errors.
        lines: Whether it may have several lines, as keys and certificates have.

    Raises:
        click.UsageError: There is nothing, or more than is meant.
    """
    if sys.stdin is None:  # as Python has it where a shell closed it
        raise click.UsageError(f"standard input is closed, and the {name} was to be read from it")
    if sys.stdin.isatty():
        typed: str = click.prompt(prompt, hide_input=True, err=True)
        return typed
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"standard input is no text in UTF-8, and no {name}") from error
    if not text.strip():
        raise click.UsageError(f"there is no {name} on standard input; is its file empty?")
    text = text.removesuffix("\n").removesuffix("\r")
    if not lines and len(text.strip().splitlines()) > 1:
        raise click.UsageError(f"there are several lines on standard input, and a {name} is one")
    return text
