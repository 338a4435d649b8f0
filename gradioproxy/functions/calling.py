"""What those who make many calls of a function know of it: a `caller.Caller`, as far as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..calls.job_record import JobRecord

if TYPE_CHECKING:
    import inspect
    from collections.abc import Callable, Mapping

    from ..calls.job import Job
    from ..files.call_files import CallFiles
    from ..files.payload import Payload
    from ..schema.endpoint import Endpoint
    from ..values.decode import Decoder
    from .settings import CallSettings

    MakeRecord = Callable[..., JobRecord]

JobParts = tuple["Job[Any]", JobRecord, "Payload"]
"""The job of a call that has not begun, its record, and what it sends."""


class Calling(Protocol):
    """What prepares the calls of a function, and begins them."""

    @property
    def settings(self) -> CallSettings:
        """How calls are made."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """What is called."""
        ...

    @property
    def name(self) -> str:
        """The function's name."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters' names."""
        ...

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The defaults of those that have one, or `REQUIRED`."""
        ...

    def make_signature(self) -> inspect.Signature:
        """Return its signature."""
        ...

    def encode(self, arguments: Mapping[str, Any]) -> Payload:
        """Check the arguments of a call and return what it sends."""
        ...

    def make_decoder(self, files: CallFiles | None = None) -> Decoder:
        """Return what makes results of what the app sent, with the files of a call."""
        ...

    def prepare_job(self, arguments: Mapping[str, Any]) -> JobParts:
        """Return the parts of a call of which only the result is wanted."""
        ...

    def make_job(
        self, payload: Payload, arguments: Mapping[str, Any], make: MakeRecord = JobRecord
    ) -> JobParts:
        """Return the parts of such a call whose arguments were encoded before."""
        ...

    def begin(self, job: Job[Any], record: JobRecord, payload: Payload) -> None:
        """Run a call; returns at once."""
        ...
