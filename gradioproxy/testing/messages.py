"""The messages of a queue as a cassette keeps them: without what is another one each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ProtocolError
from ..protocols.diffs import apply_edits, are_equal

if TYPE_CHECKING:
    from .cassette import Message

_FINAL = frozenset({"process_completed", "queue_full", "unexpected_error"})
"""Those after which none comes for a call."""

_SIMPLE_FINAL = ("complete", "error")

# Heartbeats and questions are the stream's own; a place in the queue depends on others.
_UNKEPT = frozenset({"heartbeat", "close_stream", "send_hash", "send_data", "estimation"})
_TIMES = frozenset({"eta", "rank_eta", "queue_eta", "avg_time", "cache_duration", "time_limit"})
_DURATIONS = frozenset({"duration", "average_duration"})


def keep_message(message: Message) -> Message | None:
    """Return what is kept of a message, ``None`` if that is nothing."""
    if not isinstance(message.get("msg"), str) or message["msg"] in _UNKEPT:
        return None
    kept = {key: value for key, value in message.items() if key not in _TIMES | {"event_id"}}
    output = kept.get("output")
    if isinstance(output, dict):
        kept["output"] = keep_output(output)
    return kept


def keep_output(output: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a result: how long an error is shown is no time of this call."""
    unkept = _TIMES | (_DURATIONS if "data" in output else frozenset())
    return {key: value for key, value in output.items() if key not in unkept}


def is_final(message: Message) -> bool:
    """Tell whether no message follows for the call."""
    if "msg" in message:
        return message["msg"] in _FINAL
    return message.get("event") in _SIMPLE_FINAL


class Edits:
    """Writes the partial results of one call as edits of the one before, as servers do."""

    def __init__(self) -> None:
        self._last: list[Any] | None = None

    def write(self, message: Message) -> Message:
        """Return a message whose values are whole as one with edits."""
        data = find_partial(message)
        if data is None:
            return message
        last, self._last = self._last, data
        if last is None or len(last) != len(data):
            return message
        pairs = zip(last, data, strict=True)
        edits = [[] if are_equal(*pair) else [["replace", [], pair[1]]] for pair in pairs]
        return {**message, "output": {**message["output"], "data": edits}}

    def read(self, message: Message) -> Message:
        """Return a message with edits as one whose values are whole."""
        data = find_partial(message)
        if data is None:
            return message
        if self._last is not None and len(self._last) == len(data):
            try:
                data = [apply_edits(*pair) for pair in zip(self._last, data, strict=True)]
            except ProtocolError:
                return message  # whoever reads it says what is wrong
        self._last = data
        return {**message, "output": {**message["output"], "data": data}}


def find_partial(message: Message) -> list[Any] | None:
    """Return the values of a partial result, ``None`` if the message is none."""
    if message.get("msg") != "process_generating":
        return None
    output = message.get("output")
    data = output.get("data") if isinstance(output, dict) else None
    return data if isinstance(data, list) else None
