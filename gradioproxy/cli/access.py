"""The options that every command has: how an app is reached, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import UnknownEndpoint
from ..text import one_line
from .known import keep_description

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..client.session import Session
    from ..functions.function import Function


class AccessOption(click.Option):
    """An option that several commands in a row can be given: the last one counts."""


def build_access_options(*, calls: bool = False) -> list[click.Option]:
    """Return options for a command that reaches an app.

    Args:
        calls: Whether it makes calls, too.
    """
    options = [
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
        AccessOption(
            ["--timeout"],
            metavar="SECONDS",
            type=click.FloatRange(min=0, min_open=True),
            help="How long to wait for a connection, and for an ordinary answer.",
        ),
    ]
    if calls:
        options.append(
            AccessOption(
                ["--call-timeout"],
                metavar="SECONDS",
                type=click.FloatRange(min=0, min_open=True),
                help="How long the whole call may take; it is cancelled then.",
            )
        )
    cache = AccessOption(
        ["--cache"],
        is_flag=True,
        help="Take what is kept of the app, if it was used before; a call finds out if it changed.",
    )
    debug = AccessOption(["--debug"], is_flag=True, help="Show where an error comes from.")
    return [*options, cache, debug]


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
            found[option.name] = given or before
    return found


def build_connect_options(context: click.Context, behind: Sequence[str] = ()) -> dict[str, Any]:
    """Return the options of `connect` that were given to a command, or to one before it.

    Args:
        context: The command's.
        behind: What follows the command. It is not known what all of it means before there is a
            connection; these options mean the same everywhere.

    Raises:
        click.UsageError: A login or a header is none.
    """
    with _read_ahead(context, behind) as ahead:
        given = collect_given(ahead)
    kept = ("token", "auth", "timeout", "call_timeout")
    found = {name: given[name] for name in kept if given.get(name) is not None}
    if given.get("cache"):
        found["cache"] = True
    if "auth" in found:
        found["auth"] = _parse_login(found["auth"], ask=not context.resilient_parsing)
    if given.get("header"):
        found["headers"] = dict(map(_parse_header, given["header"]))
    return found


def wants_debug(arguments: list[str]) -> bool:
    """Tell whether tracebacks are wanted, before it is known what the arguments mean."""
    return "--debug" in arguments


def open_session(
    source: str, context: click.Context, behind: Sequence[str] = (), *, anew: bool = False
) -> Session:
    """Connect to an app, for as long as a command runs.

    Args:
        source: The app's address or Space.
        context: The command's.
        behind: What follows the command.
        anew: Whether a shell that completes shall know the app as it is now.

    Returns:
        The session, which is closed with the context.

    Raises:
        GradioProxyError: As `connect` does.
    """
    from ..client.connect import connect  # late: help and mistakes need no app

    options = build_connect_options(context, behind)
    session = connect(source, **options)
    context.call_on_close(session.close)
    if "cache" not in options:
        keep_description(source, options, session, anew=anew)
    return session


def name_source(source: str) -> str:
    """Return an app's address as it may be shown: without the login before its host."""
    return one_line(source.rpartition("@")[2], 200)


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
        one for one in context.command.params if isinstance(one, AccessOption)
    ]
    reader = click.Command(
        None,
        params=options,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
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
        password = click.prompt(f"Password of {user}", hide_input=True, err=True)
    return user, password


def _parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # Not what was given: it may be a secret.
        raise click.UsageError("--header takes 'NAME: VALUE'")
    return name.strip(), value.strip()
