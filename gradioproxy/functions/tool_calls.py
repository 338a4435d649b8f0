"""Reading the arguments that a language model gives for a function: parsed, mended and checked.

Nothing among them is trusted: each is marked, so that no string in it names a local path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, Problem
from ..schema.endpoint import is_filler
from ..schema.match import has_type
from ..suggest import find_nearest
from ..text import one_line, short_repr
from ..values.choices import describe_choices
from ..values.conform import Misfit, mend
from ..values.limits import check_length, takes_text
from ..values.markers import Untrusted
from .naming import parameter_names, tool_names
from .value_shapes import input_shape

if TYPE_CHECKING:
    from ..schema.endpoint import Endpoint, Parameter
    from ..values.markers import NamedFiles
    from .settings import CallSettings

# How many names of arguments a message has.
LISTED = 10


def tool_arguments(
    settings: CallSettings,
    function: str,
    endpoint: Endpoint,
    given: Mapping[str, Any] | str | bytes | None,
    files: NamedFiles | None = None,
) -> dict[str, Untrusted]:
    """Return the arguments for a function that a model gave.

    Args:
        settings: How its calls are made.
        function: The function's name, for messages.
        endpoint: Its endpoint.
        given: The arguments, or the text of the JSON object that they are.
        files: Files that have names for the model, besides those of the web.

    Returns:
        The arguments by their names in Python, in none of which a string names a local path.

    Raises:
        ArgumentError: They are no JSON object, some are missing or there is none of that name; then
            it also has what is wrong with the others.
    """
    known = tool_names(parameter_names(endpoint))
    parameters = dict(zip(known.values(), endpoint.parameters, strict=True))
    arguments: dict[str, Untrusted] = {}
    problems: list[Problem] = []
    for key, value in _parse_arguments(function, given, [*known]).items():
        name = known.get(str(key))
        if name is None:
            problems.append(_build_unknown_problem(str(key), value, [*known]))
        elif not _means_nothing(parameters[name], value):
            arguments[name] = Untrusted(_mend_value(parameters[name], value), files)
    problems += [
        _build_missing_problem(name, parameter)
        for name, parameter in parameters.items()
        if name not in arguments and not parameter.has_default
    ]
    if settings.options.validate:
        problems += [
            problem
            for name, value in arguments.items()
            if (problem := _find_length_problem(name, parameters[name], value.value)) is not None
        ]
    if problems:
        problems += _find_wrong_values(settings, function, endpoint, arguments)
        raise ArgumentError(function, problems)
    return arguments


def _parse_arguments(
    function: str, given: Mapping[str, Any] | str | bytes | None, names: list[str]
) -> Mapping[str, Any]:
    found: Any = {} if given is None else given
    if isinstance(found, str | bytes):
        try:
            found = json.loads(found) if found.strip() else {}
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, Mapping):
        takes = f"a tool takes a JSON object, this one with {_join_names(names)}"
        problem = Problem("arguments", short_repr(given), takes)
        raise ArgumentError(function, [problem])
    return found


def _means_nothing(parameter: Parameter, value: Any) -> bool:
    """Tell whether ``null`` came where it is no value: some models write it for what they leave."""
    nullable = parameter.default is None or has_type(input_shape(parameter), None)
    return value is None and parameter.has_default and not nullable


def _mend_value(parameter: Parameter, value: Any) -> Any:
    if parameter.kind == "json" and isinstance(value, str):
        text = value.lstrip()[:1]
        found = _parse_json(value) if text in {"{", "["} else None
        return value if found is None else found
    return mend(input_shape(parameter), value)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _build_unknown_problem(name: str, value: Any, names: list[str]) -> Problem:
    near = find_nearest(name, names)
    if near:
        hint = f"did you mean {' or '.join(map(repr, near))}?"
    else:
        hint = f"the tool takes {_join_names(names)}"
    return Problem(one_line(name, 60), short_repr(value), f"there is no such argument; {hint}")


def _join_names(names: list[str]) -> str:
    more = " and others" if len(names) > LISTED else ""
    return f"{', '.join(names[:LISTED])}{more}" if names else "no arguments"


def _build_missing_problem(name: str, parameter: Parameter) -> Problem:
    label = parameter.label if is_filler(name) else ""
    takes = f"it is required, and takes {takes_text(parameter)}"
    if parameter.choices and parameter.closed_choices:
        choices = describe_choices([choice.value for choice in parameter.choices], "")
        takes = f"it is required: {choices}"
    return Problem(name, "nothing", takes, label)


def _find_length_problem(name: str, parameter: Parameter, value: Any) -> Problem | None:
    """Return what is wrong with a value that is longer than the tool's schema told."""
    try:
        check_length(parameter, value)
    except Misfit as error:
        label = parameter.label if is_filler(name) else ""
        return Problem(name, short_repr(value), str(error), label)
    return None


def _find_wrong_values(
    settings: CallSettings, function: str, endpoint: Endpoint, arguments: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Return what is wrong with the arguments that there are."""
    names = parameter_names(endpoint)
    missing = {name for name in names if name not in arguments}
    try:
        settings.encoder.encode(function, endpoint, names, arguments, missing)
    except ArgumentError as error:
        return error.problems
    return ()
