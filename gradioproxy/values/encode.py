"""Values going out: what a caller passes becomes JSON.

Files are found by the shape of the parameter, at any depth, and stand as `Pending` in the
JSON until they have gone up. Only objects that the caller made can name a local file: strings do so
where the shape has a file and the value is the caller's own.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from ..builtin import is_writable, key_of, plain
from ..errors import ArgumentError, Problem
from ..files.file import File
from ..files.filedata import FILE_DATA, UPRIGHT, form_of
from ..files.in_memory import is_media
from ..files.payload import Plan
from ..files.untrusted import STRANGERS_TAKE, app_file, plain_path, stranger_source
from ..schema.choices import find_option
from ..schema.endpoint import NEWEST, is_filler
from ..schema.shape import (
    ANYTHING,
    Anything,
    Choice,
    Object,
    Reference,
    Scalar,
    Shape,
    Union,
    part_of,
)
from ..schema.shape import File as FileShape
from ..suggest import find_nearest
from ..text import one_line, short_repr
from .attachments import Attachments
from .changes import is_update, value_for
from .components import coerced
from .conform import Misfit
from .limits import check_container, fit_component
from .markers import Marked, Untrusted
from .saved import loaded
from .shorthand import (
    could_be_file,
    is_inline,
    is_list,
    names_file,
    names_local_file,
    same,
    written_out,
)
from .union import option_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..files.payload import Pending
    from ..files.source import Source
    from ..schema.endpoint import Endpoint, Parameter
    from ..transport.http import Transport

JSON = Any

# How many choices a message names.
LISTED = 10

# Deeper than any real value, and far from where Python's own stack ends.
MAX_DEPTH = 100


JSON_TAKES = "it takes what JSON can say"

# What is JSON already, whatever it is meant as where no file goes.
_SCALARS = frozenset({type(None), bool, int, float, str})

# What could be a file and is JSON all the same.
_JSON_FILE = (str, Mapping)


class Encoder:
    """Makes the plan of a call.

    Args:
        endpoint: What is called.
        names: The parameters' names in Python.
        transport: The way to the app, to know its files from others.
        max_file_size: The largest file that the app takes, in bytes.
        release: The app's version, which decides how files are written.
        validate: Whether choices, types and limits are checked.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        names: Sequence[str],
        transport: Transport,
        max_file_size: int | None = None,
        *,
        release: tuple[int, ...] = NEWEST,
        validate: bool = True,
    ) -> None:
        self._endpoint = endpoint
        self._names = names
        self._transport = transport
        self._max_size = max_file_size
        self._release = release
        self._component = ""
        self._validate = validate
        self._function = ""
        self._trusted = True
        self._open: set[int] = set()
        self._attached = self._attachments("")

    def encode(
        self, function: str, arguments: Mapping[str, Any], defaults: AbstractSet[str]
    ) -> Plan:
        """Check the arguments and make the plan.

        Args:
            function: The function's name, for messages.
            arguments: Every parameter's value by its name in Python.
            defaults: The names of those that were left out, whose default is the app's own.

        Returns:
            The plan.

        Raises:
            ArgumentError: Something is wrong with the arguments: all that is, in one error;
                `MissingFile` or `FileTooLarge` where that is all.
            SchemaError: The app contradicts itself about the endpoint.
        """
        self._endpoint.ensure_callable(function)
        self._function = function
        self._attached = self._attachments(function)
        hidden = self._endpoint.hidden_values
        data: list[JSON] = [hidden.get(place) for place in range(self._endpoint.inputs)]
        for name, parameter in zip(self._names, self._endpoint.parameters, strict=True):
            if name in defaults:
                data[parameter.index] = copy.deepcopy(parameter.default)
            else:
                data[parameter.index] = self._parameter(name, parameter, arguments[name])
        problems = self._attached.problems
        if problems:
            kinds = {kind for kind, _ in problems}
            kind = kinds.pop() if len(kinds) == 1 else ArgumentError
            raise kind(function, [problem for _, problem in problems])
        return Plan(data, self._attached.files)

    def _attachments(self, function: str) -> Attachments:
        upright = self._release >= UPRIGHT
        return Attachments(function, self._transport, self._max_size, upright=upright)

    def _parameter(self, name: str, parameter: Parameter, value: Any) -> JSON:
        self._component = parameter.component
        self._attached.label = parameter.label if is_filler(name) else ""
        self._trusted = not isinstance(value, Untrusted)
        if isinstance(value, Untrusted):
            value = value.value
        try:
            if is_update(value) and self._component.lower() not in {"json", "api"}:
                value = value_for(parameter, value)
            if parameter.options is not None:
                value = self._chosen(name, parameter, value)
            value = fit_component(parameter, value, self._release)
        except Misfit as error:
            if self._validate:
                self._wrong(f"{name}{error.place}", short_repr(error.came), str(error))
                return None
        try:
            if self._trusted and self._release < FILE_DATA:
                value = loaded(parameter, value)
            value = coerced(parameter, value, validate=self._validate)
            if self._validate:
                check_container(parameter, value, self._release)
        except ValueError as error:
            self._wrong(name, short_repr(value), one_line(error))
            return None
        return self._value(name, parameter.shape, value, 0)

    def _wrong(self, where: str, came: str, takes: str) -> None:
        problem = Problem(where, came, takes, self._attached.label)
        self._attached.problems.append((ArgumentError, problem))

    # Choices.

    def _chosen(self, name: str, parameter: Parameter, value: Any) -> Any:
        """Return the values for labels; note what is no choice, where that is certain."""
        value = plain(value)
        one = not parameter.several and isinstance(parameter.shape, Choice | Scalar)
        if is_list(value) and not one:
            return [self._choice(f"{name}[{i}]", parameter, v) for i, v in enumerate(value)]
        if value is None and self._component.lower() == "checkboxgroup":
            return []  # boxes of which none is ticked
        chosen = self._choice(name, parameter, value)
        return [chosen] if parameter.several and value is not None else chosen

    def _choice(self, where: str, parameter: Parameter, value: Any) -> Any:
        options = parameter.options or ()
        value = plain(value)
        found = find_option(options, value, same)
        if found is not None:
            return found.value
        if value is not None and parameter.fixed and self._validate:
            self._wrong(
                where, short_repr(value), choices_text([option.value for option in options], value)
            )
        return value

    # Values by shape.

    def _value(self, where: str, shape: Shape, value: Any, depth: int) -> JSON:
        """Return the JSON for a value, with files as `Pending`."""
        if depth > MAX_DEPTH:
            self._wrong(where, "a value nested too deeply", f"at most {MAX_DEPTH} levels are sent")
            return None
        if isinstance(shape, Reference):
            shape = shape.target
        if isinstance(shape, Union):
            shape = option_for(shape, value)
        value = written_out(shape, value)
        if isinstance(value, File | Marked) or (isinstance(shape, FileShape) and value is not None):
            return self._file(where, value, depth)
        if id(value) in self._open:
            self._wrong(where, "a value that contains itself", JSON_TAKES)
            return None
        self._open.add(id(value))
        try:
            return self._plain_value(where, shape, value, depth)
        finally:
            self._open.discard(id(value))

    def _plain_value(self, where: str, shape: Shape, value: Any, depth: int) -> JSON:
        if isinstance(shape, Object) and could_be_file(value) and not isinstance(value, _JSON_FILE):
            needed = [part for part in shape.fields if part.required] or shape.fields
            keys = ", ".join(f"{part.name!r}: ..." for part in needed)
            self._wrong(where, short_repr(value), f"it takes a dictionary: {{{one_line(keys)}}}")
            return None
        match plain(value):
            case int() as number if not is_writable(number):
                self._wrong(where, "a number of thousands of digits", JSON_TAKES)
            case None | bool() | int() | float() | str() as known:
                return known
            case Mapping() as mapping if self._is_unsent_file(mapping):
                self._wrong(
                    where,
                    short_repr(mapping),
                    "wrap its path in gradioproxy.file() to send the file",
                )
            case Mapping() as mapping:
                return self._entries(where, shape, mapping, depth)
            case bytes() | bytearray() | memoryview():
                self._wrong(
                    where, "bytes", "wrap them in gradioproxy.file() to send them as a file"
                )
            case os.PathLike() as path:
                if isinstance(shape, Scalar):
                    return os.fspath(path)
                self._wrong(
                    where, repr(path), "wrap it in gradioproxy.file() to send the file, or in str()"
                )
            case list() | tuple() | AbstractSet() as items:
                return self._items(where, shape, items, depth)
            case other:
                came = f"{short_repr(other)} of type {type(other).__name__}"
                hint = "; wrap it in gradioproxy.file() to send a file" if is_media(other) else ""
                self._wrong(where, came, f"{JSON_TAKES}{hint}")
        return None

    def _entries(
        self, where: str, shape: Shape, mapping: Mapping[Any, Any], depth: int
    ) -> dict[str, JSON]:
        made: dict[str, JSON] = {}
        for key, item in mapping.items():
            place = f"{where}[{short_repr(key)}]"
            name = key_of(key)
            if name is None:
                self._wrong(place, "a key that can't be written", JSON_TAKES)
            else:
                made[name] = self._value(place, part_of(shape, name), item, depth + 1)
        return made

    def _items(self, where: str, shape: Shape, items: Iterable[Any], depth: int) -> list[JSON]:
        made: list[JSON] = []
        for place, item in enumerate(items):
            part = part_of(shape, place)
            # Tables have millions of these.
            said = type(item) in _SCALARS and (type(item) is not int or is_writable(item))
            if said and isinstance(part, Anything | Scalar):
                made.append(item)
            else:
                made.append(self._value(f"{where}[{place}]", part, item, depth + 1))
        return made

    # Files.

    def _file(self, where: str, value: Any, depth: int) -> JSON:
        """Return what stands for a file: a value of the app's own, or a `Pending`."""
        if isinstance(value, Marked):
            value = value.value
        if isinstance(value, str) and not self._trusted:
            return self._of_stranger(where, value)
        if self._is_unsent_file(value):
            self._wrong(where, short_repr(value), "pass the path itself, without handle_file()")
            return None
        own_form = isinstance(value, Mapping) and self._release < FILE_DATA and is_inline(value)
        if own_form or (isinstance(value, Mapping) and names_file(value)):
            # It names a file of the server, and never one of ours.
            return self._of_server(self._plain_value(where, ANYTHING, value, depth))
        if isinstance(value, File) and value.is_kept_by(self._transport):
            return self._of_server(value.raw)
        source = self._attached.source(where, value)
        return self._pending(where, source) if source is not None else None

    def _pending(self, where: str, source: Source) -> Pending | None:
        return self._attached.pending(where, source, form_of(self._release, self._component))

    def _is_unsent_file(self, value: Any) -> bool:
        """Tell whether an object is what gradio_client makes of a path, which sends the file then.

        Here it is refused: a server can send an object that looks the same, and whoever passes that
        on must not send it a file of this machine.
        """
        return self._trusted and self._release >= FILE_DATA and names_local_file(value)

    def _of_server(self, raw: dict[str, JSON]) -> JSON:
        """Return the value for a file that the server has, with the mark that it may insist on."""
        if self._release < FILE_DATA:
            return raw
        made = {**raw, "meta": raw.get("meta") or {"_type": "gradio.FileData"}}
        if isinstance(path := raw.get("path"), str):
            made["path"] = plain_path(path)
        return made

    def _of_stranger(self, where: str, text: str) -> JSON:
        """Return what stands for a file that not the caller named."""
        kept = app_file(text, form_of(self._release, self._component), self._transport)
        if kept is not None:
            return kept
        source = stranger_source(text, where, self._function, self._transport)
        if source is None:
            self._wrong(where, short_repr(text), STRANGERS_TAKE)
        return self._pending(where, source) if source is not None else None


def choices_text(values: Sequence[Any], came: Any) -> str:
    """Say what a choice takes, with the nearest one if something like it came."""
    texts = [short_repr(value, 60) for value in values]
    listed = ", ".join(texts[:LISTED])
    more = f" and {len(texts) - LISTED} more" if len(texts) > LISTED else ""
    near = find_nearest(short_repr(came), [str(value) for value in values])
    hint = f"; did you mean {texts[[str(v) for v in values].index(near[0])]}?" if near else ""
    return f"it takes one of {listed}{more}{hint}"
