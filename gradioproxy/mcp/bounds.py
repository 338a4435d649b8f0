"""How much a model can have this server do, hold and say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """How much a model can have this server do, hold and say.

    Attributes:
        calls: Calls of the apps at a time; further ones wait.
        waiting: Calls that wait; further ones are refused.
        request: Bytes of one message of a client, files in it included.
        fetched: Bytes of files that are fetched for one call, from the web or from another app.
        opened: Files of the allowed folder that one call names.
        text: Characters of a result's text; what is beyond is a resource.
        media: Bytes of an image or a sound that a result shows; a larger one is a link.
        files: Files of a result that are shown or linked; all are named in its text.
        resource: Bytes of a resource that is read at once.
        kept_files: Files that can be read or named later; the oldest are forgotten.
        kept_bytes: Bytes of results that are held to be read later.
        logs: Messages of the app's that are passed on during a call.
        pause: Seconds between two notifications about the progress of a call.
    """

    calls: int = 8
    waiting: int = 200
    request: int = 16_000_000
    fetched: int = 1_000_000_000
    opened: int = 100
    text: int = 100_000
    media: int = 5_000_000
    files: int = 20
    resource: int = 32_000_000
    kept_files: int = 1_000
    kept_bytes: int = 64_000_000
    logs: int = 1_000
    pause: float = 0.1
