"""Trying the way to an app step by step, to say which step fails and what helps."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import GradioProxyError
from ..hub.records import Space, get_name
from ..limits import DEFAULT_LIMITS
from ..text import one_line
from ..transport.credentials import Access, parse_hosts
from ..transport.exceptions import forget_error
from ..transport.url import strip_secrets
from . import advice
from .advice import advise
from .diagnosis import Diagnosis, Step
from .examination import SHOWN, Examination, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from ..limits import Limits

# Where our own messages begin to say what helps.
_REMEDY = re.compile(
    r"(?<=\.) (?:Pass|Write|Correct|Raise|Is the app running)\b|; (?:pass|check)\b"
)
SLOW = 5.0
"""A step that takes more seconds is worth a word."""


def diagnose(
    src: str | Space,
    *,
    token: str | bool | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    verify: bool | str | None = None,
    proxies: Mapping[str, str] | None = None,
    timeout: float = 30,
    file_hosts: Collection[str] = (),
    limits: Limits | None = None,
) -> Diagnosis:
    """Try every step to an app, and say which one fails and what helps.

    The app runs nothing for it, a Space is not woken, and no session is opened. All parameters are
    those of `connect`: what is found holds for a session that is opened with them.

    Args:
        src: The app's address, or a Space.
        token: A Hugging Face token.
        auth: User and password of the app's own login.
        headers: More headers to send to the app.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxies: Proxies by scheme, instead of those of the environment.
        timeout: Seconds to wait for a connection, and for an ordinary answer.
        file_hosts: Hosts to which the app may lead although they are nearer to this machine.
        limits: How much of what the server sends is taken in.

    Returns:
        What was found. Printed it is a table; ``diagnosis.ok`` says whether no step failed.

    Raises:
        TypeError, ValueError: A parameter can't be what was passed; of the app, whatever it is, no
            error is raised.
    """
    access = Access(
        auth=auth,
        headers=dict(headers or {}),
        verify=verify,
        proxies=proxies,
        timeout=timeout,
        file_hosts=parse_hosts(file_hosts),
        limits=limits or DEFAULT_LIMITS,
    )
    return _examine(src, token, access)


def _examine(src: str | Space, token: str | bool | None, access: Access) -> Diagnosis:
    """Take the steps, until one fails."""
    examination = Examination(src, token, access)
    steps: list[Step] = []
    error: GradioProxyError | None = None
    try:
        for name, look in _list_steps(examination):
            if error is not None:
                steps.append(Step(name, "skipped", None, ""))
                continue
            step, error = _take(name, look, examination)
            steps.append(step)
    finally:
        examination.close()
    if error is not None:
        forget_error(error)  # by whose traceback somebody would see what was sent
    return Diagnosis(examination.way.url or _show_source(src), tuple(steps), error)


def _list_steps(examination: Examination) -> Iterator[tuple[str, Callable[[], Found]]]:
    yield "address", examination.read_address
    if examination.is_space:
        yield "space", examination.find_space
    yield "name", examination.resolve_name
    yield "connection", examination.connect
    yield "TLS", examination.check_tls
    yield "answer", examination.ask
    yield "login", examination.log_in
    yield "description", examination.describe
    yield "protocol", examination.read_protocol
    yield "queue", examination.ask_queue
    yield "stream", examination.try_stream


def _take(
    name: str, look: Callable[[], Found], examination: Examination
) -> tuple[Step, GradioProxyError | None]:
    """Take a step; return what is to be said of it, and its error if it failed."""
    began = time.perf_counter()
    try:
        found = look()
    except GradioProxyError as error:
        # What helps is said beside it.
        said = _REMEDY.split(one_line(error, SHOWN), maxsplit=1)[0]
        found = Found(said, advise(name, error, examination.way), "failed", error)
    seconds = time.perf_counter() - began if found.seconds is None else found.seconds
    if found.outcome == "ok" and found.asked and seconds > SLOW:
        found = replace(found, outcome="warning", advice=found.advice or advice.SLOW)
    known = seconds if found.asked else None
    return Step(name, found.outcome, known, found.text, found.advice), found.error


def _show_source(src: object) -> str:
    """Return what the caller named, without what may be secret."""
    if isinstance(src, Space):
        return get_name(src)
    return one_line(strip_secrets(src), 100) if isinstance(src, str) else type(src).__name__
