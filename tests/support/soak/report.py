"""The figures as a table, and where they stand in the documentation."""

from __future__ import annotations

import datetime as dt
import platform
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = ".. Written by scripts/soak --write from here"
END = ".. to here."

TELLING_MINUTES = 20
"""Before that, a process still gets what it needs."""


def render_table(report: dict[str, Any]) -> str:
    """Return a table of reStructuredText."""
    figures, errors = report["figures"], report["errors"]
    faults = ", ".join(f"{name} {count:,}" for name, count in sorted(report["faults"].items()))
    told = ", ".join(f"``{name}`` {count:,}" for name, count in errors.most_common())
    now, growth = report["memory"]
    objects, more = report["objects"]
    leaks = len(report["stuck"]) + len(report["threads"]) + len(report["files"])
    rows = [
        ("minutes, threads, seed", f"{report['minutes']:g}, {report['crowd']}, {report['seed']}"),
        ("calls", f"{figures['calls']:,}"),
        ("faults of the network", f"{sum(report['faults'].values()):,} ({faults})"),
        ("servers killed", f"{report['kills']}"),
        ("right results", f"{figures['right']:,}"),
        ("errors told", f"{sum(errors.values()):,} ({told})"),
        ("wrong values", f"{figures['wrong']}"),
        ("values missing", f"{figures['lost']}"),
        ("calls that ran twice", f"{figures['doubled']}"),
        ("errors that deny a run", f"{figures['denied']}"),
        ("calls that never ended", f"{figures['hung']}"),
        ("errors of other libraries", f"{figures['foreign']}"),
        ("longest call", f"{report['slowest']:.1f} s"),
        ("threads, at most", f"{report['most_threads']}"),
        ("threads and files left", f"{leaks}"),
        ("descriptors left", f"{report['descriptors']}"),
        ("memory at the end", f"{now:.0f} MB"),
        ("objects of Python", f"{objects:,.0f}"),
    ]
    if report["minutes"] >= TELLING_MINUTES:
        rows.append(("growth in an hour", f"{growth:+.1f} MB, {more:+,.0f} objects"))
    lines = [".. list-table::", "   :widths: 1 3", ""]
    for name, value in rows:
        lines += [f"   * - {name}", f"     - {value}"]
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    today = dt.datetime.now(dt.timezone.utc).date()
    return "\n".join([f"{machine}, {today}.", "", *lines])


def write_page(path: Path, report: dict[str, Any]) -> None:
    """Put the table into a page, between two marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = f"{before}{BEGIN}\n\n{render_table(report)}\n\n{END}{after}"
    path.write_text(text, encoding="utf-8")
