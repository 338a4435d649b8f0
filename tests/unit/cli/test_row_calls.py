"""How rows are called; that they are is tested with real servers."""

from __future__ import annotations

from typing import Any

import click
import pytest

from gradioproxy.cli.row_calls import RowOptions


@pytest.mark.parametrize("option", ["retry_failed", "repeat_unknown"])
def test_what_is_about_a_journal_needs_one(option: str) -> None:
    """Or it would do nothing."""
    chosen: dict[str, Any] = {option: True}
    with pytest.raises(click.UsageError, match=option.replace("_", "-")):
        RowOptions(**chosen)
    RowOptions(journal="run.sqlite", **chosen)
