"""Runs examples of the official client; run by the Python of an environment that has Gradio.

Rule: standard input has the examples in the form of doctest; standard output gets what is wrong
with them, and nothing if they are right.
"""

from __future__ import annotations

import doctest
import os
import sys
from typing import Any


def main() -> None:
    """Run the examples as one session."""
    known: dict[str, Any] = {}
    test = doctest.DocTestParser().get_doctest(sys.stdin.read(), known, "official", "official", 0)
    said: list[str] = []
    flags = doctest.ELLIPSIS | doctest.REPORT_ONLY_FIRST_FAILURE
    doctest.DocTestRunner(verbose=False, optionflags=flags).run(test, out=said.append)
    sys.stdout.write("".join(said))
    sys.stdout.flush()
    os._exit(0)  # a job of that client that was cancelled may have a thread that goes on


if __name__ == "__main__":
    main()
