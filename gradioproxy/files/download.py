"""The content of a file that a server has, over HTTP: whole, or an error that says why not."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ..errors import ConnectionLost, FileGone
from ..statuses import FORBIDDEN, OK, reason_for
from ..text import one_line
from ..transport.response import Answer

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..transport.http import Transport
    from ..transport.response import ByteStream


def read_content(
    transport: Transport,
    url: str,
    name: str,
    size: int | None = None,
    *,
    silence: float | None = None,
) -> Generator[bytes]:
    """Yield what is at an address as it comes.

    An answer that is empty, or that breaks off before its first byte, is asked for once more:
    Gradio writes equal results of two calls to one file, which is empty for a moment while the
    second one comes (`gradio.processing_utils.save_pil_to_cache` of Gradio 6, and its like).

    Args:
        transport: The way to the app.
        url: The address.
        name: What the file is called, for messages.
        size: How many bytes the app said it has, if it did.
        silence: Seconds that may pass without a byte, where it is still being made.

    Raises:
        FileGone: The server does not have it, or does not give it away.
        ConnectError, ConnectionLost, Timeout: It can't be fetched at the moment.
        AuthenticationError, RateLimited, ServerError: The server refuses.
    """
    name = transport.hide(name)  # the server chose it, and the address
    received = 0
    for last in (False, True):
        with closing(transport.download(url)) as stream:
            if silence is not None:
                stream.limit_silence(silence, "timeout")
            _check_status(stream, url, name)
            try:
                for chunk in stream:
                    received += len(chunk)
                    yield chunk
            except ConnectionLost:
                if received or last or stream.interrupted:
                    raise
        if received or size == 0:
            break
    # More may be there: an app can go on writing to a file that it has sent.
    if received < (size or 0):
        raise ConnectionLost(
            f"Of {name!r} came {received} bytes, and the app said that it has {size}. Call the "
            "function again for a new one.",
            url=transport.hide(url),
            may_have_run=False,
        )


def _check_status(stream: ByteStream, url: str, name: str) -> None:
    """Raise, unless an answer is the file; see `read_content`."""
    status = stream.status
    if status == OK:
        return
    if status == FORBIDDEN or reason_for(status) == "gone":
        what = "no longer has" if status != FORBIDDEN else "does not give away"
        why = (
            ""
            if status != FORBIDDEN
            else (
                " It answers so for files that it no longer has, and for those that it may not "
                "serve (see allowed_paths of the app's launch)."
            )
        )
        raise FileGone(
            f"The server {what} {name!r} (it answered {status}).{why} "
            "Call the function again for a new one, and use files soon.",
            url=stream.hide(url),
        )
    raise Answer(status, b"", one_line(url), stream.headers, hide=stream.hide).error(
        f"for {name!r}"
    )
