"""Two apps on an internet of this machine's own.

Run as a program under ``unshare --net``, with a version of Gradio; what the tests of pipes want to
know is printed as JSON. In a network namespace, an address that everybody could reach is one of
this machine alone.
"""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import gradioproxy as gp
from tests.support.gradio import Server

ADDRESS = "9.9.9.9"
CONTENT = b"fetched by the app itself"


def main(version: str) -> None:
    """Carry a file from one app to another, and print what happened."""
    for command in ("link set lo up", f"addr add {ADDRESS}/32 dev lo"):
        subprocess.run([str(shutil.which("ip")), *command.split()], check=True)
    everywhere = {"server_name": "0.0.0.0"}  # noqa: S104 - which is nowhere else
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(version, "main", launch=everywhere) as one,
        Server(version, "stateless", launch=everywhere) as two,
        gp.connect(f"{ADDRESS}:{one.port}") as first,
        gp.connect(f"{ADDRESS}:{two.port}") as second,
    ):
        path = Path(folder, "a.txt")
        path.write_bytes(CONTENT)
        file = next(iter(inspect.signature(second.file_hash).parameters))
        (digest,) = gp.pipe(first.file_back.stream(path), second.file_hash, {file: 0})
        sys.stdout.write(json.dumps({"digest": digest, "uploads": len(second.uploads)}))


if __name__ == "__main__":
    main(sys.argv[1])
