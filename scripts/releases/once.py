"""A program: builds a folder into a source distribution and a wheel, always the same bytes.

`python -m releases.once FOLDER TARGET SECONDS`. It makes them under settings of its own: setuptools
takes over modes, and into the source distribution times and owners too, from the files and from who
runs it. The wheel is built from the source distribution, and once more from the folder.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from .tree import copy, everything


def build(folder: Path, target: Path, seconds: int) -> None:
    """Build both into a folder; the folder's own wheel into one below it."""
    with tempfile.TemporaryDirectory(prefix="gradioproxy-build-") as name:
        work = Path(name)
        copy(folder, everything(folder), work / "tree", seconds)
        made = _build("sdist", work / "tree", work / "made", seconds)
        source = target / made.name
        repack(made, source, seconds)
        with tarfile.open(source) as archive:
            # Not there before 3.10.12 and 3.11.4; what is unpacked is our own.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(work / "unpacked")  # noqa: S202
        (unpacked,) = (work / "unpacked").iterdir()
        _build("wheel", unpacked, target, seconds)
        copy(folder, everything(folder), work / "again", seconds)
        _build("wheel", work / "again", target / "from-tree", seconds)


def _build(kind: str, tree: Path, target: Path, seconds: int) -> Path:
    """Build one of the two with the setuptools that is installed, and return where it is."""
    target.mkdir(parents=True, exist_ok=True)
    before = {*target.iterdir()}
    done = subprocess.run(
        [*(sys.executable, "-m", "build", "--no-isolation"), f"--{kind}", "--outdir", target, tree],
        check=False,
        capture_output=True,
        text=True,
        umask=0o022,
        cwd=target,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(seconds), "LC_ALL": "C", "TZ": "UTC"},
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    (made,) = {*target.iterdir()} - before
    return made


def repack(source: Path, target: Path, seconds: int) -> None:
    """Write an archive again with its files in order, of nobody and of one time."""
    with (
        tarfile.open(source) as old,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", mtime=seconds, fileobj=file) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            plain = tarfile.TarInfo(member.name)
            plain.size, plain.type, plain.mtime = member.size, member.type, seconds
            plain.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(plain, old.extractfile(member))


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), int(sys.argv[3]))
