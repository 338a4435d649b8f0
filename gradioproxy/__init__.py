"""Real Python functions for the endpoints of any Gradio app.

::

    import gradioproxy as gp

    app = gp.connect("http://127.0.0.1:7860")
    help(app.predict)
    app.predict("hello")
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import hub
    from .annotations import FileLike
    from .codegen import REQUIRED
    from .create import create_functions, created_functions, remove_functions
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
    from .files import File
    from .functions import Function
    from .info import get_info
    from .jobs import Job
    from .marks import file
    from .pipes import pipe
    from .primitives import Event, event, send, upload
    from .proxy import Session, connect
    from .registry import session, sessions, set_default
    from .status import Status
    from .streams import Stream
    from .updates import Update

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

__version__ = "0.1.0"

# Without ``from __future__ import annotations``, whose name would hide the module of that name.

# Where each public name comes from: nothing is imported before it is used, so that importing the
# package is quick and needs no other.
_HOMES = {
    "annotations": ("FileLike",),
    "codegen": ("REQUIRED",),
    "create": ("create_functions", "created_functions", "remove_functions"),
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
    "files": ("File",),
    "functions": ("Function",),
    "hub": ("hub",),
    "jobs": ("Job",),
    "status": ("Status",),
    "streams": ("Stream",),
    "registry": ("session", "sessions", "set_default"),
    "proxy": ("Session", "connect"),
    "info": ("get_info",),
    "marks": ("file",),
    "pipes": ("pipe",),
    "primitives": ("Event", "event", "send", "upload"),
    "updates": ("Update",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f".{module}", __name__)
    value = getattr(home, name, home) if name == module else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
