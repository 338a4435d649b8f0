"""What takes functions takes an app's as it takes those that somebody wrote: each, as it is."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.component_cases import CASES, applies
from tests.support.gradio import ROOT
from tests.support.sample_files import with_files, write_sample_files

if TYPE_CHECKING:
    from pathlib import Path

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


def run_with_libraries(module: str, *arguments: str, given: str | None = None) -> Any:
    """Run a module where the libraries are installed; return the JSON that it writes."""
    find = [str(ROOT / "scripts" / "library-env")]
    python = subprocess.run(find, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    # Ray makes sockets in the folder for temporary files, and their paths have to be short.
    with tempfile.TemporaryDirectory(prefix="gp", dir="/tmp") as home:
        done = subprocess.run(
            [python, "-m", module, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": home, "TMPDIR": home},
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def differences(gradio: RunningServers, tmp_path_factory: pytest.TempPathFactory) -> Any:
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
    return run_with_libraries("tests.support.takers", given=json.dumps(asked))


@pytest.mark.parametrize("taker", TAKERS)
def test_every_function(taker: str, differences: dict[str, Any]) -> None:
    """It is made into whatever it is there, called, and gives what a plain call gives."""
    assert differences[taker] == []


def test_typer(differences: dict[str, Any]) -> None:
    """It takes those whose parameters are of one type each, and no lists of choices."""
    wrong = {endpoint for endpoint, *_ in differences["typer"]}
    assert wrong.isdisjoint({"/echo", "/add", "/two", "/nothing", "/checkbox", "/slider"})
    assert "/checkboxgroup" in wrong


def test_an_executor_of_ray(gradio: RunningServers) -> None:
    """It is an executor as any; where a worker is killed, no call is made twice."""
    server = gradio(NEWEST, "crowded")
    found = run_with_libraries("tests.support.ray_calls", server.url, str(server.folder))
    lost = found.pop("lost")
    digest = hashlib.sha256(b"bytes").hexdigest()
    assert found == {
        "met": True,
        "at_once": 2,
        "failed": ["AppError('ray-7 is bad')"],
        "files": [[digest, "x 5"]],
        "count": 6,
        "twice": 0,
    }
    assert lost
    assert {(kind, may_have_run) for _, kind, may_have_run in lost} == {("ConnectionLost", True)}


SPHINX = """
import sys
sys.path.insert(0, {folder!r})
project = "x"
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
"""

PAGE = """
Page
====

.. autofunction:: live.resize

.. automodule:: written
   :members: resize
"""


def test_sphinx(gradio: RunningServers, tmp_path: Path) -> None:
    """It documents functions of a session and of a written module, without a warning."""
    url = gradio(NEWEST, "documented").url
    with gp.connect(url) as app:
        gp.export(app, tmp_path / "written.py")
    live = f"import gradioproxy as gp\napp = gp.connect({url!r})\nresize = app.resize\n"
    (tmp_path / "live.py").write_text(live, encoding="utf-8")
    (tmp_path / "conf.py").write_text(SPHINX.format(folder=str(tmp_path)), encoding="utf-8")
    (tmp_path / "index.rst").write_text(PAGE, encoding="utf-8")
    build = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "text", ".", "out"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join((tmp_path / "out" / "index.txt").read_text(encoding="utf-8").split())
    assert text.count("Make an image smaller or larger; its proportions stay.") == 2
    assert "live.resize(image: FileLike, width: float = 256) -> File" in text
    assert "written.resize(image: FileLike, width: float = 256) -> File" in text
