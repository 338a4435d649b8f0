"""Written modules as type checkers and editors see them: mypy, pyright and jedi."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jedi
import pytest

from gradioproxy.client.export import render_module
from tests.integration.test_hostile_exports import session_of
from tests.support.exported_source import check_format
from tests.support.gradio import ROOT
from tests.support.mutations import read_descriptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Check = Callable[[Path, Iterable[str]], set[int]]

# As many of the real apps as are checked; each checker takes a tenth of a second for one.
EVERY = 6

SCHEMAS: dict[str, Any] = {
    "text": {"type": "string"},
    "steps": {"type": "integer"},
    "mode": {"enum": ["fast", "good"], "type": "string"},
    "image": {"properties": {"path": {"type": "string"}, "meta": {}}, "title": "FileData"},
    "table": {
        "type": "object",
        "properties": {"headers": {"type": "array"}, "data": {"type": "array"}},
    },
    "message": {
        "type": "object",
        "title": "MultimodalData",
        "properties": {
            "text": {"type": "string"},
            "files": {"type": "array", "items": {"$ref": "#/$defs/FileData"}},
        },
        "required": ["text", "files"],
    },
    "gallery": {
        "type": "array",
        "items": {
            "type": "object",
            "title": "GalleryImage",
            "properties": {
                "image": {"$ref": "#/$defs/FileData"},
                "caption": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["image", "caption"],
        },
    },
    "when": {"type": "string"},
    "colors": {"type": "array", "items": {"enum": ["red", "blue"]}},
}
KINDS = {
    "text": "textbox",
    "steps": "slider",
    "mode": "radio",
    "image": "image",
    "table": "dataframe",
    "message": "multimodaltextbox",
    "gallery": "gallery",
    "when": "datetime",
    "colors": "checkboxgroup",
}

USES = """\
import datetime as dt
import enum
import io
from pathlib import Path
from typing import Any

import gradioproxy as gp
import numpy as np
import pandas as pd
import PIL.Image
from typing_extensions import assert_type
from written import CallResult, call, connect, draw, listen, nothing


class Mode(enum.Enum):
    FAST = "fast"


class Color(str, enum.Enum):
    RED = "red"


assert_type(connect(token=False), gp.Session)
assert_type(call("a", 3), CallResult)
assert_type(call("a", steps=3, mode="good").text, str)
assert_type(call.submit("a", 3), gp.Job[CallResult])
assert_type(call.submit("a", 3).result(timeout=1).steps, int)
assert_type(call.stream("a", 3), gp.Stream[CallResult])
for part in call.stream("a", 3):
    assert_type(part, CallResult)
for result in call.map(["a"], [3], concurrency=2, errors="keep", journal="j", retry="failed"):
    assert_type(result, CallResult)
print(call.check("a", 3).curl)
assert_type(call.with_options(call_timeout=3)("a", 3), CallResult)
assert_type(call.__name__, str)
assert_type(nothing(), None)
with listen.feed("a") as feed:
    feed.send("b")
    assert_type(next(feed), str)
assert_type(listen.feed("a"), gp.Feed[str])
assert_type(listen.with_options(call_timeout=3).feed("a"), gp.Feed[str])
assert_type(listen("a"), str)


async def wait() -> None:
    assert_type(await call.submit("a", 3), CallResult)


call("a", 3, mode=Mode.FAST)
call("a", 3, mode=Color.RED)
image = PIL.Image.new("RGB", (1, 1))
array = np.zeros((2, 2, 3), dtype=np.uint8)
paths = [Path("a.png"), Path("b.png")]
frame = pd.DataFrame({"a": [1]})
assert_type(draw("a.png"), gp.File)
draw(Path("a.png"))
draw(b"bytes")
draw(bytearray(b"bytes"))
draw(io.BytesIO())
draw(image)
draw(array)
draw((8000, [0.5, 0.25]))
draw(draw("a.png"))
draw({"path": "a.png"})
draw(image, table=frame)
draw(image, table=frame["a"])
draw(image, table=[[1, 2], [3, 4]])
draw(image, table=[{"a": 1}])
draw(image, table={"a": [1, 2]})
draw(image, table=array)
draw(image, table={"headers": ["a"], "data": [[1]]})
draw(image, message="text")
draw(image, message=("text", paths))
draw(image, message={"text": "a", "files": [Path("a.png")]})
draw(image, message=paths)
draw(image, gallery=paths)
draw(image, gallery=["a.png", (image, "caption"), {"image": array, "caption": None}])
draw(image, gallery="a.png")
draw(image, gallery=image)
draw(image, when=dt.datetime(2024, 1, 31))
draw(image, when=dt.date(2024, 1, 31))
draw(image, when=1.5)
draw(image, when="2024-01-31")
draw(image, colors=["red", "blue"])
draw(image, colors=("red",))
draw(image, colors="red")
draw(image, colors=[Color.RED])
draw(image, colors=None)

