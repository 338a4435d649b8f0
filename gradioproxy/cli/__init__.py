"""The command line: ``gradioproxy``, or ``python -m gradioproxy``."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from .exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line with the arguments of this process, and end it with an exit code."""
    if sys.stderr is None:  # as Python has it where a shell closed it; nobody wants to know
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    try:
        from .root import run  # late: Ctrl-C while it loads is one, too

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    # Python's end goes through all there is, several times over, to find garbage: a tenth of the
    # time of a call. What is still there goes with the process.
    gc.freeze()
    sys.exit(code)
