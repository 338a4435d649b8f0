"""What a cassette has: of each app what it was asked, and the calls with what they brought.

It is about what was said, and not about bytes: no times, ports, hashes of sessions and names of
calls, which are other ones each time. What has a place of its own is in files beside, by the
SHA-256 of its content. The file is JSON for people; see `storage`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

JSON: TypeAlias = Any
Message: TypeAlias = dict[str, Any]

APP = "cassette://app"
"""What stands in texts for the origin of an app."""

UPLOADS, FILES = "/cassette/upload", "/cassette/file"
"""Where the files are that went up, and those that the app has; what follows names them."""

WHOLE, GIVEN_UP, LOST = "", "given up", "lost"
"""How a call ended: by the app's last word, by the caller's, or with the connection."""


@dataclass
class AskedEntry:
    """Something that an app was asked, and its answers, one for each time that it was.

    Attributes:
        request: Method and target.
        sent: What the request brought, if that is JSON.
        answers: Each has ``status``, and ``json``, ``text``, or ``sha256`` and ``size`` of a file
            beside; ``headers`` that matter; ``end`` if it broke. Or ``error``: there was none.
    """

    request: str
    sent: JSON = None
    answers: list[Message] = field(default_factory=list)


@dataclass
class CallEntry:
    """A call.

    Attributes:
        way: ``queue``, ``direct`` or ``simple``.
        function: The function's number, or its name for the simple API.
        data: One JSON value for each input.
        name: The endpoint's name, for people.
        event: What the page's event brought, and the number of the component whose it is.
        whole: Whether partial results were asked for as a whole where they could be edits.
        messages: What came, in order, as `performance.Performance` has it; an object with ``chunk``
            for each input that was sent meanwhile.
        refusal: The answer by which the app did not take it, as an answer of `AskedEntry`.
        end: How it ended.
        is_posted: Whether its data were sent; else there is nothing to know it by.
    """

    way: str
    function: int | str | None
    data: list[JSON] = field(default_factory=list)
    name: str = ""
    event: list[JSON] = field(default_factory=lambda: [None, None])
    whole: bool = False
    messages: list[Message] = field(default_factory=list)
    refusal: Message | None = None
    end: str = WHOLE
    is_posted: bool = True

    @property
    def key(self) -> str:
        """By what a call is found again."""
        return write_key([self.way, self.function, self.data, self.event])


@dataclass
class AppEntry:
    """An app.

    Attributes:
        url: Its address, as it was given.
        asked: What it was asked.
        calls: The calls, by function and data; equal ones in the order in which they were begun.
    """

    url: str
    asked: list[AskedEntry] = field(default_factory=list)
    calls: list[CallEntry] = field(default_factory=list)

    def answers(self) -> Iterator[Message]:
        """Yield everything that may have its content in a file beside."""
        for entry in self.asked:
            yield from entry.answers
        yield from (call.refusal for call in self.calls if call.refusal is not None)


def find_function_names(answers: Iterable[Message]) -> dict[int | None, str]:
    """Return the names of an app's functions by their numbers, from what it says of itself."""
    names: dict[int | None, str] = {}
    for answer in answers:
        config = answer.get("json")
        functions = config.get("dependencies") if isinstance(config, dict) else None
        for place, function in enumerate(functions if isinstance(functions, list) else []):
            named = function.get("api_name") if isinstance(function, dict) else None
            number = function.get("id", place) if isinstance(function, dict) else None
            if isinstance(named, str) and isinstance(number, int):
                names[number] = f"/{named}"
    return names


def map_texts(value: JSON, change: Callable[[str], str]) -> JSON:
    """Return JSON with each text changed."""
    # Loops, and no comprehensions: those take a frame each before Python 3.12.
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        items = []
        for item in value:
            items.append(map_texts(item, change))  # noqa: PERF401 - as above
        return items
    if isinstance(value, dict):
        made = {}
        for key, item in value.items():
            made[change(key)] = map_texts(item, change)
        return made
    return value


def write_key(value: JSON) -> str:
    """Return JSON by which equal values are known."""
    return json.dumps(value, sort_keys=True)
