"""A call as a language model asks for it: which function that is, and with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..functions.tool_calls import tool_arguments
from .function_maker import find_by_tool
from .function_set import get_function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..functions.function import Function
    from ..values.markers import NamedFiles, Untrusted
    from .function_set import Functions


def bind_tool(
    functions: Functions,
    name: str,
    arguments: Mapping[str, Any] | str | bytes | None,
    files: NamedFiles | None = None,
) -> tuple[Function, dict[str, Untrusted]]:
    """Return the function that a model asked for, and the arguments to call it with.

    Args:
        functions: Those of a session.
        name: The tool's name.
        arguments: What the model gave: an object, or its JSON text.
        files: Files that have names for the model, besides those of the web.

    Raises:
        UnknownEndpoint: There is no tool of that name.
        ArgumentError: They are no JSON object, or some are missing or unknown.
    """
    function = get_function(functions, find_by_tool(functions.__connection__, name))
    settings = functions.__maker__.settings
    bound = tool_arguments(settings, function.__name__, function.endpoint, arguments, files)
    return function, bound
