"""What is sent to the Hub: nothing shows it."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from gradioproxy.hub.content import Content

VALUE = "sk-0123456789"


def test_what_is_sent_is_shown_by_nothing() -> None:
    content = Content({"key": "KEY"}, [VALUE])
    content.add("value", VALUE)
    first, second = content.open(), content.open()
    assert VALUE not in f"{content!r} {content} {first!r}"
    assert json.loads(first) == json.loads(second) == {"key": "KEY", "value": VALUE}
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="secrets"):
            take(content)


@pytest.mark.parametrize(
    ("secrets", "said", "shown"),
    [
        ([VALUE], f"no {VALUE}", "no <secret>"),
        ([], f"no {VALUE}", f"no {VALUE}"),
        ([""], "no", "no"),
        ([VALUE, "ab"], "no", "<secret>"),  # which of its letters they are, nobody can tell
        (["a  b c d"], "no a b c d", "no <secret>"),
        ([f"BEGIN\n{VALUE}{VALUE}\nEND"], f"no {VALUE}{VALUE}", "no <secret>"),
        ([VALUE], f"no {VALUE[:-2]}…", "no <secret>…"),
    ],
)
def test_what_is_quoted_has_no_secret(secrets: list[str], said: str, shown: str) -> None:
    """In whatever form a line of text has it."""
    hide = Content({}, secrets).hide_in(lambda text: text.replace("no", "no"))
    assert hide(said) == shown


def test_others_hide_as_before() -> None:
    hide = Content({}, [VALUE]).hide_in(lambda text: text.replace("token", "<secret>"))
    assert hide(f"token and {VALUE}") == "<secret> and <secret>"
