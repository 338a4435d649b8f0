"""The public functions of `gradioproxy.hub` that change Spaces, and what they take to run.

They are for who owns a Space; paths and bodies are those that `huggingface_hub` sends.

https://huggingface.co/docs/huggingface_hub/guides/manage-spaces
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ..errors import GradioProxyError, ServerError, SpaceError
from ..statuses import CONFLICT
from ..text import one_line
from ..transport.url import is_repository
from .content import Content
from .failures import missing_token_error
from .functions import fetch_owner, open_hub, parse_name
from .locate import fetch_space
from .records import Quota, Record, Space, with_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .rest import Hub

_log = logging.getLogger("gradioproxy")


def duplicate(
    name: str | Space,
    to: str | None = None,
    *,
    private: bool | None = True,
    hardware: str | None = None,
    sleep_time: int | None = None,
    secrets: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    volumes: Sequence[Mapping[str, Any]] | None = None,
    exist_ok: bool = False,
    token: str | bool | None = None,
) -> Space:
    """Make a Space that is a copy of another one: with a queue, hardware and secrets of its own.

    Most hardware costs money for as long as it runs: `request_hardware` and `pause` end that, and
    *sleep_time* limits it.

    Args:
        name: What to copy: its name, the address of its page, or the Space.
        to: The name of the copy, ``owner/name``, or ``name`` alone for one of the token's own
            account; by default the name that it has.
        private: Whether nobody else may see the copy; ``None`` for as it is with the original.
        hardware: What the copy runs on, such as ``"t4-small"``
            (https://huggingface.co/docs/hub/spaces-gpus); by default what the Hub chooses.
        sleep_time: Seconds without a visit after which it goes to sleep; -1 for never. On
            ``"cpu-basic"`` that is the Hub's to say.
        secrets: Its secrets by name, which its program has as variables of the environment; those
            of the original are not copied.
        variables: Its variables by name, which everybody may see.
        volumes: What is mounted in it, each as the Hub has it: ``{"type": "bucket", "source":
            "owner/name", "mountPath": "/data"}``.
        exist_ok: Whether to return a Space of that name that is there already, as it is, instead
            of raising.
        token: As for `get`.

    Returns:
        The copy, which is being built: `gradioproxy.connect` waits for it, as does `wait`. Where
        the Hub does not describe it yet, its ``id`` alone.

    Raises:
        TypeError: A secret, or the name of one or of a variable, is no text.
        ValueError: *name* or *to* can be none.
        SpaceError: The original is missing, private or gated; or there is a Space *to*.
        AuthenticationError: There is no token, or it may not do that.
        ServerError: The Hub refused, as it does for hardware that it does not know.
        RateLimited, ConnectError, ConnectionLost, Timeout: As `get` does. After the last two the
            copy may have been made.
    """
    fields = {
        "visibility": None if private is None else "private" if private else "public",
        "hardware": hardware,
        "sleepTimeSeconds": sleep_time,
        "variables": _list_pairs(variables),
        "volumes": None if volumes is None else [dict(volume) for volume in volumes],
    }
    # What is not said is the Hub's to say.
    given = {name: value for name, value in fields.items() if value is not None}
    content = Content(given, (secrets or {}).values())
    if secrets is not None:
        content.add("secrets", _list_pairs(secrets))
    del secrets  # so that no traceback has them
    source = parse_name(name)
    with _open_to_change(name, token, "copied") as hub:
        target = _choose_target(hub, source, to)
        content.add("repository", target)
        try:
            hub.change("POST", f"/api/spaces/{source}/duplicate", content)
        except ServerError as error:
            if error.status != CONFLICT:
                raise
            if not exist_ok:
                raise _exists_error(target, error) from None
            _log.info("%s was there before, and is as it was.", target)
            return fetch_space(hub, target)
        try:
            return fetch_space(hub, target)
        except GradioProxyError as error:
            # It was made all the same, and who gets an error does not know that.
            _log.info("%s was made, and is not described yet: %s", target, one_line(error))
            made: Space = hub.recognize_space(f"/api/spaces/{target}", Record(id=target))
            return made


def pause(name: str | Space, *, token: str | bool | None = None) -> Space:
    """Pause a Space: it ends, costs nothing, and no visit wakes it; `start` and `restart` do.

    Args:
        name: Its name, the address of its page, or the Space.
        token: As for `get`.

    Returns:
        The Space as the Hub described it then.

    Raises:
        ValueError: *name* can be none.
        SpaceError: It is missing or private.
        AuthenticationError: There is no token, or it is not the token's to pause.
        ServerError: The Hub refused, as it does for static Spaces.
        RateLimited, ConnectError, ConnectionLost, Timeout: As `get` does. After the last two it may
            have been paused.
    """
    return _change_runtime(name, token, "paused", "pause")


def restart(
    name: str | Space, factory_reboot: bool = False, *, token: str | bool | None = None
) -> Space:
    """Restart a Space, whatever it is doing; on hardware that costs money, that begins then.

    Args:
        name: Its name, the address of its page, or the Space.
        factory_reboot: Whether to build it anew, without anything that was kept of the last time.
        token: As for `get`.

    Returns:
        The Space as the Hub described it then; `wait` tells when it runs.

    Raises:
        ValueError, SpaceError, AuthenticationError, ServerError, RateLimited, ConnectError,
        ConnectionLost, Timeout: As `pause` does.
    """
    query = "?factory=true" if factory_reboot else ""
    return _change_runtime(name, token, "restarted", f"restart{query}")


def request_hardware(
    name: str | Space,
    hardware: str,
    sleep_time: int | None = None,
    *,
    token: str | bool | None = None,
) -> Space:
    """Ask for other hardware for a Space, which restarts on it.

    Args:
        name: Its name, the address of its page, or the Space.
        hardware: What it shall run on, such as ``"t4-small"``, or ``"cpu-basic"``.
        sleep_time: Seconds without a visit after which it goes to sleep, and costs nothing; -1 for
            never. On ``"cpu-basic"`` that is the Hub's to say.
        token: As for `get`.

    Returns:
        The Space as the Hub described it then: ``runtime.hardware.requested`` is what was asked
        for, ``current`` what it still runs on.

    Raises:
        ValueError, SpaceError, AuthenticationError, ServerError, RateLimited, ConnectError,
        ConnectionLost, Timeout: As `pause` does; a `gradioproxy.ServerError` also for hardware that
            the Hub does not know.
    """
    body: dict[str, Any] = {"flavor": hardware}
    if sleep_time is not None:
        body["sleepTimeSeconds"] = sleep_time
    return _change_runtime(name, token, "moved to other hardware", "hardware", Content(body))


def secrets(name: str | Space, *, token: str | bool | None = None) -> Record:
    """Return which secrets a Space has; their values are never told.

    Args:
        name: Its name, the address of its page, or the Space.
        token: As for `get`.

    Returns:
        By name what the Hub says of each, such as ``description`` and ``updatedAt``.

    Raises:
        ValueError, SpaceError, AuthenticationError, ServerError, RateLimited, ConnectError,
        ConnectionLost, Timeout: As `pause` does.
    """
    known = parse_name(name)
    with _open_to_change(name, token, "asked for its secrets") as hub:
        path = f"/api/spaces/{known}/secrets"
        return hub.get_record(path, f"which secrets the Space {known!r} has")


def set_secret(
    name: str | Space,
    key: str,
    value: str,
    *,
    description: str | None = None,
    token: str | bool | None = None,
) -> None:
    """Give a Space a secret, or an existing one another value; it restarts with it.

    Args:
        name: Its name, the address of its page, or the Space.
        key: The secret's name, which its program has it by among the variables of the environment.
        value: The secret, which nobody is told again.
        description: What it is for.
        token: As for `get`.

    Raises:
        TypeError: The value is no text.
        ValueError, SpaceError, AuthenticationError, ServerError, RateLimited, ConnectError,
        ConnectionLost, Timeout: As `pause` does; none of them has the value.
    """
    about = {} if description is None else {"description": description}
    content = Content({"key": key, **about}, [value])
    content.add("value", value)
    del value  # so that no traceback has it
    _change_secrets("POST", name, token, content)


def delete_secret(name: str | Space, key: str, *, token: str | bool | None = None) -> None:
    """Take a secret away from a Space, which restarts without it.

    Args:
        name: Its name, the address of its page, or the Space.
        key: The secret's name.
        token: As for `get`.

    Raises:
        ValueError, SpaceError, AuthenticationError, ServerError, RateLimited, ConnectError,
        ConnectionLost, Timeout: As `pause` does.
    """
    _change_secrets("DELETE", name, token, Content({"key": key}))


def quota(*, token: str | bool | None = None) -> Quota:
    """Return how much time on ZeroGPU, the Hub's shared GPUs, is left to the token's account.

    Args:
        token: As for `get`. One with chosen permissions needs that of reading billing usage.

    Returns:
        What the Hub says: ``remaining``, in seconds of GPU, ``resets_at``, and its own fields.

    Raises:
        AuthenticationError: There is no token, or it is wrong, or may not ask for that.
        RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As `get` does.
    """
    with _open_to_change(None, token, "told what is left of ZeroGPU") as hub:
        what = "what is left of ZeroGPU"
        found = Quota(hub.get_record("/api/spaces/zero-gpu/quota", what))
        if found.remaining is None:
            raise ServerError(f"The Hub does not say {what}.")
        return found


def _open_to_change(name: str | Space | None, token: str | bool | None, done: str) -> Hub:
    """Return the Hub, as somebody whom it knows.

    Raises:
        AuthenticationError: There is no token.
    """
    hub = open_hub(name, token)
    if not hub.token.value:
        what = "Nobody is" if name is None else "No Space is"
        raise missing_token_error(f"{what} {done} without a token.", hub.token)
    return hub


def _change_runtime(
    name: str | Space,
    token: str | bool | None,
    done: str,
    action: str,
    content: Content | None = None,
) -> Space:
    """Do something with a Space that it has another runtime after, and return it."""
    known = parse_name(name)
    with _open_to_change(name, token, done) as hub:
        found = fetch_space(hub, known)
        return with_runtime(found, hub.post(f"/api/spaces/{found['id']}/{action}", content))


def _change_secrets(
    method: str, name: str | Space, token: str | bool | None, content: Content
) -> None:
    known = parse_name(name)
    with _open_to_change(name, token, "given other secrets") as hub:
        hub.change(method, f"/api/spaces/{known}/secrets", content)


def _list_pairs(texts: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    if texts is None:
        return None
    for key in texts:
        if not isinstance(key, str):
            raise TypeError(f"the name of a secret or variable is a text, not {type(key).__name__}")
    return [{"key": key, "value": value} for key, value in texts.items()]


def _choose_target(hub: Hub, source: str, to: str | None) -> str:
    """Return the name of a copy with its owner.

    Raises:
        ValueError: It can be no name.
    """
    target = source.partition("/")[2] if to is None else to.strip()
    if not is_repository(target if "/" in target else f"owner/{target}"):
        raise ValueError(f"{one_line(to)!r} can't be the name of a Space: pass 'owner/name'.")
    return target if "/" in target else f"{fetch_owner(hub.token)['name']}/{target}"


def _exists_error(target: str, error: ServerError) -> SpaceError:
    return SpaceError(
        f"The Space {target!r} was not made, as there is one ({error.body or error.status}). to= "
        "takes another name; with exist_ok=True the one that is there is returned.",
        space=target,
    )
