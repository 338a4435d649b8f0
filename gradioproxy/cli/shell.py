"""``gradioproxy shell``: IPython with the functions of apps in it."""

from __future__ import annotations

import click

from .access import build_access_options, build_connect_options
from .known import complete_source

_EPILOG = """\b
Examples:
  gradioproxy shell http://127.0.0.1:7860
  gradioproxy shell owner/space http://127.0.0.1:7860
"""


@click.command(
    name="shell",
    epilog=_EPILOG,
    short_help="IPython with the functions of apps in it.",
    params=build_access_options(calls=True),
)
@click.argument(
    "sources", metavar="SRC...", nargs=-1, required=True, shell_complete=complete_source
)
@click.pass_context
def command(context: click.Context, /, sources: tuple[str, ...], **_: object) -> None:
    """Open an IPython in which each function of the apps is a function.

    Tab completes them, their parameters and choices. The sessions are app, or app1, app2 and so on.
    """
    from ..ipython.shell import start_shell  # late: it is for IPython

    try:
        start_shell(sources, build_connect_options(context))
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from error
