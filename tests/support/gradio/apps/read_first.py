"""The app of the README: a slow function that reports as it goes, and one that resizes an image."""

from __future__ import annotations

import time

import gradio as gr

from tests.support.gradio.apps.documented import TICK, resize


def Op1(Duration):  # noqa: N802, N803 - what the API calls them
    """Count until the duration is over."""
    for number in range(int(Duration)):
        yield str(number)
        time.sleep(TICK)
    yield "Finished"


def build():
    """Return the app."""
    with gr.Blocks(title="Sample") as app:
        duration = gr.Text(label="Duration, in, seconds", value=5)
        gr.Button("Op1").click(Op1, duration, gr.Text(label="Resultado"), api_name="Op1")
        image = gr.Image(label="Image", type="pil", format="png")
        width = gr.Slider(16, 1024, value=256, step=1, label="Width")
        resized = gr.Image(label="Resized", type="pil", format="png")
        gr.Button("resize").click(resize, [image, width], resized, api_name="resize")
    return app
