"""What each release of Gradio can do, and which defects it has: one table.

Rule: nobody else compares releases. What a name means stands beside it, with the first release that
has it; what was seen on real servers, or read in their source, and not in a change log.
"""

from __future__ import annotations

import re
import sys


class _From:
    """What all releases from one on have."""

    def __init__(self, *first: int) -> None:
        self._first = first

    def __get__(self, release: Release, kind: type | None = None) -> bool:
        return release >= self._first


class _Before:
    """What all releases before one have."""

    def __init__(self, *end: int) -> None:
        self._end = end

    def __get__(self, release: Release, kind: type | None = None) -> bool:
        return release < self._end


class _Between:
    """What the releases from one to another have, without the latter."""

    def __init__(self, first: tuple[int, ...], end: tuple[int, ...]) -> None:
        self._first, self._end = first, end

    def __get__(self, release: Release, kind: type | None = None) -> bool:
        return self._first <= release < self._end


class Release(tuple[int, ...]):
    """A version of Gradio as numbers: ``(4, 44, 1)``; ``()`` if it has none.

    Its attributes say what it can do.
    """

    __slots__ = ()

    # How an app describes itself.

    is_understood = _From(3)
    """There are functions; Gradio 2 had no more than one, and no protocol in common with 3."""
    describes_values = _From(3, 26)
    """``/info`` says which values functions take and return."""
    describes_every_function = _From(4)
    """``/info`` leaves out no named function that can be called."""
    describes_values_by_schema = _From(4)
    """Values are described as they are; before, by the component's name, and wrongly at times."""
    lists_false = _Before(6, 10)
    """A function with ``api_name=False`` may be listed, as ``/False``."""
    queues_by_default = _From(4)
    """Functions go through the queue unless it says otherwise."""

    # How values are written.

    turns_images_upright = _From(3, 17, 1)
    """The server turns an image as the camera was held."""
    takes_uploads = _From(3, 19)
    """Files can be brought up before a call; before, they are in the call itself."""
    has_file_data = _From(4)
    """A file is an object with a path, a URL, a name, a size and a media type."""
    fetches_urls = _From(5)
    """The server fetches what a URL leads to without stopping for it, and only from public hosts;
    before, one that is given its own address stands still for good."""
    compares_slider_values = _From(5, 39)
    """The server compares a slider's value with its limits, so that there must be one."""

    # The queue, and the conversations over it.

    names_calls = _From(4)
    """A call outside the queue has a name, by which it goes on and is cancelled."""
    runs_generators_in_queue_only = _From(6)
    """Outside the queue a generator gives its first value only."""
    forgets_closed_websockets = _From(3, 25)
    """A generator whose websocket was closed is forgotten; before, the next call continues it."""
    notices_lost_streams = _From(4, 1)
    """A stream that was closed ends its call."""
    sends_heartbeats = _From(4, 4)
    """An event stream brings a word every 15 seconds."""
    has_simple_api = _From(4, 20)
    """``/call`` takes a call by a post, and answers it by a stream without edits."""
    sends_whole_values_if_asked = _From(4, 20)
    """A call that is posted with the mark of the simple API gets no edits."""
    announces_stream_end = _From(4, 22)
    """A stream for several calls ends with a message that says so."""
    has_plain_errors = _From(5, 3)
    """The text of a ``gr.Error`` is sent as it is; before, as its ``repr``."""
    knows_runs_by_hash_alone = _Before(4)
    """A generator is known by session hash and function, so that two can't be told apart."""
    knows_runs_by_address = _Before(6, 27)
    """What a run gave last is known by the address of an object, which another one may get."""

    # Cancelling.

    cancels_calls = _From(4, 31)
    """``/cancel`` ends a call that runs; before, ``/reset`` ends the function's runs."""
    cancels_in_company = _From(5, 46)
    """Cancelling a call does not keep a stream open for others that are over."""
    cancels_queued_calls = _From(6, 14)
    """A call that waits in the queue is cancelled, too."""

    # Defects that a call has to go round.

    mixes_up_batches = _Between((4,), (4, 20))
    """Before 4.11 a batch function stops the queue, and everybody else's calls with it; before 4.20
    each call of a batch that comes from the queue is given the result of the last one."""
    fails_over_endless_inputs = _Between((5,), (5, 5))
    """The queue fails over streamed inputs without a limit of time, and says nothing more."""


NEWEST = Release((sys.maxsize,))
"""A release that has everything that there will be."""


def parse_release(version: str) -> Release:
    """Return the leading numbers of a version; none if there are none."""
    match = re.match(r"\s*(\d+(?:\.\d+)*)", version)
    return Release(int(part[:9]) for part in match[1].split(".")) if match else Release()
