"""The jobs of a session: a list of them, and what can be done with them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls.call import parse_begun
from ..calls.failures import ensure_attachable
from ..calls.job import Job
from ..errors import ProtocolError
from ..functions.caller import Caller
from ..functions.naming import parameter_names
from ..options import check_max_jobs
from ..protocols import choose

if TYPE_CHECKING:
    from ..calls.call import Begun
    from ..functions.settings import CallSettings
    from ..schema.endpoint import Endpoint
    from .connection import Connection


class Jobs(list[Job[Any]]):
    """The calls that a session remembers at one moment, in the order in which they began.

    A list of its own, that nobody else has: what is done to it does nothing to the session.
    """

    __module__ = "gradioproxy"

    def __init__(self, connection: Connection, settings: CallSettings) -> None:
        super().__init__(connection.engine.jobs.list())
        self._connection = connection
        self._settings = settings

    @property
    def max_jobs(self) -> int:
        """How many calls the session remembers, as `connect` was told; it can be changed.

        With fewer, the oldest that are finished are forgotten at once, if ``max_jobs_policy`` is
        ``forget``.
        """
        return self._connection.engine.jobs.limit

    @max_jobs.setter
    def max_jobs(self, limit: int) -> None:
        check_max_jobs(limit)
        self._connection.engine.jobs.limit = limit

    def attach(self, event_id: str, endpoint: str | int) -> Job[Any]:
        """Take a call that was begun elsewhere among the session's jobs.

        Servers give what they have to say of a call once, and to one: it must not be followed
        elsewhere too, and what was read there does not come again. From here on it is a job like
        any other, which closing the session cancels. Of several under one hash (before Gradio 4.20,
        and where `send` was given one), only the first is sure to be heard: what comes of the
        others before they are attached is lost.

        Args:
            event_id: The `Event.event_id` of the call, which `send` has begun, here or in another
                process.
            endpoint: The endpoint: its name, with or without the slash, or its number.

        Returns:
            The job, which waits for the call's end. What the server never heard of, or has told
            somebody else, is a job that fails.

        Raises:
            TypeError, ValueError: *event_id* is none, or a job of the session follows it already.
            UnknownEndpoint: The app has no such endpoint.
            SchemaError: The app contradicts itself about it.
            ProtocolError: Calls of it live in connections of their own, and end with them.
            TooManyJobs, SessionClosed: As for any call.
        """
        connection = self._connection
        connection.engine.ensure_open()
        begun = parse_begun(event_id)
        found = connection.find_endpoint(endpoint)
        self._ensure_attachable(found, begun)
        for job in self._connection.engine.jobs.list():
            if job.event_id == begun.event_id and not job.done():
                raise ValueError(f"a job of the session follows the call already: {job!r}")
        name = connection.names.names_of(found.name).attribute
        return Caller(self._settings, found, name, parameter_names(found), {}).follow(begun)

    def _ensure_attachable(self, endpoint: Endpoint, begun: Begun) -> None:
        app = self._connection.engine.app
        following = begun.following
        machine = choose(app, endpoint, begun.session_hash, following=following)
        ensure_attachable(machine, endpoint.name, app.version)
        if machine.shared and not begun.session_hash:
            raise ProtocolError(
                f"A call of {endpoint.name} can't be followed by its name alone: pass the whole "
                "event_id of what send() returned, with the session hash before the slash."
            )
