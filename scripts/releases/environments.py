"""Environments that are new at each run, with the lowest or the newest of what is asked for.

Rule: nothing but wheels is installed, so that a bound below which a Python finds none shows. The
lowest is that of what the project names itself: what its dependencies need is theirs to say.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .requirements import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.requirements import Requirement

RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}


class Failed(Exception):
    """A program failed; the message is what it wrote."""


def run(*command: str | Path, cwd: Path | None = None, typed: str = "", **variables: str) -> str:
    """Run a program and return what it writes to its standard output.

    Raises:
        Failed: It failed.
    """
    outside = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if name not in outside}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        input=typed,
        env=kept | variables,
    )
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def find_uv() -> str:
    """Return the path of uv: the one beside this interpreter, else one on the path.

    Raises:
        Failed: There is none.
    """
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise Failed("needs uv, which finds the lowest versions")
    return uv


class Environment:
    """An environment in a folder, made anew.

    Args:
        folder: The folder; what is there goes.
        python: The interpreter.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self._uv = find_uv()
        run(self._uv, "venv", "--quiet", "--clear", "--python", python, folder)

    def resolve(self, requirements: Iterable[Requirement], resolution: str) -> dict[str, str]:
        """Return the versions of packages, and of what these need.

        Args:
            requirements: What is asked for.
            resolution: ``lowest`` or ``newest``.
        """
        options = ("--quiet", "--no-header", "--no-annotate", "--no-build")
        lines = run(
            *(self._uv, "pip", "compile", *options, "--resolution", RESOLUTIONS[resolution]),
            *("--python", self.python, "-"),
            typed="\n".join(map(str, requirements)),
        )
        return _read_pins(lines)

    def install(self, *what: str | Path, options: Sequence[str] = ("--no-build",)) -> None:
        """Install packages and what these need."""
        run(self._uv, "pip", "install", "--quiet", *options, "--python", self.python, *what)

    def installed(self) -> dict[str, str]:
        """Return the version of each package that is there."""
        lines = run(self._uv, "pip", "list", "--quiet", "--python", self.python, "--format=freeze")
        return _read_pins(lines)


def _read_pins(lines: str) -> dict[str, str]:
    """Return the version of each package."""
    pinned = (line.split("==") for line in lines.split())
    return {normalised(name): version for name, version in pinned}
