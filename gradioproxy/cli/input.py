"""What arguments of a command line stand for: themselves, a file, or standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

import click

from ..text import one_line


class Input:
    """What comes from standard input, which one argument alone can be."""

    def __init__(self) -> None:
        self._reader = ""

    def open(self, option: str) -> IO[bytes]:
        """Return standard input.

        Args:
            option: What wants it.

        Raises:
            click.UsageError: Something else had it.
        """
        if self._reader:
            raise click.UsageError(f"standard input is for {self._reader} already, not {option}")
        if sys.stdin is None:  # as Python has it where a shell closed it
            raise click.UsageError(f"standard input is closed; {option} was to be read from it")
        self._reader = option
        return sys.stdin.buffer

    def read_text(self, text: str, option: str) -> str:
        """Return what an argument says, or what it says where that is to be read.

        Args:
            text: ``-`` for standard input, ``@path`` for a file, ``@@…`` for what begins with one
                ``@``; all else is the text itself.
            option: Whose argument it is.

        Returns:
            The text; of a file without the line break at its end.

        Raises:
            click.UsageError: It can't be read, or is no text.
        """
        if text.startswith("@@"):
            return text[1:]
        try:
            if text == "-":
                # Spreadsheets begin a text with a mark.
                read = self.open(option).read().decode("utf-8-sig")
            elif text.startswith("@") and len(text) > 1:
                read = Path(text[1:]).read_text(encoding="utf-8-sig")
            else:
                text.encode()
                return text
        except OSError as error:
            raise click.UsageError(f"{option}: {_name_input(text)}: {error.strerror}") from error
        except ValueError as error:
            message = f"{option}: {_name_input(text)} is no text in UTF-8"
            raise click.UsageError(message) from error
        return read.removesuffix("\n").removesuffix("\r")


def read_json(text: str, option: str, source: Input) -> Any:
    """Return what is said in JSON, or is to be read.

    Args:
        text: As for `Input.read_text`.
        option: Whose argument it is.
        source: Standard input.

    Raises:
        click.UsageError: It can't be read, or is no JSON.
    """
    try:
        return json.loads(source.read_text(text, option))
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{option} is no JSON: {one_line(error)}") from error


def _name_input(text: str) -> str:
    """Return in words where an argument is read from."""
    if text == "-":
        return "standard input"
    return one_line(text[1:], 100) if text.startswith("@") else "what was given"
