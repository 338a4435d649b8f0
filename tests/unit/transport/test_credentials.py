"""Secrets are checked when they are given, and no text ever has them."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from gradioproxy.errors import AuthenticationError
from gradioproxy.transport.credentials import ENVIRONMENT, Access, access_from_environment
from tests.support.web_server import (
    Reply,
    Web,
    reply_json,
    transport_to,
)

TOKEN = "hf_tokenABCDEF"  # noqa: S105 - no real one
SECRETS = Access(token=TOKEN, auth=("user", "loginpass"), headers={"X-Key": "headervalue"})


@pytest.mark.parametrize(
    "access",
    [
        {"token": "hf_secret\r\nX: y"},
        {"token": "hf_secret…"},
        {"headers": {"X-Key": "secret\nX: y"}},
        {"headers": {"X-Key": "secret\x00"}},
        {"headers": {"X-Key": "secret✓"}},
        {"headers": {"X Key": "secret"}},
        {"headers": {"X-Key: y\r\nA": "secret"}},
        {"headers": {"": "secret"}},
    ],
)
def test_what_is_no_header_is_refused_without_its_value(access: dict[str, Any]) -> None:
    """A secret that no header can hold is refused at once, and the error doesn't quote it."""
    with pytest.raises(ValueError, match="header") as raised:
        Access(**access)
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="header"):
        transport_to("http://host").with_access(**access)


@pytest.mark.parametrize("headers", [{"X": 5}, {"X": b"secret"}, {5: "secret"}])
def test_headers_are_text(headers: Any) -> None:
    with pytest.raises(TypeError, match="names and values of headers are text") as raised:
        Access(headers=headers)
    assert "secret" not in str(raised.value)


def test_a_token_from_a_file_has_a_newline(web: Web) -> None:
    """Blanks around secrets, which are easily copied along, are no part of them."""
    web.on("/x", reply_json([]))

    transport_to(web, Access(f"\t{TOKEN}\n", headers={"X-Key": " value\n"})).get("/x")
    transport_to(web, Access(" \n")).get("/x")

    assert web.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert web.requests[0].headers["X-Key"] == "value"
    assert "Authorization" not in web.requests[1].headers


@pytest.mark.parametrize(
    ("access", "address", "said"),
    [
        ({"token": TOKEN}, "http://", "refused what token= gave"),
        ({"headers": {"X-Key": "headervalue"}}, "http://", "refused what headers= gave"),
        ({}, "http://me:basicpass@", "refused what the user in the address gave"),
        ({"token": TOKEN, "headers": {"A": "b"}}, "http://", "refused what token= and headers="),
        ({}, "http://", "wants a login; pass auth=(user, password), or token="),
    ],
)
def test_refusal_says_what_was_used(
    web: Web, access: dict[str, Any], address: str, said: str
) -> None:
    """A refusal names the options whose values were sent, and never the values."""
    web.on("/x", Reply(401, f"no {TOKEN} headervalue basicpass".encode()))
    transport = transport_to(web.url.replace("http://", address), Access(**access))

    for ask in (transport.get, lambda path: transport.post(path, [])):
        with pytest.raises(AuthenticationError) as raised:
            ask("/x")
        error = raised.value
        assert said in str(error)
        text = "".join(traceback.format_exception(error)) + error.report() + repr(vars(error))
        assert not any(value in text for value in (TOKEN, "headervalue", "basicpass"))
        assert isinstance(error, PermissionError)


def test_secrets_are_in_no_repr() -> None:
    """Objects that end up in tracebacks and logs don't show the secrets that they hold."""
    transport = transport_to("http://me:basicpass@host", SECRETS)

    shown = repr(SECRETS) + repr(transport) + repr(transport.access) + repr(transport.address)
    assert not any(value in shown for value in (TOKEN, "loginpass", "headervalue", "basicpass"))


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("http://host/alice", "hf_alice"),
        ("http://host/alice/sub", "hf_alice"),
        ("http://HOST:80/alice", "hf_alice"),
        ("http://host/bob", "hf_bob"),
        ("http://host/carol", None),
        ("http://host/alice/../mallory", None),
        ("http://host/alice/%2e%2e/mallory", None),
        ("http://host/mallory", None),
        ("http://host", None),
        ("http://[", None),
    ],
)
def test_secrets_of_the_environment_are_for_one_address(
    monkeypatch: pytest.MonkeyPatch, url: str, token: str | None
) -> None:
    """And for what is below it, however the address is written."""
    entries = (
        "nonsense",
        "http://hf_mallory@host/bob/%2e%2e/mallory",
        "http://hf_alice@host/alice/",
        "http://hf_bob@host/x/../bob",
        "http://carol:secret@host/carol",
    )
    monkeypatch.setenv(ENVIRONMENT, "  ".join(entries))
    access = access_from_environment(url)
    assert access.token == token
    assert access.auth == (("carol", "secret") if url.endswith("carol") else None)
