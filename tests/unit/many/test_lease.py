"""Leases, which tell others that a process is still there."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gradioproxy.many import lease as lease_module
from gradioproxy.many.lease import Lease, is_held, remove_if_left
from tests.support.gradio import ROOT
from tests.support.processes import ends_well_in_child, needs_fork

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import pathlib, sys
from gradioproxy.many.lease import Lease
lease = Lease(pathlib.Path(sys.argv[1]))
print(lease.name, flush=True)
sys.stdin.read()
"""


def test_one_is_held_until_it_ends(tmp_path: Path) -> None:
    """Also within a process, where each map has its own."""
    lease = Lease(tmp_path)
    assert is_held(tmp_path, lease.name)
    assert is_held(tmp_path, lease.name)  # asking lets go of nothing
    lease.end()
    assert not is_held(tmp_path, lease.name)
    assert list(tmp_path.iterdir()) == []


def test_one_that_nobody_has_any_more_ends(tmp_path: Path) -> None:
    name = Lease(tmp_path).name
    assert not is_held(tmp_path, name)


@pytest.mark.skipif(sys.platform == "win32", reason="there, who asks has it locked meanwhile")
def test_who_asks_is_not_taken_for_one_that_has_it(tmp_path: Path) -> None:
    """As where several processes take over what another one left."""
    lease = Lease(tmp_path)
    lease.leave()
    with (tmp_path / lease.name).open("r+b") as asking:
        lease_module._try_lock(asking.fileno())
        assert not is_held(tmp_path, lease.name)


def test_one_of_a_killed_process_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert is_held(tmp_path, name)
        process.kill()
    assert not is_held(tmp_path, name)


@pytest.mark.parametrize("name", ["../other", "other", b"x", None, 7, "\0", "{folder}/other"])
def test_a_name_that_is_none_leads_nowhere(tmp_path: Path, name: object) -> None:
    """Who writes a journal may be a stranger."""
    folder = tmp_path / "leases"
    folder.mkdir()
    others = [tmp_path / "other", folder / "other"]
    for path in others:
        path.touch()
    given = name.format(folder=tmp_path) if isinstance(name, str) else name
    assert not is_held(folder, given)
    remove_if_left(folder, given)
    assert all(path.exists() for path in others)


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    remove_if_left(tmp_path, lease.name)
    assert is_held(tmp_path, lease.name)
    lease.leave()
    remove_if_left(tmp_path, lease.name)
    assert list(tmp_path.iterdir()) == []


@needs_fork
def test_a_child_that_ends_takes_none_along(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    assert ends_well_in_child(lease.leave)
    assert is_held(tmp_path, lease.name)
    lease.end()


def test_no_other_program_inherits_one(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    assert lease._descriptor is not None
    assert not os.get_inheritable(lease._descriptor)
    lease.end()
