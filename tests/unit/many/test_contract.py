"""What the calls in a journal rely on, and what may change from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradioproxy.errors import JournalError
from gradioproxy.testing import fake
from gradioproxy.testing.locked import describe_locked
from tests.support.contracts import contract, function, taking

if TYPE_CHECKING:
    from pathlib import Path


def run(journal: Path, default: int, *columns: list[object]) -> list[str]:
    """Return what a map gives of an app whose second parameter has a default."""
    functions = {"/repeat": function(taking("text"), taking("times", "int", default=default))}
    config, info, _ = describe_locked(contract(functions, "http://app.test"))
    described = {"config": config, "info": info}
    with fake(described, {"/repeat": lambda text, times: text * times}) as app:
        return list(app.repeat.map(*columns, journal=journal))


def test_a_default_that_no_call_relies_on_may_change(tmp_path: Path) -> None:
    """As of apps that choose one at random, whenever they start."""
    journal = tmp_path / "j"
    assert run(journal, 2, ["a"], [3]) == ["aaa"]
    assert run(journal, 4, ["a", "b"], [3, 3]) == ["aaa", "bbb"]


def test_a_default_that_calls_rely_on_may_not(tmp_path: Path) -> None:
    journal = tmp_path / "j"
    assert run(journal, 2, ["a"]) == ["aa"]
    with pytest.raises(JournalError, match="the default of 'times' was 2, and is 4 now"):
        run(journal, 4, ["a"])
