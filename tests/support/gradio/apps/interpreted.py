"""An interface with an interpretation, as Gradio 3 had them; 3.50 can't answer /config for it."""

from __future__ import annotations

import gradio as gr


def build():
    """Return the app."""
    return gr.Interface(
        lambda text: text.upper(),
        gr.Textbox(label="Text"),
        gr.Textbox(label="Result"),
        interpretation="default",
    )
