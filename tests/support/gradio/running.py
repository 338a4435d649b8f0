"""The servers of one test process: as few as the test at hand needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.gradio import Server

if TYPE_CHECKING:
    from collections.abc import Mapping


class RunningServers:
    """Servers that tests ask for; one that the test at hand did not ask for makes room.

    A server goes on after its test, since the next one is likely to ask for the same.
    """

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}
        self._in_use: set[str] = set()

    def __call__(
        self,
        version: str,
        app: str = "main",
        *,
        launch: Mapping[str, Any] | None = None,
        queue: Mapping[str, Any] | None = None,
    ) -> Server:
        """Return the running server of this app under this Gradio, started if need be."""
        key = json.dumps([version, app, launch, queue], sort_keys=True)
        self._in_use.add(key)
        for other in self._servers.keys() - self._in_use:
            self._servers.pop(other).stop()
        if key not in self._servers:
            self._servers[key] = Server(version, app, launch=launch, queue=queue)
        return self._servers[key].start()

    def begin_test(self) -> None:
        """Take note that nothing is in use any more."""
        self._in_use.clear()

    def stop(self) -> None:
        """Stop them all."""
        while self._servers:
            self._servers.popitem()[1].stop()
