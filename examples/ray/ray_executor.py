"""An executor whose functions are tasks of a cluster of Ray's, which has none of its own."""

from __future__ import annotations

import concurrent.futures
import functools
from typing import TYPE_CHECKING, Any

import ray

if TYPE_CHECKING:
    from collections.abc import Callable


class RayExecutor(concurrent.futures.Executor):
    """Runs functions as tasks of the cluster that ``ray.init`` has connected to.

    Args:
        options: What each task is given, such as ``num_cpus`` or ``resources``.
    """

    def __init__(self, **options: Any) -> None:
        # Ray would run a task again whose worker was killed, and its calls may have been made.
        self._options = {**options, "max_retries": 0}
        self._make_remote = functools.cache(ray.remote)

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> concurrent.futures.Future[Any]:
        """Run a function in a worker of the cluster."""
        task = self._make_remote(fn).options(**self._options)
        future: concurrent.futures.Future[Any] = task.remote(*args, **kwargs).future()
        return future
