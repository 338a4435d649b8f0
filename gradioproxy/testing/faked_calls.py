"""Calls of a fake: what a function returns, yields and raises, as an app would send it."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import AppError, ConnectionLost, GradioProxyError, QueueFull
from ..statuses import OK, SERVER_FAULT
from ..text import render_count
from .messages import Edits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from ..transport.local import Content
    from .cassette import Message
    from .performance import AskedCall

log = logging.getLogger("gradioproxy")


class Manner(NamedTuple):
    """How an app of some Gradio says things.

    Attributes:
        quotes_errors: Whether the text of an error is sent as its ``repr``.
        sends_edits: Whether partial results are sent as edits of the one before.
        yields_directly: Whether a generator can be called past the queue, value by value.
        takes_chunks: Whether one call takes a stream of inputs.
    """

    quotes_errors: bool
    sends_edits: bool
    yields_directly: bool
    takes_chunks: bool = False


class FakedCall:
    """A call that runs a function; see `performance.Performance`.

    Args:
        asked: The call.
        function: The function.
        decode: Makes what it is called with of the values of all inputs.
        encode: Makes one JSON value for each output of what it returns.
        manner: How that is said.
    """

    refusal: Content | None = None

    def __init__(
        self,
        asked: AskedCall,
        function: Callable[..., Any],
        decode: Callable[[list[Any]], Sequence[Any]],
        encode: Callable[[Any], list[Any]],
        manner: Manner,
    ) -> None:
        self._asked, self._encode, self._manner = asked, encode, manner
        self._function, self._decode = function, decode
        self._results = iterate_results(function, decode(asked.data))
        self._chunks: deque[list[Any] | None] = deque()
        ways = {"queue": self._speak, "simple": self._speak_simply, "direct": self._answer}
        speak = self._speak_of_chunks if manner.takes_chunks else ways[asked.way]
        self._messages: Generator[Message | None] = speak()

    def advance(self) -> Message | None:
        """Run the function on, up to what it has to say next."""
        return next(self._messages)

    def take_chunk(self, data: list[Any] | None) -> None:
        """Take the next inputs, with which the function is called once more."""
        self._chunks.append(data)

    def close(self) -> None:
        """Close what the function began."""
        self._messages.close()
        self._results.close()

    def _speak(self) -> Generator[Message]:
        edits = Edits() if self._manner.sends_edits and not self._asked.whole else None
        yield {"msg": "process_starts"}
        for message in self._run():
            yield message if edits is None else edits.write(message)

    def _speak_of_chunks(self) -> Generator[Message | None]:
        """Call the function for each of the inputs, as long as some come."""
        yield {"msg": "process_starts"}
        while True:
            done = list(self._run())[-1]
            if done.get("success") is not True:
                yield done
                return
            output = {**done["output"], "is_generating": True}
            yield {"msg": "process_streaming", "output": output, "success": True}
            while not self._chunks:
                yield None
            chunk = self._chunks.popleft()
            if chunk is None:
                yield {**done, "output": output}
                return
            self._results = iterate_results(self._function, self._decode(chunk))

    def _speak_simply(self) -> Generator[Message]:
        for message in self._run():
            output = message.get("output", {})
            if message["msg"] == "process_generating":
                yield {"event": "generating", "data": output["data"]}
            elif message.get("success"):
                yield {"event": "complete", "data": output["data"]}
            else:
                yield {"event": "error", "data": output}

    def _answer(self) -> Generator[Message]:
        yielded = False
        for message in self._run():
            output = message.get("output", {"error": "The queue is full."})
            partial = message["msg"] == "process_generating"
            if partial and not self._manner.yields_directly:
                continue
            yielded = yielded or partial
            if "data" not in output:
                yield {"status": SERVER_FAULT, "json": output}
                return
            data = [[value] for value in output["data"]] if self._asked.batched else output["data"]
            yield {"status": OK, "json": {"data": data, "is_generating": partial}}

    def _run(self) -> Generator[Message]:
        """Run the function, and say what comes of it as a queue does."""
        last: list[Any] | None = None
        try:
            for value, is_partial in self._results:
                last = self._encode(value)
                if is_partial:
                    yield {
                        "msg": "process_generating",
                        "output": {"data": last, "is_generating": True},
                        "success": True,
                    }
        except ConnectionLost:
            raise  # as if the connection broke
        except QueueFull:
            yield {"msg": "queue_full"}
            return
        except GeneratorExit:
            raise
        except BaseException as error:
            log.debug("A function of a fake raised an error", exc_info=True)
            yield self._fail(error)
            return
        output = {"data": self._encode(None) if last is None else last, "is_generating": False}
        yield {"msg": "process_completed", "output": output, "success": True}

    def _fail(self, error: BaseException) -> Message:
        text = str(error) or type(error).__name__
        title = None
        if isinstance(error, AppError):
            text = error.app_message if error.app_message is not None else text
            title = error.title
        output = {"error": repr(text) if self._manner.quotes_errors else text}
        if title is not None:
            output["title"] = title
        return {"msg": "process_completed", "output": output, "success": False}


def iterate_results(
    function: Callable[..., Any], arguments: Sequence[Any]
) -> Generator[tuple[Any, bool]]:
    """Call a function; yield what it gives, each with whether it is a partial result.

    Args:
        function: A function, a generator, or either with ``async``.
        arguments: What it is called with.
    """
    made = function(*arguments)
    if inspect.isgenerator(made):
        try:
            for value in made:
                yield value, True
        finally:
            made.close()
    elif inspect.isasyncgen(made):
        yield from ((value, True) for value in _drive(made))
    elif inspect.isawaitable(made):
        yield asyncio.run(_wait_for(made)), False
    else:
        yield made, False


async def _wait_for(made: Any) -> Any:
    return await made


def _drive(made: Any) -> Iterator[Any]:
    """Yield what an asynchronous generator does, in a loop of its own."""
    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                value = loop.run_until_complete(made.__anext__())
            except StopAsyncIteration:
                return
            yield value
    finally:
        loop.run_until_complete(made.aclose())
        loop.close()


def spread(value: Any, results: int, function: str) -> list[Any]:
    """Return one value for each result.

    Args:
        value: What a function returned.
        results: How many results there are.
        function: The endpoint's name, for the message.

    Raises:
        GradioProxyError: There are more or fewer.
    """
    if results == 1:
        return [value]
    if results == 0:
        return []
    if value is None:
        return [None] * results
    if not isinstance(value, tuple | list) or len(value) != results:
        number = render_count(results, "result")
        raise GradioProxyError(f"{function} has {number}: return a tuple of so many values.")
    return list(value)
