"""What the calls in a journal rely on: the function, what it takes and what it returns.

Rule: the same app gives the same, wherever and whenever it runs. What is compared is named as
people would name it, since they read what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema.shape import has_file
from ..schema.write import write_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..schema.endpoint import Endpoint

FUNCTION, RESULTS = "the function", "the places of results"


def describe_contract(endpoint: Endpoint, names: Sequence[str]) -> dict[str, Any]:
    """Return what the calls of a function rely on, as plain JSON.

    Args:
        endpoint: The function.
        names: The names of its parameters.
    """
    made: dict[str, Any] = {FUNCTION: endpoint.name, "the parameters": ", ".join(names)}
    for name, parameter in zip(names, endpoint.parameters, strict=True):
        made[f"the parameter {name!r}"] = {
            "component": parameter.component,
            "schema": write_schema(parameter.shape),
            "place": parameter.index,
        }
        # Where the app has a file differs from one process of it to the next.
        value = None if has_file(parameter.shape) else parameter.default
        made[name_default(name)] = value
    for number, result in enumerate(endpoint.results, 1):
        made[f"result {number}"] = {
            "label": result.label,
            "component": result.component,
            "schema": write_schema(result.shape),
        }
    made["the number of outputs"] = endpoint.outputs
    made[RESULTS] = [result.index for result in endpoint.results]
    return made


def name_default(name: str) -> str:
    """Return what the default of a parameter is called: calls that give a value rely on none."""
    return f"the default of {name!r}"


def read_function(contract: Mapping[str, Any]) -> str:
    """Return the name of the function that a contract is about, or nothing."""
    return str(contract.get(FUNCTION, ""))


def read_places(contract: Mapping[str, Any]) -> list[int]:
    """Return where the results are among what the app sends; the others are hidden."""
    places = contract.get(RESULTS)
    if not isinstance(places, list):
        return []
    return [place for place in places if isinstance(place, int) and place >= 0]
