"""The table: what was measured, side by side, and whether it is as good as it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = ("what", "gradioproxy", "gradio_client", "requests", "ratio", "target", "ok")


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
    """A line of the table.

    Attributes:
        what: What was measured.
        values: The values, in the order of the headings.
        verdict: What to think of them.
    """

    what: str
    values: Sequence[str]
    verdict: Verdict = NONE

    @property
    def cells(self) -> list[str]:
        """The texts, one for each heading."""
        values = [*self.values, "", ""][:3]
        ok = {None: "", True: "yes", False: "NO"}[self.verdict.met]
        return [self.what, *values, self.verdict.ratio, self.verdict.target, ok]


def beside_bare(ratio: float, most: float) -> Verdict:
    """Judge a time by its ratio to that of bare requests."""
    return Verdict(f"{ratio:.2f}x requests", f"<= {most}x", ratio <= most)


def faster(ratio: float, least: float | None = None) -> Verdict:
    """Judge a time by its ratio to that of gradio_client."""
    text = f"{1 / ratio:.3g}x faster"
    return Verdict(text) if least is None else Verdict(text, f">= {least}x", 1 / ratio >= least)


def below(value: float, most: float, unit: str) -> Verdict:
    """Compare with a limit."""
    return Verdict("", f"< {most:g} {unit}", value < most)


def timed(what: str, seconds: Sequence[float], verdict: Verdict = NONE) -> Row:
    """Return a row of times."""
    texts = [f"{one * 1000:.3g} ms" if one < 1 else f"{one:.3g} s" for one in seconds]
    return Row(what, texts, verdict)


def rendered(rows: Sequence[Row]) -> str:
    """Return the rows as a simple table of reStructuredText."""
    lines = [list(HEADINGS), *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([rule, texts[0], rule, *texts[1:], rule])
