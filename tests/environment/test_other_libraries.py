"""What takes functions takes an app's as it takes those that somebody wrote: each, as it is."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.component_cases import CASES, applies
from tests.support.gradio import ROOT
from tests.support.sample_files import with_files, write_sample_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio.running import RunningServers

NEWEST = "6.31.0"

TAKERS = (
    *("langchain", "langchain_docstrings", "pydantic_ai", "openai_agents", "fastmcp", "smolagents"),
    *("validate_call", "fastapi", "fire", "gradio_api", "gradio_interface"),
    *("partial", "wraps", "autospec", "standard_pickle", "cloudpickle", "dill"),
    *("joblib", "dask", "ray", "datasets"),
)

# What a library can't do; docs/howto/other_libraries.rst says so.
NOT_BY = {
    # Its schema of objects has no keys that may be missing, and its defaults are JSON.
    "gradio_api": ["chatbot", "choices", "typed"],
}

PLAIN = {
    "echo": ["a"],
    "count": [3],
    "add": [1.0, 2.5],
    "two": ["a", 2.0],
    "none": ["x"],
    "nothing": [],
    "json_back": [{"a": [1, None]}],
    "choices": ["b", 2],
    "checkbox": [True],
    "slider": [7.0],
    "checkboxgroup": [["a", "c"]],
    "typed": ["a", 1.5, True, [1]],
}


@pytest.fixture(scope="module")
def differences(
    gradio: RunningServers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """Give what went otherwise in each taker, all of which are tried in one process."""
    folder = tmp_path_factory.mktemp("files")
    write_sample_files(folder)
    components = {
        f"/{case.endpoint}": [with_files(case.argument, lambda file: str(folder / file))]
        for case in CASES
        if applies(case, NEWEST) and case.argument not in (None, "")
    }
    asked = {
        "takers": [*TAKERS, "typer"],
        "apps": [
            {"url": gradio(NEWEST).url, "calls": [*PLAIN.items()]},
            {"url": gradio(NEWEST, "components").url, "calls": [*components.items()]},
        ],
        "without": NOT_BY,
    }
    find = [str(ROOT / "scripts" / "library-env")]
    python = subprocess.run(find, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    # Ray makes sockets in the folder for temporary files, and their paths have to be short.
    with tempfile.TemporaryDirectory(prefix="gp", dir="/tmp") as home:
        done = subprocess.run(
            [python, "-m", "tests.support.takers"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": home, "TMPDIR": home},
        )
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)


@pytest.mark.parametrize("taker", TAKERS)
def test_every_function(taker: str, differences: dict[str, Any]) -> None:
    """It is made into whatever it is there, called, and gives what a plain call gives."""
    assert differences[taker] == []


def test_typer(differences: dict[str, Any]) -> None:
    """It takes those whose parameters are of one type each, and no lists of choices."""
    wrong = {endpoint for endpoint, *_ in differences["typer"]}
    assert wrong.isdisjoint({"/echo", "/add", "/two", "/nothing", "/checkbox", "/slider"})
    assert "/checkboxgroup" in wrong
