"""How long files take to an app's function, and how much memory: WAY, URL, PATH, FUNCTION."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clients import OFFICIAL, OURS, official_client, peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(way: str, url: str, path: str, name: str) -> dict[str, float]:
    """Return seconds, and by how many bytes the process's peak memory grew.

    Args:
        way: With what.
        url: The app's address.
        path: A file, or a folder of files.
        name: The function that takes it, or all of them.
    """
    given = Path(path)
    paths = sorted(map(str, given.iterdir())) if given.is_dir() else str(given)
    call = {OURS: _ours, OFFICIAL: _official}[way](url, name)
    before = peak_memory()
    start = time.perf_counter()
    call(paths)
    return {"seconds": time.perf_counter() - start, "memory": peak_memory() - before}


def _ours(url: str, name: str) -> Callable[[Any], object]:
    import gradioproxy

    # A bar, on a terminal, is not the upload.
    return gradioproxy.connect(url, progress=False)[f"/{name}"]


def _official(url: str, name: str) -> Callable[[Any], object]:
    import gradio_client

    client = official_client(url)

    def call(paths: Any) -> object:
        one = isinstance(paths, str)
        files = (
            gradio_client.handle_file(paths) if one else [*map(gradio_client.handle_file, paths)]
        )
        return client.predict(files, api_name=f"/{name}")

    return call


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
