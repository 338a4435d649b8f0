"""An app's description, read once from ``/config`` and ``/info`` into the dataclasses of `schema`.

The wire's words for things (``fn_index``, ``skip_api``, ``api_name``) end here. Nothing is
evaluated, no name is made an identifier and nothing is sent: this module only reads. What a field
means in which version of Gradio was read from the sources of those versions.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from .choices import options_in
from .components import shape_of
from .errors import SchemaError
from .page import (
    changed_components,
    find_trigger,
    is_empty_on_page,
    read_label,
    unseen_components,
)
from .schema import JSON, App, Component, Endpoint, Endpoints, Option, Parameter, Result
from .shapes import ANYTHING, FILE, Anything, Array, Scalar, Shape, Union, parse_shape, union
from .text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Deeper than any real value, and far from where Python's own stack ends.
MAX_DEPTH = 100

# Component types of Gradio 3 that hold a file; its schemas do not always say so.
_FILE_TYPES_3 = frozenset(
    {"file", "image", "audio", "video", "model3d", "timeseries", "uploadbutton"}
)

_STAND_IN = re.compile(r"(parameter|value)_\d+")
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


def parse_version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: ``(4, 44, 1)``; ``()`` if there are none."""
    match = re.match(r"\s*(\d+(?:\.\d+)*)", text)
    return tuple(int(part[:9]) for part in match[1].split(".")) if match else ()


def parse_head(config: Mapping[str, JSON]) -> tuple[str, str]:
    """Return an app's version and the prefix of its API's paths, and read nothing else."""
    return one_line(_text(config.get("version")), 40), _prefix(config.get("api_prefix"))


def parse_app(config: JSON, info: JSON = None) -> App:
    """Read an app's description.

    Args:
        config: What ``/config`` answered.
        info: What ``/info`` answered, or ``None`` where there is none (Gradio before 3.26) or it
            is broken; endpoints are then derived from *config*.

    Returns:
        The description.

    Raises:
        SchemaError: *config* is no description of a Gradio app.
    """
    if not isinstance(config, dict) or not isinstance(config.get("dependencies"), list):
        raise SchemaError(
            "The answer to /config has no list of functions, so this is no description of an app. "
            "Check the address with a browser."
        )
    return _AppReader(config, info if isinstance(info, dict) else {}).read()


def functions_of(config: JSON) -> object:
    """Return of a description what another app at the same address would have otherwise."""
    if not isinstance(config, dict):
        return None
    components = config.get("components")
    kinds = [(c.get("id"), c.get("type")) for c in _dicts(components)]
    return [config.get("dependencies"), kinds]


