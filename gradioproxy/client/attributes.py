"""Classes with an attribute for each function of an app.

Completers call nothing to learn what an object might have: they read ``dir``, look at the object's
class, and leave alone what answers for itself. So each connection has a subclass of its own of what
holds functions, in which every function has its place before it is made. The class is made once;
when the app's description changes, the attributes in it do. Nothing is known here of sessions and
endpoints: the holder's ``__getattr__`` makes a function.

What a holder keeps for itself has names such as ``__connection__``: to those of functions that have
two underscores at both ends, `functions.naming` adds a third one, and no other names are safe.
"""

from __future__ import annotations

import contextlib
import weakref
from abc import ABCMeta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import forksafe
from ..errors import GradioProxyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

RESERVED = frozenset({"_abc_impl"})
"""What Python itself keeps in such a class, under a name that a function could have."""

# So many functions are made while a person who pressed Tab notices nothing.
FEW = 100


class _Attribute:
    """The place of a function that is made when it is first touched."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, holder: Any, kind: type | None = None) -> Any:
        if holder is None:
            return self
        function = holder.__getattr__(self._name)
        # Jedi (0.20) calls no descriptor, and shows the signature only of what is in the object's
        # own dictionary; Python looks there before it asks a descriptor like this one.
        vars(holder)[self._name] = function
        if vars(type(holder)).get(self._name) is not self:
            # The description was read again meanwhile, perhaps after the function was looked up.
            vars(holder).pop(self._name, None)
        return function


class _Doc:
    """The docstring of the class, and for its objects what they print as, for ``help``."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __get__(self, holder: Any, kind: type | None = None) -> str | None:
        return self._text if holder is None else str(holder)


class _FunctionHolderMeta(ABCMeta):
    """The class of a class that has such attributes."""

    def __dir__(cls) -> list[str]:
        # IPython (up to 9 at least, `utils.dir2`) adds what it finds here to what the object lists.
        return [name for name, value in vars(cls).items() if isinstance(value, _Attribute)]

    def __getattribute__(cls, name: str) -> Any:
        # IPython (from 8.8 on, `core.guarded_eval`) evaluates no attribute of an object whose class
        # has one: nothing would be completed behind ``app.f.`` or in ``app.f(``. Python itself asks
        # for it only where an attribute is missing, and finds it without this method.
        if name == "__getattr__":
            raise AttributeError(name)
        return super().__getattribute__(name)


class FunctionHolders(Generic[T]):
    """The objects of one class, made here, that have the same functions as attributes.

    Args:
        base: What they are, and what their class is shown as. Its ``__getattr__`` makes a function.
    """

    def __init__(self, base: type[T]) -> None:
        self._lock = forksafe.Lock()
        self._holders: weakref.WeakSet[Any] = weakref.WeakSet()
        self._functions: set[str] = set()
        self._others: set[str] = set()
        shown = {"__module__": base.__module__, "__qualname__": base.__qualname__}
        members = {**shown, "__doc__": _Doc(base.__doc__)}
        self._class: Any = _FunctionHolderMeta(base.__name__, (base,), members)

    def create(self, *arguments: Any) -> T:
        """Make an object, with the arguments that its base takes."""
        holder: T = self._class(*arguments)
        with self._lock:
            self._holders.add(holder)
        return holder

    def update_attributes(self, functions: Iterable[str], others: Mapping[str, Any]) -> None:
        """Set the attributes of all objects, in place of those that they have.

        Args:
            functions: The names of functions; those that were made are forgotten.
            others: What else is to be in the class, by name.
        """
        with self._lock:
            present = {**others, **{name: _Attribute(name) for name in functions}}
            for name, value in present.items():
                setattr(self._class, name, value)
            for name in (self._functions | self._others) - present.keys():
                delattr(self._class, name)
            holders, stale = list(self._holders), self._functions
            self._functions, self._others = set(functions), set(others)
        for holder in holders:
            for name in stale:
                vars(holder).pop(name, None)


def complete_names(holder: Any, names: Iterable[str]) -> list[str]:
    """Return what ``dir`` lists for an object, whose functions are made if they are few.

    Completers show functions that are there with their signatures.
    """
    found = list(names)
    if len(found) <= FEW:
        for name in found:
            with contextlib.suppress(GradioProxyError):
                getattr(holder, name)
    return found
