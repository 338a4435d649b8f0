"""What written modules are made of: an app that is connected to when it is first needed.

Such modules name this one, in files of other people's: its name, and those in ``__all__``, stay,
and so do ``ExportedFunction`` and ``ExportedFeedFunction``, which are for type checkers alone.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .. import forksafe
from ..functions.codegen import APP_DEFAULT
from ..functions.table_like import FigureLike, TableLike
from ..uncopyable import Uncopyable
from ..values.table import Table

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from typing import Literal, ParamSpec

    from typing_extensions import Self, TypeAliasType

    from ..calls.feed import Feed
    from ..calls.job import Job
    from ..calls.stream import Stream
    from ..functions.check import Check
    from ..functions.tool import ToolStyle
    from ..hub.records import Space
    from .session import Session

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["APP_DEFAULT", "App", "FigureLike", "Table", "TableLike"]

F = TypeVar("F", bound="Callable[..., Any]")
F_co = TypeVar("F_co", bound="Callable[..., Any]", covariant=True)


class App(Uncopyable):
    """The app of a written module, and how it is reached.

    Args:
        src: Where it is: what `gradioproxy.connect` takes.
        version: The version of gradioproxy that wrote the module.
    """

    _instead = "Import the module that it is in."

    def __init__(self, src: str, version: str) -> None:
        self.src = src
        self.version = version
        self._changed = forksafe.Condition()
        self._session: Session | None = None
        self._is_opening = False
        forksafe.register(self)

    def connect(self, src: str | Space | None = None, **options: Any) -> Session:
        """Connect now, as the functions of the module do by themselves when one is first called.

        Args:
            src: Where the app is, by default where it was when the module was written.
            **options: What `gradioproxy.connect` takes, such as ``token`` and ``auth``, but for
                ``name`` and ``replace``.

        Returns:
            The session that the functions use from now on; it is none of the open sessions by name.

        Raises:
            GradioProxyError: What `gradioproxy.connect` raises.
            TypeError: There is no such option.
        """
        from .connect import connect  # late: a module is imported before anything is called
        from .make_session import UNLISTED  # late, as above

        for name in ("name", "replace"):
            if name in options:
                raise TypeError(f"connect() takes no {name!r}: a module's session has no name")
        session = connect(self.src if src is None else src, name=UNLISTED, **options)
        with self._changed:
            self._session = session
            self._changed.notify_all()
        return session

    def get_session(self) -> Session:
        """Return the session, which is opened with what the environment holds if there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._session is not None or not self._is_opening)
            if self._session is not None:
                return self._session
            self._is_opening = True
        from .exported_calls import open_default  # late, as above

        try:
            # Without the lock: it can take minutes, and logs.
            opened = open_default(self.src)
        except BaseException:
            self._settle(None)
            raise
        return self._settle(opened) or opened

    def after_fork(self) -> None:
        """Start anew: whoever was opening it is another process."""
        self._is_opening = False

    def _settle(self, opened: Session | None) -> Session | None:
        """Keep a session, unless somebody connected meanwhile; return the one that is kept."""
        with self._changed:
            self._is_opening = False
            surplus = opened if self._session is not None else None
            self._session = self._session or opened
            self._changed.notify_all()
        if surplus is not None:
            surplus.close()
        return self._session

    # Jedi knows no ParamSpec, and would show no parameters; of two definitions between which it
    # can't tell, it takes both. Type checkers know that the condition is never true, or take what
    # is defined last.
    if sys.platform == "jedi":

        def endpoint(self, name: str) -> Callable[[F], F]:
            """Return what makes a function."""

        feed_endpoint = endpoint

    else:

        def endpoint(self, name: str) -> Callable[[F], ExportedFunction[F]]:
            """Return what makes the function of an endpoint from its definition.

            Args:
                name: The endpoint.
            """

            def make(definition: F) -> ExportedFunction[F]:
                from .exported_calls import make_exported  # late: it needs much that this does not

                made: ExportedFunction[F] = make_exported(self, name, definition)
                return made

            return make

        def feed_endpoint(self, name: str) -> Callable[[F], ExportedFeedFunction[F]]:
            """Return the same for an endpoint that is made for a stream of inputs.

            Args:
                name: The endpoint.
            """

            def make(definition: F) -> ExportedFeedFunction[F]:
                from .exported_calls import make_exported  # late, as above

                made: ExportedFeedFunction[F]
                made = make_exported(self, name, definition, feeds=True)
                return made

            return make


if TYPE_CHECKING:
    # What Jedi does not follow: it would take it for a method, and leave out the first parameter.
    _Callee = TypeAliasType("_Callee", F, type_params=(F,))

    class ExportedFunction(Generic[F_co]):
        """What a function of a written module is, for type checkers."""

        __name__: str
        __qualname__: str
        __module__: str

        @property
        def __call__(self) -> _Callee[F_co]:
            """Call the app and return the final result."""
            ...

        if sys.platform == "jedi":  # as above

            @property
            def stream(self) -> F_co:
                """Call the app."""
                ...

            @property
            def submit(self) -> F_co:
                """Call the app."""
                ...

            @property
            def check(self) -> F_co:
                """Call the app."""
                ...

        else:

            def stream(
                self: ExportedFunction[Callable[P, R]], *args: P.args, **kwargs: P.kwargs
            ) -> Stream[R]:
                """Call the app and return its partial results as they come."""
                ...

            def submit(
                self: ExportedFunction[Callable[P, R]], *args: P.args, **kwargs: P.kwargs
            ) -> Job[R]:
                """Call the app and return a job at once."""
                ...

            def check(
                self: ExportedFunction[Callable[P, R]], *args: P.args, **kwargs: P.kwargs
            ) -> Check:
                """Check the arguments and return what would be sent, without sending it."""
                ...

        def map(
            self: ExportedFunction[Callable[..., R]],
            *iterables: Iterable[Any],
            concurrency: int | None = ...,
            errors: Literal["raise", "keep"] = ...,
            patience: float | None = ...,
            journal: str | os.PathLike[str] | None = ...,
            retry: Literal["failed"] | None = ...,
            repeat_unknown: bool = ...,
            progress: bool | Literal["auto"] = ...,
        ) -> Iterator[R]:
            """Call the app for each tuple of the iterables' items."""
            ...

        def with_options(self, **changes: Any) -> Self:
            """Return the same function with other options."""
            ...

        def tool_schema(self, style: ToolStyle = ...) -> dict[str, Any]:
            """Return the function's definition as a tool of language models."""
            ...

    class ExportedFeedFunction(ExportedFunction[F_co]):
        """The same of a function that is made for a stream of inputs."""

        def feed(
            self: ExportedFeedFunction[Callable[P, R]], *args: P.args, **kwargs: P.kwargs
        ) -> Feed[R]:
            """Call the app with a first chunk and return what takes the others."""
            ...
