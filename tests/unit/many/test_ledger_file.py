"""What a map is told that a journal has of inputs; maps are in servers/test_journals.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gradioproxy.errors import (
    AppError,
    ConnectionLost,
    GradioProxyError,
    JobCancelled,
    JournalError,
)
from gradioproxy.many.keys import Key
from gradioproxy.many.ledger import Outcome
from gradioproxy.many.ledger_file import FileLedger
from gradioproxy.many.recorder import Recorder
from gradioproxy.many.stored import write_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gradioproxy.many.recorder import State


class Encoded(NamedTuple):
    """An input, as far as a ledger looks at it."""

    payload: str


class Parts:
    """What a ledger has of a function whose inputs are texts."""

    def make(self, payload: str) -> Key:
        """Return the key of an input."""
        return Key(payload.ljust(32).encode(), "{}")

    def read(self, text: str) -> str:
        """Return a result."""
        if text != "good":
            raise ValueError("a result that can't be read")
        return text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a journal."""
    return tmp_path / "j"


@pytest.fixture
def ledger(path: Path) -> Iterator[FileLedger]:
    """Give what one map is told by."""
    parts: Any = Parts()
    recorder = Recorder(path, {"the function": "/f"})
    encode: Any = Encoded
    yield FileLedger(recorder, parts, parts, parts, encode, str)
    recorder.close()


def write(path: Path, state: State, *, error: str | None = None, result: str | None = None) -> None:
    """Have another map bring the input ``x`` to a state."""
    recorder = Recorder(path, {"the function": "/f"})
    row = recorder.claim(Parts().make("x"))
    if result is None:
        recorder.note_end(row.id, state, error)
    else:
        recorder.note_result(row.id, result)
    recorder.close()


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ("unknown", None, "The program that made this call ended before .*; repeat_unknown=True"),
        (
            "unknown",
            JobCancelled("f() was cancelled."),
            "f.. was cancelled. .* repeat_unknown=True",
        ),
        ("unknown", ConnectionLost("It is gone."), "It is gone. .* repeat_unknown=True makes"),
        ("failed", AppError("No."), r"No\.$"),
    ],
)
def test_what_another_run_left(
    ledger: FileLedger, path: Path, state: State, error: GradioProxyError | None, message: str
) -> None:
    """Its error is there again; where nobody knows whether the call ran, it says what helps."""
    write(path, state, error=None if error is None else write_error(error, str))
    found = ledger.look_up("x")
    assert isinstance(found, Outcome)
    assert (found.failed, found.restored) == (True, True)
    with pytest.raises(ConnectionLost if error is None else type(error), match=message):
        raise found.value


@pytest.mark.parametrize(
    ("state", "kept", "message"),
    [
        ("done", {"result": "bad"}, "a result that can't be read"),
        ("failed", {"error": "{}"}, "an error that can't be read: KeyError"),
        ("unknown", {"error": "["}, "an error that can't be read: JSONDecodeError"),
    ],
)
def test_what_nobody_of_ours_wrote(
    ledger: FileLedger, path: Path, state: State, kept: dict[str, str], message: str
) -> None:
    """It is told in which journal, and of which input."""
    write(path, state, **kept)
    with pytest.raises(JournalError, match="the input 1 is none of ours") as caught:
        ledger.look_up("x")
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"The journal {path} can't be used: ")
    assert caught.value.path == str(path)
