"""The examples are what a stranger would write: they run where nothing of ours is but the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from releases.building import build, distributions
from releases.environments import Environment, Failed, find_uv
from releases.pythons import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

pytestmark = pytest.mark.skipif(
    not (PROJECT / ".git").exists(), reason="git knows what is to be in a wheel"
)
SECONDS = 120


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment with the wheel and pytest."""
    try:
        find_uv()
    except Failed as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("examples")
    build(folder / "dist")
    made = Environment(folder / "environment", sys.executable)
    made.install(distributions(folder / "dist")[1], "pytest")
    return made


@pytest.fixture
def postcards(tmp_path: Path) -> Path:
    """Give a copy of the example."""
    return shutil.copytree(PROJECT / "examples" / "postcards", tmp_path / "postcards")


def run_tests(environment: Environment, folder: Path, *options: str, **names: str) -> str:
    """Run the tests of an example as its author would."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [environment.python, "-W", "error", "-m", "pytest", "-q", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**outside, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", **names},
        timeout=SECONDS,
    )
    return done.stdout + done.stderr


def test_its_tests_need_no_app(environment: Environment, postcards: Path) -> None:
    """They replay what is beside them, and leave it as it was."""
    before = {path: path.read_bytes() for path in postcards.rglob("*") if path.is_file()}
    assert "4 passed" in run_tests(environment, postcards, "-p", "no:cacheprovider")
    after = {path: path.read_bytes() for path in postcards.rglob("*") if path.is_file()}
    assert after == before


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app that the example is about."""
    return gradio(version, "documented")


@pytest.mark.parametrize("version", ["6.31.0"])
def test_it_can_be_recorded_again(
    environment: Environment, postcards: Path, server: Server
) -> None:
    """From the real app, which is not needed from then on."""
    shutil.rmtree(postcards / "cassettes" / "test_postcards" / "test_with_the_real_app.files")
    assert "1 failed" in run_tests(environment, postcards, "-k", "real")
    again = run_tests(
        environment, postcards, "-k", "real", "--gradio-record", POSTCARDS_APP=server.url
    )
    assert "1 passed" in again, again
    url = server.url
    server.stop()
    assert "4 passed" in run_tests(environment, postcards, POSTCARDS_APP=url)
