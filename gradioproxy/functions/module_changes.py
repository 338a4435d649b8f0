"""What has changed between two texts of a written module, by reading them and nothing else."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How much of an annotation or of a default a line has.
MAX_SHOWN = 120


def find_module_changes(before: str, after: str) -> list[str]:
    """Say what has changed.

    Args:
        before: The source of a written module.
        after: What would be written now.

    Returns:
        Each change as a line of text; none only if both texts are the same.

    Raises:
        ValueError: What was there is no source of Python.
    """
    before = before.replace("\r\n", "\n")
    if before == after:
        return []
    try:
        old, new = ast.parse(before), ast.parse(after)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"this is no module of Python: {one_line(error)}") from None
    found = [
        *_compare_functions(_list_functions(old), _list_functions(new)),
        *_compare_types(_list_types(old), _list_types(new)),
    ]
    if found:
        return found
    if ast.dump(old) == ast.dump(new):
        return ["only the form of the file has changed: its comments, blanks or quotation marks"]
    return ["what it says at its beginning, of the app or of gradioproxy, has changed"]


Functions = dict[str, ast.FunctionDef]


def _list_functions(module: ast.Module) -> Functions:
    return {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}


def _list_types(module: ast.Module) -> dict[str, ast.stmt]:
    """Return classes and aliases by their names."""
    found: dict[str, ast.stmt] = {}
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if isinstance(node.value, ast.Call) and name[:1] != "_":
                found[name] = node
    return found


def _compare_functions(before: Functions, after: Functions) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"{name}() is gone"
    for name, new in after.items():
        if name not in before:
            yield f"{name}() is new"
        else:
            yield from _compare_function(name, before[name], new)


def _compare_function(name: str, before: ast.FunctionDef, after: ast.FunctionDef) -> Iterator[str]:
    changes = list(_compare_signature(before, after))
    if not changes and _write(before.decorator_list) != _write(after.decorator_list):
        changes = ["it is another function of the app"]
    if not changes and ast.get_docstring(before) != ast.get_docstring(after):
        changes = ["its docstring has changed"]
    for change in changes:
        yield f"{name}(): {change}"


def _compare_signature(before: ast.FunctionDef, after: ast.FunctionDef) -> Iterator[str]:
    old, new = _list_parameters(before), _list_parameters(after)
    for name in old:
        if name not in new:
            yield f"there is no {name!r} any more"
    for name, (kind, default) in new.items():
        if name not in old:
            value = f" = {_cut(default)}" if default else ""
            yield f"{name!r} is new ({_cut(kind)}{value})"
            continue
        old_kind, old_default = old[name]
        if kind != old_kind:
            yield f"{name!r} takes {_cut(kind, old_kind)}, and took {_cut(old_kind, kind)}"
        if default != old_default:
            has, had = _cut(default, old_default), _cut(old_default, default)
            yield f"{name!r} has {_name_default(has)}, and had {_name_default(had)}"
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield f"its parameters come in another order: {', '.join(new)}"
    given, gave = _write(after.returns), _write(before.returns)
    if given != gave:
        yield f"it returns {_cut(given, gave)}, and returned {_cut(gave, given)}"


def _list_parameters(function: ast.FunctionDef) -> dict[str, tuple[str, str]]:
    """Return annotations and defaults by the parameters' names; empty where there are none."""
    parameters, defaults = function.args.args, function.args.defaults
    first = len(parameters) - len(defaults)
    return {
        each.arg: (
            _write(each.annotation),
            _write(defaults[place - first]) if place >= first else "",
        )
        for place, each in enumerate(parameters)
    }


def _name_default(default: str) -> str:
    return f"the default {default}" if default else "no default"


def _compare_types(before: Mapping[str, ast.stmt], after: Mapping[str, ast.stmt]) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"the type {name} is gone"
    for name, new in after.items():
        if name not in before:
            yield f"the type {name} is new: {_cut(_write(new))}"
        elif _write(before[name]) != _write(new):
            old = _write(before[name])
            yield f"the type {name} is {_cut(_write(new), old)}, and was {_cut(old, _write(new))}"


def _write(node: ast.AST | list[ast.expr] | None) -> str:
    """Return source, all of it: it is compared."""
    if node is None:
        return ""
    nodes = node if isinstance(node, list) else [node]
    return " ".join(map(ast.unparse, nodes))


def _cut(text: str, other: str = "") -> str:
    """Return as much of a source as is shown: where it differs from another one, if it is long."""
    pairs = zip(text, other, strict=False)
    place = next((n for n, (one, two) in enumerate(pairs) if one != two), 0)
    start = 0 if len(text) <= MAX_SHOWN else max(0, place - MAX_SHOWN // 3)
    return ("…" if start else "") + one_line(text[start:], MAX_SHOWN)
