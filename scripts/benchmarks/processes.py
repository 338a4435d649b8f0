"""Servers that are there while they are needed, and measurements in fresh interpreters."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parent
SCRIPTS = PACKAGE.parent
NEWEST = "6.31.0"
WARM_SERVER = 3
"""What is done so often before a server is measured: the first requests make it load things."""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        url: Its address.
        process: The number of its process.
    """

    url: str
    process: int


@contextlib.contextmanager
def run_app(kind: str, *arguments: str, version: str = NEWEST) -> Iterator[Server]:
    """Run an app of `servers.apps`; it and its files go at the end."""
    command = [find_gradio(version), "-I", str(PACKAGE / "servers" / "apps.py"), kind, *arguments]
    with _run(command) as server:
        for _ in range(WARM_SERVER):
            read(f"{server.url}/config")
        yield server


@contextlib.contextmanager
def run_replay(version: str = NEWEST) -> Iterator[Server]:
    """Run `servers.replay` as a version of Gradio; it says of itself what that says."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        config, info = Path(folder, "config.json"), Path(folder, "info.json")
        config.write_bytes(_describe(version)[0])
        info.write_bytes(_describe(version)[1])
        program = str(PACKAGE / "servers" / "replay.py")
        with _run([sys.executable, "-I", program, str(config), str(info)]) as server:
            yield server


@functools.cache
def _describe(version: str) -> tuple[bytes, bytes]:
    """Return what a version of Gradio says of the app that is replayed."""
    with run_app("replayed", version=version) as server:
        config = read(f"{server.url}/config")
        prefix = json.loads(config).get("api_prefix", "")
        return config, read(f"{server.url}{prefix}/info")


@contextlib.contextmanager
def _run(command: list[str]) -> Iterator[Server]:
    """Run a program that prints its address when it is ready."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # never written to: its end tells the child that we are gone
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(folder) | {"GRADIO_TEMP_DIR": folder, "TMPDIR": folder},
                cwd=folder,
                text=True,
            )
        with process:
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                if not url:
                    raise RuntimeError(f"{command} did not start:\n{log.read_text()}")
                yield Server(url, process.pid)
            finally:
                process.kill()


def read(url: str) -> bytes:
    """Return what is at a URL of a server."""
    with urlopen(url) as response:  # noqa: S310 - of our own server
        content: bytes = response.read()
    return content


@functools.cache
def find_gradio(version: str) -> str:
    """Return the path of a Python that has a version of Gradio."""
    command = [str(SCRIPTS / "gradio-env"), version]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def measured(module: str, *arguments: str | int) -> dict[str, float]:
    """Run a module of `measures` in a fresh interpreter and return the numbers that it prints."""
    name = f"{__package__}.measures.{module}"
    numbers: dict[str, float] = json.loads(python("-m", name, *map(str, arguments)))
    return numbers


def python(*arguments: str) -> str:
    """Run a fresh interpreter of this environment and return what it prints."""
    return command_output(sys.executable, *arguments)


def command_output(*command: str, caches: str | None = None) -> str:
    """Run a program in an empty folder and return what it prints.

    Args:
        *command: The program and its arguments.
        caches: The folder for what programs keep; by default one that goes with this one.
    """
    with tempfile.TemporaryDirectory(prefix="gradioproxy-bench-") as folder:
        return subprocess.run(
            command,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(caches or folder) | {"PYTHONPATH": str(SCRIPTS)},
            cwd=folder,  # not the checkout, whose files would be found before installed ones
        ).stdout


def timed_command(*command: str, caches: str | None = None) -> float:
    """Return the seconds that a program takes; its arguments are those of `command_output`."""
    start = time.perf_counter()
    command_output(*command, caches=caches)
    return time.perf_counter() - start


def _environment(caches: str) -> dict[str, str]:
    """Return an environment in which nobody asks another host or a proxy.

    Args:
        caches: The folder for what programs keep, which are not the user's own.
    """
    users = ("GRADIO_", "HF_", "PYTHON")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(users)}
    return kept | {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "XDG_CACHE_HOME": caches,
    }
