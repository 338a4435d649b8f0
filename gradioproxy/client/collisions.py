"""Members of a session that have the name of one of the app's functions: using one warns.

A method warns when it is called, an attribute when it is read, by code of the user's. What only
looks at a session (completers, ``help``, debuggers, ``copy``) reads attributes too, and is known by
the module from which it does so.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NameCollision
from ..notices import get_module_name, is_own, warn_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

# What reads attributes only to show them, besides the standard library.
_TOOLS = frozenset(
    {
        *("IPython", "ipykernel", "jedi", "parso", "prompt_toolkit", "ptpython", "bpython"),
        *("debugpy", "pydevd", "_pydevd_bundle", "_pydev_bundle", "pydev_ipython", "pydevconsole"),
        *("_pytest", "pluggy", "rich", "traitlets", "cloudpickle", "dill"),
    }
)
# Where the standard library is; `sysconfig`, which knows as well, takes its time to load.
_STANDARD = str(Path(inspect.__file__).resolve().parent)


class Collision(NamedTuple):
    """A member of a session, and the function of the app that it hides."""

    member: str
    attribute: str
    endpoint: str


class Warner:
    """Warns of each collision once; one for all that is one session to people."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def warn(self, collision: Collision) -> None:
        """Warn at the user's line, unless the same member did so before."""
        member, attribute, endpoint = collision
        if member in self._warned:
            return
        self._warned.add(member)
        warn_user(
            f"app.{member} is the session's own. The app's function of that name is "
            f"app.{attribute}, app[{endpoint!r}] or app.functions.{member}.",
            NameCollision,
        )


def build_warning_members(
    base: type, collisions: Iterable[Collision], warner: Warner
) -> dict[str, Any]:
    """Return what stands in a session's class instead of the members that hide functions.

    Args:
        base: The session's class, which has these members.
        collisions: Which they are.
        warner: Warns when one is used.
    """
    made: dict[str, Any] = {}
    for collision in collisions:
        member = inspect.getattr_static(base, collision.member, None)
        if inspect.isfunction(member):
            made[collision.member] = _build_method(member, collision, warner)
        else:
            made[collision.member] = _build_property(member, collision, warner)
    return made


class _WarningProperty(property):
    """A property that tells when somebody's code reads it."""

    tell: Callable[[], None]

    def __get__(self, holder: Any, kind: type | None = None) -> Any:
        if holder is not None and not _only_looks(sys._getframe(1)):  # noqa: SLF001 - who asks
            self.tell()
        return super().__get__(holder, kind)


def _build_property(member: Any, collision: Collision, warner: Warner) -> property:
    """Return a property for one, or for what every session has in its own dictionary."""
    name = collision.member
    read = member.fget if isinstance(member, property) else lambda holder: vars(holder)[name]
    made = _WarningProperty(read, doc=_build_doc(member, collision))
    made.tell = functools.partial(warner.warn, collision)
    return made


def _build_method(member: Callable[..., Any], collision: Collision, warner: Warner) -> Any:
    @functools.wraps(member)
    def method(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001 - who calls
        # A ``with`` block ends in here too, by way of our own ``__exit__`` or of ``closing``.
        if not is_own(caller) and get_module_name(caller) != "contextlib":
            warner.warn(collision)
        return member(*args, **kwargs)

    method.__doc__ = _build_doc(member, collision)
    return method


def _build_doc(member: Any, collision: Collision) -> str:
    text = inspect.getdoc(member) or ""
    return f"{text}\n\nThe app's own function is ``app.{collision.attribute}``.".lstrip()


def _only_looks(frame: FrameType) -> bool:
    """Tell whether code reads attributes to show them, and does not use what it reads."""
    package = get_module_name(frame).partition(".")[0]
    if is_own(frame) or package in _TOOLS:
        return True
    # By its name alone, a script called ``queue`` would be taken for a library.
    return package in sys.stdlib_module_names and os.path.realpath(
        frame.f_code.co_filename
    ).startswith(_STANDARD)
