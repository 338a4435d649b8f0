"""The public interface as text: names, parameters, annotations, defaults, docstrings' first lines.

``python -m tests.contract.public_api`` writes it to ``api.txt`` beside this file. The text is the
same under every Python that is supported.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, ForwardRef, Literal, get_origin

import gradioproxy
from gradioproxy import errors, hub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SNAPSHOT = Path(__file__).with_name("api.txt")
SOURCES = str(Path(gradioproxy.__file__).parent)

# What `gradioproxy.errors` has besides the exceptions, which are names of `gradioproxy`.
FACTS = ("Limit", "Problem", "Trace")

PUBLIC: dict[str, Any] = {
    **{f"gradioproxy.{name}": getattr(gradioproxy, name) for name in gradioproxy.__all__},
    **{f"gradioproxy.errors.{name}": getattr(errors, name) for name in FACTS},
    **{f"gradioproxy.hub.{name}": getattr(hub, name) for name in hub.__all__},
}
WIDTH = 100
STARS: dict[object, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}


def render_api() -> str:
    """Return the text."""
    return "\n".join("\n".join([*render_name(name, PUBLIC[name]), ""]) for name in sorted(PUBLIC))


def render_name(name: str, value: Any) -> Iterator[str]:
    """Yield the lines for a public name."""
    if isinstance(value, type):
        yield from render_class(name, value)
    elif inspect.isfunction(value):
        yield from render_function(f"def {name}", value)
    elif inspect.ismodule(value):
        yield f"module {name}"
    else:
        yield f"object {name}" + (f" = {value}" if get_origin(value) is Literal else "")


def render_class(name: str, kind: type) -> Iterator[str]:
    """Yield the lines for a class: how one is made, if callers do that, and what it has."""
    yield f"class {name}({', '.join(dict.fromkeys(list_bases(kind)))})"
    yield from indent(render_docstring(kind))
    if issubclass(kind, BaseException) or kind.__module__ == errors.__name__:
        yield from indent(render_function("def __init__", kind))
    members: dict[str, Any] = {}
    # What another public class hands down is told there.
    for base in reversed(kind.__mro__):
        if base is kind or (is_own(base) and base not in PUBLIC.values()):
            members |= list_members(base)
    for member in sorted(members):
        yield from indent(render_member(member, members[member]))


def list_bases(kind: type) -> Iterator[str]:
    """Yield the names of the classes that a class is made from, and of those of private ones."""
    for base in kind.__bases__:
        if base.__name__.startswith("_"):
            yield from list_bases(base)
        else:
            yield base.__name__


def is_own(kind: type) -> bool:
    """Tell whether a class is the package's."""
    return kind.__module__.partition(".")[0] == "gradioproxy"


def list_members(kind: type) -> dict[str, Any]:
    """Return what a class itself has for everybody: fields as text, properties and methods."""
    found: dict[str, Any] = {}
    for name, value in vars(kind).items():
        if name.startswith("__"):
            # Not those that Python makes for dataclasses and named tuples.
            written = inspect.isfunction(value) and value.__code__.co_filename.startswith(SOURCES)
            if not written or name in {"__init__", "__post_init__", "__init_subclass__"}:
                continue
        elif name.startswith("_"):
            continue
        found[name] = value
    for name, annotation in inspect.get_annotations(kind).items():
        text = render_annotation(annotation)
        default = found.get(name, inspect.Parameter.empty)
        known = default is not inspect.Parameter.empty and not inspect.isdatadescriptor(default)
        if not name.startswith("_"):
            found[name] = f"{text} = {default!r}" if known else text
    return found


def render_member(name: str, value: Any) -> Iterator[str]:
    """Yield the lines for a field, a property or a method."""
    if isinstance(value, str):
        yield f"field {name}: {value}"
    elif isinstance(value, property):
        returned = inspect.signature(value.fget).return_annotation  # type: ignore[arg-type]
        yield f"property {name}: {render_annotation(returned)}"
        yield from indent(render_docstring(value))
    elif isinstance(value, classmethod | staticmethod):
        yield from render_function(f"{type(value).__name__} {name}", value.__func__)
    elif inspect.isfunction(value):
        yield from render_function(f"def {name}", value)
    else:
        yield f"attribute {name}"


def render_function(head: str, function: Any) -> Iterator[str]:
    """Yield the lines for a function: one, or one for each parameter."""
    signature = inspect.signature(function)
    parameters = list(render_parameters(signature.parameters.values()))
    returned = f") -> {render_annotation(signature.return_annotation)}"
    line = f"{head}({', '.join(parameters)}{returned}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from [f"{head}(", *(f"    {parameter}," for parameter in parameters), returned]
    if not isinstance(function, type):
        yield from indent(render_docstring(function))


def render_parameters(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Yield the text of each parameter, and the star before those that are keywords only."""
    starred = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            yield "*"
        starred |= parameter.kind in {parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL}
        text = STARS.get(parameter.kind, "") + parameter.name
        if parameter.annotation is not parameter.empty:
            text += f": {render_annotation(parameter.annotation)}"
        if parameter.default is not parameter.empty:
            text += " = ..." if parameter.default is ... else f" = {parameter.default!r}"
        yield text


def render_annotation(annotation: object) -> str:
    """Return an annotation as it was written."""
    return annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else str(annotation)


def render_docstring(value: object) -> Iterator[str]:
    """Yield the first line of a docstring, if there is one; none is inherited."""
    if value.__doc__:
        yield f'"""{inspect.cleandoc(value.__doc__).splitlines()[0]}"""'


def indent(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines further to the right."""
    return (f"    {line}" for line in lines)


if __name__ == "__main__":
    SNAPSHOT.write_text(render_api(), encoding="utf-8")
