"""Functions made of names: the only module that compiles anything.

What is compiled is written here, except for identifiers, and those are checked. Everything else
that comes from an app (defaults, annotations, texts) is attached to the finished function as an
object. The readable source that ``inspect`` and tracebacks show, with the docstring in it, is never
compiled; it has the same lines as what is.
"""

from __future__ import annotations

import functools
import keyword
import linecache
import re
import weakref
from dataclasses import field, replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from makefun import create_function

from .. import forksafe
from ..frozen import frozen
from ..stable_names import PICKLING
from ..text import clean, is_brief, normalize_name
from .naming import IMPLEMENTATION, TAKEN
from .signature import add_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType

# The name that is compiled. Not the function's own: makefun does not take every one.
_TEMPLATE = "template"

_LINE_LENGTH = 88


class _Required:
    """The default of a parameter that has none but follows one that has."""

    __module__ = PICKLING

    def __repr__(self) -> str:
        return "<required>"

    def __reduce__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()
"""The default of a parameter that can't be left out, where Python's grammar wants a default."""


class _AppDefault:
    """The default of a parameter of which only the app knows what it is."""

    __module__ = PICKLING

    def __repr__(self) -> str:
        return "<default of the app>"

    def __reduce__(self) -> str:
        return "APP_DEFAULT"


APP_DEFAULT: Any = _AppDefault()
"""The default, in a written module, that is a file of the app or too long to be written."""


class Sibling(NamedTuple):
    """A function below another one, which takes the same and does something else.

    Attributes:
        implementation: Called with every argument as a keyword.
        returns: The annotation of what it returns.
        doc: Its docstring.
    """

    implementation: Callable[..., Any]
    returns: Any
    doc: str


@frozen()
class Blueprint:
    """What a function is to look like, and what it does.

    Attributes:
        name: Its name.
        parameters: Its parameters' names.
        defaults: The defaults of the last so many parameters.
        annotations: By parameter, and ``return``.
        spelled: The annotations as text, by the same names.
        doc: Its docstring.
        module: Its ``__module__``.
        place: What its file name says, between angle brackets.
        implementation: Called with every argument as a keyword.
        siblings: What is below it with its parameters, by name.
        methods: What is below it with parameters of its own, by name.
        attributes: What else it has, by name.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: tuple[Any, ...]
    annotations: Mapping[str, Any]
    spelled: Mapping[str, str]
    doc: str
    module: str
    place: str
    implementation: Callable[..., Any]
    siblings: Mapping[str, Sibling] = field(default_factory=dict)
    methods: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


def build(blueprint: Blueprint) -> FunctionType:
    """Build a function: write its text, compile what of that is code, and attach everything else.

    Raises:
        ValueError: A name is none that Python takes, or there twice; nothing was compiled.
    """
    _check_names(blueprint)
    head, source = _render_source(blueprint)
    code = _compile(head)
    return _attach(code, source, blueprint)


def read_defaults(function: FunctionType) -> dict[str, Any]:
    """Return the defaults of a function's parameters by their names."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = function.__defaults__ or ()
    return dict(zip(names[len(names) - len(values) :], values, strict=True))


def _check_names(blueprint: Blueprint) -> None:
    for name in (blueprint.name, *blueprint.parameters):
        if not name.isidentifier() or keyword.iskeyword(name) or name in TAKEN:
            raise ValueError(f"{name!r} can't be a name in Python")
        if name != normalize_name(name):
            raise ValueError(f"{name!r} is {normalize_name(name)!r} to Python")
    if len(set(blueprint.parameters)) < len(blueprint.parameters):
        raise ValueError(f"{blueprint.name} has two parameters of one name")


@functools.lru_cache(1024)
def _compile(head: str) -> CodeType:
    """Compile a signature; functions of one app often have the same."""
    # makefun evaluates the repr of defaults and annotations that it is given, so it gets neither.
    template = create_function(head, _not_called, add_source=False, add_impl=False)
    code: CodeType = template.__code__
    return code


def _not_called(*arguments: Any) -> Any:
    """Stand in for the implementation while makefun compiles."""
    raise AssertionError(arguments)


