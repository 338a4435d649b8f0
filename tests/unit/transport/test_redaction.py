"""What a server says again of what it was sent is hidden, and nothing else."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from gradioproxy.errors import ServerError
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.redaction import HIDDEN, Redactor, chain_filters
from gradioproxy.transport.url import parse_address
from tests.support.web_server import Web, redirect, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "hf_tokenABCDEF0123456789"  # noqa: S105 - no real one
OAUTH = "hf_oauthGHIJKL0123456789"
PASSWORD = "pä55 \"w'ord\\&/<x>"  # noqa: S105
BASIC = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
ACCESS = Access(
    token=TOKEN,
    oauth_token=OAUTH,
    auth=("ann", PASSWORD),
    headers={
        "X-Key": "key of mine",
        "Authorization": "Basic Ym9iOmJvYnNwYXNz",
        "Cookie": "a=cookieone; b=cookietwo",
        "Origin": "http://app.test",
        "X-Flag": "yes",
    },
)


def redactor(access: Access = ACCESS, address: str = "http://app.test") -> Redactor:
    """Return what hides the secrets of somebody."""
    return Redactor(parse_address(address), access, lambda: ["cookiethree", "1", ""])


@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        TOKEN.upper(),
        f"Bearer {TOKEN}",
        f"x{TOKEN}y",
        OAUTH,
        PASSWORD,
        quote(PASSWORD),
        quote(PASSWORD, safe="").lower(),
        quote_plus(PASSWORD),
        json.dumps(PASSWORD),
        json.dumps(PASSWORD, ensure_ascii=False),
        repr(PASSWORD),
        html.escape(PASSWORD),
        BASIC,
        f"Basic {BASIC.rstrip('=')}",
        "key of mine",
        "key+of+mine",
        "Basic Ym9iOmJvYnNwYXNz",
        "Ym9iOmJvYnNwYXNz",
        "bobspass",
        "cookieone",
        "cookietwo",
        "cookiethree",
    ],
)
def test_a_secret_is_hidden(said: str) -> None:
    """However it is written."""
    for text in (said, f"you sent {said}, and again {said}."):
        shown = redactor().hide(text)
        assert HIDDEN in shown
        assert said.strip("\"'").removeprefix("Basic ").removeprefix("Bearer ") not in shown


@pytest.mark.parametrize(
    "said", ["", "plain words", "yes, http://app.test 1 times", "ann", "hf_token", "cookie", "bob"]
)
def test_what_is_no_secret_stays(said: str) -> None:
    """Such as names, what anybody knows, and what is too short to be one."""
    assert redactor().hide(said) == said


def test_a_short_secret_is_hidden_as_a_word() -> None:
    """It may be part of other words by chance."""
    hide = redactor(Access(auth=("ann", "pass"))).hide
    assert hide("the passage: pass, 'pass' passed") == f"the passage: {HIDDEN}, '{HIDDEN}' passed"


@pytest.mark.parametrize("size", range(4, len(TOKEN)))
def test_a_text_that_was_cut_within_a_secret(size: int) -> None:
    """Its beginning says much of it."""
    assert redactor().hide(f"you sent {TOKEN[:size]}…") == f"you sent {HIDDEN}…"


def test_the_user_in_the_address() -> None:
    hide = redactor(Access(), "http://eve:evespass%21@app.test").hide
    encoded = base64.b64encode(b"eve:evespass!").decode()
    assert hide(f"Basic {encoded} evespass! eve") == f"{HIDDEN} {HIDDEN} eve"


def test_the_query_of_the_address() -> None:
    """What has the name of a secret, or its length; others may be words of everybody's."""
    query = "lang=french&api_key=open5esame&sign=x1y2z3&design=plain&id=0123456789abcdef"
    hide = redactor(Access(), f"http://app.test/?{query}").hide
    said = "french open5esame x1y2z3 plain 0123456789ABCDEF"
    assert hide(said) == f"french {HIDDEN} {HIDDEN} plain {HIDDEN}"


def test_what_programs_read_is_changed_for_certain_secrets_only() -> None:
    """A shorter one can be there by chance."""
    access = Access(
        token=TOKEN, auth=("ann", "textbox"), headers={"Referer": "http://app.test/x/y"}
    )
    described = json.dumps({"a": TOKEN, "type": "textbox", "root": "http://app.test/x/y"})
    changed = redactor(access).hide_certain(described)
    assert changed == described.replace(TOKEN, HIDDEN)


def test_no_secret_gets_into_the_apps_address(web: Web) -> None:
    """By a redirection, which would name it to whoever sees the address."""
    web.on("/x", redirect(f"/{TOKEN}/x"))
    with pytest.raises(ServerError, match="an address with a secret in it") as raised:
        transport_to(web, ACCESS).get("/x")
    assert TOKEN not in str(raised.value)
    assert web.paths() == ["/x"]


def test_a_redactor_shows_nothing() -> None:
    """Such as in a traceback with variables."""
    assert TOKEN not in repr(redactor())


def test_secrets_in_bytes() -> None:
    """Are found in whatever is around them; what is short may be there by chance."""
    hide = redactor(Access(token=TOKEN, auth=("ann", "abc"))).make_byte_filter()
    hidden = HIDDEN.encode()
    assert hide(b"\xff" + TOKEN.encode() + b"\x80") == b"\xff" + hidden + b"\x80"
    assert hide(b"\xff" + TOKEN.upper().encode() + b"\x80") == b"\xff" + hidden + b"\x80"
    assert redactor().make_byte_filter()(b"\xff" + PASSWORD.encode()) == b"\xff" + hidden
    assert hide(b"\xffcookiethree abc 1") == b"\xff" + hidden + b" abc 1"
    assert (
        Redactor(parse_address("http://app.test"), Access()).make_byte_filter()(b"\xff") == b"\xff"
    )


def test_several_filters_are_one() -> None:
    """One takes out what the others leave, whether they are few or none."""
    redactors = [
        Redactor(parse_address("http://host"), Access(token=f"hf_token{name}ABCDEFGH"))
        for name in ("One", "Two")
    ]
    text = "hf_tokenOneABCDEFGH, hf_tokenTwoABCDEFGH"
    hide = chain_filters(each.make_filter() for each in redactors)
    assert [hide(text), hide(text)] == ["<secret>, <secret>"] * 2
    hide_bytes = chain_filters(each.make_byte_filter() for each in redactors)
    assert hide_bytes(text.encode()) == b"<secret>, <secret>"
    none: list[Callable[[str], str]] = []
    assert chain_filters(none)(text) == text
