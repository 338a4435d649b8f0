"""The contract that a session holds its app to.

A lock is read before anything is sent; each description of the app is compared with it, the first
one and those of `Session.refresh` and of restarts, before anybody gets to see it.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import SchemaChanged
from ...text import one_line
from ..connection import build_names
from .build import describe_contract
from .changes import compare_contracts
from .storage import read_contract

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from ...transport.http import Transport
    from ..description import Description
    from ..open import Source
    from .changes import Change

MAX_LINES = 20
MAX_LINE = 200


@dataclass(frozen=True)
class Lock:
    """What a session's app must keep.

    Attributes:
        path: The file, for errors.
        contract: What is in it.
        unnamed: The session's option, on which the names of its functions depend.
    """

    path: str
    contract: Mapping[str, Any]
    unnamed: bool | None

    def check(self, transport: Transport, description: Description) -> None:
        """Do nothing, if an app keeps the contract, wherever it is.

        Args:
            transport: The way to the app.
            description: What it says of itself.

        Raises:
            SchemaChanged: It breaks it.
        """
        app, url = description.app, transport.address.url
        # No others: an app may have thousands. But also those by number that this session lists no
        # more; they are there.
        locked = self.contract["functions"]
        found = describe_contract(app, build_names(app, self.unnamed), url, locked)
        broken = [each for each in compare_contracts(self.contract, found) if each.breaking]
        if broken:
            raise SchemaChanged(_write_message(self.path, url, app.second_hand, broken))


class LockedApp:
    """An app that is held to a lock, whenever it describes itself.

    Args:
        app: The app.
        lock: The lock.
    """

    def __init__(self, app: Source, lock: Lock) -> None:
        self._app = app
        self._lock = lock

    @property
    def is_kept(self) -> bool:
        """Whether what `open` returned was said before."""
        return self._app.is_kept

    def open(self, pool: int) -> tuple[Transport, Description]:
        """Open the app; one whose description was kept is asked before it is refused.

        Raises:
            SchemaChanged: It breaks the lock.
            GradioProxyError: As the app's own layers do.
        """
        transport, description = self._app.open(pool)
        try:
            return transport, self._check(transport, description)
        except BaseException:
            transport.close()
            raise

    def _check(self, transport: Transport, description: Description) -> Description:
        """Return the first description that keeps the lock: this one, or what the app says now."""
        try:
            self._lock.check(transport, description)
        except SchemaChanged:
            if not self.is_kept:
                raise
        else:
            return description
        return self.describe(transport)

    def describe(self, transport: Transport) -> Description:
        """Return what the app says of itself now.

        Raises:
            SchemaChanged: It breaks the lock.
            GradioProxyError: As the app's own layers do.
        """
        description = self._app.describe(transport)
        self._lock.check(transport, description)
        return description

    def arrive(self, transport: Transport) -> None:
        """Find out where the app is now; raises as its own layers do."""
        self._app.arrive(transport)


def read_lock(path: str | os.PathLike[str], unnamed: bool | None) -> Lock:
    """Read the lock of a session.

    Args:
        path: The file.
        unnamed: The session's option.

    Raises:
        MissingFile, SchemaError: As `storage.read_contract` does.
    """
    return Lock(str(path), read_contract(path), unnamed)


def _write_message(path: str, url: str, note: str, broken: Sequence[Change]) -> str:
    lines = [f"  {one_line(change, MAX_LINE)}" for change in broken[:MAX_LINES]]
    if len(broken) > MAX_LINES:
        lines.append(f"  and {len(broken) - MAX_LINES} more")
    command = f"gradioproxy lock {shlex.quote(url)} -o {shlex.quote(path)}"
    return "\n".join(
        [
            f"The app at {url} is not what {path} says any more:",
            *lines,
            *([note] if note else []),
            f"Nothing was called. Adapt the script, then lock the app as it is: {command}",
        ]
    )
