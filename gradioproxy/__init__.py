"""Real Python functions for the endpoints of any Gradio app.

::

    import gradioproxy as gp

    app = gp.connect("http://127.0.0.1:7860")
    help(app.predict)
    app.predict("hello")
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import hub
    from .calls.job import Job
    from .calls.status import Status
    from .calls.stream import Stream
    from .client.connect import connect
    from .client.create import create_functions, created_functions, remove_functions
    from .client.inbox import Update
    from .client.info import get_info
    from .client.pipe import pipe
    from .client.primitive import Event, event, send, upload
    from .client.session import Session
    from .client.sessions import session, sessions, set_default
    from .errors import (
        AppError,
        ArgumentError,
        AuthenticationError,
        ConnectError,
        ConnectionLost,
        FileGone,
        FileNotSaved,
        FileTooLarge,
        GradioProxyError,
        JobCancelled,
        MissingFile,
        NameCollision,
        NameTaken,
        NoDefaultSession,
        NotGradio,
        ProtocolError,
        QueueFull,
        QuotaExceeded,
        RateLimited,
        SchemaChanged,
        SchemaError,
        ServerError,
        SessionClosed,
        SessionExists,
        SpaceError,
        Timeout,
        TooManyJobs,
        UnknownEndpoint,
    )
    from .files.file import File
    from .functions.annotations import FileLike
    from .functions.codegen import REQUIRED
    from .functions.function import Function
    from .values.markers import file

__all__ = [
    "REQUIRED",
    "AppError",
    "ArgumentError",
    "AuthenticationError",
    "ConnectError",
    "ConnectionLost",
    "Event",
    "File",
    "FileGone",
    "FileLike",
    "FileNotSaved",
    "FileTooLarge",
    "Function",
    "GradioProxyError",
    "Job",
    "JobCancelled",
    "MissingFile",
    "NameCollision",
    "NameTaken",
    "NoDefaultSession",
    "NotGradio",
    "ProtocolError",
    "QueueFull",
    "QuotaExceeded",
    "RateLimited",
    "SchemaChanged",
    "SchemaError",
    "ServerError",
    "Session",
    "SessionClosed",
    "SessionExists",
    "SpaceError",
    "Status",
    "Stream",
    "Timeout",
    "TooManyJobs",
    "UnknownEndpoint",
    "Update",
    "connect",
    "create_functions",
    "created_functions",
    "event",
    "file",
    "get_info",
    "hub",
    "pipe",
    "remove_functions",
    "send",
    "session",
    "sessions",
    "set_default",
    "upload",
]

# Where each public name comes from: nothing is imported before it is used, so that importing the
# package is quick and needs no other.
_HOMES = {
    "functions.annotations": ("FileLike",),
    "functions.codegen": ("REQUIRED",),
    "client.create": ("create_functions", "created_functions", "remove_functions"),
    "errors": (
        "AppError",
        "ArgumentError",
        "AuthenticationError",
        "ConnectError",
        "ConnectionLost",
        "FileGone",
        "FileNotSaved",
        "FileTooLarge",
        "GradioProxyError",
        "JobCancelled",
        "MissingFile",
        "NameCollision",
        "NameTaken",
        "NoDefaultSession",
        "NotGradio",
        "ProtocolError",
        "QueueFull",
        "QuotaExceeded",
        "RateLimited",
        "SchemaChanged",
        "SchemaError",
        "ServerError",
        "SessionClosed",
        "SessionExists",
        "SpaceError",
        "Timeout",
        "TooManyJobs",
        "UnknownEndpoint",
    ),
    "files.file": ("File",),
    "functions.function": ("Function",),
    "hub": ("hub",),
    "calls.job": ("Job",),
    "calls.status": ("Status",),
    "calls.stream": ("Stream",),
    "client.sessions": ("session", "sessions", "set_default"),
    "client.connect": ("connect",),
    "client.session": ("Session",),
    "client.info": ("get_info",),
    "values.markers": ("file",),
    "client.pipe": ("pipe",),
    "client.primitive": ("Event", "event", "send", "upload"),
    "client.inbox": ("Update",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f".{module}", __name__)
    value = home if name == module else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
