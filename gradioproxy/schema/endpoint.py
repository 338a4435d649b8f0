"""What an app says of itself: the dataclasses that every layer above reads instead of JSON.

Rule: they are made by `parse`, and never changed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ..errors import SchemaError
from ..frozen import frozen
from .constraints import UNCONSTRAINED, Constraints
from .shape import Array, Shape, has_file

if TYPE_CHECKING:
    from .release import Release

S = TypeVar("S")
T = TypeVar("T")

JSON = Any
"""A value as `json.loads` gives it."""


@dataclass(frozen=True)
class Choice:
    """One choice of a component: what is sent, and what the page shows for it."""

    value: JSON
    label: str


@dataclass(frozen=True)
class Trigger:
    """What on the app's page calls a function.

    Attributes:
        event: The event (``click``); ``load`` is that of the page.
        component: The type of the component whose event it is, if it is one's.
        label: What the page writes on it or beside it.
        follows: Whether the function runs after the one that the event calls.
    """

    event: str
    component: str = ""
    label: str = ""
    follows: bool = False


class Target(NamedTuple):
    """An event of a component that calls a function.

    Attributes:
        number: The component's number.
        event: The event (``select``).
        kind: The component's type.
    """

    number: int
    event: str
    kind: str


@dataclass(frozen=True)
class Parameter:
    """A visible input of an endpoint.

    Attributes:
        declared_name: The name that the app declares, or ``None`` before Gradio 4.23.
        label: What the page writes beside it.
        component: The component's name as the app gives it (``Textbox``), for people.
        kind: What it does as (``textbox``): the same, but of one that is derived from another
            component the one that its page has for it.
        shape: What it takes.
        index: Its place among all inputs, hidden ones included.
        has_default: Whether it can be left out.
        default: Its default as JSON.
        choices: Its choices, or ``None`` if it has none.
        closed_choices: Whether nothing but one of ``choices`` can ever be right.
        help: What the author says about it.
        example: An example of a value, as JSON.
        constraints: What else it takes.
        shown: Whether the page shows it from the beginning.
        changeable: Whether a function of the app could change its choices and limits.
        placeholder: What stands in it as long as it is empty.
    """

    declared_name: str | None
    label: str
    component: str
    kind: str
    shape: Shape
    index: int
    has_default: bool = False
    default: JSON = None
    choices: tuple[Choice, ...] | None = None
    closed_choices: bool = False
    help: str = ""
    example: JSON = None
    constraints: Constraints = UNCONSTRAINED
    shown: bool = True
    changeable: bool = False
    placeholder: str = ""

    @property
    def takes_list(self) -> bool:
        """Whether a value is a list of any of ``choices``."""
        return self.choices is not None and (
            isinstance(self.shape, Array)
            or self.kind == "checkboxgroup"
            or self.constraints.multiselect
        )


@dataclass(frozen=True)
class Result:
    """A visible output of an endpoint; its attributes are as a parameter's."""

    label: str
    component: str
    kind: str
    shape: Shape
    index: int
    constraints: Constraints = UNCONSTRAINED


@dataclass(frozen=True)
class Endpoint:
    """A function of the app.

    Attributes:
        name: ``/predict``, or ``fn_3`` if the app gives it no name.
        function: Its number in the app.
        parameters: The inputs that a caller gives.
        results: The outputs that a caller gets.
        inputs: How many inputs there are with the hidden ones.
        outputs: How many outputs there are with the hidden ones.
        description: The author's words.
        generator: Whether it yields partial results; ``None`` if the app does not say.
        queued: Whether it waits in the app's queue.
        batch: Whether the app runs several calls of it at once.
        takes_chunks: Whether it is made for a stream of inputs, as from a microphone or a camera.
        keeps_open: Whether one run of it takes all of a stream; else each chunk is a call.
        endless_inputs: Whether its inputs are streamed so, without a limit of time.
        stateful: Whether it reads or writes a state of the session, or its page.
        wants_token: Whether it takes an OAuth token, to act for the caller.
        needs_token: Whether it fails without one.
        collects_event: Whether it takes what an event of the page brings, besides its inputs.
        trigger: What on the page calls it, if that has a label.
        target: The first component's event that calls it, if one does.
        part: The number of the part of the page that it makes anew, with functions in it
            (``gr.render``), if it does.
        runs_at_load: Whether the page calls it when it is loaded.
        is_rendered: Whether another function made it while the app ran, for one session.
        hidden_values: What hidden inputs get that are no states, by their places: what the page
            has there.
        properties: The properties of components that the function takes with their values, by the
            places of these inputs.
        contradiction: How the app's description contradicts itself about it; such an endpoint is
            listed, and can't be called.
        notes: What callers have to know of the description itself, as sentences.
    """

    name: str
    function: int
    parameters: tuple[Parameter, ...]
    results: tuple[Result, ...]
    inputs: int
    outputs: int
    description: str = ""
    generator: bool | None = None
    queued: bool = True
    batch: bool = False
    takes_chunks: bool = False
    keeps_open: bool = False
    endless_inputs: bool = False
    stateful: bool = False
    wants_token: bool = False
    needs_token: bool = False
    collects_event: bool = False
    trigger: Trigger | None = None
    target: Target | None = None
    part: int | None = None
    runs_at_load: bool = False
    is_rendered: bool = False
    hidden_values: Mapping[int, JSON] = field(default_factory=dict)
    properties: Mapping[int, Mapping[str, JSON]] = field(default_factory=dict)
    contradiction: str = ""
    notes: tuple[str, ...] = ()

    def is_compatible(self, other: Endpoint) -> bool:
        """Tell whether a call that was made for one of the two means the same to the other.

        Numbers of functions and components do not count: they change when an app is restarted.
        Neither do defaults that are files, which every process has in a place of its own.
        """
        return self._signature() == other._signature()

    def _signature(self) -> tuple[object, ...]:
        taken = [
            (p.declared_name, p.label, p.component, p.shape, p.index, p.has_default)
            + (() if has_file(p.shape) else (repr(p.default),))
            for p in self.parameters
        ]
        given = [(r.label, r.component, r.shape, r.index) for r in self.results]
        counts = self.inputs, self.outputs
        return self.name, counts, taken, given, self.collects_event, self.contradiction

    def ensure_callable(self, function: str) -> None:
        """Do nothing, unless it can't be told where the values of a call would go.

        Args:
            function: The name of its function, for the message.

        Raises:
            SchemaError: The app contradicts itself about it.
        """
        if self.contradiction:
            raise SchemaError(
                f"{function}() can't be called, because the app's description contradicts itself: "
                f"{self.contradiction}. Nothing was sent. The app's author can mend it; "
                "until then, gradioproxy.send() takes the values of all inputs as the app has them."
            )

    @property
    def is_named(self) -> bool:
        """Whether the app gives it a name, by which it can be called."""
        return self.name.startswith("/")

    @property
    def may_yield(self) -> bool:
        """Whether it yields partial results, for all that the app says."""
        return self.generator is not False

    @property
    def takes_files(self) -> bool:
        """Whether any parameter can hold a file."""
        return any(has_file(parameter.shape) for parameter in self.parameters)


