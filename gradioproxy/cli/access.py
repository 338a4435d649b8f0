"""The options that every command has: how an app is reached, and as whom."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any

import click

from ..errors import GradioProxyError, UnknownEndpoint
from ..options import check_session_hash
from .asking import ask_at_terminal
from .input import Input
from .known import complete_endpoints, find_app, keep_description

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from click.shell_completion import CompletionItem

    from ..client.session import Session
    from ..functions.function import Function
    from ..schema.endpoint import App


CONNECTING = (
    *("token", "auth", "header", "timeout", "call_timeout", "cache"),
    *("oauth_token", "session_hash"),
)
"""The names of the options by which an app is reached."""

OAUTH_VARIABLE = "GRADIOPROXY_OAUTH_TOKEN"
"""The variable of the environment that has the token of ``--oauth-token``."""


class AccessOption(click.Option):
    """An option that several commands in a row can be given: the last one counts."""


def normalize_option(name: str) -> str:
    """Return an option as it is listed: behind an app, it may be written as in Python."""
    return name.replace("_", "-")


def parse_seconds(text: str) -> float:
    """Return a text as a number of seconds that can be waited for.

    Raises:
        click.BadParameter: It is none.
    """
    with contextlib.suppress(ValueError):
        if 0 < (number := float(text)) <= threading.TIMEOUT_MAX:
            return number
    raise click.BadParameter(f"{text!r} is no number of seconds above 0")


def build_access_options(*, calls: bool = False, cached: bool = True) -> list[click.Option]:
    """Return options for a command that reaches an app.

    Args:
        calls: Whether it makes calls, too.
        cached: Whether what is kept of the app does for it.
    """
    kept = AccessOption(
        ["--cache"],
        is_flag=True,
        help="Take what is kept of the app, if it was used before and is still the same.",
    )
    timed = [("--timeout", "How long to wait for a connection, and for an ordinary answer.")]
    if calls:
        timed.append(("--call-timeout", "How long the whole call may take; it is cancelled then."))
    return [
        AccessOption(["--token"], metavar="TOKEN", help="A Hugging Face token to send to the app."),
        AccessOption(
            ["--auth"],
            metavar="USER[:PASSWORD]",
            help="The app's own login; without a password, it is asked for.",
        ),
        AccessOption(
            ["--header"],
            metavar="'NAME: VALUE'",
            multiple=True,
            help="One more header to send to the app; can be repeated.",
        ),
        *(
            AccessOption([name], metavar="SECONDS", type=parse_seconds, help=about)
            for name, about in timed
        ),
        *([kept] if cached else []),
        AccessOption(["--debug"], is_flag=True, help="Show where an error comes from."),
    ]


def build_call_options() -> list[click.Option]:
    """Return options for a command that makes a call."""
    return [
        *build_session_options(),
        AccessOption(
            ["--event-data"],
            metavar="JSON",
            help="What an event of the page would bring; @FILE and - as for arguments.",
        ),
        AccessOption(
            ["--trigger-id"],
            metavar="NUMBER",
            type=int,
            help="The number of the component whose event it is.",
        ),
        AccessOption(
            ["--json-args"],
            metavar="JSON",
            help="Arguments by name as a JSON object, or by place as a list; @FILE and - as above.",
        ),
        AccessOption(
            ["--stream"], is_flag=True, help="Print each partial result as it comes, too."
        ),
        AccessOption(
            ["-o", "--output"],
            metavar="PATH",
            help="Where files go: a path for one, a folder for several, - for standard output.",
        ),
        AccessOption(["--json"], is_flag=True, help="Print results as JSON, with paths for files."),
    ]


def build_session_options() -> list[click.Option]:
    """Return options for a command that makes calls in a session."""
    return [
        *build_access_options(calls=True),
        AccessOption(
            ["--oauth-token"],
            is_flag=True,
            help="Give a function that asks for one a Hugging Face token to act for you: that of "
            f"{OAUTH_VARIABLE}, or one that is asked for.",
        ),
        AccessOption(
            ["--session-hash"],
            metavar="HASH",
            help="Call in a session that was begun elsewhere, by its hash; @FILE reads it.",
        ),
    ]


def collect_given(context: click.Context) -> dict[str, Any]:
    """Return the options that were given to a command, or to one before it.

    Args:
        context: The command's.

    Returns:
        The value of each `AccessOption` that any of the commands has; headers of all of them.
    """
    found: dict[str, Any] = {}
    for level in _walk_levels(context):
        for option in level.command.params:
            if not isinstance(option, AccessOption) or option.name is None:
                continue
            given = level.params.get(option.name)
            before = found.get(option.name)
            if option.multiple:
                given = (*(before or ()), *(given or ()))
            is_given = given or type(given) is int  # a component can have the number 0
            found[option.name] = given if is_given else before
    return found


def build_connect_options(context: click.Context, behind: Sequence[str] = ()) -> dict[str, Any]:
    """Return the options of `connect` that were given to a command, or to one before it.

    Args:
        context: The command's.
        behind: What follows the command. It is not known what all of it means before there is a
            connection; these options mean the same everywhere.

    Raises:
        click.UsageError: A login, a header or a session's hash is none.
    """
    given = collect_ahead(context, behind)
    ask = not context.resilient_parsing
    kept = ("token", "auth", "timeout", "call_timeout")
    found = {name: given[name] for name in kept if given.get(name) is not None}
    if given.get("cache"):
        found["cache"] = True
    if "auth" in found:
        found["auth"] = _parse_login(found["auth"], ask=ask)
    if given.get("header"):
        found["headers"] = dict(map(_parse_header, given["header"]))
    if given.get("session_hash"):
        found["session_hash"] = _parse_session_hash(given["session_hash"])
    if given.get("oauth_token") and ask:
        found["oauth_token"] = _find_oauth_token()
    return found


def collect_ahead(context: click.Context, behind: Sequence[str]) -> dict[str, Any]:
    """Return what `collect_given` does, with the options of `connect` among what follows."""
    with _read_ahead(context, behind) as ahead:
        return collect_given(ahead)


def wants_debug(arguments: list[str]) -> bool:
    """Tell whether tracebacks are wanted, before it is known what the arguments mean."""
    return "--debug" in arguments


def open_session(
    source: str, context: click.Context, behind: Sequence[str] = (), **more: Any
) -> Session:
    """Connect to an app, for as long as a command runs.

    Args:
        source: The app's address or Space.
        context: The command's.
        behind: What follows the command.
        **more: What `connect` takes besides.

    Returns:
        The session, which is closed with the context.

    Raises:
        GradioProxyError: As `connect` does.
    """
    from ..client.connect import connect  # late: help and mistakes need no app

    options = build_connect_options(context, behind)
    session = connect(source, **options, **more)
    context.call_on_close(session.close)
    if "cache" in options:
        # What is judged by the description has to be judged by the present one; without a network,
        # there is only the one that was kept.
        with contextlib.suppress(GradioProxyError):
            session.__connection__.engine.refresh_if_restarted()
    keep_description(source, options, session)
    return session


def find_known_app(source: str, context: click.Context, behind: Sequence[str] = ()) -> App | None:
    """Return what is known of an app without a request, for a shell that completes.

    Args:
        source: The app's address or Space.
        context: The command's.
        behind: What follows the command.
    """
    try:
        return find_app(source, build_connect_options(context, behind))
    except click.UsageError:
        return None


def complete_endpoint(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the ENDPOINT behind a SRC, as click asks for it."""
    return complete_endpoints(
        find_known_app(context.params.get("source") or "", context), incomplete
    )


