"""What is known of an app before anybody is asked: its address, or which Space it is.

Most apps are at an address of their own: for those nothing of the Hub is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import AuthenticationError, GradioProxyError, NotGradio, SchemaError
from ..text import one_line
from ..transport.url import Address, is_repository, parse_address, read_query
from .address import get_hub_address, parse_space_name

if TYPE_CHECKING:
    from ..transport.credentials import Access
    from .records import Space
    from .tokens import Token


@dataclass(frozen=True)
class Target:
    """Where an app is, and how to reach it.

    Attributes:
        address: The app's address.
        access: The way to it, with the token that goes there.
        space: The Space that it is, as the Hub described it; ``None`` for another address.
    """

    address: Address
    access: Access
    space: Space | None = None

    def explain(self, error: GradioProxyError) -> None:
        """Raise what is known better than the error that the app ended in, or do nothing.

        Raises:
            SpaceError: The Space is another kind of program, or its owner has to give access.
        """
        if self.space is None:
            return
        from .failures import space_error  # late: see above

        if isinstance(error, NotGradio | SchemaError):
            kind = one_line(self.space.get("sdk") or "unknown", 40)
            problem = f"runs, but is no Gradio app that is understood (its SDK is {kind}). {error}"
            raise space_error(self.space, problem) from error
        if isinstance(error, AuthenticationError) and self.space.get("gated"):
            problem = (
                "is gated: its owner decides who may use it. Ask for access on its page, with the "
                "account whose token is used."
            )
            raise space_error(self.space, problem) from error


def identify(src: str | Space, token: str | bool | None, access: Access) -> Target:
    """Return what is known of an app before anybody was asked: of a Space, where its page is.

    Args:
        src: What the caller named.
        token: The token that the caller passed; without one, a Space gets that of the environment.
        access: How else to reach the app.

    Raises:
        NotGradio: *src* is no app.
    """
    name = parse_space_name(src) if isinstance(src, str) else _read_name(src)
    if name is None:
        given = choose_token(src, token) if token is not None else None
        return Target(parse_address(str(src)), add_token(access, given))
    if not is_repository(name):
        raise NotGradio("A hub.Space without an id is no app. Ask for it with hub.space(name).")
    # The secrets are for the Space, wherever the Hub says that it is.
    access = replace(add_token(access, choose_token(src, token)), scope="")
    # The page shows the app with the query of its own address.
    query = read_query(urlsplit(src).query) if isinstance(src, str) else ""
    page = Address(f"{get_hub_address().url}/spaces/{name}", space=name, query=query)
    return Target(page, access)


def choose_token(src: str | Space, token: str | bool | None) -> Token:
    """Return the token for a Space: the one that is given, or that the Space was asked for with."""
    from .tokens import find_token  # late: see above

    provenance = None if isinstance(src, str) else src.provenance
    known = None if provenance is None else provenance.token
    return known if token is None and known is not None else find_token(token)


def add_token(access: Access, token: Token | None) -> Access:
    """Return a way to an app along which a token goes."""
    if token is None:
        return access
    return replace(access, token=token.value, token_source=token.source or access.token_source)


def _read_name(src: object) -> str:
    """Return the name of a Space that the Hub described.

    Raises:
        NotGradio: It is none.
    """
    from .records import Space, get_name  # late: see above

    if not isinstance(src, Space):
        raise NotGradio(
            f"{type(src).__name__} is no app. Pass a URL, the name of a Space or a hub.Space."
        )
    return get_name(src)
