"""From a Space to its app: where it is, waking it, and what is wrong if it does not answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from ..errors import (
    AuthenticationError,
    ConnectionLost,
    GradioProxyError,
    NotGradio,
    SchemaError,
    ServerError,
    SpaceError,
    Timeout,
)
from ..text import one_line
from ..transport.url import Address, is_repository, parse_address
from .records import Space
from .rest import Hub, space_name
from .tokens import find_token
from .waiting import ANSWERING, ASLEEP, Patience, check_stage, name_of, stage_words, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..transport.credentials import Access
    from .tokens import Token

T = TypeVar("T")

# What can't be a Gradio app; a Docker Space can.
_OTHER_KINDS = frozenset({"static", "streamlit"})


@dataclass(frozen=True)
class Waking:
    """What to do about a Space that is not running.

    Attributes:
        timeout: Seconds to wait for it; ``None`` for any number, 0 for not at all.
        progress: Whether to show a bar meanwhile.
    """

    timeout: float | None = 300.0
    progress: bool | Literal["auto"] = "auto"


def reach(
    src: str | Space,
    token: str | bool | None,
    access: Access,
    waking: Waking,
    open_app: Callable[[Address, Access], T],
) -> T:
    """Open the app that is meant: an address as it is, a Space where the Hub says that it is.

    Args:
        src: An address, the name of a Space or the address of its page, or what the Hub said of it.
        token: The token that the caller passed; without one, a Space gets that of the environment.
        access: How else to reach the app.
        waking: What to do about a Space that is not running.
        open_app: Opens an app, with the token among the secrets.

    Raises:
        NotGradio: *src* is none of these.
        SpaceError: The Space is missing or private, paused, broken, or no Gradio app.
        Timeout: It did not run in time.
    """
    if not isinstance(src, str | Space):
        raise NotGradio(
            f"{type(src).__name__} is no app. Pass a URL, the name of a Space or a hub.Space."
        )
    name = space_name(src) if isinstance(src, str) else None
    if isinstance(src, str) and name is None:
        given = find_token(token) if token is not None else None
        return open_app(parse_address(src), _with_token(access, given))
    known = src if isinstance(src, Space) else None
    name = name or name_of(known or Space())
    if not is_repository(name):
        raise NotGradio("A hub.Space without an id is no app. Ask for it with hub.space(name).")
    chosen = known.asked_with if token is None and known is not None else None
    network = {"verify": access.verify, "proxies": access.proxies, "timeout": access.timeout}
    with Hub(chosen or find_token(token), **network) as hub:
        return _Visit(hub, access, waking, open_app).go(name, known)


class _Visit(Generic[T]):
    """One attempt to open a Space."""

    def __init__(
        self,
        hub: Hub,
        access: Access,
        waking: Waking,
        open_app: Callable[[Address, Access], T],
    ) -> None:
        self.hub = hub
        self.access = _with_token(access, hub.token)
        self.waking = waking
        self.open_app = open_app

    def go(self, name: str, known: Space | None) -> T:
        """Open the Space; what the Hub said of it before is believed as long as that works."""
        if (
            known is not None
            and known.stage in ANSWERING
            and known.get("host")
            and known.named == (self.hub.address.url, known["host"])
        ):
            # Not a refused login, which must not be tried twice.
            with suppress(ConnectionError, NotGradio, SchemaError, ServerError):
                return self._open(known)
        space = describe(self.hub, name)
        check_kind(space)
        if space.stage not in ANSWERING:
            space = self._waited(space)
        try:
            return self._open(space)
        except (NotGradio, SchemaError) as error:
            raise _other_app(space, error) from error
        except AuthenticationError as error:
            if not space.get("gated"):
                raise
            raise _gated(space) from error

    def _open(self, space: Space) -> T:
        return self.open_app(address_of(self.hub, space), self.access)

    def _waited(self, space: Space) -> Space:
        from ..progress_bar import waiting

        check_stage(space)
        if self.waking.timeout is not None and self.waking.timeout <= 0:
            raise SpaceError(
                f"The Space {name_of(space)!r} is {stage_words(space.stage)}. Raise wake_timeout= "
                "to wait for it.",
                space=name_of(space),
                stage=space.stage,
            )
        with waiting(self.waking.progress) as show:
            patience = Patience(self.waking.timeout, "wake_timeout", show)
            if space.stage in ASLEEP:
                show(f"waking {name_of(space)}")
                seconds = min(self.access.timeout, patience.left)
                wake(self.hub, space, replace(self.access, timeout=seconds))
            return wait_for(self.hub, space, ANSWERING, patience)


def describe(hub: Hub, name: str, **query: Any) -> Space:
    """Return what the Hub says of a Space now.

    Raises:
        SpaceError: It is missing or private, or gated.
        AuthenticationError, RateLimited, ServerError: The Hub refused.
        ConnectError, ConnectionLost, Timeout: It was not reached.
    """
    space = hub.get(f"/api/spaces/{name}", query)
    if not isinstance(space, Space) or not is_repository(str(space.get("id"))):
        raise ServerError(f"The Hub does not say what the Space {name!r} is.")
    return space


def check_kind(space: Space) -> None:
    """Raise if a Space can't be a Gradio app.

    Raises:
        SpaceError: It is of another kind, or disabled.
    """
    kind = space.get("sdk")
    if space.get("disabled") is True:
        problem = "was disabled by Hugging Face"
    elif kind in _OTHER_KINDS:
        problem = f"is no Gradio app: its SDK is {kind}"
    else:
        return
    raise SpaceError(
        f"The Space {name_of(space)!r} {problem}.", space=name_of(space), stage=space.stage
    )


def address_of(hub: Hub, space: Space) -> Address:
    """Return where a Space's app is, which the Hub has to name and nobody else.

    Raises:
        SpaceError: It names none, or one that is no place for secrets.
    """
    host = space.get("host")
    if isinstance(host, str) and hub.is_safe(host):
        with suppress(NotGradio):
            return Address(parse_address(host).url, space=name_of(space))
    raise SpaceError(
        f"The Hub names no address for the app of {name_of(space)!r}"
        + (f" but {one_line(host)!r}, which is not https." if host else "."),
        space=name_of(space),
        stage=space.stage,
    )


def wake(hub: Hub, space: Space, access: Access) -> None:
    """Visit a Space's app, which is what wakes one that is asleep.

    https://huggingface.co/docs/hub/spaces-gpus#sleep-time

    Raises:
        SpaceError: The Hub names no address for it.
        ConnectError: Nothing reached it.
    """
    from ..transport.http import Transport

    transport = Transport(address_of(hub, space), access)
    try:
        # Whatever is answered comes from the Hub's waiting room; the stage tells how it goes.
        with suppress(Timeout, ConnectionLost):
            transport.request_raw("GET", "/")
    finally:
        transport.close()


def _other_app(space: Space, error: GradioProxyError) -> SpaceError:
    kind = one_line(space.get("sdk") or "unknown", 40)
    return SpaceError(
        f"The Space {name_of(space)!r} runs, but is no Gradio app that is understood (its SDK is "
        f"{kind}). {error}",
        space=name_of(space),
        stage=space.stage,
    )


def _gated(space: Space) -> SpaceError:
    return SpaceError(
        f"The Space {name_of(space)!r} is gated: its owner decides who may use it. Ask for access "
        "on its page, with the account whose token is used.",
        space=name_of(space),
        stage=space.stage,
    )


def _with_token(access: Access, token: Token | None) -> Access:
    if token is None:
        return access
    return replace(access, token=token.value, token_source=token.source or access.token_source)
