"""Whether values are what annotations say, by their structure, as a type checker would ask."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Union

from typing_extensions import NotRequired, get_type_hints, is_typeddict

import gradioproxy as gp
from gradioproxy.functions.annotations import render_annotation
from gradioproxy.functions.file_like import FileLike

if TYPE_CHECKING:
    from collections.abc import Iterator


def wrong_defaults(session: gp.Session) -> list[str]:
    """Return what is wrong with the defaults of an app's functions."""
    return [
        f"{name}.{wrong}"
        for name in session
        for parameter in inspect.signature(session[name]).parameters.values()
        if parameter.default is not inspect.Parameter.empty
        if parameter.default is not gp.REQUIRED
        for wrong in misfits(parameter.default, parameter.annotation, parameter.name)
    ]


def wrong_result(function: Any, result: Any) -> list[str]:
    """Return what is wrong with what a function returned."""
    return list(misfits(result, inspect.signature(function).return_annotation, "result"))


def misfits(value: Any, hint: Any, place: str) -> Iterator[str]:
    """Yield the places in a value that are not what its annotation says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or (hint is FileLike and isinstance(value, str | Mapping | gp.File)):
        return
    if origin is NotRequired:
        yield from misfits(value, arguments[0], place)
    elif origin in {Union, types.UnionType}:
        if all(any(misfits(value, option, place)) for option in arguments):
            yield _said(value, hint, place)
    elif origin is list or (origin is tuple and len(arguments) == len(_items(value))):
        yield from _list_misfits(value, hint, place)
    elif origin is dict or is_typeddict(hint):
        yield from _mapping_misfits(value, hint, place)
    elif hasattr(hint, "_fields") and isinstance(value, hint):
        for field, one in get_type_hints(hint).items():
            yield from misfits(getattr(value, field), one, f"{place}.{field}")
    elif not _is_of(value, hint):
        yield _said(value, hint, place)


def _items(value: Any) -> Any:
    # JSON knows no tuples, so that what an annotation calls one is a list in a default.
    return value if isinstance(value, list | tuple) else ()


def _list_misfits(value: Any, hint: Any, place: str) -> Iterator[str]:
    arguments = typing.get_args(hint)
    if not isinstance(value, list | tuple):
        yield _said(value, hint, place)
        return
    kinds = arguments * len(value) if typing.get_origin(hint) is list else arguments
    for number, (one, kind) in enumerate(zip(value, kinds, strict=True)):
        yield from misfits(one, kind, f"{place}[{number}]")


def _mapping_misfits(value: Any, hint: Any, place: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _said(value, hint, place)
    elif typing.get_origin(hint) is dict:
        for key, one in value.items():
            yield from misfits(one, typing.get_args(hint)[1], f"{place}[{key!r}]")
    else:
        hints = get_type_hints(hint, include_extras=True)
        yield from (f"{place} lacks {key!r}" for key in hint.__required_keys__ - value.keys())
        yield from (f"{place} has {key!r}" for key in value.keys() - hints.keys())
        for key in hints.keys() & value.keys():
            yield from misfits(value[key], hints[key], f"{place}[{key!r}]")


def _is_of(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is Literal:
        return any(type(value) is type(one) and value == one for one in typing.get_args(hint))
    if hint in {None, types.NoneType}:
        return value is None
    if hint in {int, float}:
        return isinstance(value, int | hint) and not isinstance(value, bool)
    return isinstance(hint, type) and isinstance(value, hint)


def _said(value: Any, hint: Any, place: str) -> str:
    return f"{place} is {value!r:.200}, and no {render_annotation(hint)}"
