"""The choices that fit where the cursor is: found in the namespace, without a request.

Rule: no property of a user's is asked, and nothing is called but what makes a function of a session
that is open, which it does of the description that it has.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from ..client.function_set import Functions
from ..client.session import Session
from ..errors import GradioProxyError
from ..functions.function import is_generated
from .call_text import OpenCall, find_open_call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..functions.function import Function
    from ..schema.endpoint import Choice, Parameter

MOST = 300
LONGEST = 200
_SAME_PARAMETERS = frozenset({"stream", "submit", "check", "feed"})


def find_choices(
    text: str, following: str, namespace: Mapping[str, Any]
) -> tuple[str, list[str]] | None:
    """Return what could stand where the cursor is.

    Args:
        text: The code before the cursor.
        following: The code behind it.
        namespace: The user's variables.

    Returns:
        What of the value is there already, and what may be in its place as it is written in
        Python; ``None`` where the cursor is not in an argument that has choices.
    """
    call = find_open_call(text)
    if call is None:
        return None
    function = find_function(call.callee, namespace)
    if function is None:
        return None
    parameter = _find_parameter(function, call)
    # By position the parameters' names may be meant as well, until a text has begun.
    if parameter is None or (call.keyword is None and not call.fragment and not call.in_list):
        return None
    if call.in_list and not parameter.takes_list:
        return None
    written = [_write(choice, call.fragment, following) for choice in parameter.choices or ()]
    return call.fragment, [one for one in written if one][:MOST]


def find_function(
    callee: tuple[str | tuple[str | int], ...], namespace: Mapping[str, Any]
) -> Function | None:
    """Return the function of an app that something stands for, or has the parameters of."""
    found: Any = namespace.get(str(callee[0]))
    for step in callee[1:]:
        found = _step(found, step)
    return found if is_generated(found) else None


def _step(found: Any, step: str | tuple[str | int]) -> Any:
    """Return what an attribute or a key of something is, or ``None``."""
    if isinstance(step, tuple):
        return _look_up(found, step[0]) if isinstance(found, Session | Functions) else None
    if isinstance(found, Session) and step in found.__connection__.names.attributes:
        return _look_up(found, found.__connection__.names.attributes[step])
    if isinstance(found, Functions):
        endpoint = found.__connection__.names.own_attributes.get(step)
        return None if endpoint is None else _look_up(found, endpoint)
    if is_generated(found):
        return found if step in _SAME_PARAMETERS else None
    # Without asking a property, which could do anything.
    return inspect.getattr_static(found, step, None)


def _look_up(holder: Session | Functions, key: str | int) -> Any:
    try:
        return holder[key]  # type: ignore[index] # a number is for sessions alone
    except (GradioProxyError, LookupError, TypeError):
        return None


def _find_parameter(function: Function, call: OpenCall) -> Parameter | None:
    names = list(inspect.signature(function).parameters)
    parameters = function.endpoint.parameters
    if call.keyword is not None:
        place = names.index(call.keyword) if call.keyword in names else len(names)
    else:
        place = call.position
    return parameters[place] if place < len(parameters) else None


def _write(choice: Choice, fragment: str, following: str) -> str:
    """Return a choice as Python writes it, if it goes on from a fragment; else nothing."""
    value = choice.value
    quote = fragment[:1] if fragment[:1] in {"'", '"'} else ""
    if not isinstance(value, str):
        plain = isinstance(value, int | float) or value is None
        text = repr(value) if plain and not quote else ""
        return text if len(text) <= LONGEST and text.startswith(fragment) else ""
    if len(value) > LONGEST or not value.lower().startswith(fragment[len(quote) :].lower()):
        return ""
    text = json.dumps(value, ensure_ascii=not value.isprintable()) if quote == '"' else repr(value)
    if quote and text[0] != quote:  # it has such a quotation mark itself
        return "" if following.startswith(quote) else text
    # What editors put behind the cursor when a quotation mark is typed.
    return text[:-1] if quote and following.startswith(quote) else text
