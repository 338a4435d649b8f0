"""An app that `after` takes the place of: the same functions, some of them otherwise."""

from __future__ import annotations

import gradio as gr


def build(*, replaced=False):
    """Return the app, or the one that takes its place."""
    names = ["first", "second", "changed", "gone"]
    if replaced:
        names = ["second", "first", "changed"]
    with gr.Blocks() as app:
        for name in names:
            text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
            inputs = [text, gr.Textbox(label="More")] if replaced and name == "changed" else [text]
            gr.Button().click(answer(name, len(inputs)), inputs, result, api_name=name)
        file, digest = gr.File(label="File"), gr.Textbox(label="Name")
        gr.Button().click(lambda file: file.name, file, digest, api_name="file_name")
    return app


def answer(name, count):
    """Return a function of so many parameters that says which one it is."""
    if count == 1:
        return lambda text: f"{name} {text}"
    return lambda text, more: f"{name} {text} {more}"
