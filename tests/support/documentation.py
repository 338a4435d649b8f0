"""Pages of the documentation as programs: what they show is run, and compared with what comes.

A page's blocks (``code-block``) are run in their order, in one folder and one namespace:

- ``pycon``: each prompt is run, and what is below it is what it prints, up to the next prompt.
- ``console``: each line that begins with ``$`` is run by bash, and what is below it is what it
  prints, on whichever of its outputs.
- ``ipython``: each prompt is run by an IPython of the block's own, in the same way.
- ``python``: compiled; with the comment ``.. run`` above the block, run as well.

``...`` stands for anything, and a time such as ``0.02 s`` for any other. The comment
``.. not run: REASON`` above a block says why it is not.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.gradio import ROOT

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LANGUAGES = frozenset({"pycon", "console", "ipython", "python"})
"""The languages that are run; blocks in others are looked at only."""

SECONDS = 120
_BLOCK = re.compile(r"( *)\.\. code-block:: *(\S+)\n")
_REMARK = re.compile(r" *\.\. (run|not run: .+)$")
_MARK = "--- end of a command, with exit code "
_SECONDS = re.compile(r"\b\d+\.\d\d s\b")
_CELL = re.compile(r"(?m)^In \[\d+\]: ")
_SHELL = f"""
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell(colors="NoColor")
for cell in json.load(sys.stdin):
    shell.run_cell(cell, store_history=True)
    print({_MARK!r} + "0")
"""
_STAGES = ("Traceback (most recent call last):", "    ...")


@dataclass(frozen=True)
class Block:
    """A block of code on a page.

    Attributes:
        language: Its language.
        text: What is in it, without its indentation.
        line: The number of its first line of text, from 1 on.
        remark: What the comment above it says: ``run``, ``not run: REASON``, or nothing.
    """

    language: str
    text: str
    line: int
    remark: str = ""


@dataclass(frozen=True)
class Exchange:
    """Something that is run, and what is printed by it as the page has it.

    Attributes:
        source: What is run.
        wanted: What it prints, without the line break at its end.
        line: The number of the first line of what it prints, in its block, from 0 on.
    """

    source: str
    wanted: str
    line: int


@dataclass(frozen=True)
class Difference:
    """What a page says and what is so.

    Attributes:
        line: Where the page says it.
        source: What was run.
        wanted: What it should have printed.
        got: What it printed.
    """

    line: int
    source: str
    wanted: str
    got: str


def parse_page(text: str) -> Iterator[Block]:
    """Yield the blocks of code on a page."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        found = _BLOCK.fullmatch(line)
        if not found:
            continue
        above = next((one for one in reversed(lines[:place]) if one.strip()), "")
        remark = _REMARK.match(above.rstrip())
        first = next(i for i in range(place + 1, len(lines)) if lines[i].strip())
        last = first
        indent = len(lines[first]) - len(lines[first].lstrip())
        while last < len(lines) and (
            not lines[last].strip() or lines[last].startswith(" " * indent)
        ):
            last += 1
        code = textwrap.dedent("".join(lines[first:last])).rstrip() + "\n"
        yield Block(found[2], code, first + 1, remark[1] if remark else "")


def split_exchanges(text: str, prompt: str, more: str) -> Iterator[Exchange]:
    """Yield what is run in a block, and what is below it.

    Args:
        text: The block's text.
        prompt: What a line that is run begins with.
        more: What a line begins with that goes on with the one before.
    """
    lines = text.splitlines()
    starts = [place for place, line in enumerate(lines) if line.startswith(prompt)]
    if starts[:1] != [0]:
        raise ValueError(f"{lines[0]!r} is above the first prompt")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        last = start + 1
        while last < end and (lines[last] + " ").startswith(more):
            last += 1
        source = [
            lines[start][len(prompt) :],
            *(line[len(more) :] for line in lines[start + 1 : last]),
        ]
        yield Exchange("\n".join(source), "\n".join(lines[last:end]).rstrip(), last)


