"""The examples of a page of the documentation, which may be of two clients.

Rule: an example is a block of lines up to an empty one, in the form of doctest or of a console; one
of doctest that speaks of ``client`` is of the official client. All examples of a client are one
session, in their order.
"""

from __future__ import annotations

import doctest
import re
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "http://127.0.0.1:7860"
"""What stands for the app's address on every page."""

FLAGS = doctest.ELLIPSIS | doctest.REPORT_ONLY_FIRST_FAILURE
_BLOCK = re.compile(r"^>>> (?:.+\n)+", re.MULTILINE)
_OFFICIAL = re.compile(r"\b(gradio_)?client\b")
_CONSOLE = re.compile(r"^\.\. code-block:: console\n\n((?: {3}.*\n|\n)+)", re.MULTILINE)


class Command(NamedTuple):
    """A line for a shell, and what is printed."""

    arguments: list[str]
    printed: str


class Page:
    """A page with examples.

    Args:
        path: Where it is.
        replaced: What stands for something else in it, such as an address.
    """

    def __init__(self, path: Path, replaced: dict[str, str]) -> None:
        self.name = path.name
        self.text = path.read_text(encoding="utf-8")
        self._replaced = replaced

    def _fill(self, text: str) -> str:
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        return text

    def examples(self, *, official: bool = False) -> str:
        """Return the examples of a client, in the form of doctest."""
        blocks = _BLOCK.findall(self.text)
        chosen = [block for block in blocks if bool(_OFFICIAL.search(block)) is official]
        return self._fill("\n".join(chosen))

    def commands(self) -> list[Command]:
        """Return the lines for a shell."""
        found = []
        for block in _CONSOLE.findall(self.text):
            lines = re.sub("^ {3}", "", block, flags=re.MULTILINE)
            for part in re.split(r"^\$ ", lines, flags=re.MULTILINE)[1:]:
                line, _, printed = self._fill(part).partition("\n")
                found.append(Command(shlex.split(line), printed.rstrip("\n")))
        return found


def run_examples(text: str, name: str, known: dict[str, Any]) -> str:
    """Run examples as one session, and return what is wrong with them.

    Args:
        text: The examples.
        name: What they are of.
        known: The names that they begin with.
    """
    test = doctest.DocTestParser().get_doctest(text, known, name, name, 0)
    assert test.examples, name
    said: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(test, out=said.append)
    return "".join(said)
