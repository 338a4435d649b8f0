"""Results and errors as text, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy import errors
from gradioproxy.errors import GradioProxyError, Problem, Trace
from gradioproxy.many.stored import CLASSES, read_error, write_error, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

TRACE = Trace("an app", "f(1)", ((0.5, "join"), (0.75, "lost")), "…")
ERRORS: list[GradioProxyError] = [
    errors.AppError("boom", app_message="boom", title="Oh"),
    errors.ArgumentError("f", [Problem("x", "1", "a text", "X"), Problem("y", "2", "a number")]),
    errors.ConnectionLost("lost", url="http://x", may_have_run=True),
    errors.NameTaken("taken", names=("a", "b")),
    errors.QueueFull("full", retry_after=2.5),
    errors.ServerError("no", status=502, body="<html>", retry_after=1.0, may_have_run=True),
    errors.Timeout("late", limit="call_timeout", seconds=3.0),
    errors.TooLarge("much", limit="message", maximum=5),
    errors.UnknownEndpoint("none", near=("a",)),
]


def keep(text: str) -> str:
    return text


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_again(error: GradioProxyError) -> None:
    error.with_call(trace=TRACE, event_id="abc", may_have_run=True)
    again = read_error(write_error(error, keep))
    assert type(again) is type(error)
    assert again.args == error.args
    assert vars(again) == vars(error)
    assert again.report() == error.report()


def test_each_class_is_known() -> None:
    """Of what this package raises, with whatever can be said without arguments."""
    for name, kind in CLASSES.items():
        if not issubclass(kind, errors.ArgumentError):
            assert type(read_error(write_error(kind("text"), keep))) is kind, name


def test_an_error_of_another_package() -> None:
    again = read_error(write_error(KeyError("x"), keep))
    assert (type(again), str(again)) == (GradioProxyError, "KeyError('x')")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", '{"class": "os"}', '{"class": "AppError"}', '{"class": []}'),
        '{"class": "AppError", "message": "x", "fields": 3}',
        "[" * 100_000,
        '{"class": "AppError", "message": "x", "trace": {"timeline": [1]}}',
        '{"class": "ArgumentError", "message": "x", "problems": [{"place": 1}]}',
    ],
)
def test_text_of_strangers_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="an error that can't be read"):
        read_error(text)


def test_fields_of_strangers_are_data() -> None:
    text = json.dumps({"class": "AppError", "message": "x", "fields": {"report": "zzz"}})
    assert str(read_error(text)) == "x"
    assert "zzz" not in read_error(text).report()


def test_words_of_strangers_tell_a_terminal_nothing() -> None:
    text = json.dumps({"class": "AppError", "message": "\x1b[2Jbad"})
    assert str(read_error(text)) == "[2Jbad"


@pytest.mark.parametrize("value", ['say "sesame"', {"sesame": ["sesame"]}, "\\u00e9 sesame"])
def test_no_secret_is_written(value: Any) -> None:
    hide: Callable[[str], str] = lambda text: text.replace("sesame", "<secret>")  # noqa: E731
    text = write_json(value, hide)
    assert "sesame" not in text
    assert json.loads(text) == json.loads(json.dumps(value).replace("sesame", "<secret>"))
