"""The command for one endpoint: its parameters are options, and what it prints is its result.

It is loaded while the app is asked what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..functions.example import list_example_values
from ..functions.naming import parameter_names
from ..text import split_paragraphs
from .access import build_call_options, collect_given, normalize_option
from .arguments import (
    ParameterOption,
    build_options,
    place_values,
    read_argument,
    read_json_arguments,
    write_argument,
)
from .exit_codes import FAILED
from .input import Input, read_json
from .output import Printer
from .saving import plan_saving
from .target import parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from click.shell_completion import CompletionItem

    from ..functions.function import Function
    from ..schema.endpoint import Endpoint


class EndpointCommand(click.Command):
    """An endpoint: its parameters are options.

    Args:
        endpoint: The endpoint.
        function: Its function, to call it.
        check: Raises an error where the session was opened with other options than it is given.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        function: Function | None = None,
        check: Callable[[click.Context], None] | None = None,
    ) -> None:
        shared = build_call_options()
        options = build_options(endpoint, {name for one in shared for name in one.opts})
        self.parameter_options = options
        self.endpoint = endpoint
        self.function = function
        self._check = check
        values = click.Argument(
            ["values"], nargs=-1, metavar="[VALUE]...", shell_complete=self._complete_value
        )
        super().__init__(
            endpoint.name,
            params=[values, *options, *shared],
            context_settings={"token_normalize_func": normalize_option},
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
        found = [item for item in found if not item.value.startswith("-")]  # it would be an option
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
        if self._check is not None:
            self._check(ctx)
        source = Input()
        function = function.with_options(**_read_options(given, source))
        arguments = self.read_arguments(ctx, given["json_args"], source)
        stream, target = given["stream"], given["output"]
        target = None if target is None else parse_target(target)
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

    def read_arguments(self, ctx: click.Context, text: str | None, source: Input) -> dict[str, Any]:
        """Return the arguments of the call by their names.

        Args:
            ctx: What was given.
            text: Arguments as JSON, of which those in *ctx* take the place.
            source: Standard input.

        Raises:
            click.UsageError: There are too many, or too few, or one can't be read.
        """
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


def _read_options(given: Mapping[str, Any], source: Input) -> dict[str, Any]:
    """Return the options of a single call that were given; the session has the others."""
    found: dict[str, Any] = {}
    if given["event_data"] is not None:
        found["event_data"] = read_json(given["event_data"], "--event-data", source)
    if given["trigger_id"] is not None:
        found["trigger_id"] = given["trigger_id"]
    return found


def _write_example(ctx: click.Context, command: EndpointCommand) -> str:
    """Return a command that calls a function, as it can be pasted into a shell."""
    import shlex  # late: few look

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
