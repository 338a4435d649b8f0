"""What each release of Gradio can do, and which defects it has: one table.

Rule: nobody else compares releases; they are no numbers to others. What a name means stands below
it, with the first release that has it; read in the sources of Gradio, or seen on real servers, and
not in a change log.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from typing_extensions import Self


class _Releases:
    """An attribute that is true of some releases.

    Attributes:
        first: The first of them.
        end: The first after them.
    """

    def __init__(self, first: tuple[float, ...], end: tuple[float, ...]) -> None:
        self.first, self.end = first, end

    @overload
    def __get__(self, release: None, kind: type) -> Self: ...

    @overload
    def __get__(self, release: Release, kind: type) -> bool: ...

    def __get__(self, release: Release | None, kind: type) -> Self | bool:
        return self if release is None else self.first <= release.numbers < self.end


def _since(*first: int) -> _Releases:
    return _Releases(first, (math.inf, math.inf))


def _before(*end: int) -> _Releases:
    return _Releases((), end)


@dataclass(frozen=True)
class Release:
    """A version of Gradio. Its attributes say what it can do.

    Args:
        numbers: The version: ``(4, 44, 1)``; ``()`` if it has none.
    """

    numbers: tuple[float, ...] = ()

    # How an app describes itself.

    is_understood = _since(3)
    """There are functions; Gradio 2 had no more than one, and no protocol in common with 3."""
    describes_values = _since(3, 26)
    """``/info`` says which values functions take and return."""
    describes_every_function = _since(4)
    """``/info`` leaves out no named function that can be called; before, those of which the client
    of that time did not know a component."""
    describes_values_by_schema = _since(4)
    """The schema of a value is that of the component as its author made it; before, that of its
    class."""
    lists_false = _before(6, 10)
    """A function with ``api_name=False`` is listed as ``/False`` (from 6.0 on)."""
    queues_by_default = _since(4)
    """Functions go through the queue unless it says otherwise."""

    # How values are written.

    turns_images_upright = _since(3, 17, 1)
    """The server turns an image as the camera was held."""
    takes_uploads = _since(3, 19)
    """Files can be brought up before a call; before, they are in the call itself."""
    has_file_data = _since(4)
    """A file is an object with a path, a URL, a name, a size and a media type."""
    fetches_urls = _since(5)
    """The server fetches what a URL leads to without stopping for it, and only from public hosts;
    before, one that is given its own address stands still for good."""
    has_strict_containers = _since(4)
    """Components of lists and objects fail over a bare number or text; before, they take it."""
    compares_slider_values = _since(5, 39)
    """The server compares a slider's value with its limits, so that there must be one."""

    # The queue, and the conversations over it.

    names_calls = _since(4)
    """A call outside the queue has a name, by which it goes on and is stopped."""
    runs_generators_in_queue_only = _since(6)
    """Outside the queue a generator gives its first value only."""
    forgets_closed_websockets = _since(3, 25)
    """A generator whose websocket was closed is forgotten; before, the next call continues it."""
    notices_lost_streams = _since(4, 1)
    """A stream that was closed ends its call."""
    sends_heartbeats = _since(4, 4)
    """An event stream brings a word every 15 seconds; before, one word and no second."""
    has_simple_api = _since(4, 20)
    """``/call`` takes a call by a post, and answers it by a stream without edits."""
    sends_whole_values_if_asked = _since(4, 20)
    """A call that is posted with the mark of the simple API gets no edits."""
    has_heartbeat_streams = _since(4, 25)
    """A stream tells the server that a session is there, whether it has calls or not."""
    announces_stream_end = _since(4, 22)
    """A stream for several calls ends with a message that says so."""
    has_plain_errors = _since(5, 3)
    """The text of a ``gr.Error`` is sent as it is; before, as its ``repr``."""
    knows_runs_by_hash_alone = _before(4)
    """A generator is known by session hash and function, so that two can't be told apart."""
    knows_runs_by_address = _before(6, 27)
    """What a run gave last is known by the address of an object, which another one may get."""

    takes_event_data = _since(3, 21)
    """A function can take what an event of the page brings, such as which cell was selected."""
    takes_trigger_ids = _since(4, 3)
    """A call can say which component's event it is; before, it is the first that calls it."""
    closes_feeds_at_rest = _since(6)
    """A run that takes a stream of inputs ends when it is told to; before, it first runs once more
    with what it had last."""

    reads_page_query = _since(3, 45)
    """The page sends the query of its own address with calls, for ``gr.Request.query_params``."""

    keeps_parts_that_fail = _since(5, 33)
    """What fails to make a part of the page (``gr.render``) leaves what it was; before, nothing."""

    # Cancelling.

    cancels_calls = _since(4, 31)
    """``/cancel`` ends a call that runs; before, ``/reset`` stops it and nothing more is sent."""
    cancels_in_company = _since(5, 46)
    """Cancelling a call does no harm to calls of other functions under the same hash; before, the
    server trips over a call that ends twice, and drops every call of the stream."""
    refuses_streams_of_no_call = _since(4, 31)
    """A stream under a hash without calls is refused; before, by some releases only."""
    sleeps_over_streams = _since(6, 11)
    """A stream that has nothing to send looks every ten seconds whether its hash is still known;
    before, twenty times a second or more."""
    cancels_queued_calls = _since(6, 14)
    """A call that waits in the queue is taken out; before, it is said to be over, and runs."""

    # Defects that a call has to go round.

    mixes_up_batches = _Releases((4,), (4, 20))
    """Before 4.11 a batch function stops the queue, and everybody else's calls with it; before 4.20
    each call of a batch that comes from the queue is given the result of the last one."""
    fails_over_endless_inputs = _Releases((5,), (5, 5))
    """The queue fails over streamed inputs without a limit of time, and says nothing more."""


NEWEST = Release((math.inf,))
"""A release that has everything that there will be."""


def parse_release(version: str) -> Release:
    """Return the release of a version's leading numbers."""
    match = re.match(r"\s*(\d+(?:\.\d+)*)", version)
    return Release(tuple(int(part[:9]) for part in match[1].split("."))) if match else Release()
