"""What ``map`` is asked for; its calls are made in servers/test_mapping.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gradioproxy.functions.map_calls import MapOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"errors": "ignore"}, "errors must be 'raise' or 'keep', not 'ignore'"),
        ({"concurrency": 0}, "concurrency must be at least 1, not 0"),
        ({"concurrency": 2.5}, r"concurrency must be at least 1, not 2\.5"),
        ({"concurrency": True}, "concurrency must be at least 1, not True"),
        ({"concurrency": "4"}, "concurrency must be at least 1, not '4'"),
        ({"patience": -1}, "patience is a number of seconds, 0 to .*, not -1"),
        ({"patience": float("nan")}, "patience is a number of seconds, 0 to .*, not nan"),
        ({"progress": "yes"}, "progress must be True, False or 'auto', not 'yes'"),
        ({"progress": print}, "progress must be True, False or 'auto', not <built-in"),
        ({"journal": b"j"}, "journal must be the path of a file, not b'j'"),
        ({"journal": True}, "journal must be the path of a file, not True"),
        ({"journal": "j", "retry": "all"}, "retry must be 'failed' or None, not 'all'"),
        ({"retry": "failed"}, "retry= is about what is in a journal; pass journal="),
        ({"repeat_unknown": True}, "repeat_unknown= is about what is in a journal; pass journal="),
    ],
)
def test_what_is_no_option(options: Any, message: str) -> None:
    """It is told when the map is made, and not after calls were."""
    with pytest.raises(ValueError, match=message):
        MapOptions(**options)
    with pytest.raises(TypeError, match="patience is a number of seconds, not str"):
        MapOptions(patience="60")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 1, "patience": None, "progress": False},
        {"patience": 0.5, "progress": "auto"},
        {"journal": Path("j"), "patience": 0, "retry": "failed", "repeat_unknown": True},
    ],
)
def test_what_is_one(options: Any) -> None:
    MapOptions(**options)
