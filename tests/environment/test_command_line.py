"""The command line on a real terminal: narrow, dumb, without colours, with a bar."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

import gradioproxy as gp
from tests.support.processes import INTERRUPTIBLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server

SECONDS = 60
LINES = 60
# What a terminal sends may be ignored where the tests were started, as under nohup.
PROGRAM = (
    f"{INTERRUPTIBLE}signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    "from gradioproxy.cli import main; main()"
)


class Screen:
    """A program on a terminal, as a person sees it.

    Args:
        columns: How wide the terminal is.
        arguments: The command line.
        environment: Variables that differ from this process's.
    """

    def __init__(self, columns: int, *arguments: str, **environment: str) -> None:
        self._screen = pyte.Screen(columns, LINES)
        self._stream = pyte.Stream(self._screen)
        self.process = pexpect.spawn(
            sys.executable,
            ["-c", PROGRAM, *arguments],
            dimensions=(LINES, columns),
            encoding="utf-8",
            env={**os.environ, "TERM": "xterm", **environment},
            timeout=SECONDS,
        )
        self.raw = ""

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def wait_for(self, words: str) -> None:
        """Read until the screen shows some words."""
        deadline = time.monotonic() + SECONDS
        with contextlib.suppress(pexpect.EOF):
            while words not in self.text:
                assert time.monotonic() < deadline, self.text
                self._read()
        assert words in self.text

    def finish(self) -> int:
        """Read until the program ends; return its exit code."""
        deadline = time.monotonic() + SECONDS
        with contextlib.suppress(pexpect.EOF):
            while True:
                assert time.monotonic() < deadline, self.text
                self._read()
        self.process.close()
        assert self.process.exitstatus is not None, self.text
        return self.process.exitstatus

    def _read(self) -> None:
        piece = self.process.read_nonblocking(1 << 16, timeout=SECONDS)
        self.raw += piece
        self._stream.feed(piece)


pytestmark = pytest.mark.since("6.0", "one version is enough: it is about terminals")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_it_fits_the_terminal(stateless: Server, columns: int) -> None:
    """Help, the table and an endpoint's help fit a narrow terminal; a wide one is not filled."""
    for words in (["--help"], ["call", "--help"], ["call", stateless.url, "/echo", "--help"]):
        screen = Screen(columns, *words, COLUMNS=str(columns))
        assert screen.finish() == 0
        # Examples are to be pasted as they are, and an address is one word.
        kept = ("Usage: ", "gradioproxy ", "cat ")
        lines = [one for one in screen.raw.splitlines() if not one.strip().startswith(kept)]
        assert max(map(len, lines)) <= min(columns, 80)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_what_a_terminal_obeys(stateless: Server, variables: dict[str, str]) -> None:
    """What an app sends moves no cursor, and nothing of ours has colours."""
    screen = Screen(80, "call", stateless.url, "/echo", "a\x1b[2J\x1b[31mb", **variables)
    assert screen.finish() == 0
    assert screen.raw == "a[2J[31mb\r\n"


def test_a_bar_while_it_takes_time(stateless: Server) -> None:
    """A bar shows what a call is doing, leaves nothing behind, and Ctrl-C ends it."""
    with gp.connect(stateless.url) as app:
        screen = Screen(80, "call", stateless.url, "/endless", "terminal")
        assert app.wait_begin("terminal")
        screen.wait_for("[00:0")
        screen.process.sendintr()
        assert screen.finish() == 130
        assert "Traceback" not in screen.raw
        assert screen.text.replace("^C", "").strip() == ""
        assert app.wait_end("terminal")


def test_a_bar_for_many_rows(stateless: Server, tmp_path: Path) -> None:
    """It shows how many are done, and leaves only what is said in the end."""
    rows, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    with gp.connect(stateless.url) as app:
        name = next(iter(inspect.signature(app.endless).parameters))
        rows.write_text(f"{name}\nrow one\nrow two\n", encoding="utf-8")
        words = ["map", stateless.url, "/endless", "-i", str(rows), "-o", str(out)]
        screen = Screen(80, *words)
        screen.wait_for("0/2 [00:0")
        assert screen.text.startswith("endless   0%|")
        screen.process.sendintr()
        assert screen.finish() == 130
        lines = [line for line in screen.text.replace("^C", "").splitlines() if line.strip()]
        assert [line.partition(" in ")[0] for line in lines] == [
            "gradioproxy: 0 done, 2 left",
            "gradioproxy: with --journal FILE, the next time would begin where this ended",
        ]
        for token in ("row one", "row two"):
            assert app.wait_end(token)


def test_no_bar_between_rows(stateless: Server, tmp_path: Path) -> None:
    """Rows that come on the terminal show by themselves how far it is."""
    rows = tmp_path / "rows.csv"
    with gp.connect(stateless.url) as app:
        name = next(iter(inspect.signature(app.slow).parameters))
    rows.write_text(f"{name}\n1\n1\n", encoding="utf-8")
    words = ["map", stateless.url, "/slow", "-i", str(rows), "--concurrency", "1"]
    screen = Screen(80, *words)
    assert screen.finish() == 0
    shown = screen.raw.splitlines()
    assert [line[:9] for line in shown] == ['{"row": 1', '{"row": 2', "gradiopro"]


def test_the_terminal_goes_away(stateless: Server) -> None:
    """Where the window is closed, the call stops."""
    with gp.connect(stateless.url) as app:
        screen = Screen(80, "call", stateless.url, "/endless", "window", "--stream")
        screen.wait_for("1")
        screen.process.kill(signal.SIGHUP)
        screen.process.close(force=True)
        assert app.wait_end("window")


def test_a_password_is_not_shown(stateless: Server) -> None:
    """It is asked for on the terminal, and not echoed."""
    screen = Screen(80, "call", stateless.url, "/echo", "Hello", "--auth", "me")
    screen.wait_for("Password of me:")
    screen.process.waitnoecho(SECONDS)
    screen.process.sendline("from the keyboard")
    screen.finish()
    assert "keyboard" not in screen.raw
