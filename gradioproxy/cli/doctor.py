"""``gradioproxy doctor``: which step to an app fails, and what helps."""

from __future__ import annotations

import shutil

import click

from .access import build_access_options, build_connect_options
from .failures import find_exit_code
from .known import complete_source
from .output import print_text

_EPILOG = """\b
Examples:
  gradioproxy doctor http://127.0.0.1:7860
  gradioproxy doctor owner/space --token TOKEN
"""


@click.command(
    name="doctor",
    epilog=_EPILOG,
    short_help="Which step to an app fails, and what helps.",
    params=build_access_options(cached=False),  # it tries what there is
)
@click.argument("source", metavar="SRC", shell_complete=complete_source)
@click.pass_context
def command(context: click.Context, /, source: str, **_: object) -> None:
    """Try every step to an app: its name, connection, TLS, login, description, queue and streams.

    What is found is printed, with what to do about it. The app runs nothing for that. The exit code
    is that of the error which every other command would end in.
    """
    from ..client.diagnose import diagnose  # late, as in `access.open_session`

    diagnosis = diagnose(source, **build_connect_options(context))
    print_text(diagnosis.render(min(shutil.get_terminal_size().columns, 100)))
    if diagnosis.error is not None:
        context.exit(find_exit_code(diagnosis.error))