call(3, 3)  # WRONG
call("a", "b")  # WRONG
call("a")  # WRONG
call("a", 3, "bad")  # WRONG
call("a", 3, mdoe="good")  # WRONG
call("a", 3, mode=None)  # WRONG
call("a", 3).nothing  # WRONG
call.submit("a", "b")  # WRONG
call.submit("a")  # WRONG
call.stream("a", 3, mode="bad")  # WRONG
call.check("a", 3, mdoe="good")  # WRONG
number: int = call.submit("a", 3).result().text  # WRONG
call.map(["a"], errors="ignore")  # WRONG
call.feed("a", 3)  # WRONG
listen.feed(3)  # WRONG
draw(3)  # WRONG
draw(image, table="text")  # WRONG
draw(image, message=3)  # WRONG
draw(image, gallery=[3])  # WRONG
draw(image, when=["2024"])  # WRONG
draw(image, colors=["green"])  # WRONG
draw(image, colors="green")  # WRONG
nothing(1)  # WRONG
anything: Any = call
"""
WRONG = {number for number, line in enumerate(USES.splitlines(), 1) if "# WRONG" in line}


def describe() -> tuple[Any, Any]:
    """Return what an app says that has four functions, one of them for streams of inputs."""
    components: list[dict[str, Any]] = [
        {
            "id": number,
            "type": KINDS[name],
            "props": {
                "label": name,
                "choices": [["fast", "fast"], ["good", "good"]] if name == "mode" else None,
            },
        }
        for number, name in enumerate(KINDS)
    ]
    components[-1]["props"]["choices"] = [["red", "red"], ["blue", "blue"]]
    places = {name: number for number, name in enumerate(KINDS)}
    given = {"call": ["text", "steps", "mode"], "nothing": [], "listen": ["text"]}
    given["draw"] = ["image", "table", "message", "gallery", "when", "colors"]
    back = {"call": ["text", "steps"], "nothing": [], "listen": ["text"], "draw": ["image"]}
    files = {"$defs": {"FileData": SCHEMAS["image"]}}

    def part(name: str, *, optional: bool = False) -> dict[str, Any]:
        return {
            "label": name,
            "type": {**SCHEMAS[name], **files},
            "component": KINDS[name].capitalize(),
            "parameter_name": name,
            "parameter_has_default": optional,
            "parameter_default": "fast" if name == "mode" else None,
        }

    calls: list[dict[str, Any]] = [
        {
            "id": number,
            "api_name": name,
            "inputs": [places[one] for one in given[name]],
            "outputs": [places[one] for one in back[name]],
            "types": {},
            "connection": "stream" if name == "listen" else "sse",
        }
        for number, name in enumerate(given)
    ]
    info = {
        f"/{name}": {
            "parameters": [
                part(one, optional=place > (1 if name == "call" else 0))
                for place, one in enumerate(given[name])
            ],
            "returns": [part(one) for one in back[name]],
        }
        for name in given
    }
    config = {"version": "6.31.0", "components": components, "dependencies": calls}
    return config, {"named_endpoints": info}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a written module, and somebody's file that uses it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "written.py").write_text(render_module(session_of(*describe())), encoding="utf-8")
    (folder / "uses.py").write_text(USES, encoding="utf-8")
    return folder


def check_with_mypy(folder: Path, files: Iterable[str]) -> set[int]:
    """Return the lines of somebody's file in which mypy finds errors; none may be elsewhere."""
    options = ["--strict", "--no-error-summary", "--cache-dir", str(folder / ".mypy_cache")]
    (folder / "mypy.ini").write_text(
        # Not those of libraries that this project itself does without.
        "[mypy]\n[mypy-requests_toolbelt.*,docstring_parser.*,makefun.*,websocket.*]\n"
        "ignore_missing_imports = True\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *files],
        cwd=folder,
        env={"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    found = [line for line in done.stdout.splitlines() if ": error:" in line]
    return _list_lines(found, r"uses\.py:(\d+): error")


def check_with_pyright(folder: Path, files: Iterable[str]) -> set[int]:
    """Return the lines of somebody's file in which pyright finds errors; none may be elsewhere."""
    if importlib.util.find_spec("basedpyright") is None:
        pytest.skip("needs basedpyright, which is pyright as a wheel")
    settings = {
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT)],
        "include": list(files),
        "reportMissingTypeStubs": False,
        # Of libraries that have no types for all that they do.
        "reportUnknownMemberType": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] >= len(list(files))
    found = [
        f"{each['file']}:{each['range']['start']['line'] + 1}: {each['message']}"
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    ]
    return _list_lines(found, r"uses\.py:(\d+): ")


