"""What goes back from a worker: errors that can go to any process."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import AppError, AuthenticationError, JobCancelled
from gradioproxy.files.payload import Payload
from gradioproxy.many.chunk import AppReference, Chunk
from gradioproxy.many.worker import _Calls, _Raw, make_portable, run_chunk

if TYPE_CHECKING:
    from pathlib import Path


class Foreign(Exception):
    """An error that does not pickle."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(one)
        self.two = two


@pytest.mark.parametrize(
    "error",
    [
        AppError("bad", title="Oh", app_message="bad"),
        OSError(28, "No space left on device"),
        ValueError("wrong"),
        KeyError("a", 1),
        Foreign("text", object()),
        ValueError(object()),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    ],
)
def test_every_error_can_go_back(error: Exception) -> None:
    """Ours and Python's own as they are, others by what they say."""
    made = make_portable(error)
    copy = pickle.loads(pickle.dumps(made))  # noqa: S301 - made here
    assert str(copy) == str(made)
    assert type(copy) is type(made)
    assert str(error) in str(copy)


def test_a_refused_login_says_where_secrets_are_taken_from() -> None:
    """Once."""
    made = make_portable(make_portable(AuthenticationError("Refused.", status=401)))
    assert str(made).count("GRADIOPROXY_ACCESS") == 1
    assert isinstance(made, AuthenticationError)
    assert made.status == 401


class Ticket:
    """A ticket that somebody else has."""

    def take(self) -> bool:
        """Return that it is gone."""
        return False

    def is_wanted(self) -> bool:
        """Return that it is not wanted."""
        return False


def fail(_: AppReference) -> Any:
    """Find no app."""
    raise AppError("not here")


def make_chunk(ticket: Ticket | None) -> Chunk:
    """Return a chunk of two calls, whose app nobody finds."""
    unused: Any = None
    payloads = [Payload([1]), Payload([2])]
    return Chunk(fail, unused, "f", unused, payloads, 1, None, 1.0, ticket)


def test_a_chunk_that_another_has_begun_is_not_begun() -> None:
    answer = run_chunk(make_chunk(Ticket()))
    assert answer.refused
    assert not answer.outcomes


def test_what_keeps_a_worker_from_the_app_is_what_comes_of_each_call() -> None:
    """Each has an error of its own."""
    one, two = run_chunk(make_chunk(None)).outcomes
    assert str(one) == str(two) == "not here"
    assert one is not two


def test_what_is_given_up_is_not_made_again() -> None:
    """A call that was refused waits here for long, and whoever wanted it may be gone."""
    unused: Any = None
    calls = _Calls(make_chunk(Ticket()), unused)
    with pytest.raises(JobCancelled, match="given up"):
        calls.prepare(Payload([1]))


class Fetched:
    """The files of a call: two streams, of which one was cleaned away meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "there").write_bytes(b"content")

    def find_fetched(self) -> dict[str, Path]:
        """Return where they were brought."""
        return {name: self._folder / name for name in ("gone", "there")}


def test_a_stream_that_was_cleaned_away_costs_no_result(tmp_path: Path) -> None:
    """Whoever uses it fetches it; what comes with it goes back all the same."""
    unused: Any = None
    files: Any = Fetched(tmp_path)
    answer: Any = _Calls(make_chunk(None), unused).finish(_Raw((1,), files))
    assert (answer.data, answer.streams) == ((1,), {"there": b"content"})
