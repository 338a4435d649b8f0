"""Makes calls in a cluster of Ray's, by the executor of the examples: URL FOLDER.

Rule: FOLDER is the one that the app's server works in. Standard output gets one JSON object: what
came of the calls. It runs where Ray is installed, which is not where the tests run.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import ray

import gradioproxy as gp
from tests.support.gradio import ROOT
from tests.support.gradio.apps import runs
from tests.support.waiting import wait_until

sys.path.append(str(ROOT / "examples" / "ray"))
from ray_executor import RayExecutor

WORKERS = 2
OPTIONS: dict[str, Any] = {"concurrency": WORKERS, "errors": "keep"}


def make_calls(app: gp.Session) -> dict[str, Any]:
    """Return what came of calls of which one fails, of files, and how many ran at once."""
    names = [f"ray-{number}" for number in range(20)]
    app.most_at_once(0)
    executor = RayExecutor(num_cpus=1)
    met = list(app.meet.map(names, itertools.repeat(WORKERS), executor=executor, **OPTIONS))
    at_once = app.most_at_once(0)
    bad = itertools.repeat(names[7])
    failed = app.fail_at.map(names, bad, executor=executor, **OPTIONS)
    described = app.describe.map([b"bytes"], ["x"], executor=executor)
    return {
        "met": met == names,
        "at_once": at_once,
        "failed": [repr(each) for each in failed if each not in names],
        "files": [(each.Digest, each.About.bytes().decode()) for each in described],
    }


def lose_worker(app: gp.Session, folder: Path) -> dict[str, Any]:
    """Kill a worker in the middle of a call; return what came of the calls."""
    names = [f"lost-{number}" for number in range(6)]
    held: Any = app.hold.map(names, executor=RayExecutor(num_cpus=1), **OPTIONS)
    runs.let_go(folder, names[0])
    first = next(held)
    wait_until(lambda: len({*runs.begun(folder)} & {*names}) > WORKERS)
    kill_worker()
    for name in names:
        runs.let_go(folder, name)
    outcomes = [first, *held]
    began = [name for name in runs.begun(folder) if name in names]
    lost = [
        (name, type(each).__name__, each.may_have_run)
        for name, each in zip(names, outcomes, strict=True)
        if isinstance(each, gp.GradioProxyError)
    ]
    return {"lost": lost, "twice": len(began) - len({*began}), "count": len(outcomes)}


def kill_worker() -> None:
    """Kill one that makes calls: while it does, its process has the name of the function."""
    for process in psutil.process_iter(["cmdline"]):
        if (process.info["cmdline"] or [""])[0].startswith("ray::run_chunk"):
            process.kill()
            return
    raise AssertionError("no worker makes calls")


def main() -> None:
    """Make them."""
    url, folder = sys.argv[1:]
    out = os.dup(1)
    os.dup2(2, 1)  # what Ray prints is not for whoever reads this
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    try:
        with gp.connect(url) as app:
            found = {**make_calls(app), **lose_worker(app, Path(folder))}
    finally:
        ray.shutdown()
    os.write(out, json.dumps(found).encode())


main()
