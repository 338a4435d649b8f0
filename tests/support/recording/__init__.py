"""Conversations with real servers, recorded once, and what the calls in them should report.

Rule: ``sse_v1/<version>/<name>.json`` is what `record` wrote and nobody edits;
``sse_v1/expected.json`` is written by hand. A recording is a list of entries, in the order in which
they happened:

- ``["join", call, function, data]``: a call was posted;
- ``["cancel", call]``: its cancelling was posted, or its reset before Gradio 4.31;
- ``["answer", call, status, body]``: what was answered to the last post for the call;
- ``["open"]``: the stream was opened;
- ``["received", text]``: a piece of the stream, as it came;
- ``["end"]`` or ``["broken"]``: the stream came to an orderly end, or to another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.versions import release_of

FOLDER = Path(__file__).resolve().parents[2] / "recordings" / "sse_v1"
HASH = "recorded"


@dataclass(frozen=True)
class Recording:
    """One conversation.

    Attributes:
        name: What it shows.
        version: The server's Gradio version.
        protocol: The protocol that the server says it speaks.
        prefix: The prefix of the API's paths.
        entries: What happened.
    """

    name: str
    version: str
    protocol: str
    prefix: str
    entries: list[list[Any]]

    @property
    def release(self) -> tuple[int, ...]:
        """The server's version as numbers."""
        return release_of(self.version)

    @property
    def expected(self) -> dict[str, list[list[Any]]]:
        """The events of each call, as lists of an event's name and its values."""
        every = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
        found: dict[str, list[list[Any]]] = (
            every.get(f"{self.name} {self.version}") or every[self.name]
        )
        return found

    def write(self) -> None:
        """Write it to its file, an entry a line."""
        path = FOLDER / self.version / f"{self.name}.json"
        path.parent.mkdir(exist_ok=True)
        head = {"version": self.version, "protocol": self.protocol, "prefix": self.prefix}
        lines = ",\n".join(json.dumps(entry) for entry in self.entries)
        text = json.dumps(head)[:-1] + f', "entries": [\n{lines}\n]}}\n'
        path.write_text(text, encoding="utf-8")


def recordings() -> list[Recording]:
    """Return every recording."""
    return [
        Recording(name=path.stem, **json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*/*.json"))
    ]
