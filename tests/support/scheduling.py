"""Which process runs which tests, where several share them.

Rule: a process stays with a version of Gradio as long as there are tests of it, so that few servers
are started; one that has run out of versions helps another with its last. What is handed out at a
time are the tests of one module that are of one version.

It goes by the names of tests alone: that is all that is known where the tests are handed out.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xdist.workermanage import WorkerController

ALONE = ("tests/unit/", "tests/contract/")
_PARAMETERS = re.compile(r"\[(.*)\]$")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


class VersionScheduling(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands out the tests without a version first, which are quick, and then version by version."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test is handed out with."""
        return scope_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Hand out what suits a process best."""
        latest = {each: next(reversed(scopes), "") for each, scopes in self.assigned_work.items()}
        own = latest.pop(node, "")
        left = {scope: len(tests) for scope, tests in self.workqueue.items()}
        self.workqueue.move_to_end(choose_scope(left, own, latest.values()), last=False)
        super()._assign_work_unit(node)


def scope_of(nodeid: str) -> str:
    """Return the version that a test is of, if any, and its module."""
    found = _PARAMETERS.search(nodeid)
    parts = found[1].split("-") if found else []
    module = nodeid.partition("::")[0]
    # Those without servers have versions as mere values.
    version = "" if module.startswith(ALONE) else next(filter(_VERSION.fullmatch, parts), "")
    return f"{version} {module}"


def choose_scope(left: Mapping[str, int], own: str, others: Iterable[str]) -> str:
    """Choose what a process goes on with.

    Args:
        left: What is to be handed out, and how many tests each is.
        own: What the process got last.
        others: What the other processes got last.
    """
    tests: Counter[str] = Counter()
    for scope, count in left.items():
        tests[_version_of(scope)] += count
    taken = {_version_of(scope) for scope in others}
    version = _version_of(own)
    if "" in tests:
        version = ""
    elif version not in tests:
        free = [each for each in tests if each not in taken]
        version = max(free or tests, key=tests.__getitem__)
    return next(scope for scope in left if _version_of(scope) == version)


def _version_of(scope: str) -> str:
    return scope.partition(" ")[0]
