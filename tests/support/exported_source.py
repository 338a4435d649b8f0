"""What a written module may be made of, whatever the app says of itself."""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
from typing import TYPE_CHECKING

from gradioproxy.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MODULES = {
    *("collections.abc", "datetime", "enum", "math", "os", "typing", "typing_extensions"),
    *("gradioproxy", "gradioproxy.client.exported"),
}
EXPRESSIONS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Dict),
    *(ast.BinOp, ast.UnaryOp, ast.Call, ast.expr_context, ast.BitOr, ast.USub, ast.keyword),
    *(ast.arguments, ast.arg),
)
CALLED = {"App", "NamedTuple", "TypedDict", "_app.endpoint", "_app.feed_endpoint"}
ATTRIBUTES = {"math.inf", "math.nan", "_app.connect", "_app.endpoint", "_app.feed_endpoint"}


def check_source(text: str) -> ast.Module:
    """Return a module's tree, if nothing of the app's is code in it but names.

    Raises:
        AssertionError: There is something else than definitions whose bodies do nothing.
    """
    # Nothing in it is hidden, or looks like the end of a line.
    assert clean(text, len(text) + 1) == text
    module = ast.parse(text)
    known = set(dir(builtins))
    for statement in module.body:
        known |= _list_bound(statement)
    for statement in module.body:
        _check_statement(statement, known)
    return module


def _list_bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds."""
    match statement:
        case ast.Import(names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name for alias in names}
        case ast.FunctionDef(name) | ast.ClassDef(name):
            return {name}
        case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
            return {name}
    return set()


def _check_statement(  # noqa: C901 - a case for each statement
    statement: ast.stmt, known: set[str]
) -> None:
    match statement:
        case ast.Expr(ast.Constant(str())):
            pass
        case ast.Import([ast.alias("math", None)]):
            pass
        case ast.ImportFrom(module, names, 0):
            assert module in MODULES
            assert all(alias.asname is None for alias in names)
        case ast.Assign(targets=[ast.Name()], value=value):
            _check_expression(value, known)
        case ast.AnnAssign(target=ast.Name(), annotation=ast.Name("TypeAlias"), value=ast.expr()):
            _check_expression(statement.value, known)
        case ast.ClassDef(bases=[ast.Name("TypedDict" | "NamedTuple")], keywords=[]):
            for part in statement.body:
                if not isinstance(part, ast.Pass):
                    assert isinstance(part, ast.AnnAssign)
                    assert part.value is None
                    _check_expression(part.annotation, known)
        case ast.FunctionDef(
            decorator_list=[ast.Call() as decorator],
            body=[ast.Expr(ast.Constant(str())), ast.Raise(ast.Name("NotImplementedError"), None)],
        ):
            assert statement.returns is not None
            for each in (decorator, statement.args, statement.returns):
                _check_expression(each, known)
        case _:
            raise AssertionError(ast.unparse(statement))


def _check_expression(expression: ast.AST | None, known: set[str]) -> None:
    assert expression is not None
    for node in ast.walk(expression):
        assert isinstance(node, EXPRESSIONS), ast.dump(node)
        if isinstance(node, ast.Name):
            assert node.id in known, node.id
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) in ATTRIBUTES
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) in CALLED


def check_format(files: Iterable[Path], folder: Path) -> None:
    """Do nothing, if ``ruff format`` leaves all files as they are.

    Args:
        files: The files.
        folder: Where they are, and no settings of a project.

    Raises:
        AssertionError: Some would be changed: how.
    """
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--diff"]
    done = subprocess.run(
        [*command, *map(str, files)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
