"""What is in the two distributions, and what is not."""

from __future__ import annotations

import base64
import csv
import getpass
import hashlib
import io
import os
import re
import socket
import stat
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from .pythons import CLASSIFIER, PROJECT, metadata, supported
from .requirements import extras, required

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

GENERATED = re.compile(r"(PKG-INFO|setup\.cfg|gradioproxy\.egg-info/[^/]+)$")
PACKED_TOO = ("pyproject.toml", "README.rst", "LICENSE", "SECURITY.rst", "CHANGELOG.rst")
SHORT = 6
UNWANTED = re.compile(r"(^|/)(__pycache__|\.git|\.venv[^/]*|build|dist|\.[a-z]+_cache)/|\.py[cod]$")


@dataclass(frozen=True)
class Distribution:
    """What one of the two has.

    Attributes:
        files: The content of each file, by its path within the project.
        modes: The permissions of each.
        metadata: What it says of itself.
    """

    files: dict[str, bytes]
    modes: dict[str, int]
    metadata: Message


def read_wheel(path: Path) -> Distribution:
    """Read a wheel."""
    with zipfile.ZipFile(path) as archive:
        files = {each.filename: archive.read(each) for each in archive.infolist()}
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    (said,) = (content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    return Distribution(files, modes, Parser().parsestr(said.decode()))


def read_sdist(path: Path) -> Distribution:
    """Read a source distribution."""
    files, modes = {}, {}
    with tarfile.open(path) as archive:
        for member in archive:
            if (content := archive.extractfile(member)) is not None:
                name = member.name.partition("/")[2]
                files[name] = content.read()
                modes[name] = stat.S_IFREG | member.mode
    return Distribution(files, modes, Parser().parsestr(files["PKG-INFO"].decode()))


def check_wheel(wheel: Distribution, tracked: list[str]) -> Iterator[str]:
    """Yield what is wrong with a wheel."""
    package = {name for name in tracked if name.startswith("gradioproxy/")}
    info = {name for name in wheel.files if ".dist-info/" in name}
    yield from _differ("the wheel", {*wheel.files} - info, package)
    wanted = (
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"),
    )
    yield from _differ("its metadata", {name.partition("/")[2] for name in info}, {*wanted})
    if "gradioproxy/py.typed" not in wheel.files:
        yield "type checkers get no types: no py.typed"
    yield from _check_record(wheel)
    yield from _check_files(wheel)
    yield from _check_metadata(wheel.metadata)


def check_sdist(sdist: Distribution, tracked: list[str], wheel: Distribution) -> Iterator[str]:
    """Yield what is wrong with a source distribution."""
    own = {name for name in sdist.files if not GENERATED.match(name)}
    folders = ("gradioproxy/", "tests/", "docs/", "scripts/", ".ci/")
    wanted = {name for name in tracked if name.startswith(folders)} | {*PACKED_TOO}
    known = {*tracked}
    yield from (f"the sdist lacks {name}" for name in sorted(wanted - own))
    yield from (f"the sdist has {name}, which git does not track" for name in sorted(own - known))
    changed = {name for name in own & known if sdist.files[name] != (PROJECT / name).read_bytes()}
    yield from (f"the sdist has another {name}" for name in sorted(changed))
    if sdist.metadata.as_bytes() != wheel.metadata.as_bytes():
        yield "sdist and wheel say different things of the project"
    yield from _check_files(sdist)


def _differ(what: str, has: set[str], wanted: set[str]) -> Iterator[str]:
    """Yield what is missing and what is too much."""
    yield from (f"{what} lacks {name}" for name in sorted(wanted - has))
    yield from (f"{what} has {name}" for name in sorted(has - wanted))


def _check_record(wheel: Distribution) -> Iterator[str]:
    """Hold the files against the wheel's own list of them."""
    (name,) = (name for name in wheel.files if name.endswith(".dist-info/RECORD"))
    listed = {row[0]: row[1] for row in csv.reader(io.StringIO(wheel.files[name].decode()))}
    yield from _differ("RECORD", {*listed}, {*wheel.files})
    for each, digest in listed.items():
        found = hashlib.sha256(wheel.files.get(each, b"")).digest()
        text = "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode()
        if each != name and digest != text:
            yield f"RECORD has another digest of {each}"


def _check_files(distribution: Distribution) -> Iterator[str]:
    """Look for what must not be in either: caches, odd permissions, traces of this machine."""
    for name, content in distribution.files.items():
        if UNWANTED.search(name):
            yield f"{name} has no place there"
        mode = stat.S_IFREG | (0o664 if name.endswith("/RECORD") else 0o644)  # as setuptools does
        if distribution.modes[name] not in (mode, stat.S_IFREG | 0o755):
            yield f"{name} has the permissions {distribution.modes[name]:o}"
        yield from (f"{name} has {trace!r} in it" for trace in _traces() if trace in content)


def _traces() -> set[bytes]:
    """Return texts that only this machine has."""
    home, user, host = str(Path.home()), getpass.getuser(), socket.gethostname()
    texts = {str(PROJECT), tempfile.gettempdir() + os.sep + "gradioproxy-build-", home + os.sep}
    # A short name is a word that anybody may write.
    texts |= {name for name in (user, host) if len(name) > SHORT}
    return {text.encode() for text in texts if len(text) > SHORT}


def _check_metadata(said: Message) -> Iterator[str]:
    """Hold what is said of the project against setup.cfg, and see that nothing is missing."""
    config = metadata()
    version = (PROJECT / "gradioproxy" / "_version.py").read_text(encoding="utf-8")
    wanted = {
        "Name": "gradioproxy",
        "Version": version.split('"')[-2],
        "Summary": config["metadata"]["description"],
        "Requires-Python": f">={supported()[0]}",
        "License-Expression": "MIT",
        "License-File": "LICENSE",
        "Description-Content-Type": "text/x-rst",
    }
    yield from (f"{key} is {said[key]!r}" for key, value in wanted.items() if said[key] != value)
    if str(said.get_payload()).strip() != (PROJECT / "README.rst").read_text("utf-8").strip():
        yield "the description is not the README"
    asked = {str(each) for each in required()}
    named = {str(each) for each in map(Requirement, said.get_all("Requires-Dist", []))}
    named -= {each for each in named if "extra ==" in each}
    yield from _differ("what it requires", named, asked)
    yield from _differ("its extras", {*said.get_all("Provides-Extra", [])}, {*extras()})
    yield from (f"{key} is not there" for key in ("Author", "Keywords") if not said[key])
    said_of_python = [each for each in said.get_all("Classifier", []) if CLASSIFIER.match(each)]
    yield from _differ(
        "what it says of Python",
        {*said_of_python},
        {f"Programming Language :: Python :: {each}" for each in supported()},
    )
