"""Takes our own secrets out of what a server says, before anybody quotes it.

A server knows what it was sent, and some say it again: a page of an error lists the headers that
came, an app raises what it was called with. Errors and reports are shown to others, so what goes
into one comes through here, whichever road it came by. Results don't: they are the caller's.

Rule: only what came from a server is changed, and no sentence of ours, where a gap would say which
word the secret is.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, quote_plus

from ..text import one_line
from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .credentials import Access
    from .url import Address

T = TypeVar("T")

HIDDEN = "<secret>"

# What is shorter is in half of all texts, and no secret.
_SHORTEST = 4
# What is shorter is hidden only where it is a word, as it may be part of others by chance.
_UNMISTAKABLE = 8
# A secret of this length is nowhere by chance.
_CERTAIN = 16
# What everybody may know.
_PLAIN_HEADERS = frozenset(
    {
        *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control"),
        *("connection", "content-type", "dnt", "forwarded", "host", "origin", "pragma", "referer"),
        *("te", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
        "x-requested-with",
    }
)
# What is behind such a name in the query of an address is no secret of a few letters by chance.
_SECRET_NAME = re.compile(
    r"auth|cookie|code|credential|jwt|key|pass|pwd|secret|session|(?<![a-z])sign?(?![a-z])|signature|token|user",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?:basic|bearer|digest|token)\s+(\S.*)", re.IGNORECASE)


class Redactor(Uncopyable):
    """Hides the secrets of one person at one app.

    Args:
        address: Where the app is, as the caller named it.
        access: The secrets.
        cookies: Returns the values of the cookies that there are now.
    """

    def __init__(
        self, address: Address, access: Access, cookies: Callable[[], Iterable[str]] = tuple
    ) -> None:
        self._cookies = cookies
        self._forms = _list_forms(_list_secrets(address, access))

    def hide(self, text: str) -> str:
        """Return a text without the secrets: one that is cleaned, perhaps cut, to be shown."""
        return _hide(text, self._list_all()) if text else text

    def make_filter(self) -> Callable[[str], str]:
        """Return what takes out of texts that are kept whatever is secret by now, however long.

        As `hide`, for thousands of texts, none of which was cut.
        """
        return functools.partial(_replace, forms=self._list_all())

    def make_byte_filter(self) -> Callable[[bytes], bytes]:
        """Return the same for content that is no text, where short ones may be by chance."""
        forms = [
            form.encode(errors="surrogatepass").lower()
            for form in self._list_all()
            if len(form) >= _UNMISTAKABLE
        ]
        return functools.partial(_replace_bytes, forms=sorted(forms, key=len, reverse=True))

    def hide_certain(self, text: str) -> str:
        """Return a text that a program reads, such as JSON or a URL, without the long secrets."""
        return _replace(text, [form for form in self._forms if len(form) >= _CERTAIN])

    def _list_all(self) -> list[str]:
        """Return the forms of all secrets, those of the cookies that there are now included."""
        return self._forms + _list_forms(self._cookies())


def chain_filters(filters: Iterable[Callable[[T], T]]) -> Callable[[T], T]:
    """Return what does what several filters do, one after the other."""
    chain = [*filters]

    def apply(content: T) -> T:
        for hide in chain:
            content = hide(content)
        return content

    return apply


def is_secret_name(name: str) -> bool:
    """Tell whether what has such a name, in a query, may be a secret."""
    return bool(_SECRET_NAME.search(name))


def hide_texts(text: str, secrets: Sequence[str]) -> str:
    """Return a text without what a caller alone knows: cleaned, perhaps cut, to be shown.

    Args:
        text: The text.
        secrets: What is not to be seen in it, of any length and perhaps of several lines.
    """
    if any(0 < len(secret) < _SHORTEST for secret in secrets):
        return HIDDEN  # which word it is, nobody could tell
    # As they look in a text that was cleaned; whoever quotes a long one may quote a line of it.
    lines = [line for secret in secrets for line in secret.splitlines() if len(line) >= _CERTAIN]
    shown = [one_line(secret, len(secret)) for secret in secrets if secret]
    return _hide(text, _list_forms([*secrets, *shown, *lines]))


def _hide(text: str, forms: Sequence[str]) -> str:
    text = _replace(text, forms)
    return _hide_begun(text, forms) if text.endswith("…") else text


def _replace(text: str, forms: Sequence[str]) -> str:
    if not forms:
        return text  # which may be long
    folded = text.casefold()
    found = [form for form in forms if form.casefold() in folded]
    if not found:
        return text
    # The longest first: a secret may be part of another one.
    patterns = [
        re.escape(form) if len(form) >= _UNMISTAKABLE else rf"(?<!\w){re.escape(form)}(?!\w)"
        for form in sorted(found, key=len, reverse=True)
    ]
    return re.sub("|".join(patterns), HIDDEN, text, flags=re.IGNORECASE)


def _replace_bytes(content: bytes, forms: Sequence[bytes]) -> bytes:
    folded = content.lower() if forms else b""
    found = [re.escape(form) for form in forms if form in folded]
    if not found:
        return content
    return re.sub(b"|".join(found), HIDDEN.encode(), content, flags=re.IGNORECASE)


def _hide_begun(text: str, forms: Iterable[str]) -> str:
    """Return a text that was cut, without the beginning of a secret at its end."""
    shown = text.removesuffix("…")
    for form in sorted(forms, key=len, reverse=True):
        for size in range(len(form) - 1, _UNMISTAKABLE // 2 - 1, -1):
            if shown.endswith(form[:size]):
                return shown[:-size] + HIDDEN + "…"
    return text


def _list_secrets(address: Address, access: Access) -> Iterator[str]:
    """Yield what was sent to a server to be let in, and the secrets in it."""
    yield access.token or ""
    yield access.oauth_token or ""
    if access.auth is not None:
        user, password = access.auth
        yield password
        yield base64.b64encode(f"{user}:{password}".encode()).decode()
    yield from _list_parts(address.basic or "")
    for name, value in address.parameters:
        if _SECRET_NAME.search(name) or len(value) >= _CERTAIN:
            yield value
    for name, value in access.headers.items():
        if name.lower() not in _PLAIN_HEADERS:
            yield from _list_parts(value)
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))


def _list_parts(header: str) -> Iterator[str]:
    """Yield the value of a header, and the secrets that it has in it."""
    yield header
    scheme = _SCHEME.fullmatch(header)
    if scheme:
        yield scheme[1]
        yield _read_password(scheme[1])


def _read_password(encoded: str) -> str:
    """Return the password in a header of the scheme Basic, or nothing."""
    try:
        pair = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]


def _list_forms(secrets: Iterable[str]) -> list[str]:
    """Return secrets as they stand in texts, URLs, pages, JSON and the ``repr`` of values."""
    given = [*filter(None, secrets)]
    if not given:
        return []
    import html  # late: few servers get a secret

    forms = {
        form
        for secret in given
        for form in (
            secret,
            secret.rstrip("="),
            quote(secret, safe="", errors="replace"),
            quote(secret, errors="replace"),
            quote_plus(secret, errors="replace"),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            html.escape(secret),
        )
    }
    return [form for form in forms if len(form) >= _SHORTEST]
