"""Classes with an attribute for each function of an app.

Completers do not ask an object for what it might have: they read ``dir`` and look at its class, and
leave alone what answers for itself. So a session has a class of its own, in which every function
has its place before it is made.
"""

from __future__ import annotations

import contextlib
from abc import ABCMeta
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..errors import GradioProxyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESERVED = frozenset({"_abc_impl", "_Functions__state", "_Session__home", "_Session__name"})
"""What the objects that have such a class keep for themselves."""

# So many functions are made while a person who pressed Tab notices nothing.
FEW = 100

_lock = forksafe.Lock()


class _Attribute:
    """The place of a function that is made when it is first touched."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, holder: Any, kind: type | None = None) -> Any:
        if holder is None:
            return self
        before = type(holder)
        function = holder.__getattr__(self._name)
        with _lock:
            if type(holder) is before:
                # From now on whoever looks finds the function itself, with its signature.
                vars(holder)[self._name] = function
        return function


class _Doc:
    """The docstring of the class, and for its objects what they print as, for ``help``."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __get__(self, holder: Any, kind: type | None = None) -> str | None:
        return self._text if holder is None else str(holder)


class _Kind(ABCMeta):
    """The class of a class that has such attributes."""

    def __dir__(cls) -> list[str]:
        # IPython adds what it finds here to what the object itself lists.
        return [name for name, value in vars(cls).items() if isinstance(value, _Attribute)]

    def __getattribute__(cls, name: str) -> Any:
        # IPython evaluates no attribute of a class that has one, even those that it can see. For
        # names that there are, it is never asked; Python itself finds it all the same.
        if name == "__getattr__":
            raise AttributeError(name)
        return super().__getattribute__(name)


def with_attributes(base: type, names: Iterable[str], others: Mapping[str, Any]) -> type:
    """Make a class that has functions as attributes.

    Args:
        base: What it is, and is shown as. Its ``__getattr__`` makes a function.
        names: The attributes' names.
        others: What else the class has, by name.
    """
    members: dict[str, Any] = {name: _Attribute(name) for name in names}
    shown = {"__module__": base.__module__, "__qualname__": base.__qualname__}
    doc = {"__doc__": _Doc(base.__doc__)}
    return _Kind(base.__name__, (base,), {**others, **members, **shown, **doc})


def reset(holder: Any, kind: type) -> None:
    """Give an object a class made here, and let it forget functions that it found by another."""
    with _lock:
        if isinstance(type(holder), _Kind):
            for name in dir(type(holder)):
                vars(holder).pop(name, None)
        holder.__class__ = kind


def listed(holder: Any, names: Iterable[str]) -> list[str]:
    """Return what ``dir`` lists for an object, whose functions are made if they are few.

    Completers show functions that are there with their signatures.
    """
    found = list(names)
    if len(found) <= FEW:
        for name in found:
            with contextlib.suppress(GradioProxyError):
                getattr(holder, name)
    return found
