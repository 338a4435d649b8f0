"""Reading the partial results of a call as they come, with a thread."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .partial_results import Node
    from .record import CallRecord


def iterate(record: CallRecord, node: Node) -> Iterator[tuple[Any, ...]]:
    """Yield the values of a call from a node on, each as soon as they are there, to its end."""
    while True:
        if node.next is None:
            record.wait_until(functools.partial(_has_news, record, node))
            if node.next is None:
                return
        data, node = node.data, node.next
        yield data


def _has_news(record: CallRecord, node: Node) -> bool:
    return node.next is not None or record.is_over
