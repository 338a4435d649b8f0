"""An interface with examples, whose buttons and examples set what its inputs show."""

from __future__ import annotations

import gradio as gr


def paint(steps, form, wide):
    """Say what came."""
    return f"{steps} {form} {wide}"


def build():
    """Return the app."""
    inputs = [
        gr.Slider(1, 8, value=2, step=1, label="Steps"),
        gr.Radio(["round", "square"], label="Form", value="round"),
        gr.Checkbox(label="Wide"),
    ]
    examples = [[3, "square", True], [4, "round", False]]
    return gr.Interface(
        paint, inputs, gr.Textbox(label="Said"), examples=examples, title="Interface"
    )
