"""Where the app is that a caller means: an address as it stands, a Space where the Hub says.

A Space that does not run is woken and waited for. Whether a Gradio app answers there is tried by
whoever asks, and not known here; what it means if none does, `target.Target.explain` says.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import ConnectionLost, NotGradio, ServerError, SpaceError, Timeout
from ..progress_bar import show_wait
from ..text import one_line
from ..transport.url import Address, is_repository, parse_address
from .address import get_hub_address
from .failures import space_error
from .records import Space, get_name
from .rest import Hub
from .target import Target, add_token, choose_token, identify
from .waiting import ANSWERING, ASLEEP, Deadline, check_stage, describe_stage, wait_for

if TYPE_CHECKING:
    from ..options import WakePolicy
    from ..transport.credentials import Access

# What can't be a Gradio app; a Docker Space can.
_OTHER_KINDS = frozenset({"static", "streamlit"})


def recall(src: str | Space, token: str | bool | None, access: Access) -> Target | None:
    """Return where a Space runs as far as the Hub has said so before, without asking it.

    Args:
        src: What the caller named.
        token: The token that the caller passed.
        access: How else to reach the app.

    Returns:
        Where it was; ``None`` for one of which that is not known, and for anything but a Space.

    Raises:
        SpaceError: The address is no place for secrets.
    """
    if not isinstance(src, Space) or src.stage not in ANSWERING or not is_repository(get_name(src)):
        return None
    origin, host = src.provenance, src.get("host")
    if origin is None or not host or (origin.hub, origin.host) != (get_hub_address().url, host):
        return None
    with _open_hub(src, token, access) as hub:
        return Target(find_address(hub, src), add_token(access, hub.token), src)


def locate(
    src: str | Space, token: str | bool | None, access: Access, waking: WakePolicy
) -> Target:
    """Return where the app is that is meant; a Space is asked for, woken and waited for.

    Args:
        src: An address, the name of a Space or the address of its page, or what the Hub said of it.
        token: The token that the caller passed; without one, a Space gets that of the environment.
        access: How else to reach the app.
        waking: What to do about a Space that is not running.

    Raises:
        NotGradio: *src* is none of these.
        SpaceError: The Space is missing or private, paused, broken, or no Gradio app.
        Timeout: It did not run in time.
    """
    known = identify(src, token, access)
    if not known.address.space:
        return known
    access = known.access
    with _open_hub(src, token, access) as hub:
        space = fetch_space(hub, known.address.space)
        check_kind(space)
        if space.stage not in ANSWERING:
            space = _await_space(hub, space, access, waking)
        address = replace(find_address(hub, space), query=known.address.query)
        return Target(address, access, space)


def _open_hub(src: str | Space, token: str | bool | None, access: Access) -> Hub:
    return Hub(
        choose_token(src, token),
        verify=access.verify,
        proxies=access.proxies,
        timeout=access.timeout,
    )


def _await_space(hub: Hub, space: Space, access: Access, waking: WakePolicy) -> Space:
    """Return a Space that runs now: it is woken if it is asleep, and waited for.

    Raises:
        SpaceError: It is paused or broken, or not to be waited for.
        Timeout: It did not run in time.
    """
    check_stage(space)
    if waking.timeout is not None and waking.timeout <= 0:
        words = describe_stage(space.stage)
        raise space_error(space, f"is {words}. Raise wake_timeout= to wait for it.")
    with show_wait(waking.progress) as show:
        deadline = Deadline(waking.timeout, "wake_timeout")
        if space.stage in ASLEEP:
            show(f"waking {get_name(space)}")
            seconds = access.timeout if waking.timeout is None else waking.timeout
            wake(hub, space, replace(access, timeout=min(access.timeout, seconds)))
        return wait_for(hub, space, ANSWERING, deadline, show)


def fetch_space(hub: Hub, name: str, **query: Any) -> Space:
    """Return what the Hub says of a Space now.

    Raises:
        SpaceError: It is missing or private, or gated.
        AuthenticationError, RateLimited, ServerError: The Hub refused.
        ConnectError, ConnectionLost, Timeout: It was not reached.
    """
    what = f"what the Space {name!r} is"
    space = hub.get_record(f"/api/spaces/{name}", what, query)
    if not isinstance(space, Space) or not is_repository(str(space.get("id"))):
        raise ServerError(f"The Hub does not say {what}.")
    return space


def check_kind(space: Space) -> None:
    """Raise if a Space can't be a Gradio app.

    Raises:
        SpaceError: It is of another kind, or disabled.
    """
    kind = space.get("sdk")
    if space.get("disabled") is True:
        problem = "was disabled by Hugging Face"
    elif isinstance(kind, str) and kind in _OTHER_KINDS:
        problem = f"is no Gradio app: its SDK is {kind}"
    else:
        return
    raise space_error(space, f"{problem}.")


def find_address(hub: Hub, space: Space) -> Address:
    """Return where a Space's app is, which the Hub has to name and nobody else.

    Raises:
        SpaceError: It names none, or one that is no place for secrets.
    """
    host = space.get("host")
    if isinstance(host, str) and hub.is_safe(host):
        with suppress(NotGradio):
            return Address(parse_address(host).url, space=get_name(space))
    raise SpaceError(
        f"The Hub names no address for the app of {get_name(space)!r}"
        + (f" but {one_line(host)!r}, which is not https." if host else "."),
        space=get_name(space),
        stage=space.stage,
    )


def wake(hub: Hub, space: Space, access: Access) -> None:
    """Visit a Space's app, which is what wakes one that is asleep.

    https://huggingface.co/docs/hub/spaces-gpus#sleep-time

    Raises:
        SpaceError: The Hub names no address for it.
        ConnectError: Nothing reached it.
    """
    from ..transport.http import Transport  # late, as in `rest`

    transport = Transport(find_address(hub, space), access)
    try:
        # Whatever is answered comes from the Hub's waiting room; the stage tells how it goes.
        with suppress(Timeout, ConnectionLost):
            transport.request_raw("GET", "/")
    finally:
        transport.close()
