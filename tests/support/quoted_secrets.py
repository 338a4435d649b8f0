"""Looking for secrets in an exception, in all that it says and holds."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradioproxy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE = Path(gradioproxy.__file__).parent
_DEEPEST = 12


def find_secrets(
    error: gradioproxy.GradioProxyError, secrets: Iterable[str], *, variables: bool = False
) -> list[str]:
    """Return which of the secrets are in an exception.

    They are looked for in its text, its report, its pickle, in what can be reached from it by
    attributes, causes and contexts; with *variables* also in what tracebacks that show these show
    of the variables of the package.
    """
    texts = [str(error), repr(error), error.report(), pickle.dumps(error).decode("latin-1")]
    texts += _iterate_texts(error, set(), 0)
    texts += _iterate_variables(error) if variables else ()
    return [secret for secret in secrets if any(secret in text for text in texts)]


def _iterate_variables(error: BaseException) -> Iterator[str]:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
            yield from (repr(value) for value in frame.f_locals.values())


def _iterate_texts(value: Any, seen: set[int], depth: int) -> Iterator[str]:
    if id(value) in seen or depth > _DEEPEST or isinstance(value, type):
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | bytearray):
        yield value.decode("latin-1")
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _iterate_texts(pair, seen, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _iterate_texts(item, seen, depth + 1)
    else:
        if isinstance(value, BaseException):
            for part in (value.args, value.__cause__, value.__context__):
                yield from _iterate_texts(part, seen, depth + 1)
        yield from _iterate_texts(getattr(value, "__dict__", None) or {}, seen, depth + 1)
