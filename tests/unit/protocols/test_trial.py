"""What can be opened of an app without a call."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradioproxy.protocols.selection import is_known
from gradioproxy.protocols.trial import Trial, choose_trial
from gradioproxy.schema.parse import parse_app

BEAT, DATA = "/gradio_api/heartbeat/hash", "/gradio_api/queue/data?session_hash=hash"


@pytest.mark.parametrize(
    ("version", "protocol", "runs_at_end", "trial"),
    [
        ("3.16.2", None, False, Trial("/gradio_api/queue/join", is_websocket=True)),
        ("3.50.2", "ws", False, Trial("/gradio_api/queue/join", is_websocket=True)),
        ("4.0.2", "sse", False, None),
        ("4.13.0", "sse_v1", False, None),
        ("4.24.0", "sse_v3", False, None),
        ("4.25.0", "sse_v3", False, Trial(BEAT, stays_open=True)),
        ("4.25.0", "sse_v3", True, None),
        ("4.31.0", "sse_v3", True, Trial(DATA)),
        ("6.31.0", "sse_v3", False, Trial(BEAT, stays_open=True)),
        ("6.31.0", "sse_v3", True, Trial(DATA)),
        ("7.0.0", "sse_v9", False, Trial(BEAT, stays_open=True)),
        ("7.0.0", "sse_v9", True, None),
    ],
)
def test_what_can_be_opened_without_a_call(
    version: str, protocol: str | None, runs_at_end: bool, trial: Trial | None
) -> None:
    """Nothing whose end makes the app run a function, and nothing that begins a call."""
    function = {"id": 0, "api_name": "f", "inputs": [], "outputs": []}
    app = parse_app(
        {
            "version": version,
            "dependencies": [function],
            "api_prefix": "/gradio_api",
            **({"protocol": protocol} if protocol else {}),
        }
    )
    assert choose_trial(app, "hash", runs_at_end=runs_at_end) == trial
    assert is_known(app) is (protocol != "sse_v9")


def test_who_makes_calls_loads_none_of_it() -> None:
    program = (
        "import sys, gradioproxy.protocols; print('gradioproxy.protocols.trial' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
