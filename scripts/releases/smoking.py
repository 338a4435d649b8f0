"""Installs a distribution where nothing else is, and uses it there."""

from __future__ import annotations

from pathlib import Path

from .environments import Environment, Failed, run
from .requirements import normalised, required

PROGRAM = Path(__file__).with_name("smoke.py")


def try_alone(distribution: Path, folder: Path, python: str, *, lowest: bool = False) -> list[str]:
    """Use a distribution in an environment that has what it requires, and return what is there.

    Args:
        distribution: The wheel or source distribution.
        folder: Where to make the environment.
        python: The interpreter.
        lowest: Whether to install the lowest versions that it asks for.

    Raises:
        Failed: It can't be installed, or does not work.
    """
    environment = Environment(folder, python)
    if lowest:
        pins = environment.resolve(required(), "lowest")
        environment.install(*(f"{name}=={version}" for name, version in pins.items()))
    # A source distribution has to be built; what it needs for that comes anew.
    only = ["--no-build"] if distribution.suffix == ".whl" else []
    environment.install(distribution, options=only)
    command = (environment.python, "-I", "-W", "error", PROGRAM)
    there = run(*command, cwd=folder, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1").split()
    asked = {normalised(each.name) for each in required()}
    if missing := asked - {*map(normalised, there)}:
        raise Failed(f"not installed: {', '.join(sorted(missing))}")
    return there
