"""Describing a call that was checked and is not sent: its data, its files, and the way it would go.

Nothing is sent here, and no secret gets into the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calls.request import find_page_event
from ..protocols import goes_direct
from ..text import one_line, short_repr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.payload import Payload
    from ..schema.endpoint import Endpoint
    from .settings import CallSettings


@dataclass(frozen=True)
class PlannedFile:
    """A file that would go up: where it is in the call, its name and its size in bytes."""

    where: str
    name: str
    size: int | None


@dataclass(frozen=True)
class Check:
    """What a call would send.

    Attributes:
        function: The function's name.
        arguments: Every parameter's value, defaults filled in.
        hidden: The places of inputs that the session fills in.
        files: The files that would go up.
        route: How the call would go.
        data: One JSON value for each input; a file that would go up stands as its name.
        event_data: What an event of the page would bring, as ``with_options`` was given it.
        trigger_id: The number of the component whose event it would be.
        curl: The same call as lines for a shell such as bash, with placeholders in angle brackets
            for secrets, and for files that the caller named by no path.
    """

    function: str
    arguments: dict[str, Any]
    hidden: tuple[int, ...]
    files: tuple[PlannedFile, ...]
    route: str
    data: list[Any]
    curl: str
    event_data: Any = None
    trigger_id: int | None = None

    def __str__(self) -> str:
        lines = [f"{self.function}() would be called like this:"]
        lines += [f"  {name} = {short_repr(value, 100)}" for name, value in self.arguments.items()]
        if self.hidden:
            places = ", ".join(str(place) for place in self.hidden)
            lines.append(f"  hidden inputs, filled in by the session: {places}")
        if self.event_data is not None:
            lines.append(f"  event data: {short_repr(self.event_data, 100)}")
        if self.trigger_id is not None:
            lines.append(f"  of the component number {self.trigger_id}")
        for file in self.files:
            size = "unknown size" if file.size is None else f"{file.size:,} bytes"
            lines.append(f"  upload {one_line(file.name, 60)} ({size}) for {file.where}")
        return "\n".join([*lines, f"by {self.route}, or with curl:", self.curl])


def describe_call(
    settings: CallSettings,
    endpoint: Endpoint,
    name: str,
    arguments: Mapping[str, Any],
    payload: Payload,
) -> Check:
    """Return what a payload would send."""
    from .curl import render_curl  # late: few calls are checked only

    app = settings.engine.app
    visible = {parameter.index for parameter in endpoint.parameters}
    files = tuple(
        PlannedFile(slot.where, slot.source.name, slot.source.size) for slot in payload.slots
    )
    way = "past the queue" if goes_direct(app, endpoint) else f"protocol {app.protocol}"
    data = payload.fill([f"<{file.name}>" for file in files])
    event = find_page_event(app, endpoint, settings.options)
    return Check(
        function=name,
        arguments=dict(arguments),
        hidden=tuple(place for place in range(endpoint.inputs) if place not in visible),
        files=files,
        route=f"{way} of Gradio {app.version}, function {endpoint.function}",
        data=data,
        curl=render_curl(settings.way, app, endpoint, payload, event),
        event_data=event.data,
        trigger_id=event.trigger_id,
    )
