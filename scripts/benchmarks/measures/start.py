"""A whole script: connects to an app, and makes a call; or does so with bare requests.

The first argument says with what, the second where. It prints nothing: what is measured is the time
from the start of Python to its end.
"""

from __future__ import annotations

import sys


def run_ours(url: str) -> None:
    """Do it with gradioproxy."""
    import gradioproxy

    gradioproxy.connect(url).f("x")


def run_official(url: str) -> None:
    """Do it with gradio_client."""
    import gradio_client

    gradio_client.Client(url, verbose=False).predict("x", api_name="/f")


def run_bare(url: str) -> None:
    """Do it with requests."""
    import json
    import secrets

    import requests

    session = requests.Session()
    config = session.get(f"{url}/config").json()
    session.get(f"{url}/gradio_api/info").json()
    numbers = {each["api_name"]: each["id"] for each in config["dependencies"]}
    session_hash = secrets.token_hex(8)
    body = {"data": ["x"], "fn_index": numbers["f"], "session_hash": session_hash}
    session.post(f"{url}/gradio_api/queue/join", json=body).raise_for_status()
    address = f"{url}/gradio_api/queue/data?session_hash={session_hash}"
    with session.get(address, stream=True) as response:
        for line in response.iter_lines():
            if b"process_completed" in line:
                json.loads(line[6:])


if __name__ == "__main__":
    {"gradioproxy": run_ours, "gradio_client": run_official, "requests": run_bare}[sys.argv[1]](
        sys.argv[2]
    )
