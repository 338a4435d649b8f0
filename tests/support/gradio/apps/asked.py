"""An app that says what the requests of its calls had in their headers, by each way to call it."""
# Not `from __future__ import annotations`: Gradio 3 looks at the annotation itself.

import gradio as gr

from tests.support.gradio.apps._endpoints import supported


def header(name, request):
    """Return a header of a request; where Gradio 3 wraps headers, they are no mapping."""
    headers = request.headers
    return (dict(headers) if hasattr(headers, "keys") else vars(headers)).get(name, "none")


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
