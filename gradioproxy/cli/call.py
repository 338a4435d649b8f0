"""``gradioproxy call``: a command whose options are a function's parameters.

What is behind the command is an app, and what is behind that one of its endpoints; both are
commands of their own, made when they are met.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click

from ..loading import loading
from ..text import one_line
from .access import (
    CONNECTING,
    build_call_options,
    collect_ahead,
    collect_given,
    find_function,
    find_known_app,
    open_session,
)
from .known import complete_endpoints, complete_source, name_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from ..client.session import Session

_EPILOG = """\b
Examples:
  gradioproxy call http://127.0.0.1:7860 /predict --text Hello
  gradioproxy call http://127.0.0.1:7860 /predict --help
  gradioproxy call owner/space /resize --image photo.png -o small.png
  cat letter.txt | gradioproxy call owner/space /summarize --text - --stream
"""


class CallCommand(click.Group):
    """``call``: what follows is an app."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return what follows the command."""
        return ["[OPTIONS]", "SRC", "ENDPOINT", "[--PARAMETER VALUE]..."]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return no names: there is no list of all apps."""
        return []

    def resolve_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's
        args: list[str],
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command for an app."""
        return name_source(args[0]), AppCommand(args[0]), args[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the apps that were used before."""
        source = click.Argument(["source"])
        return [
            *complete_source(ctx, source, incomplete),
            *super().shell_complete(ctx, incomplete),
        ]

    def invoke(self, ctx: click.Context) -> object:
        """Run the call."""
        if not _names_more(ctx):
            raise click.MissingParameter("", ctx, param_hint="'SRC'", param_type="argument")
        _log_to_terminal(ctx)
        return super().invoke(ctx)


class AppCommand(click.Group):
    """An app: what follows is one of its endpoints.

    Args:
        source: The app's address or Space.
    """

    def __init__(self, source: str) -> None:
        super().__init__(
            name_source(source), params=build_call_options(), invoke_without_command=True
        )
        self._source = source
        self._given: dict[str, Any] = {}
        self._session: Session | None = None

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return what follows the app."""
        return ["ENDPOINT", "[OPTIONS]", "[--PARAMETER VALUE]..."]

    def open(self, ctx: click.Context, behind: Sequence[str] = ()) -> Session:
        """Return the session with the app, which is opened when it is first asked for.

        Args:
            ctx: The context of this command.
            behind: What follows the endpoint.
        """
        if self._session is None:
            self._given = collect_ahead(ctx, behind)
            # What the app says of itself will be kept.
            with loading(
                "gradioproxy.schema.parse", "gradioproxy.client.cached", f"{__package__}.endpoint"
            ):
                self._session = open_session(self._source, ctx, behind)
        return self._session

    def check_connected(self, ctx: click.Context) -> None:
        """Do nothing, if the session was opened with the options that a command was given.

        Args:
            ctx: The endpoint's context, where it is known which words are values of its options.

        Raises:
            click.UsageError: A value was taken for an option.
        """
        given = collect_given(ctx)
        wrong = [name for name in CONNECTING if given.get(name) != self._given.get(name)]
        if wrong:
            name = wrong[0].replace("_", "-")
            raise click.UsageError(
                f"a value looks like --{name}; write it behind an equals sign, as in --text=VALUE",
                ctx,
            )

    def invoke(self, ctx: click.Context) -> object:
        """Run the call."""
        if _names_more(ctx):
            return super().invoke(ctx)
        names = ", ".join(self.open(ctx))
        raise click.UsageError(f"which endpoint? The app has {one_line(names, 500) or 'none'}", ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command for an endpoint."""
        if not ctx.resilient_parsing:
            self.open(ctx, args[1:])
        from .endpoint import EndpointCommand  # late: it is loaded meanwhile

        if ctx.resilient_parsing:  # a shell completes
            app = find_known_app(self._source, ctx, args[1:])
            endpoint = None if app is None else app.find(args[0])
            found = None if endpoint is None else EndpointCommand(endpoint)
            return args[0], found, args[1:]
        function = find_function(self.open(ctx, args[1:]), args[0])
        shown = one_line(function.endpoint.name, 100)
        return shown, EndpointCommand(function.endpoint, function, self.check_connected), args[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the app's endpoints, as far as they are known."""
        app = find_known_app(self._source, ctx)
        return [*complete_endpoints(app, incomplete), *super().shell_complete(ctx, incomplete)]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return no names: endpoints are completed apart, and listed in the text."""
        return []

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of the app's functions."""
        formatter.write_paragraph()
        formatter.write(str(self.open(ctx)) + "\n")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write nothing: the functions are in the text."""


def _names_more(ctx: click.Context) -> bool:
    """Tell whether something follows a command and its options."""
    # Until 9.0, click keeps the first word of it apart.
    return bool(ctx.args or getattr(ctx, "_protected_args", ()))


def _log_to_terminal(context: click.Context) -> None:
    """Show what the app says with ``gr.Info`` and ``gr.Warning``, and what the package says.

    Args:
        context: That of the command, with which it ends.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("gradioproxy")
    level, propagate = log.level, log.propagate

    def restore() -> None:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = propagate

    context.call_on_close(restore)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


command = CallCommand(
    name="call",
    no_args_is_help=False,
    invoke_without_command=True,
    params=build_call_options(),
    epilog=_EPILOG,
    short_help="Call a function of an app.",
    help="""Call a function of an app, and print what it returns.

    SRC is the app's address or the name of a Space, ENDPOINT one of its functions, as `info` lists
    them. The function's parameters are options: `gradioproxy call SRC ENDPOINT --help` shows them.
    Values without an option are for its parameters in their order.

    A file is given by its path or URL. Any other value can be read from standard input (-), or from
    a file (@FILE; @@ for a text that begins with @). A list is given by repeating its option, a
    table as comma-separated values, and everything as JSON.
    """,
)