class Endpoints(Mapping[str, T], Generic[S, T]):
    """A mapping whose values are made when they are first asked for.

    An app can have thousands of endpoints of which a script uses three.

    Args:
        sources: What each is made of, by name; it does not change.
        make: Returns what is made of that, under that name.
    """

    def __init__(self, sources: Mapping[str, S], make: Callable[[str, S], T]) -> None:
        self._sources = sources
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            made = self._make(name, self._sources[name])
            # Two threads may both have made it; all of them get the same one.
            self._made.setdefault(name, made)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __contains__(self, name: object) -> bool:
        return name in self._sources


@frozen()
class App:
    """An app as it describes itself.

    Attributes:
        version: Its Gradio version.
        release: What that version of Gradio can do; see `release.Release`.
        protocol: Its queue's protocol: ``ws``, ``sse``, ``sse_v1`` and so on.
        prefix: What goes before the paths of the API (``/gradio_api`` from Gradio 5 on).
        app_id: The number of the running process; another one after a restart.
        title: Its title.
        endpoints: The endpoints that have a name.
        undocumented: Those that have one too, and that the app leaves out of its documentation.
        unnamed: Every function by its number as ``fn_<number>``, named and hidden ones included.
        stateful: Whether any function keeps a state for each session.
        heartbeat: Whether the app wants to know when a session ends.
        max_file_size: The largest file that it takes, in bytes, or ``None``.
        fingerprint: What tells this app from one with other functions, where it has no ``app_id``.
        second_hand: That the endpoints are read from the components alone, although the app should
            describe them in ``/info``, and why, as a sentence; empty where that is not so.
        identity: What tells this description from every other, as long as anybody holds it.
    """

    version: str
    release: Release
    protocol: str
    prefix: str
    app_id: int | None
    title: str
    endpoints: Mapping[str, Endpoint]
    unnamed: Mapping[str, Endpoint]
    stateful: bool
    heartbeat: bool
    max_file_size: int | None
    fingerprint: object = None
    undocumented: Mapping[str, Endpoint] = field(default_factory=dict)
    second_hand: str = ""
    identity: object = field(default_factory=object, init=False, repr=False)

    @functools.cached_property
    def outline(self) -> App:
        """The same without its endpoints, for who remembers which app it was."""
        return replace(self, endpoints={}, undocumented={}, unnamed={})

    def find(self, key: object) -> Endpoint | None:
        """Return an endpoint by its name, with or without the slash, or by its number."""
        candidates: list[str] = []
        if isinstance(key, int) and not isinstance(key, bool):
            named = [name for name, e in self.endpoints.items() if e.function == key]
            candidates = [*named, f"fn_{key}"]
        elif isinstance(key, str):
            candidates = [key, f"/{key}"]
        for name in candidates:
            for some in (self.endpoints, self.undocumented, self.unnamed):
                if name in some:
                    return some[name]
        return None


_FILLER = re.compile(r"param_\d+")


def is_filler(name: str) -> bool:
    """Tell whether a parameter's name is one that Gradio fills in where it knows none."""
    return _FILLER.fullmatch(name) is not None
