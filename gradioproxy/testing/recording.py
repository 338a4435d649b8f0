"""What was said so far, while it is recorded: by any number of threads at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..limits import DEFAULT_LIMITS
from ..protocols.states import EarlyMessages
from ..schema.limits import MAX_RESULT_DEPTH, is_shallow
from .cassette import GIVEN_UP, LOST, AskedEntry, CallEntry, write_key
from .messages import is_final, keep_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..transport.redaction import Redactor
    from .cassette import Message


@dataclass(eq=False)
class Spoken:
    """A call while it is recorded.

    Attributes:
        entry: What is known of it.
        began: When, in the order of all that happened.
        is_over: Whether nothing follows for it.
    """

    entry: CallEntry
    began: int
    is_over: bool = False


@dataclass(eq=False)
class AppRecording:
    """What was said with one app.

    Args:
        url: Its address.
        clock: Counts what happens, in all apps.

    Attributes:
        asked: What it was asked.
        calls: The calls.
        uploads: Hash and name of each file that went up, by where the server put it.
        session_hashes: The hashes that were used.
        event_ids: The server's names of calls.
        redactors: What hides the secrets of each way to it.
    """

    url: str
    clock: Iterator[int] = field(default_factory=itertools.count)
    asked: dict[str, AskedEntry] = field(default_factory=dict)
    calls: list[Spoken] = field(default_factory=list)
    uploads: dict[str, tuple[str, str]] = field(default_factory=dict)
    session_hashes: dict[str, None] = field(default_factory=dict)
    event_ids: dict[str, None] = field(default_factory=dict)
    redactors: list[Redactor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = forksafe.RLock()
        self._named: dict[str, Spoken] = {}
        self._early = EarlyMessages(DEFAULT_LIMITS.message)
        self._runs: dict[object, Spoken] = {}
        self._is_over = False

    def stop(self) -> None:
        """Take note of nothing more: what is under way elsewhere is read to its end unseen."""
        with self._lock:
            self._is_over = True
            self._early.forget()

    def tick(self) -> int:
        """Return the number of what happens now."""
        return next(self.clock)

    def note_person(self, redactor: Redactor, session_hash: str) -> None:
        """Take note of whose secrets may be in what is said, and under which hash."""
        with self._lock:
            if not any(known is redactor for known in self.redactors):
                self.redactors.append(redactor)
            if session_hash:
                self.session_hashes[session_hash] = None

    def note_answer(self, request: str, sent: Any, answer: Message) -> None:
        """Take note of an answer to what is no call; one like the last is not written twice."""
        with self._lock:
            if self._is_over:
                return
            entry = self.asked.setdefault(write_key([request, sent]), AskedEntry(request, sent))
            if entry.answers[-1:] != [answer]:
                entry.answers.append(answer)

    def note_upload(self, path: str, digest: str, name: str) -> None:
        """Take note of where the server put a file."""
        with self._lock:
            if not self._is_over:
                self.uploads[path] = digest, name

    # Calls.

    def add_call(self, entry: CallEntry, began: int, event_id: str = "") -> Spoken:
        """Add a call, with what came before its name did."""
        call = Spoken(entry, began)
        with self._lock:
            if self._is_over:
                return call
            self.calls.append(call)
            if event_id:
                self.name_call(call, event_id)
        return call

    def name_call(self, call: Spoken, event_id: str) -> None:
        """Take note of the server's name for a call."""
        with self._lock:
            self.event_ids[event_id] = None
            self._named[event_id] = call
            for message in self._early.take(event_id):
                self.note_message(call, message)

    def find_call(self, event_id: str) -> Spoken | None:
        """Return the call of a name."""
        return self._named.get(event_id)

    def take_message(self, message: Message) -> None:
        """Take note of a message of a stream that several calls have in common."""
        event_id = message.get("event_id")
        with self._lock:
            if self._is_over:
                return
            if isinstance(event_id, str) and event_id in self._named:
                self.note_message(self._named[event_id], message)
            elif isinstance(event_id, str):
                self._early.keep(event_id, message)

    def note_message(self, call: Spoken, message: Message) -> None:
        """Take note of a message of a call."""
        kept = message if "msg" not in message else keep_message(message)
        with self._lock:
            if call.is_over or kept is None or self._is_over:
                return
            if not is_shallow(kept, MAX_RESULT_DEPTH):  # nobody could read it again
                self.end_call(call, LOST)
                return
            call.entry.messages.append(kept)
            call.is_over = is_final(kept)

    def take_back(self, call: Spoken, message: Message) -> None:
        """Forget a message that was noted, and not sent after all."""
        with self._lock:
            kept = call.entry.messages
            call.entry.messages = [each for each in kept if each is not message]

    def end_call(self, call: Spoken, how: str) -> None:
        """Take note of the end of a call, unless its last message has come."""
        with self._lock:
            if not call.is_over:
                call.is_over, call.entry.end = True, how

    def end_stream(self, event_ids: list[str], message: Message | None, how: str) -> None:
        """Take note that the stream of some calls is no more, perhaps with a last message."""
        with self._lock:
            for call in [self._named[each] for each in event_ids if each in self._named]:
                if message is not None:
                    self.note_message(call, message)
                self.end_call(call, how)

    # Runs of generators past the queue: one post for each value.

    def take_run(self, key: object) -> Spoken | None:
        """Return the run that a post goes on with, if it does."""
        with self._lock:
            return self._runs.pop(key, None)

    def keep_run(self, key: object, call: Spoken) -> None:
        """Take note that another post goes on with a run."""
        with self._lock:
            self._runs[key] = call

    def list_calls(self) -> list[CallEntry]:
        """Return the calls in the order in which they were begun; those that run were given up."""
        with self._lock:
            calls = sorted(self.calls, key=lambda call: call.began)
            for call in calls:
                self.end_call(call, GIVEN_UP)
            return [call.entry for call in calls if call.entry.is_posted]
