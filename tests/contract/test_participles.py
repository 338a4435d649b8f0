"""A function says what it does: its name is a verb, and no bare participle."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gradioproxy

PACKAGE = Path(gradioproxy.__file__).parent
PARTICIPLE = re.compile(
    r"_?((?!need|feed|seed|embed)\w+ed|made|kept|sent|told|known|given|found|taken|held|built|said|"
    r"seen|gone|done|shown|drawn|chosen|written|bound|brought|caught|begun|broken|left|lost|spoken|"
    r"thrown|worn)"
)
FUTURES = {"cancelled", "done"}
"""Methods of `concurrent.futures.Future`, which have these names."""

KNOWN: dict[str, str] = {}
"""Those that there are still, by module; it gets shorter."""


def participles(path: Path) -> list[str]:
    """Return the functions of a module whose names are bare participles; properties are states."""
    return sorted(
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and "_" not in node.name.strip("_")
        and PARTICIPLE.fullmatch(node.name)
        and node.name not in FUTURES
        and not any("property" in ast.unparse(each) for each in node.decorator_list)
    )


def test_no_function_is_a_bare_participle() -> None:
    """Who gives one a verb takes it from the list."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if names := participles(path):
            found[module] = " ".join(names)

    assert found == KNOWN
