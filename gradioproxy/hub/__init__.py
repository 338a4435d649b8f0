"""The Hugging Face Hub: looking for models and Spaces, and starting Spaces.

::

    space = gradioproxy.hub.space("owner/name")
    print(space.stage, space.likes, space.runtime.hardware.current)
    app = gradioproxy.connect(space)

The Hub is where ``HF_ENDPOINT`` says, or else https://huggingface.co. Tokens come from ``token=``,
``HF_TOKEN``, or the file where the tools of Hugging Face keep theirs (``HF_TOKEN_PATH``,
``HF_HOME``). A token goes to the Hub and to the host that the Hub names for a Space, over https,
and to nobody else; to a Hub on this machine, and to an app that it names there, also over http.
"""

from .functions import get, model, models, set_token, space, spaces, start, wait, whoami
from .records import Record, Results, Space

__all__ = [
    "Record",
    "Results",
    "Space",
    "get",
    "model",
    "models",
    "set_token",
    "space",
    "spaces",
    "start",
    "wait",
    "whoami",
]
