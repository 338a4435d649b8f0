"""Opening a session.

What reads descriptions, and what sessions are made of, is loaded on another thread while the app
describes itself, which takes about as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..limits import DEFAULT_LIMITS
from ..loading import loading
from ..options import CallOptions, SessionOptions, WakePolicy
from ..transport.credentials import Access, parse_hosts
from ..transport.interception import find_interceptor
from .open import AskedApp

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping

    from ..hub.records import Space
    from ..limits import Limits
    from ..options import DocstringStyle, JobsPolicy
    from .open import Source
    from .session import Session


def connect(
    src: str | Space,
    *,
    name: str | None = None,
    replace: bool = False,
    token: str | bool | None = None,
    auth: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    verify: bool | str | None = None,
    proxies: Mapping[str, str] | None = None,
    timeout: float = 30,
    idle_timeout: float = 60,
    call_timeout: float | None = None,
    wake_timeout: float | None = 300,
    validate: bool = True,
    progress: bool | Literal["auto"] = "auto",
    download_dir: str | os.PathLike[str] | None = None,
    docstring_style: DocstringStyle = "google",
    unnamed: bool | None = None,
    streams: int = 8,
    max_jobs: int = 1000,
    max_jobs_policy: JobsPolicy = "forget",
    isolate: bool | Literal["auto"] = "auto",
    session_hash: str | None = None,
    oauth_token: str | None = None,
    file_hosts: Collection[str] = (),
    limits: Limits | None = None,
    cache: bool = False,
    lock: str | os.PathLike[str] | None = None,
) -> Session:
    """Open a session with a Gradio app.

    Args:
        src: The app's address: a URL, with or without a scheme; or a Space: its name
            (``"owner/space"``), the address of its page, or what `hub.space` returned. What a URL
            has behind the question mark goes along with calls, as from the page, whole
            (``gr.Request.query_params``), and is shown nowhere.
        name: What to call the session; by default its host and port.
        replace: Whether to close an open session of that name.
        token: A Hugging Face token to send to the app; ``False`` for none. By default a Space gets
            the one that it was asked for with, that of ``HF_TOKEN``, or that of the file where the
            tools of Hugging Face keep theirs; an app at any other address gets none.
        auth: User and password of the app's own login.
        headers: More headers to send to the app.
        verify: Whether to check certificates, or the path of a CA bundle.
        proxies: Proxies by scheme, instead of those of the environment.
        timeout: Seconds to wait for a connection, and for an ordinary answer.
        idle_timeout: Seconds of silence after which a server that sends heartbeats counts as gone;
            45 at least.
        call_timeout: Seconds that a call may take in all; it is cancelled then.
        wake_timeout: Seconds to wait for a Space that is asleep, which is woken, or that is being
            built; ``None`` for any number, 0 for not at all.
        validate: Whether choices, types and limits are checked before anything is sent.
        progress: Whether calls show a bar: ``"auto"`` on terminals and in notebooks.
        download_dir: Where files go that the app sends; by default a private temporary folder.
        docstring_style: ``google``, ``numpydoc``, ``rest`` or ``epydoc``.
        unnamed: Whether to list functions without a name; by default if there are no others.
        streams: How many streams, and threads to read them, there may be at once; also how many
            calls past the queue.
        max_jobs: How many calls the session remembers.
        max_jobs_policy: What to do beyond: ``forget`` the oldest that is finished, ``warn`` or
            ``error``.
        isolate: Under which session hash a call goes, by which the app knows its visitors. By
            default a session is to the app what a browser's tab is: calls that come one after the
            other share one hash, `Session.session_hash`; those that overlap get others, unless the
            app keeps a state. ``True`` gives each call a hash of its own, ``False`` all of them the
            session's.
        session_hash: The hash that calls go under first, of a session that was begun elsewhere: in
            a browser's tab, or as another session's `Session.session_hash`. What the app keeps for
            that one, it keeps for this. It is not told when this one ends. Use it while nothing
            else runs under the hash: the results of calls would be shared out among both.
        oauth_token: A Hugging Face token for functions that ask for one to act for you
            (``gr.OAuthToken``, from Gradio 6.21 on), as their docstrings say. It goes with calls of
            these functions, to the app's own address, and nowhere else; the app's author can do
            with it whatever it allows.
        file_hosts: Hosts to which the app's files and redirections may lead although they are
            nearer to this machine than the app: by default an app on the internet leads into no
            private network, and no app to where clouds keep credentials.
        limits: How much of what the server sends is taken in, by default `Limits` as it is.
        cache: Whether the app's description is kept for other processes of yours, so that it is
            here at once, and without a network, when it was kept before. The first call then finds
            out whether the app is still that one; where the called function is another one now, it
            is a `SchemaChanged`.
        lock: The path of the app's contract, which ``gradioproxy lock`` writes. An app that breaks
            it is refused, here, when it is described anew, and when it was restarted: one without a
            function or a parameter that there was, or that takes less or returns something else.
            What it has besides does no harm, nor does another address. A session that is
            unpickled has no lock.

    Returns:
        The session.

    Raises:
        NotGradio: There is no Gradio app, or *src* is no address.
        AuthenticationError: The app wants a login, or refused the one that it got; or the Hub
            refused the token.
        SpaceError: The Space is missing or private, paused, broken, or no Gradio app.
        RateLimited: The Hub takes no more requests for now.
        ConnectError, ConnectionLost, Timeout: It was not reached.
        ServerError: The server, or a proxy before it, failed.
        SchemaError: The app's description can't be understood.
        TooLarge: It is over one of the *limits*.
        SessionExists: A session of that name is open.
        SchemaChanged: The app breaks the *lock*; each way in which it does has a line.
        MissingFile: There is no such *lock*. One that can't be read is a `SchemaError`. Nothing was
            sent then.
    """
    opening = read_options(
        auth=auth,
        headers=headers,
        verify=verify,
        proxies=proxies,
        timeout=timeout,
        idle_timeout=idle_timeout,
        call_timeout=call_timeout,
        wake_timeout=wake_timeout,
        validate=validate,
        progress=progress,
        download_dir=download_dir,
        docstring_style=docstring_style,
        unnamed=unnamed,
        streams=streams,
        max_jobs=max_jobs,
        max_jobs_policy=max_jobs_policy,
        isolate=isolate,
        session_hash=session_hash,
        oauth_token=oauth_token,
        file_hosts=file_hosts,
        limits=limits,
    )
    named = AskedApp(src, token, opening.access, opening.waking)
    with loading("gradioproxy.schema.parse", f"{__package__}.make_session"):
        source = add_layers(named, lock, unnamed, cache=cache)
        # Twice the streams: each may have a post beside it.
        opened = source.open(2 * streams)
    from .make_session import make_session  # late: see above

    return make_session(
        *opened, opening.options, opening.call_options, name, replace=replace, source=source
    )


class Opening(NamedTuple):
    """How a session is opened, whatever the app is."""

    access: Access
    waking: WakePolicy
    options: SessionOptions
    call_options: CallOptions


def read_options(
    *,
    auth: tuple[str, str] | None,
    headers: Mapping[str, str] | None,
    verify: bool | str | None,
    proxies: Mapping[str, str] | None,
    timeout: float,
    call_timeout: float | None,
    wake_timeout: float | None,
    validate: bool,
    progress: bool | Literal["auto"],
    oauth_token: str | None,
    file_hosts: Collection[str],
    limits: Limits | None,
    **of_session: Any,
) -> Opening:
    """Return how a session is opened with the options of `connect`.

    Raises:
        TypeError, ValueError: One of them can't be so.
    """
    access = Access(
        auth=auth,
        headers=dict(headers or {}),
        verify=verify,
        proxies=proxies,
        timeout=timeout,
        file_hosts=parse_hosts(file_hosts),
        limits=limits or DEFAULT_LIMITS,
        oauth_token=oauth_token,
    )
    call_options = CallOptions(call_timeout=call_timeout, progress=progress, validate=validate)
    options = SessionOptions(**of_session)
    return Opening(access, WakePolicy(wake_timeout, progress), options, call_options)


def add_layers(
    app: AskedApp, lock: str | os.PathLike[str] | None, unnamed: bool | None, *, cache: bool
) -> Source:
    """Return an app as it is kept, and held to its lock."""
    held = None
    if lock is not None:
        from .contract.lock import LockedApp, read_lock  # late: few scripts have one

        held = read_lock(lock, unnamed)  # first of all, as nothing is done without it
    source: Source = app
    # What is recorded, replayed or faked is no app that others are to know, nor one that is known.
    if cache and find_interceptor() is None:
        from .cached import CachedApp  # late: few scripts keep what they know

        source = CachedApp(app)
    return source if held is None else LockedApp(source, held)
