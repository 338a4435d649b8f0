"""The schema of what a tool returns, and a result as that schema has it.

A client refuses a result that is not as its tool declared. What apps declare is not always what
they send, so no value has to be there: one that is not as declared stands beside the others.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema

from ..functions.help_text import result_text
from ..functions.naming import field_names
from ..functions.tool import build_shape_schema
from ..functions.value_shapes import given_shape
from ..text import clean

if TYPE_CHECKING:
    from ..schema.endpoint import Endpoint, Result

SINGLE = "result"
"""What the only value of a result is called."""
UNDECLARED = "not as declared"
"""Where values are that the schema does not have; no field can be called that."""
_FILE = "The URI of a file: to be read as a resource, or passed to a tool."


class OutputSchema:
    """What a tool returns.

    Args:
        endpoint: The endpoint of its function.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._results = endpoint.results
        several = len(endpoint.results) > 1
        self.names = field_names(endpoint) if several else (SINGLE,) * len(endpoint.results)

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        """The JSON Schema of its structured results; ``None`` if it returns nothing."""
        if not self._results:
            return None
        fields = zip(self.names, self._results, strict=True)
        return {
            "type": "object",
            "properties": {name: _build_field(result, name) for name, result in fields},
        }

    def arrange(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a result as the schema has them, in the same order.

        Args:
            fields: The values by their names, as JSON has them.
        """
        made = {name: value for name, value in fields.items() if self._fits(name, value)}
        others = {name: value for name, value in fields.items() if name not in made}
        return {**made, UNDECLARED: others} if others else made

    def _fits(self, name: str, value: Any) -> bool:
        try:
            return bool(self._validators[name].is_valid(value))
        except RecursionError:
            return False

    @cached_property
    def _validators(self) -> dict[str, Any]:
        properties = (self.schema or {}).get("properties", {})
        return {
            name: jsonschema.Draft202012Validator(schema) for name, schema in properties.items()
        }


def _build_field(result: Result, name: str) -> dict[str, Any]:
    """Return the schema of one value; any may be missing, which Python says as ``None``."""
    made = build_shape_schema(given_shape(result), _FILE)
    made = {"anyOf": [made, {"type": "null"}]} if made else made
    text = clean(result_text(result, name), 1000)
    return {**made, "description": text} if text else made
