"""What becomes of single messages, of an event stream or a websocket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.faults.rules import Drop, Repeat, Spoil, Swap
from tests.support.faults.wire import kind_of_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.faults.rules import Fault, Into

PAGE = b"<!DOCTYPE html><html><title>502 Bad Gateway</title></html>"


class Altering:
    """Counts the messages of one answer, and changes what is to be changed.

    Args:
        fault: What happens to them, if anything does.
        wrap: Gives a message its form on the wire.

    Attributes:
        count: How many came that count.
        done: Whether the fault has happened.
    """

    def __init__(self, fault: Fault | None, wrap: Callable[[bytes], bytes]) -> None:
        self.count = 0
        self.done = False
        self._fault = fault
        self._wrap = wrap
        self._late = b""

    def counts(self, content: bytes) -> bool:
        """Tell whether a message is one of those that the fault counts."""
        return getattr(self._fault, "msg", None) in {None, kind_of_message(content)}

    def alter(self, raw: bytes, content: bytes) -> list[bytes]:
        """Return what goes on in the place of a message.

        Args:
            raw: The message as it came.
            content: What is in it.
        """
        fault, late = self._fault, self._late
        self.count += self.counts(content)
        if late:
            self._late = b""
            return [raw, late]
        meant = self.counts(content) and self.count == getattr(fault, "message", None)
        if not meant or self.done:
            return [raw]
        self.done = True
        if isinstance(fault, Drop):
            return []
        if isinstance(fault, Repeat):
            return [raw, raw]
        if isinstance(fault, Swap):
            self._late = raw
            return []
        assert isinstance(fault, Spoil)
        return [self._wrap(spoil(content, fault.into))]

    def rest(self) -> bytes:
        """Return what would have come behind the next message, of which there is none."""
        late, self._late = self._late, b""
        return late


def spoil(content: bytes, into: Into) -> bytes:
    """Return what comes in the place of a message."""
    if into in {"types", "bare"}:
        return _strip(content, into)
    others: dict[Into, bytes] = {
        "half": content[: len(content) // 2],
        "bytes": b"\xff\xfe" + content[:20],
        "page": PAGE,
        "list": b"[" + content + b"]",
    }
    return others[into]


def _strip(content: bytes, into: Into) -> bytes:
    """Return a message with values of other types, or without its values."""
    try:
        message = json.loads(content)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        return PAGE
    kept = {key: value for key, value in message.items() if key in {"msg", "event_id"}}
    others = {key: _other_type(value) for key, value in message.items() if key not in kept}
    return json.dumps(kept | (others if into == "types" else {})).encode()


def _other_type(value: Any) -> Any:
    return [value] if isinstance(value, dict) else {"x": value}
