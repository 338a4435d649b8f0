"""An app's description, read once from ``/config`` and ``/info`` into the dataclasses of `schema`.

The wire's words for things (``fn_index``, ``skip_api``, ``api_name``) end here. Nothing is
evaluated, no name is made an identifier and nothing is sent: this module only reads. What a field
means in which version of Gradio was read from the sources of those versions.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from ..errors import SchemaError
from ..text import one_line
from .choices import find_choices
from .component import Component
from .constraints import parse_constraints
from .endpoint import JSON, App, Choice, Endpoint, Endpoints, Parameter, Result
from .entries import FunctionTable
from .gradio3 import shape_of
from .limits import is_shallow
from .page import (
    changed_components,
    find_part,
    find_target,
    find_trigger,
    is_empty_on_page,
    is_rendered,
    read_label,
    runs_at_load,
    unseen_components,
)
from .places import (
    Components,
    Contradiction,
    Place,
    find_places,
    guess_places,
    is_hidden,
    is_number,
    list_objects,
    read_component_numbers,
)
from .release import parse_release
from .shape import Shape, parse_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .entries import Found, Function
    from .gradio3 import Side

SECOND_HAND = (
    "Read from the components of the app's page, because {}: names, types and defaults may be "
    "others once that is mended."
)

MADE_LATER = (
    "The app made it while it ran, for this session alone, and replaces it when what made it runs "
    "again."
)

_STAND_IN = re.compile(r"(parameter|value)_\d+")
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


def parse_head(config: Mapping[str, JSON]) -> tuple[str, str, str]:
    """Return an app's version, the prefix of its API's paths and its protocol, and read no more."""
    version, protocol = (one_line(_text(config.get(key)), 40) for key in ("version", "protocol"))
    return version, _prefix(config.get("api_prefix")), protocol or "ws"


def parse_app(config: JSON, info: JSON = None, failure: str = "") -> App:
    """Read an app's description.

    Args:
        config: What ``/config`` answered.
        info: What ``/info`` answered, or ``None`` where there is none (Gradio before 3.26) or it
            is broken; endpoints are then derived from *config*.
        failure: Why there is no *info*, if the app should have it.

    Returns:
        The description. What it contradicts itself about is an endpoint with a ``contradiction``.

    Raises:
        SchemaError: *config* is no description of a Gradio app.
    """
    if not isinstance(config, dict) or not isinstance(config.get("dependencies"), list):
        raise SchemaError(
            "The answer to /config has no list of functions, so this is no description of an app. "
            "Check the address with a browser."
        )
    return _AppReader(config, info if isinstance(info, dict) else {}, failure).read()


def compute_fingerprint(config: JSON) -> object:
    """Return of a description what another app at the same address would have otherwise."""
    if not isinstance(config, dict):
        return None
    components = config.get("components")
    kinds = [(c.get("id"), c.get("type")) for c in list_objects(components)]
    return [config.get("dependencies"), kinds]


def runs_at_end(config: Mapping[str, JSON]) -> bool:
    """Tell whether an app runs a function when it is told that a session ends."""
    found = [function.get("targets") for function in list_objects(config.get("dependencies"))]
    return any(
        isinstance(target, list) and "unload" in target[1:]
        for targets in found
        for target in (targets if isinstance(targets, list) else [])
    )


class _AppReader:
    """Reads one description; keeps the components by number while it does."""

    def __init__(self, config: Mapping[str, JSON], info: Mapping[str, JSON], failure: str) -> None:
        self.config = config
        self.version, self.prefix, self.protocol = parse_head(config)
        self.release = parse_release(self.version)
        self.info = info
        self.second_hand = SECOND_HAND.format(one_line(failure)) if failure else ""
        self.components = Components(config.get("components"))
        self.states = self.components.find_kind("state")  # most apps have none
        self.table = FunctionTable(config["dependencies"], info, self.components, self.release)
        self.functions = {function.number: function.raw for function in self.table.functions}

    # What only reading an endpoint takes, and of a large app takes time.

    @functools.cached_property
    def changed(self) -> frozenset[int]:
        """The components that functions change."""
        return changed_components(self.functions, self.components.by_number)

    @functools.cached_property
    def unseen(self) -> frozenset[int]:
        """The components that the page does not show at first."""
        return unseen_components(self.config.get("layout"), self.components.by_number)

    def read(self) -> App:
        config = self.config
        size, app_id = config.get("max_file_size"), config.get("app_id")
        return App(
            version=self.version,
            release=self.release,
            protocol=self.protocol,
            prefix=self.prefix,
            app_id=app_id if is_number(app_id) else None,
            title=one_line(config.get("title") or ""),
            endpoints=self.list_endpoints(self.table.documented),
            undocumented=self.list_endpoints(self.table.undocumented),
            unnamed=self.list_endpoints(self.table.unnamed),
            stateful=any(self.is_stateful(function.raw) for function in self.table.functions),
            heartbeat=config.get("connect_heartbeat") is True,
            max_file_size=size if is_number(size) else None,
            fingerprint=compute_fingerprint(config),
            second_hand=self.second_hand,
        )

    def list_endpoints(self, found: Mapping[str, Found]) -> Endpoints[Found, Endpoint]:
        return Endpoints(found, self.read_endpoint)

    def is_stateful(self, raw: Mapping[str, JSON]) -> bool:
        keeps = bool(self.states) and not self.states.isdisjoint(
            (*read_component_numbers(raw, "inputs"), *read_component_numbers(raw, "outputs"))
        )
        # What is on the page is the session's, as a state is.
        return keeps or is_rendered(raw) or find_part(raw, self.components.by_number) is not None

    def read_component(self, number: int | None, side: Side) -> Component | None:
        raw = self.components.get(number)
        if not raw:
            return None
        declared = raw.get("api_info")
        if isinstance(declared, dict) and isinstance(declared.get("info"), dict):
            declared = declared["info"]  # Gradio 3 wraps the schema
        properties = raw.get("props")
        return Component(
            id=raw["id"],
            kind=_text(raw.get("type")).lower(),
            properties=properties if isinstance(properties, dict) else {},
            hidden=is_hidden(raw, side),
            schema=raw.get("api_info_as_input", declared),
            schema_out=raw.get("api_info_as_output", declared),
            serializer=_text(raw.get("serializer")),
        )

    def read_endpoint(self, name: str, found: Found) -> Endpoint:
        """Read one endpoint; without an entry of ``/info`` from its components alone."""
        function, entry = found
        raw = function.raw
        inputs, outputs, contradiction = self.find_places(function, entry)
        types = raw.get("types") if isinstance(raw.get("types"), dict) else {}
        queue = raw.get("queue")
        description = (entry or {}).get("description") or raw.get("api_description")
        return Endpoint(
            name=name,
            function=function.number,
            parameters=tuple(self.read_parameter(place) for place in inputs),
            results=tuple(self.read_result(place) for place in outputs),
            inputs=len(read_component_numbers(raw, "inputs")),
            outputs=len(read_component_numbers(raw, "outputs")),
            description=description if isinstance(description, str) else "",
            generator=bool(types.get("generator") or types.get("continuous")) if types else None,
            queued=queue is True or (queue is None and self.queue_by_default()),
            batch=raw.get("batch") is True,
            takes_chunks=_takes_chunks(raw),
            keeps_open=raw.get("connection") == "stream",
            endless_inputs=raw.get("connection") == "stream" and raw.get("time_limit") is None,
            stateful=self.is_stateful(raw),
            wants_token=bool((entry or {}).get("oauth_token")),
            needs_token=(entry or {}).get("oauth_token") == "required",
            collects_event=raw.get("collects_event_data") is True,
            target=find_target(raw, self.components.by_number),
            part=find_part(raw, self.components.by_number),
            runs_at_load=runs_at_load(raw),
            is_rendered=is_rendered(raw),
            trigger=find_trigger(raw, self.functions, self.components.by_number, self.text_of),
            hidden_values=self.read_hidden_values(raw),
            properties=self.read_properties(raw),
            contradiction=contradiction,
            notes=self.write_notes(raw, contradiction),
        )

    def find_places(
        self, function: Function, entry: Mapping[str, JSON] | None
    ) -> tuple[list[Place], list[Place], str]:
        """Return the places of inputs and outputs, and what contradicts what, if anything does."""
        number, raw = function
        if number in self.table.doubled:
            contradiction = f"/config has several functions of the number {number}"
        else:
            try:
                inputs = find_places(raw, "inputs", self.components, entry)
                return inputs, find_places(raw, "outputs", self.components, entry), ""
            except Contradiction as error:
                contradiction = one_line(error, 500)
        return (
            guess_places(raw, "inputs", entry),
            guess_places(raw, "outputs", entry),
            contradiction,
        )

    def read_hidden_values(self, raw: Mapping[str, JSON]) -> dict[int, JSON]:
        """Return what the page sends for hidden inputs that are no states: a button's caption."""
        found = {}
        for index, number in enumerate(read_component_numbers(raw, "inputs")):
            component = self.read_component(number, "inputs")
            if component is not None and component.hidden and not component.is_state:
                value = component.properties.get("value")
                found[index] = value if is_shallow(value) else None
        return found

    def read_properties(self, raw: Mapping[str, JSON]) -> dict[int, Mapping[str, JSON]]:
        """Return the properties of the inputs of which the page sends them all, with the value.

        The function looks at the component (``def f(text: gr.Textbox)``), in later Gradio 6; the
        server fails over a value alone.
        """
        places = raw.get("component_prop_inputs")
        numbers = read_component_numbers(raw, "inputs")
        found = {}
        for index in places if isinstance(places, list) else []:
            known = is_number(index) and 0 <= index < len(numbers)
            component = self.read_component(numbers[index], "inputs") if known else None
            if component is not None and not component.is_state:
                shallow = is_shallow(component.properties)
                found[index] = component.properties if shallow else {}
        return found

    def write_notes(self, raw: Mapping[str, JSON], contradiction: str) -> tuple[str, ...]:
        broken = (
            "It can't be called, because the app's description contradicts itself about it: "
            f"{contradiction}."
        )
        made = MADE_LATER if is_rendered(raw) else ""
        return tuple(filter(None, [contradiction and broken, made, self.second_hand]))

    def queue_by_default(self) -> bool:
        return self.release.queues_by_default or self.config.get("enable_queue") is True

    def read_parameter(self, place: Place) -> Parameter:
        described, source = place.entry, self.read_component(place.component, "inputs")
        properties = source.properties if source else {}
        name = _component_name(described, source)
        kind = source.kind if source else name.lower()
        constraints = parse_constraints(kind, properties)
        value = properties.get("value")
        default = described.get("parameter_default", value)
        example = described.get("example_input")
        declared = described.get("parameter_name")
        shape = self.read_shape(described, source, source.schema if source else None, "inputs")
        choices = _read_choices(properties.get("choices")) or find_choices(shape)
        shown = source is None or source.id not in self.unseen
        changeable = source is None or source.id in self.changed
        has_default = described.get("parameter_has_default", value is not None) is True
        return Parameter(
            declared_name=declared if isinstance(declared, str) else None,
            label=self.read_label(described, source),
            component=name,
            kind=kind,
            shape=shape,
            index=place.position,
            # A default that can't be sent back is none.
            has_default=(has_default or is_empty_on_page(value, choices, shown=shown))
            and is_shallow(default),
            default=default if is_shallow(default) else None,
            choices=choices,
            closed_choices=choices is not None and not constraints.custom_values and not changeable,
            help=self.text_of(properties.get("info"), 1000),
            example=example if is_shallow(example) and not _is_blank(example, source) else None,
            constraints=constraints,
            shown=shown,
            changeable=changeable,
            placeholder=self.text_of(properties.get("placeholder")),
        )

    def read_result(self, place: Place) -> Result:
        described, source = place.entry, self.read_component(place.component, "outputs")
        declared = source.schema_out if source else None
        name = _component_name(described, source)
        kind = source.kind if source else name.lower()
        return Result(
            label=self.read_label(described, source),
            component=name,
            kind=kind,
            shape=self.read_shape(described, source, declared, "outputs"),
            index=place.position,
            constraints=parse_constraints(kind, source.properties if source else {}),
        )

    def read_label(self, described: Mapping[str, JSON], source: Component | None) -> str:
        properties = source.properties if source else {}
        text = self.text_of(described.get("label", properties.get("label")))
        # The server's own stand-ins for a missing label say nothing to a person; those of what
        # `gr.api` describes are "1st", "2nd" and so on.
        of_api = _component_name(described, source).lower() == "api"
        stand_in = _ORDINAL if of_api else _STAND_IN
        return "" if stand_in.fullmatch(text) else text

    def text_of(self, label: object, limit: int = 200) -> str:
        """Return what a label says, which can be one for several languages."""
        return read_label(label, self.config.get("i18n_translations"), limit)

    def read_shape(
        self, described: Mapping[str, JSON], source: Component | None, declared: JSON, side: Side
    ) -> Shape:
        shape = parse_shape(described.get("type", declared))
        if source is None or self.release.describes_values_by_schema:
            return shape
        return shape_of(source, side, shape)


