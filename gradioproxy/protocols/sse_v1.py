"""The queue of Gradio 4.9 and later: ``sse_v1``, ``sse_v2``, ``sse_v2.1`` and ``sse_v3``.

A call is posted to ``queue/join``, whose answer names it (``event_id``). One event stream,
``queue/data``, carries the messages of all calls of one session hash.

Rule 1: never two streams for one session hash: the server would share the messages out between
them, and nobody would know which are missing. Rule 2: the stream is opened when a call's name is
known and no stream is open; but never for calls that are over, as the server would leave it open
for ever. The server closes it when it knows of no call under way, and says so (``close_stream``;
before ``sse_v3``, by the completion that comes last). After such an end it is opened again for the
calls of which it had brought nothing. Any other end is somebody else's, and the server may still
hold the stream: what is under way is lost. Rule 3: a message can overtake the answer that names its
call; it is kept until the answer is there. Rule 4: the server cancels by session hash and function,
so a call is cancelled only when no other call of that function would go with it, and no call of
that function is posted while a cancel is on its way. Before Gradio 5.46 it trips over a call that
ends twice, and drops every call of the stream; so a call is cancelled only when no other is left.
Before 6.14 it can't take a call out of the queue: it says that the call is over, and runs it all
the same; so a call that waits is cancelled when it begins. Rule 5: dropping the stream cancels
everything on it, what waits included, so it is dropped only where nobody is left who would miss it.
Rule 6: a function whose inputs are streamed (``process_streaming``) gives a value for the data of
its join and waits for more; told that there is no more, it would run once more with the same. So
with its first value the call is over, and the server is told to cancel it. One that is fed takes
more data instead, by the rules of `chunks`. Rule 7: a call is spoken of as soon as it is posted.
Heartbeats prove that the server lives, not that it knows of the call: one of which the second
heartbeat has heard nothing is lost, and so is one whose chunk the server knew no run for.

====================  ============================  ============================================
state of a call       what comes                    what follows
====================  ============================  ============================================
joining               answer with an ``event_id``   joined; its early messages are read
joining               any other answer              over: `Refused`
joined                a message                     its event; over if that is final
joined                ``process_streaming``         over: `Yielded`, `Completed`; then cancelled
joined                ``unexpected_error``          over: `Lost`; the server ends the stream
joined                one that can't be read        over: `Lost`; all that it may be about are
joined                two heartbeats and no word    over: `Lost`
joined, nothing came  end that was announced        the stream is opened again, but not for ever
any                   any other end of the stream   over: `Lost`; the conversation ends
any                   `cancel`                      given up: no more reports but the final one,
                                                    perhaps a `Post` or `Close`
====================  ============================  ============================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TooLarge
from ..statuses import OK
from ..text import clean
from .cancelling import cancel_post, would_harm
from .conversation import Invocation
from .events import FINAL, Cancelled, Completed, Event, Lost, Oversized, Yielded
from .feeding import FeedingCalls
from .machine import Call, Close, Open, Post, Reply, Report, Residue, Step
from .messages import UNREADABLE, Reader
from .refusals import read_refusal
from .settling import stream_path
from .single_call import parse_frame
from .states import Burst, CallState, EarlyMessages, StreamState

if TYPE_CHECKING:
    from .conversation import Conversation


class Multiplexed(FeedingCalls):
    """The conversation of one session hash.

    Args:
        conversation: With whom, and under which hash.
        sends_edits: Whether partial results come as edits (all but ``sse_v1``).
        shared: Whether it takes part in several calls at once.
        stale: Whether the server may have a value of another conversation's to send edits of.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        sends_edits: bool,
        shared: bool = True,
        stale: bool = False,
    ) -> None:
        self._conversation = conversation
        self._release = release = conversation.release
        self.shared = shared
        self.stale = stale
        self.cancels_alone = release.cancels_calls and not release.cancels_in_company
        self._sends_edits = sends_edits
        self._states: dict[Call, CallState] = {}
        self._named: dict[str, Call] = {}
        self._early = EarlyMessages(conversation.max_message)
        self._burst = Burst(conversation.max_message)
        self._stream: StreamState | None = None
        self._cancelling: dict[Call, int] = {}
        self._held: list[Post] = []
        self._residue = Residue.NOTHING
        # Whether the server has noticed can be asked, or only waited for.
        can_ask = release.refuses_streams_of_no_call
        self._residue_of_drop = Residue.STREAM if can_ask else Residue.DROPPED

    def join(self, call: Call, asked: Invocation) -> list[Step]:
        """Start a call; see `machine.Machine`."""
        # Where the first value may be edits of another run's, whole ones are asked for. That is no
        # way for every call: the server would send a long text again with each word.
        whole = self.stale and self._release.sends_whole_values_if_asked
        self._add(call, asked, whole=whole)
        body = {"trigger_id": None, **self._conversation.call_body(asked)}
        if whole:
            body["simple_format"] = True
        post = Post(call, self._conversation.path("queue/join"), body)
        if asked.function in self._cancelling.values():
            self._held.append(post)
            return []
        return [post]

    def attach(self, call: Call, function: int, name: str, event_id: str) -> list[Step]:
        """Follow a call that was posted before; see `machine.Attachable`."""
        self._add(call, Invocation(function, name, []), whole=False)
        if event_id in self._named:
            return self._report(call, Lost("The call is followed here already."))
        return self.receive_answer(call, Reply(OK, {"event_id": event_id}))

    def _add(self, call: Call, asked: Invocation, *, whole: bool) -> None:
        """Take note of a call, for which whole values may have been asked instead of edits."""
        reader = Reader(
            sends_edits=self._sends_edits and not whole,
            release=self._release,
            stale=self.stale,
            max_size=self._conversation.max_message,
        )
        self._states[call] = CallState(asked, reader)

    def receive_answer(self, call: Call, reply: Reply, purpose: str = "call") -> list[Step]:
        """Take the answer to a join, to a chunk, or to the cancelling of a call."""
        if purpose == "cancel":
            return self._take_cancel_answer(call, reply)
        state = self._states.get(call)
        if state is None:
            return []
        if purpose == "continue":
            return self._take_chunk_answer(call, state, reply)
        event_id = reply.body.get("event_id") if isinstance(reply.body, dict) else None
        if reply.status != OK or not isinstance(event_id, str) or event_id in self._named:
            return self._report(call, read_refusal(reply))
        state.name(event_id)
        self._named[event_id] = call
        steps: list[Step] = []
        self._burst.begin()
        for message in self._early.take(event_id):
            steps += self._read(call, message)
        self._forget_early()
        if state.given_up:
            steps += self._send_due_cancels()
        return steps + self._open_due_stream()

    def receive_data(self, data: bytes | str) -> list[Step]:
        """Take bytes of the stream."""
        if self._stream is None or isinstance(data, str):
            return []
        try:
            frames = self._stream.receive(data)
        except TooLarge as error:
            return self._drop(Oversized(str(error), error.maximum))
        steps: list[Step] = []
        self._burst.begin()
        for frame in frames:
            if self._stream is not None:
                steps += self._take_message(parse_frame(frame), self._stream)
        return steps

    def receive_end(self) -> list[Step]:
        """Take notice of the stream's end."""
        stream, self._stream = self._stream, None
        if stream is None:
            return []
        # The server was told of these and has nothing more to say of them.
        told = [call for call in self._named.values() if self._states[call].cancel_sent]
        steps = self._end(told, Cancelled())
        if not stream.announced and not stream.failed:
            return steps + self._drop(Lost("The stream of events ended without a result."))
        under_way = [(call, self._states[call]) for call in self._named.values()]
        lost = [call for call, state in under_way if state.heard or state.miss_stream()]
        steps += self._end(lost, Lost("The server ended the stream without a result."))
        return steps + self._open_due_stream()

    def cancel(self, call: Call) -> list[Step]:
        """Give a call up."""
        state = self._states.get(call)
        if state is None:
            return []
        state.give_up()
        held = [post for post in self._held if post.call == call]
        self._held = [post for post in self._held if post.call != call]
        return (self._end([call], Cancelled()) if held else []) + self._send_due_cancels()

    def event_id(self, call: Call) -> str | None:
        """Return the server's name for the call."""
        state = self._states.get(call)
        return state.event_id if state else None

    @property
    def calls(self) -> int:
        """How many calls are under way, given up or not."""
        return len(self._states)

    @property
    def accepts(self) -> bool:
        """Whether a call may join now: not beside one that is just being cancelled, by rule 4.

        Nor on a stream that is to end: if it does not, it may be broken.
        """
        if self.is_ending or (self._stream is not None and self._stream.failed):
            return False
        if not self.shared:
            return not self._states
        told = any(state.cancel_sent for state in list(self._states.values()))
        return not (self.cancels_alone and told)

    @property
    def is_deaf(self) -> bool:
        """Whether a stream is open that has brought nothing, and so may be broken."""
        return self._stream is not None and not self._stream.brought

    @property
    def is_ending(self) -> bool:
        """Whether the server is to end the open stream: it has heard of all that is under way."""
        return self._stream is not None and self._is_told() and not self._cancelling

    def drop_stream(self) -> list[Step]:
        """Drop a stream whose end does not come."""
        announced = self._stream is not None and self._stream.announced
        steps = self._drop()
        if announced and self._release.announces_stream_end:
            self._residue = Residue.NOTHING  # what is still open is not open at the server
        return steps

    @property
    def residue(self) -> Residue:
        """What would be left at the server if the conversation ended now."""
        if self._states:
            return Residue.STREAM
        return self._residue if self._stream is None else self._residue_of_drop

    def _open_due_stream(self) -> list[Step]:
        """Open a stream if there is none and a call that needs one."""
        if self._stream is not None or not self._named:
            return []
        self._stream = StreamState(self._conversation.max_message)
        return [Open(stream_path(self._conversation))]

    def _take_message(self, message: dict[str, Any], stream: StreamState) -> list[Step]:
        """Give one message to the call that it is about."""
        kind = message.get("msg")
        stream.note(message, self._release)
        if kind == "unexpected_error":
            return self._fail(message.get("message"))
        if kind == "heartbeat":
            return self._take_heartbeat()
        event_id = message.get("event_id")
        event_id = event_id if isinstance(event_id, str) else ""
        if event_id in self._named:
            return self._read(self._named[event_id], message)
        is_over = event_id in stream.ended
        if event_id and not is_over and len(self._named) < len(self._states):
            return self._keep(event_id, message)
        if kind in UNREADABLE and not is_over:  # it may have been a result of any call
            return self._drop(Lost("The server sent a message that can't be read."))
        return []

    def _keep(self, event_id: str, message: dict[str, Any]) -> list[Step]:
        """Keep a message that may be of a call which is still to be named."""
        if self._early.keep(event_id, message):
            return []
        return self._drop(Lost("The server sent too many messages of no call."))

    def _fail(self, words: Any) -> list[Step]:
        """Take notice that the server failed over the stream, which it ends by itself."""
        text = clean(words, 500) if isinstance(words, str) else "unexpected error"
        steps = self._end(list(self._named.values()), Lost(text))
        if self._states:
            return steps
        self._stream = None
        return [*steps, Close()]

    def _take_heartbeat(self) -> list[Step]:
        """Take a heartbeat, which says nothing of any call."""
        if self._is_told():
            # The server remembers calls that nobody waits for, and keeps the stream open for them.
            return self._drop()
        under_way = [(call, self._states[call]) for call in self._named.values()]
        lost = [call for call, state in under_way if state.is_missed and state.miss_beat()]
        return self._end(lost, Lost("The server lives, but says nothing of the call."))

    def _read(self, call: Call, message: dict[str, Any]) -> list[Step]:
        state = self._states.get(call)
        if state is None:
            return []
        event = self._burst.count(state.read(message))
        if event is None:
            return []
        if state.chunks is not None:
            return self._take_fed(call, state.chunks.read(event, message))
        steps = self._report(call, event)
        streamed = message.get("msg") == "process_streaming"
        if streamed and isinstance(event, Yielded) and not state.given_up:
            return steps + self._leave(call, state, Completed(event.data))
        if state.given_up and call in self._states:
            steps += self._send_due_cancels()
        return steps

    def _report(self, call: Call, event: Event) -> list[Step]:
        """Report an event of a call, and see to what its end makes possible."""
        if isinstance(event, FINAL):
            return self._end([call], event) + self._send_due_cancels()
        return [] if self._states[call].given_up else [Report(call, event)]

    def _end(self, calls: list[Call], event: Event) -> list[Step]:
        """Forget calls, and report how they ended."""
        ended = [(call, self._states.pop(call)) for call in calls]
        for _, state in ended:
            if state.event_id is not None:
                self._named.pop(state.event_id, None)
                if self._stream is not None:
                    self._stream.ended.add(state.event_id)
            if state.reader.leaves_base and not isinstance(event, Completed):
                self.stale = self.stale or self._release.knows_runs_by_address
        self._forget_early()
        return [Report(call, event) for call, state in ended if not state.completion_reported]

    def _forget_early(self) -> None:
        """Drop kept messages when no call is left that they could be about."""
        if len(self._named) == len(self._states):
            self._early.forget()

    def _drop(self, lost: Lost | None = None) -> list[Step]:
        """Drop the stream, and with it what is left of the calls: cancelled, or *lost*."""
        self._stream = None
        self._residue = Residue.STREAM if lost else self._residue_of_drop
        self._held.clear()
        return [*self._end(list(self._states), lost or Cancelled()), Close()]

    def _send_due_cancels(self) -> list[Step]:
        """Tell the server of calls that were given up, as far as that harms no other."""
        wanted = {state.asked.function for state in self._states.values() if not state.given_up}
        drop = self._should_drop()
        deaf = self.is_deaf  # so that it is not known what began
        posts: list[Step] = []
        for call, state in self._states.items():
            if not state.given_up or state.event_id is None or state.cancel_sent:
                continue
            if would_harm(self._release, state.asked.function, wanted):
                continue
            if not (state.begun or self._release.cancels_queued_calls or (drop and deaf)):
                continue
            state.note_cancel(sent=True)
            function = self._cancelling[call] = state.asked.function
            posts.append(cancel_post(self._conversation, call, function, state.event_id))
        if not drop:
            return posts
        dropped = self._drop()
        # What brings nothing may be broken, and a post to the same server wait for its time.
        return [*dropped, *posts] if deaf else [*posts, *dropped]

    def _should_drop(self) -> bool:
        """Tell whether dropping the stream is what the calls that were given up need.

        It is where no completion will come: because the server sends none, because a call waits in
        the queue of one that has no other way to take it out, or because nothing comes at all.
        """
        if self._stream is None or not self._is_abandoned():
            return False
        waits = not all(state.begun for state in self._states.values())
        release = self._release
        may_be_lost = waits and not release.cancels_queued_calls
        return may_be_lost or not release.cancels_calls or self.is_deaf

    def _is_abandoned(self) -> bool:
        """Tell whether nothing but calls that were given up is under way."""
        states = self._states.values()
        return bool(states) and all(state.given_up and state.event_id for state in states)

    def _is_told(self) -> bool:
        """Tell whether the server was told to cancel whatever is under way."""
        # A copy, as whoever chooses a lane asks while another thread brings news.
        return all(state.cancel_sent for state in list(self._states.values()))

    def _take_cancel_answer(self, call: Call, reply: Reply) -> list[Step]:
        """Take the answer to a cancel, and let calls go that waited for it."""
        if self._cancelling.pop(call, None) is None:
            return []
        busy = set(self._cancelling.values())
        free = [post for post in self._held if self._states[post.call].asked.function not in busy]
        self._held = [post for post in self._held if post not in free]
        if call in self._states and reply.status != OK:
            # The server did not hear of it, and might go on for ever.
            if self._is_abandoned():
                return self._drop()
            self._states[call].note_cancel(sent=False)
        return [*free]
