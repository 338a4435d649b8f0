"""The table: what was measured, side by side, and whether it is as good as it has to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MEGABYTE = 1 << 20
HEADINGS = ("what", "gradioproxy", "gradio_client", "bare", "compared", "wanted", "met")


@dataclass(frozen=True)
class Verdict:
    """How gradioproxy compares, and what was wanted.

    Attributes:
        ratio: How it compares.
        target: What was wanted; empty where nothing was.
        met: Whether that is so; ``None`` where nothing was wanted.
    """

    ratio: str = ""
    target: str = ""
    met: bool | None = None


NONE = Verdict()


@dataclass(frozen=True)
class Row:
    """A line of the table, and those below it that say more of the same.

    Attributes:
        what: What was measured.
        values: The values, in the order of the headings.
        verdicts: What to think of them; at least one.
    """

    what: str
    values: Sequence[str]
    verdicts: Sequence[Verdict] = field(default=(NONE,))

    @property
    def is_met(self) -> bool:
        """Whether all is as good as it has to be."""
        return all(verdict.met is not False for verdict in self.verdicts)

    @property
    def lines(self) -> list[list[str]]:
        """The texts, one for each heading, line by line."""
        values = [*self.values, "", ""][:3]
        words = {None: "", True: "yes", False: "NO"}
        return [
            [
                *([self.what, *values] if place == 0 else ["\\"] + [""] * 3),
                verdict.ratio,
                verdict.target,
                words[verdict.met],
            ]
            for place, verdict in enumerate(self.verdicts)
        ]


def beside_bare(ratio: float, most: float | None = None, what: str = "bare") -> Verdict:
    """Judge a time by its ratio to that of the bare way."""
    text = f"{ratio:.2f}x {what}"
    return Verdict(text) if most is None else Verdict(text, f"<= {most}x", ratio <= most)


def faster(ratio: float, least: float | None = None) -> Verdict:
    """Judge a time by its ratio to that of gradio_client."""
    text = f"{1 / ratio:.3g}x faster"
    return Verdict(text) if least is None else Verdict(text, f">= {least:g}x", 1 / ratio >= least)


def below(value: float, most: float, unit: str) -> Verdict:
    """Compare with a limit."""
    return Verdict("", f"<= {most:g} {unit}".rstrip(), value <= most)


def render_time(seconds: float) -> str:
    """Return a time as text."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def timed(what: str, seconds: Sequence[float], *verdicts: Verdict) -> Row:
    """Return a row of times."""
    return Row(what, [*map(render_time, seconds)], verdicts or (NONE,))


def rendered(rows: Sequence[Row], headings: Sequence[str] = HEADINGS) -> str:
    """Return the rows as a simple table of reStructuredText, with as many columns as headings."""
    lines = [list(headings), *(line[: len(headings)] for row in rows for line in row.lines)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([rule, texts[0], rule, *texts[1:], rule])