@dataclass
class PageRunner:
    """Runs the blocks of a page.

    Attributes:
        folder: Where shells run.
        addresses: What stands on the page, and what it is here.
        environment: Variables of the shells that differ from this process's.
        namespace: What the names at the prompts mean.
    """

    folder: Path
    addresses: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def run(self, block: Block) -> Iterator[Difference]:
        """Run a block, and yield what is not as the page says."""
        if block.remark.startswith("not run") or block.language not in LANGUAGES:
            return
        if block.language == "python":
            code = compile_python(self._here(block.text), f"line {block.line}")
            if block.remark == "run":
                self._run_python(code)
            return
        for exchange, text in self._run_exchanges(block):
            got = "\n".join(line.rstrip() for line in self._there(text).splitlines()).rstrip()
            if not _matches(exchange.wanted, got):
                line = block.line + exchange.line
                yield Difference(line, exchange.source, exchange.wanted, got)

    def _run_exchanges(self, block: Block) -> Iterator[tuple[Exchange, str]]:
        """Yield what is run in a block, each with what it prints."""
        if block.language == "pycon":
            for exchange in split_exchanges(block.text, ">>> ", "... "):
                yield exchange, self._run_prompt(exchange)
        elif block.language == "ipython":
            cells = [*split_exchanges(_CELL.sub("In: ", block.text), "In: ", "   ...: ")]
            yield from zip(cells, self._run_cells(cells), strict=True)
        else:
            commands = [*split_exchanges(block.text, "$ ", "> ")]
            yield from zip(commands, self._run_commands(commands), strict=True)

    def _here(self, text: str) -> str:
        for known, address in self.addresses.items():
            text = text.replace(known, address)
        return text

    def _there(self, text: str) -> str:
        for known, address in self.addresses.items():
            text = text.replace(address, known)
        return text

    def _run_python(self, code: types.CodeType) -> None:
        coroutine = eval(code, self.namespace)  # noqa: S307 - the documentation is ours
        if coroutine is not None:
            asyncio.run(coroutine)

    def _run_prompt(self, exchange: Exchange) -> str:
        """Run what is at a prompt of Python, and return what it prints."""
        printed = io.StringIO()
        code = compile(self._here(exchange.source) + "\n", "<page>", "single")
        with contextlib.redirect_stdout(printed):
            try:
                exec(code, self.namespace)  # noqa: S102 - the documentation is ours
            except Exception as error:  # noqa: BLE001 - it is part of what is shown
                said = "".join(traceback.format_exception_only(error)).rstrip()
                print(*_STAGES, said, sep="\n")  # noqa: T201 - as a prompt does
        return printed.getvalue()

    def _run_commands(self, exchanges: list[Exchange]) -> list[str]:
        """Run commands in one shell, and return what each prints."""
        script = "".join(
            f"{self._here(one.source)}\n__code=$?; echo '{_MARK}'$__code; (exit $__code)\n"
            for one in exchanges
        )
        return self._split(self._run_program(["bash", "-c", script], ""))

    def _run_cells(self, exchanges: list[Exchange]) -> list[str]:
        """Run cells in one IPython, and return what each prints."""
        cells = json.dumps([self._here(one.source) for one in exchanges])
        return self._split(self._run_program([sys.executable, "-c", _SHELL], cells))

    def _run_program(self, command: list[str], given: str) -> str:
        """Run a program where pages are read, and return what it prints."""
        done = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, **self.environment},
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        return done.stdout

    @staticmethod
    def _split(printed: str) -> list[str]:
        return re.split(rf"{_MARK}\d+\n", printed)[:-1]


def compile_python(text: str, name: str) -> types.CodeType:
    """Compile a block of Python, which may wait at its top level, as notebooks can."""
    code: types.CodeType = compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


def make_commands(folder: Path) -> dict[str, str]:
    """Make the commands that the pages use, and return variables by which shells find them."""
    folder.mkdir()
    for name, start in (("python", ""), ("gradioproxy", "-m gradioproxy")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {start} "$@"\n')
        program.chmod(0o755)
    return {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "80",
    }


def _matches(wanted: str, got: str) -> bool:
    wanted, got = (_SECONDS.sub("0.00 s", text) for text in (wanted, got))
    return doctest.OutputChecker().check_output(f"{wanted}\n", f"{got}\n", doctest.ELLIPSIS)
