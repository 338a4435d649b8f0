"""The server that takes no time, which the bench measures against, says what a Gradio would say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.processes import command_output

import gradioproxy as gp
from tests.support.gradio import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = ROOT / "scripts" / "benchmarks" / "servers" / "replay.py"
PROTOCOLS = {"3.50.2": "ws", "4.8.0": "sse", "6.31.0": "sse_v3"}
NAMES = ("f", "direct", "count", "grow", "big")
ANY: dict[str, Any] = {"label": "Value", "component": "Json", "type": {}}


def describe(version: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an app of these functions says of itself."""
    dependencies = [
        {
            "id": number,
            "api_name": name,
            "inputs": [1],
            "outputs": [1],
            "backend_fn": True,
            "queue": name != "direct",
            "types": {"generator": name in {"count", "grow"}, "cancel": False},
        }
        for number, name in enumerate(NAMES)
    ]
    config = {
        "version": version,
        "protocol": PROTOCOLS[version],
        "app_id": 1,
        "enable_queue": True,
        "components": [{"id": 1, "type": "json", "props": {"label": "Value", "name": "json"}}],
        "dependencies": dependencies,
        **({"api_prefix": "/gradio_api"} if version.startswith("6") else {}),
    }
    endpoint = {"parameters": [{**ANY, "parameter_name": "value"}], "returns": [ANY]}
    info = {"named_endpoints": {f"/{name}": endpoint for name in NAMES}, "unnamed_endpoints": {}}
    return config, info


@pytest.fixture(params=PROTOCOLS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[gp.Session]:
    """Give a session with the server, as each version in turn."""
    paths = []
    for name, document in zip(("config", "info"), describe(request.param), strict=True):
        path = tmp_path / name
        path.write_text(json.dumps(document), encoding="utf-8")
        paths.append(str(path))
    command = [sys.executable, "-I", str(PROGRAM), *paths]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            with gp.connect(process.stdout.readline().strip()) as session:
                yield session
        finally:
            process.kill()


def test_calls_get_their_values(app: gp.Session) -> None:
    """One after the other, and many at once."""
    assert app.f({"a": [1, "ä"]}) == {"a": [1, "ä"]}
    assert app.direct("x") == "x"
    assert [*app.f.map(range(50))] == [*range(50)]
    assert len(app.big(1000)) == 1000


@pytest.mark.parametrize("app", ["6.31.0"], indirect=True)
def test_partial_results_come_as_edits(app: gp.Session) -> None:
    assert [*app.count.stream(300)] == [str(number) for number in range(1, 301)]
    grown = [*app.grow.stream(300)]
    assert [len(text) for text in grown] == [100 * number for number in range(1, 301)]


def test_what_is_measured_keeps_nothing_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Commands that are measured keep what they know where they are told, and else not for long."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code = "from gradioproxy.client.cache import find_folder; print(find_folder())"
    assert not Path(command_output(sys.executable, "-c", code).strip()).exists()
    assert [*tmp_path.iterdir()] == []
    told = command_output(sys.executable, "-c", code, caches=str(tmp_path / "told"))
    assert (tmp_path / "told") in Path(told.strip()).parents
