"""How long it takes until Tab lists a thousand functions, and what is read of them is there."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import tempfile
import time
import types
import warnings
from pathlib import Path
from typing import Any

import gradioproxy

# Each of a module of as many functions that somebody wrote.
_WRITTEN = """
def operation_{number}(prompt: str, strength: float = 50, colour: str = "red") -> str:
    \"\"\"Do as told.

    Args:
        prompt: What to do.
        strength: How much of it.
        colour: In which colour.
    \"\"\"
    return f"{{prompt}} {{strength}} {{colour}}"
"""


def written_module(number: int) -> Any:
    """Return a module with so many functions."""
    folder = tempfile.mkdtemp(dir=Path.cwd())
    source = "".join(_WRITTEN.format(number=place) for place in range(number))
    Path(folder, "written.py").write_text(source, encoding="utf-8")
    sys.path.insert(0, folder)
    return importlib.import_module("written")


def completed(shell: Any, value: Any, *, jedi: bool) -> float:
    """Return the seconds until IPython has all that may follow the dot."""
    from IPython.core.completer import provisionalcompleter

    shell.user_ns["value"] = value
    shell.Completer.use_jedi = jedi
    start = time.perf_counter()
    with provisionalcompleter():
        found = list(shell.Completer.completions("value.", 6))
    taken = time.perf_counter() - start
    if not found:
        raise RuntimeError("nothing was completed")
    return taken


def measure(url: str) -> dict[str, float]:
    """Return the seconds of completions, and of reading a signature and a docstring."""
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance(ipython_dir=str(Path.cwd()))
    numbers = {}
    module = written_module(1000)
    for jedi, how in ((True, "with jedi"), (False, "without")):
        completed(shell, types.SimpleNamespace(one=1), jedi=jedi)  # what is loaded once
        app = gradioproxy.connect(url)
        numbers[f"ours {how}"] = completed(shell, app, jedi=jedi)
        numbers[f"written {how}"] = completed(shell, module, jedi=jedi)
        app.close()
    app = gradioproxy.connect(url)
    functions = [app[name] for name in app]
    start = time.perf_counter()
    read = [(inspect.signature(function), inspect.getdoc(function)) for function in functions]
    numbers["read"] = (time.perf_counter() - start) / len(read)
    app.close()
    return numbers


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(measure(sys.argv[1])))
