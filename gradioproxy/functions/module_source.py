"""The functions of an app as the source of a module that can be imported, read and checked.

The text is a function of what the app says and of nothing else: the same app, the same bytes.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..text import one_line
from .annotations import build_annotations
from .codegen import APP_DEFAULT, REQUIRED
from .docstring import compose_docstring
from .exported_signature import build_signature
from .literals import INDENT, LINE_LENGTH, write_docstring, write_literal, write_text
from .naming import namespace_names, parameter_names
from .type_source import RESERVED, TypeWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..options import DocstringStyle
    from ..schema.endpoint import Endpoint
    from .annotations import Classes
    from .exported_signature import ExportedSignature


@dataclass(frozen=True)
class ModuleHead:
    """What a module says of its app.

    Attributes:
        source: Where the app is: what `connect` takes, without secrets.
        title: Its title.
        version: Its version of Gradio.
        note: What whoever uses it has to know of the description, as a sentence.
        style: The style of the docstrings.
        unnamed: Whether functions without a name are in it as well.
    """

    source: str
    title: str
    version: str
    note: str = ""
    style: DocstringStyle = "google"
    unnamed: bool = False


def write_module(head: ModuleHead, endpoints: Mapping[str, Endpoint]) -> str:
    """Return the source of a module.

    Args:
        head: What it says of its app.
        endpoints: The endpoints by the attributes of the functions, in the app's order.

    Returns:
        Source that every formatter, type checker and linter of imports leaves as it is.
    """
    names = name_functions(endpoints)
    writer, classes = TypeWriter(frozenset(names)), dict[object, type]()
    writer.use("App")
    functions = [
        _write_function(writer, name, endpoint, head.style, classes)
        for name, endpoint in zip(names, endpoints.values(), strict=True)
    ]
    public = sorted(["connect", *names, *writer.names], key=_sort_key)
    blocks = [
        "\n".join([*_write_head(head), "", *writer.write_imports(), "", *_write_names(public)]),
        *_write_types(writer.blocks),
        _write_app(head),
        *functions,
    ]
    return "\n\n\n".join(blocks) + "\n"


def name_functions(attributes: Iterable[str]) -> tuple[str, ...]:
    """Name functions for a module of their own, from their names as attributes of a session."""
    made = [f"{name}_" if name in RESERVED else name for name in attributes]
    return namespace_names(made, "")


def _write_head(head: ModuleHead) -> list[str]:
    source, version = one_line(head.source, 300), one_line(head.version, 40)
    title = one_line(head.title, 100)
    called = f" ({title})" if title and title != "Gradio" else ""
    options = "" if head.style == "google" else f" --docstring-style {head.style}"
    options += " --unnamed" if head.unnamed else ""
    text = [
        f"The functions of the Gradio app at {source}{called}.",
        "",
        f"Written by gradioproxy {__version__} from what the app, of Gradio {version}, says.",
        "What is changed in it is lost when it is renewed:",
        "",
        f"    gradioproxy export {shlex.quote(source)}{options} -o <this file>",
    ]
    if head.note:
        text += ["", one_line(head.note, 300)]
    return write_docstring("\n".join(text))


def _sort_key(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Return what sorts names as linters do: constants, classes, others, and numbers as such."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = re.split(r"([0-9]+)", name)
    return kind, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _write_names(names: list[str]) -> list[str]:
    lone = f"__all__ = [{', '.join(map(write_text, names))}]"
    if len(lone) <= LINE_LENGTH:
        return [lone]
    return ["__all__ = [", *(f"{INDENT}{write_text(name)}," for name in names), "]"]


def _write_types(blocks: list[list[str]]) -> list[str]:
    """Return classes and aliases; aliases of a line each stand together."""
    made: list[str] = []
    for before, block in zip([[], *blocks], blocks, strict=False):
        text = "\n".join(block)
        if len(before) == 1 and len(block) == 1:
            made[-1] += f"\n{text}"
        else:
            made.append(text)
    return made


def _write_app(head: ModuleHead) -> str:
    lone = f"_app = App({write_text(head.source)}, {write_text(__version__)})"
    if len(lone) > LINE_LENGTH:
        arguments = [f"{INDENT}{write_text(text)}," for text in (head.source, __version__)]
        lone = "\n".join(["_app = App(", *arguments, ")"])
    comment = "# Connects when it is first needed; connect(token=...) does it before, with options."
    return f"{comment}\n{lone}\nconnect = _app.connect"


def _write_function(
    writer: TypeWriter, name: str, endpoint: Endpoint, style: DocstringStyle, classes: Classes
) -> str:
    signature, names = build_signature(name, endpoint, classes), parameter_names(endpoint)
    doc = compose_docstring(
        endpoint,
        name=name,
        parameters=names,
        annotations=build_annotations(name, names, endpoint, classes),
        style=style,
        app="",
    )
    return "\n".join(
        [
            f"@_app.{_choose_maker(endpoint)}({write_text(endpoint.name)})",
            *_write_signature(writer, name, signature),
            *write_docstring(doc, INDENT),
            f"{INDENT}raise NotImplementedError",
        ]
    )


def _choose_maker(endpoint: Endpoint) -> str:
    """Return the name of what makes a function, of those that `exported.App` has."""
    return "feed_endpoint" if endpoint.takes_chunks else "endpoint"


def _write_signature(writer: TypeWriter, name: str, signature: ExportedSignature) -> list[str]:
    writer.begin("Result")
    returns = writer.write(signature.returns, name, LINE_LENGTH - len(INDENT))
    writer.begin("Input")
    parameters = [
        _write_parameter(writer, known, hint, signature.defaults)
        for known, hint in signature.hints.items()
    ]
    lone = f"def {name}({', '.join(parameters)}) -> {returns}:"
    if len(lone) <= LINE_LENGTH and "\n" not in lone:
        return [lone]
    if not parameters:
        return [lone]
    return [f"def {name}(", *(f"{INDENT}{one}," for one in parameters), f") -> {returns}:"]


def _write_parameter(writer: TypeWriter, name: str, hint: Any, defaults: Mapping[str, Any]) -> str:
    room = LINE_LENGTH - len(INDENT) - len(f"{name}: ,")
    if name not in defaults:
        return f"{name}: {writer.write(hint, name, room)}"
    default = _write_default(writer, defaults[name], LINE_LENGTH)
    # A list or an object can be broken into lines; what is short stays beside its annotation.
    behind = len(default) if len(default) <= LINE_LENGTH // 3 else 1
    kind = writer.write(hint, name, room - len(" = ") - behind)
    left = room - len(kind) - len(" = ")
    return f"{name}: {kind} = {_write_default(writer, defaults[name], left)}"


def _write_default(writer: TypeWriter, default: Any, room: int) -> str:
    if default is REQUIRED or default is APP_DEFAULT:
        return writer.use("REQUIRED" if default is REQUIRED else "APP_DEFAULT")
    text = write_literal(default, INDENT, room)
    if _has_special_number(default):
        writer.use("math")
    return text


def _has_special_number(value: Any) -> bool:
    """Tell whether a literal has a number in it that has no digits."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return any(map(_has_special_number, inside))
    return isinstance(value, float) and value - value != 0
