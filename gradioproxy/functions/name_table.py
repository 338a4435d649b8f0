"""How the functions of an app are called, in each place where they have a name.

A table is data: it is built from an app once for each description, and knows neither sessions nor
functions.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..frozen import frozen
from .naming import attribute_names, tool_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..schema.endpoint import App


class FunctionNames(NamedTuple):
    """The names of one function.

    Attributes:
        endpoint: As the app has it (``/predict``).
        attribute: Of a session, and the function's own name.
        own_attribute: Of the object that has functions alone, where no other member takes a name.
        tool: For language models.
    """

    endpoint: str
    attribute: str
    own_attribute: str
    tool: str


@frozen()
class NameTable:
    """The functions that a session lists, in the app's order."""

    rows: tuple[FunctionNames, ...]

    @classmethod
    def build(
        cls,
        app: App,
        unnamed: bool | None = None,
        *,
        members: frozenset[str] = frozenset(),
        reserved: frozenset[str] = frozenset(),
    ) -> NameTable:
        """Name the functions of an app.

        Args:
            app: The app.
            unnamed: Whether to list functions without a name; by default if there are no others.
            members: The names that a session's own members have.
            reserved: Those that no attribute of either object may have.
        """
        listed = list(app.endpoints)
        if unnamed or (unnamed is None and not listed):
            named = {endpoint.function for endpoint in app.endpoints.values()}
            listed += [name for name, e in app.unnamed.items() if e.function not in named]
        return cls(_name_rows(listed, members, reserved))

    @cached_property
    def listed(self) -> Mapping[str, FunctionNames]:
        """The functions by endpoint."""
        return {row.endpoint: row for row in self.rows}

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """The endpoints by the attributes of a session."""
        return {row.attribute: row.endpoint for row in self.rows}

    @cached_property
    def own_attributes(self) -> Mapping[str, str]:
        """The endpoints by the attributes of the object that has functions alone."""
        return {row.own_attribute: row.endpoint for row in self.rows}

    @cached_property
    def tools(self) -> Mapping[str, str]:
        """The attributes of a session by the names of tools."""
        return {row.tool: row.attribute for row in self.rows}

    def names_of(self, endpoint: str) -> FunctionNames:
        """Return the names of an endpoint's function, also of one that is not listed."""
        return self.listed.get(endpoint) or _name_rows([endpoint])[0]


def _name_rows(
    endpoints: Iterable[str],
    members: frozenset[str] = frozenset(),
    reserved: frozenset[str] = frozenset(),
) -> tuple[FunctionNames, ...]:
    endpoints = list(endpoints)
    attributes = attribute_names(endpoints, members | reserved)
    own = attribute_names(endpoints, reserved)
    columns = (endpoints, attributes, own, tool_names(attributes))
    return tuple(map(FunctionNames, *columns))
