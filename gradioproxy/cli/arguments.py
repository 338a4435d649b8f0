"""A function's parameters as options of a command line, and texts as their values.

What the options take is what the function takes: values are checked by the function itself.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from ..functions.help_text import parameter_text
from ..functions.naming import parameter_names
from ..functions.value_shapes import input_shape
from ..schema import shape as shapes
from ..text import one_line
from ..values.conform import mend
from .input import Input, read_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from click.shell_completion import CompletionItem

    from ..schema.endpoint import Endpoint, Parameter
    from ..schema.shape import Shape

# Of JSON. Python takes more for numbers: what begins with zeros, as postal codes do, what has
# underscores, or the digits of other scripts.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_METAVARS: dict[type, str] = {str: "TEXT", int: "INTEGER", float: "NUMBER", bool: "BOOLEAN"}


class ParameterOption(click.Option):
    """The option for a parameter of a function.

    Args:
        name: The parameter's name in Python.
        parameter: The parameter.
        taken: Options that mean something else.
        place: Its place among the function's parameters.
    """

    def __init__(self, name: str, parameter: Parameter, taken: Collection[str], place: int) -> None:
        self.parameter_name = name
        self.parameter = parameter
        self.shape = input_shape(parameter)
        flag = self.shape == shapes.BOOLEAN
        option, denied = spell_option(name), f"--no-{spell_option(name)[2:]}"
        while option in taken or (flag and denied in taken):
            name = f"param_{name}"
            option, denied = spell_option(name), f"--no-{spell_option(name)[2:]}"
        if flag:
            option = f"{option}/{denied}"
        needed = "" if parameter.has_default else "  [required]"
        super().__init__(
            [f"argument_{place}", option],
            is_flag=flag,
            multiple=not flag and isinstance(self.shape, shapes.Array),
            type=bool if flag else str,
            default=None,
            metavar=None if flag else _name_shape(self.shape),
            help=f"{parameter_text(parameter, name)}{needed}".strip(),
        )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's
        """Return the choices of the parameter, or let the shell complete paths."""
        from click.shell_completion import CompletionItem  # late: few command lines are completed

        if self.parameter.choices is not None:
            found = (write_choice(self, choice.value) for choice in self.parameter.choices)
            return [CompletionItem(one) for one in found if one and one.startswith(incomplete)]
        return [CompletionItem(incomplete, type="file" if _takes_path(self.shape) else "plain")]


def build_options(endpoint: Endpoint, taken: Collection[str] = ()) -> list[ParameterOption]:
    """Return an option for each parameter of an endpoint's function.

    Args:
        endpoint: The endpoint.
        taken: Options that mean something else: a parameter of that name has ``--param-NAME``.
    """
    names = parameter_names(endpoint)
    own = {spell_option(name) for name in names}
    used = {*taken, "--help"}
    made = []
    for place, (name, parameter) in enumerate(zip(names, endpoint.parameters, strict=True)):
        others = used | (own - {spell_option(name)})
        option = ParameterOption(name, parameter, others, place)
        used |= {*option.opts, *option.secondary_opts}
        made.append(option)
    return made


def spell_option(name: str) -> str:
    """Return the option for a name in Python; with underscores it is understood, too."""
    return f"--{name.replace('_', '-')}"


def read_argument(parameter: Parameter, texts: Sequence[str], option: str, source: Input) -> Any:
    """Return what a parameter is given.

    Args:
        parameter: The parameter.
        texts: What was given for it: one text, or several for a list.
        option: Its option, for messages.
        source: Standard input.

    Raises:
        click.UsageError: What it names can't be read.
    """
    shape = input_shape(parameter)
    if isinstance(shape, shapes.Array) and len(texts) > 1:
        return [_read_value(shape.item, text, option, source) for text in texts]
    if parameter.kind == "dataframe":
        return parse_table(source.read_text(texts[-1], option), option)
    return _read_value(shape, texts[-1], option, source)


def convert_cell(parameter: Parameter, shape: Shape, text: str, column: str) -> Any:
    """Return what a parameter is given by a text that stands for nothing but itself.

    Args:
        parameter: The parameter.
        shape: Its `input_shape`, which is made once for many texts.
        text: The text: neither standard input nor a file that is to be read, as in an option.
        column: Where it comes from, for messages.

    Raises:
        click.UsageError: It is to be a table, and is none.
    """
    if parameter.kind == "dataframe":
        return parse_table(text, column)
    return _convert_text(shape, text)


def takes_path(parameter: Parameter) -> bool:
    """Tell whether a text that a parameter is given is the path of a file."""
    return parameter.kind != "dataframe" and _takes_path(input_shape(parameter))


def place_values(
    values: Sequence[str],
    options: Sequence[ParameterOption],
    given: Sequence[tuple[ParameterOption, Any]],
) -> list[tuple[ParameterOption, Any]]:
    """Return the options that values without one are for, by their places.

    Raises:
        click.UsageError: There are too many, or one was given by its option, too.
    """
    if len(values) > len(options):
        raise click.UsageError(f"{len(values)} values, and it takes {len(options)} at most")
    placed = list(zip(options, values))  # noqa: B905 - what is left has defaults, or is missing
    named = {option.parameter_name for option, _ in given}
    twice = [one.opts[0] for one, _ in placed if one.parameter_name in named]
    if twice:
        raise click.UsageError(f"{', '.join(twice)}: given by name and by place")
    return placed


def read_json_arguments(
    text: str, options: Sequence[ParameterOption], source: Input
) -> dict[str, Any]:
    """Return the arguments that ``--json-args`` gives.

    Raises:
        click.UsageError: It is no JSON, or has others than the function.
    """
    names = [option.parameter_name for option in options]
    made = read_json(text, "--json-args", source)
    if isinstance(made, list) and len(made) <= len(names):
        return dict(zip(names, made))  # noqa: B905 - the rest has defaults, or is missing
    if not isinstance(made, dict):
        raise click.UsageError(f"--json-args takes an object, or a list of {len(names)} at most")
    unknown = [one_line(repr(name), 60) for name in made if name not in names]
    if unknown:
        raise click.UsageError(
            f"--json-args has {', '.join(unknown[:5])}, and the function takes {', '.join(names)}"
        )
    return made


def parse_table(text: str, option: str) -> Any:
    """Return the table in a text.

    Args:
        text: JSON, or comma-separated values, whose first line has the headers.
        option: Whose argument it is.

    Raises:
        click.UsageError: It is neither.
    """
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise click.UsageError(f"{option} is no JSON: {one_line(error)}") from error
    # It is one for the whole process, and a file of which this is a cell has its own.
    limit = csv.field_size_limit(sys.maxsize)
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except csv.Error as error:
        raise click.UsageError(f"{option} is no table: {one_line(error)}") from error
    finally:
        csv.field_size_limit(limit)
    if text.strip() and "\n" not in text:
        hint = "; @FILE reads one" if option.startswith("-") else ""  # or it is a cell
        raise click.UsageError(
            f"{option} takes a table: comma-separated values below a line of headers, or JSON{hint}"
        )
    headers, *cells = rows or [[]]
    return {"headers": headers, "data": [[_read_cell(cell) for cell in row] for row in cells]}


def _read_value(shape: Shape, text: str, option: str, source: Input) -> Any:
    if _takes_path(shape):
        return source.open(option) if text == "-" else mend(shape, text)
    return _convert_text(shape, source.read_text(text, option))


def _convert_text(shape: Shape, text: str) -> Any:
    return _parse_json(text) if isinstance(shape, shapes.Anything) else mend(shape, text)


def _takes_path(shape: Shape) -> bool:
    """Tell whether a text stands for a file: then its content is not what is meant."""
    if isinstance(shape, shapes.Array):
        return _takes_path(shape.item)
    if isinstance(shape, shapes.Union):
        return any(map(_takes_path, shape.members))
    return isinstance(shape, shapes.File)


def _parse_json(text: str) -> Any:
    """Return what a text is as JSON, or else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _read_cell(text: str) -> str | int | float:
    """Return a cell of a table as a number, if it is one that JSON knows, with spaces around it."""
    found = _NUMBER.fullmatch(text.strip(" "))
    if found is None:
        return text
    fraction, exponent = found.group(2, 3)
    with contextlib.suppress(ValueError):  # a number of thousands of digits
        if fraction is None and exponent is None:
            return int(text)
        if math.isfinite(number := float(text)):
            return number
    return text


