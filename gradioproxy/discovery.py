"""Fetching an app's description: with few requests, and clear words where there is none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .description import parse_app, parse_head, parse_version
from .errors import AuthenticationError, NotGradio, SchemaError, ServerError, UnknownEndpoint
from .naming import nearest
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .answers import Answer
    from .schema import App
    from .transport import Transport

# The page of every Gradio app carries its description, also where a proxy hides ``/config``.
_PAGE_CONFIG = re.compile(rb"window\.gradio_config\s*=\s*(\{.*?\})\s*;\s*</script>", re.DOTALL)

# Gradio 2 had no functions but one, and no protocol in common with later versions.
OLDEST = (3, 0)
SERVER_FAULT = 500

# How many names a message has.
LISTED = 8


@dataclass(frozen=True)
class Description:
    """What an app says of itself, raw and read."""

    config: Any
    info: Any
    app: App


def describe_app(transport: Transport, *, types: bool = True) -> Description:
    """Fetch and read the description of the app that *transport* leads to.

    Args:
        transport: The way to the app.
        types: Whether to ask for the types of values too, which takes a second request.

    Raises:
        NotGradio: There is no Gradio app, or one that is too old.
        AuthenticationError: The app wants a login.
        SchemaError: The description can't be understood.
        ServerError: The server, or a proxy before it, failed.
        ConnectError, ConnectionLost, Timeout: It was not reached.
    """
    config = _config(transport)
    version, prefix = parse_head(config)
    if parse_version(version) < OLDEST:
        raise NotGradio(
            f"{transport.address.url} runs Gradio {version or 'of an unknown version'}; "
            "versions from 3 on are understood.",
            url=transport.address.url,
        )
    info = _info(transport, prefix) if types else None
    return Description(config, info, parse_app(config, info))


def unknown_endpoint(url: str, name: str, names: Sequence[str]) -> UnknownEndpoint:
    """Return the error for a name that no endpoint of an app has.

    Args:
        url: The app's address.
        name: The name.
        names: Those that there are.
    """
    near = nearest(name, names)
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


def _config(transport: Transport) -> Any:
    if transport.access.auth is not None:
        transport.log_in()
    answer = transport.get("/config")
    config = _json(answer)
    if isinstance(config, dict) and "dependencies" in config:
        _follow(transport, answer.url)
        return config
    if answer.status >= SERVER_FAULT:
        raise answer.error()
    page = transport.get("/")
    found = _PAGE_CONFIG.search(page.body)
    if found is None:
        said = f" It answered {answer.status} to /config" + (
            f": {answer.text}" if answer.text else "."
        )
        raise NotGradio(
            f"There is no Gradio app at {transport.address.url}.{said[:200]}",
            url=transport.address.url,
        )
    try:
        config = json.loads(found[1])
    except ValueError:
        raise SchemaError(
            f"The page at {transport.address.url} holds a description that is cut or garbled."
        ) from None
    if config.get("auth_required"):
        raise transport.unauthorized()
    return config


def _info(transport: Transport, prefix: str) -> Any:
    """Return the answer to ``/info``, or ``None`` where there is none or it is broken."""
    try:
        info = _json(transport.get(f"{prefix}/info"))
    except (AuthenticationError, ServerError):
        return None
    return info if isinstance(info, dict) and "named_endpoints" in info else None


def _json(answer: Answer) -> Any:
    if not answer.ok:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _follow(transport: Transport, url: str) -> None:
    """Go on where redirections led to."""
    base = url.split("?", 1)[0].rstrip("/").removesuffix("/config")
    if base != transport.address.url:
        transport.move(replace(transport.address, url=base))
