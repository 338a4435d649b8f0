"""Logins at an app: their cookies, and the errors where one is wanted or was refused."""

from __future__ import annotations

import http.cookiejar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .. import forksafe
from ..errors import AuthenticationError
from ..statuses import BAD_REQUEST, FORBIDDEN, UNAUTHORIZED
from ..text import one_line
from .request import BytesBody
from .url import Address, is_loopback, same_origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.cookiejar import Cookie
    from urllib.request import Request

    from .credentials import Access

# As much as RFC 6265 (6.1) has clients keep at least, and more of them than it has.
LARGEST_COOKIE = 4096
MOST_COOKIES = 180


class Logins:
    """Counts logins at an app, so that of many threads whose login expired one logs in again."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = forksafe.Lock()

    def renew(self, seen: int, log_in: Callable[[], None]) -> None:
        """Log in because a login has expired, unless another thread did meanwhile.

        Args:
            seen: The `count` from before the request that was refused.
            log_in: Logs in.
        """
        with self._lock:
            if self.count == seen:
                log_in()
                self.count += 1


class LoginPolicy(http.cookiejar.DefaultCookiePolicy):
    """Cookies as browsers keep them: this machine itself counts as secure.

    From Gradio 3.19 on the cookie of a login is ``Secure``, on plain http too; and up to 3.27 it is
    the only one that its websockets look at.

    As there, no cookie is larger than what RFC 6265 has clients keep, and there are only so many:
    all are sent with each request.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept: set[tuple[str, str, str]] = set()

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Tell whether a cookie may be kept."""
        if is_loopback(request.get_full_url()):
            # When a cookie is sent, `requests` asks a policy of its own, which wants https for
            # secure ones; so it is kept as one that is not.
            cookie.secure = False
        size = len(cookie.name) + len(cookie.value or "")
        if size > LARGEST_COOKIE or not super().set_ok(cookie, request):
            return False
        key = cookie.domain, cookie.path, cookie.name
        if key not in self._kept and len(self._kept) >= MOST_COOKIES:
            return False
        self._kept.add(key)
        return True


def build_login_body(auth: tuple[str, str]) -> BytesBody:
    """Return the body of a login."""
    user, password = auth
    content = urlencode({"username": user, "password": password}).encode()
    return BytesBody(content, "application/x-www-form-urlencoded")


def check_login(status: int, url: str) -> None:
    """Check that the answer to a login is no refusal.

    Gradio 3.16 answers a login that it accepts with a redirection, and later versions do so where
    an app has no login. Other answers mean that the app has no login either; if it has one, the
    request for its description is refused.

    Raises:
        AuthenticationError: The login was refused.
    """
    if status in {BAD_REQUEST, UNAUTHORIZED, FORBIDDEN}:
        raise AuthenticationError(f"{url} refused the user and password of auth=.", status=status)


def build_login_error(
    address: Address, access: Access, status: int = UNAUTHORIZED
) -> AuthenticationError:
    """Return the error for an answer that wants a login or forbids, which says what was tried."""
    used = [
        name
        for name, given in (
            (access.token_source, access.token),
            ("auth=", access.auth),
            ("headers=", access.headers),
            ("the user in the address", address.basic),
        )
        if given
    ]
    if used:
        what = f"refused what {' and '.join(used)} gave; check it"
    elif status == FORBIDDEN:
        what = "lets nobody in without a secret; pass what it wants as token=, headers= or auth="
    else:
        what = "wants a login; pass auth=(user, password), or token= for a private Space"
    if status == FORBIDDEN:
        what = f"answered 403 (forbidden): it {what}"
    return AuthenticationError(f"{address.url} {what}.", status=status)


def build_foreign_login_error(address: Address, url: str) -> AuthenticationError:
    """Return the error where an app leads to where secrets are not sent, and a login is wanted."""
    elsewhere = Address(url).origin
    if same_origin(url, address.url):
        elsewhere = one_line(url.split("?", 1)[0])
    return AuthenticationError(
        f"{address.url} leads to {elsewhere}, which wants a login. Secrets are not sent "
        "to another address than the one that they are for: connect to that.",
        status=UNAUTHORIZED,
    )
