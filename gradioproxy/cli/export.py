"""``gradioproxy export``: an app as a module with types."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from ..options import DocstringStyle
from .access import build_access_options, open_session
from .exit_codes import FAILED
from .known import complete_source
from .output import print_text, write_text
from .target import STANDARD_OUTPUT, check_target, parse_target

_EPILOG = """\b
Examples:
  gradioproxy export http://127.0.0.1:7860 -o my_app.py
  gradioproxy export owner/space -o my_app.py --check
"""


@click.command(
    name="export",
    epilog=_EPILOG,
    short_help="Write an app as a Python module with types.",
    params=build_access_options(),
)
@click.argument("source", metavar="SRC", shell_complete=complete_source)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="The module; - for standard output."
)
@click.option(
    "--docstring-style",
    type=click.Choice(get_args(DocstringStyle)),
    default="google",
    show_default=True,
    help="The style of the docstrings.",
)
@click.option("--unnamed", is_flag=True, help="Write functions without a name as well.")
@click.option(
    "--check", is_flag=True, help="Write nothing: say what changed, with exit code 1 if any did."
)
@click.pass_context
def command(
    context: click.Context,
    /,
    source: str,
    output: str,
    docstring_style: str,
    *,
    unnamed: bool,
    check: bool,
    **_: object,
) -> None:
    """Write an app as a module: its functions with types and docstrings.

    `from my_app import predict` gives a function that editors and type checkers know, and that
    connects when it is first called.
    """
    from ..client.export import compare_module, render_module  # late, as in `access.open_session`

    target = parse_target(output)
    if check and not Path(output).is_file():
        raise click.UsageError(f"there is no file {output} to check", context)
    if not check and target != STANDARD_OUTPUT:
        check_target(Path(target))
    session = open_session(
        source, context, docstring_style=docstring_style, unnamed=unnamed or None
    )
    if not check:
        write_text(render_module(session), target)
        return
    changes = compare_module(Path(output), session)
    for change in changes:
        print_text(change)
    if changes:
        context.exit(FAILED)
