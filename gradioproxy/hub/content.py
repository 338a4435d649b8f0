"""What the Hub is sent: JSON with secrets in it, which nothing shows.

Rule: whoever takes secrets hands them to a `Content` first and lets go of them, so that no variable
of ours has them in a traceback; what the Hub says of a request goes through the `Content` that it
brought.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Content(Uncopyable):
    """The body of one request.

    Args:
        value: What is sent.
        secrets: Texts in it that nobody may see again.
    """

    content_type = "application/json"

    def __init__(self, value: Mapping[str, Any], secrets: Iterable[str] = ()) -> None:
        self._value = dict(value)
        self._secrets = tuple(secrets)

    def add(self, name: str, value: Any) -> None:
        """Add a field."""
        self._value[name] = value

    def open(self) -> io.BytesIO:
        """Return it from its beginning; as a file, since the bytes themselves would be shown."""
        return io.BytesIO(json.dumps(self._value).encode())

    def hide_in(self, hide: Callable[[str], str]) -> Callable[[str], str]:
        """Return what takes the secrets out of a text besides what *hide* takes out of it."""
        if not self._secrets:
            return hide
        from ..transport.redaction import hide_texts  # late, as in `rest`

        return lambda text: hide_texts(hide(text), self._secrets)
