"""An app that calls an app itself, in each kind of event: one and the same, as a Space or not.

The client runs in the app's process then, with the libraries of the tests.
"""
# Not `from __future__ import annotations`: Gradio 3 looks at the annotation itself.

import asyncio
import json
import os
import sys
import threading

import gradio as gr

from tests.support.gradio.apps._endpoints import supported

NONE = "none"

opening = threading.Lock()
sessions = {}


def connect(how):
    """Return a session with what a test asks for.

    Args:
        how: JSON: the libraries' folder, the address of the Hub, and what to call.
    """
    order = json.loads(how)
    if order["libraries"] not in sys.path:
        sys.path.append(order["libraries"])  # behind those of Gradio
    os.environ["HF_ENDPOINT"] = order["hub"]

    import gradioproxy

    return gradioproxy.connect(order["src"], headers=order["headers"])


def told(name, request: gr.Request):
    """Return a header of the request."""
    headers = request.headers
    return (dict(headers) if hasattr(headers, "keys") else vars(headers)).get(name, NONE)


def queued(how):
    """Return the header that a call from here brings."""
    with connect(how) as app:
        return app.told("x-ip-token")


def direct(how):
    """Do the same outside the queue."""
    return queued(how)


async def waiting(how):
    """Do the same in asyncio."""
    # Not on this thread, on which the server is to answer.
    app = await asyncio.to_thread(connect, how)
    try:
        return await app.told.submit("x-ip-token")
    finally:
        await asyncio.to_thread(app.close)


def yielding(how):
    """Yield the same, by two ways to call it."""
    with connect(how) as app:
        yield from app.told.stream("x-ip-token")
        yield next(iter(app.told.map(["x-ip-token"])))


def shared(how):
    """Do the same with the one session that this app has for all of its visitors."""
    with opening:
        if how not in sessions:
            sessions[how] = connect(how)
    return sessions[how].told("x-ip-token")


def raw(how):
    """Do the same at the primitive level."""
    with connect(how) as app:
        import gradioproxy

        *_, last = gradioproxy.send(app, "/told", ["x-ip-token"])
        return last.data[0]


def build():
    """Return the app."""
    with gr.Blocks(title="Visited") as app:
        text = gr.Textbox(label="Text")
        value = gr.Textbox(label="Value")
        for function in (told, queued, direct, waiting, yielding, shared, raw):
            button = gr.Button(function.__name__)
            options = supported(button.click, concurrency_limit=8)
            queue = None if function is not direct else False
            button.click(function, text, value, api_name=function.__name__, queue=queue, **options)
    return app
