"""Each library is known to few modules, and no module evaluates anything.

Who of our own modules imports whom is held by `scripts/lint`.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import gradioproxy

ROOT = Path(gradioproxy.__file__).parent

LIBRARIES = {
    "IPython": {"ipython.extension", "ipython.shell"},
    "click": {
        *(
            "cli.access",
            "cli.arguments",
            "cli.asking",
            "cli.call",
            "cli.completion",
            "cli.diff",
            "cli.doctor",
        ),
        *("cli.endpoint",),
        *(
            "cli.export",
            "cli.failures",
            "cli.hub",
            "cli.info",
            "cli.input",
            "cli.known",
            "cli.lock",
            "cli.map",
            "cli.mcp",
        ),
        *("cli.row_arguments", "cli.row_calls", "cli.row_checks", "cli.row_results", "cli.rows"),
        *("cli.root", "cli.saving", "cli.shell", "cli.target"),
    },
    "docstring_parser": {"functions.docstring"},
    "anyio": {"mcp.calls", "mcp.http", "mcp.reports", "mcp.server", "mcp.stdio"},
    "certifi": {"transport.text_socket"},
    "distributed": {"many.dask_workers"},
    "jsonschema": {"mcp.output_schema"},
    "makefun": {"functions.codegen"},
    "mcp": {
        *("mcp.clients", "mcp.failures", "mcp.http", "mcp.media", "mcp.resources", "mcp.results"),
        *("mcp.server", "mcp.stdio", "mcp.tools"),
    },
    "pandas": {"many.journal", "values.table"},
    "platformdirs": {"client.cache"},
    "pydantic_core": {"pydantic_schemas"},
    "pytest": {"testing.plugin"},
    "requests": {
        *("transport.adapter", "transport.connections", "transport.exceptions"),
        *("transport.local", "transport.origin", "transport.text_socket"),
    },
    "requests_toolbelt": {"transport.request"},
    "tqdm": {"progress_bar"},
    "traitlets": {"ipython.shell"},
    "typing_extensions": {"functions.annotations", "functions.file_like", "functions.table_like"},
    "urllib3": {"transport.exceptions", "transport.pool", "transport.socks", "transport.url"},
    "uvicorn": {"mcp.http"},
    "websocket": {"transport.text_socket"},
}
LOCKS = {"Lock", "RLock", "Condition"}


class Module(ast.NodeVisitor):
    """The libraries that a module imports, wherever it does, and what it calls by a bare name."""

    def __init__(self, path: Path) -> None:
        self.libraries: set[str] = set()
        self.calls: set[str] = set()
        self.locks: set[str] = set()
        self.catching: set[str] = set()
        self.visit(ast.parse(path.read_text(encoding="utf-8")))

    def visit_If(self, node: ast.If) -> None:
        """Leave out what only type checkers read."""
        if ast.unparse(node.test) == "TYPE_CHECKING":
            for child in node.orelse:
                self.visit(child)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """Note libraries."""
        self.libraries |= {alias.name.partition(".")[0] for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note a library."""
        if not node.level:
            self.libraries.add(str(node.module).partition(".")[0])
        if node.module == "threading":
            self.locks |= {alias.name for alias in node.names} & LOCKS

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Note generators that are context managers and catch what is raised in their context."""
        decorators = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
        tries = [each for each in ast.walk(node) if isinstance(each, ast.Try)]
        if "contextmanager" in decorators and any(each.handlers for each in tries):
            self.catching.add(node.name)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note the locks of the standard library."""
        if ast.unparse(node.value) == "threading" and node.attr in LOCKS:
            self.locks.add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note what is called by its bare name."""
        if isinstance(node.func, ast.Name):
            self.calls.add(node.func.id)
        self.generic_visit(node)


def name_of(path: Path) -> str:
    """Return a module's name within the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): Module(path) for path in sorted(ROOT.rglob("*.py"))}


@pytest.mark.parametrize("name", MODULES)
def test_libraries_are_known_to_few(name: str) -> None:
    """A library is used by the modules that are there for it."""
    for library in MODULES[name].libraries - sys.stdlib_module_names - {"gradioproxy"}:
        assert name in LIBRARIES.get(library, set()), (name, library)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_evaluated(name: str) -> None:
    """No module evaluates, compiles or unpickles: what comes from strangers is data."""
    module = MODULES[name]
    assert not module.calls & {"eval", "exec", "compile", "__import__"}
    assert not module.libraries & {"pickle", "marshal", "shelve", "code", "runpy"}


@pytest.mark.parametrize("name", MODULES)
def test_context_managers_that_catch_are_classes(name: str) -> None:
    """A generator that does holds what it caught, and whoever used it, from Python 3.12 on.

    Its frame, to which the error's traceback leads, knows the frame that holds the error.
    """
    assert MODULES[name].catching == set()


@pytest.mark.parametrize("name", MODULES)
def test_every_lock_is_free_in_a_forked_child(name: str) -> None:
    """So all of them come from one module."""
    assert not MODULES[name].locks or name == "forksafe"
