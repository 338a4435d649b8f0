"""Sessions: the public object that stands for an app, with the app's functions as attributes.

A session has its name and its functions, with the options of their calls; all else is the
connection's, which every session made by `Session.with_options` shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ..closing import Closing
from ..stable_names import named_in_pickles
from ..text import one_line
from .attributes import complete_names
from .function_maker import change_options, find_by_attribute
from .function_set import Functions, get_function, reopening_arguments, restore_functions
from .registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from typing_extensions import Self

    from ..calls.job import Job
    from ..files.filedata import Upload
    from ..functions.function import Function
    from ..functions.tool import ToolStyle
    from .connection import Connection
    from .jobs import Jobs


class Session(Closing):
    """An app that is connected to; its functions are its attributes.

    Made by `connect`. A context manager, which closes it; ``len``, ``iter`` and ``in`` go by the
    names of endpoints, and ``session["/name"]`` and ``session[number]`` reach every function.
    """

    __module__ = "gradioproxy"

    functions: Functions
    """The functions by endpoint, in an object whose attributes are the functions alone."""

    def __init__(self, connection: Connection, functions: Functions, name: str) -> None:
        self.__connection__ = connection
        self.__session_name__ = name
        # No property: completers don't look behind one. Where a function of the app has that name,
        # the class has one that warns, and can't be assigned to.
        vars(self)["functions"] = functions

    # What it is.

    @property
    def name(self) -> str:
        """Its name among the open sessions."""
        return self.__session_name__

    @property
    def url(self) -> str:
        """The app's address, without secrets."""
        return self.__connection__.engine.transport.address.url

    @property
    def version(self) -> str:
        """The app's Gradio version."""
        return self.__connection__.description.app.version

    @property
    def protocol(self) -> str:
        """The protocol of the app's queue."""
        return self.__connection__.description.app.protocol

    @property
    def info(self) -> Any:
        """What the app answered to ``/info``; ``None`` where it has none, or failed.

        The functions are then read from the components of the app's page. Where that is not as it
        should be, ``print(session)`` and the docstrings say so: names of parameters, types and
        defaults may be others once the app's ``/info`` is mended.
        """
        return self.__connection__.description.info

    @property
    def config(self) -> Any:
        """What the app answered to ``/config``, or what its page has of that where it can't."""
        return self.__connection__.description.config

    @property
    def session_hash(self) -> str:
        """What the app knows this session by (``gr.Request.session_hash``)."""
        return self.__connection__.engine.session_hash

    @property
    def uploads(self) -> list[Upload]:
        """The files that went up."""
        return self.__connection__.engine.uploader.uploads

    @property
    def jobs(self) -> Jobs:
        """The calls that are remembered, in the order in which they began."""
        from .jobs import Jobs  # late: few scripts look

        return Jobs(self.__connection__, self.functions.__maker__.settings)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self.__connection__.engine.closed

    # What it does.

    def close(self) -> None:
        """Cancel the calls under way and close every connection; may be called again."""
        try:
            self.__connection__.engine.close()
        finally:
            registry.remove(self)

    def refresh(self, *, state: bool = False) -> None:
        """Read the app's description again; functions that did not change stay the same objects.

        Functions that the app makes while it runs (``gr.render``) come in with it: what makes them
        when the page is loaded is called, with what the page has at first, unless it ran already.

        Args:
            state: Whether the session is to begin anew for the app as well, under another
                `session_hash`, as a page does that is loaded again: what the app kept for it is
                gone. Calls that were begun go on as they were, those that wait for others included.

        Raises:
            SessionClosed: The session was closed.
            NotGradio, SchemaError: What is at the address is no Gradio app any more.
            SchemaChanged: It breaks the session's lock; the functions stay as they were.
            ConnectError, ConnectionLost, Timeout, ServerError: It was not reached.
            QueueFull, RateLimited: It made no function that its page makes when it is loaded.
        """
        from .page_load import render_parts  # late: few scripts refresh

        self.__connection__.engine.ensure_open()
        self.__connection__.engine.refresh()
        if state:
            self.__connection__.engine.leave_state()
        render_parts(self.__connection__, self.functions.__maker__.settings)

    def with_options(self, **changes: Any) -> Session:
        """Return the same session with other options for its calls.

        Args:
            **changes: ``call_timeout``, ``progress`` and ``validate``; ``headers``, added to those
                that there are, where one with the value ``None`` is taken away; ``token`` and
                ``oauth_token`` (``False``: none); ``event_data``, what an event of the page
                would bring, as JSON such as ``{"index": 0, "value": "x"}``; ``trigger_id``, the
                number of the component whose event it is, by default the first that has one.

        Raises:
            TypeError: Another option: there is none of that name, or not for single calls.
            ValueError: ``Authorization`` is taken away, which the session was not given.
        """
        options = change_options(self.functions.__maker__.settings.options, changes)
        functions = self.__connection__.create(Functions, options)
        return self.__connection__.create(Session, functions, self.__session_name__)

    def forget(self, jobs: Iterable[Job[Any]] | Literal["finished", "all"]) -> None:
        """Forget jobs; those that are under way go on.

        Args:
            jobs: Which: some of `jobs`, ``"finished"`` or ``"all"``.
        """
        self.__connection__.engine.jobs.forget(jobs)

    # For language models.

    def tools(self, style: ToolStyle = "openai") -> list[dict[str, Any]]:
        """Return the definitions of all functions as tools of language models.

        Args:
            style: Whose form they have: ``openai``, ``anthropic`` or ``mcp``.

        Returns:
            A list to be sent as JSON; see `call_tool` for what the model answers.

        Raises:
            ValueError: There is no such style.
        """
        return [self[name].tool_schema(style) for name in self]

    def call_tool(self, name: str, arguments: Mapping[str, Any] | str | bytes | None = None) -> Any:
        """Call a function as a language model asked for it.

        No string among the arguments names a local path. A file is a URL: one of a file of this
        app stands for that file; what others lead to is fetched without any secret, and only from
        addresses that the whole world can reach; ``data:`` URLs hold it themselves. Files of your
        own, put into the arguments as `File` objects, open files or bytes, are taken as always.

        What models usually get wrong is put right where the tool's schema leaves no doubt: the text
        of a number, of a flag, of a list or of an object; a single value instead of a list.

        Args:
            name: The tool's name, as in `tools`.
            arguments: What the model gave: an object, or its JSON text.

        Returns:
            What the function returns.

        Raises:
            UnknownEndpoint: There is no tool of that name.
            ArgumentError: They are no JSON object, or arguments are missing, unknown or none that
                the function takes: everything at once, with what would be right.
            AppError: The app's own function failed.
        """
        from .tool_call import bind_tool  # late: few scripts have a model

        function, bound = bind_tool(self.functions, name, arguments)
        return function(**bound)

    # What copies and pickles have of it.

    def __copy__(self) -> Self:
        return self  # there is one of each name

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object, /) -> tuple[Callable[..., Session], Any]:
        return restore_session, reopening_arguments(self.functions)

    # How it looks.

    def __getattr__(self, name: str) -> Function:
        # Names like these are asked for by copy, pickle and IPython, and are no functions; by copy
        # also while there is no connection yet.
        connection: Connection | None = vars(self).get("__connection__")
        known = () if connection is None else connection.names.attributes
        if name.startswith("_") and name not in known:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return get_function(self.functions, find_by_attribute(self.__connection__, name))

    def __getitem__(self, endpoint: str | int) -> Function:
        return get_function(self.functions, self.__connection__.find_endpoint(endpoint))

    def __iter__(self) -> Iterator[str]:
        return iter(self.functions)

    def __len__(self) -> int:
        return len(self.functions)

    def __contains__(self, endpoint: object) -> bool:
        return endpoint in self.functions or (
            isinstance(endpoint, str) and f"/{endpoint}" in self.functions
        )

    def __bool__(self) -> bool:
        return True

    def __dir__(self) -> list[str]:
        return complete_names(self, self.__connection__.names.attributes)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"<Session {self.name} of {self.url}{', closed' if self.closed else ''}>"

    def __str__(self) -> str:
        from .display import render_text  # late: few scripts look

        return render_text(*_describe_session(self))

    def _repr_html_(self) -> str:
        from .display import render_html  # late, as above

        return render_html(*_describe_session(self))


@named_in_pickles
def restore_session(url: str, options: dict[str, Any]) -> Session:
    """Connect anew for a session that was pickled; it is none of the open sessions by name."""
    functions = restore_functions(url, options)
    connection = functions.__connection__
    label = connection.engine.transport.address.label
    return connection.create(Session, functions, label)


def _describe_session(session: Session) -> tuple[str, str, Iterator[Function], int]:
    """Return what `display` shows of a session: heading, note, functions and their number."""
    noun = "function" if len(session) == 1 else "functions"
    version = one_line(session.version, 40) + (", closed" if session.closed else "")
    heading = f"{session.name}: {len(session)} {noun} at {session.url} (Gradio {version})"
    # By brackets: an app may have a function called ``values``.
    functions = (session[name] for name in session)
    return (
        heading,
        session.__connection__.description.app.second_hand,
        functions,
        len(session),
    )
