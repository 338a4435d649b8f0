"""The queue's messages about one call, made into events.

They are the same from Gradio 3 to 6, over a websocket or an event stream; only what a partial
result looks like (whole, or edits of the one before) and how an error is spelled differ.

Rule: a message that can't be right fails the call, and none raises. When which message may come is
the machines' business.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from typing import TYPE_CHECKING, Any

from ..errors import ProtocolError, TooLarge
from ..limits import DEFAULT_LIMITS
from ..sizes import measure_value
from ..text import clean
from .diffs import EditedValue, are_equal, looks_like_edits
from .events import (
    LOG_LEVELS,
    Cancelled,
    Completed,
    Event,
    Failed,
    Logged,
    Lost,
    Oversized,
    Progressed,
    Queued,
    Refused,
    Started,
    Unit,
    Yielded,
)

if TYPE_CHECKING:
    from ..schema.release import Release

TOO_DEEP = "too deep"
DAMAGED = "damaged"
UNREADABLE = (TOO_DEEP, DAMAGED)
"""What stands for messages that can't be read; see `single_call.parse_object`."""

_ADDED = operator.attrgetter("added")
_NESTED = "The server sent a value that is nested too deeply."


class Reader:
    """Reads the messages about one call, in their order.

    Args:
        sends_edits: Whether partial results after the first are edits.
        release: The server's version.
        stale: Whether the first may be edits, too, of a value of another call's.
        max_size: The bytes of a message at most, and of a value that comes in several.
    """

    def __init__(
        self,
        *,
        sends_edits: bool,
        release: Release,
        stale: bool = False,
        max_size: int = DEFAULT_LIMITS.message,
    ) -> None:
        self._sends_edits = sends_edits
        self._max_size = max_size
        self._stale = stale
        self._quoted = not release.has_plain_errors
        # The values that edits change, from the first partial result on.
        self._current: list[EditedValue] | None = None

    def receive(self, message: dict[str, Any]) -> Event | None:
        """Return what the message says, or ``None`` if it says nothing that matters."""
        kind = message.get("msg")
        read = _READERS.get(kind) if isinstance(kind, str) else None
        try:
            return read(self, message) if read is not None else None
        except TooLarge as error:
            return Oversized(str(error), error.maximum)
        except ProtocolError as error:
            return Lost(str(error))
        except RecursionError:
            return Lost(_NESTED)

    def estimation(self, message: dict[str, Any]) -> Event:
        """Read the place of a call that waits in the queue."""
        return Queued(
            _read_integer(message.get("rank")),
            _read_integer(message.get("queue_size")),
            _read_number(message.get("rank_eta")),
        )

    def process_starts(self, message: dict[str, Any]) -> Event:
        """Read that the app began to work on the call."""
        return Started(_read_number(message.get("eta")))

    def progress(self, message: dict[str, Any]) -> Event:
        """Read how far the app is."""
        units = message.get("progress_data")
        return Progressed(
            tuple(
                Unit(
                    _read_integer(unit.get("index")),
                    _read_integer(unit.get("length")),
                    _read_text(unit.get("unit")),
                    _read_number(unit.get("progress")),
                    _read_text(unit.get("desc")),
                )
                for unit in (units if isinstance(units, list) else [])
                if isinstance(unit, dict)
            )
        )

    def log(self, message: dict[str, Any]) -> Event:
        """Read what the app says to the person at the page."""
        level = message.get("level")
        return Logged(
            level if isinstance(level, str) and level in LOG_LEVELS else "info",
            _read_text(message.get("log")) or "",
            _read_text(message.get("title")),
        )

    def process_generating(self, message: dict[str, Any]) -> Event:
        """Read a partial result."""
        output = _read_output(message)
        if message.get("success") is False:
            return self._read_failure(message, output)
        data = _read_data(output)
        if not self._sends_edits:
            return Yielded(tuple(data), measure_value(data))
        if self._current is None:
            if looks_like_edits(data, even_none=self._stale):
                raise ProtocolError("The server sent edits of a value that did not come.")
            self._current = [EditedValue(value, self._max_size) for value in data]
            return Yielded(tuple(data), sum(each.added for each in self._current))
        if len(data) != len(self._current):
            raise ProtocolError("The server changed the number of outputs within a call.")
        values = tuple(map(EditedValue.edit, self._current, data))
        return Yielded(values, sum(map(_ADDED, self._current)))

    @property
    def leaves_base(self) -> bool:
        """Whether the server has a value that it sends edits of."""
        return self._current is not None

    def process_streaming(self, message: dict[str, Any]) -> Event:
        """Read a partial result of a function whose inputs are streamed."""
        # Never edits, and not the base of any.
        data = _read_data(_read_output(message))
        return Yielded(tuple(data), measure_value(data))

    def process_completed(self, message: dict[str, Any]) -> Event:
        """Read the end of the call."""
        output = _read_output(message)
        if message.get("success") is False:
            return self._read_failure(message, output)
        if not output:
            return Cancelled()
        data = _read_data(output)
        # It repeats the last partial result, as a whole: the one place where edits can be checked.
        if self._current is not None and not are_equal(
            [each.value for each in self._current], data
        ):
            raise ProtocolError(
                "The server sent a result to which the partial results before it do not lead: some"
                " were lost on the way, or came twice or in another order."
            )
        return Completed(tuple(data), output.get("render_config"))

    def too_deep(self, _: dict[str, Any]) -> Event:
        """Read that a message could not be read, which may have been a result."""
        raise ProtocolError(_NESTED)

    def read_damage(self, _: dict[str, Any]) -> Event:
        """Read that there was a message that is none: what it said is lost, perhaps a result."""
        raise ProtocolError("The server sent a message that can't be read.")

    def queue_full(self, _: dict[str, Any]) -> Event:
        """Read that the queue did not take the call."""
        return Refused("full", "The app's queue is full.")

    def _read_failure(self, message: dict[str, Any], output: dict[str, Any]) -> Event:
        text = output.get("error")
        title = _read_text(output.get("title")) or _read_text(message.get("title"))
        # Up to 4.25 the text of a hidden error, after partial results, can be that of None.
        if text is None or (self._quoted and text == "None"):
            return Failed(None, title, output or None)
        words = str(text)
        return Failed(clean(parse_repr(words) if self._quoted else words), title, output)


