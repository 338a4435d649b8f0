"""The names that pickles hold are a format: those of today are found by every later version."""

from __future__ import annotations

import ast
import pickle
import pickletools
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.calls.status import Status
from gradioproxy.errors import Problem
from tests.support.web_server import reply_json, serve_app

if TYPE_CHECKING:
    from tests.support.web_server import Web


def names_in(value: object) -> set[str]:
    """Return the names of ours that the pickle of a value holds."""
    found = set()
    for opcode, argument, _ in pickletools.genops(pickle.dumps(value, 2)):
        if opcode.name == "GLOBAL" and str(argument).startswith("gradioproxy"):
            found.add(str(argument))
    return found


@pytest.fixture
def app_web(web: Web) -> Web:
    serve_app(web, "first")
    return web


def test_errors() -> None:
    problem = Problem("x", "1", "it takes text")
    error = gp.ArgumentError("f", [problem])
    assert names_in(error) == {
        "gradioproxy ArgumentError",
        "gradioproxy._pickling restore_error",
        "gradioproxy.errors Problem",
    }
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(again), again.problems) == (gp.ArgumentError, error.problems)


def test_an_error_from_another_process_brings_no_library_along() -> None:
    """Programs with pools of processes get many, and use none of the rest."""
    pickled = pickle.dumps(gp.ServerError("no answer", status=502))
    code = (
        "import pickle, sys; import gradioproxy.errors\n"
        f"error = pickle.loads({pickled!r}); assert error.status == 502\n"
        "print(sorted({n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "gradioproxy" in done.stdout
    assert not {"requests", "makefun", "websocket"} & {*ast.literal_eval(done.stdout)}


def test_a_status() -> None:
    assert names_in(Status()) == {"gradioproxy Status"}


def test_what_has_no_default() -> None:
    assert names_in(gp.REQUIRED) == {"gradioproxy._pickling REQUIRED"}
    assert pickle.loads(pickle.dumps(gp.REQUIRED)) is gp.REQUIRED  # noqa: S301 - made here


def test_a_function(session: Any, web: Web) -> None:
    name = f"gradioproxy.apps.http://127,0,0,1:{web.port}"
    assert names_in(session.first) == {f"{name} first"}


def test_a_file(session: Any, web: Web) -> None:
    raw = {"path": "/srv/a.txt", "url": f"{web.url}/file=/srv/a.txt", "orig_name": "a.txt"}
    web.on("/x", reply_json(raw))
    engine = session.__connection__.engine
    file = gp.File(raw, engine.transport, "")
    assert names_in(file) == {"gradioproxy._pickling restore_file"}
    assert pickle.loads(pickle.dumps(file)).name == "a.txt"  # noqa: S301 - made here


def test_public_classes_are_those_of_the_package() -> None:
    """Wherever they are made: what people see is where they import them from."""
    for name in gp.__all__:
        value = getattr(gp, name)
        if isinstance(value, type) and name != "Function":
            assert value.__module__ == "gradioproxy", name
