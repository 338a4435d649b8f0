"""Modules where generated functions live: one for each set of them.

Pickle stores a function as the names of its module and itself, and looks it up there again. So the
module's name holds the app's address, without secrets, which are never written anywhere. Here
nobody knows what a session is: `unpickle` connects where a process has no such module yet.
"""

from __future__ import annotations

import itertools
import json
import sys
import weakref
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from .. import forksafe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..functions.function import Function

# Pickles have it: it is a format, and no name of a module of ours that may move.
PREFIX = "gradioproxy.apps."

_lock = forksafe.RLock()


class AppModule(ModuleType):
    """A module whose attributes are the functions of one app.

    Args:
        name: Its full name.
        look_up: Returns the function of a name, or raises `AttributeError`.
    """

    def __init__(self, name: str, look_up: Callable[[str], Function]) -> None:
        super().__init__(name, "The functions of one Gradio app.")
        self.__dict__["__look_up__"] = look_up  # a name that no function has

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)  # the import system and inspect ask for many of these
        function: Function = self.__dict__["__look_up__"](name)
        return function


def register(
    url: str, owner: object, look_up: Callable[[str], Function], options: Mapping[str, Any]
) -> str:
    """Make a module for functions, which goes when their owner goes.

    Args:
        url: The app's address, without secrets.
        owner: What keeps the module alive.
        look_up: As for `AppModule`; it must not hold the owner.
        options: What the name is to say of how they are called: no secrets.

    Returns:
        The module's name.
    """
    with _lock:
        more = urlencode({k: json.dumps(v) for k, v in options.items()})
        for number in itertools.count(1):
            behind = "&".join(filter(None, [str(number) if number > 1 else "", more]))
            name = PREFIX + _encode_address(f"{url}#{behind}" if behind else url)
            if name not in sys.modules:
                break
        sys.modules[name] = AppModule(name, look_up)
    weakref.finalize(owner, sys.modules.pop, name, None).atexit = False
    return name


def parse_module_name(name: str) -> tuple[str, dict[str, Any]]:
    """Return the app's address, and the options of the calls, that a module's name says."""
    text = name.removeprefix(PREFIX).replace(",", ".").replace("%2C", ",").replace("%25", "%")
    url, _, behind = text.partition("#")
    return url, {key: json.loads(value) for key, value in parse_qsl(behind)}


# A module's name can have any character but a dot, which is where packages are cut.
def _encode_address(url: str) -> str:
    return url.replace("%", "%25").replace(",", "%2C").replace(".", ",")
