"""The fixture for pytest: records a test once, and replays it from then on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.gradio import ROOT
from tests.support.web_server import Reply, Web, serve_app

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 120
# Else it is there twice where the package is installed.
ALONE = {"PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

TESTS = """
import gradioproxy as gp
import pytest

@pytest.mark.parametrize("text", ["a/b", "..", "x-1"])
def test_it(gradio_cassette, text):
    with gp.connect({url!r}) as app:
        assert gp.request(app, "GET", "/x").content == b"{body}"

class TestClass:
    def test_it(self, gradio_cassette):
        assert gradio_cassette.name == "TestClass.test_it.json"
        gp.get_info({url!r})
"""


def run(folder: Path, *options: str) -> str:
    """Run the tests of a folder, in an environment where the package is."""
    command = [sys.executable, "-m", "pytest", "-p", "gradioproxy.testing.plugin", "-q"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **ALONE},
    )
    return done.stdout + done.stderr


def test_it_records_once_and_then_replays(web: Web, tmp_path: Path) -> None:
    """With the option, it records again."""
    serve_app(web, "echo")
    web.on("/x", Reply(body=b"one"))
    file = tmp_path / "test_mine.py"
    file.write_text(TESTS.format(url=web.url, body="one"))
    assert "4 passed" in run(tmp_path)
    folder = tmp_path / "cassettes" / "test_mine"
    assert sorted(path.name for path in folder.iterdir()) == [
        "TestClass.test_it.json",
        "test_it-..-382f100d.json",
        "test_it-a-b-306b0382.json",
        "test_it-x-1.json",
    ]
    asked = len(web.paths())
    web.on("/x", Reply(body=b"two"))
    assert "4 passed" in run(tmp_path)
    assert len(web.paths()) == asked
    file.write_text(TESTS.format(url=web.url, body="two"))
    assert "3 failed" in run(tmp_path)
    assert "4 passed" in run(tmp_path, "--gradio-record")


UNFINISHED = """
import gradioproxy as gp
import pytest

@pytest.fixture
def app(gradio_cassette):
    return gp.connect({url!r})

def test_failed(gradio_cassette):
    gp.get_info({url!r})
    raise AssertionError

def test_broken(app):
    pass

def test_skipped(gradio_cassette):
    gp.get_info({url!r})
    pytest.skip("later")

@pytest.mark.xfail
def test_expected_to_fail(gradio_cassette):
    gp.get_info({url!r})
    raise AssertionError

def test_interrupted(gradio_cassette):
    gp.get_info({url!r})
    raise KeyboardInterrupt
"""


def test_what_did_not_pass_is_not_kept(web: Web, tmp_path: Path) -> None:
    """An app that is down is no talk; what was recorded of it before is not lost."""
    file = tmp_path / "test_mine.py"
    file.write_text(TESTS.format(url=web.url, body="one"))
    folder = tmp_path / "cassettes" / "test_mine"
    assert "4 failed" in run(tmp_path)  # there is no app
    assert not folder.exists()
    serve_app(web, "echo")
    web.on("/x", Reply(body=b"one"))
    assert "4 passed" in run(tmp_path)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    web.on("/config", Reply(503))
    assert "4 failed" in run(tmp_path, "--gradio-record")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    serve_app(web, "echo")
    file.write_text(UNFINISHED.format(url=web.url))
    shutil.rmtree(folder)
    said = run(tmp_path)
    assert "KeyboardInterrupt" in said
    assert "1 failed, 1 passed, 1 skipped, 1 xfailed" in said
    kept = sorted(path.stem for path in folder.iterdir())
    assert kept == ["test_broken", "test_expected_to_fail"]


def test_classes_in_classes_have_their_own(web: Web, tmp_path: Path) -> None:
    """Also where the inner ones have one name."""
    serve_app(web, "echo")
    inner = (
        "    class TestInner:\n"
        "        def test_it(self, gradio_cassette):\n"
        f"            gp.get_info({web.url!r})\n"
    )
    text = f"import gradioproxy as gp\nclass TestA:\n{inner}class TestB:\n{inner}"
    (tmp_path / "test_mine.py").write_text(text)
    assert "2 passed" in run(tmp_path)
    assert sorted(path.stem for path in (tmp_path / "cassettes" / "test_mine").iterdir()) == [
        "TestA.TestInner.test_it",
        "TestB.TestInner.test_it",
    ]


def test_it_costs_nothing_that_is_not_used(tmp_path: Path) -> None:
    """It is loaded in every run of pytest."""
    (tmp_path / "test_mine.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    ours = {name for name in sys.modules if name.startswith('gradioproxy')}\n"
        "    assert ours == {'gradioproxy', 'gradioproxy._version', 'gradioproxy.testing',\n"
        "                    'gradioproxy.testing.plugin'}\n"
        "    assert 'requests' not in sys.modules\n"
    )
    assert "1 passed" in run(tmp_path)


def test_its_name_is_known_to_pytest() -> None:
    """Where the package is installed, nobody has to name it."""
    text = (ROOT / "setup.cfg").read_text()
    assert "pytest11 =\n    gradioproxy = gradioproxy.testing.plugin\n" in text
    assert pytest