def _render_source(blueprint: Blueprint) -> tuple[str, list[str]]:
    """Return the signature to compile, and the lines to show, which are as many."""
    first = len(blueprint.parameters) - len(blueprint.defaults)
    plain, spelled = [], []
    for place, name in enumerate(blueprint.parameters):
        hint = blueprint.spelled.get(name)
        text = f"{name}: {hint}" if hint else name
        if place >= first:
            text += (" = " if hint else "=") + _render_default(blueprint.defaults[place - first])
        plain.append(f"{name}=None" if place >= first else name)
        spelled.append(text)
    result = f" -> {blueprint.spelled['return']}" if blueprint.spelled.get("return") else ""
    doc = _render_docstring(blueprint.doc)
    lone = f"def {blueprint.name}({', '.join(spelled)}){result}:"
    if len(lone) <= _LINE_LENGTH:
        head = f"{_TEMPLATE}({', '.join(plain)}):"
        lines = [lone]
    else:
        head = "\n".join([f"{_TEMPLATE}(", *(f"    {one}," for one in plain), "):"])
        opening = f"def {blueprint.name}("
        lines = [opening, *(f"    {one}," for one in spelled), f"){result}:"]
    call = ", ".join(f"{name}={name}" for name in blueprint.parameters)
    # Empty lines hold the place of the docstring in what is compiled.
    return head + "\n" * len(doc), [*lines, *doc, f"    return {IMPLEMENTATION}({call})"]


def _render_default(default: Any) -> str:
    """Return the text of a default in the source, which is read and never evaluated."""
    if default is REQUIRED:
        return "REQUIRED"
    text = repr(default) if is_brief(default, _LINE_LENGTH) else "..."
    return text if len(text) <= _LINE_LENGTH else "..."


def _render_docstring(doc: str) -> list[str]:
    """Return the lines of a docstring in the source."""
    # Control characters would end lines that are none, or the text itself.
    text = clean(doc, len(doc) + 1).replace("\\", "\\\\")
    # No quotation mark stands before another one, or at the end.
    lines = re.sub(r'"(?="|\Z)', r'\\"', text).split("\n")
    lines[0] = f'"""{lines[0]}'
    lines = [*lines, '"""'] if len(lines) > 1 else [f'{lines[0]}"""']
    return [f"    {line}".rstrip() for line in lines]


def _attach(code: CodeType, source: Sequence[str], blueprint: Blueprint) -> FunctionType:
    """Return a function of the code, with everything that was not compiled into it."""
    function = _new_function(code, blueprint, blueprint.name)
    _add_source(function, source, blueprint.place)
    for name, (implementation, returns, doc) in blueprint.siblings.items():
        hints = {**blueprint.annotations, "return": returns}
        like = replace(blueprint, implementation=implementation, annotations=hints, doc=doc)
        sibling = _new_function(function.__code__, like, f"{blueprint.name}.{name}")
        sibling.__dict__["is_sibling"] = True
        function.__dict__[name] = sibling
    for name, method in blueprint.methods.items():
        function.__dict__[name] = _as_child_function(method, blueprint, name)
    function.__dict__.update(blueprint.attributes)
    return function


def _new_function(code: CodeType, blueprint: Blueprint, qualname: str) -> FunctionType:
    name = qualname.rpartition(".")[-1]
    # What tracebacks and profilers show.
    changes = {"co_name": name}
    if hasattr(code, "co_qualname"):  # from Python 3.11 on
        changes["co_qualname"] = qualname
    known = {
        "__name__": blueprint.module,
        "REQUIRED": REQUIRED,
        IMPLEMENTATION: blueprint.implementation,
    }
    function = FunctionType(code.replace(**changes), known, name, blueprint.defaults)  # type: ignore[arg-type]
    function.__qualname__ = qualname
    function.__module__ = blueprint.module
    function.__annotations__ = dict(blueprint.annotations)
    function.__doc__ = blueprint.doc
    add_signature(function)
    return function


def _as_child_function(
    method: Callable[..., Any], blueprint: Blueprint, name: str
) -> Callable[..., Any]:
    """Return a method as a function that is found below another one, by pickle for example."""

    @functools.wraps(method)
    def child(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    child.__name__, child.__module__ = name, blueprint.module
    child.__qualname__ = f"{blueprint.name}.{name}"
    return child


_lock = forksafe.RLock()
_users: dict[str, int] = {}


def _add_source(function: FunctionType, lines: Sequence[str], place: str) -> None:
    """Give a function's source to ``linecache``, for as long as the function lives.

    The same source under the same name is one entry, so that connecting again adds none.
    """
    text = [line + "\n" for line in lines]
    with _lock:
        number = 1
        while True:
            name = f"<{place}>" if number == 1 else f"<{place} {number}>"
            entry = linecache.cache.get(name)
            if entry is None or (len(entry) == 4 and entry[2] == text):  # noqa: PLR2004
                break
            number += 1
        _users[name] = _users.get(name, 0) + 1
        # Without a time of change, ``linecache.checkcache`` leaves the entry alone.
        linecache.cache[name] = (sum(map(len, text)), None, text, name)
    function.__code__ = function.__code__.replace(co_filename=name, co_firstlineno=1)
    weakref.finalize(function, _drop_source, name).atexit = False


def _drop_source(name: str) -> None:
    with _lock:
        _users[name] -= 1
        if not _users[name]:
            del _users[name]
            linecache.cache.pop(name, None)
