"""The classes of results: they pickle, and end with their use."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import cloudpickle
import pytest

from gradioproxy.functions.annotations import result_type
from gradioproxy.functions.result_class import _RESULTS
from tests.support.schemas import endpoint, result

if TYPE_CHECKING:
    from collections.abc import Callable


def test_classes_end_with_their_use() -> None:
    """Classes that nobody uses are forgotten."""
    result_type("forgotten", endpoint(results=[result("a"), result("b")]))
    gc.collect()

    assert not [key for key in _RESULTS if "Forgotten" in str(key)]


@pytest.mark.parametrize("dumps", [pickle.dumps, cloudpickle.dumps])
def test_result_pickles_by_value(dumps: Callable[[Any], bytes]) -> None:
    """A result comes back as the endpoint's class, and where there is none as an equal tuple."""
    made: Any = result_type("f", endpoint(results=[result("a"), result("b")]))
    data = dumps(made("x", None))
    program = f"import pickle; print(pickle.loads({data!r}))"

    back = pickle.loads(data)  # noqa: S301 - made here
    assert back == ("x", None)
    assert type(back) is made
    assert type(pickle.loads(pickle.dumps(back))) is made  # noqa: S301 - made here
    assert type(pickle.loads(data.replace(b"FResult", b"GResult"))) is not made  # noqa: S301
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "FResult(a='x', b=None)\n"
