"""The functions of an app as one object: a mapping, and a namespace."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import forksafe
from ..functions.function import Function, make_function
from ..functions.naming import attribute_names, tool_names
from ..functions.settings import View
from ..options import SessionOptions
from ..suggest import find_nearest
from ..text import normalize_name, one_line
from ..transport.credentials import Access
from .app_module import register
from .attributes import RESERVED, listed, reset, with_attributes
from .collisions import Collision, Warner, warning_members
from .discovery import describe_app, unknown_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..calls.engine import Engine
    from ..errors import UnknownEndpoint
    from ..options import CallOptions
    from ..schema.endpoint import Endpoint
    from .discovery import Description

PUBLIC = frozenset(
    {
        *("name", "url", "version", "protocol", "info", "config", "session_hash", "functions"),
        *("uploads", "jobs", "close", "closed", "refresh", "with_options", "forget", "tools"),
        "call_tool",
    }
)
"""The attributes of a session that are its own; for good, as scripts rely on the others."""

OPENING_OPTIONS = frozenset(
    {
        *("name", "replace", "wake_timeout"),
        *(field.name for kind in (Access, SessionOptions) for field in dataclasses.fields(kind)),
    }
)
"""What only `connect` takes, besides the options of calls."""


class Home:
    """What a session and everything made from it have in common.

    Args:
        engine: What runs the calls.
        description: What the app says of itself.
        access: The secrets that the session was opened with.
        options: The session's options.
    """

    def __init__(
        self, engine: Engine, description: Description, access: Access, options: SessionOptions
    ) -> None:
        self.engine = engine
        self.access = access
        self.options = options
        # Each with what it was before it got a class of its own.
        self._holders: weakref.WeakKeyDictionary[Any, type] = weakref.WeakKeyDictionary()
        self._warner = Warner()
        self.read(description)
        engine.reread = self.reread

    def reread(self) -> None:
        """Fetch the description again; functions that did not change stay the same objects."""
        self.read(describe_app(self.engine.transport))
        self.engine.app = self.description.app
        holders = list(self._holders.items())
        for state in [state_of(held) for held, base in holders if base is Functions]:
            with state.lock:
                state.made = {
                    name: made for name, made in state.made.items() if self.has_like(made.endpoint)
                }
        for held, base in holders:
            reset(held, self._class(base))

    def adopt(self, holder: Any) -> None:
        """Give a session or a `Functions` its attributes, now and at each new description."""
        base = self._holders[holder] = type(holder)
        reset(holder, self._class(base))

    def _class(self, base: type) -> type:
        if base not in self._classes:
            alone = base is Functions
            names = self.own_names if alone else self.session_names
            hiding = () if alone else self._collisions()
            members = warning_members(base, hiding, self._warner)
            self._classes[base] = with_attributes(base, names, members)
        return self._classes[base]

    def _collisions(self) -> list[Collision]:
        """Return the members of a session that have the name of one of the app's functions."""
        return [
            Collision(name, self.function_names[endpoint], endpoint)
            for name, endpoint in self.own_names.items()
            if name in PUBLIC
        ]

    def has_like(self, endpoint: Endpoint) -> bool:
        """Tell whether the app has an endpoint that means the same."""
        found = self.description.app.find(endpoint.name)
        return found is not None and found.is_like(endpoint)

    def read(self, description: Description) -> None:
        """Take a description as the present one."""
        self.description = description
        app = description.app
        listed = list(app.endpoints)
        if self.options.unnamed or (self.options.unnamed is None and not listed):
            named = {endpoint.function for endpoint in app.endpoints.values()}
            listed += [n for n, e in app.unnamed.items() if e.function not in named]
        self.listed = listed
        self.own_names = attribute_names(listed, RESERVED)
        self.session_names = attribute_names(listed, PUBLIC | RESERVED)
        self._classes: dict[type, type] = {}
        self.function_names = {name: attribute for attribute, name in self.session_names.items()}
        self.tools = tool_names(self.session_names)
        self._tool_names = {attribute: tool for tool, attribute in self.tools.items()}

    def tool_name(self, attribute: str) -> str:
        """Return the name of a function as a tool of language models."""
        return self._tool_names.get(attribute) or next(iter(tool_names([attribute])))

    def view(self, options: CallOptions) -> View:
        """Return the engine with options for calls."""
        transport = self.engine.transport
        changes: dict[str, Any] = {}
        if options.headers is not None:
            changes["headers"] = dict(options.headers)
        if options.token is not None:
            changes["token"] = options.token or None
        return View(
            self.engine, options, transport.with_access(**changes) if changes else transport
        )

    def endpoint(self, key: object) -> Endpoint:
        """Return the endpoint for what stands between brackets: a name or a number.

        Raises:
            UnknownEndpoint: There is none.
        """
        found = self.description.app.find(key)
        if found is None:
            raise self.unknown(str(key), self.listed)
        return found

    def own_name(self, endpoint: Endpoint) -> str:
        """Return the name of an endpoint's function where it is alone with its likes."""
        for attribute, name in self.own_names.items():
            if name == endpoint.name:
                return attribute
        return next(iter(attribute_names([endpoint.name], frozenset())))

    def unknown(self, name: str, names: list[str]) -> UnknownEndpoint:
        """Return the error for a name that no endpoint has."""
        return unknown_endpoint(self.engine.transport.address.url, name, names)


