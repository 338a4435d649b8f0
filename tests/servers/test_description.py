"""The page on what of a description is read has every field that real servers send."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.gradio import ROOT

if TYPE_CHECKING:
    from tests.support.gradio.running import RunningServers

PAGE = ROOT / "docs" / "description.rst"
SCHEMA = ROOT / "gradioproxy" / "schema"
# What the titles of the page are about.
PLACES = {
    "``/config``": "config",
    "Functions: ``dependencies`` of ``/config``": "function",
    "``types`` of a function": "types",
    "``components`` of ``/config``": "component",
    "``/info``": "info",
    "Endpoints of ``/info``": "endpoint",
    "Parameters of ``/info``": "parameter",
    "Results of ``/info``": "result",
}


def read_page() -> dict[str, dict[str, str]]:
    """Return of each field, by its place, whether it is read."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    place = ""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line in PLACES:
            place = PLACES[line]
        if row := re.fullmatch(r"   \* - ``(\w+)``", line):
            found[place][row[1]] = lines[number + 2].removeprefix("     - ")
    return found


def list_fields(config: Any, info: Any) -> dict[str, set[str]]:
    """Return the fields of a description by their places."""
    found: dict[str, set[str]] = defaultdict(set)
    found["config"] |= config.keys()
    for function in config["dependencies"]:
        found["function"] |= function.keys()
        found["types"] |= (function.get("types") or {}).keys()
    for component in config["components"]:
        found["component"] |= component.keys()
    found["info"] |= (info or {}).keys()
    for group in (info or {}).values():
        for endpoint in group.values():
            found["endpoint"] |= endpoint.keys()
            for parameter in endpoint["parameters"]:
                found["parameter"] |= parameter.keys()
            for result in endpoint["returns"]:
                found["result"] |= result.keys()
    return found


@pytest.mark.parametrize("name", ["main", "events"])
def test_every_field_is_on_the_page(gradio: RunningServers, version: str, name: str) -> None:
    """With what becomes of it."""
    page = read_page()
    with gp.connect(gradio(version, name).url) as app:
        fields = list_fields(app.config, app.info)
    missing = {place: sorted(known - page[place].keys()) for place, known in fields.items()}
    assert {place: names for place, names in missing.items() if names} == {}


def test_what_is_read_is_read() -> None:
    """Each field is said to be read that the package names, and no other."""
    sources = [*SCHEMA.glob("*.py"), Path(ROOT, "gradioproxy", "client", "discovery.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    states = {state for fields in read_page().values() for state in fields.values()}
    assert states == {"read", "not read"}
    for place, fields in read_page().items():
        for name, state in fields.items():
            assert state != "read" or f'"{name}"' in text, (place, name)
    rows = [row for fields in read_page().values() for row in fields.items()]
    unread = {name for name, _ in rows} - {name for name, state in rows if state == "read"}
    # Of a label in several languages; of a row or column, and not of a function.
    others = {"key", "show_progress"}
    assert {name for name in unread - others if f'"{name}"' in text} == set()
