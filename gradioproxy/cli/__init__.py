"""The command line: ``gradioproxy``, or ``python -m gradioproxy``."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command line with the arguments of this process, and end it with an exit code."""
    try:
        from .root import run  # late: Ctrl-C while it loads is one, too

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
