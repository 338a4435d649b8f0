"""Bars with a clock."""

from __future__ import annotations

import contextlib
import io

import pytest

from gradioproxy.progress_bar import MOMENT, make_bar, show_wait
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
        bar = make_bar()
        for number in range(6):
            bar.set_description_str(f"step {number}", refresh=False)
            bar.refresh()
            assert MOMENT <= bar.format_dict["elapsed"] < MINUTE
        bar.close()
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
    bar = make_bar()
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
    bar.close()
    assert list(notebook.seen.values()) == [{"text/plain": "", "text/html": ""}]
    assert capsys.readouterr().err == ""


def test_a_bar_that_was_not_drawn_shows_nothing(notebook: ZMQInteractiveShell) -> None:
    make_bar().close()
    assert notebook.published == []
    notebook.fails = True
    make_bar().refresh()  # the kernel is ending, and the call goes on
