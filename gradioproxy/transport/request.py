"""What one request is, and what it is for; `requester` makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..schema.endpoint import App


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        method: Its method.
        url: Where it goes.
        body: What it brings; called anew for each attempt where it can be read only once.
        content_type: What that is.
        effect: Whether it runs something: then it is never sent twice, and where its answer does
            not come nobody knows whether it has.
        app: What it is for: only the server that described this app gets it.
        root: Where the app is that a login opens, if the address leads there by redirections.
        seconds: How long the server may be silent before and in its answer; ``None`` for any time.
        may_log_in: Whether an answer of 401 is followed by a login.
    """

    method: str
    url: str
    body: Any = None
    content_type: str = ""
    effect: bool = False
    app: App | None = None
    root: str | None = None
    seconds: float | None = None
    may_log_in: bool = True
