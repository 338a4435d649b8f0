"""How much of a server's is taken in, before it is an attack on our memory: `Limits`."""

from __future__ import annotations

from dataclasses import dataclass, fields

MEGABYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of a server's is taken in; sizes count what was unpacked, while it is.

    What is over a limit is a `TooLarge`, which names it; what a job keeps beyond is forgotten, the
    oldest first. Passed as ``connect(limits=gp.Limits(message=1 << 30))``.

    Attributes:
        description: Bytes of one part of an app's description, as ``/config``.
        endpoints: Functions of an app.
        message: Bytes of one message of a stream or a websocket. A result can be one.
        answer: Bytes of any other answer in JSON, and of the playlist of a stream. A result can be
            one.
        logs: Texts of ``gr.Info`` and ``gr.Warning`` that a job keeps.
        outputs: Partial results that a job keeps.
        timeline: Entries that a job keeps of its history, for reports.
        kept: Bytes of partial results that a job keeps, of which the latest stays in any case.
            Those that somebody has still to read count too, and are not forgotten: if they alone
            are more, the call fails.
    """

    description: int = 64 * MEGABYTE
    endpoints: int = 20_000
    message: int = 64 * MEGABYTE
    answer: int = 64 * MEGABYTE
    logs: int = 1_000
    outputs: int = 1_000
    timeline: int = 200
    kept: int = 256 * MEGABYTE

    __module__ = "gradioproxy"

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{each.name} must be a number from 1 on, not {value!r}")


DEFAULT_LIMITS = Limits()
