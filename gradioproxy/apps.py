"""Where generated functions live: one module for each set of them, importable in any process.

Pickle stores a function as the names of its module and itself, and looks it up there again. So the
module's name holds the app's address, and importing it connects; without secrets, which are never
written anywhere.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import itertools
import json
import sys
import threading
import weakref
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .client.function_set import Functions
    from .functions.function import Function
    from .options import CallOptions

__path__: list[str] = []  # makes the import system look for modules below this one

_PREFIX = f"{__name__}."
_lock = threading.RLock()


class AppModule(ModuleType):
    """A module whose attributes are the functions of one app.

    Args:
        name: Its full name.
        functions: The functions by attribute; held weakly, they keep it alive.
    """

    def __init__(self, name: str, functions: Functions | None = None) -> None:
        super().__init__(name, "The functions of one Gradio app.")
        # Names that no function has.
        self.__dict__["__functions__"] = None if functions is None else weakref.ref(functions)
        self.__dict__["__own__"] = None

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)  # the import system and inspect ask for many of these
        from .client.function_set import by_attribute

        held = self.__dict__["__functions__"]
        functions = held() if held is not None else self._connected()
        if functions is None:
            raise AttributeError(f"the session of {self.__name__} is gone")
        return by_attribute(functions, name)

    def _connected(self) -> Functions:
        """Return functions of this module's own, after connecting at the first question."""
        with _lock:
            if self.__dict__["__own__"] is None:
                from .client.connect import open_private

                url, options = _decoded(self.__name__.removeprefix(_PREFIX))
                self.__dict__["__own__"] = open_private(url, self.__name__, options)
            functions: Functions = self.__dict__["__own__"]
            return functions


def register(url: str, functions: Functions, options: CallOptions) -> str:
    """Make a module for functions.

    Args:
        url: The app's address, without secrets.
        functions: What has the functions by attribute; the module goes when it goes.
        options: The options of their calls, which the name says as far as they are no secrets.

    Returns:
        The module's name.
    """
    with _lock:
        more = urlencode({k: json.dumps(v) for k, v in options.without_secrets().items()})
        for number in itertools.count(1):
            behind = "&".join(filter(None, [str(number) if number > 1 else "", more]))
            name = _PREFIX + _encoded(f"{url}#{behind}" if behind else url)
            if name not in sys.modules:
                break
        sys.modules[name] = AppModule(name, functions)
    weakref.finalize(functions, sys.modules.pop, name, None).atexit = False
    return name


# A module's name can have any character but a dot, which is where packages are cut.


def _encoded(url: str) -> str:
    return url.replace("%", "%25").replace(",", "%2C").replace(".", ",")


def _decoded(name: str) -> tuple[str, dict[str, Any]]:
    text = name.replace(",", ".").replace("%2C", ",").replace("%25", "%")
    url, _, behind = text.partition("#")
    return url, {key: json.loads(value) for key, value in parse_qsl(behind)}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of apps that this process has not connected to yet."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if not fullname.startswith(_PREFIX) or "://" not in fullname:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return AppModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module connects when it is asked for a function."""


sys.meta_path.append(_Finder())
