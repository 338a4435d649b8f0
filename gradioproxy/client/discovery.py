"""Fetching an app's description, in as few requests as can be, and the errors where there is none.

What the description means is for `schema.parse` to say, which is loaded while the app answers. The
transport is moved to where the description was found; no other state is kept.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..collector import make_without_collecting
from ..errors import (
    AuthenticationError,
    GradioProxyError,
    NotGradio,
    SchemaError,
    ServerError,
    TooLarge,
    UnknownEndpoint,
)
from ..statuses import FORBIDDEN, SERVER_FAULT, UNAVAILABLE, reason_for
from ..suggest import find_nearest
from ..text import one_line
from ..transport.request import do_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..transport.http import Transport
    from ..transport.response import Answer
    from .description import Description

# The page of every Gradio app carries its description, also where ``/config`` fails or is hidden.
_PAGE_CONFIG = re.compile(r"window\.gradio_config\s*=\s*(?=\{)")


# Before it there is the version.
_PREFIX = re.compile(rb'\{"version": ?"[\w.+-]{1,40}", ?"api_prefix": ?"(/\w{1,40})"')

# How many names a message has.
LISTED = 8


def describe_app(transport: Transport, *, types: bool = True) -> Description:
    """Fetch and read the description of the app that *transport* leads to.

    Args:
        transport: The way to the app.
        types: Whether to ask for the types of values too, which takes a second request.

    Raises:
        NotGradio: There is no Gradio app, or one that is too old.
        AuthenticationError: The app wants a login, or forbids the way that leads to it.
        SchemaError: The description can't be understood.
        TooLarge: It is over one of the limits.
        RateLimited: It was asked for too much, and says when to ask again.
        ServerError: The server, or a proxy before it, failed.
        ConnectError, ConnectionLost, Timeout: It was not reached.
    """
    answer = _ask(transport)
    early = _EarlyInfo(transport, answer) if types else None
    config = _find_config(transport, answer)
    prefix = check_release(config, transport)
    return _read_description(config, *(early.find(prefix) if early is not None else (None, "")))


def fetch_config(transport: Transport) -> Any:
    """Fetch the first part of a description, an object, of whichever Gradio it is.

    Args:
        transport: The way to the app.

    Raises:
        GradioProxyError: As `describe_app` does.
    """
    return _find_config(transport, _ask(transport))


def complete_description(config: Any, transport: Transport) -> Description:
    """Fetch and read the rest of a description.

    Args:
        config: What `fetch_config` returned.
        transport: The way to the app.

    Raises:
        GradioProxyError: As `describe_app` does.
    """
    return _read_description(config, *_fetch_info(transport, check_release(config, transport)))


def check_release(config: Any, transport: Transport) -> str:
    """Return where an app's API is, if its Gradio is understood.

    Raises:
        NotGradio: It is too old.
    """
    from ..schema.parse import parse_head  # late: see above
    from ..schema.release import parse_release

    version, prefix, _ = parse_head(config)
    if not parse_release(version).is_understood:
        raise NotGradio(
            f"{transport.address.url} runs Gradio {version or 'of an unknown version'}; "
            "versions from 3 on are understood.",
            url=transport.address.url,
        )
    return prefix


def is_config(config: Any) -> bool:
    """Tell whether what an address answered can be the description of an app."""
    return isinstance(config, dict) and "dependencies" in config


def _read_description(config: Any, info: Any, failure: str) -> Description:
    from ..schema.parse import parse_app, parse_head  # late: see above
    from ..schema.release import parse_release
    from .description import Description

    # Before, no version has it, and what has no other description is not mended one day.
    expected = parse_release(parse_head(config)[0]).describes_values
    said = failure if expected else ""
    app = make_without_collecting(functools.partial(parse_app, config, info, said))
    return Description(config, info, app)


class _ConfigAnswer:
    """The answer to ``/config``.

    Args:
        transport: The way to the app, which is asked.

    Attributes:
        answer: The answer.
    """

    def __init__(self, transport: Transport) -> None:
        self.answer = transport.get("/config")
        self._transport = transport

    @functools.cached_property
    def config(self) -> Any:
        """What it says; ``None`` if it is no JSON."""
        return _parse_json(self.answer, self._transport)

    def prepare(self) -> None:
        """Read it, for who asks for `config` later, and load what the app is spoken to with."""
        config = self.config
        if is_config(config):
            from ..protocols import load_machines  # late: see above
            from ..schema.parse import parse_head

            *_, protocol = parse_head(config)
            load_machines(protocol)

    def glimpse_prefix(self) -> str | None:
        """Return where the API is, if the answer begins with it, as that of Gradio 5 on does.

        ``None`` if it came from elsewhere.
        """
        answer = self.answer
        found = _PREFIX.match(answer.body)
        came_from_here = answer.ok and answer.url == f"{self._transport.address.url}/config"
        return found[1].decode() if found is not None and came_from_here else None


class _EarlyInfo:
    """The answer to ``/info``, asked for before that to ``/config`` is read, where that can be.

    While the server works on it, what came is read, which takes a few hundredths of a second for an
    app of a thousand functions.

    Args:
        transport: The way to the app.
        config: The answer to ``/config``.
    """

    def __init__(self, transport: Transport, config: _ConfigAnswer) -> None:
        self._transport = transport
        prefix = config.glimpse_prefix()
        self._asked = transport.address.url, prefix
        self._answer: tuple[Any, str] = None, ""
        self._error: GradioProxyError | None = None
        if prefix is not None:
            try:
                self._answer = _fetch_info(transport, prefix, config.prepare)
            except GradioProxyError as error:  # it may be that nobody needs to know
                self._error = error

    def find(self, prefix: str) -> tuple[Any, str]:
        """Return what `_fetch_info` does, or raise it.

        Args:
            prefix: Where the API is.
        """
        if self._asked != (self._transport.address.url, prefix):
            return _fetch_info(self._transport, prefix)
        if self._error is not None:
            raise self._error
        return self._answer


def _ask(transport: Transport) -> _ConfigAnswer:
    """Log in, where there is a login, and ask."""
    if transport.access.auth is not None:
        transport.log_in()
    return _ConfigAnswer(transport)


def _check_size(config: Any, transport: Transport) -> None:
    """Raise `TooLarge` if an app has more functions than are taken in."""
    functions = config.get("dependencies")
    count = len(functions) if isinstance(functions, list) else 0
    maximum = transport.access.limits.endpoints
    if count > maximum:
        raise TooLarge(
            f"{transport.address.url} has {count:,} functions, more than {maximum:,}. If "
            "that is right, connect with limits=gradioproxy.Limits(endpoints=...).",
            limit="endpoints",
            maximum=maximum,
        )


def unknown_endpoint(url: str, name: str, names: Sequence[str]) -> UnknownEndpoint:
    """Return the error for a name that no endpoint of an app has.

    Args:
        url: The app's address.
        name: The name.
        names: Those that there are.
    """
    near = find_nearest(name, names)
    if near:
        hint = f"Did you mean {' or '.join(repr(one_line(n, 60)) for n in near)}?"
    elif names:
        shown = ", ".join(one_line(n, 40) for n in names[:LISTED])
        hint = f"It has {shown}{' …' if len(names) > LISTED else ''}."
    else:
        hint = "It has none at all."
    return UnknownEndpoint(
        f"The app at {url} has no function {one_line(name, 60)!r}. {hint}", near=near
    )


def _find_config(transport: Transport, found: _ConfigAnswer) -> Any:
    """Return the description, from the answer to ``/config`` or from the page.

    Raises:
        TooLarge: It has more functions than are taken in.
    """
    answer, config = found.answer, found.config
    if is_config(config):
        _follow_redirection(transport, answer.url)
        _check_size(config, transport)
        return config
    config = _parse_page_config(transport.get("/"), transport)
    if config is None:
        raise _build_no_app_error(answer, transport)
    if config.get("auth_required"):
        raise transport.build_login_error()
    _follow_redirection(transport, answer.url)
    _leave_page(transport, config.get("current_page"))
    _check_size(config, transport)
    return config


def _parse_page_config(page: Answer, transport: Transport) -> Any:
    """Return the description that a page has in it, an object, or ``None`` if it has none.

    It is where the official clients look, too: some apps can't answer ``/config``.

    Raises:
        SchemaError: It can't be read.
    """
    text = transport.hide_certain(page.body.decode("utf-8", "replace"))
    begin = _PAGE_CONFIG.search(text)
    if begin is None:
        return None
    with contextlib.suppress(ValueError, RecursionError):
        return json.JSONDecoder().raw_decode(text, begin.end())[0]
    raise SchemaError(
        f"The page at {transport.address.url} holds a description that is cut or garbled."
    )


def _build_no_app_error(answer: Answer, transport: Transport) -> GradioProxyError:
    """Return the error for an address where neither ``/config`` nor the page describes an app."""
    if answer.status >= SERVER_FAULT or reason_for(answer.status) == "limit":
        return answer.error()
    if answer.status == FORBIDDEN:
        return transport.build_login_error(answer.url, FORBIDDEN)
    said = f": {answer.text}" if answer.text else "."
    return NotGradio(
        f"There is no Gradio app at {transport.address.url}. "
        f"It answered {answer.status} to /config{said}"[:200],
        url=transport.address.url,
    )


def _fetch_info(
    transport: Transport, prefix: str, meanwhile: Callable[[], object] = do_nothing
) -> tuple[Any, str]:
    """Return the answer to ``/info``, or ``None`` where there is none, and then the reason.

    Args:
        transport: The way to the app.
        prefix: Where its API is.
        meanwhile: What to do while it is waited for; raises nothing.

    Raises:
        RateLimited, ServerError: There is one, and it can be had later.
    """
    try:
        answer = transport.get(f"{prefix}/info", meanwhile=meanwhile)
    except (AuthenticationError, ServerError) as error:
        return None, f"its /info can't be read ({one_line(error, 100)})"
    info = _parse_json(answer, transport)
    if isinstance(info, dict) and "named_endpoints" in info:
        return info, ""
    if _is_temporary(answer):
        raise answer.error()
    if not answer.ok:
        return None, f"its /info answered {answer.status}"
    return None, "its /info answered what is no description"


def _is_temporary(answer: Answer) -> bool:
    """Tell whether a server asks to be asked later."""
    limited = reason_for(answer.status) == "limit"
    return limited or (answer.status == UNAVAILABLE and answer.retry_after is not None)


def _parse_json(answer: Answer, transport: Transport) -> Any:
    if not answer.ok:
        return None
    try:
        text = transport.hide_certain(answer.body.decode(json.detect_encoding(answer.body)))
        return make_without_collecting(functools.partial(json.loads, text))
    except (ValueError, RecursionError):
        return None


def _follow_redirection(transport: Transport, url: str) -> None:
    """Go on where redirections of ``/config`` led to."""
    path = url.split("?", 1)[0].rstrip("/")
    base = path.removesuffix("/config")
    if base not in {path, transport.address.url}:
        transport.rebase(replace(transport.address, url=base))


def _leave_page(transport: Transport, page: object) -> None:
    """Go on at the app that a page is of, as some have several, below the address of the first."""
    url = transport.address.url
    base = url.removesuffix(f"/{page}") if isinstance(page, str) and page else url
    if base != url:
        transport.rebase(replace(transport.address, url=base))
