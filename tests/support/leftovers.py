"""A temporary folder of the tests' own, and what they leave behind, with the test that did.

Rule: whatever goes into a temporary folder goes into this one. It lies in the checkout, where no
program cleans up behind others while tests run. What is there at the end, and what still runs that
was started with it, fails the session.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from gradioproxy.files.private import make_temporary_folder

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build"
EXPECTED = "pytest-of-"
"""What pytest itself keeps there; it goes with the folder."""
DAY_SECONDS = 24 * 60 * 60


class Leftovers:
    """What the tests of this process leave in their temporary folder, and running.

    Attributes:
        folder: The folder.
        found: What was left, a line for each, also by the processes that ran tests for this one.
    """

    def __init__(self) -> None:
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("tests-*"):  # of sessions that were killed
            with contextlib.suppress(FileNotFoundError):  # another session's, which has just ended
                if old.stat().st_mtime < time.time() - DAY_SECONDS:
                    shutil.rmtree(old, ignore_errors=True)
        self.folder = Path(tempfile.mkdtemp(prefix="tests-", dir=FOLDER))
        self.found: list[str] = []
        self._seen: dict[Path, str] = {}
        self._older = {*psutil.Process().children(recursive=True)}
        self._begun: list[tuple[float, str]] = []
        os.environ["TMPDIR"] = str(self.folder)
        tempfile.tempdir = None  # what the environment says now counts

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Take note of when a test begins, to tell later whose a process is."""
        self._begun.append((time.time(), nodeid))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Take note of what is new after a test; the next ones may still need it."""
        for path in self.folder.iterdir():
            self._seen.setdefault(path, nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look at what is left, and pass it on to the process that shows it, if that is another."""
        if not session.config.getoption("numprocesses", None):  # else the tests ran elsewhere
            gc.collect()
            self.found += self._left_files() + self._left_processes()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["leftovers"] = self.found
        elif self.found:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take what a process of xdist found."""
        self.found += getattr(node, "workeroutput", {}).get("leftovers", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show what was left."""
        if self.found:
            terminalreporter.section("left behind", red=True)
            for line in self.found:
                terminalreporter.line(line)

    def pytest_unconfigure(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left_files(self) -> list[str]:
        own = make_temporary_folder().parent  # of this process, with which it goes
        left = [
            path
            for path in self.folder.iterdir()
            if path != own and not path.name.startswith(EXPECTED)
        ]
        return [f"{path}, since {self._seen.get(path, 'the end')}" for path in left]

    def _left_processes(self) -> list[str]:
        # Those of this process count with whatever environment.
        children = {*psutil.Process().children(recursive=True)} - self._older
        return [
            f"{process.info['cmdline']}, since {self._test_near(process.info['create_time'])}"
            for process in psutil.process_iter(["environ", "cmdline", "create_time", "status"])
            if process in children
            or (process.info["environ"] or {}).get("TMPDIR", "").startswith(str(self.folder))
            if process.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def _test_near(self, moment: float) -> str:
        # When a process began is known to a second or so.
        begun = [test for begin, test in self._begun if begin <= moment + 1]
        return f"about {begun[-1]}" if begun else "before the tests"
