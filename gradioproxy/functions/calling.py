"""What those who make many calls of a function know of it: a `caller.Caller`, as far as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import inspect
    from collections.abc import Mapping

    from ..calls.call_journal import CallJournal
    from ..calls.job import Job
    from ..calls.job_record import JobRecord
    from ..calls.request import Encoded
    from ..files.call_files import CallFiles
    from ..files.payload import Payload
    from ..schema.endpoint import Endpoint
    from ..values.decode import Decoder
    from .settings import CallSettings

JobParts = tuple["Job[Any]", "JobRecord", "Payload"]
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

    def encode_call(self, arguments: Mapping[str, Any]) -> Encoded:
        """Do the same for a call that is made later with `make_job`."""
        ...

    def hide(self, text: str) -> str:
        """Return a text without the secrets that its calls go with."""
        ...

    def make_decoder(self, files: CallFiles | None = None) -> Decoder:
        """Return what makes results of what the app sent, with the files of a call."""
        ...

    def prepare_job(self, arguments: Mapping[str, Any]) -> JobParts:
        """Return the parts of a call of which only the result is wanted."""
        ...

    def make_job(self, encoded: Encoded, journal: CallJournal) -> JobParts:
        """Return the parts of such a call, whose way a journal keeps."""
        ...

    def begin(self, job: Job[Any], record: JobRecord, payload: Payload) -> None:
        """Run a call; returns at once."""
        ...
