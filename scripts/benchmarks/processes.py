"""Servers that are there while they are needed, and measurements in fresh interpreters."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parent


@contextlib.contextmanager
def server(kind: str, *arguments: str) -> Iterator[str]:
    """Run an app of `apps` and give its address; the app and its files go at the end.

    The variable ``BENCH_SERVER`` says which Python has the server's Gradio.
    """
    command = [os.environ["BENCH_SERVER"], "-I", str(PACKAGE / "apps.py"), kind, *arguments]
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # never written to: its end tells the child that we are gone
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment() | {"GRADIO_TEMP_DIR": folder, "TMPDIR": folder},
                cwd=folder,
                text=True,
            )
        with process:
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                if not url:
                    raise RuntimeError(f"the app {kind!r} did not start:\n{log.read_text()}")
                yield url
            finally:
                process.kill()


def measured(module: str, *arguments: str) -> dict[str, float]:
    """Run a module of this package in a fresh interpreter and return the numbers that it prints."""
    numbers: dict[str, float] = json.loads(python("-m", f"{__package__}.{module}", *arguments))
    return numbers


def python(*arguments: str) -> str:
    """Run a fresh interpreter of this environment and return what it prints."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        return subprocess.run(
            [sys.executable, *arguments],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment() | {"PYTHONPATH": str(PACKAGE.parent)},
            cwd=folder,  # not the checkout, whose files would be found before installed ones
        ).stdout


def _environment() -> dict[str, str]:
    """Return an environment in which nobody asks another host or a proxy."""
    users = ("GRADIO_", "HF_", "PYTHON")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(users)}
    return kept | {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
