"""The workers of a cluster of Dask's, on this machine or on others.

A scheduler of Dask's hands a task out again when its worker dies, or when the worker dies that has
its result; nothing of the task says otherwise. So each chunk has a ticket that lies with the
scheduler, in a queue of its own: whoever takes it makes the calls, and nobody else.
"""

from __future__ import annotations

import uuid
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .worker import run_chunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .chunk import Chunk, Ticket
    from .workers import ChunkFuture


@dataclass(frozen=True)
class QueueTicket:
    """A ticket that is the only item of a queue.

    Attributes:
        name: The name of the queue, and of the chunk's task.
    """

    name: str

    def take(self) -> bool:
        """Take it; tell whether it was there to be taken. For a task of Dask's."""
        queue = _make_queue(self.name)
        try:
            return bool(queue.get(batch=True))
        finally:
            queue.close()

    def is_wanted(self) -> bool:
        """Tell that it is: asking the scheduler before each call would take longer than many."""
        return True


class DaskWorkers:
    """The workers of a cluster of Dask's.

    Args:
        client: The ``distributed.Client``.
        options: How tasks are submitted: ``workers``, ``resources`` and others.
        sees_files: Whether they see the files of this machine.

    Raises:
        TypeError: The client is one for asyncio.
        RuntimeError: It has no cluster.
    """

    def __init__(self, client: Any, options: Mapping[str, Any], *, sees_files: bool) -> None:
        if client.asynchronous:
            raise TypeError("executor: a distributed.Client with asynchronous=True can't be used.")
        self._client = client
        self._ensure_open()
        self._options = {**options, "pure": False, "retries": 0}
        self.count = sum(client.nthreads().values()) or None
        self.sees_files = sees_files
        self._queues: dict[str, Any] = {}

    def _ensure_open(self) -> None:
        """Do nothing, if there is a connection to the scheduler; else what Dask says is of no use.

        Raises:
            RuntimeError: There is none.
        """
        if self._client.status != "running":
            raise RuntimeError(f"the cluster's client is {self._client.status}")

    def make_ticket(self) -> Ticket:
        """Return a new ticket."""
        self._ensure_open()
        name = f"gradioproxy-{uuid.uuid4().hex}"
        self._queues[name] = queue = _make_queue(name, self._client)
        queue.put(1)
        return QueueTicket(name)

    def submit(self, chunk: Chunk) -> ChunkFuture:
        """Hand a chunk out."""
        key = chunk.ticket.name if isinstance(chunk.ticket, QueueTicket) else None
        with warnings.catch_warnings():
            # Of more than 10 MB: what takes little memory elsewhere is here what is to be sent.
            warnings.filterwarnings("ignore", "Sending large graph")
            future: ChunkFuture = self._client.submit(run_chunk, chunk, key=key, **self._options)
        return future

    def revoke(self, ticket: Ticket | None) -> bool:
        """Take a ticket away; where the scheduler can't be asked, it may have been taken."""
        queue = self._queues.pop(getattr(ticket, "name", ""), None)
        if queue is None or self._client.status != "running":
            return True
        try:
            return not queue.get(batch=True)
        except Exception:  # noqa: BLE001 - whatever it is, the scheduler did not say
            return True
        finally:
            queue.close()

    def discard(self, ticket: Ticket | None) -> None:
        """Let go of its queue."""
        queue = self._queues.pop(getattr(ticket, "name", ""), None)
        if queue is not None:
            queue.close()

    def close(self) -> None:
        """Let go of all queues."""
        for name in list(self._queues):
            queue = self._queues.pop(name, None)
            if queue is not None:  # else another thread, which brings an end, let go of it
                queue.close()


def _make_queue(name: str, client: Any = None) -> Any:
    """Return a queue of the scheduler's; by default as a task has it."""
    from distributed import Queue

    queue: Any = Queue
    return queue(name, client=client)
