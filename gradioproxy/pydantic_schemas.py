"""How Pydantic, and what is built on it, sees types of ours that it can't take apart.

Pydantic asks types for ``__get_pydantic_core_schema__``; nobody else calls what is here, and
nothing of Pydantic's is loaded before it does. Values pass unchanged: whether one is right for a
parameter is decided when it is called, but for those that can't be meant at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


ROWS = {"type": "array", "items": {"type": "array", "items": {}}}
"""The JSON Schema of the rows of a table."""

TABLE = {
    "type": "object",
    "description": "A table.",
    "properties": {"headers": {"type": "array", "items": {"type": "string"}}, "data": ROWS},
    "required": ["headers", "data"],
}
"""The JSON Schema of a table with its headers."""


class PydanticSchema:
    """What Pydantic takes for a type, and shows and writes as JSON.

    It stands beside the type, in `typing.Annotated`.

    Args:
        shown: The JSON Schema of what a value is in JSON.
        is_value: Tells whether a value can be one of the type.
        expected: What is expected, in words, for the error of one that can't.
        write: Returns the JSON of a value.
    """

    def __init__(
        self,
        shown: Mapping[str, Any],
        is_value: Callable[[object], bool],
        expected: str,
        write: Callable[[Any], Any],
    ) -> None:
        self._shown = shown
        self._is_value = is_value
        self._expected = expected
        self._write = write

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return what Pydantic validates and serialises with; see its documentation."""
        from pydantic_core import core_schema  # late: only Pydantic asks for it

        write = core_schema.plain_serializer_function_ser_schema(
            self._write, when_used="json-unless-none"
        )
        return core_schema.no_info_plain_validator_function(self._check, serialization=write)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the JSON Schema; see Pydantic's documentation."""
        return dict(self._shown)

    def _check(self, value: object) -> object:
        if not self._is_value(value):
            raise ValueError(f"expected {self._expected}, not {type(value).__name__}")
        return value


class _Serializer:
    """What Pydantic takes from values of which it knows no type: a serialiser of its own."""

    def __get__(self, instance: object, owner: type[KnownToPydantic]) -> Any:
        try:
            from pydantic_core import SchemaSerializer  # late: only Pydantic asks for it
        except ImportError as error:  # whoever asks finds nothing, as with any other class
            raise AttributeError("__pydantic_serializer__") from error
        return SchemaSerializer(owner.__get_pydantic_core_schema__(owner, None))


class KnownToPydantic:
    """A class whose values Pydantic knows; no description says which results are ``None`` at times.

    Subclasses say by `_describe_to_pydantic` what they are.
    """

    __slots__ = ()
    __pydantic_serializer__ = _Serializer()

    @classmethod
    def _describe_to_pydantic(cls) -> PydanticSchema:
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return cls._describe_to_pydantic().__get_pydantic_core_schema__(source, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return cls._describe_to_pydantic().__get_pydantic_json_schema__(schema, handler)