def write_argument(option: ParameterOption, value: Any) -> list[str]:
    """Return the words that give a value to a parameter, or none if words can't be trusted to.

    Args:
        option: The parameter's option.
        value: The value, as an app or we ourselves would have it.

    Returns:
        Words of which `read_argument` makes the value; nothing in them is anything else: no other
        option, no file that is read, nothing that a terminal obeys.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            return []
        return [(option.opts if value else option.secondary_opts)[0]]
    words: list[str] = []
    for text in _write_texts(option, value):
        name = option.opts[0]
        words += [f"{name}={text}"] if text.startswith("-") else [name, text]
    return words


def write_choice(option: ParameterOption, value: Any) -> str | None:
    """Return the text that gives a choice to a parameter, one of several where it takes a list.

    Args:
        option: The parameter's option.
        value: The choice, as the app has it.

    Returns:
        What `write_argument` promises; ``None`` if there is no such text.
    """
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _escape(option, plain)
    wanted = [value] if isinstance(option.shape, shapes.Array) else value
    return text if text and _is_read_as(option, [text], wanted) else None


def _write_texts(option: ParameterOption, value: Any) -> list[str]:
    """Return the texts of which `read_argument` makes a value, or none."""
    forms = [[value]] if isinstance(value, str) else []
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        forms.append(value)
    forms.append([json.dumps(value, ensure_ascii=False)])
    for form in forms:
        texts = [_escape(option, text) for text in form]
        if _is_read_as(option, texts, value):
            return texts
    return []


def _escape(option: ParameterOption, text: str) -> str:
    """Return a text as an option takes it: what begins with an ``@`` names a file, or has two."""
    return f"@{text}" if text.startswith("@") and not _takes_path(option.shape) else text


def _is_read_as(option: ParameterOption, texts: list[str], value: Any) -> bool:
    """Tell whether a value is what is read of texts, each of which stands for what it is."""
    if not all(map(_is_plain_text, texts)):
        return False
    try:
        made = read_argument(option.parameter, texts, option.opts[0], Input())
    except click.UsageError:
        return False
    # 1, 1.0 and True, which are the same for Python, are three for JSON.
    return json.dumps(made, sort_keys=True) == json.dumps(value, sort_keys=True)


def _is_plain_text(text: str) -> bool:
    """Tell whether a text can stand on a command line as what it is."""
    return text != "-" and one_line(text, 10_000) == text


def _name_shape(shape: Shape) -> str:
    """Return what stands for a value in the help."""
    match shape:
        case shapes.Scalar(kind):
            return _METAVARS.get(kind, "VALUE")
        case shapes.File():
            return "FILE"
        case shapes.Enum():
            return "CHOICE"
        case shapes.Array(item):
            return _name_shape(item)
        case shapes.Union(members):
            names = [_name_shape(member) for member in members if member != shapes.NULL]
            return "|".join(dict.fromkeys(names))
        case _:
            return "JSON"
