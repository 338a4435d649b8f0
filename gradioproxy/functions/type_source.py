"""Annotations as Python source: expressions, and the classes and names that they need.

Nothing of an app gets into it but checked identifiers, and texts as literals (`literals`). What
would be too long for its line gets a name of its own, as in a module that a person writes.
"""

from __future__ import annotations

import builtins
import keyword
import types
import typing
from typing import Any, Literal, Union

from .literals import INDENT, LINE_LENGTH, MAX_TEXT, write_literal, write_text
from .naming import class_name

RUNTIME = "gradioproxy.client.exported"
"""What written modules import what is not public from: its name is in them, and stays."""

# Where each name is imported from that an annotation can have.
_HOMES = {
    "Any": "typing",
    "Literal": "typing",
    "NamedTuple": "typing",
    "TypeAlias": "typing",
    "Enum": "enum",
    "PathLike": "os",
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "date": "datetime",
    "datetime": "datetime",
    "math": "",
    "File": "gradioproxy",
    "FileLike": "gradioproxy",
    "REQUIRED": "gradioproxy",
    "APP_DEFAULT": RUNTIME,
    "App": RUNTIME,
    "FigureLike": RUNTIME,
    "Table": RUNTIME,
    "TableLike": RUNTIME,
    "NotRequired": "typing_extensions",
    "TypedDict": "typing_extensions",
}

RESERVED = frozenset({*_HOMES, *dir(builtins), "__all__", "_app", "connect"})
"""Names that no function, no class and no alias of a written module has."""

# What a field of a class would hide from the annotations below it.
_IN_ANNOTATIONS = frozenset({*_HOMES, "bool", "dict", "float", "int", "list", "str", "tuple"})

# A part of an annotation that is longer gets a name.
MAX_PART = 60

# What a named tuple can't have as fields without hiding a method of its own.
_TUPLE_METHODS = frozenset({"count", "index"})


