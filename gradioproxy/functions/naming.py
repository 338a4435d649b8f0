"""Names that Python takes, made of names that an app declares.

This module only reads and returns text. The same input always gives the same names, whatever was
named before, so that a script keeps working when it connects again.
"""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING

from ..text import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..schema.endpoint import Endpoint

# A label can be a paragraph; nobody types a longer name than this.
MAX_LENGTH = 60

# A declared name is kept, as it is what people know; but not one that is made to fill the memory.
MAX_DECLARED = 255


INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters to Python, but nothing to the eye (fillers, joiners, variation selectors): two names that
look equal would be different ones."""
_OTHER = re.compile(r"[^A-Za-z0-9_]")

IMPLEMENTATION = "_func_impl_"
"""The name by which the one line of every generated function calls what does the work."""
TAKEN = frozenset({IMPLEMENTATION, "_func_", "__debug__"})
"""Names that are no keywords, and that no function and no parameter can have: makefun refuses the
second one, and Python lets nobody assign to the third."""

_BUILTINS = frozenset(dir(builtins))

# A class of an app that was called like this would be taken for another.
_MEANT_OTHERWISE = frozenset(
    {"Any", "False", "File", "FileLike", "Literal", "None", "Table", "True"}
)

# IPython asks every object for these, and would call an endpoint to show the session.
_ASKED = re.compile(r"__.*__|_(repr|ipython)_.*_")


def attribute_names(endpoint_names: Iterable[str], reserved: frozenset[str]) -> dict[str, str]:
    """Name the attributes of a session.

    Args:
        endpoint_names: The endpoints' names in the app's order (``/predict``).
        reserved: The session's own attributes, which no endpoint can have.

    Returns:
        The endpoint's name by its attribute's name, in the same order.
    """
    names = list(endpoint_names)

    made = [_name_attribute(name.removeprefix("/"), reserved) for name in names]
    return dict(zip(_number_names(made, reserved), names, strict=True))


def namespace_names(attributes: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Name functions for a namespace that they share with somebody's own code.

    Args:
        attributes: Their names as attributes (see `attribute_names`).
        prefix: What goes before each.

    Returns:
        The names in the same order; those of Python's builtins have an underscore behind them, as
        an app must not be able to replace ``open``.

    Raises:
        ValueError: With this prefix, they are none that Python takes.
    """
    made = [normalize_name(prefix + name) for name in attributes]
    for name in made:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"prefix={prefix!r} makes {name!r}, which can't be a name in Python")
    return _number_names([f"{name}_" if name in _BUILTINS else name for name in made], _BUILTINS)


def parameter_names(endpoint: Endpoint) -> tuple[str, ...]:
    """Name the parameters of an endpoint's function, in their order.

    Args:
        endpoint: The endpoint.

    Returns:
        For each parameter the name that the app declares, made an identifier, else its label made
        an identifier, else ``param_<index>``.
    """
    made = (
        _convert_declared(parameter.declared_name or "")
        or _join_words(parameter.label)
        or f"param_{parameter.index}"
        for parameter in endpoint.parameters
    )
    return _number_names([_avoid_keyword(_begin_name(name, "param_")) for name in made])


def field_names(endpoint: Endpoint) -> tuple[str, ...]:
    """Name the fields of the tuple that an endpoint's function returns.

    Args:
        endpoint: The endpoint.

    Returns:
        For each result its label made an identifier, else ``output_<index>``.
    """
    made = (
        _join_words(result.label).lstrip("_") or f"output_{index}"
        for index, result in enumerate(endpoint.results)
    )
    return _number_names([_avoid_keyword(_begin_name(name, "output_")) for name in made])


def tool_names(names: Iterable[str]) -> dict[str, str]:
    """Name things as the APIs of language models take names.

    Args:
        names: Their names in Python.

    Returns:
        The name in Python by the other one, which is at most 64 letters and digits of ASCII,
        underscores and hyphens, in the same order.
    """
    names = list(names)
    made = _number_names([_OTHER.sub("_", name)[:MAX_LENGTH] for name in names])
    return dict(zip(made, names, strict=True))


def class_name(text: str) -> str:
    """Return the words of *text* as the name of a class."""
    # Some of what is a letter or a digit to `re` (``¼``) is none to Python.
    plain = "".join(c if c.isascii() or f"a{c}".isidentifier() else " " for c in text[:200])
    words = re.findall(r"[^\W_]+", plain)
    name = "".join(word[:1].upper() + word[1:] for word in words)[:60]
    if name in _MEANT_OTHERWISE:
        return f"{name}Value"
    return name if name.isidentifier() or not name else f"Value{name}"


def _name_attribute(name: str, reserved: frozenset[str]) -> str:
    """Return the name of the attribute for one endpoint, whatever the others are called."""
    made = _begin_name(_replace_characters(name[:MAX_DECLARED]) or "_", "api_")
    made = f"{made}_" if _ASKED.fullmatch(made) else _avoid_keyword(made)
    while made in reserved:
        made += "_"
    return made


def _convert_declared(name: str) -> str:
    """Return a declared name as it is, or its words if it is no identifier."""
    visible = len(name) <= MAX_DECLARED and name.isidentifier() and not INVISIBLE.search(name)
    return normalize_name(name) if visible else _join_words(name)


def _replace_characters(name: str) -> str:
    """Return *name* with an underscore for each character that no identifier has."""
    if name.isascii():
        return _OTHER.sub("_", name)
    return normalize_name("".join(c if _can_continue(c) else "_" for c in name))


def _join_words(text: str) -> str:
    """Return the words of *text* with underscores between them, no longer than a name should be."""
    text = normalize_name(text[: 10 * MAX_LENGTH])
    if text.isascii():
        words = _OTHER.sub(" ", text)
    else:
        words = "".join(c if _can_continue(c) else " " for c in text)
    name = _cut_name("_".join(words.split()))
    return name if name.strip("_") else ""


def _cut_name(name: str) -> str:
    """Return *name* cut between two words, if it is too long and has words."""
    if len(name) <= MAX_LENGTH:
        return name
    end = name.rfind("_", MAX_LENGTH // 2, MAX_LENGTH + 1)
    return name[: end if end > 0 else MAX_LENGTH].rstrip("_") or name[:MAX_LENGTH]


def _can_continue(character: str) -> bool:
    """Tell whether an identifier can have the character."""
    return f"a{character}".isidentifier() and not INVISIBLE.match(character)


def _begin_name(name: str, prefix: str) -> str:
    """Return *name*, with the prefix if it begins with a digit or a mark."""
    return name if name.isidentifier() else normalize_name(prefix + name)


def _avoid_keyword(name: str) -> str:
    """Return *name*, with a trailing underscore if Python or the generated source has taken it."""
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN else name


def _number_names(names: Sequence[str], reserved: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the names with ``_2``, ``_3`` behind those that occurred before.

    A numbered name is never one that another has by itself, or it would depend on their order which
    of them keeps its own.
    """
    own = set(names)
    used: set[str] = set()
    last: dict[str, int] = {}
    unique = []
    for name in names:
        free = name
        while free in used or (free != name and (free in own or free in reserved)):
            last[name] = last.get(name, 1) + 1
            free = f"{name}_{last[name]}"
        used.add(free)
        unique.append(free)
    return tuple(unique)
