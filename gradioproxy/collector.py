"""The collector of garbage, which waits while very many objects are made that are none.

What a large app says of itself becomes some hundred thousand objects at once. The collector would
look through all of them again and again, as often as they have become a quarter more, which takes
longer than to make them.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Has an entry while the collector waits for a thread, which a forked child has to know.
_pauses: list[None] = []


def make_without_collecting(make: Callable[[], T]) -> T:
    """Return what a function makes; the collector of this process waits until it has.

    It is left alone where it was off before. It goes on, too, if *make* is interrupted: there is no
    instruction before ``gc.enable`` at which Ctrl-C is looked for.

    Args:
        make: What makes the objects. It keeps hold of them, and runs no code of a user's.
    """
    if not gc.isenabled():  # another thread's pause is as good, as far as it goes
        return make()
    try:
        gc.disable()
        _pauses.append(None)
        return make()
    finally:
        gc.enable()
        _pauses.clear()


def _after_fork() -> None:
    # The thread for which it waits is not there.
    if _pauses:
        _pauses.clear()
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
