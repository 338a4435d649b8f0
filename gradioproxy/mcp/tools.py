"""The tools of a server: which functions of which apps, and how each is described.

They are made from what the apps say of themselves at the moment. An app that was restarted is
described anew by its session, and then its tools are made anew as well.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mcp import types

from ..functions.docstring import description
from ..functions.naming import MAX_LENGTH
from ..functions.tool import MAX_DESCRIPTION, build_arguments_schema
from ..suggest import find_nearest
from ..text import clean, one_line
from ..values.simplify import make_sendable, map_texts
from .output_schema import OutputSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ..functions.name_table import FunctionNames
    from ..schema.endpoint import Endpoint
    from .apps import App

_OTHER = re.compile(r"[^a-zA-Z0-9]+")
# Of the 64 characters of a name, an app's prefix has so many at most.
_LONGEST_PREFIX = 24
# What Gradio calls an app whose author gave it no title.
_UNTITLED = frozenset({"", "gradio"})
# What a model reads of a schema; the rest, names and types, is what calls are made and checked by.
_SAID = frozenset({"description", "default", "enum"})


@dataclass(frozen=True)
class Tool:
    """A function of an app as a tool.

    Attributes:
        name: What it is called here.
        own_name: What it is called among the tools of its app.
        app: The app.
        endpoint: The function's endpoint.
        file_text: How a model is told to name a file.
    """

    name: str
    own_name: str
    app: App
    endpoint: Endpoint
    file_text: str

    @cached_property
    def output(self) -> OutputSchema:
        """What it returns."""
        return OutputSchema(self.endpoint)

    @cached_property
    def definition(self) -> types.Tool:
        """What clients are told of it, without secrets that the app may have put into it."""
        hide = self.app.hide
        schema = build_arguments_schema(self.endpoint, self.file_text)
        return types.Tool(
            name=self.name,
            description=hide(clean(description(self.endpoint), MAX_DESCRIPTION)),
            input_schema=_make_presentable(schema, hide),
            output_schema=_make_presentable(self.output.schema, hide),
            # It is a stranger's server that runs it.
            annotations=types.ToolAnnotations(open_world_hint=True),
        )


class UnknownTool(LookupError):
    """There is no tool of a name; the message says which are near."""


class Toolbox:
    """The tools of several apps.

    Args:
        apps: The apps.
        only: The names of the functions that become tools; all, if there are none.
        without: The names of those that don't.
        prefixed: Whether the names of tools begin with their app's; always with several apps.
        file_text: How a model is told to name a file.

    Raises:
        UnknownTool: A name of *only* or *without* is none of a function.
    """

    def __init__(
        self,
        apps: Sequence[App],
        *,
        only: Iterable[str] = (),
        without: Iterable[str] = (),
        prefixed: bool = False,
        file_text: str,
    ) -> None:
        prefixed = prefixed or len(apps) > 1
        self._prefixes = choose_prefixes(apps) if prefixed else [""] * len(apps)
        self._apps = apps
        self._only, self._without = frozenset(only), frozenset(without)
        self._file_text = file_text
        # The tools, and what the apps said of themselves when they were made; one object, as
        # several threads ask.
        self._made: tuple[list[object], Mapping[str, Tool]] = [], {}
        self._ensure_known(self._only | self._without)

    def list(self) -> Mapping[str, Tool]:
        """Return the tools by their names, as the apps are described now."""
        seen: list[object] = [app.connection.description for app in self._apps]
        before, tools = self._made
        if len(seen) != len(before) or any(map(operator.is_not, seen, before)):
            tools = {tool.name: tool for tool in self._make_tools()}
            self._made = seen, tools
        return tools

    def get(self, name: str) -> Tool:
        """Return a tool by its name.

        Raises:
            UnknownTool: There is none.
        """
        tools = self.list()
        if name not in tools:
            raise _build_unknown("tool", name, tools)
        return tools[name]

    def _make_tools(self) -> Iterator[Tool]:
        for app, row, name in self._name_functions():
            endpoint = app.description.find(row.endpoint)
            # What can't be called is no tool.
            if endpoint is None or endpoint.contradiction or not self._is_chosen(row, name):
                continue
            yield Tool(name, row.tool, app, endpoint, self._file_text)

    def _name_functions(self) -> Iterator[tuple[App, FunctionNames, str]]:
        """Yield each function of each app with its tool's name, the same whichever are chosen."""
        taken: set[str] = set()
        for app, prefix in zip(self._apps, self._prefixes, strict=True):
            for row in app.connection.names.rows:
                name = _join_name(prefix, row.tool, taken)
                taken.add(name)
                yield app, row, name

    def _is_chosen(self, row: FunctionNames, name: str) -> bool:
        names = _list_names(row, name)
        return (not self._only or not self._only.isdisjoint(names)) and self._without.isdisjoint(
            names
        )

    def _ensure_known(self, names: Iterable[str]) -> None:
        known: set[str] = set()
        for _, row, made in self._name_functions():
            known |= _list_names(row, made)
        for name in names:
            if name not in known:
                # An endpoint is also known without its slash.
                shown = {one for one in known if not one.startswith("/")}
                raise _build_unknown("function", name.removeprefix("/"), shown)


def choose_prefixes(apps: Sequence[App]) -> list[str]:
    """Return for each app what the names of its tools begin with: its title, or its name.

    They differ, and have letters, digits and single underscores.
    """
    made: list[str] = []
    for app in apps:
        words = "" if app.title.strip().lower() in _UNTITLED else _join_words(app.title)
        base = words or _join_words(app.name) or "app"
        prefix, number = base, 1
        while prefix in made:
            number += 1
            prefix = f"{base}_{number}"
        made.append(prefix)
    return made


def _join_words(text: str) -> str:
    return _OTHER.sub("_", text)[:_LONGEST_PREFIX].strip("_").lower()


def _join_name(prefix: str, name: str, taken: Iterable[str]) -> str:
    """Return the name of a tool behind its app's prefix, which none of the others has."""
    whole = f"{prefix}_{name}" if prefix else name
    made, number = whole[:MAX_LENGTH], 1
    while made in taken:
        number += 1
        end = f"_{number}"
        made = whole[: MAX_LENGTH - len(end)] + end
    return made


def _list_names(row: FunctionNames, name: str) -> set[str]:
    """Return what a function may be called by whoever chooses some."""
    return {row.endpoint, row.endpoint.removeprefix("/"), row.attribute, row.tool, name}


def _build_unknown(noun: str, name: str, known: Iterable[str]) -> UnknownTool:
    near = find_nearest(name, sorted(known))
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    return UnknownTool(f"there is no {noun} {one_line(name, 80)!r}{hint}")


def _make_presentable(schema: Any, hide: Callable[[str], str]) -> Any:
    """Return a JSON Schema that can be sent, and says no secret."""
    return map_texts(_hide_said(schema, hide), make_sendable)


def _hide_said(schema: Any, hide: Callable[[str], str], *, by_names: bool = False) -> Any:
    """Return a JSON Schema without secrets in what it says, or several by their names."""
    if isinstance(schema, list):
        return [_hide_said(part, hide) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: map_texts(part, hide)
        if key in _SAID and not by_names
        else _hide_said(part, hide, by_names=key == "properties" and not by_names)
        for key, part in schema.items()
    }