class _AppReader:
    """Reads one description; keeps the components by number while it does."""

    def __init__(self, config: Mapping[str, JSON], info: Mapping[str, JSON]) -> None:
        self.config = config
        self.version, self.prefix = parse_head(config)
        self.release = parse_version(self.version)
        self.info = info
        self.components = {
            raw["id"]: raw
            for raw in _dicts(config.get("components"))
            if isinstance(raw.get("id"), int)
        }
        # Before Gradio 4.32 a function's number was its place in the list.
        self.functions: dict[int, Mapping[str, JSON]] = {
            raw["id"] if _is_number(raw.get("id")) else place: raw
            for place, raw in enumerate(config["dependencies"])
            if isinstance(raw, dict)
        }
        self.changed = changed_components(self.functions, self.components)
        self.unseen = unseen_components(config.get("layout"), self.components)

    def read(self) -> App:
        config = self.config
        size, app_id = config.get("max_file_size"), config.get("app_id")
        return App(
            version=self.version,
            release=self.release,
            protocol=one_line(_text(config.get("protocol")), 40) or "ws",
            prefix=self.prefix,
            app_id=app_id if _is_number(app_id) else None,
            title=one_line(config.get("title") or ""),
            endpoints=Endpoints(self.named()),
            unnamed=Endpoints(
                {
                    f"fn_{number}": functools.partial(self.endpoint, f"fn_{number}", number, None)
                    for number, raw in self.functions.items()
                    if raw.get("backend_fn") is not False
                }
            ),
            stateful=any(self.is_stateful(raw) for raw in self.functions.values()),
            heartbeat=config.get("connect_heartbeat") is True,
            max_file_size=size if _is_number(size) else None,
            functions=functions_of(config),
        )

    def named(self) -> dict[str, Callable[[], Endpoint]]:
        """Return what makes each named endpoint, in the order of ``/info``."""
        described = self.info.get("named_endpoints")
        if not isinstance(described, dict):
            return {
                name: functools.partial(self.endpoint, name, number, None)
                for number, raw in self.functions.items()
                if (name := _declared_name(raw)) and raw.get("backend_fn") is not False
            }
        numbers: dict[str, list[int]] = {}
        for number, raw in self.functions.items():
            if name := _declared_name(raw):
                numbers.setdefault(name, []).append(number)
        makers: dict[str, Callable[[], Endpoint]] = {}
        for name, entry in described.items():
            # Gradio 6.0 to 6.9 listed functions with ``api_name=False`` under this name.
            if (name == "/False" and self.release < (6, 10)) or not isinstance(entry, dict):
                continue
            if name in numbers:
                number = self.described_by(entry, numbers[name])
                makers[name] = functools.partial(self.endpoint, name, number, entry)
        return makers

    def described_by(self, entry: Mapping[str, JSON], numbers: list[int]) -> int:
        """Return the one of several functions of one name that the description is about.

        ``/info`` keeps the last one that it could describe; that is the last whose visible inputs
        are as many as the parameters.
        """
        if len(numbers) == 1:
            return numbers[0]
        wanted = len(_dicts(entry.get("parameters")))
        fitting = [n for n in numbers if len(self.visible(self.functions[n], "inputs")) == wanted]
        return (fitting or numbers)[-1]

    def visible(self, raw: Mapping[str, JSON], side: str) -> list[tuple[int, int | None]]:
        """Return place and component number of each input or output that a caller sees."""
        return [
            (place, number)
            for place, number in enumerate(_numbers(raw, side))
            # A component that a render made is missing from the list, and is an ordinary one.
            if number is None or not _is_hidden(self.components.get(number, {}))
        ]

    def is_stateful(self, raw: Mapping[str, JSON]) -> bool:
        return any(
            number is not None and self.components.get(number, {}).get("type") == "state"
            for number in (*_numbers(raw, "inputs"), *_numbers(raw, "outputs"))
        )

    def component(self, number: int | None) -> Component | None:
        raw = self.components.get(number) if number is not None else None
        if raw is None:
            return None
        declared = raw.get("api_info")
        if isinstance(declared, dict) and isinstance(declared.get("info"), dict):
            declared = declared["info"]  # Gradio 3 wraps the schema
        properties = raw.get("props")
        return Component(
            id=raw["id"],
            type=_text(raw.get("type")).lower(),
            properties=properties if isinstance(properties, dict) else {},
            hidden=_is_hidden(raw),
            schema=raw.get("api_info_as_input", declared),
            schema_out=raw.get("api_info_as_output", declared),
        )

    def endpoint(self, name: str, number: int, entry: Mapping[str, JSON] | None) -> Endpoint:
        """Read one endpoint; without an *entry* of ``/info`` from its components alone."""
        raw = self.functions[number]
        types = raw.get("types") if isinstance(raw.get("types"), dict) else {}
        queue = raw.get("queue")
        given = _dicts(entry.get("parameters")) if entry else None
        returned = _dicts(entry.get("returns")) if entry else None
        description = (entry or {}).get("description") or raw.get("api_description")
        return Endpoint(
            name=name,
            function=number,
            parameters=tuple(
                self.parameter(place, self.component(source), described)
                for place, source, described in _matched(self.visible(raw, "inputs"), given)
            ),
            results=tuple(
                self.result(place, self.component(source), described)
                for place, source, described in _matched(self.visible(raw, "outputs"), returned)
            ),
            inputs=len(_numbers(raw, "inputs")),
            outputs=len(_numbers(raw, "outputs")),
            description=description if isinstance(description, str) else "",
            generator=bool(types.get("generator") or types.get("continuous")) if types else None,
            queued=queue is True or (queue is None and self.queue_by_default()),
            batch=raw.get("batch") is True,
            endless_inputs=raw.get("connection") == "stream" and raw.get("time_limit") is None,
            stateful=self.is_stateful(raw),
            wants_token="oauth_token" in (entry or {}),
            trigger=find_trigger(raw, self.functions, self.components, self.text_of),
        )

    def queue_by_default(self) -> bool:
        return self.release >= (4,) or self.config.get("enable_queue") is True

    def parameter(
        self, place: int, source: Component | None, described: Mapping[str, JSON]
    ) -> Parameter:
        properties = source.properties if source else {}
        value = properties.get("value")
        default = described.get("parameter_default", value)
        example = described.get("example_input")
        declared = described.get("parameter_name")
        shape = self.shape(described, source, source.schema if source else None)
        options = _options(properties.get("choices")) or options_in(shape)
        custom = properties.get("allow_custom_value") is True
        shown = source is None or source.id not in self.unseen
        changeable = source is None or source.id in self.changed
        has_default = described.get("parameter_has_default", value is not None) is True
        return Parameter(
            declared=declared if isinstance(declared, str) else None,
            label=self.label(described, properties),
            component=_component_name(described, source),
            shape=shape,
            index=place,
            # A default that can't be sent back is none.
            has_default=(has_default or is_empty_on_page(value, options, shown=shown))
            and _is_shallow(default),
            default=default if _is_shallow(default) else None,
            options=options,
            fixed=options is not None and not custom and not changeable,
            help=self.text_of(properties.get("info"), 1000),
            example=example if _is_shallow(example) and not _is_blank(example, source) else None,
            source=source,
            shown=shown,
            changeable=changeable,
            placeholder=self.text_of(properties.get("placeholder")),
        )

    def result(self, place: int, source: Component | None, described: Mapping[str, JSON]) -> Result:
        return Result(
            label=self.label(described, source.properties if source else {}),
            component=_component_name(described, source),
            shape=self.shape(described, source, source.schema_out if source else None),
            index=place,
            source=source,
        )

    def label(self, described: Mapping[str, JSON], properties: Mapping[str, JSON]) -> str:
        text = self.text_of(described.get("label", properties.get("label")))
        # The server's own stand-ins for a missing label say nothing to a person; those of what
        # `gr.api` describes are "1st", "2nd" and so on.
        stand_in = _ORDINAL if described.get("component") == "Api" else _STAND_IN
        return "" if stand_in.fullmatch(text) else text

    def text_of(self, label: object, limit: int = 200) -> str:
        """Return what a label says, which can be one for several languages."""
        return read_label(label, self.config.get("i18n_translations"), limit)

    def shape(
        self, described: Mapping[str, JSON], source: Component | None, declared: JSON
    ) -> Shape:
        shape = parse_shape(described.get("type", declared))
        if source is None or self.release >= (4,):
            return shape
        # An image is text to their schemas, whatever is drawn on it.
        if shape == ANYTHING or source.type == "image":
            return shape_of(source.type, source.properties)
        return _with_files(shape) if source.type in _FILE_TYPES_3 else shape


