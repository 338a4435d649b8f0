"""A call of the primitive level that finds another server; the rest is in test_primitives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.calls.single_call import SingleCall
from gradioproxy.client.inbox import Inbox
from gradioproxy.errors import ConnectError, ConnectionLost, GradioProxyError
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.sse import Sse
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.transport.http import Restarted
from tests.support.machine_driver import talk
from tests.support.scripted_peer import Peer, request_of

if TYPE_CHECKING:
    from collections.abc import Callable

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
    return SingleCall(inbox, Payload(["a"]), renew=renew), inbox


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
