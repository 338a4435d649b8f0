"""``gradioproxy lock``: what a script relies on of an app, kept in a file."""

from __future__ import annotations

from pathlib import Path

import click

from ..text import as_json
from .access import build_access_options, open_session
from .known import complete_source
from .output import write_text
from .target import STANDARD_OUTPUT, check_target, parse_target

_EPILOG = """\b
Examples:
  gradioproxy lock http://127.0.0.1:7860 -o app.lock.json
  gradioproxy lock owner/space -o app.lock.json
"""


@click.command(
    name="lock",
    epilog=_EPILOG,
    short_help="Keep in a file what a script relies on of an app.",
    params=build_access_options(),
)
@click.argument("source", metavar="SRC", shell_complete=complete_source)
@click.option(
    *("-o", "--output"),
    metavar="FILE",
    required=True,
    help="The file; one that is there is replaced. - for standard output.",
)
@click.pass_context
def command(context: click.Context, /, source: str, output: str, **_: object) -> None:
    """Write the functions of an app with their types to a file.

    `gradioproxy diff` compares it with the app, and so does `connect(SRC, lock=FILE)`, which fails
    where the app breaks what a script relies on.
    """
    from ..client.contract.build import build_contract  # late, as in `access.open_session`

    target = parse_target(output)
    if target != STANDARD_OUTPUT:
        check_target(Path(target))
    contract = build_contract(open_session(source, context))
    write_text(f"{as_json(contract, indent=2)}\n", target)
