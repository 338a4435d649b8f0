"""Waiting until a server has noticed that a stream is no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import Timeout
from ..statuses import OK

if TYPE_CHECKING:
    from ..protocols.machine import Settling
    from ..transport.http import Transport


def ask_once(transport: Transport, settling: Settling, seconds: float) -> bool:
    """Ask whether the server has let go of a stream, by opening another one.

    Args:
        transport: The way to the app.
        settling: Finds out by what comes.
        seconds: How long to listen, beyond the time for an answer's head.

    Raises:
        GradioProxyError: The server was not reached, or does not answer.
    """
    stream = transport.stream(settling.open_again(), seconds)
    deadline = time.monotonic() + seconds
    try:
        if stream.status != OK:
            raise transport.requester.build_stream_error(stream)
        for piece in stream:
            if settling.receive_data(piece):
                return True
            if time.monotonic() > deadline:
                break
    except Timeout:
        return False
    finally:
        stream.close()
    return False
