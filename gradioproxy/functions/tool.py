"""Functions as tools of language models: their definitions."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal

from ..builtin import is_finite
from ..schema import shape as shapes
from ..schema.shape import ANYTHING, NULL, has_file
from ..text import clean
from ..values.limits import bounds_of, length_of
from .annotations import input_shape
from .docstring import description
from .help_text import parameter_text
from .naming import parameter_names, tool_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..schema.endpoint import JSON, Endpoint, Parameter
    from ..schema.shape import Shape

ToolStyle = Literal["openai", "anthropic", "mcp"]

# What OpenAI takes as the description of a function.
MAX_DESCRIPTION = 1024
# Beyond these a model reads neither choices nor an object to their end.
MAX_CHOICES = 200
MAX_DEFAULT = 1_000
MAX_NODES = 500

FILE = "A file: its http, https or data: URL, or the URL of a file that this app returned."

_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


@dataclass(frozen=True)
class Tool:
    """A function as a tool.

    Attributes:
        endpoint: Its endpoint.
        name: The tool's name.
    """

    endpoint: Endpoint
    name: str

    def tool_schema(self, style: ToolStyle = "openai") -> dict[str, Any]:
        """Return the definition of the function as a tool of language models.

        A file is a string to a model: a URL. It never names a local path; see
        `Session.call_tool`.

        Args:
            style: Whose form it has: ``openai``, ``anthropic`` or ``mcp``.

        Returns:
            The definition, of plain JSON values: name, description, and a JSON Schema of the
            arguments.

        Raises:
            ValueError: There is no such style.
        """
        schema = arguments_schema(self.endpoint)
        text = clean(description(self.endpoint), MAX_DESCRIPTION)
        about = {"name": self.name, "description": text}
        match style:
            case "openai":
                return {"type": "function", "function": {**about, "parameters": schema}}
            case "anthropic":
                return {**about, "input_schema": schema}
            case "mcp":
                return {**about, "inputSchema": schema}
        raise ValueError(f"style must be 'openai', 'anthropic' or 'mcp', not {style!r}")


def arguments_schema(endpoint: Endpoint) -> dict[str, Any]:
    """Return the JSON Schema of an endpoint's arguments."""
    names = tool_names(parameter_names(endpoint))
    parameters = dict(zip(names, endpoint.parameters, strict=True))
    return {
        "type": "object",
        "properties": {
            name: _parameter(parameter, names[name]) for name, parameter in parameters.items()
        },
        "required": [name for name, parameter in parameters.items() if not parameter.has_default],
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter, name: str) -> dict[str, Any]:
    """Return the schema of one parameter."""
    shape = input_shape(parameter)
    made = _Writer().schema(shape)
    text = parameter_text(parameter, name, named=False)
    if isinstance(shape, shapes.File):
        text = f"{text} {FILE}".lstrip()
    made |= _limits(parameter, made)
    if parameter.has_default and parameter.default is None and not takes_none(shape):
        made = {"anyOf": [made, {"type": "null"}]}
    made |= {"description": text} if text else {}
    default = parameter.default
    if (
        parameter.has_default
        and not has_file(shape)
        and _is_short(default)
        and _suits(default, made)
    ):
        made["default"] = default
    return made


def _limits(parameter: Parameter, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a parameter as the schema of its type has them.

    What a function of the app could change is left to the app.
    """
    if parameter.changeable:
        return {}
    limits: dict[str, Any] = {}
    if made.get("type") in ("integer", "number"):  # or a list of types
        low, high = bounds_of(parameter)
        limits = {"minimum": low, "maximum": high}
    elif made.get("type") in ("string", "array"):
        most = length_of(parameter)
        limits = {"maxLength" if made["type"] == "string" else "maxItems": most}
    return {key: value for key, value in limits.items() if value is not None}


def _is_short(value: JSON) -> bool:
    """Tell whether a value is JSON, which knows no infinity, and not too much of it."""
    try:
        return len(json.dumps(value, allow_nan=False)) <= MAX_DEFAULT
    except ValueError:
        return False


def _suits(value: JSON, schema: Mapping[str, Any]) -> bool:
    """Tell whether a default is of the type and within the limits that the app itself declares."""
    if "anyOf" in schema:
        return any(_suits(value, one) for one in schema["anyOf"])
    given = schema.get("type")
    if given is None:
        return True
    if given == "array" and isinstance(value, list):
        return all(_suits(item, schema["items"]) for item in value)
    kinds = [given] if isinstance(given, str) else given
    kind = _TYPES.get(type(value), "")
    if not is_finite(value):
        return kind in kinds
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return low <= value <= high and (kind in kinds or "number" in kinds)


def takes_none(shape: Shape) -> bool:
    """Tell whether ``null`` has a shape."""
    options = shape.options if isinstance(shape, shapes.Union) else (shape,)
    return any(
        None in one.values if isinstance(one, shapes.Choice) else one in {ANYTHING, NULL}
        for one in options
    )


class _Writer:
    """Writes one shape as JSON Schema."""

    def __init__(self) -> None:
        self.left = MAX_NODES
        self.open: set[str] = set()

    def schema(self, shape: Shape) -> dict[str, Any]:  # noqa: C901, PLR0911 - a case for each shape
        self.left -= 1
        if self.left < 0:
            return {}
        match shape:
            case shapes.Scalar(kind):
                return {"type": _TYPES[kind]}
            case shapes.Choice(values):
                return _choice(values)
            case shapes.File():
                return {"type": "string", "description": FILE}
            case shapes.Array(item):
                return {"type": "array", "items": self.schema(item)}
            case shapes.FixedArray(items):
                return self.fixed(items)
            case shapes.Dictionary(value):
                return {"type": "object", "additionalProperties": self.schema(value)}
            case shapes.Union(options):
                return {"anyOf": [self.schema(option) for option in options]}
            case shapes.Object():
                return self.object(shape)
            case shapes.Reference():
                return self.reference(shape)
            case _:
                return {}

    def fixed(self, items: tuple[Shape, ...]) -> dict[str, Any]:
        # Not every API knows a schema for each place.
        kinds = [self.schema(item) for item in items]
        unique = [kind for place, kind in enumerate(kinds) if kind not in kinds[:place]]
        one = unique[0] if len(unique) == 1 else {"anyOf": unique} if unique else {}
        return {"type": "array", "items": one, "minItems": len(items), "maxItems": len(items)}

    def object(self, shape: shapes.Object) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {part.name: self.schema(part.shape) for part in shape.fields},
            "required": [part.name for part in shape.fields if part.required],
            "additionalProperties": False if shape.extra is None else self.schema(shape.extra),
        }

    def reference(self, shape: shapes.Reference) -> dict[str, Any]:
        if shape.name in self.open:
            return {}
        self.open.add(shape.name)
        made = self.schema(shape.target)
        self.open.discard(shape.name)
        return made


def _choice(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return the choice between values; between too many, or what JSON can't say, their types."""
    kinds = list(dict.fromkeys(_TYPES[type(value)] for value in values))
    kind: Any = kinds[0] if len(kinds) == 1 else kinds
    if len(values) > MAX_CHOICES or not _all_json(values):
        return {"type": kind}
    return {"type": kind, "enum": list(values)}


def _all_json(values: tuple[Any, ...]) -> bool:
    return all(not isinstance(value, float) or math.isfinite(value) for value in values)