def find_function(session: Session, endpoint: str) -> Function:
    """Return a function by the name of its endpoint, its name in Python, or its number.

    Args:
        session: The session.
        endpoint: Such as ``/predict``, ``predict`` or ``3``.

    Raises:
        UnknownEndpoint: There is none; the nearest names are said.
    """
    if endpoint.isascii() and endpoint.isdigit():
        return session[int(endpoint)]
    try:
        return session[endpoint]
    except UnknownEndpoint:
        if endpoint not in dir(session.functions):
            raise
    found: Function = getattr(session.functions, endpoint)
    return found


def _read_ahead(context: click.Context, words: Sequence[str]) -> click.Context:
    """Return a context behind a command's that has the options among some words."""
    options: list[click.Parameter] = [
        one
        for one in context.command.params
        if isinstance(one, AccessOption) and one.name in CONNECTING
    ]
    reader = click.Command(
        None,
        params=options,
        add_help_option=False,
        context_settings={
            "ignore_unknown_options": True,
            "allow_extra_args": True,
            "token_normalize_func": normalize_option,
        },
    )
    return reader.make_context(context.info_name, [*words], parent=context)


def _walk_levels(context: click.Context) -> Iterator[click.Context]:
    """Yield a context and those around it, the outermost first."""
    if context.parent is not None:
        yield from _walk_levels(context.parent)
    yield context


def _parse_login(text: str, *, ask: bool) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not user:
        raise click.UsageError("--auth takes USER:PASSWORD, or USER alone")
    if not colon and ask:
        password = ask_at_terminal(f"Password of {user}", "--auth takes USER:PASSWORD")
    return user, password


def _find_oauth_token() -> str:
    """Return the token of ``--oauth-token``, which no list of processes is to have."""
    return os.environ.get(OAUTH_VARIABLE, "").strip() or ask_at_terminal(
        "OAuth token", f"--oauth-token takes what {OAUTH_VARIABLE} has"
    )


def _parse_session_hash(text: str) -> str:
    if text.startswith("@"):
        text = Input().read_text(text, "--session-hash").strip()
    try:
        check_session_hash(text)
    except ValueError as error:
        raise click.UsageError(f"--session-hash: {error}") from error
    return text


def _parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # Not what was given: it may be a secret.
        raise click.UsageError("--header takes 'NAME: VALUE'")
    return name.strip(), value.strip()
