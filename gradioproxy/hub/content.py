"""What the Hub is sent: JSON with secrets in it, which nothing shows.

Rule: whoever takes secrets hands them to a `Content` first and lets go of them, so that no variable
of ours has them in a traceback; what the Hub says of a request goes through the `Content` that it
brought.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..transport.request import SecretBytes


class Content(Uncopyable):
    """The body of one request.

    Args:
        value: What is sent besides secrets, which are added.
        secrets: The texts that nobody may see again.

    Raises:
        TypeError: A secret is no text, or something else is nothing that JSON has; that is told
            before there is a secret in what was given.
    """

    content_type = "application/json"

    def __init__(self, value: Mapping[str, Any], secrets: Iterable[str] = ()) -> None:
        json.dumps(value)
        self._value = dict(value)
        self._secrets = tuple(secrets)
        for secret in self._secrets:
            if not isinstance(secret, str):
                raise TypeError(f"a secret is a text, not {type(secret).__name__}")

    def add(self, name: str, value: Any) -> None:
        """Add a field."""
        self._value[name] = value

    def open(self) -> SecretBytes:
        """Return it."""
        from ..transport.request import SecretBytes  # late, as in `rest`

        return SecretBytes(json.dumps(self._value).encode())

    def hide_in(self, hide: Callable[[str], str]) -> Callable[[str], str]:
        """Return what takes the secrets out of a text besides what *hide* takes out of it."""
        if not self._secrets:
            return hide
        from ..transport.redaction import hide_texts  # late, as in `rest`

        return lambda text: hide_texts(hide(text), self._secrets)
