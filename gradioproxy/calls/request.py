"""What is asked of an app: which function, how, and as whom."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ArgumentError, Problem
from ..frozen import frozen
from ..options import CallOptions
from ..protocols import takes_page_events
from ..protocols.conversation import NO_EVENT, PageEvent
from ..text import short_repr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.call_files import CallFiles
    from ..files.payload import Payload
    from ..limits import Limits
    from ..schema.endpoint import App, Endpoint
    from ..transport.http import Transport
    from ..values.decode import Decoder
    from ..values.file_slots import Sources


@frozen()
class CallRequest:
    """What is asked of an app.

    Attributes:
        name: The function's name, for messages.
        app: The app, as it described itself when it was asked.
        endpoint: What is called.
        transport: The way to the app, with the secrets of this call.
        options: How it is made.
        arguments: The function's arguments, for reports.
        defaults: Those of its parameters that have some, for reports.
    """

    name: str
    app: App
    endpoint: Endpoint
    transport: Transport
    options: CallOptions = field(default_factory=CallOptions)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def without_endpoints(self) -> CallRequest:
        """Return the same without the other endpoints of the app, of which there may be many."""
        return replace(self, app=self.app.outline)

    @property
    def limits(self) -> Limits:
        """How much of what comes is kept."""
        return self.transport.access.limits

    @property
    def peer(self) -> str:
        """Which app it is, for reports."""
        return f"{self.transport.address.url} (Gradio {self.app.version}, {self.app.protocol})"

    @property
    def text(self) -> str:
        """The call as it would be written, for reports."""
        event = self.options.event_data
        options = "" if event is None else f".with_options(event_data={short_repr(event, 60)})"
        return render_call(self.name + options, self.arguments, self.defaults)


class Encoded(NamedTuple):
    """The arguments of a call, checked, and what it sends.

    Attributes:
        arguments: The function's arguments, by name.
        payload: What is sent.
        sources: What was found of the files among them, for when they are encoded again.
    """

    arguments: Mapping[str, Any]
    payload: Payload
    sources: Sources


class Prepared(NamedTuple):
    """A call that has not begun: what is asked, what is sent, and what reads the answer."""

    request: CallRequest
    payload: Payload
    decoder: Decoder
    files: CallFiles


def find_page_event(app: App, endpoint: Endpoint, options: CallOptions) -> PageEvent:
    """Return what of the page a call is made for.

    The app's function may look at the component too, so that there is to be one.
    """
    data, number, target = options.event_data, options.trigger_id, endpoint.target
    if data is None and number is None:
        return NO_EVENT
    if number is None and target is not None and app.release.takes_trigger_ids:
        number = target.number
    return PageEvent(data, number)


def ensure_takes_event(name: str, app: App, options: CallOptions) -> None:
    """Do nothing, unless a call is to say what happened on the page, and the app has no ear for it.

    Args:
        name: The function's name, for the message.
        app: The app.
        options: How the call is made.

    Raises:
        ArgumentError: The app would ignore it.
    """
    if options.event_data is None and options.trigger_id is None:
        return
    problems = []
    if not takes_page_events(app):
        why = f"no call of the protocol {app.protocol!r} can bring it in this version"
        if not app.release.takes_event_data:
            why = f"it needs Gradio 3.21 or later, and the app has {app.version}"
        problems.append(Problem("event_data", short_repr(options.event_data, 60), why))
    elif options.trigger_id is not None and not app.release.takes_trigger_ids:
        why = f"it needs Gradio 4.3 or later, and the app has {app.version}"
        problems.append(Problem("trigger_id", str(options.trigger_id), why))
    if problems:
        raise ArgumentError(name, problems)


def find_left_out(arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> set[str]:
    """Return the names of the arguments that a call left out.

    What the function passes for them is the default itself, and nothing else tells them apart:
    there may be no equality (arrays), or too much of it (``True == 1``). An equal number or text
    that was given may be the same object too; then it means what leaving it out means.
    """
    return {name for name, default in defaults.items() if arguments[name] is default}


def render_call(name: str, arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return a call as source, values shortened and defaults left out."""
    left_out = find_left_out(arguments, defaults)
    parts = [
        f"{key}={short_repr(value, 60)}" for key, value in arguments.items() if key not in left_out
    ]
    return f"{name}({', '.join(parts)})"
