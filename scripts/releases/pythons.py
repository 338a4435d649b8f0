"""The Pythons that the package says it is for, and where this machine has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CLASSIFIER = re.compile(r"^Programming Language :: Python :: (\d+\.\d+)$", re.MULTILINE)


def metadata() -> ConfigParser:
    """Return what setup.cfg says."""
    config = ConfigParser()
    config.read(PROJECT / "setup.cfg", encoding="utf-8")
    return config


def supported() -> list[str]:
    """Return the versions of Python that the classifiers name."""
    return CLASSIFIER.findall(metadata()["metadata"]["classifiers"])


def find_pythons(versions: list[str]) -> dict[str, str]:
    """Return the path of an interpreter for each version that there is one of."""
    found = {version: _find(version) for version in versions}
    return {version: path for version, path in found.items() if path}


def _find(version: str) -> str | None:
    """Return an interpreter from the path, else of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    releases = sorted(root.glob(f"{version}.*"), key=_number, reverse=True)
    on_path = shutil.which(f"python{version}")
    candidates = [on_path, *(str(each / "bin" / "python") for each in releases)]
    return next((path for each in candidates if each and (path := _run(each, version))), None)


def _number(release: Path) -> list[int]:
    """Return a version's numbers; what is no release comes last."""
    parts = release.name.split(".")
    return [int(part) for part in parts] if all(map(str.isdecimal, parts)) else []


def _run(candidate: str, version: str) -> str | None:
    """Return where a candidate's Python lies, if it is one: a version manager's shim may not be."""
    code = (
        "import os, sys, venv; print('%d.%d' % sys.version_info[:2]); "
        "print(os.path.realpath(sys.executable))"
    )
    try:
        done = subprocess.run(
            [candidate, "-I", "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    said = done.stdout.splitlines()
    return said[1] if done.returncode == 0 and said[:1] == [version] else None