class TypeWriter:
    """Writes the annotations of one module.

    Args:
        taken: The names of its functions.

    Attributes:
        blocks: The classes and aliases, in the order in which they are needed.
        imported: The names that are used and have to be imported.
        names: The names of the classes and aliases.
    """

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self.blocks: list[list[str]] = []
        self.imported: set[str] = set()
        self.names: dict[str, None] = {}
        self._taken = {*taken, *RESERVED}
        self._classes: dict[int, tuple[Any, str]] = {}
        self._bodies: dict[object, str] = {}
        self._aliases: dict[str, str] = {}
        self._written: dict[int, tuple[Any, str]] = {}
        self._open: set[str] = set()
        self._leads_back = False
        self._suffix = ""

    def use(self, name: str) -> str:
        """Note that a name has to be imported, and return it."""
        self.imported.add(name)
        return name

    def begin(self, suffix: str) -> None:
        """Tell apart by a suffix what would be called alike from here on."""
        self._suffix = suffix

    def write(self, hint: Any, name: str, room: int) -> str:
        """Return an annotation as an expression.

        Args:
            hint: The annotation.
            name: What to call it if it gets a name, in any spelling.
            room: The most columns that it may have.
        """
        around, self._leads_back = self._leads_back, False
        text = self._write(hint, name)
        leads_back, self._leads_back = self._leads_back, around
        if leads_back:
            # Of a class that is not finished: type checkers read texts, too.
            return write_text(text)
        return text if len(text) <= room else self._name(hint, name)

    def write_object(self, hint: Any) -> str:
        """Return the name of a `TypedDict` or a named tuple, which is written unless it is."""
        known = self._classes.get(id(hint))
        if known is not None:
            if known[1] in self._open:
                self._leads_back = True
            return known[1]
        around, self._leads_back = self._leads_back, False
        name = self._free(hint.__name__)
        self._classes[id(hint)] = hint, name
        self._open.add(name)
        is_tuple = hasattr(hint, "_fields")
        fields = self._write_fields(hint)
        self._open.discard(name)
        body = is_tuple, hint.__name__, tuple(fields.items())
        self._leads_back = around
        if body in self._bodies:  # the same for what goes in and for what comes out
            self._release(name)
            name = self._bodies[body]
        else:
            self._bodies[body] = name
            write = self._write_tuple if is_tuple else self._write_dictionary
            self.blocks.append(write(name, fields))
        self._classes[id(hint)] = hint, name
        return name

    # Expressions.

    def _write(self, hint: Any, name: str) -> str:
        """Return an annotation without a name of its own; *name* is for parts of it."""
        # Once each: to give names to parts, the same is asked for again.
        known = self._written.get(id(hint))
        if known is not None:
            return known[1]
        text = self._write_anew(hint, name)
        if not self._leads_back:
            self._written[id(hint)] = hint, text
        return text

    def _write_anew(self, hint: Any, name: str) -> str:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is Literal:
            return self._write_literal(arguments)
        if origin in {Union, types.UnionType}:
            parts = dict.fromkeys(self._write_part(one, name) for one in _sort_members(arguments))
            return " | ".join(parts)
        if hint is Ellipsis:
            return "..."
        if origin is not None and isinstance(origin, type):
            inside = ", ".join(self._write_part(one, name) for one in arguments)
            return f"{self._write_name(origin)}[{inside or '()'}]"
        if hasattr(hint, "__required_keys__") or hasattr(hint, "_fields"):
            return self.write_object(hint)
        return "None" if hint in {None, types.NoneType} else self._write_name(hint)

    def _write_part(self, hint: Any, name: str) -> str:
        text = self._write(hint, name)
        plain = self._leads_back or typing.get_origin(hint) is None
        return text if plain or len(text) <= MAX_PART else self._name(hint, name)

    def _write_name(self, hint: Any) -> str:
        name = getattr(hint, "__name__", None) or str(hint).rpartition(".")[2]
        return self.use(name) if name in _HOMES else name

    def _write_literal(self, values: tuple[Any, ...]) -> str:
        if any(isinstance(value, str) and len(value) > MAX_TEXT for value in values):
            return " | ".join(dict.fromkeys(type(value).__name__ for value in values))
        return f"{self.use('Literal')}[{', '.join(map(write_literal, values))}]"

    # Names.

    def write_imports(self) -> list[str]:
        """Return the lines that import what is used, as a sorter of imports has them."""
        homes: dict[str, list[str]] = {}
        for name in sorted(self.imported, key=lambda name: (not name.isupper(), name)):
            homes.setdefault(_HOMES[name], []).append(name)
        plain = [f"import {name}" for name in homes.pop("", [])]
        own = [home for home in homes if "." in home and home != "collections.abc"]
        foreign = {*own, "gradioproxy", "typing_extensions"}
        blocks = [
            [
                *plain,
                *(_write_import(home, homes[home]) for home in sorted(homes.keys() - foreign)),
            ],
            [_write_import(home, homes[home]) for home in sorted(homes.keys() & foreign)],
        ]
        return "\n\n".join("\n".join(lines) for lines in blocks if lines).split("\n")

    def _name(self, hint: Any, name: str) -> str:
        """Return the name of an alias for an annotation, which is written unless it is."""
        text = self._write(hint, name)
        if text not in self._aliases:
            made = self._free(class_name(name) or "Value")
            self.use("TypeAlias")
            self._aliases[text] = made
            self.blocks.append(self._write_alias(made, hint, text, name))
        return self._aliases[text]

    def _write_alias(self, alias: str, hint: Any, text: str, name: str) -> list[str]:
        head = f"{alias}: TypeAlias = "
        if len(head) + len(text) <= LINE_LENGTH:
            return [head + text]
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in {Union, types.UnionType}:
            parts = dict.fromkeys(self._write_part(one, name) for one in _sort_members(arguments))
            first, *rest = parts
            if len(INDENT) + len(text) <= LINE_LENGTH:
                return [f"{head}(", INDENT + text, ")"]
            return [f"{head}(", f"{INDENT}{first}", *(f"{INDENT}| {one}" for one in rest), ")"]
        if origin is Literal:
            parts = dict.fromkeys(map(write_literal, arguments))
        else:
            parts = dict.fromkeys(self._write_part(one, name) for one in arguments)
        opening, comma = text[: text.index("[") + 1], "," if len(arguments) > 1 else ""
        return [head + opening, *(f"{INDENT}{one}{comma}" for one in parts), "]"]

    def _free(self, name: str) -> str:
        """Return a name that nothing has, and take it."""
        made, number = name, 1
        if made in self._taken:
            name = made = name.removesuffix(self._suffix) + self._suffix
        while made in self._taken or keyword.iskeyword(made):
            number += 1
            made = f"{name}{number}"
        self._taken.add(made)
        self.names[made] = None
        return made

    def _release(self, name: str) -> None:
        self._taken.discard(name)
        del self.names[name]

    # Classes.

    def _write_fields(self, hint: Any) -> dict[str, str]:
        """Return the annotations of a class's fields."""
        fields = {}
        in_call = any(map(self._hides_something, hint.__annotations__))
        for key, kind in hint.__annotations__.items():
            name = f"{hint.__name__} {key}"
            head = f"{INDENT * 2}({write_text(key)}, )" if in_call else f"{INDENT}{key}: "
            needed = hasattr(hint, "_fields") or key in hint.__required_keys__
            if needed:
                room = LINE_LENGTH - len(head)
                fields[key] = self.write(kind, name, max(room, MAX_PART // 2))
                continue
            room = LINE_LENGTH - len(head) - len("NotRequired[]")
            text = self.write(typing.get_args(kind)[0], name, max(room, MAX_PART // 2))
            fields[key] = f"{self.use('NotRequired')}[{text}]"
        return fields

    def _hides_something(self, name: str) -> bool:
        """Tell whether a field can't be written in the body of a class.

        There it would be what its name means in the annotations below it; and what begins with two
        underscores would be another name.
        """
        plain = name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
        return not plain or name in _IN_ANNOTATIONS or name in self.names

    def _write_dictionary(self, name: str, fields: dict[str, str]) -> list[str]:
        base = self.use("TypedDict")
        if not fields:
            return [f"class {name}({base}):", f"{INDENT}pass"]
        if any(map(self._hides_something, fields)):
            lines = [f"{INDENT * 2}{write_text(key)}: {text}," for key, text in fields.items()]
            head = f"{name} = {base}("
            return [
                head,
                f"{INDENT}{write_text(name)},",
                f"{INDENT}{{",
                *lines,
                f"{INDENT}}},",
                ")",
            ]
        return [f"class {name}({base}):", *(f"{INDENT}{key}: {t}" for key, t in fields.items())]

    def _write_tuple(self, name: str, fields: dict[str, str]) -> list[str]:
        base = self.use("NamedTuple")
        if any(self._hides_something(key) for key in fields):
            lines = [f"{INDENT * 2}({write_text(key)}, {text})," for key, text in fields.items()]
            head = f"{name} = {base}("
            return [head, f"{INDENT}{write_text(name)},", f"{INDENT}[", *lines, f"{INDENT}],", ")"]
        lines = []
        for key, text in fields.items():
            hides = "  # type: ignore[assignment]" if key in _TUPLE_METHODS else ""
            lines.append(f"{INDENT}{key}: {text}{hides}")
        return [f"class {name}({base}):", *lines]


def _write_import(home: str, names: list[str]) -> str:
    line = f"from {home} import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join([f"from {home} import (", *(f"{INDENT}{name}," for name in names), ")"])


def _sort_members(members: tuple[Any, ...]) -> list[Any]:
    """Return the members of a union with ``None`` as the last."""
    return sorted(members, key=lambda one: one in {None, types.NoneType})
