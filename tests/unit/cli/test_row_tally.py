"""What is said of rows in the end."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.cli.row_results import Outcome
from gradioproxy.cli.row_tally import Tally
from gradioproxy.errors import AppError, ConnectError, ConnectionLost

LOST = ConnectionLost("It is gone.")
FAILED = AppError("No.\x1b[0m").with_call(may_have_run=True)


@pytest.mark.parametrize(
    ("counted", "rows", "restored", "text"),
    [
        ([], 0, 0, "0 done in 2.00 s"),
        ([None] * 1500, 1500, 0, "1,500 done in 2.00 s (750 calls a second)"),
        ([None] * 4, 4, 4, "4 done, 4 from the journal in 2.00 s"),
        ([None] * 4, 6, 5, "4 done, 4 from the journal, 2 left in 2.00 s"),
        (
            [None, FAILED, AppError("Never.")],
            5,
            1,
            (
                "1 done, 2 failed, 1 from the journal, 2 left in 2.00 s (1 calls a second); "
                "row 2 failed first: No.[0m"
            ),
        ),
        (
            [LOST, ConnectError("Nobody is there."), TypeError("wrong")],
            3,
            0,
            (
                "0 done, 2 failed, 1 unknown in 2.00 s (1.5 calls a second); "
                "row 1 failed first: It is gone."
            ),
        ),
    ],
)
def test_what_is_said_in_the_end(counted: list[Any], rows: int, restored: int, text: str) -> None:
    """How many are done, failed, unknown and left; how fast; and what went wrong first."""
    tally = Tally(rows, None)
    for number, error in enumerate(counted, 1):
        tally.count(Outcome(number, {}, error=error), restored)
    assert tally.describe(2) == text


def test_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Where it ended before its end: with the journal, if there is one; not where nobody reads."""
    for error, journal, said in (
        (KeyboardInterrupt, "run.sqlite", "the same command goes on from here; run.sqlite has"),
        (KeyboardInterrupt, None, "with --journal FILE, the next time would begin where this"),
        (BrokenPipeError, None, ""),
        (OSError, "run.sqlite", ""),
    ):
        with pytest.raises(error), Tally(1, journal):
            raise error
        assert (said in capsys.readouterr().err) if said else (capsys.readouterr().err == "")


@pytest.mark.parametrize(
    ("counted", "journal", "said"),
    [
        ([None], "run.sqlite", ""),
        ([FAILED], None, ""),
        ([FAILED], "run.sqlite", "the same command with --retry-failed makes these again"),
        ([LOST], "run.sqlite", "the same command with --repeat-unknown makes these again"),
        ([LOST, FAILED], "run.sqlite", "with --retry-failed --repeat-unknown makes these again"),
    ],
)
def test_how_to_make_them_again(
    counted: list[Any], journal: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a journal knows which they are: the same command alone would say the same."""
    tally = Tally(len(counted), journal)
    with tally:
        for number, error in enumerate(counted, 1):
            tally.count(Outcome(number, {}, error=error))
    (_, *hint) = capsys.readouterr().err.splitlines()
    assert (said in hint[0]) if said else not hint
