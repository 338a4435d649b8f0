"""Functions as tools of language models: their definitions."""

from __future__ import annotations

import json
import math
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..builtin import is_finite
from ..schema import shape as shapes
from ..schema.limits import is_shallow
from ..schema.match import fits, has_type
from ..schema.shape import NULL, has_file
from ..text import clean
from ..values.limits import bounds_of
from .docstring import description
from .help_text import parameter_text
from .naming import parameter_names, tool_names
from .value_shapes import input_shape

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
MAX_LETTERS = 20_000

FILE = "A file: its http, https or data: URL, or the URL of a file that this app returned."

_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


class Tool(NamedTuple):
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
        schema = build_arguments_schema(self.endpoint)
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


def build_arguments_schema(endpoint: Endpoint, file_text: str = FILE) -> dict[str, Any]:
    """Return the JSON Schema of an endpoint's arguments.

    Args:
        endpoint: The endpoint.
        file_text: How a model is told to name a file.
    """
    names = tool_names(parameter_names(endpoint))
    parameters = dict(zip(names, endpoint.parameters, strict=True))
    return {
        "type": "object",
        "properties": {
            name: _build_parameter_schema(parameter, names[name], file_text)
            for name, parameter in parameters.items()
        },
        "required": [name for name, parameter in parameters.items() if not parameter.has_default],
        "additionalProperties": False,
    }


def build_shape_schema(shape: Shape, file_text: str = FILE) -> dict[str, Any]:
    """Return the JSON Schema of a shape, which is open where a model would read no further.

    Args:
        shape: The shape.
        file_text: What is said of a file, which is a string to a model.
    """
    return _SchemaWriter(file_text).write(shape)


def _build_parameter_schema(parameter: Parameter, name: str, file_text: str) -> dict[str, Any]:
    """Return the schema of one parameter."""
    shape, default = input_shape(parameter), parameter.default
    made = build_shape_schema(shape, file_text)
    text = parameter_text(parameter, name, named=False)
    if isinstance(shape, shapes.File):
        text = f"{text} {file_text}".lstrip()
    limits = _find_limits(parameter, made)
    made |= limits
    if parameter.has_default and default is None and not has_type(shape, None):
        shape, made = shapes.union([shape, NULL]), {"anyOf": [made, {"type": "null"}]}
    made |= {"description": text} if text else {}
    # In this order: what is short takes little time to be compared with a shape.
    suits = not has_file(shape) and _is_short(default) and fits(shape, default)
    if parameter.has_default and suits and _is_within(default, limits):
        made["default"] = default
    return made


def _find_limits(parameter: Parameter, made: Mapping[str, Any]) -> dict[str, Any]:
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
        most = parameter.constraints.max_length
        limits = {"maxLength" if made["type"] == "string" else "maxItems": most}
    return {key: value for key, value in limits.items() if value is not None}


def _is_within(value: JSON, limits: Mapping[str, Any]) -> bool:
    """Tell whether a default is within the limits that the app itself declares."""
    if not is_finite(value):
        return True
    return bool(limits.get("minimum", value) <= value <= limits.get("maximum", value))


def _is_short(value: JSON) -> bool:
    """Tell whether a value is JSON, which knows no infinity, and neither long nor deep."""
    try:
        return is_shallow(value) and len(json.dumps(value, allow_nan=False)) <= MAX_DEFAULT
    except ValueError:
        return False


class _SchemaWriter:
    """Writes one shape as JSON Schema.

    Args:
        file_text: What is said of a file, which is a string to a model.
    """

    def __init__(self, file_text: str = FILE) -> None:
        self._file_text = file_text
        self.nodes_left = MAX_NODES
        # What is long once can be in a hundred places.
        self.letters_left = MAX_LETTERS
        self.open_references: set[str] = set()

    def write(self, shape: Shape) -> dict[str, Any]:  # noqa: C901, PLR0911 - a case for each shape
        self.nodes_left -= 1
        if self.nodes_left < 0:
            return {}
        match shape:
            case shapes.Scalar(kind):
                return {"type": _TYPES[kind]}
            case shapes.Enum(values):
                return self.write_choice(values)
            case shapes.File():
                return {"type": "string", "description": self._file_text}
            case shapes.Array(item):
                return {"type": "array", "items": self.write(item)}
            case shapes.FixedArray(items):
                return self.write_fixed_array(items)
            case shapes.Dictionary(value):
                return {"type": "object", "additionalProperties": self.write(value)}
            case shapes.Union(members):
                return {"anyOf": [self.write(member) for member in members]}
            case shapes.Object():
                return self.write_object(shape)
            case shapes.Reference():
                return self.write_reference(shape)
            case _:
                return {}

    def write_fixed_array(self, items: tuple[Shape, ...]) -> dict[str, Any]:
        # Not every API knows a schema for each place.
        kinds = [self.write(item) for item in items]
        unique = [kind for place, kind in enumerate(kinds) if kind not in kinds[:place]]
        one = unique[0] if len(unique) == 1 else {"anyOf": unique} if unique else {}
        return {"type": "array", "items": one, "minItems": len(items), "maxItems": len(items)}

    def write_choice(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return the choice between values; of too many, or what JSON can't say, their types."""
        kinds = list(dict.fromkeys(_TYPES[type(value)] for value in values))
        kind: Any = kinds[0] if len(kinds) == 1 else kinds
        if len(values) > MAX_CHOICES or self.letters_left < 0 or not _are_json(values):
            return {"type": kind}
        self.letters_left -= sum(len(value) if isinstance(value, str) else 8 for value in values)
        return {"type": kind, "enum": list(values)}

    def write_object(self, shape: shapes.Object) -> dict[str, Any]:
        if self.letters_left < 0:
            return {"type": "object"}
        self.letters_left -= sum(len(part.name) for part in shape.fields)
        return {
            "type": "object",
            "properties": {part.name: self.write(part.shape) for part in shape.fields},
            "required": [part.name for part in shape.fields if part.required],
            "additionalProperties": False if shape.extra is None else self.write(shape.extra),
        }

    def write_reference(self, shape: shapes.Reference) -> dict[str, Any]:
        if shape.name in self.open_references:
            return {}
        self.open_references.add(shape.name)
        made = self.write(shape.target)
        self.open_references.discard(shape.name)
        return made


def _are_json(values: tuple[Any, ...]) -> bool:
    return all(not isinstance(value, float) or math.isfinite(value) for value in values)
