"""A call of the primitive level that finds another server; the rest is in test_primitives."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls.call import Begun
from gradioproxy.calls.single_call import SingleCall
from gradioproxy.client.inbox import Inbox
from gradioproxy.errors import ConnectError, ConnectionLost, GradioProxyError, ProtocolError
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.sse import Sse
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.http import Restarted
from tests.support.machine_driver import talk
from tests.support.scripted_peer import Peer, request_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.calls.call import Call
    from gradioproxy.protocols.machine import Machine

RELEASE = (4, 4, 0)
SECONDS = 60


class Elsewhere(Peer):
    """A server that is another one now."""

    def stream(self, *_: Any, **__: Any) -> Any:
        """Send nothing."""
        raise Restarted

    def post(self, *_: Any, **__: Any) -> Any:
        """Send nothing."""
        raise Restarted


def make_call(
    machine: Machine, renew: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> tuple[SingleCall, Inbox]:
    monkeypatch.setattr(SingleCall, "choose_machine", lambda *_, **__: machine)
    inbox = Inbox(request_of(transport=Elsewhere(RELEASE)))
    owner = SimpleNamespace(refresh_if_restarted=renew, take_rendering=None)
    return SingleCall(inbox, Payload(["a"]), owner=cast("Any", owner)), inbox


def fail_to_renew() -> None:
    raise ConnectError("it is starting")


MACHINES: dict[str, Callable[[], Machine]] = {
    "followed from the start": lambda: Sse(talk("h", "", RELEASE)),
    "posted": lambda: Multiplexed(talk("h", "", (6, 31, 0)), sends_edits=True, shared=False),
}


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize(
    ("renew", "kind", "met"),
    [(lambda: None, ConnectionLost, True), (fail_to_renew, ConnectError, False)],
)
def test_a_restart_ends_the_call_whether_or_not_the_new_one_can_be_described(
    name: str,
    renew: Callable[[], None],
    kind: type[GradioProxyError],
    met: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call, inbox = make_call(MACHINES[name](), renew, monkeypatch)
    call.send()
    assert inbox.next(SECONDS) is not None
    assert isinstance(inbox.error, kind)
    assert call.met_restart is met


@pytest.mark.parametrize(
    ("version", "protocol", "session_hash", "fresh"),
    [
        ("3.20.0", "ws", "theirs", [True, False]),
        ("3.20.0", "ws", "", [True]),
        ("6.26.0", "sse_v3", "theirs", [True]),
    ],
)
def test_what_others_left_under_a_hash(
    version: str,
    protocol: str,
    session_hash: str,
    fresh: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is cleared away, but where the call can be followed by whoever knows nothing of that."""
    app = parse_app({"version": version, "protocol": protocol, "dependencies": []})
    request = replace(request_of(), app=app)
    asked = []
    choose = SingleCall.choose_machine

    def note(self: SingleCall, call: Call, given: str, *, fresh: bool) -> Machine:
        asked.append(fresh)
        return choose(self, call, given, fresh=fresh)

    monkeypatch.setattr(SingleCall, "choose_machine", note)
    monkeypatch.setattr("gradioproxy.calls.single_call.load_protocol", lambda *_: None)
    SingleCall(Inbox(request), Payload(["a"]), session_hash)
    assert asked == fresh


def test_a_call_that_can_not_be_followed() -> None:
    request = request_of()
    app = parse_app({"version": "4.4.0", "protocol": "sse", "dependencies": []})
    with pytest.raises(ProtocolError, match=r"can't be followed by its id: in Gradio 4\.4\.0"):
        SingleCall(Inbox(replace(request, app=app)), Payload([]), begun=Begun("", "e1"))
