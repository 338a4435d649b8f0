"""The public interface is the one that was agreed on."""

from __future__ import annotations

import difflib

from tests.contract.public_api import SNAPSHOT, render_api


def test_the_public_interface() -> None:
    """Whoever changes it says so, by renewing the text, and in CHANGELOG.rst if users notice."""
    known = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    found = render_api().splitlines()
    changes = "\n".join(difflib.unified_diff(known, found, "api.txt", "the code", lineterm="", n=2))
    assert not changes, (
        f"The public interface has changed:\n{changes}\n\nIf it is meant to: "
        "python -m tests.contract.public_api"
    )


def test_the_text_says_nothing_of_this_process() -> None:
    """No address in memory and no path is in it, so that it is the same everywhere."""
    text = SNAPSHOT.read_text(encoding="utf-8")
    assert " at 0x" not in text
    assert str(SNAPSHOT.parents[2]) not in text
