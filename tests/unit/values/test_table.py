"""Tables that an app sent: dictionaries as they came, and DataFrames where pandas is there."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from typing import Any

import pandas as pd
import pytest

from gradioproxy.values.table import Table

SENT = {
    "headers": ["a", "b"],
    "data": [[1, "x"], [2, None]],
    "metadata": {"display_value": [["1"]]},
}


def test_a_table_is_what_came() -> None:
    """It compares, prints, pickles and copies as the dictionary that it is."""
    table = Table(SENT)

    assert table == SENT
    assert repr(table) == repr(SENT)
    assert json.loads(json.dumps(table)) == SENT
    for other in (
        pickle.loads(pickle.dumps(table)),  # noqa: S301 - our own
        copy.copy(table),
        copy.deepcopy(table),
    ):
        assert (other, type(other)) == (SENT, Table)
    copy.deepcopy(table)["data"][0][0] = 5
    assert table["data"][0][0] == 1


def test_to_pandas() -> None:
    """Headers and rows make a DataFrame, also if there are none."""
    frame = Table(SENT).to_pandas()

    assert frame.columns.tolist() == ["a", "b"]
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].isna().tolist() == [False, True]
    empties: list[Any] = [[], [[]], None]
    for rows in empties:
        empty = Table(headers=["a", "b"], data=rows).to_pandas()
        assert (empty.shape, empty.columns.tolist()) == ((0, 2), ["a", "b"])
    assert Table(headers=[], data=[[1]]).to_pandas().shape == (1, 1)
    assert isinstance(frame, pd.DataFrame)


def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no pandas is told how to get it."""
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'gradioproxy\[pandas\]'"):
        Table(SENT).to_pandas()