_READERS = {
    "estimation": Reader.estimation,
    "process_starts": Reader.process_starts,
    "progress": Reader.progress,
    "log": Reader.log,
    "process_generating": Reader.process_generating,
    "process_streaming": Reader.process_streaming,
    "process_completed": Reader.process_completed,
    "queue_full": Reader.queue_full,
    TOO_DEEP: Reader.too_deep,
    DAMAGED: Reader.read_damage,
}

_REPR = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*["]""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def parse_repr(text: str) -> str:
    """Return the text whose ``repr`` this is, or the text itself if it is none."""
    return _ESCAPE.sub(_unescape, text[1:-1]) if _REPR.fullmatch(text) else text


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is None:
        return _ESCAPES.get(match[4], match[4])
    return chr(min(int(code, 16), sys.maxunicode))


def _read_output(message: dict[str, Any]) -> dict[str, Any]:
    output = message.get("output")
    if not isinstance(output, dict):
        raise ProtocolError("The server sent a result without an output.")
    return output


def _read_data(output: dict[str, Any]) -> list[Any]:
    data = output.get("data")
    if not isinstance(data, list):
        raise ProtocolError("The server sent an output without data.")
    return data


def _read_integer(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > sys.maxsize:
        return None
    return value


def _read_number(value: object) -> float | None:
    if isinstance(value, int):
        value = _read_integer(value)
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _read_text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None
