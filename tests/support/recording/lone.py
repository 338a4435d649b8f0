"""Conversations of one call each: websocket, event stream before 4.9, simple API, direct calls.

Rule: ``<channel>/<version>/<name>.json`` is what `record_lone` wrote and nobody edits;
``expected_lone.json`` is written by hand. Entries are those of the package, and what was done to
get them:

- ``["posted", path, body]``: the next answer is to this;
- ``["open", path]`` or ``["socket", path]``: a stream or websocket was opened;
- ``["sent", object]``: a message was sent over the websocket;
- ``["close"]``: the stream or websocket was closed from here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.versions import release_of

FOLDER = Path(__file__).resolve().parents[2] / "recordings"
QUEUES = ("websocket", "sse")
CHANNELS = (*QUEUES, "simple", "direct")
HASH = "recorded"
RUN = "run"
"""Stands for the name that a client makes for a run."""


@dataclass(frozen=True)
class Recording:
    """One conversation.

    Attributes:
        channel: How the call was made.
        name: What it shows.
        version: The server's Gradio version.
        prefix: The prefix of the API's paths.
        endpoint: What was called.
        entries: What happened.
    """

    channel: str
    name: str
    version: str
    prefix: str
    endpoint: str
    entries: list[list[Any]]

    @property
    def release(self) -> tuple[int, ...]:
        """The server's version as numbers."""
        return release_of(self.version)

    @property
    def expected(self) -> list[list[Any]]:
        """The events of the call, as lists of an event's name and its values."""
        every = json.loads((FOLDER / "expected_lone.json").read_text(encoding="utf-8"))
        group = "queue" if self.channel in QUEUES else "answer"
        keys = (f"{self.channel} {self.name} {self.version}", f"{self.channel} {self.name}")
        for key in (*keys, f"{group} {self.name}"):
            if key in every:
                found: list[list[Any]] = every[key]
                return found
        raise KeyError(keys)

    @property
    def done(self) -> list[list[Any]]:
        """What was done to get it, in order."""
        return [e for e in self.entries if e[0] in {"posted", "open", "socket", "sent", "close"}]

    def write(self) -> None:
        """Write it to its file, an entry a line."""
        path = FOLDER / self.channel / self.version / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {"prefix": self.prefix, "endpoint": self.endpoint}
        lines = ",\n".join(json.dumps(entry) for entry in self.entries)
        text = json.dumps(head)[:-1] + f', "entries": [\n{lines}\n]}}\n'
        path.write_text(text, encoding="utf-8")


def recordings(channel: str) -> dict[str, Recording]:
    """Return every recording of a channel, by version and name."""
    return {
        f"{path.parent.name} {path.stem}": Recording(
            channel=channel,
            name=path.stem,
            version=path.parent.name,
            **json.loads(path.read_text(encoding="utf-8")),
        )
        for path in sorted((FOLDER / channel).glob("*/*.json"))
    }
