"""An address and nothing else: pickled functions say that they live in a module below this one."""

from ..client import unpickle as _unpickle  # noqa: F401 - which finds these modules

__path__.clear()  # no file of any folder is one of them
