"""Answers as an app did when it was recorded: the script of `replay`.

Calls are found by what they are, not by when: function, data, and the content of files. Of equal
ones each gets the next that was recorded, and when none is left the last one again.
"""

from __future__ import annotations

import difflib
import json
import weakref
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import ConnectError, ConnectionLost, GradioProxyError, NotRecorded, Timeout
from ..protocols.selection import MULTIPLEXED
from ..statuses import OK
from ..text import one_line
from ..transport.local import Content
from ..transport.redaction import chain_filters
from ..transport.request import FilesBody
from ..transport.url import normalize_url
from ..uncopyable import Uncopyable
from .cassette import (
    GIVEN_UP,
    LOST,
    UPLOADS,
    AppEntry,
    CallEntry,
    find_function_names,
    map_texts,
    write_key,
)
from .messages import Edits
from .normalizing import OriginNames, hide_addresses, hide_query, spell_hidden
from .peer import Peer
from .performance import reply_json
from .recorder import describe_body
from .routes import Kind
from .uploading import hash_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..transport.interception import Exchange
    from ..transport.redaction import Redactor
    from ..transport.request import Reply
    from .cassette import Message
    from .performance import AskedCall
    from .routes import Route
    from .storage import Cassette

_NEAREST = 3
_SHOWN = 200
_COMPARED = 1_000


class Player(Uncopyable):
    """Answers for all apps of a cassette.

    Args:
        cassette: The cassette.
    """

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        secrets = Secrets()
        self._peers = {
            _spell(app.url): Peer(RecordedApp(app, cassette, secrets)) for app in cassette.apps
        }

    def intercept(self, exchange: Exchange) -> Reply:
        """Answer a request; see `transport.interception.Interceptor`.

        Raises:
            NotRecorded: The cassette knows no such app, or no such call.
        """
        peer = self._peers.get(_spell(exchange.named.url))
        if peer is None:
            known = tuple(app.url for app in self._cassette.apps)
            asked = one_line(exchange.named.url)
            raise NotRecorded(
                f"{self._cassette.path.name} was recorded with {' and '.join(known) or 'no app'}, "
                f"and not with {asked}. Nothing was sent. Pass the address that it knows, or "
                "record again.",
                call=asked,
                nearest=known,
            )
        return peer.intercept(exchange)


