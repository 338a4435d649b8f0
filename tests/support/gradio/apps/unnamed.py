"""Functions whose author gave no API name: from Gradio 4 on they have their own."""

from __future__ import annotations

import gradio as gr


def lower(text):
    """Return the text in lower case."""
    return text.lower()


def upper(text):
    """Return the text in upper case."""
    return text.upper()


def build():
    """Return the app."""
    with gr.Blocks(title="Unnamed") as app:
        text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
        for function in (lower, upper):
            gr.Button().click(function, text, result)
    return app
