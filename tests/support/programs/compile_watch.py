"""Run as a program: makes functions of hostile descriptions, and watches what Python compiles.

An audit hook sees everything that is compiled, whoever asks for it, and can never be removed; so
this is a process of its own. It ends with an error if anything else is compiled than the few lines
around checked names, or if a description leads to a file, a connection or a program.
"""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings

from gradioproxy.errors import SchemaError
from tests.support.app_documents import connection_to, documents, functions_of

# What names are is asked of Python, which knows more letters than `re`.
_NAME = r"[^\s(),:=]+"
_CALL = rf"return _func_impl_\(({_NAME}={_NAME}(, {_NAME}={_NAME})*)?\)"
_FUNCTION = rf"def template\((\s*{_NAME}(=None)?,?)*\s*\):\n+    (pass|{_CALL})\n"
_TUPLE = rf"lambda _cls(, {_NAME})+: _tuple_new\(_cls, \(({_NAME},? ?)+\)\)"
SOURCE = re.compile(rf"{_FUNCTION}|{_TUPLE}")

FORBIDDEN = ("os.system", "subprocess.Popen", "socket.connect", "open", "ctypes.dlopen")

compiled: list[str] = []
forbidden: list[tuple[str, tuple[Any, ...]]] = []
watching = False


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what is of interest while functions are made."""
    if not watching:
        return
    if event == "compile":
        source = arguments[0]
        compiled.append(source.decode() if isinstance(source, bytes) else repr(source))
    elif event in FORBIDDEN:
        forbidden.append((event, arguments))


def make(config: Any, info: Any) -> None:
    """Make the functions of an app, and look at them."""
    for function in functions_of(connection_to(config, info)):
        inspect.signature(function)
        inspect.getsource(function)
        repr(function.endpoint)


@settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=list(HealthCheck)
)
@given(documents())
def watch(drawn: tuple[Any, Any]) -> None:
    """Check what is compiled for one description."""
    global watching  # noqa: PLW0603 - hypothesis itself compiles, which is none of our business
    compiled.clear()
    watching = True
    try:
        make(*drawn)
    except SchemaError:
        pass
    finally:
        watching = False
    totals.append(len(compiled))
    odd = [source for source in compiled if not SOURCE.fullmatch(source)]
    names = {name for source in compiled for name in re.findall(_NAME, source)}
    if odd or forbidden or not all(map(str.isidentifier, names)):
        raise SystemExit(f"compiled {odd}, did {forbidden}")


totals: list[int] = []

if __name__ == "__main__":
    # Everything that is loaded when it is first used is loaded before.
    path = {"type": "object", "properties": {"path": {"type": "string"}}}
    file = {"type": {"title": "FileData", **path}, "component": "File"}
    table = {"type": {"title": "A"}, "component": "Dataframe"}
    make(
        {
            "version": "6.0.0",
            "dependencies": [{"api_name": "f", "inputs": [1, 2], "outputs": [1, 2]}],
        },
        {"named_endpoints": {"/f": {"parameters": [table, file], "returns": [{}, file]}}},
    )
    assert "gradioproxy.functions.table_like" in sys.modules
    sys.addaudithook(hook)
    watch()
    print(sum(totals))  # noqa: T201 - how much was seen
