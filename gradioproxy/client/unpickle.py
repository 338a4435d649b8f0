"""Functions that were pickled in another process: found by connecting to their app.

Importing this module makes `importlib` find the modules of apps. `gradioproxy.apps` imports it,
which Python imports first whenever a pickle names a module below that package.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from typing import TYPE_CHECKING

from .. import forksafe
from .app_module import PREFIX, AppModule, parse_module_name
from .function_set import get_function_named
from .make_session import open_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from ..functions.function import Function
    from .function_set import Functions


class _LazyConnection:
    """The functions of an app, connected to when the first of them is asked for.

    Args:
        module: The name of the module where they live.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = forksafe.Lock()
        self._functions: Functions | None = None

    def __call__(self, name: str) -> Function:
        """Return a function."""
        with self._lock:
            if self._functions is None:
                url, options = parse_module_name(self._module)
                if "replicas" in options:
                    from .replicas import open_private_replicas  # late: few apps have several

                    self._functions = open_private_replicas(options, self._module)
                else:
                    self._functions = open_private(url, self._module, options)
        return get_function_named(self._functions, name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of apps that this process has not connected to yet."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if not fullname.startswith(PREFIX) or "://" not in fullname:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return AppModule(spec.name, _LazyConnection(spec.name))

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module connects when it is asked for a function."""


sys.meta_path.append(_Finder())