class Secrets:
    """The secrets of the sessions so far: none is in a cassette, whichever app was told of it."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        # As long as their sessions are there: some have new ones for each call.
        self._redactors: weakref.WeakSet[Redactor] = weakref.WeakSet()

    def make_filter(self, own: Redactor) -> Callable[[str], str]:
        """Return what takes them out of texts.

        Args:
            own: Hides those of the session that sends the texts.
        """
        with self._lock:
            self._redactors.add(own)
            redactors = list(self._redactors)
        return chain_filters(redactor.make_filter() for redactor in redactors)


class Turns:
    """What was recorded under each key: each once, in order, and the last one again and again."""

    def __init__(self) -> None:
        self._lock = forksafe.Lock()
        self._recorded: dict[str, list[Any]] = {}
        self._taken: dict[str, int] = {}

    def add(self, key: str, recorded: Any) -> None:
        """Add what is next under a key."""
        self._recorded.setdefault(key, []).append(recorded)

    def take(self, key: str) -> Any:
        """Return what is next under a key; ``None`` if there is nothing."""
        found = self._recorded.get(key)
        if not found:
            return None
        with self._lock:
            turn = self._taken.get(key, 0)
            self._taken[key] = turn + 1
        return found[min(turn, len(found) - 1)]


class RecordedApp(Uncopyable):
    """What one app answered; see `performance.Script`.

    Args:
        app: What was said.
        cassette: Where files are.
        secrets: What nothing in a cassette says.
    """

    knows_ends = False

    def __init__(self, app: AppEntry, cassette: Cassette, secrets: Secrets) -> None:
        self._cassette, self._app, self._secrets = cassette, app, secrets
        self._origin = OriginNames(app.url)
        self._calls, self._asked = Turns(), Turns()
        for call in app.calls:
            self._calls.add(call.key, call)
        for entry in app.asked:
            for answer in entry.answers:
                self._asked.add(write_key([entry.request, entry.sent]), answer)
        # The number of the server's process, as it was said last.
        self._app_id: Any = None
        self._sends_edits = any(
            isinstance(config := answer.get("json"), dict)
            and config.get("protocol") in MULTIPLEXED - {"sse_v1"}
            for answer in app.answers()
        )

    def answer(self, exchange: Exchange, route: Route) -> Content:
        """Return the answer to what is no call; see `performance.Script`.

        Raises:
            NotRecorded: It was not asked.
            FileGone: It is in a file beside, which is not there.
        """
        sent: Any = describe_body(exchange, route)
        uploads: list[str] | None = None
        if isinstance(exchange.request.body, FilesBody):
            sent = hash_files(exchange.request.body)
            uploads = [f"{UPLOADS}/{digest}/{name}" for digest, name in sent]
        request = hide_query(f"{route.method} {route.target}")
        hide = self._make_filter(exchange)
        answer = self._asked.take(write_key([hide(request), map_texts(hide_addresses(sent), hide)]))
        if answer is not None:
            self._note_process(answer)
            return self._build(answer)
        if route.target.endswith("/app_id"):
            return reply_json({"app_id": self._app_id})
        if route.kind is Kind.UPLOAD and uploads is not None:
            return reply_json(uploads)
        raise self._build_missing(one_line(hide(request)), [e.request for e in self._app.asked])

    def begin(self, exchange: Exchange, asked: AskedCall) -> RecordedCall:
        """Begin a call that was recorded; see `performance.Script`.

        Raises:
            NotRecorded: It was not.
        """
        hide = self._make_filter(exchange)
        data = map_texts(hide_addresses(asked.data), hide)
        event = map_texts(list(asked.event), hide)
        wanted = CallEntry(asked.way, asked.function, data, event=event)
        entry = self._calls.take(wanted.key)
        if entry is None:
            raise self._build_missing_call(wanted)
        refusal = None if entry.refusal is None else self._build(entry.refusal)
        messages = [map_texts(message, self._origin.show) for message in entry.messages]
        if self._sends_edits and asked.whole != entry.whole:
            edits = Edits()
            messages = [*map(edits.read if asked.whole else edits.write, messages)]
        return RecordedCall(messages, entry.end, refusal)

    def _note_process(self, answer: Message) -> None:
        """Take note of which process an app says that it is, which it is asked for again."""
        config = answer.get("json")
        if isinstance(config, dict) and "dependencies" in config:
            self._app_id = config.get("app_id")

    def _make_filter(self, exchange: Exchange) -> Callable[[str], str]:
        """Return what makes of texts of a request what is in the cassette."""
        hide = self._secrets.make_filter(exchange.redactor)
        return lambda text: self._origin.hide(spell_hidden(hide(text)))

    def _build(self, answer: Message) -> Content:
        """Return an answer as it was.

        Raises:
            ConnectError, ConnectionLost, Timeout: There was none.
            FileGone: It is in a file beside, which is not there.
        """
        if "error" in answer:
            raise _build_break(answer["error"])
        said = answer.get("headers")
        headers = {k: str(v) for k, v in said.items()} if isinstance(said, dict) else {}
        if "type" in answer:
            headers["Content-Type"] = str(answer["type"])
        chunks: Iterator[bytes] | list[bytes]
        if "sha256" in answer:
            chunks = self._cassette.open_content(str(answer["sha256"]))
        elif "json" in answer:
            shown = map_texts(answer["json"], self._origin.show)
            chunks = [json.dumps(shown).encode()]
        else:
            chunks = [self._origin.show(str(answer.get("text", ""))).encode(errors="replace")]
        if answer.get("end"):
            chunks = _break_off(chunks)
        status = answer.get("status", OK)
        shown_headers = {name: self._origin.show(value) for name, value in headers.items()}
        return Content(chunks, status if isinstance(status, int) else OK, shown_headers)

    # What was not recorded.

    def _build_missing_call(self, wanted: CallEntry) -> NotRecorded:
        """Return the error for a call that was not recorded."""
        same = [call for call in self._app.calls if call.function == wanted.function]
        name = next((call.name for call in same if call.name), "") or self._find_name(wanted)
        described = [_describe(call.name or name, call.data) for call in self._app.calls]
        ranked = [_describe(call.name or name, call.data) for call in same] or described
        return self._build_missing(_describe(name, wanted.data), ranked)

    def _find_name(self, wanted: CallEntry) -> str:
        """Return the name of a function that was never called."""
        if isinstance(wanted.function, str):
            return f"/{wanted.function}"
        names = find_function_names(self._app.answers())
        return names.get(wanted.function, f"function {wanted.function}")

    def _build_missing(self, asked: str, recorded: Sequence[str]) -> NotRecorded:
        """Return the error for what was not recorded, with what is most like it."""
        nearest = tuple(_rank(asked, dict.fromkeys(recorded))[:_NEAREST])
        like = f" Recorded are: {'; '.join(nearest)}." if nearest else " Nothing was recorded."
        return NotRecorded(
            f"{self._cassette.path.name} has no {asked}.{like} Record it again with this call.",
            call=asked,
            nearest=nearest,
        )


class RecordedCall:
    """What a call brought; see `performance.Performance`.

    Args:
        messages: The messages, in order.
        end: How it ended.
        refusal: The answer by which it was not taken, if it was not.
    """

    def __init__(self, messages: list[Message], end: str, refusal: Content | None) -> None:
        self.refusal = refusal
        self._messages = messages
        self._end = end
        self._place = 0
        self._chunks: list[Any] = []

    def advance(self) -> Message | None:
        """Return the next message.

        Raises:
            StopIteration: There is none any more.
            ConnectionLost: The connection broke then.
        """
        while self._place < len(self._messages):
            message = self._messages[self._place]
            if "chunk" in message:
                if not self._chunks:
                    return None
                self._check_chunk(message["chunk"], self._chunks.pop(0))
                self._place += 1
                continue
            self._place += 1
            return message
        if self._end == GIVEN_UP:
            return None
        if self._end == LOST:
            raise ConnectionLost("The connection broke, as it did when this was recorded.")
        raise StopIteration

    def take_chunk(self, data: list[Any] | None) -> None:
        """Take another input, which has to be the recorded one."""
        self._chunks.append(data)

    def close(self) -> None:
        """Do nothing: nothing runs."""

    @staticmethod
    def _check_chunk(recorded: Any, sent: Any) -> None:
        if write_key(recorded) != write_key(sent):
            raise NotRecorded(
                f"Another input followed in the feed when it was recorded: not "
                f"{one_line(json.dumps(sent), _SHOWN)}, but "
                f"{one_line(json.dumps(recorded), _SHOWN)}. Record it again."
            )


def _spell(url: str) -> str:
    return normalize_url(url).rstrip("/")


def _describe(name: str, data: Any) -> str:
    return f"{one_line(name, 80)} of {one_line(json.dumps(data, ensure_ascii=False), _SHOWN)}"


def _rank(asked: str, recorded: Sequence[str] | dict[str, None]) -> list[str]:
    """Return texts, those that are most like another one first."""
    matcher = difflib.SequenceMatcher(b=asked[:_COMPARED], autojunk=False)

    def rate(text: str) -> float:
        matcher.set_seq1(text[:_COMPARED])
        return matcher.quick_ratio()

    return sorted(recorded, key=rate, reverse=True)


def _build_break(name: object) -> GradioProxyError:
    """Return the error of a request that had no answer when it was recorded."""
    said = "as it was when this was recorded"
    if name == "ConnectError":
        return ConnectError(f"The app can't be reached, {said}.")
    if name == "Timeout":
        return Timeout(f"The app took longer than timeout allows, {said}.", limit="timeout")
    return ConnectionLost(f"The connection to the app broke, {said}.")


def _break_off(chunks: Iterator[bytes] | list[bytes]) -> Iterator[bytes]:
    """Yield the beginning of an answer that was not read to its end."""
    yield from chunks
    raise ConnectionLost("No more of this answer was read when it was recorded.")
