"""Calls endpoints with the official client; run by the Python of an environment that has Gradio.

Rule: standard input has a JSON object with ``url``, ``folder`` for downloads, ``options`` that the
client takes besides, and ``calls``, a list of endpoint and argument, where ``{"__file__": path}``
stands for a file; standard output gets one JSON value for each call. A downloaded file is
``{"file": <SHA-256 of its content>}``. Clients from before there was ``handle_file`` get the path
itself, as their users passed it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Make the calls."""
    out = os.dup(1)
    os.dup2(2, 1)  # what the client prints is not for whoever reads this
    asked = json.load(sys.stdin)

    import gradio_client  # after standard output was moved

    plain = getattr(gradio_client, "file", str)
    handle_file = getattr(gradio_client, "handle_file", plain)

    def given(value: Any) -> Any:
        if isinstance(value, dict):
            if "__file__" in value:
                return handle_file(value["__file__"])
            return {key: given(item) for key, item in value.items()}
        return [given(item) for item in value] if isinstance(value, list) else value

    def came(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: came(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [came(item) for item in value]
        if isinstance(value, str) and value.startswith(asked["folder"]):
            return {"file": hashlib.sha256(Path(value).read_bytes()).hexdigest()}
        return value

    known = inspect.signature(gradio_client.Client).parameters
    where = "download_files" if "download_files" in known else "output_dir"
    client = gradio_client.Client(
        asked["url"], verbose=False, **{where: asked["folder"]}, **asked["options"]
    )
    answers = [
        came(client.predict(given(argument), api_name=name)) for name, argument in asked["calls"]
    ]
    os.write(out, json.dumps(answers).encode())


if __name__ == "__main__":
    main()
