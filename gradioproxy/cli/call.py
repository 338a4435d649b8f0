"""``gradioproxy call``: a command whose options are a function's parameters.

What is behind the command is an app, and what is behind that one of its endpoints; both are
commands of their own, made when they are met.
"""

from __future__ import annotations

import logging
import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from ..functions.example import list_example_values
from ..functions.naming import parameter_names
from ..text import one_line, split_paragraphs
from .access import (
    CONNECTING,
    AccessOption,
    build_access_options,
    collect_ahead,
    collect_given,
    find_function,
    find_known_app,
    open_session,
)
from .arguments import (
    Input,
    ParameterOption,
    build_options,
    place_values,
    read_argument,
    read_json_arguments,
    write_argument,
)
from .failures import FAILED
from .known import complete_endpoints, complete_source, name_source
from .output import Printer
from .saving import plan_saving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from ..client.session import Session
    from ..functions.function import Function
    from ..schema.endpoint import Endpoint

_EPILOG = """\b
Examples:
  gradioproxy call http://127.0.0.1:7860 /predict --text Hello
  gradioproxy call http://127.0.0.1:7860 /predict --help
  gradioproxy call owner/space /resize --image photo.png -o small.png
  cat letter.txt | gradioproxy call owner/space /summarize --text - --stream
"""


def _build_call_options() -> list[click.Option]:
    return [
        *build_access_options(calls=True),
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
            name_source(source), params=_build_call_options(), invoke_without_command=True
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
        if ctx.resilient_parsing:  # a shell completes
            app = find_known_app(self._source, ctx, args[1:])
            endpoint = None if app is None else app.find(args[0])
            found = None if endpoint is None else EndpointCommand(endpoint)
            return args[0], found, args[1:]
        function = find_function(self.open(ctx, args[1:]), args[0])
        shown = one_line(function.endpoint.name, 100)
        return shown, EndpointCommand(function.endpoint, function), args[1:]

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


class EndpointCommand(click.Command):
    """An endpoint: its parameters are options.

    Args:
        endpoint: The endpoint.
        function: Its function, to call it.
    """

    def __init__(self, endpoint: Endpoint, function: Function | None = None) -> None:
        shared = _build_call_options()
        options = build_options(endpoint, {name for one in shared for name in one.opts})
        self.parameter_options = options
        self.endpoint = endpoint
        self.function = function
        values = click.Argument(
            ["values"], nargs=-1, metavar="[VALUE]...", shell_complete=self._complete_value
        )
        super().__init__(
            endpoint.name,
            params=[values, *options, *shared],
            # A name may be written as in Python.
            context_settings={"token_normalize_func": lambda name: name.replace("_", "-")},
            help="\n\n".join(split_paragraphs(endpoint.description)),
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what follows the endpoint."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not error.option_name[1:2].isdigit():
                raise
            hint = "write -- before values that begin with a hyphen"
            raise click.UsageError(f"{error.option_name} is no option; {hint}", ctx) from error

    def _complete_value(
        self, ctx: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return what the next value can be, and options where nothing was typed."""
        place = len(ctx.params.get("values") or ())
        options = self.parameter_options[place : place + 1]
        found = [item for one in options for item in one.shell_complete(ctx, incomplete)]
        return found if incomplete else [*found, *self.shell_complete(ctx, "--")]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the function's parameters, and apart from them what every call can be given."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is not None and isinstance(one, click.Option):
                (own if isinstance(one, ParameterOption) else shared).append(record)
        for title, records in (("Parameters", own), ("Options", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write an example."""
        with formatter.section("Example"):
            formatter.write(f"  {_write_example(ctx, self)}\n")

    def invoke(self, ctx: click.Context) -> None:
        """Call the function, and print what comes."""
        function = self.function
        if function is None:
            raise TypeError("there is no function to call")
        given = collect_given(ctx)
        if ctx.parent is not None and isinstance(ctx.parent.command, AppCommand):
            ctx.parent.command.check_connected(ctx)
        arguments = self.read_arguments(ctx, given["json_args"])
        stream, target = given["stream"], given["output"]
        saver = plan_saving(self.endpoint, target, several=stream)
        printer = Printer(saver, target, as_json=given["json"], compact=stream)
        if stream:
            with function.stream(**arguments) as results:
                for result in results:
                    printer.show(result)
        else:
            printer.show(function(**arguments))
        if printer.failed or (saver is not None and saver.failed):
            ctx.exit(FAILED)

    def read_arguments(self, ctx: click.Context, text: str | None) -> dict[str, Any]:
        """Return the arguments of the call by their names.

        Args:
            ctx: What was given.
            text: Arguments as JSON, of which those in *ctx* take the place.

        Raises:
            click.UsageError: There are too many, or too few, or one can't be read.
        """
        source = Input()
        made = {} if text is None else read_json_arguments(text, self.parameter_options, source)
        given = [(option, ctx.params[option.name or ""]) for option in self.parameter_options]
        given = [(option, value) for option, value in given if value not in (None, ())]
        given += place_values(ctx.params["values"], self.parameter_options, given)
        for option, value in given:
            name = option.parameter_name
            if isinstance(value, bool):
                made[name] = value
            else:
                texts = [value] if isinstance(value, str) else value
                made[name] = read_argument(option.parameter, texts, option.opts[0], source)
        missing = [
            option.opts[0]
            for option in self.parameter_options
            if option.parameter_name not in made and not option.parameter.has_default
        ]
        if missing:
            raise click.UsageError(f"missing {', '.join(missing)}", ctx)
        return made


def _names_more(ctx: click.Context) -> bool:
    """Tell whether something follows a command and its options."""
    # Until 9.0, click keeps the first word of it apart.
    return bool(ctx.args or getattr(ctx, "_protected_args", ()))


def _write_example(ctx: click.Context, command: EndpointCommand) -> str:
    """Return a command that calls a function, as it can be pasted into a shell."""
    words: list[str] = []
    level: click.Context | None = ctx
    while level is not None:
        words.insert(0, level.info_name or "")
        level = level.parent
    options = {option.parameter_name: option for option in command.parameter_options}
    endpoint = command.endpoint
    for name, value in list_example_values(endpoint.parameters, parameter_names(endpoint)):
        words += write_argument(options[name], value)
    return shlex.join(words)


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
    params=_build_call_options(),
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
