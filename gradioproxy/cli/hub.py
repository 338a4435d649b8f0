"""``gradioproxy hub``: the Hub's Spaces and models, what Spaces run on, and whose token it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..text import one_line
from ..values.simplify import write_json
from .access import AccessOption, collect_given
from .asking import ask_secret
from .output import print_text, render_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..hub.records import Record

_EPILOG = """\b
Examples:
  gradioproxy hub spaces whisper --limit 5
  gradioproxy hub space owner/space --json | jq .runtime.stage
  gradioproxy hub start owner/space && gradioproxy hub wait owner/space
  gradioproxy hub duplicate owner/space && gradioproxy hub wait me/space
  gradioproxy hub login
"""
_LIMIT = 20
# What is shown of a Space or a model; --json has all.
_FIELDS = (
    *("id", "author", "sdk", "pipeline_tag", "likes", "downloads", "private", "gated"),
    *("createdAt", "lastModified"),
)


def _build_options() -> list[click.Option]:
    return [
        AccessOption(
            ["--token"],
            metavar="TOKEN",
            help="A Hugging Face token, instead of the one that is kept on this machine.",
        ),
        AccessOption(["--json"], is_flag=True, help="Print all that the Hub says, as JSON."),
        AccessOption(["--debug"], is_flag=True, help="Show where an error comes from."),
    ]


@click.group(
    name="hub",
    epilog=_EPILOG,
    params=_build_options(),
    short_help="Look for Spaces and models, start Spaces, log in.",
)
def command(**_: object) -> None:
    """Ask the Hub of Hugging Face: for Spaces and models, and whose token it is; manage Spaces."""


def _add_command(
    name: str, short: str, example: str, *params: click.Parameter
) -> Callable[[Callable[..., None]], None]:
    """Return a decorator that makes a function one of the commands."""

    def add(callback: Callable[..., None]) -> None:
        def run(**_: object) -> None:
            context = click.get_current_context()
            given = collect_given(context)
            own = {one.name: context.params[one.name] for one in params if one.name}
            callback(given["token"], as_json=given["json"], **own)

        command.add_command(
            click.Command(
                name,
                callback=run,
                params=[*params, *_build_options()],
                help=callback.__doc__,
                short_help=short,
                epilog=f"\b\nExample:\n  gradioproxy hub {example}",
            )
        )

    return add


_SEARCH = click.Argument(["search"], required=False, metavar="[TEXT]")
_NAME = click.Argument(["name"], metavar="OWNER/NAME")
_AUTHOR = click.Option(["--author"], metavar="NAME", help="Whose they are.")
_MOST = click.Option(
    ["--limit"],
    type=click.IntRange(min=1),
    default=_LIMIT,
    metavar="N",
    help=f"How many to list at most; {_LIMIT} by default.",
)


@_add_command(
    "spaces",
    "Look for Spaces.",
    "spaces whisper --limit 5",
    _SEARCH,
    _AUTHOR,
    click.Option(["--mine"], is_flag=True, help="Only those of the token's own account."),
    _MOST,
)
def _list_spaces(
    token: str | None,
    *,
    as_json: bool,
    search: str | None,
    author: str | None,
    mine: bool,
    limit: int,
) -> None:
    """List Spaces, those with TEXT in their names."""
    from .. import hub  # late, as in all of these: help needs no Hub

    found = hub.spaces(search=search, author=author, mine=mine, limit=limit, token=token)
    _print_list(found, as_json=as_json)


@_add_command("models", "Look for models.", "models whisper --limit 5", _SEARCH, _AUTHOR, _MOST)
def _list_models(
    token: str | None, *, as_json: bool, search: str | None, author: str | None, limit: int
) -> None:
    """List models, those with TEXT in their names."""
    from .. import hub

    found = hub.models(search=search, author=author, limit=limit, token=token)
    _print_list(found, as_json=as_json)


@_add_command("space", "What the Hub says of a Space.", "space owner/space", _NAME)
def _show_space(token: str | None, *, as_json: bool, name: str) -> None:
    """Show what the Hub says of a Space."""
    from .. import hub

    _print_space(hub.space(name, token=token), as_json=as_json)


@_add_command("model", "What the Hub says of a model.", "model owner/model", _NAME)
def _show_model(token: str | None, *, as_json: bool, name: str) -> None:
    """Show what the Hub says of a model."""
    from .. import hub

    record = hub.model(name, token=token)
    _print_record(record, {key: record[key] for key in _FIELDS if key in record}, as_json=as_json)


@_add_command(
    "start",
    "Start a Space that does not run.",
    "start owner/space",
    _NAME,
    click.Option(["--restart"], is_flag=True, help="Restart it whatever it is doing."),
)
def _start_space(token: str | None, *, as_json: bool, name: str, restart: bool) -> None:
    """Start a Space: wake one that is asleep, restart one that is paused or failed."""
    from .. import hub

    _print_space(hub.start(name, restart=restart, token=token), as_json=as_json)


@_add_command(
    "wait",
    "Wait until a Space runs.",
    "wait owner/space --timeout 600",
    _NAME,
    click.Option(
        ["--timeout"],
        type=click.FloatRange(min=0),
        default=300.0,
        metavar="SECONDS",
        help="How long to wait at most; 300 by default.",
    ),
)
def _wait_for_space(token: str | None, *, as_json: bool, name: str, timeout: float) -> None:
    """Wait until a Space runs, and show what it is doing meanwhile."""
    from .. import hub

    _print_space(hub.wait(name, timeout=timeout, token=token), as_json=as_json)


_SLEEP_TIME = click.Option(
    ["--sleep-time"],
    type=int,
    metavar="SECONDS",
    help="After how long without a visit it goes to sleep; -1 for never.",
)


@_add_command(
    "duplicate",
    "Copy a Space.",
    "duplicate owner/space --hardware t4-small --sleep-time 300",
    _NAME,
    click.Argument(["to"], required=False, metavar="[TO]"),
    click.Option(["--public"], is_flag=True, help="Let everybody see it."),
    click.Option(
        ["--hardware"], metavar="NAME", help="What it runs on; by default the Hub's choice."
    ),
    _SLEEP_TIME,
    click.Option(
        ["--secret", "secrets"],
        multiple=True,
        metavar="NAME",
        help="Give it a secret: the value of the environment's variable NAME. Repeatable.",
    ),
    click.Option(
        ["--variable", "variables"],
        multiple=True,
        metavar="NAME=VALUE",
        help="Give it a variable, which everybody may see. Repeatable.",
    ),
    click.Option(["--exist-ok"], is_flag=True, help="Take one that is there already as it is."),
)
def _copy_space(
    token: str | None,
    *,
    as_json: bool,
    name: str,
    public: bool,
    secrets: tuple[str, ...],
    variables: tuple[str, ...],
    **options: Any,
) -> None:
    """Copy a Space, to TO or to the same name in the account of the token, for its owner alone."""
    from .. import hub

    missing = [key for key in secrets if key not in os.environ]
    if missing:
        raise click.UsageError(f"There is no variable {missing[0]!r} in the environment.")
    pairs = [text.partition("=") for text in variables]
    if not all(sign for _, sign, _ in pairs):
        raise click.UsageError("--variable takes NAME=VALUE.")
    copy = hub.duplicate(
        name,
        private=not public,
        secrets={key: os.environ[key] for key in secrets} or None,
        variables={key: value for key, _, value in pairs} or None,
        token=token,
        **options,
    )
    _print_space(copy, as_json=as_json)


@_add_command("pause", "Pause a Space.", "pause owner/space", _NAME)
def _pause_space(token: str | None, *, as_json: bool, name: str) -> None:
    """Pause a Space: it costs nothing then, and no visit wakes it."""
    from .. import hub

    _print_space(hub.pause(name, token=token), as_json=as_json)


@_add_command(
    "restart",
    "Restart a Space, whatever it is doing.",
    "restart owner/space",
    _NAME,
    click.Option(["--factory-reboot"], is_flag=True, help="Build it anew, with nothing kept."),
)
def _restart_space(token: str | None, *, as_json: bool, name: str, factory_reboot: bool) -> None:
    """Restart a Space, whatever it is doing."""
    from .. import hub

    _print_space(hub.restart(name, factory_reboot, token=token), as_json=as_json)


@_add_command(
    "hardware",
    "Move a Space to other hardware.",
    "hardware owner/space t4-small --sleep-time 300",
    _NAME,
    click.Argument(["hardware"], metavar="HARDWARE"),
    _SLEEP_TIME,
)
def _request_hardware(
    token: str | None, *, as_json: bool, name: str, hardware: str, sleep_time: int | None
) -> None:
    """Ask for other hardware for a Space, such as cpu-basic or t4-small; it restarts on it."""
    from .. import hub

    _print_space(hub.request_hardware(name, hardware, sleep_time, token=token), as_json=as_json)


@_add_command(
    "secrets",
    "Which secrets a Space has; set one, or delete one.",
    "secrets owner/space --set API_KEY < key.txt",
    _NAME,
    click.Option(["--set", "key"], metavar="KEY", help="Give it a secret, or another value."),
    click.Option(["--delete", "gone"], metavar="KEY", help="Take a secret away."),
)
def _manage_secrets(
    token: str | None, *, as_json: bool, name: str, key: str | None, gone: str | None
) -> None:
    """List a Space's secrets, whose values nobody is told; or set or delete one.

    The value is asked for, or all that is on standard input where that is no terminal, but for
    the end of its last line.
    """
    from .. import hub

    if key is not None:
        hub.set_secret(name, key, ask_secret(key, "value", lines=True), token=token)
    if gone is not None:
        hub.delete_secret(name, gone, token=token)
    if key is None and gone is None:
        _print_secrets(hub.secrets(name, token=token), as_json=as_json)


@_add_command("quota", "How much time on ZeroGPU is left.", "quota")
def _show_quota(token: str | None, *, as_json: bool) -> None:
    """Show how many seconds of ZeroGPU are left to the account of the token."""
    from .. import hub

    left = hub.quota(token=token)
    shown = {"remaining": left.remaining}
    shown |= {key: left[key] for key in ("base", "overquotaUsed", "resetsAt") if key in left}
    _print_record(left, shown, as_json=as_json)


@_add_command("whoami", "Whose token it is.", "whoami")
def _show_owner(token: str | None, *, as_json: bool) -> None:
    """Show whose the token is."""
    from .. import hub

    _print_owner(hub.whoami(token=token), as_json=as_json)


@_add_command("login", "Check a token, and keep it on this machine.", "login < token.txt")
def _log_in(token: str | None, *, as_json: bool) -> None:
    """Check a token, and keep it where the tools of Hugging Face keep theirs.

    It is asked for, or read from standard input where that is no terminal.
    """
    from .. import hub

    found = ask_secret("Token", "token").strip() if token is None else token
    _print_owner(hub.set_token(found), as_json=as_json)


def _print_list(found: Iterable[Record], *, as_json: bool) -> None:
    """Print a line for each of a list, as it comes."""
    for record in found:
        if as_json:
            print_text(write_json(record))
            continue
        facts = [str(record.get("id", "?"))]
        facts += [str(record[key]) for key in ("sdk", "pipeline_tag") if record.get(key)]
        if "likes" in record:
            facts.append(f"{record['likes']} likes")
        if record.get("private"):
            facts.append("private")
        print_text(one_line(" ".join(facts)))


def _print_space(record: Any, *, as_json: bool) -> None:
    shown = {key: record[key] for key in _FIELDS if key in record}
    shown |= {"stage": record.stage} if record.stage else {}
    _print_record(record, shown, as_json=as_json)


def _print_owner(record: Record, *, as_json: bool) -> None:
    shown = {key: record[key] for key in ("name", "fullname", "email", "type") if record.get(key)}
    _print_record(record, shown, as_json=as_json)


def _print_secrets(found: Record, *, as_json: bool) -> None:
    """Print a line for each secret: its name, and what it is for."""
    if as_json:
        print_text(write_json(found, 2))
        return
    for key, about in found.items():
        purpose = about.get("description") if isinstance(about, dict) else ""
        print_text(one_line(f"{key}: {purpose}" if purpose else key))


def _print_record(record: Record, shown: dict[str, Any], *, as_json: bool) -> None:
    print_text(write_json(record, 2) if as_json else render_value(shown))
