"""A function, and workers that make its calls when a test says so: chunks without an executor."""

from __future__ import annotations

import concurrent.futures
from collections import deque
from typing import TYPE_CHECKING, Any, cast

from gradioproxy.files.payload import Payload
from gradioproxy.many.chunk import Answer, ChunkAnswer
from gradioproxy.many.chunk_records import Received
from tests.support.scripted_peer import FirstValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.many.chunk import Chunk


class Function:
    """A function whose results are its inputs.

    Attributes:
        make: Makes what is sent for an input.
    """

    name = "f"
    endpoint: Any = None

    def __init__(self) -> None:
        self.make: Callable[[Any], Payload] = lambda item: Payload([item])

    def refer(self) -> Any:
        """Return that nobody asks for the app."""
        return None, None

    def encode(self, item: Any) -> Payload:
        """Return what is sent, or say what is wrong."""
        if item == "wrong":
            raise ValueError(item)
        return self.make(item)

    def receive(self, answer: Answer) -> Received:
        """Return what came."""
        return Received(answer.data, cast("Any", FirstValue()), cast("Any", None))

    def explain(self, error: BaseException, item: Any) -> BaseException:
        """Return the error as it is."""
        del item
        return error


class Cluster:
    """Workers that do what a test says, when somebody waits for them.

    Attributes:
        sizes: How many calls each chunk had, and how many of them might be under way.
        open: The chunks that have no end.
        most: How many calls were under way at most.
        taken: Whether a chunk that fails was begun.
        end: Ends a chunk.
    """

    sees_files = True

    def __init__(self, count: int | None) -> None:
        self.count = count
        self.sizes: list[tuple[int, int]] = []
        self.open: deque[tuple[Chunk, concurrent.futures.Future[ChunkAnswer]]] = deque()
        self.most = 0
        self.taken = True
        self.closed = False
        self.end: Callable[[Chunk], ChunkAnswer] = self.answer

    @staticmethod
    def answer(chunk: Chunk, seconds: float = 10.0, count: int | None = None) -> ChunkAnswer:
        """Return what comes of a chunk of which so many calls are made; by default all."""
        made = [Answer((payload.data[0],)) for payload in chunk.payloads[:count]]
        return ChunkAnswer(made, seconds)

    def make_ticket(self) -> None:
        """Return no ticket."""

    def revoke(self, ticket: Any) -> bool:
        """Tell whether a worker may have begun."""
        del ticket
        return self.taken

    def discard(self, ticket: Any) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Note that nothing more is handed out."""
        self.closed = True

    def submit(self, chunk: Chunk) -> concurrent.futures.Future[ChunkAnswer]:
        """Take a chunk."""
        future: concurrent.futures.Future[ChunkAnswer] = concurrent.futures.Future()
        self.sizes.append((len(chunk.payloads), chunk.width))
        self.open.append((chunk, future))
        under_way = sum(min(len(each.payloads), each.width) for each, _ in self.open)
        self.most = max(self.most, under_way)
        return future

    def work(self) -> None:
        """End the oldest chunk."""
        chunk, future = self.open.popleft()
        try:
            answer = self.end(chunk)
        except Exception as error:  # noqa: BLE001 - it is what the executor says
            future.set_exception(error)
        else:
            future.set_result(answer)
