"""An app of several pages, which Gradio has from 5.20 on."""

from __future__ import annotations

import gradio as gr


def first(text):
    """Return the text in lower case."""
    return text.lower()


def second(text):
    """Return the text in upper case."""
    return text.upper()


def add(function):
    """Add a function to the page that is being made."""
    text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
    gr.Button().click(function, text, result)


def build():
    """Return the app."""
    with gr.Blocks(title="Pages") as app:
        add(first)
    with app.route("Second", "/second"):
        add(second)
    return app
