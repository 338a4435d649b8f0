"""Bars with a clock."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import struct
import termios

import pytest

from gradioproxy.progress_bar import MOMENT, show_bar, show_wait
from tests.support.clocks import JUMPS, let_time_jump
from tests.support.notebook import HOSTILE, ZMQInteractiveShell, read_page

MINUTE = 60


@pytest.mark.parametrize("jumps", JUMPS)
def test_its_clock_does_not_go_by_the_one_on_the_wall(
    monkeypatch: pytest.MonkeyPatch, jumps: tuple[float, ...]
) -> None:
    """Which somebody may set meanwhile: it would show a day less than nothing, or a year."""
    let_time_jump(monkeypatch, jumps)
    with contextlib.redirect_stderr(io.StringIO()) as drawn:
        with show_bar() as bar:
            for number in range(6):
                bar.set_description_str(f"step {number}", refresh=False)
                bar.refresh()
                assert MOMENT <= bar.format_dict["elapsed"] < MINUTE
        with show_wait(True) as show:
            show("waiting")
            show("still waiting")
    lines = drawn.getvalue()
    assert "step 5 [00:" in lines
    assert "still waiting [00:" in lines


def test_in_a_notebook_it_is_no_text_of_errors(
    notebook: ZMQInteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """But a piece of the page, which is changed in place and goes at the end."""
    with show_bar() as bar:
        for n, words in enumerate(HOSTILE):
            bar.set_description_str(words, refresh=False)
            bar.n, bar.total, bar.unit = n, len(HOSTILE), "<b>"
            bar.refresh()
            [shown] = notebook.seen.values()
            assert f" {n}/{len(HOSTILE)} <b> [00:" in shown["text/plain"]
            assert "\x1b" not in shown["text/plain"]
            page = shown["text/html"]
            assert f" {n}/{len(HOSTILE)} <b> [00:" in read_page(page)
            assert f"<progress value='{n / len(HOSTILE):.4f}' max='1'>" in page
    assert list(notebook.seen.values()) == [{"text/plain": "", "text/html": ""}]
    assert capsys.readouterr().err == ""


def test_a_bar_that_was_not_drawn_shows_nothing(notebook: ZMQInteractiveShell) -> None:
    with show_bar():
        pass
    assert notebook.published == []
    notebook.fails = True
    with show_bar() as bar:
        bar.refresh()  # the kernel is ending, and the call goes on


class Terminal(io.StringIO):
    """A terminal at which somebody presses Ctrl-C as soon as so much was drawn."""

    def __init__(self, drawn: int) -> None:
        super().__init__()
        self.left = drawn

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True

    def flush(self) -> None:
        """Draw what was written."""
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt

    def read_line(self) -> str:
        """Return what is on the line in the end."""
        line = ""
        for part in self.getvalue().split("\r"):
            line = part + line[len(part) :]
        return line.strip()


def draw(times: int) -> None:
    """Draw a bar so many times."""
    with show_bar() as bar:
        for number in range(times):
            bar.set_description_str(f"step {number}", refresh=False)
            bar.refresh()


@pytest.mark.parametrize("drawn", [2, 3, 4, 5])
def test_nothing_is_left_of_a_bar_that_is_interrupted(drawn: int) -> None:
    """Wherever it was in drawing itself."""
    terminal = Terminal(drawn)
    with contextlib.redirect_stderr(terminal), pytest.raises(KeyboardInterrupt):
        draw(drawn)
    assert "step" in terminal.getvalue()
    assert terminal.read_line() == ""


@pytest.mark.parametrize(("columns", "blanks"), [(137, 136), (0, 79)])
def test_the_width_is_that_of_the_terminal_with_the_bar(columns: int, blanks: int) -> None:
    """Standard output may be another one, or a file; and a terminal may not know its width."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(theirs, "w") as terminal:
        with contextlib.redirect_stderr(terminal), pytest.raises(KeyboardInterrupt), show_bar():
            raise KeyboardInterrupt
        termios.tcdrain(terminal)
    drawn = b""
    with contextlib.suppress(OSError):  # as it has it when nobody is at the other end any more
        while part := os.read(ours, 1000):
            drawn += part
    os.close(ours)
    assert b"\r" + b" " * blanks + b"\r" in drawn
