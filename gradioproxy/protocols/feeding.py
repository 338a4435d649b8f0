"""Feeding calls: what a conversation over one stream does for those whose inputs are streamed.

Rule: what is done when is the business of `chunks.Chunks`, one for each call that is fed.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from .events import Completed, Event
from .machine import Call, Reply, Report, Step

if TYPE_CHECKING:
    from .conversation import Conversation
    from .states import CallState


class FeedingCalls(abc.ABC):
    """The part of `sse_v1.Multiplexed` that is a `machine.Feeding`."""

    _conversation: Conversation
    _states: dict[Call, CallState]

    @abc.abstractmethod
    def _send_due_cancels(self) -> list[Step]:
        """Tell the server of calls that were given up, as far as that harms no other."""

    @abc.abstractmethod
    def _report(self, call: Call, event: Event) -> list[Step]:
        """Report an event of a call, and see to what its end makes possible."""

    def begin_feed(self, call: Call) -> None:
        """Let a call that has just joined take chunks; see `machine.Feeding`."""
        from .chunks import Chunks  # late: few calls take any

        if (state := self._states.get(call)) is not None:
            state.chunks = Chunks(self._conversation, call, state.asked)

    def send_chunk(self, call: Call, data: list[Any] | None) -> list[Step]:
        """Send a chunk to a call, or end it; see `machine.Feeding`."""
        state = self._states.get(call)
        if state is None or state.chunks is None:
            return []
        state.chunks.take(data)
        return self._carry_on(call)

    def _take_fed(self, call: Call, events: list[Event]) -> list[Step]:
        """Report what was heard of a call that is fed, and go on with it."""
        reports = [step for event in events for step in self._report(call, event)]
        return reports + self._carry_on(call)

    def _carry_on(self, call: Call) -> list[Step]:
        """Do what a call wants done that is fed, if it is still under way."""
        state = self._states.get(call)
        if state is None or state.chunks is None or state.event_id is None:
            return []
        if state.given_up:
            return self._send_due_cancels()
        post = state.chunks.take_post(state.event_id)
        if post is not None:
            return [post]
        if not state.chunks.is_done:
            return []
        return self._leave(call, state, Completed(state.chunks.last))

    def _take_chunk_answer(self, call: Call, state: CallState, reply: Reply) -> list[Step]:
        """Take the answer to a chunk, which says that it came, or fails the call."""
        failure = None if state.chunks is None else state.chunks.receive_answer(reply)
        return [] if failure is None or state.given_up else self._leave(call, state, failure)

    def _leave(self, call: Call, state: CallState, event: Event) -> list[Step]:
        """Report how a call ends that the server goes on with, and have it cancelled there."""
        state.give_up(completion_reported=True)
        return [Report(call, event), *self._send_due_cancels()]
