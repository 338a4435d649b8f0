"""Modules depend on each other in one direction, and each library is known to few of them."""

from __future__ import annotations

import ast
import graphlib
import sys
from pathlib import Path

import pytest

import gradioproxy

ROOT = Path(gradioproxy.__file__).parent

# Innermost first: a module imports modules of its own layer and of those before it.
LAYERS = (
    {"text", "errors", "options", "forks", "notices", "statuses", "in_flight"},
    {
        *("shapes", "components", "choices", "naming", "schema", "page", "places", "entries"),
        "description",
    },
    {
        *("address", "reach", "access", "translation", "answers", "connections", "sockets"),
        *("identity", "login", "request", "requester", "transport", "whole_response"),
    },
    {
        *("protocols", "protocols.cancelling", "protocols.choice", "protocols.diffs"),
        *("protocols.direct", "protocols.settling", "protocols.states"),
        *("protocols.events", "protocols.framing", "protocols.lone", "protocols.machine"),
        *("protocols.messages", "protocols.replies", "protocols.simple", "protocols.sse"),
        *("protocols.sse_v1", "protocols.websocket"),
    },
    {
        *("encoding", "plain", "coercion", "grids", "tables", "conform", "limits", "changes"),
        *("attachments", "blanks", "saved"),
        *("sources", "forms", "plan", "marks", "fitting", "faults", "files", "values", "results"),
        "strangers",
        "media",
        *(
            "uploads",
            "workers",
            "call",
            "hashes",
            "lane",
            "reader",
            "settle",
            "lanes",
            "heartbeat",
            "jobs",
            "partial_results",
            "order",
            "status",
            "streams",
            "memory",
            "progress",
            "engine",
            "mapping",
            "partial_results",
            "updates",
        ),
    },
    {
        *("annotations", "examples", "prose", "docs", "codegen", "signatures", "check", "tools"),
        "functions",
        "tool_calls",
    },
    {
        *(
            "discovery",
            "apps",
            "attributes",
            "collisions",
            "namespace",
            "registry",
            "proxy",
            "primitives",
            "info",
            "pipes",
        ),
        *("hub", "hub.api", "hub.commands", "hub.reaching", "hub.records", "hub.refusals"),
        *("hub.stages", "hub.tokens"),
    },
    {"display", "export", "ipython", "cli", "create"},
)

# Imports within functions that go against the direction, and why they have to.
OUTWARD = {
    ("apps", "namespace"): "a module of functions is asked for them by pickle",
    ("apps", "proxy"): "unpickling a function connects",
    ("proxy", "display"): "print(app) is a way to use a session",
    ("errors", "__init__"): "a report has the version",
}

# Which modules know which library.
LIBRARIES = {
    "requests": {"access", "connections", "requester", "sockets", "translation", "transport"},
    "urllib3": {"access", "connections", "translation"},
    "requests_toolbelt": {"transport"},
    "websocket": {"sockets"},
    "certifi": {"sockets"},
    "makefun": {"codegen"},
    "docstring_parser": {"docs"},
    "typing_extensions": {"annotations"},
    "tqdm": {"progress"},
    "IPython": {"ipython"},
    "pandas": {"tables"},
}


class Imports(ast.NodeVisitor):
    """The imports of a module: when it is loaded, when a function runs, and of libraries."""

    def __init__(self, path: Path) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.package = parts[:-1]
        self.name = ".".join(parts if parts[-1] != "__init__" else self.package) or "__init__"
        self.at_once: set[str] = set()
        self.later: set[str] = set()
        self.libraries: set[str] = set()
        self.calls: set[str] = set()
        self._inside = 0
        self.visit(ast.parse(path.read_text(encoding="utf-8")))

    def visit_If(self, node: ast.If) -> None:
        """Leave out what only type checkers read."""
        if ast.unparse(node.test) == "TYPE_CHECKING":
            for child in node.orelse:
                self.visit(child)
        else:
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Look into a function."""
        self._inside += 1
        self.generic_visit(node)
        self._inside -= 1

    def visit_Import(self, node: ast.Import) -> None:
        """Note libraries."""
        self.libraries |= {alias.name.partition(".")[0] for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note libraries, and modules of our own."""
        if not node.level:
            self.libraries.add(str(node.module).partition(".")[0])
            return
        base = self.package[: len(self.package) - node.level + 1]
        targets = [node.module] if node.module else [alias.name for alias in node.names]
        found = self.later if self._inside else self.at_once
        for target in targets:
            name = ".".join([*base, str(target)])
            found.add(name if name in PATHS else ".".join(base) or "__init__")

    def visit_Call(self, node: ast.Call) -> None:
        """Note what is called by its bare name."""
        if isinstance(node.func, ast.Name):
            self.calls.add(node.func.id)
        self.generic_visit(node)


def name_of(path: Path) -> str:
    """Return a module's name within the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix("__init__").rstrip(".") or "__init__"


PATHS = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}
MODULES = {name: Imports(path) for name, path in PATHS.items()}
LAYER = {name: number for number, layer in enumerate(LAYERS) for name in layer}


def test_every_module_is_in_one_layer() -> None:
    """A new module has to be given its place."""
    assert sum(map(len, LAYERS)) == len(LAYER)
    assert set(MODULES) - {"__init__"} <= set(LAYER)


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"__init__"}))
def test_imports_point_inwards(name: str) -> None:
    """A module imports nothing of the layers around it; what does so in a function has a reason."""
    module = MODULES[name]
    assert not {target for target in module.at_once if LAYER.get(target, 99) > LAYER[name]}
    outward = {target for target in module.later if LAYER.get(target, 99) > LAYER[name]}
    assert outward <= {target for source, target in OUTWARD if source == name}


def test_no_imports_in_a_circle() -> None:
    """Loading any module first works: nothing that is loaded needs what is being loaded."""
    graph = {name: module.at_once - {name} for name, module in MODULES.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())

    assert set(MODULES) <= set(order)


def test_reasons_are_still_there() -> None:
    """An exception that nothing needs any more is taken out of the table."""
    for source, target in OUTWARD:
        assert target in MODULES[source].later, (source, target)


def test_the_package_itself_loads_nothing() -> None:
    """What the package offers is loaded when it is used."""
    assert MODULES["__init__"].at_once == set()
    assert MODULES["__init__"].libraries <= sys.stdlib_module_names


@pytest.mark.parametrize("name", sorted(MODULES))
def test_libraries_are_known_to_few(name: str) -> None:
    """A library is used by the modules that are there for it."""
    for library in MODULES[name].libraries - sys.stdlib_module_names - {"gradioproxy"}:
        assert name in LIBRARIES.get(library, set()), (name, library)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_is_evaluated(name: str) -> None:
    """No module evaluates, compiles or unpickles: what comes from strangers is data."""
    module = MODULES[name]
    assert not module.calls & {"eval", "exec", "compile", "__import__"}
    assert not module.libraries & {"pickle", "marshal", "shelve", "code", "runpy"}


def test_protocols_do_no_io() -> None:
    """A protocol neither knows the network nor threads nor the time."""
    for name, module in MODULES.items():
        if name.startswith("protocols"):
            forbidden = {"threading", "time", "socket", "asyncio", "select", "os", "queue"}
            assert not module.libraries & forbidden, name
            assert not {t for t in module.at_once | module.later if LAYER.get(t) == 2}, name
