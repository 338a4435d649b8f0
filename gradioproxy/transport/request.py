"""What one request is; `requester` sends it, and knows nothing of what it is for but this."""

from __future__ import annotations

import json
import secrets
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..schema.endpoint import App


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""What makes nothing happen, and can be sent once more."""


class Reply(Protocol):
    """What comes back: an answer as a whole, or while it comes, or a websocket."""

    is_websocket: ClassVar[bool]
    """Which of these it is."""

    @property
    def status(self) -> int:
        """The status of HTTP."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whose names have no case."""
        ...

    @property
    def wants_login(self) -> bool:
        """Whether a login may turn it into what was asked for."""
        ...

    def close(self) -> None:
        """Let go of its connection."""
        ...


ReplyT = TypeVar("ReplyT", bound=Reply)


class Body(Protocol):
    """What a request brings."""

    @property
    def content_type(self) -> str:
        """Its media type."""
        ...

    def open(self) -> Any:
        """Return it from its beginning, as bytes or to be read; once for each time it is sent."""
        ...


class SecretBytes(bytes):
    """Content with a secret in it, which tracebacks that show variables don't show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    __str__ = __repr__


@frozen()
class BytesBody:
    """A body that is there as a whole."""

    content: bytes = field(repr=False)
    content_type: str

    def open(self) -> bytes:
        """Return it."""
        return self.content


def build_json_body(value: Any, oauth_token: str | None = None) -> BytesBody:
    """Return JSON as a body, perhaps with the caller's OAuth token among its fields."""
    if oauth_token is None:
        content = json.dumps(value, allow_nan=True).encode()
    else:
        fields = {**value, "oauth_token": oauth_token}
        content = SecretBytes(json.dumps(fields, allow_nan=True).encode())
    return BytesBody(content, "application/json")


class Part(Protocol):
    """A file of a form: ``len`` is the number of bytes that are left to read."""

    len: int

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


def load_forms() -> None:
    """Load what forms take, before they are made on another thread; see `FilesBody.open`."""
    import requests_toolbelt  # noqa: F401


@frozen()
class FilesBody:
    """A form of files, read from their handles while they are sent.

    Attributes:
        open_parts: Returns name, handle and media type of each file, all from their beginning.
        boundary: What separates them.
    """

    open_parts: Callable[[], Sequence[tuple[str, Part, str]]]
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def content_type(self) -> str:
        """Its media type."""
        return f"multipart/form-data; boundary={self.boundary}"

    def open(self) -> Any:
        """Return the form, to be read."""
        from requests_toolbelt import MultipartEncoder  # late: few scripts send files

        return MultipartEncoder([("files", part) for part in self.open_parts()], self.boundary)


def do_nothing() -> None:
    """Do nothing."""


@frozen()
class Request(Generic[ReplyT]):
    """A request.

    Attributes:
        method: Its method.
        url: Where it goes.
        reply: What is to come back: an `Answer`, a `ByteStream` or a `TextSocket`.
        read_timeout: How many seconds the server may be silent before and in its answer; ``None``
            for any number.
        body: What it brings.
        effect: Whether it runs something: where its answer does not come, nobody knows whether it
            has.
        app: What it is for: only the server that described this app gets it.
        path: The end of its URL that is not the app's address; from what is before it one sees
            where the app is after redirections, to log in there.
        idempotent: Whether it is sent once more if its connection breaks.
        follow_redirects: Whether it goes where redirections lead to.
        log_in: Whether it is sent once more after a login if the app wants one.
        size_limit: What limits the size of an `Answer`.
        meanwhile: What to do between sending it and waiting for its answer, each time it is sent;
            raises nothing.
    """

    method: str
    url: str
    reply: type[ReplyT]
    read_timeout: float | None
    body: Body | None = None
    effect: bool = False
    app: App | None = None
    path: str = ""
    idempotent: bool = False
    follow_redirects: bool = False
    log_in: bool = True
    size_limit: Literal["answer", "description"] = "answer"
    meanwhile: Callable[[], object] = do_nothing

    @property
    def is_call(self) -> bool:
        """Whether it is one of those by which calls are made."""
        return self.app is not None and not isinstance(self.body, FilesBody)

    @property
    def root(self) -> str:
        """Where the app is; empty if the URL does not tell."""
        own = self.path and self.url.endswith(self.path)
        return self.url.removesuffix(self.path) if own else ""
