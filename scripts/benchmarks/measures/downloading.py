"""How long a file takes from an app's function to the disk, and how much memory: WAY, URL, SIZE."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .clients import OFFICIAL, OURS, peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(way: str, url: str, size: str) -> dict[str, float]:
    """Return seconds, and by how many bytes the process's peak memory grew."""
    call = {OURS: _ours, OFFICIAL: _official}[way](url)
    before = peak_memory()
    start = time.perf_counter()
    path = call(int(size))
    seconds = time.perf_counter() - start
    if Path(path).stat().st_size != int(size):
        raise RuntimeError(f"{path} is not whole")
    return {"seconds": seconds, "memory": peak_memory() - before}


def _ours(url: str) -> Callable[[int], str]:
    import gradioproxy

    app = gradioproxy.connect(url, progress=False, download_dir=".")
    return lambda size: str(app.make(size).save("ours.bin"))


def _official(url: str) -> Callable[[int], str]:
    import gradio_client

    client = gradio_client.Client(url, verbose=False, download_files=".")
    return lambda size: str(client.predict(size, api_name="/make"))


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
