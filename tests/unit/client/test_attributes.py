"""Objects whose attributes are functions that are made when they are touched."""

from __future__ import annotations

import copy
import gc
import inspect
import pydoc
import weakref
from typing import Any

import pytest

from gradioproxy.client.attributes import FEW, FunctionHolders, complete_names


class Holder:
    """What holds functions."""

    def __init__(self, label: str = "") -> None:
        self.label = label
        self.looked_up: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self.looked_up.append(name)

        def function() -> str:
            return name

        return function

    def __dir__(self) -> list[str]:
        return ["f"]

    def __str__(self) -> str:
        return f"Functions of {self.label}."


def holders_of(*names: str, **others: Any) -> FunctionHolders[Holder]:
    holders = FunctionHolders(Holder)
    holders.update_attributes(names, others)
    return holders


def test_a_function_is_looked_up_once() -> None:
    """Then it stands in the object itself, where all that only look find it."""
    holder: Any = holders_of("f", "g").create("x")
    before = inspect.getattr_static(holder, "f")
    function = holder.f

    assert not callable(before)
    assert inspect.getattr_static(holder, "f") is holder.f is function
    assert holder.looked_up == ["f"]


def test_the_class_is_made_once() -> None:
    """It is that of all objects, before and after their attributes changed."""
    holders = holders_of("f", "g", other=property(lambda _: "other"))
    first, second = holders.create(), holders.create()
    kind = type(first)
    holders.update_attributes(["g", "h"], {})

    assert type(first) is type(second) is type(holders.create()) is kind
    assert dir(kind) == ["g", "h"]
    assert not {"f", "other"} & vars(kind).keys()


def test_functions_are_forgotten_when_the_attributes_change() -> None:
    """Those of every object, whether their names stay or go; nothing else is."""
    holders = holders_of("f", "g")
    objects: list[Any] = [holders.create(), holders.create()]
    before = [(each.f, each.g) for each in objects]
    holders.update_attributes(["g", "h"], {"f": "another member"})

    for each, (_, g) in zip(objects, before, strict=True):
        assert each.f == "another member"
        assert each.g is not g
        assert each.h() == "h"
        assert each.label == ""


def test_a_function_that_was_looked_up_before_a_change_is_not_kept() -> None:
    """Its caller gets it, and who comes later gets what there is then."""
    holders = holders_of("f")
    holder: Any = holders.create()
    look_up = Holder.__getattr__

    def change_meanwhile(self: Holder, name: str) -> Any:
        function = look_up(self, name)
        holders.update_attributes(["f"], {})
        return function

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Holder, "__getattr__", change_meanwhile)
        old = holder.f
    assert holder.f is not old
    assert holder.f is holder.f


def test_it_is_shown_as_its_base() -> None:
    holder = holders_of("f").create("an app")
    kind: Any = type(holder)

    assert isinstance(holder, Holder)
    assert (kind.__name__, kind.__qualname__, kind.__module__) == ("Holder", "Holder", __name__)
    assert repr(kind) == repr(Holder)
    assert kind.__doc__ == Holder.__doc__
    assert holder.__doc__ == "Functions of an app."
    assert "Functions of an app." in pydoc.render_doc(holder)


def test_completers_see_functions_and_no_hook() -> None:
    """IPython adds what is in the class, and evaluates nothing if that answers for itself."""
    kind: Any = type(holders_of("f", other=1).create())
    assert dir(kind) == ["f"]
    assert not hasattr(kind, "__getattr__")


def test_copies_are_of_the_same_class() -> None:
    holder: Any = holders_of("f").create("x")
    other = copy.copy(holder)
    assert type(other) is type(holder)
    assert (other.label, other.f()) == ("x", "f")


def test_objects_go_when_nobody_has_them() -> None:
    holders = holders_of("f")
    holder = weakref.ref(holders.create())
    gc.collect()
    assert holder() is None


@pytest.mark.parametrize("count", [FEW, FEW + 1])
def test_few_functions_are_made_for_a_list(count: int) -> None:
    names = [f"f{number}" for number in range(count)]
    holder: Any = holders_of(*names).create()

    assert complete_names(holder, names) == names
    assert holder.looked_up == (names if count <= FEW else [])