def _takes_chunks(raw: Mapping[str, JSON]) -> bool:
    """Tell whether a function is that of the event by which a component streams its inputs."""
    targets = raw.get("targets")
    pairs = (
        [each for each in targets if isinstance(each, list)] if isinstance(targets, list) else []
    )
    named = any(pair[1:] == ["stream"] for pair in pairs)  # up to 3.36 the event has a field
    return named or "stream" in (raw.get("connection"), raw.get("trigger"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _prefix(value: object) -> str:
    """Return the API's prefix; a server can't send us to another place by declaring one."""
    return value if isinstance(value, str) and re.fullmatch(r"(/[\w.-]+)+", value) else ""


def _component_name(described: Mapping[str, JSON], source: Component | None) -> str:
    return one_line(described.get("component") or (source.kind.capitalize() if source else ""), 60)


def _is_blank(example: JSON, source: Component | None) -> bool:
    """Tell whether an example is what `gr.api` has for a value that it knows nothing of."""
    return source is not None and source.kind == "api" and example == "..."


def _read_choices(raw: object) -> tuple[Choice, ...] | None:
    """Read a component's choices: pairs of label and value, or values alone (Gradio 3)."""
    if not isinstance(raw, list) or not raw:
        return None
    choices = []
    for choice in raw:
        pair = choice if isinstance(choice, list) and len(choice) == 2 else [choice, choice]  # noqa: PLR2004
        choices.append(Choice(pair[1], one_line(pair[0])))
    return tuple(choices) if is_shallow(raw) else None