class _State:
    """What a `Functions` knows; apart from it, because its attributes are the app's."""

    def __init__(self, home: Home, options: CallOptions) -> None:
        self.home = home
        self.options = options
        self.view = home.view(options)
        self.module = ""
        self.made: dict[str, Function] = {}
        self.lock = forksafe.RLock()


class Functions(Mapping[str, Function]):
    """The functions of a session, by the names of their endpoints, and as attributes.

    A function is made when it is first touched. The attributes are the functions and nothing else:
    a function called ``keys`` hides the mapping's method of that name.
    """

    def __init__(self, home: Home, options: CallOptions, module: str | None = None) -> None:
        self.__state = _State(home, options)
        source = home.engine.transport.address.source
        self.__state.module = module or register(source, self, _look_up_in(self), options)
        home.adopt(self)

    def __getitem__(self, endpoint: str) -> Function:
        return function_of(self, self.__state.home.endpoint(endpoint))

    def __iter__(self) -> Iterator[str]:
        return iter(self.__state.home.listed)

    def __len__(self) -> int:
        return len(self.__state.home.listed)

    def __contains__(self, endpoint: object) -> bool:
        return endpoint in self.__state.home.listed

    def __getattr__(self, name: str) -> Function:
        # The first ones are asked for while a copy is made.
        known = {} if name in RESERVED else self.__state.home.own_names
        endpoint = known.get(normalize_name(name))
        if endpoint is None:
            raise AttributeError(f"there is no function {one_line(name, 60)!r}")
        return self[endpoint]

    def __dir__(self) -> list[str]:
        return listed(self, self.__state.home.own_names)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"<{len(self)} functions of {self.__state.view.transport.address.url}>"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def state_of(functions: Functions) -> _State:
    """Return what a `Functions` knows."""
    state: _State = object.__getattribute__(functions, "_Functions__state")
    return state


def _look_up_in(functions: Functions) -> Callable[[str], Function]:
    """Return a function that returns those of a `Functions`, without holding it."""
    held = weakref.ref(functions)

    def look_up(name: str) -> Function:
        functions = held()
        if functions is None:
            raise AttributeError(f"the session that had {name!r} is gone")
        return by_attribute(functions, name)

    return look_up


def function_of(functions: Functions, endpoint: Endpoint) -> Function:
    """Return the function of an endpoint, made if it was not."""
    state = state_of(functions)
    with state.lock:
        made = state.made.get(endpoint.name)
        if made is None:
            name = state.home.function_names.get(endpoint.name, endpoint.name.strip("/"))
            made = make_function(
                state.view,
                endpoint,
                name,
                module=state.module,
                style=state.home.options.docstring_style,
                tool=state.home.tool_name(name),
                with_options=_with_options(functions, endpoint),
            )
            state.made[endpoint.name] = made
        return made


def _with_options(functions: Functions, endpoint: Endpoint) -> Callable[..., Function]:
    def with_options(**changes: Any) -> Function:
        """Return the same function with other options for its calls.

        Args:
            **changes: ``call_timeout``, ``progress``, ``headers``, ``token`` (``False``: none) and
                ``validate``.

        Raises:
            TypeError: Another option: there is none of that name, or not for single calls.
        """
        return function_of(changed(functions, changes), endpoint)

    return with_options


def by_attribute(functions: Functions, name: str) -> Function:
    """Return the function that is the session's attribute *name*.

    Raises:
        UnknownEndpoint: There is none.
    """
    home = state_of(functions).home
    endpoint = home.session_names.get(normalize_name(name))
    if endpoint is None:
        if name not in home.description.app.unnamed:
            raise home.unknown(name, list(home.session_names))
        endpoint = name
    return functions[endpoint]


def by_tool(functions: Functions, name: str) -> Function:
    """Return the function that is called *name* as a tool of language models.

    Raises:
        UnknownEndpoint: There is none.
    """
    return by_attribute(functions, state_of(functions).home.tools.get(name, name))


def changed(functions: Functions, changes: Mapping[str, Any]) -> Functions:
    """Return the same functions with other options for their calls.

    Raises:
        TypeError: There is no such option, or not for single calls.
    """
    state = state_of(functions)
    fields = [field.name for field in dataclasses.fields(state.options)]
    unknown = [name for name in changes if name not in fields]
    if unknown:
        raise TypeError(f"with_options() takes {', '.join(fields)}; {_no_option(unknown, fields)}")
    return Functions(state.home, dataclasses.replace(state.options, **changes))


def _no_option(names: list[str], known: list[str]) -> str:
    """Say of options that calls don't have what they are."""
    whole = [name for name in names if name in OPENING_OPTIONS]
    texts = []
    if whole:
        verb = "hold" if len(whole) > 1 else "holds"
        texts.append(f"{' and '.join(whole)} {verb} for a session as a whole, see connect()")
    for name in names:
        near = find_nearest(name, known)
        if name not in whole:
            hint = f", did you mean {near[0]}?" if near else ""
            texts.append(f"there is no option {one_line(name, 60)}{hint}")
    return "; ".join(texts)