def _matched(
    visible: list[tuple[int, int | None]], described: list[Mapping[str, JSON]] | None
) -> list[tuple[int, int | None, Mapping[str, JSON]]]:
    """Pair the visible components with their descriptions.

    Where the numbers differ (a component of a render is in neither list), the description decides
    how many there are, and the places beyond the known ones follow each other.
    """
    if described is None:
        return [(place, number, {}) for place, number in visible]
    if len(described) != len(visible):
        return [(place, None, entry) for place, entry in enumerate(described)]
    return [(*pair, entry) for pair, entry in zip(visible, described, strict=True)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_shallow(value: JSON) -> bool:
    """Tell whether a value is nested no deeper than anything that is sent."""
    layer = [value] if isinstance(value, list | dict) else []
    for _ in range(MAX_DEPTH):
        inside = (one.values() if isinstance(one, dict) else one for one in layer)
        layer = [one for some in inside for one in some if isinstance(one, list | dict)]
        if not layer:
            return True
    return False


def _declared_name(raw: Mapping[str, JSON]) -> str | None:
    name = raw.get("api_name")
    hidden = raw.get("api_visibility") == "private"
    return f"/{name}" if isinstance(name, str) and name and not hidden else None


def _is_hidden(raw: Mapping[str, JSON]) -> bool:
    return raw.get("skip_api") is True or raw.get("type") == "state"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _numbers(raw: Mapping[str, JSON], side: str) -> list[int | None]:
    """Return the numbers of a function's components; ``None`` for what is no number."""
    numbers = raw.get(side)
    return [
        number if _is_number(number) else None
        for number in (numbers if isinstance(numbers, list) else [])
    ]


def _dicts(value: object) -> list[Mapping[str, JSON]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _prefix(value: object) -> str:
    """Return the API's prefix; a server can't send us to another place by declaring one."""
    return value if isinstance(value, str) and re.fullmatch(r"(/[\w.-]+)+", value) else ""


def _component_name(described: Mapping[str, JSON], source: Component | None) -> str:
    return one_line(described.get("component") or (source.type.capitalize() if source else ""), 60)


def _with_files(shape: Shape) -> Shape:
    """Return the shape of a file component of Gradio 3, which calls a path and base64 a string."""
    match shape:
        case Anything() | Scalar():
            return FILE
        case Array(item):
            return Array(_with_files(item))
        case Union(options):
            return union([_with_files(option) for option in options])
        case _:
            return shape


def _is_blank(example: JSON, source: Component | None) -> bool:
    """Tell whether an example is what `gr.api` has for a value that it knows nothing of."""
    return source is not None and source.type == "api" and example == "..."


def _options(choices: object) -> tuple[Option, ...] | None:
    """Read a component's choices: pairs of label and value, or values alone (Gradio 3)."""
    if not isinstance(choices, list) or not choices:
        return None
    options = []
    for choice in choices:
        pair = choice if isinstance(choice, list) and len(choice) == 2 else [choice, choice]  # noqa: PLR2004
        options.append(Option(pair[1], one_line(pair[0])))
    return tuple(options) if _is_shallow(choices) else None
