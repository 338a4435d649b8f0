"""How long the upload of a large file takes, and how much memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .clients import BARE, OFFICIAL, OURS

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(name: str, url: str, path: str) -> dict[str, float]:
    """Return seconds, and by how many bytes the process's peak memory grew."""
    make = {OURS: _ours, OFFICIAL: _official, BARE: _bare}[name]
    upload = make(url)
    before = _peak()
    start = time.perf_counter()
    upload(path)
    return {"seconds": time.perf_counter() - start, "memory": _peak() - before}


def _peak() -> int:
    """Return the most bytes of memory that this process has had.

    On Linux ``ru_maxrss`` starts with what the parent had, which could hide the growth.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (row for row in status.read_text().splitlines() if row.startswith("VmHWM:"))
        return int(line.split()[1]) << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10


def _ours(url: str) -> Callable[[str], object]:
    import gradioproxy

    return gradioproxy.connect(url, progress=False).f  # a bar, on a terminal, is not the upload


def _official(url: str) -> Callable[[str], object]:
    import gradio_client

    client = gradio_client.Client(url, verbose=False)
    return lambda path: client.predict(gradio_client.handle_file(path), api_name="/f")


def _bare(url: str) -> Callable[[str], object]:
    import requests
    from requests_toolbelt import MultipartEncoder

    session = requests.Session()

    def upload(path: str) -> None:
        with Path(path).open("rb") as handle:
            form = MultipartEncoder({"files": ("file", handle, "application/octet-stream")})
            headers = {"Content-Type": form.content_type}
            session.post(f"{url}/gradio_api/upload", data=form, headers=headers).raise_for_status()

    return upload


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
