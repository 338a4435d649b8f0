"""The signature of an exported function: what is written, and what is compared with the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from ..values.decode import decode_value
from .accepted import accepted_annotation, members_of
from .annotation_inclusion import includes_annotation
from .annotations import render_annotation, return_annotation, union_of
from .codegen import APP_DEFAULT, REQUIRED, read_defaults
from .literals import is_literal
from .naming import parameter_names

if TYPE_CHECKING:
    from types import FunctionType

    from ..schema.endpoint import Endpoint, Parameter
    from .annotations import Classes


@dataclass(frozen=True)
class ExportedSignature:
    """What a function takes and returns.

    Attributes:
        hints: The annotations of its parameters, in their order.
        defaults: The defaults of the last so many; `REQUIRED` and `APP_DEFAULT` are some.
        returns: The annotation of what it returns.
    """

    hints: Mapping[str, Any]
    defaults: Mapping[str, Any]
    returns: Any


def build_signature(
    name: str, endpoint: Endpoint, classes: Classes | None = None
) -> ExportedSignature:
    """Return the signature of the function that is exported for an endpoint.

    Args:
        name: The function's name.
        endpoint: The endpoint.
        classes: The classes of the module that is written. What is in one can depend on where its
            shape was met first, so that those of others would make other modules of one app.
    """
    classes = {} if classes is None else classes
    hints: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for known, parameter in zip(parameter_names(endpoint), endpoint.parameters, strict=True):
        hint = accepted_annotation(parameter, known, classes)
        if parameter.has_default and not endpoint.contradiction:
            defaults[known], hint = _choose_default(parameter, hint)
        elif defaults or endpoint.contradiction:
            defaults[known] = REQUIRED
        hints[known] = hint
    return ExportedSignature(hints, defaults, return_annotation(name, endpoint, classes))


def read_signature(definition: FunctionType) -> ExportedSignature:
    """Return the signature of a function as it is written in an exported module."""
    code = definition.__code__
    names = code.co_varnames[: code.co_argcount]
    hints = definition.__annotations__
    return ExportedSignature(
        {name: hints.get(name, Any) for name in names},
        read_defaults(definition),
        hints.get("return"),
    )


def find_breaks(
    written: ExportedSignature, now: ExportedSignature, *, types: bool = True
) -> list[str]:
    """Say what of a written signature is not true of the app as it is now.

    Args:
        written: The signature in the module.
        now: What would be written now.
        types: Whether to compare annotations.

    Returns:
        Each as a few words. What can be left out and came since is none, and neither is another
        default, nor that a parameter takes more than it did.
    """
    found = _find_moves(list(written.hints), list(now.hints), now.defaults)
    for name in [name for name in written.hints if name in now.hints]:
        before, after = written.defaults.get(name, REQUIRED), now.defaults.get(name, REQUIRED)
        if after is REQUIRED and before is not REQUIRED:
            found.append(f"{name!r} is needed")
        before, after = written.hints[name], now.hints[name]
        if types and not includes_annotation(after, before):
            found.append(f"{name!r} takes {_show(after)}, and took {_show(before)}")
    # What several values are called says which is which, whoever wrote it.
    fields = [getattr(one.returns, "_fields", None) for one in (written, now)]
    fits = not types or includes_annotation(written.returns, now.returns, more_keys=True)
    if fields[0] != fields[1] or not fits:
        found.append(f"it returns {_show(now.returns)}, and returned {_show(written.returns)}")
    return found


def _find_moves(before: list[str], after: list[str], defaults: Mapping[str, Any]) -> list[str]:
    """Say which parameters are gone, which are needed that were not there, and which have moved."""
    found = [f"there is no {name!r} any more" for name in before if name not in after]
    needed = [n for n in after if n not in before and defaults.get(n, REQUIRED) is REQUIRED]
    found += [f"{name!r} is needed" for name in needed]
    if not found and after[: len(before)] != before:
        found.append(f"its parameters come in another order: {', '.join(after)}")
    return found


def _show(hint: Any) -> str:
    text = render_annotation(hint).replace("Ellipsis", "...")
    fields = getattr(hint, "_fields", None)
    return f"{text}({', '.join(fields)})" if fields else text


# Defaults.


class _HoldsFileError(Exception):
    """A default has a file in it."""


def _choose_default(parameter: Parameter, hint: Any) -> tuple[Any, Any]:
    """Return what to write as a default, and the annotation that it is right for."""
    try:
        value = decode_value(parameter.default, parameter.shape, _refuse_file)
    except _HoldsFileError:
        return APP_DEFAULT, hint
    if not is_literal(value):
        return APP_DEFAULT, hint
    if fits_annotation(value, hint):
        return value, hint
    if isinstance(value, list | dict):
        return APP_DEFAULT, hint
    # It is what the author of the app takes it for.
    return value, union_of([*members_of(hint), None if value is None else type(value)])


def _refuse_file(raw: object) -> Any:
    raise _HoldsFileError(raw)


def fits_annotation(value: Any, hint: Any) -> bool:  # noqa: PLR0911 - cases
    """Tell whether type checkers take a literal for what an annotation says, beyond doubt."""
    members = members_of(hint)
    if len(members) > 1:
        objects = sum(hasattr(one, "__required_keys__") for one in members)
        if isinstance(value, dict) and (objects > 1 or (objects and not value)):
            return False  # they say that it is ambiguous
        return any(fits_annotation(value, one) for one in members)
    if hint is Any or hint is None or hint is type(None):
        return hint is Any or value is None
    if get_origin(hint) is Literal:
        return any(type(one) is type(value) and one == value for one in get_args(hint))
    if isinstance(value, list):
        return _fits_list(value, hint)
    if isinstance(value, dict):
        return _fits_object(value, hint)
    if _name_of(hint) == "FileLike":
        return isinstance(value, str)
    kinds = (int, float) if hint is float else (hint,)
    return hint in {str, int, float, bool} and isinstance(value, kinds)


def _fits_list(value: list[Any], hint: Any) -> bool:
    if get_origin(hint) not in {list, Sequence}:
        return _name_of(hint) == "TableLike"
    return all(fits_annotation(one, get_args(hint)[0]) for one in value)


def _fits_object(value: dict[str, Any], hint: Any) -> bool:
    if get_origin(hint) is Mapping:
        return all(fits_annotation(one, get_args(hint)[1]) for one in value.values())
    if not hasattr(hint, "__required_keys__"):
        return _name_of(hint) in {"FileLike", "FigureLike", "TableLike"}
    hints, needed = hint.__annotations__, hint.__required_keys__
    if not needed <= value.keys() <= hints.keys():
        return False
    kinds = {key: hints[key] if key in needed else get_args(hints[key])[0] for key in value}
    return all(fits_annotation(one, kinds[key]) for key, one in value.items())


def _name_of(hint: Any) -> str:
    """Return the name of an alias, and nothing for what has parts."""
    return "" if get_origin(hint) is not None else getattr(hint, "__name__", "")
