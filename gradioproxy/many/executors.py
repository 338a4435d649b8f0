"""The executors that calls can be handed to, and how each is spoken with."""

from __future__ import annotations

import concurrent.futures
import sys
from typing import TYPE_CHECKING, Any

from .tickets import FileTicket, TicketFolder
from .worker import run_chunk

if TYPE_CHECKING:
    from .chunk import Chunk, Ticket
    from .workers import ChunkFuture, Workers


class FutureWorkers:
    """The workers of a `concurrent.futures.Executor`.

    Args:
        executor: The executor.
        sees_files: Whether they see the files of this machine.
        is_here: Whether they are on it.
    """

    def __init__(
        self, executor: concurrent.futures.Executor, *, sees_files: bool, is_here: bool
    ) -> None:
        self._executor = executor
        # No public name says it, and every executor of processes and threads has this one.
        count = getattr(executor, "_max_workers", None)
        self.count = count if isinstance(count, int) and count > 0 else None
        self.sees_files = sees_files
        self._tickets = TicketFolder() if is_here else None

    def make_ticket(self) -> Ticket | None:
        """Return a new ticket."""
        return None if self._tickets is None else self._tickets.make()

    def revoke(self, ticket: Ticket | None) -> bool:
        """Take a ticket away."""
        return not isinstance(ticket, FileTicket) or ticket.revoke()

    def discard(self, ticket: Ticket | None) -> None:
        """Take its file away."""
        self.revoke(ticket)

    def submit(self, chunk: Chunk) -> ChunkFuture:
        """Hand a chunk out."""
        return self._executor.submit(run_chunk, chunk)

    def close(self) -> None:
        """Take the tickets away."""
        if self._tickets is not None:
            self._tickets.remove()


def runs_here(executor: object) -> bool:
    """Tell whether an executor's functions are run by threads of this very interpreter.

    Those of an ``InterpreterPoolExecutor`` are not, which is a ``ThreadPoolExecutor`` otherwise.
    """
    names = {kind.__name__ for kind in type(executor).__mro__}
    is_thread = isinstance(executor, concurrent.futures.ThreadPoolExecutor)
    return is_thread and "InterpreterPoolExecutor" not in names


def find_workers(executor: Any, *, shared_files: bool | None) -> Workers:
    """Return the workers of an executor in other processes.

    Args:
        executor: The executor.
        shared_files: Whether they see the files of this machine; by default those do that are on
            it.

    Raises:
        TypeError: It is none that can be used.
        FileNotSaved: There is no folder for temporary files.
    """
    client = _find_client(executor)
    if client is not None:
        from .dask_workers import DaskWorkers  # late: few executors are clusters

        kwargs = {} if client is executor else executor._kwargs  # noqa: SLF001 - the only way
        return DaskWorkers(client, kwargs, sees_files=bool(shared_files))
    if not isinstance(executor, concurrent.futures.Executor):
        raise TypeError(
            "executor is a concurrent.futures.Executor or a distributed.Client, not "
            f"{type(executor).__name__}.{_find_hint(executor)}"
        )
    is_here = _is_here(executor)
    sees = is_here if shared_files is None else shared_files
    return FutureWorkers(executor, sees_files=sees, is_here=is_here)


def _find_client(executor: Any) -> Any:
    """Return the client of Dask that an executor is, or is made from."""
    module = sys.modules.get("distributed")
    if module is None:
        return None
    if isinstance(executor, module.Client):
        return executor
    is_wrapped = isinstance(executor, module.cfexecutor.ClientExecutor)
    return executor._client if is_wrapped else None  # noqa: SLF001 - the only way to it


def _is_here(executor: concurrent.futures.Executor) -> bool:
    """Tell whether an executor's workers are on this machine, as far as is known."""
    kinds = type(executor).__mro__
    names = {(kind.__module__.partition(".")[0], kind.__name__) for kind in kinds}
    return not names.isdisjoint(
        {
            *(("concurrent", "ThreadPoolExecutor"), ("concurrent", "ProcessPoolExecutor")),
            *(("loky", "ProcessPoolExecutor"), ("joblib", "ProcessPoolExecutor")),
        }
    )


def _find_hint(executor: object) -> str:
    if hasattr(executor, "apply_async"):
        return (
            " A pool of multiprocessing waits for ever where a worker is killed: use a "
            "concurrent.futures.ProcessPoolExecutor."
        )
    return ""
