"""The Hub's commands, against its stand-in."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from gradioproxy.cli.root import run
from tests.support.hub_server import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.hub_server import StandIn


def ask(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """Return what a command of the Hub prints, or its error."""
    assert run(["hub", *words]) == code
    printed = capsys.readouterr()
    return printed.err if code else printed.out


def test_lists(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, or a JSON object each, over all pages up to the limit."""
    for number in range(8):
        hub.add_space(f"me/whisper-{number}")
    hub.add_models("me/model")

    lines = ask(capsys, "spaces", "whisper", "--limit", "5").splitlines()
    assert len(lines) == 5
    assert lines[0] == "me/whisper-0 gradio 7 likes"
    (line,) = ask(capsys, "models", "--json").splitlines()
    assert json.loads(line)["id"] == "me/model"


def test_one_of_them(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """What matters of it, or all as JSON."""
    hub.add_space("me/app", "SLEEPING")
    shown = ask(capsys, "space", "me/app")
    assert shown.startswith("id: me/app\n")
    assert "stage: SLEEPING\n" in shown
    assert json.loads(ask(capsys, "space", "me/app", "--json"))["host"] == hub.front.url
    hub.add_models("me/model")
    assert ask(capsys, "model", "me/model").startswith("id: me/model\n")


def test_starting_and_waiting(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """A Space is woken, and waited for."""
    hub.add_space("me/app", "SLEEPING")
    assert "id: me/app" in ask(capsys, "start", "me/app")
    assert "stage: RUNNING" in ask(capsys, "wait", "me/app", "--timeout", "60")


def test_logging_in(
    hub: StandIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A token is read from standard input, checked and kept; it is shown by nothing."""
    assert hub.requests == []
    assert "oken" in ask(capsys, "whoami", code=4)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{TOKEN}\n".encode())))

    said = ask(capsys, "login")

    assert said.startswith("name: ")
    assert TOKEN not in said
    assert (tmp_path / "hf" / "token").read_text() == TOKEN
    assert ask(capsys, "whoami") == said
    assert ask(capsys, "--token", TOKEN, "whoami") == said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is no token on standard input"),
        (b"\n", "there is no token on standard input"),
        (b"hf_one\nhf_two\n", "there are several lines on standard input, and a token is one"),
        (b"\xff\n", "standard input is no text in UTF-8"),
        (None, "standard input is closed"),
    ],
)
def test_no_token(
    hub: StandIn,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    message: str,
) -> None:
    """Nothing to log in with is a mistake, and the Hub is not asked."""
    stream = None if content is None else io.TextIOWrapper(io.BytesIO(content))
    monkeypatch.setattr("sys.stdin", stream)
    assert message in ask(capsys, "login", code=2)
    assert hub.requests == []


def test_a_search_that_is_no_text(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """As a terminal of another encoding sends it."""
    assert "no text in UTF-8" in ask(capsys, "spaces", "\udcff", code=2)
    assert hub.requests == []


def test_what_is_not_there(hub: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """A Space that is missing is not reached; a name that can be none is a mistake."""
    assert "me/app" in ask(capsys, "space", "me/app", code=3)
    assert ask(capsys, "space", "no name", code=2).count("\n") == 1
    assert len(hub.requests) == 1


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let a text be piped in."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_managing(
    hub: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spaces are copied, paused, restarted, and moved to other hardware."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("API_KEY", "sk-0123456789")
    hub.add_space("bob/app")
    settings = "--hardware t4-small --sleep-time 300 --secret API_KEY --variable A=b=c --public"
    said = ask(capsys, "duplicate", "bob/app", "copy", *settings.split())
    assert said.startswith("id: alice/copy\n")
    assert "stage: BUILDING\n" in said
    copy = hub.spaces["alice/copy"]
    assert (copy.hardware, copy.sleep_time) == (["t4-small", "t4-small"], 300)
    assert copy.secrets["API_KEY"]["value"] == "sk-0123456789"
    assert copy.variables["A"]["value"] == "b=c"
    assert copy.fields["private"] is False
    assert "exist_ok" in ask(capsys, "duplicate", "bob/app", "copy", code=3)
    assert "id: alice/copy" in ask(capsys, "duplicate", "bob/app", "copy", "--exist-ok")
    assert hub.spaces["alice/copy"] is copy
    ask(capsys, "duplicate", "bob/app")
    assert hub.spaces["alice/app"].fields["private"] is True

    assert "stage: PAUSED" in ask(capsys, "pause", "alice/copy")
    assert "stage: BUILDING" in ask(capsys, "restart", "alice/copy", "--factory-reboot")
    assert copy.rebuilds == 1
    ask(capsys, "hardware", "alice/copy", "cpu-basic", "--sleep-time", "-1")
    assert (copy.hardware[1], copy.sleep_time) == ("cpu-basic", -1)
    assert "expected one of" in ask(capsys, "hardware", "alice/copy", "t5", code=3)


def test_copies_that_are_not_made(
    hub: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret comes from the environment, a variable has a value."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.delenv("NO_KEY", raising=False)
    assert "NO_KEY" in ask(capsys, "duplicate", "bob/app", "--secret", "NO_KEY", code=2)
    assert "NAME=VALUE" in ask(capsys, "duplicate", "bob/app", "--variable", "A", code=2)
    assert hub.requests == []
    assert "oken" in ask(capsys, "duplicate", "bob/app", "--token", "hf_wrong", code=4)


def test_secrets(
    hub: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are listed without values; a value is read from standard input, and shown by nothing."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    kept = hub.add_space("alice/app")
    kept.secrets["OLD"] = {"key": "OLD", "value": "x", "description": "Of old"}
    type_in(monkeypatch, "sk 0123456789 \nmore\n\n")
    assert ask(capsys, "secrets", "alice/app", "--set", "KEY") == ""
    assert kept.secrets["KEY"]["value"] == "sk 0123456789 \nmore\n"
    assert ask(capsys, "secrets", "alice/app") == "OLD: Of old\nKEY\n"
    listed = json.loads(ask(capsys, "secrets", "alice/app", "--json"))
    assert list(listed) == ["OLD", "KEY"]
    assert ask(capsys, "secrets", "alice/app", "--delete", "OLD") == ""
    assert list(kept.secrets) == ["KEY"]


def test_the_quota(
    hub: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seconds that are left."""
    assert "oken" in ask(capsys, "quota", code=4)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert ask(capsys, "quota") == "remaining: 181.5\nbase: 300\noverquotaUsed: 0\n"
    assert json.loads(ask(capsys, "quota", "--json")) == hub.quota
