"""``gradioproxy map``: a function called for each row of a file."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
from pathlib import Path
from typing import Any, get_args

import click

from .access import build_session_options, complete_endpoint, find_function, open_session
from .exit_codes import FAILED
from .input import Input
from .known import complete_source
from .row_arguments import RowArguments, read_constants
from .row_calls import RowOptions, call_rows
from .row_checks import MOST_EXTRA, RowSource, check_rows
from .row_results import Form, Place, make_results, plan_results
from .rows import open_rows
from .target import STANDARD_OUTPUT, is_same_file, parse_target

_EPILOG = """\b
Examples:
  gradioproxy map owner/space /classify -i texts.csv -o classes.csv
  gradioproxy map owner/space /resize -i photos.csv --set width=64 -o small/
  gradioproxy map owner/space /classify -i texts.csv --journal run.sqlite
"""


def _parse_patience(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (number := float(text)) < math.inf:
            return number
    raise click.BadParameter(f"{text!r} is no number of seconds")


@click.command(
    name="map",
    epilog=_EPILOG,
    short_help="Call a function for each row of a file.",
)
@click.argument("source", metavar="SRC", shell_complete=complete_source)
@click.argument("endpoint", metavar="ENDPOINT", shell_complete=complete_endpoint)
@click.option(
    *("-i", "--input"),
    "rows",
    metavar="FILE",
    required=True,
    type=click.Path(),
    help="The rows: a CSV file with a header, or JSON lines; - for standard input.",
)
@click.option(
    *("-o", "--output"),
    metavar="PATH",
    type=click.Path(),
    help="Where results go: a .csv or .jsonl file, a folder (with a slash at its end); by default "
    "as JSON lines to standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Form)),
    help="How results are written, where the name does not say it.",
)
@click.option(
    "--set",
    "constants",
    metavar="PARAM=VALUE",
    multiple=True,
    help="What a parameter is given in every row, as `call` takes it; can be repeated.",
)
@click.option(
    "--pass-through",
    "passes",
    is_flag=True,
    help="Copy columns that are for no parameter to the results.",
)
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=1), help="Take the first N rows only."
)
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many calls are under way at most; 8 by default.",
)
@click.option(
    "--patience",
    metavar="SECONDS",
    type=_parse_patience,
    default=300,
    show_default=True,
    help="How long a call may be refused by a queue that is full.",
)
@click.option("--stop-on-error", is_flag=True, help="End with the first row that fails.")
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Keep what is done there: run again, the command goes on where it ended.",
)
@click.option(
    "--retry-failed", is_flag=True, help="Make calls again that failed, as the journal has it."
)
@click.option(
    "--repeat-unknown",
    is_flag=True,
    help="Make calls again of which the journal does not know whether they ran.",
)
@click.pass_context
def command(
    context: click.Context,
    /,
    source: str,
    endpoint: str,
    *,
    rows: str,
    output: str | None,
    form: Form | None,
    constants: tuple[str, ...],
    limit: int | None,
    journal: str | None,
    passes: bool,
    **options: Any,
) -> None:
    """Call a function for each row of a file, several calls at a time.

    A column is for the parameter of its name; `gradioproxy info SRC ENDPOINT` shows them. An empty
    cell is the default, a file is a path relative to the folder of the rows, lists and objects are
    JSON. All rows are checked before the first call.

    Results are written in the order of the rows, as they come; what failed has its error there, and
    the exit code is 1 then.
    """
    own = {field.name for field in dataclasses.fields(RowOptions)}
    chosen = RowOptions(journal=journal, **{key: options[key] for key in own & options.keys()})
    place = plan_results(None if output is None else parse_target(output), form)
    _check_files(rows, journal, place)
    standard_input = Input()
    file = open_rows(rows, standard_input, context)
    function = find_function(open_session(source, context), endpoint)
    arguments = RowArguments(
        function,
        read_constants(function.endpoint, constants, standard_input),
        folder=file.folder,
        texts=file.holds_texts,
        passes=passes,
    )
    taken = RowSource(file, arguments, limit)
    found = check_rows(taken, function)
    if place.form == "csv" and len(found.extra) > MOST_EXTRA:
        raise click.UsageError(f"there are more than {MOST_EXTRA:,} columns to copy; -o FILE.jsonl")
    results = make_results(place, function.endpoint, found.extra, found.rows)
    if call_rows(taken, function, results, found.rows, chosen):
        context.exit(FAILED)


command.params += build_session_options()  # behind those that are its own


def _check_files(rows: str, journal: str | None, place: Place) -> None:
    """Do nothing, if no file is two things at once.

    Raises:
        click.UsageError: What is read would be written over.
    """
    if place.path is None and rows != STANDARD_OUTPUT and parse_target(rows) == STANDARD_OUTPUT:
        raise click.UsageError(f"--input and standard output are the same file: {rows}")
    named = {"--input": rows, "--journal": journal, "-o": place.path}
    paths = [(option, Path(path)) for option, path in named.items() if path not in (None, "-")]
    for (first, one), (second, other) in itertools.combinations(paths, 2):
        if is_same_file(one, other):
            raise click.UsageError(f"{first} and {second} are the same file: {other}")
