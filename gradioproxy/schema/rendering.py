"""Parts of the page that functions of an app make while it runs (``gr.render``).

They are there for one session hash alone, in the answer to the call that made them and not in
``/config``. A part that is made anew takes the place of what it was, functions included. Its
functions get other numbers, and from Gradio 5.33 on other names too, as the old ones are still
there at that moment: here they keep theirs, in the order in which the page shows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..sizes import measure_value
from .endpoint import Endpoint, Endpoints
from .parse import parse_app
from .places import is_number, list_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .endpoint import JSON, App

    Raw = Mapping[str, JSON]

_NUMBERED = re.compile(r"(.+)_([1-9]\d{0,5})", re.DOTALL)


@dataclass(frozen=True)
class Rendering:
    """A part of the page, as it was made last.

    Attributes:
        part: Its number.
        components: The components in it, by their numbers.
        functions: The functions in it, with the names that they have here.
        server_names: Those that the server gave them.
        size: About how many bytes all this was in an answer.
    """

    part: int
    components: Mapping[int, Raw]
    functions: Sequence[Raw]
    server_names: frozenset[str]
    size: int


@dataclass(frozen=True)
class Renderings:
    """What an app has made for a session.

    Attributes:
        parts: The parts, by their numbers.
        declared: The names that the app gave functions of any part, as long as the session is one:
            the server may still have functions of these names which nobody here knows.
        used: The names that these had here.
    """

    parts: Mapping[int, Rendering]
    declared: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        names = sum(len(name) for name in self.declared | self.used)
        return names + sum(each.size for each in self.parts.values())

    def add(self, raw: JSON, config: Raw) -> Renderings:
        """Return the same with a part that was made, perhaps anew.

        Args:
            raw: What a function answered that made it; what is none changes nothing.
            config: What ``/config`` answered.
        """
        layout = raw.get("layout") if isinstance(raw, dict) else None
        if not isinstance(layout, dict) or not is_number(layout.get("id")):
            return self
        part = layout["id"]
        listed = list_objects(config.get("dependencies"))
        own = {number for each in listed if is_number(number := each.get("id"))}
        found = [
            each
            for each in list_objects(raw.get("dependencies"))
            if is_number(each.get("id")) and each["id"] not in own
        ]
        components = {
            one["id"]: one
            for one in list_objects(raw.get("components"))
            if is_number(one.get("id"))
        }
        inside = self._find_inside(part, components)
        naming = _Naming(self, {part, *inside}, listed, map(_read_name, found))
        functions = [
            {**each, "api_name": naming.choose(_read_name(each))}
            for each in sorted(found, key=_Places(layout).find)
        ]
        names = frozenset(map(_read_name, found))
        made = Rendering(part, components, functions, names, measure_value(raw))
        kept = {number: each for number, each in self.parts.items() if number not in inside}
        return Renderings({**kept, part: made}, naming.get_declared(), naming.get_used())

    def drop(self, part: int) -> Renderings:
        """Return the same without a part, which is another one now, and what was in it."""
        gone = {part, *self._find_inside(part, {})}
        parts = {number: each for number, each in self.parts.items() if number not in gone}
        return replace(self, parts=parts)

    def _find_inside(self, part: int, components: Mapping[int, Raw]) -> set[int]:
        """Return the parts that were in one which is made anew, and are not any more."""
        gone: set[int] = set()
        todo = [part]
        while todo:
            before = self.parts.get(todo.pop())
            lost = before.components.keys() - components.keys() - gone if before else ()
            inside = [number for number in lost if number in self.parts]
            gone.update(inside)
            todo += inside
        return gone - {part}


def add_renderings(app: App, config: Raw, renderings: Renderings) -> App:
    """Return an app with what is in parts of the page that it made while it ran.

    Args:
        app: The app, as it describes itself.
        config: What it answered to ``/config``.
        renderings: The parts.
    """
    parts = renderings.parts.values()
    functions = [function for each in parts for function in each.functions]
    # A part is listed before it is made, too, and stays the same component.
    made = {number: one for each in parts for number, one in each.components.items()}
    listed = [
        one
        for one in list_objects(config.get("components"))
        if not is_number(one.get("id")) or one["id"] not in made
    ]
    whole = parse_app(
        {
            **config,
            "components": [*listed, *made.values()],
            "dependencies": [*list_objects(config.get("dependencies")), *functions],
        }
    )
    names = {f"/{function['api_name']}" for function in functions if function["api_name"]}
    names |= {f"fn_{function['id']}" for function in functions}
    return replace(
        app,
        endpoints=_join(app.endpoints, whole.endpoints, names),
        undocumented=_join(app.undocumented, whole.undocumented, names),
        unnamed=_join(app.unnamed, whole.unnamed, names),
        stateful=True,
    )


def _join(
    known: Mapping[str, Endpoint], more: Mapping[str, Endpoint], names: set[str]
) -> Mapping[str, Endpoint]:
    """Return endpoints with those of others that have one of these names."""
    added = {name: more for name in more if name in names and name not in known}
    return Endpoints({**dict.fromkeys(known, known), **added}, _take)


def _take(name: str, source: Mapping[str, Endpoint]) -> Endpoint:
    return source[name]


def _read_name(function: Raw) -> str:
    name = function.get("api_name")
    return name if isinstance(name, str) else ""


class _Places:
    """Where the page shows the components of a part.

    Args:
        layout: The part's layout.
    """

    def __init__(self, layout: Raw) -> None:
        self._places: dict[int, int] = {}
        todo: list[JSON] = [layout]
        while todo:
            one = todo.pop()
            if is_number(one.get("id")):
                self._places.setdefault(one["id"], len(self._places))
            todo += reversed(list_objects(one.get("children")))

    def find(self, function: Raw) -> int:
        """Return the place of what calls a function first; of others, one behind all of them."""
        targets = function.get("targets")
        for target in targets if isinstance(targets, list) else []:
            if isinstance(target, list) and target and is_number(target[0]):
                return self._places.get(target[0], len(self._places))
        return len(self._places)


class _Naming:
    """Names the functions of one part.

    Args:
        known: What the app has made before.
        anew: The numbers of those parts that are another one now.
        listed: The app's own functions.
        given: The names that the server gave the functions of this part.
    """

    def __init__(
        self, known: Renderings, anew: set[int], listed: Iterable[Raw], given: Iterable[str]
    ) -> None:
        own = set(map(_read_name, listed))
        others = [each for each in known.parts.values() if each.part not in anew]
        self._earlier = known
        self._declared: set[str] = set()
        self._used: set[str] = set()
        self._known = {*own, *given, *(name for each in others for name in each.server_names)}
        self._taken = own | {_read_name(one) for each in others for one in each.functions}
        # By name: up to which number the server has it, and the next that is free here.
        self._counts: dict[str, int] = {}
        self._next: dict[str, int] = {}

    def get_declared(self) -> frozenset[str]:
        """Return the names that the app gave functions, those that were named here included."""
        return self._earlier.declared | self._declared

    def get_used(self) -> frozenset[str]:
        """Return the names that functions had here, those that were chosen included."""
        return self._earlier.used | self._used

    def choose(self, given: str) -> str | None:
        """Return the name of a function that the server called so; ``None`` if it has none."""
        if not given:
            return None
        name = self._strip_number(given)
        self._declared.add(name)
        made, number = name, self._next.get(name, 0)
        while made in self._taken:
            number += 1
            made = f"{name}_{number}"
        self._next[name] = number
        self._taken.add(made)
        self._used.add(made)
        return made

    def _strip_number(self, given: str) -> str:
        """Return the name that the app gave, if the server added a number because it was taken."""
        match = _NUMBERED.fullmatch(given)
        if match is None or given in self._earlier.declared:
            return given
        name, number = match[1], int(match[2])
        if name in self._earlier.declared or name in self._earlier.used:
            return name  # of smaller numbers there may be functions that nobody here knows
        is_taken = name in self._known and number <= self._count_taken(name) + 1
        return name if is_taken else given

    def _count_taken(self, name: str) -> int:
        """Return up to which number the server has functions of a name."""
        count = self._counts.get(name, 0)
        while f"{name}_{count + 1}" in self._known:
            count += 1
        self._counts[name] = count
        return count
