"""Secrets that commands ask for: never an argument, which others on the machine can see."""

from __future__ import annotations

import sys

import click


def ask_at_terminal(prompt: str, otherwise: str) -> str:
    """Return what is typed at a terminal and not shown; standard input is for something else.

    Args:
        prompt: What to ask for.
        otherwise: How to say it without a terminal, for errors.

    Raises:
        click.UsageError: There is none.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise click.UsageError(f"{otherwise} where there is no terminal to ask at")
    return _ask(prompt)


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
        return _ask(prompt)
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


def _ask(prompt: str) -> str:
    typed: str = click.prompt(prompt, hide_input=True, err=True)
    return typed
