"""A call in a conversation of its own, outside of any session: what the primitive level has."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, Protocol

from .. import forksafe, protocols
from ..errors import ConnectionLost, ProtocolError
from ..options import SessionOptions
from ..protocols.machine import Attachable, Post
from .call import Call
from .failures import ensure_attachable, own_error
from .hashes import new_session_hash
from .lane import Lane
from .reader import load_protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..files.payload import Payload
    from ..protocols.machine import Machine, Step
    from ..protocols.selection import Following
    from .call import Begun
    from .record import CallRecord


class Owner(Protocol):
    """An open session, as far as a call has to know: its `engine.Engine`."""

    def refresh_if_restarted(self) -> None:
        """Ask for the description of the app that is there now, unless a thread just did."""
        ...

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Take note of a part of the page that the app has made under a hash."""
        ...


class SingleCall:
    """A call, the lane that is for it alone, and the thread that reads it, once one does.

    It is its call's `call.Runtime`.

    Args:
        record: What its caller is told.
        payload: What is sent.
        session_hash: The hash that it goes under, if that is not to be a new one.
        begun: How the server knows it, if it was begun elsewhere: it is followed, and not made.
        owner: The open session that it belongs to, if there is one.

    Raises:
        ProtocolError: It was begun elsewhere, and can't be followed.

    Attributes:
        met_restart: Whether the server was another one than was described, nothing was sent, and
            what is there now is described.
    """

    def __init__(
        self,
        record: CallRecord,
        payload: Payload,
        session_hash: str = "",
        begun: Begun | None = None,
        owner: Owner | None = None,
    ) -> None:
        given_hash = session_hash if begun is None else begun.session_hash
        self.session_hash = given_hash or new_session_hash()
        self._has_own_hash = bool(given_hash)
        self.met_restart = False
        self._owner = owner
        self._record = record
        self._call = Call(record, self, payload, begun=begun)
        self._call.set_data(payload.data)
        load_protocol(self._call.app, self._call.transport)
        self._machine = self.choose_machine(self._call, self.session_hash, fresh=True)
        if session_hash and not self.is_attachable:
            # Others may have called under it, and left what is to be cleared away. Where calls can
            # be followed elsewhere, nothing is; and values are to come as whoever does that reads.
            self._machine = self.choose_machine(self._call, self.session_hash, fresh=False)
        if begun is not None:
            ensure_attachable(self._machine, self._call.name, self._call.app.version)
        self._lane = Lane(
            self.session_hash,
            self._machine,
            self._call.transport,
            SessionOptions().idle_timeout,
        )
        self._lock = forksafe.RLock()
        # What is still to be done before anything is read; `None` once a thread is at it.
        self._steps: Iterable[Step] | None = None

    @property
    def is_attachable(self) -> bool:
        """Whether the server knows the call by a name, by which it can be followed later."""
        return isinstance(self._machine, Attachable)

    @property
    def address(self) -> str | None:
        """What `attach` of another process needs: the name, and the hash if it is needed."""
        name = self._record.event_id
        if name is None or not self.is_attachable:
            return None
        return f"{self.session_hash}/{name}" if self._machine.shared else name

    def send(self) -> None:
        """Post the call; where it lives in a connection of its own, a thread begins to read it."""
        steps = self._lane.join(self._call) or []
        if self.is_attachable:
            posts = [step for step in steps if isinstance(step, Post)]
            steps = [each for post in posts for each in self._lane.post(post)]
        self._steps = steps
        self._lane.tell_change()
        if not self.is_attachable:
            self.follow()

    def attach(self) -> None:
        """Follow the call, which was begun elsewhere."""
        self._steps = self._lane.join(self._call)

    def follow(self) -> None:
        """Begin to read what the server sends, unless that was begun."""
        with self._lock:
            steps, self._steps = self._steps, None
        if steps is not None:
            task = functools.partial(self._read, steps)
            threading.Thread(target=task, name="gradioproxy-event", daemon=True).start()

    def give_up(self) -> None:
        """Tell the server that the call is given up; returns when it knows."""
        with self._lock:
            self._steps = None
        if self._record.seat is not None:
            _, number = self._record.seat
            self._lane.carry_out(self._lane.withdraw(number))
            self._lane.drop_if_ending()

    def _read(self, steps: Iterable[Step]) -> None:
        """Read what the server sends to its end; on a thread of the call's own."""
        try:
            self._lane.carry_out(steps)
        except Exception as error:
            self._lane.close_with_error(own_error(error))
            raise
        finally:
            self._lane.close_with_error(
                ProtocolError("The conversation ended without the call's result.")
            )

    # As `call.Runtime`.

    def choose_machine(self, call: Call, session_hash: str, *, fresh: bool) -> Machine:
        """Return what speaks the protocol of the call."""
        limits = call.transport.access.limits
        following: Following = "hash" if self._has_own_hash else "name"
        return protocols.choose(
            call.app, call.endpoint, session_hash, following=following, fresh=fresh, limits=limits
        )

    def shares_stream(self, call: Call) -> bool:
        """Tell whether there could be others in the conversation, which is for this call alone."""
        del call
        return self._machine.shared

    def take_rendering(self, raw: Any, session_hash: str) -> None:
        """Hand on what the app has made, which may be for the session."""
        if self._owner is not None:
            self._owner.take_rendering(raw, session_hash)

    def restart(self, call: Call) -> None:
        """End the call, because the server is another one now; the next one is to find that."""
        try:
            if self._owner is not None:
                self._owner.refresh_if_restarted()
        except Exception as error:  # noqa: BLE001 - whoever waits for the call is told of it
            call.record.fail(own_error(error))
            return
        self.met_restart = True
        call.record.fail(
            ConnectionLost(
                f"{call.transport.address.url} was restarted, and nothing was sent. Send it again.",
                may_have_run=False,
            )
        )
