"""Values going out: what a caller passes becomes JSON, in stages that see each value once.

=====================  ===========================================================================
`changes`, `saved`     an update of a component becomes its value, a saved example what it is of
`foreign`              values of other libraries become builtins, in the whole tree
`choices`, `limits`    labels become choices; what a component takes of numbers, flags and texts
`components`           what a component takes besides what its schema says
`union`, `shorthand`   at each place the member of a union that is meant, written out
`write`                JSON, as far as there is any
`file_slots`           files become slots, to be filled when they have gone up
=====================  ===========================================================================

None knows a later one, but that `write` hands files to `file_slots`. Those before `union` see the
value of a parameter as a whole, because that is what components take; the others go through its
tree, place by place.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..files.payload import Payload
from ..text import one_line, short_repr
from .argument import Argument, Place, Problems
from .changes import is_update, value_for
from .choices import choose
from .components import convert_for_component
from .conform import Misfit
from .file_slots import FileSlots
from .foreign import read_foreign
from .limits import check_container, fit_component
from .markers import Untrusted
from .saved import load_saved
from .union import expand
from .write import JSONWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ..schema.endpoint import JSON, Endpoint, Parameter
    from ..schema.release import Release
    from ..transport.http import Transport
    from .file_slots import Sources


class Encoder:
    """Makes payloads for the calls of an app.

    Args:
        transport: The way to the app, to know its files from others.
        release: The app's version, which decides how files are written.
        max_file_size: The largest file that the app takes, in bytes.
        validate: Whether choices, types and limits are checked.
    """

    def __init__(
        self,
        transport: Transport,
        release: Release,
        max_file_size: int | None = None,
        *,
        validate: bool = True,
    ) -> None:
        self._transport = transport
        self._release = release
        self._max_file_size = max_file_size
        self._validate = validate

    def encode(
        self,
        function: str,
        endpoint: Endpoint,
        names: Sequence[str],
        arguments: Mapping[str, Any],
        defaults: AbstractSet[str] = frozenset(),
        *,
        sources: Sources | None = None,
    ) -> Payload:
        """Check the arguments of a call and make its payload.

        Args:
            function: The function's name, for messages.
            endpoint: What is called.
            names: The parameters' names in Python.
            arguments: Every parameter's value by its name in Python.
            defaults: The names of those that were left out, whose default is the app's own.
            sources: What was found of the files among them when it was made before, elsewhere.

        Returns:
            The payload.

        Raises:
            ArgumentError: Something is wrong with the arguments: all that is, in one error;
                `MissingFile` or `FileTooLarge` where that is all.
            SchemaError: The app contradicts itself about the endpoint.
        """
        endpoint.ensure_callable(function)
        problems = Problems()
        files = FileSlots(self._transport, self._release, self._max_file_size, problems, sources)
        writer = JSONWriter(files, problems, self._release)
        hidden = endpoint.hidden_values
        data: list[JSON] = [hidden.get(index) for index in range(endpoint.inputs)]
        for name, parameter in zip(names, endpoint.parameters, strict=True):
            if name in defaults:
                data[parameter.index] = copy.deepcopy(parameter.default)
                continue
            value = arguments[name]
            argument = Argument(function, name, parameter)
            if isinstance(value, Untrusted):
                argument = Argument(function, name, parameter, trusted=False, files=value.files)
                value = value.value
            data[parameter.index] = self._encode(argument, value, writer, problems)
        problems.raise_any(function)
        for index, properties in endpoint.properties.items():
            data[index] = {**copy.deepcopy(dict(properties)), "value": data[index]}
        return Payload(data, files.slots)

    def _encode(
        self, argument: Argument, value: Any, writer: JSONWriter, problems: Problems
    ) -> JSON:
        """Return the JSON for an argument."""
        parameter = argument.parameter
        place = Place(argument, parameter.shape)
        try:
            value = self._read_update(parameter, value)
            if argument.trusted and not self._release.has_file_data:
                value = load_saved(parameter, value)
            value = read_foreign(parameter, value, validate=self._validate)
            value = choose(place, value, problems if self._validate else Problems())
            value = self._fit(parameter, value)
            value = convert_for_component(parameter, value)
            shape, value = expand(place.shape, value)
            if self._validate:
                check_container(parameter, value, self._release)
        except Misfit as error:
            problems.add(place, short_repr(error.got), str(error), inside=error.place)
            return None
        except ValueError as error:
            problems.add(place, short_repr(value), one_line(error))
            return None
        return writer.write_expanded(place.meant_as(shape), value)

    def _read_update(self, parameter: Parameter, value: Any) -> Any:
        """Return the value of an update of a component, and other values as they are.

        Raises:
            Misfit: The update has none.
        """
        # What these take can look like anything.
        if is_update(value) and parameter.kind not in {"json", "api"}:
            try:
                return value_for(parameter, value)
            except Misfit:
                if self._validate:
                    raise
        return value

    def _fit(self, parameter: Parameter, value: Any) -> Any:
        """Return a value as its component takes it; as it is, if nobody asks whether it fits.

        Raises:
            Misfit: It does not.
        """
        try:
            return fit_component(parameter, value, self._release)
        except Misfit:
            if self._validate:
                raise
            return value
