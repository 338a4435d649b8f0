"""An app whose functions take what an event of the page brings; and some that it does not show."""
# Not `from __future__ import annotations`: Gradio 3 looks at the annotation itself.

import json
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps._endpoints import VERSION, supported

HIDDEN = {"api_visibility": "undocumented"} if VERSION >= (6,) else {"show_api": False}


def describe(event, **more):
    """Return what an event brought, and whose it is, as a text of JSON."""
    label = getattr(event.target, "label", None)
    return json.dumps({"index": event.index, "value": event.value, "target": label, **more})


def shout(text):
    """Return the text in upper case."""
    return text.upper()


def add_events(text, result):
    """Add functions for the selection of a text: in the queue, past it, and a generator."""

    def queued(said, event: gr.SelectData):
        return describe(event, said=said)

    def direct(said, event: gr.SelectData):
        return describe(event, said=said)

    def yielding(said, event: gr.SelectData):
        yield describe(event, said=said)
        yield describe(event, said=said.upper())

    for function in (queued, direct, yielding):
        name, options = function.__name__, {"queue": False} if function is direct else {}
        text.select(function, text, result, api_name=name, **options)
    table = gr.Dataframe(label="Table", headers=["a", "b"])

    def cell(event: gr.SelectData):
        return describe(event)

    table.select(cell, None, result, api_name="cell")


def add_actions(text, result):
    """Add functions that act for whoever calls them; in the queue, past it, and one for nobody."""

    def acts(said, token: gr.OAuthToken):
        return f"{said} {token.token}"

    def acts_directly(said, token: gr.OAuthToken):
        return f"{said} {token.token}"

    def may_act(said, token: gr.OAuthToken | None):
        yield said
        yield f"{said} {token.token if token else 'nobody'}"

    gr.Button("acts").click(acts, text, result, api_name="acts")
    gr.Button("directly").click(acts_directly, text, result, api_name="acts_directly", queue=False)
    gr.Button("may act").click(may_act, text, result, api_name="may_act")


def add_lookers(text, result):
    """Add functions that look at a component itself, and not at its value alone."""

    def framed(component: gr.Textbox, said):
        return f"{component.label}: {component.value} {said}"

    def filed(component: gr.File):
        return f"{component.label}: {Path(component.value).read_text(encoding='utf-8')}"

    def pressed(component: gr.Button):
        return f"{component.variant}: {component.value}"

    button = gr.Button("framed", variant="stop")
    button.click(framed, [text, text], result, api_name="framed")
    button.click(filed, gr.File(label="File"), result, api_name="filed")
    button.click(pressed, button, result, api_name="pressed")


def build():
    """Return the app."""
    with gr.Blocks(title="Events") as app:
        text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
        gr.Textbox(label="Other")
        if hasattr(gr, "SelectData"):
            add_events(text, result)
        if VERSION >= (6, 31):
            add_lookers(text, result)
        if VERSION >= (6, 21):
            add_actions(text, result)
        shouted = gr.Textbox(label="Shouted")
        button = gr.Button("shout")
        button.click(shout, text, shouted, api_name="shout")
        button.click(shout, text, shouted, api_name="unlisted", **supported(button.click, **HIDDEN))
        private = supported(button.click, api_visibility="private")
        if private:
            button.click(shout, text, shouted, api_name="private", **private)
    return app
