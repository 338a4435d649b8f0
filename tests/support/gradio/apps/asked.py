"""An app that says which headers, and which query, its calls had, by each way to call it."""
# Not `from __future__ import annotations`: Gradio 3 looks at the annotation itself.

import json

import gradio as gr

from tests.support.gradio.apps._endpoints import supported


def header(name, request):
    """Return a header of a request, or its query as JSON, without what belongs to the protocol."""
    if name == "?":
        query = read(request.query_params)
        return json.dumps({k: query[k] for k in query if k not in {"fn_index", "session_hash"}})
    return read(request.headers).get(name, "none")


def read(pairs):
    """Return headers or a query as a dictionary; where Gradio 3 wraps them, they are no mapping."""
    return dict(pairs) if hasattr(pairs, "keys") else vars(pairs)


def queued(name, request: gr.Request):
    """Return a header of the request."""
    return header(name, request)


def direct(name, request: gr.Request):
    """Do the same outside the queue."""
    return header(name, request)


def yielding(name, request: gr.Request):
    """Yield the same twice."""
    yield header(name, request)
    yield header(name, request)


def remembered(name, count, request: gr.Request):
    """Return the same, and count in a state."""
    return header(name, request), count + 1


def build():
    """Return the app."""
    with gr.Blocks(title="Asked") as app:
        name = gr.Textbox(label="Name")
        value = gr.Textbox(label="Value")
        for function in (queued, direct, yielding):
            button = gr.Button(function.__name__)
            options = supported(button.click, concurrency_limit=8)
            queue = None if function is not direct else False
            button.click(function, name, value, api_name=function.__name__, queue=queue, **options)
        count = gr.State(0)
        button = gr.Button("remembered")
        button.click(remembered, [name, count], [value, count], api_name="remembered")
    return app
