"""What the Hub answers, as Python objects: mappings with attributes, lists that come page by page.

Nothing is asked for here: pages come from a generator, which `rest` makes.
"""

from __future__ import annotations

import copy
import itertools
import keyword
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..text import one_line
from ..uncopyable import Uncopyable

if TYPE_CHECKING:
    from collections.abc import Generator

    from .tokens import Token

# How much of a value is shown where it is one of many.
_WIDTH = 60
_SHOWN = 5


class Record(dict[str, Any]):
    """What the Hub says of one thing: a dictionary whose fields are attributes too.

    It has every field that the Hub sent, under the Hub's own name (``lastModified``), and so have
    the objects inside it. A field whose name is no identifier, or that of a method of dictionaries,
    is there by item access: ``record["base_model:finetune"]``, ``record["items"]``.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(one_line(key, 40) for key in itertools.islice(self, 40)) or "nothing"
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}. It has {known}."
            ) from None

    def __dir__(self) -> list[str]:
        return [
            key
            for key in self
            if key.isidentifier() and not keyword.iskeyword(key) and not hasattr(dict, key)
        ]

    def __copy__(self) -> Record:
        return type(self)(self)

    def __repr__(self) -> str:
        fields = (f"{one_line(key, _WIDTH)}={_render_short(value)}" for key, value in self.items())
        return f"{type(self).__name__}({', '.join(fields)})"


@dataclass(frozen=True)
class Provenance:
    """Who said what is in a `Space`.

    Attributes:
        hub: The address of the Hub.
        host: Where that said that the Space's app is.
        token: The token that the caller passed, if one was.
    """

    hub: str
    host: Any
    token: Token | None = None


class Space(Record):
    """What the Hub says of a Space; `gradioproxy.connect` and `gradioproxy.set_default` take it.

    It remembers the token that was passed when it was asked for, in this process: it is in no copy
    that is pickled, and in no text.
    """

    # An attribute and no item, so that neither `dict` nor `repr` nor pickle knows the token. A
    # description that somebody else wrote has none.
    __slots__ = ("provenance",)

    def __init__(self, fields: Any = (), *, provenance: Provenance | None = None) -> None:
        super().__init__(fields)
        self.provenance = provenance

    @property
    def stage(self) -> str:
        """What it is doing: ``RUNNING``, ``SLEEPING``, … ; empty if the Hub did not say."""
        runtime = self.get("runtime")
        return str(runtime.get("stage") or "") if isinstance(runtime, dict) else ""

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), "stage"]

    def __copy__(self) -> Space:
        return type(self)(self, provenance=self.provenance)

    def __deepcopy__(self, memo: dict[int, Any]) -> Space:
        fields = {key: copy.deepcopy(value, memo) for key, value in self.items()}
        return type(self)(fields, provenance=self.provenance)

    def __reduce__(self) -> tuple[type[Space], tuple[dict[str, Any]]]:
        return type(self), (dict(self),)


class Quota(Record):
    """How much time on ZeroGPU an account has left, as the Hub says it, in seconds of GPU.

    Its fields are the Hub's: ``base`` for what there is in all, ``current`` for what is left, and
    ``overquotaUsed`` for what was used and paid beyond that.
    """

    __slots__ = ()

    @property
    def remaining(self) -> float | None:
        """The seconds that are left; ``None`` if the Hub does not say."""
        left = self.get("current")
        return left if isinstance(left, int | float) and not isinstance(left, bool) else None

    @property
    def resets_at(self) -> datetime | None:
        """When there is all of it again; ``None`` if nothing was used, or the Hub does not say."""
        said = self.get("resetsAt")
        try:
            # What Python 3.10 reads has no ``Z``.
            return datetime.fromisoformat(str(said).replace("Z", "+00:00")) if said else None
        except ValueError:
            return None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), "remaining", "resets_at"]


def with_runtime(space: Space, runtime: Any) -> Space:
    """Return the same Space, doing what the Hub said last."""
    return Space({**space, "runtime": runtime}, provenance=space.provenance)


def get_name(space: Space) -> str:
    """Return a Space's name, fit to show."""
    return one_line(space.get("id", ""), 200)


class Results(Uncopyable, Iterator[Any]):
    """A list of the Hub's, fetched page by page as it is iterated over, once.

    The first page is there from the start, and shown by ``repr``; ``list(results)`` fetches the
    others, and ``next(results)`` one of them when it is needed.

    Args:
        name: What was asked for.
        pages: The pages, each with whether another one follows.
        limit: How many items there are at most.
    """

    _instead = "Pass its items."

    def __init__(
        self, name: str, pages: Generator[tuple[list[Any], bool]], limit: int | None
    ) -> None:
        self._name = name
        self._pages = pages
        self._left = limit
        self._page: list[Any] = []
        self._more = True
        self._fetch_page()

    def __iter__(self) -> Results:
        return self

    def __next__(self) -> Any:
        while not self._page and self._more:
            self._fetch_page()
        if not self._page:
            raise StopIteration
        return self._page.pop()

    def _fetch_page(self) -> None:
        """Fetch the next page."""
        items, self._more = next(self._pages, ([], False))
        if self._left is not None:
            items = items[: self._left]
            self._left -= len(items)
            self._more = self._more and self._left > 0
        if not self._more:
            self._pages.close()
        self._page = items[::-1]

    def __repr__(self) -> str:
        shown = [_render_title(item) for item in self._page[: -_SHOWN - 1 : -1]]
        hidden = len(self._page) - len(shown)
        shown += [f"{hidden} more"] if hidden else []
        shown += ["more pages"] if self._more else []
        return f"<results of {one_line(self._name)}: {', '.join(shown) or 'none left'}>"


def _render_title(item: Any) -> str:
    """Return what a person knows an item of a list by."""
    if isinstance(item, dict):
        for key in ("id", "name", "path", "title", "user"):
            if isinstance(item.get(key), str):
                return repr(one_line(item[key], _WIDTH))
    return _render_short(item)


def _render_short(value: Any) -> str:
    """Return a value as text for a place among many."""
    if isinstance(value, dict):
        return f"{{{len(value)} fields}}" if value else "{}"
    if isinstance(value, list) and len(value) > _SHOWN:
        return f"[{len(value)} items]"
    if isinstance(value, list):
        return f"[{', '.join(_render_short(item) for item in value)}]"
    return one_line(repr(one_line(value, _WIDTH) if isinstance(value, str) else value), 2 * _WIDTH)
