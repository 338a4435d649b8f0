"""Results and errors as text, and back: what is in a journal is data, whoever wrote it.

Of a result it is what the app sent, which is decoded as it was when it came, with the files that
are kept beside the journal. Of an error it is its class, by its name in `errors`, and its fields.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from .. import errors
from ..errors import GradioProxyError, Problem, Trace, restore_error
from ..text import clean
from .kept_files import KeptFile, find_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..files.file import File
    from ..transport.http import Transport
    from ..values.decode import Decoder
    from .kept_files import FileKeeper

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, GradioProxyError) and not name.startswith("_")
}
"""The errors that can be in a journal."""

_GARBLED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

_OF_CALLS = frozenset({"may_have_run", "event_id"})
"""Fields that errors have as classes, too."""

_LOST = frozenset({"trace", "problems", "outputs"})
"""Fields that are no JSON, or that are not kept."""


def write_result(
    data: Sequence[Any], files: Mapping[str, list[str]], hide: Callable[[str], str]
) -> str:
    """Return a result as text.

    Args:
        data: What the app sent.
        files: Where files among it are kept, by their places there.
        hide: Takes secrets out of a text.
    """
    return write_json({"data": list(data), **({"files": files} if files else {})}, hide)


def write_json(value: Any, hide: Callable[[str], str]) -> str:
    """Return JSON without secrets of ours, which an app may send back."""
    text = json.dumps(value)
    return text if hide(text) == text else json.dumps(_hide_in(value, hide))


def _hide_in(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_hide_in(item, hide) for item in value]
    if isinstance(value, dict):
        return {hide(key): _hide_in(item, hide) for key, item in value.items()}
    return value


class ResultReader:
    """Reads the results of a journal as those that a call returns.

    Args:
        decoder: Makes results of what comes; its files are replaced.
        keeper: Has the files.
        transport: The way to the app, for files that are not kept.
        prefix: What goes before the paths of the API.
    """

    def __init__(
        self, decoder: Decoder, keeper: FileKeeper, transport: Transport, prefix: str
    ) -> None:
        self._decoder, self._keeper = decoder, keeper
        self._transport, self._prefix = transport, prefix

    def read(self, text: str) -> Any:
        """Return a result.

        Raises:
            ValueError: It is none of this function.
        """
        try:
            found = json.loads(text)
            data, files = found["data"], found.get("files", {})

            def make_file(raw: Mapping[str, Any]) -> File:
                kept = self._keeper.find(files.get(find_place(raw)))
                if kept is None:
                    return self._decoder.make_file({**raw, "is_stream": False})
                return KeptFile(raw, self._transport, self._prefix, kept)

            decoder = dataclasses.replace(self._decoder, make_file=make_file)
            return decoder.decode(data, copy=False)
        except (*_GARBLED, GradioProxyError) as error:
            raise ValueError(f"a result that can't be read: {error!r}") from None


def read_kept_value(text: str, places: Sequence[int], keeper: FileKeeper) -> Any:
    """Return a result as plain JSON, with a path for each file that is kept.

    Args:
        text: The result, as text.
        places: Where the values are among what the app sent.
        keeper: Has the files.

    Returns:
        Nothing for no output, one value for one output, a list of them for several.

    Raises:
        ValueError: It is none.
    """
    found = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise ValueError("a result without data")  # noqa: TRY004 - it is content that is wrong
    files = found.get("files", {})

    def name_files(value: Any) -> Any:
        if isinstance(value, list):
            return [name_files(item) for item in value]
        if not isinstance(value, dict):
            return value
        place = find_place(value)
        kept = keeper.find(files.get(place)) if place and isinstance(files, dict) else None
        if kept is not None:
            return kept.path
        return {key: name_files(item) for key, item in value.items()}

    data = found["data"]
    shown = [name_files(data[place]) for place in places if place < len(data)]
    return shown if len(shown) > 1 else next(iter(shown), None)


def write_error(error: BaseException, hide: Callable[[str], str]) -> str:
    """Return an error as text."""
    kind = next((each.__name__ for each in type(error).__mro__ if each.__name__ in CLASSES), None)
    if kind is None or not isinstance(error, GradioProxyError):
        return write_json({"class": "GradioProxyError", "message": repr(error)}, hide)
    fields = {key: value for key, value in vars(error).items() if key not in _LOST}
    made: dict[str, Any] = {"class": kind, "message": str(error), "fields": fields}
    if error.trace is not None:
        made["trace"] = dataclasses.asdict(error.trace)
    if isinstance(error, errors.ArgumentError):
        made["problems"] = [dataclasses.asdict(problem) for problem in error.problems]
    return write_json(made, hide)


def read_error(text: str) -> GradioProxyError:
    """Return an error that `write_error` wrote.

    Raises:
        ValueError: It is none.
    """
    try:
        found = json.loads(text)
        kind = CLASSES[found["class"]]
        # Only what a constructor sets: nothing takes the place of a method.
        fields = {
            name: value
            for name, value in dict(found.get("fields", {})).items()
            if name in _OF_CALLS or not hasattr(kind, name)
        }
        if (trace := found.get("trace")) is not None:
            timeline = tuple((float(when), str(what)) for when, what in trace.pop("timeline"))
            fields["trace"] = Trace(**trace, timeline=timeline)
        if (problems := found.get("problems")) is not None:
            fields["problems"] = tuple(Problem(**problem) for problem in problems)
        if issubclass(kind, errors.AppError):
            fields["outputs"] = ()
        for name in ("near", "names"):
            if name in fields:
                fields[name] = tuple(fields[name])
        # No constructor cleans it, and a stranger may have written it.
        return restore_error(kind, (clean(found["message"]),), fields)
    except _GARBLED as error:
        raise ValueError(f"an error that can't be read: {error!r}") from None
