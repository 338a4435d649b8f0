"""What pickles name, besides the public classes: these names are a format, and stay.

The functions live where the values do that they restore; pickles look for them here, and each is
loaded when one does: an error that comes from another process brings no library along.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "APP_DEFAULT": "functions.codegen",
    "REQUIRED": "functions.codegen",
    "restore_error": "errors",
    "restore_file": "files.file",
    "restore_functions": "client.function_set",
    "restore_kept_file": "many.kept_files",
    "restore_result": "functions.result_class",
    "restore_session": "client.session",
    "restore_stream": "files.stream",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"gradioproxy.{_HOMES[name]}"), name)
