"""Parts of the page that functions of an app make while it runs (``gr.render``).

They are there for one session hash alone, in the answer to the call that made them and not in
``/config``. A part that is made anew takes the place of what it was, functions included; these get
other numbers, and from Gradio 5.50 on other names too, as the old ones are still there at that
moment: here they keep theirs.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .endpoint import Endpoint, Endpoints
from .parse import parse_app
from .places import is_number, list_objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .endpoint import JSON, App

_NUMBERED = re.compile(r"(.+)_([1-9]\d{0,5})", re.DOTALL)


@dataclass(frozen=True)
class Rendering:
    """A part of the page, as it was made last.

    Attributes:
        part: Its number.
        components: The components in it.
        functions: The functions in it, with the names that they have here.
        names: These names by those that the server gave them.
    """

    part: int
    components: Sequence[Mapping[str, JSON]]
    functions: Sequence[Mapping[str, JSON]]
    names: Mapping[str, str]


def parse_rendering(
    raw: JSON, config: Mapping[str, JSON], known: Sequence[Rendering]
) -> Rendering | None:
    """Read a part of the page.

    Args:
        raw: What a function answered that made it.
        config: What ``/config`` answered.
        known: The parts that were made before, among them perhaps this one.

    Returns:
        The part; ``None`` if that is none.
    """
    layout = raw.get("layout") if isinstance(raw, dict) else None
    part = layout.get("id") if isinstance(layout, dict) else None
    if not isinstance(part, int):
        return None
    listed = list_objects(config.get("dependencies"))
    numbers = {function.get("id") for function in listed}
    functions = [
        function
        for function in list_objects(raw.get("dependencies"))
        if is_number(function.get("id")) and function["id"] not in numbers
    ]
    before = next((each.names for each in known if each.part == part), {})
    others = [each.names for each in known if each.part != part]
    names = _choose_names(functions, before, {_read_name(each): "" for each in listed}, others)
    renamed = [{**each, "api_name": names.get(_read_name(each))} for each in functions]
    return Rendering(part, list_objects(raw.get("components")), renamed, names)


def add_renderings(app: App, config: Mapping[str, JSON], renderings: Sequence[Rendering]) -> App:
    """Return an app with what is in parts of the page that it made while it ran.

    Args:
        app: The app, as it describes itself.
        config: What it answered to ``/config``.
        renderings: The parts.
    """
    functions = [function for each in renderings for function in each.functions]
    made = [component for each in renderings for component in each.components]
    # A part is listed before it is made, too, and stays the same component.
    numbers = {component.get("id") for component in made}
    listed = [one for one in list_objects(config.get("components")) if one.get("id") not in numbers]
    later = {component.get("id"): component for component in made}
    whole = parse_app(
        {
            **config,
            "components": [*listed, *later.values()],
            "dependencies": [*list_objects(config.get("dependencies")), *functions],
        }
    )
    named = {f"/{name}" for each in renderings for name in each.names.values()}
    names = named | {f"fn_{function['id']}" for function in functions}
    return replace(
        app,
        endpoints=_join(app.endpoints, whole.endpoints, names),
        undocumented=_join(app.undocumented, whole.undocumented, names),
        unnamed=_join(app.unnamed, whole.unnamed, names),
        stateful=True,
    )


def _join(
    known: Mapping[str, Endpoint], more: Mapping[str, Endpoint], names: set[str]
) -> Endpoints[Endpoint]:
    """Return endpoints with those of others that have one of these names."""
    makers = {name: functools.partial(known.__getitem__, name) for name in known}
    for name in more:
        if name in names:
            makers.setdefault(name, functools.partial(more.__getitem__, name))
    return Endpoints(makers)


def _read_name(function: Mapping[str, JSON]) -> str:
    name = function.get("api_name")
    return name if isinstance(name, str) else ""


def _choose_names(
    functions: Sequence[Mapping[str, JSON]],
    before: Mapping[str, str],
    listed: Mapping[str, str],
    others: Sequence[Mapping[str, str]],
) -> dict[str, str]:
    """Return the names of a part's functions by those that the server gave them.

    Args:
        functions: The functions.
        before: The names of those that they take the place of.
        listed: The names of the app's own.
        others: The names of those in other parts.
    """
    known = {*before, *listed, *(name for names in others for name in names)}
    taken = {*listed, *(name for names in others for name in names.values())}
    chosen: dict[str, str] = {}
    for name in filter(None, map(_read_name, functions)):
        declared = _strip_number(name, known | chosen.keys())
        chosen[name] = _add_number(declared, taken)
        taken.add(chosen[name])
    return chosen


def _strip_number(name: str, known: set[str]) -> str:
    """Return the name that a function was given, if the server added a number because it was taken.

    Args:
        name: The function's name.
        known: Those that the server may have found there.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None or int(match[2]) > len(known):
        return name
    smaller = (f"{match[1]}_{number}" for number in range(1, int(match[2])))
    return match[1] if match[1] in known and all(each in known for each in smaller) else name


def _add_number(name: str, taken: set[str]) -> str:
    """Return a name with a number that makes it one that is not taken, as servers do."""
    number, made = 0, name
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made
