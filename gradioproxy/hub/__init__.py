"""The Hugging Face Hub: looking for models and Spaces, starting, copying and managing Spaces.

::

    space = gradioproxy.hub.space("owner/name")
    print(space.stage, space.likes, space.runtime.hardware.current)
    app = gradioproxy.connect(space)

The Hub is where ``HF_ENDPOINT`` says, or else https://huggingface.co. Tokens come from ``token=``,
``HF_TOKEN``, or the file where the tools of Hugging Face keep theirs (``HF_TOKEN_PATH``,
``HF_HOME``). A token goes to the Hub and to the host that the Hub names for a Space, over https,
and to nobody else; to a Hub on this machine, and to an app that it names there, also over http.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .functions import get, model, models, set_token, space, spaces, start, wait, whoami
    from .managing import (
        delete_secret,
        duplicate,
        pause,
        quota,
        request_hardware,
        restart,
        secrets,
        set_secret,
    )
    from .records import Quota, Record, Results, Space

__all__ = [
    "Quota",
    "Record",
    "Results",
    "Space",
    "delete_secret",
    "duplicate",
    "get",
    "model",
    "models",
    "pause",
    "quota",
    "request_hardware",
    "restart",
    "secrets",
    "set_secret",
    "set_token",
    "space",
    "spaces",
    "start",
    "wait",
    "whoami",
]

_MANAGING = frozenset(
    {
        *("delete_secret", "duplicate", "pause", "quota", "request_hardware", "restart"),
        *("secrets", "set_secret"),
    }
)


def __getattr__(name: str) -> object:
    # Nothing of it is loaded where an app is at an address.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "managing" if name in _MANAGING else "functions"
    home = "records" if name[0].isupper() else home
    value: object = getattr(importlib.import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