def _list_lines(found: list[str], pattern: str) -> set[int]:
    lines = [(re.search(pattern, text), text) for text in found]
    assert [text for place, text in lines if place is None] == []
    return {int(place[1]) for place, _ in lines if place is not None}


@pytest.fixture(params=[check_with_mypy, check_with_pyright], ids=["mypy", "pyright"])
def check(request: pytest.FixtureRequest) -> Check:
    """Give a function that checks files as strictly as can be."""
    made: Check = request.param
    return made


def test_right_calls_pass_and_wrong_ones_do_not(folder: Path, check: Check) -> None:
    """Each wrong call is found, whichever way it goes, and nothing that works is objected to."""
    found = check(folder, ["written.py", "uses.py"])
    assert {USES.splitlines()[line - 1] for line in found - WRONG} == set()
    assert {USES.splitlines()[line - 1] for line in WRONG - found} == set()


@pytest.fixture(scope="module")
def written(infos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a module for each real app, under a name of its own."""
    folder = tmp_path_factory.mktemp("apps")
    for number, (name, config, info) in enumerate(read_descriptions(infos)):
        text = render_module(session_of(config, info))
        file = folder / f"{re.sub('[^a-z0-9]', '_', name.lower())}_{number}.py"
        file.write_text(text, encoding="utf-8")
    return folder


def test_modules_of_real_apps_are_checked(written: Path, check: Check) -> None:
    """None of a part of them has an error."""
    files = sorted(path.name for path in written.glob("*.py"))[::EVERY]
    assert len(files) > 30
    assert check(written, files) == set()


def test_modules_of_real_apps_are_formatted(written: Path) -> None:
    """A formatter leaves all of them as they are."""
    files = sorted(written.glob("*.py"))
    assert len(files) > 200
    check_format(files, written)
    for file in files:
        compile(file.read_text(encoding="utf-8"), file.name, "exec")


@pytest.mark.parametrize(
    "expression", ["written.call", "written.call.submit", "written.call.check"]
)
def test_jedi_completes_parameters(folder: Path, expression: str) -> None:
    """An editor without a type checker offers parameters, and shows choices."""
    script = _script(folder, f"import written\n{expression}(st")
    assert "steps=" in [each.name for each in script.complete()]
    shown = [signature.to_string() for signature in script.get_signatures()]
    assert any('Literal["fast", "good"]' in text and "text: str" in text for text in shown)


def test_jedi_knows_what_comes_back(folder: Path) -> None:
    """Fields of results, and what a function has beside being called."""
    found = _script(folder, "import written\nwritten.call('a', 3).").complete()
    assert {"text", "steps"} <= {each.name for each in found}
    found = _script(folder, "import written\nwritten.call.").complete()
    assert {"stream", "submit", "check", "map", "with_options"} <= {each.name for each in found}
    (name, *_) = _script(folder, "import written\nwritten.call").infer()
    assert "Call the app's" in name.docstring()


def _script(folder: Path, code: str) -> Any:
    project = jedi.Project(folder, added_sys_path=[str(ROOT)])
    # In this process: no other one is left behind.
    environment = jedi.InterpreterEnvironment()
    return jedi.Script(code, path=folder / "editor.py", project=project, environment=environment)


def test_the_description_is_what_is_meant() -> None:
    """The module that is used above has the annotations that a person would write."""
    text = render_module(session_of(*describe()))
    assert 'mode: Literal["fast", "good"] | Enum = "fast"' in text
    assert "when: str | datetime | date | float | None = None" in text
