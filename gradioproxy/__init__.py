"""Real Python functions for the endpoints of any Gradio app.

::

    import gradioproxy as gp

    app = gp.connect("http://127.0.0.1:7860")
    help(app.predict)
    app.predict("hello")
"""

import importlib

from ._version import __version__ as __version__

# Where each public name is from. None is imported before it is used, so that importing the package
# is quick and needs no other; type checkers read ``__init__.pyi``.
_HOMES = {
    "functions.file_like": ("FileLike",),
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
        "JournalError",
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
        "TooLarge",
        "TooManyJobs",
        "UnknownEndpoint",
    ),
    "files.file": ("File",),
    "limits": ("Limits",),
    "many.journal": ("Journal",),
    "functions.function": ("Function",),
    "calls.feed": ("Feed",),
    "calls.job": ("Job",),
    "calls.status": ("Status",),
    "calls.stream": ("Stream",),
    "client.sessions": ("session", "sessions", "set_default"),
    "client.connect": ("connect",),
    "client.export": ("export",),
    "client.session": ("Session",),
    "client.diagnose": ("diagnose",),
    "client.diagnosis": ("Diagnosis",),
    "client.info": ("get_info",),
    "values.markers": ("file",),
    "client.pipe": ("pipe",),
    "client.jobs": ("Jobs",),
    "client.primitive": ("Event", "event", "send", "upload"),
    "client.raw": ("Response", "request"),
    "client.inbox": ("Update",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [*_HOME, "hub"]  # noqa: PLE0604 - strings, each written down once


def __getattr__(name: str) -> object:
    if name == "hub":
        value: object = importlib.import_module(".hub", __name__)
    elif name in _HOME:
        value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def load_ipython_extension(shell: object) -> None:
    """Add ``%gradio`` and more to an IPython; called by ``%load_ext gradioproxy``."""
    importlib.import_module(".ipython", __name__).load_ipython_extension(shell)


def unload_ipython_extension(shell: object) -> None:
    """Take that away again; called by ``%unload_ext gradioproxy``."""
    importlib.import_module(".ipython", __name__).unload_ipython_extension(shell)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
