"""HTML for notebooks: texts of strangers stay texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy import markup
from tests.support.notebook import HOSTILE, read_page

if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS: list[Callable[[str], str]] = [
    markup.escape,
    markup.escape_line,
    markup.render_text,
    markup.render_note,
    lambda text: markup.render_message(text, text, text),
    lambda text: markup.render_pairs([(text, markup.escape(text))]),
    lambda text: markup.render_grid([text], [[text, 1], text]),
    lambda text: markup.render_table({"headers": [text], "data": [[text, None], [[text]]]}),
    lambda text: f"<img src='data:image/' alt='{markup.escape_attribute(text)}'>",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("make", MAKERS)
def test_a_text_is_nothing_but_text(make: Callable[[str], str], text: str) -> None:
    """Whatever it looks like: no element, no handler, no address, no formula comes of it."""
    read_page(make(text))


@given(st.text(max_size=200))
def test_every_text_is_nothing_but_text(text: str) -> None:
    for make in MAKERS:
        read_page(make(text))


def test_what_is_written_can_be_read() -> None:
    """The characters that mean something to a page are shown as they are."""
    assert read_page(markup.escape("1 < 2 & $3 \\ 4")) == "1 < 2 & $3 \\ 4"


def test_a_long_text_is_cut_and_says_so() -> None:
    text = read_page(markup.render_text("x" * 12_345))
    assert text == "x" * 5_000 + "… 7,345 more characters"


def test_a_large_table_is_cut_and_says_so() -> None:
    rows = [[number] * 30 for number in range(1000)]
    page = markup.render_table({"headers": [f"h{n}" for n in range(30)], "data": rows})
    assert page.count("<tr>") == 51
    assert page.count("<th ") == 20
    assert read_page(page).endswith("the first 50 of 1,000 rows and 20 of 30 columns")


def test_tables_that_are_none() -> None:
    """Whatever a server sends for one is shown, and no error."""
    data: object
    for data in (None, [], [[]], 7, "text", [None], [{}], {"a": 1}):
        read_page(markup.render_table({"headers": None, "data": data}))
    assert read_page(markup.render_table({"headers": ["a"], "data": [[]]})) == "ano rows"
    assert read_page(markup.render_table({"headers": ["a"], "data": [[1]]})) == "a11 row"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345_678, "12 MB"),
        (9_000_000_000_000, "9000 GB"),
    ],
)
def test_sizes(number: int, text: str) -> None:
    assert markup.render_size(number) == text
