"""``gradioproxy diff``: what changed between two apps, or between an app and its lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..text import render_count
from ..values.simplify import write_json
from .access import AccessOption, build_access_options, collect_given, open_session
from .exit_codes import FAILED
from .known import complete_source
from .output import print_text

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..client.contract.changes import Change

_EPILOG = """\b
Examples:
  gradioproxy diff app.lock.json http://127.0.0.1:7860
  gradioproxy diff app.lock.json owner/space --json | jq '.[].text'
  gradioproxy diff http://127.0.0.1:7860 http://127.0.0.1:7861
"""


def _complete_contract(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the apps that were used before, or let the shell complete paths."""
    from click.shell_completion import CompletionItem  # late: few command lines are completed

    known = complete_source(context, parameter, incomplete)
    return [*known, CompletionItem(incomplete, type="file")]


@click.command(
    name="diff",
    epilog=_EPILOG,
    short_help="What changed between two apps, or an app and its lock.",
    params=[
        *build_access_options(),
        AccessOption(["--json"], is_flag=True, help="Print the changes as JSON."),
    ],
)
@click.argument("old", metavar="OLD", shell_complete=_complete_contract)
@click.argument("new", metavar="NEW", shell_complete=_complete_contract)
@click.pass_context
def command(context: click.Context, /, old: str, new: str, **_: object) -> None:
    """Show what changed from OLD to NEW, each the file that `lock` wrote, an address or a Space.

    The exit code is 1 if a script that works with OLD can fail with NEW.
    """
    from ..client.contract.changes import compare_contracts  # late, as in `access.open_session`

    given = collect_given(context)
    if _is_app(old) and _is_app(new):
        secret = next((f"--{one}" for one in ("token", "auth", "header") if given[one]), None)
        if secret is not None:
            raise click.UsageError(
                f"{secret} would go to both addresses; `gradioproxy lock` one of them first",
                context,
            )
    # A file that is none is told of before any app is asked.
    contracts = {text: _load(text, context) for text in sorted((old, new), key=_is_app)}
    changes = compare_contracts(contracts[old], contracts[new])
    if given["json"]:
        print_text(write_json([vars(change) for change in changes], 2))
    else:
        print_text(render_changes(changes))
    if any(change.breaking for change in changes):
        context.exit(FAILED)


def render_changes(changes: list[Change]) -> str:
    """Return changes as lines, those first that break scripts."""
    if not changes:
        return "nothing changed"
    breaking = [change for change in changes if change.breaking]
    lines = [f"BREAKING  {change}" for change in breaking]
    lines += [f"          {change}" for change in changes if not change.breaking]
    count = render_count(len(changes), "change")
    return "\n".join([*lines, f"{count}, {len(breaking) or 'none'} of them breaking"])


def _load(text: str, context: click.Context) -> dict[str, Any]:
    """Return the contract in a file, or that of the app at an address."""
    from ..client.contract.build import build_contract  # late, as above
    from ..client.contract.storage import read_contract

    if _is_app(text):
        return build_contract(open_session(text, context))
    return read_contract(text)


def _is_app(text: str) -> bool:
    """Tell whether no file is meant: the name of a Space has a slash, as a path has."""
    return not (text.endswith(".json") or Path(text).is_file())
