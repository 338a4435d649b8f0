"""Texts from strangers lose what moves a cursor, turns a line around or hides, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.text import clean, normalize_name, one_line, split_paragraphs
from tests.support.schemas import texts

UNSEEN = {
    *(chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))),
    *"\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff",
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\U000e0001\U000e007f\ud800\udfff",
}
any_text = texts | st.text() | st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("größe 生成 🙂 ❤️", "größe 生成 🙂 ❤️"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("a\u200bb\ufeffc\xadd", "abcd"),
        ("a\u2028b\u2029c", "abc"),
        ("a\ud800b", "ab"),
        ("a\x0bb\x0cc", "abc"),
        (None, "None"),
        (5, "5"),
        (["a\x1b"], "['a\\x1b']"),
        (10**400, "1" + "0" * 400),
    ],
)
def test_clean(text: object, expected: str) -> None:
    """Line breaks of one kind and tabs are left of what a terminal obeys; letters all stay."""
    assert clean(text) == expected


@pytest.mark.parametrize("character", sorted(UNSEEN))
def test_every_unsafe_character_goes(character: str) -> None:
    """Each of them, in a text that is otherwise plain as in one that is not."""
    for text in (f"a{character}b", f"ü{character}b"):
        expected = f"{text[0]}\nb" if character == "\r" else f"{text[0]}b"
        assert clean(text) == expected
        assert one_line(text).isprintable()


def test_long_texts_are_cut() -> None:
    """What is too long ends with an ellipsis, also where most of it is unsafe."""
    assert clean("x" * 10, 10) == "x" * 10
    assert clean("x" * 11, 10) == "x" * 9 + "…"
    assert clean("word " * 10, 11) == "word word…"
    assert clean("\x00" * 20 + "x" * 20, 10) == ""
    assert len(clean("x" * 100_000)) == 10_000
    assert one_line("a b " * 1000, 20) == "a b a b a b a b a b…"
    assert len(one_line("x" * 10_000_000)) == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \n\n b\t c  ", "a b c"),
        ("a\u2003b\u3000c", "a b c"),
        ("\n", ""),
        (["a\nb"], "['a\\nb']"),
    ],
)
def test_one_line(text: object, expected: str) -> None:
    """A text on a line has one blank for any number of blanks and line breaks."""
    assert one_line(text) == expected


def test_paragraphs() -> None:
    """Paragraphs are what empty lines separate, whatever stands in those."""
    assert split_paragraphs("\n\n a\nb \r\n\r\nc\n \t \n\nd\x1b\n\n\x00\n\n") == ["a\nb", "c", "d"]
    assert split_paragraphs("") == split_paragraphs(" \n ") == []
    assert split_paragraphs("a" * 50, 10) == ["a" * 9 + "…"]


@given(any_text, st.integers(2, 60))
def test_whatever_the_text(text: str, limit: int) -> None:
    """No text is longer than it may be, or has anything in it that it should not; twice is once."""
    cleaned, line = clean(text, limit), one_line(text, limit)

    assert max(len(cleaned), len(line)) <= limit
    assert not UNSEEN & set(cleaned + line)
    assert not any(
        unicodedata.category(c) in {"Cc", "Cs"} for c in (cleaned + line) if c not in "\n\t"
    )
    assert "\n" not in line
    assert line == line.strip()
    assert clean(cleaned, limit) == cleaned
    assert one_line(line, limit) == line
    assert all(part and part == part.strip() for part in split_paragraphs(text))


@given(any_text)
def test_letters_stay(text: str) -> None:
    """Letters, marks, numbers, punctuation, symbols and blanks are all left, in order."""

    def seen(text: str) -> str:
        return "".join(c for c in text if unicodedata.category(c)[0] in "LMNPS" or c == " ")

    assert seen(clean(text)) == seen(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ﬁt", "fit"), ("\U0001d431", "x"), ("größe", "größe"), ("e\u0301", "\xe9")],
)
def test_normal(name: str, expected: str) -> None:
    """A name is compared as Python compares it."""
    assert normalize_name(name) == expected
    assert eval(f"(lambda **{name}: {expected})()") == {}  # noqa: S307 - Python itself says it


def test_an_integer_that_python_does_not_write_has_a_text() -> None:
    assert one_line(16**9000) == f"0x1{'0' * 196}…"
    assert one_line([16**9000]) == f"[0x1{'0' * 195}…"
