"""An address and nothing else: pickled functions say that they live in a module below this one."""

import sys
from types import ModuleType

from ..client import unpickle as _unpickle  # noqa: F401 - which finds these modules

__path__.clear()  # no file of any folder is one of them


def __getattr__(name: str) -> ModuleType:
    # As of any package, its modules are its attributes: dill looks for them there, and would take a
    # function that it does not find by value, with its session.
    try:
        return sys.modules[f"{__name__}.{name}"]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
