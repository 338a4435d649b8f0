"""Printing what a call returned.

Rule: standard output gets results and nothing else, so that a program can read it; a terminal gets
them without what it would obey.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..text import clean
from ..values.simplify import find_files, simplify, write_json
from .failures import write_error
from .saving import Saver
from .target import STANDARD_OUTPUT, check_target, write_target

# More than anybody reads on a terminal; a program gets all of it.
_SHOWN = 10_000_000


def print_text(text: str) -> None:
    """Print text on standard output.

    Args:
        text: What is printed; a line break is added unless it ends with one. A terminal gets it
            without what it would obey, in its own encoding; a program gets it as it is, in UTF-8.
    """
    encoding = "utf-8"
    if sys.stdout.isatty():
        text, encoding = clean(text, _SHOWN), sys.stdout.encoding
    line = text if text.endswith("\n") else f"{text}\n"
    sys.stdout.buffer.write(line.encode(encoding, "replace"))
    sys.stdout.buffer.flush()


def write_text(text: str, target: str) -> None:
    """Write a text to what ``-o`` names, and say on standard error that it is there.

    Args:
        text: The text, with a line break at its end.
        target: Where it goes, as `target.parse_target` has it.

    Raises:
        FileNotSaved, OSError: It can't be written.
    """
    if target == STANDARD_OUTPUT:
        print_text(text)
        return
    write_target([text.encode()], Path(target))
    write_error(f"{target} written")


class Printer:
    """Prints results, and saves their files.

    Args:
        saver: What saves files; ``None`` if *target* is for the text.
        target: Where the text goes: a file, or ``None`` and ``-`` for standard output; as
            `target.parse_target` has it.
        as_json: Whether results are printed as JSON.
        compact: Whether each is on a line of its own.

    Attributes:
        failed: Whether text could not be written where it was to be.

    Raises:
        click.UsageError: *target* can't be written.
    """

    def __init__(
        self, saver: Saver | None, target: str | None, *, as_json: bool, compact: bool
    ) -> None:
        # A file can also be where the app's description has none.
        self._saver = saver or Saver(None, folder=True)
        self._as_json = as_json
        self._indent = None if compact else 2
        self._begun = False
        self.failed = False
        self._path = None
        if saver is None and target not in (None, STANDARD_OUTPUT):
            self._path = Path(target)
            check_target(self._path)

    def show(self, value: Any) -> None:
        """Print a result.

        Raises:
            OSError: It can't be written.
            GradioProxyError: One of its files can't be fetched.
        """
        paths = self._saver.save(find_files(value))
        if STANDARD_OUTPUT in paths.values():
            return  # what was printed is the file
        plain = simplify(value, paths)
        if self._as_json:
            self._write(write_json(plain, self._indent))
        elif isinstance(value, float):
            self._write(str(value) if plain is None else write_json(value))  # nan, which is none
        elif plain is not None:
            self._write(render_value(plain))

    def _write(self, text: str) -> None:
        if self._path is None:
            print_text(text)
            return
        mode = "a" if self._begun else "w"
        try:
            with self._path.open(mode, encoding="utf-8", errors="replace", newline="") as file:
                file.write(text if text.endswith("\n") else f"{text}\n")
        except OSError as error:
            self.failed = True
            write_error(f"gradioproxy: {self._path}: {error.strerror or error}")
            print_text(text)  # or it would be lost
        self._begun = True


def render_value(plain: Any, *, inner: bool = False) -> str:
    """Return a result as people read it.

    Args:
        plain: The result, as JSON can say it.
        inner: Whether it is a part of another one.

    Returns:
        Text as it is; a line or a paragraph for each field of an object; JSON for other values.
    """
    if isinstance(plain, str):
        return plain
    if isinstance(plain, dict) and not inner:
        return "\n".join(_render_field(str(key), part) for key, part in plain.items())
    if isinstance(plain, list) and not inner and all(isinstance(part, str) for part in plain):
        return "\n".join(plain)
    return write_json(plain, None if inner else 2)


def _render_field(name: str, part: Any) -> str:
    text = render_value(part, inner=True)
    if "\n" not in text:
        return f"{name}: {text}"
    indented = "\n".join(f"  {line}" if line else "" for line in text.splitlines())
    return f"{name}:\n{indented}"
