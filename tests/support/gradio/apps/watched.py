"""An app that writes down whatever it runs, also when a page is opened and when one is left."""

from __future__ import annotations

import gradio as gr

from tests.support.gradio.apps import runs


def echo(text, count):
    """Return the text, and how many calls there have been."""
    runs.begin("echo")
    return text, count + 1


def load():
    """Run when a page is opened."""
    runs.begin("load")


def unload():
    """Run when a page is left."""
    runs.begin("unload")


def build():
    """Return the app."""
    with gr.Blocks(title="Watched") as app:
        text, count = gr.Textbox(label="Text"), gr.State(0)
        gr.Button("Echo").click(echo, [text, count], [text, count], api_name="echo")
        app.load(load, None, None)
        if hasattr(app, "unload"):
            app.unload(unload)
    return app
