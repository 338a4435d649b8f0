"""The public functions of `gradioproxy.hub`: each asks the Hub, none connects to an app."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Literal

from ..errors import ServerError
from ..progress_bar import show_wait
from ..text import one_line
from ..transport.url import is_repository
from .address import parse_space_name
from .failures import missing_token_error
from .locate import fetch_space, wake
from .records import Record, Space, get_name, with_runtime
from .rest import Hub, parse_endpoint, parse_repository
from .target import choose_token
from .tokens import ask_token, find_token, store_token
from .waiting import ANSWERING, ASLEEP, RUNNING, Deadline, wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .records import Results
    from .tokens import Token

_log = logging.getLogger("gradioproxy")


def get(
    endpoint: str,
    *,
    limit: int | None = None,
    token: str | bool | None = None,
    params: Mapping[str, Any] | None = None,
    **query: Any,
) -> Any:
    """Return what the Hub has at any endpoint of its API that is read with GET.

    The endpoints are listed at https://huggingface.co/spaces/huggingface/openapi.

    Args:
        endpoint: Which: ``"models"``, ``"/api/models"``, ``"models/owner/name"``, or a URL of the
            Hub's API.
        limit: How many items of a list to yield at most; pages beyond are not asked for.
        token: A token; ``False`` for none; by default that of ``HF_TOKEN`` or of the file where the
            tools of Hugging Face keep theirs.
        params: The query, for names that are options of this function too.
        **query: The query: a list gives a name several times, ``None`` leaves it out.

    Returns:
        A list as `Results`, an iterator of `Record`; an object as a `Record`; both are `Space`
        where they are descriptions of Spaces.

    Raises:
        ValueError: *endpoint* is none, or *limit* is below 1.
        AuthenticationError: The token is wrong, or does not permit this.
        RateLimited: Too many requests; ``retry_after`` is the number of seconds to wait.
        SpaceError: A Space is missing, private or gated.
        ServerError: Another answer that is none, such as one that is no JSON.
        ConnectError, ConnectionLost, Timeout: The Hub was not reached.
    """
    path, pasted = parse_endpoint(endpoint)
    asked = {**pasted, **query, **(params or {})}
    if limit is not None:
        asked.setdefault("limit", limit)  # no page is longer than what is wanted of it
    return Hub(token).fetch_list(path, asked, limit)


def models(
    *,
    search: str | None = None,
    author: str | None = None,
    limit: int | None = None,
    token: str | bool | None = None,
    **query: Any,
) -> Results:
    """Look for models; https://huggingface.co/docs/hub/api.

    Args:
        search: What their names contain.
        author: Whose they are.
        limit: How many to yield at most.
        token: As for `get`.
        **query: More of the query: ``filter``, ``sort``, ``full``, ``expand``, …

    Returns:
        An iterator of `Record`.

    Raises:
        AuthenticationError, RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As
            `get` does.
    """
    return _fetch_list("models", token, limit, {"search": search, "author": author, **query})


def model(name: str, *, token: str | bool | None = None, **query: Any) -> Record:
    """Return what the Hub says of a model.

    Args:
        name: Its name, ``owner/name``.
        token: As for `get`.
        **query: The query: ``expand``, ``blobs``, …

    Raises:
        ValueError: *name* can be none.
        ServerError: It is missing or private; the Hub does not say which.
        AuthenticationError: It is gated; or as `get` does.
        RateLimited, ConnectError, ConnectionLost, Timeout: As `get` does.
    """
    known = parse_repository(name, "model")
    with Hub(token) as hub:
        return hub.get_record(f"/api/models/{known}", f"what the model {known!r} is", query)


def spaces(
    *,
    search: str | None = None,
    author: str | None = None,
    mine: bool = False,
    limit: int | None = None,
    token: str | bool | None = None,
    **query: Any,
) -> Results:
    """Look for Spaces; https://huggingface.co/docs/hub/api.

    Args:
        search: What their names contain.
        author: Whose they are.
        mine: Whether to look for those of the token's own account, private ones included; this
            takes one more request.
        limit: How many to yield at most.
        token: As for `get`.
        **query: More of the query: ``filter``, ``sort``, ``full``, ``expand``, …

    Returns:
        An iterator of `Space`.

    Raises:
        TypeError: Both *author* and *mine* are given.
        AuthenticationError, RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As
            `get` does.
    """
    chosen: str | bool | Token | None = token
    if mine:
        if author is not None:
            raise TypeError("spaces() takes author= or mine=True, not both")
        chosen = find_token(token)
        author = fetch_owner(chosen)["name"]
    return _fetch_list("spaces", chosen, limit, {"search": search, "author": author, **query})


def space(name: str, *, token: str | bool | None = None, **query: Any) -> Space:
    """Return what the Hub says of a Space, to look at or to connect to.

    Args:
        name: Its name, ``owner/name``, or the address of its page.
        token: As for `get`; `gradioproxy.connect` uses it for this Space too, if it is given none.
        **query: The query: ``expand``, ``blobs``, …

    Raises:
        ValueError: *name* can be none.
        SpaceError: It is missing or private (the Hub does not say which), or gated.
        AuthenticationError, RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As
            `get` does.
    """
    with Hub(token) as hub:
        return fetch_space(hub, parse_name(name), **query)


def whoami(*, token: str | bool | None = None) -> Record:
    """Return whose token it is: ``name``, ``orgs``, ``auth`` and so on.

    Args:
        token: As for `get`.

    Raises:
        AuthenticationError: There is no token, or it is wrong.
        RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As `get` does.
    """
    return fetch_owner(find_token(token))


def set_token(token: str | None = None) -> Record:
    """Check a token, and keep it where the tools of Hugging Face keep theirs.

    It is stored in the file that ``HF_TOKEN_PATH`` names, or ``token`` in the folder ``HF_HOME``
    (``~/.cache/huggingface``), and among the named tokens beside it, readable by nobody else.

    Args:
        token: The token; without one it is asked for, on a terminal or in a notebook, and not shown
            while it is typed.

    Returns:
        Whose it is, as `whoami` does.

    Raises:
        AuthenticationError: It is wrong, or there is nobody to ask for it; nothing was stored.
        OSError: It can't be stored: `gradioproxy.FileNotSaved` where the disk is full, or there is
            no home folder.
        RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As `get` does.
    """
    if token is not None and (not isinstance(token, str) or not token.strip()):
        raise TypeError("set_token() takes a token, which is not empty")
    checked = find_token(ask_token() if token is None else token)
    owner = fetch_owner(checked)
    auth = owner.get("auth")
    access = auth.get("accessToken") if isinstance(auth, dict) else None
    name = access.get("displayName") if isinstance(access, dict) else None
    store_token(str(checked.value), str(name or f"token-{owner['name']}"))
    if os.environ.get("HF_TOKEN"):
        _log.warning("The token was stored, but HF_TOKEN is set and goes before it.")
    return owner


def start(name: str | Space, *, restart: bool = False, token: str | bool | None = None) -> Space:
    """Start a Space that does not run: one that is asleep for everybody, others for their owner.

    A Space that is asleep is woken by a visit. One that is paused or has failed is restarted, which
    the Hub permits to its owner. One that runs or is about to is left alone.

    Args:
        name: Its name, the address of its page, or the Space.
        restart: Whether to restart it whatever it is doing.
        token: As for `get`.

    Returns:
        The Space as the Hub described it then; `wait` tells when it runs.

    Raises:
        SpaceError: It is missing or private.
        AuthenticationError: It is not the token's to restart.
        RateLimited, ServerError, ConnectError, ConnectionLost, Timeout: As `get` does. After the
            last two it may have been restarted.
    """
    from ..transport.credentials import Access  # late, as in `rest`

    with open_hub(name, token) as hub:
        found = fetch_space(hub, parse_name(name))
        if found.stage in ASLEEP and not restart:
            wake(hub, found, Access(token=hub.token.value, token_source=hub.token.source))
            return found
        if not restart and found.stage in _UNDER_WAY:
            return found
        runtime = hub.post(f"/api/spaces/{found['id']}/restart")
        return with_runtime(found, runtime)


def wait(
    name: str | Space,
    *,
    timeout: float | None = 300,
    token: str | bool | None = None,
    progress: bool | Literal["auto"] = "auto",
) -> Space:
    """Wait until a Space runs, and show what it is doing meanwhile.

    The Hub is asked again and again, ever more seldom: it has no way to say by itself that
    something has changed. While it is busy, fails or can't be reached, the wait goes on. A Space
    that is asleep is waited for as well: see `start`.

    Args:
        name: Its name, the address of its page, or the Space.
        timeout: Seconds to wait at most; ``None`` for any number.
        token: As for `get`.
        progress: Whether to show a bar: ``"auto"`` on terminals and in notebooks.

    Returns:
        The Space, which runs, and builds no further version.

    Raises:
        SpaceError: It is missing or private, or paused, or has failed.
        Timeout: It does not run yet.
        AuthenticationError, RateLimited, ServerError, ConnectError, ConnectionLost: As `get` does.
    """
    with open_hub(name, token) as hub, show_wait(progress) as show:
        deadline = Deadline(timeout, "timeout")
        return wait_for(
            hub, fetch_space(hub, parse_name(name)), frozenset({RUNNING}), deadline, show
        )


# What runs by itself sooner or later.
_UNDER_WAY = ANSWERING | {"BUILDING", "APP_STARTING"}


def _fetch_list(kind: str, token: Any, limit: int | None, query: dict[str, Any]) -> Results:
    if limit is not None:
        query.setdefault("limit", limit)
    found: Results = Hub(token).fetch_list(f"/api/{kind}", query, limit)
    return found


def open_hub(name: str | Space | None, token: str | bool | None) -> Hub:
    """Return the Hub as it is asked about a Space, or about none: with the Space's own token."""
    return Hub(find_token(token) if name is None else choose_token(name, token))


def parse_name(name: str | Space) -> str:
    """Return the name of the Space that is meant."""
    if isinstance(name, Space):
        return get_name(name)
    found = name.strip() if is_repository(name.strip()) else parse_space_name(name)
    if found is None:
        raise ValueError(f"{one_line(name)!r} can't be the name of a Space: pass 'owner/name'.")
    return found


def fetch_owner(token: Token) -> Record:
    """Return whose token it is; raises what `whoami` does."""
    if not token.value:
        raise missing_token_error("Whose token it is can't be asked without one.", token)
    whose = "whose token it is"
    with Hub(token) as hub:
        owner = hub.get_record("/api/whoami-v2", whose)
    name = owner.get("name")
    if not isinstance(name, str) or not is_repository(f"{name}/name"):
        raise ServerError(f"The Hub does not say {whose}.")
    return owner
