"""The command that has all others, and how a command line is run.

Each command is loaded when it is used: a call has to begin as soon as a script's would.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from .access import wants_debug
from .exit_codes import PIPE_CLOSED
from .failures import PipeClosed, report_failure

if TYPE_CHECKING:
    from collections.abc import Sequence

# By name, in the order of the help: the module of this package, and the first line of its help.
_COMMANDS = {
    "info": "What an app offers, or how to use one function.",
    "call": "Call a function of an app.",
    "map": "Call a function for each row of a file.",
    "export": "Write an app as a Python module with types.",
    "lock": "Keep in a file what a script relies on of an app.",
    "diff": "What changed between two apps, or an app and its lock.",
    "shell": "IPython with the functions of apps in it.",
    "mcp": "Serve the functions of apps as tools for models (MCP).",
    "doctor": "Which step to an app fails, and what helps.",
    "completion": "What makes a shell complete these commands.",
    "hub": "Look for Spaces and models, start Spaces, log in.",
}

_WIDTH, _NARROWEST = 80, 20

_EPILOG = """\b
Examples:
  gradioproxy info http://127.0.0.1:7860
  gradioproxy call http://127.0.0.1:7860 /predict --text Hello
  gradioproxy call owner/space /predict --help
"""


class RootCommand(click.Group):
    """The command that has all others, loaded when they are used."""

    summaries = _COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name."""
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands, none of which is loaded for that."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, and the arguments behind it."""
        name = args[0]
        if name not in _COMMANDS and not ctx.resilient_parsing:
            from ..suggest import find_nearest  # late: most names are right
            from ..text import one_line

            near = find_nearest(name, _COMMANDS)
            hint = f", did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"there is no command {one_line(name, 60)!r}{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what it is ended by is the business of `run`."""
        try:
            made = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise PipeClosed from error
        return made


command = RootCommand(
    name="gradioproxy",
    help="Call the functions of any Gradio app.",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDTH},
    params=[click.Option(["--debug"], is_flag=True, help="Show where an error comes from.")],
)
click.version_option(package_name="gradioproxy", prog_name="gradioproxy")(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command line.

    Args:
        arguments: The arguments, without the name of the program.

    Returns:
        The exit code; what went wrong was said on standard error.
    """
    debug = wants_debug(list(arguments))
    if "_GRADIOPROXY_COMPLETE" in os.environ:
        importlib.import_module(".completion", __package__)  # it mends click's own
    if sys.stdout is None:  # as Python has it where a shell closed it
        return report_failure(click.ClickException("standard output is closed"), debug=debug)
    try:
        made = command.main(
            list(arguments),
            prog_name="gradioproxy",
            complete_var="_GRADIOPROXY_COMPLETE",
            standalone_mode=False,
            # By itself, click takes no terminal for narrower than 50 columns.
            terminal_width=max(min(shutil.get_terminal_size().columns, _WIDTH), _NARROWEST) - 2,
        )
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except SystemExit as error:  # click's own, where nobody reads its help to the end
        return PIPE_CLOSED if error.code else 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody else is there to tell
        code = report_failure(error, debug=debug)
        if code == PIPE_CLOSED:
            _drop_output()
        return code
    # What `ctx.exit` was given; commands themselves return nothing.
    return made if isinstance(made, int) else 0


def _drop_output() -> None:
    """Let what is left in the buffer of standard output go nowhere, instead of failing again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
