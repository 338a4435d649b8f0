"""The sample app: a slow function that reports as it goes, and one that turns an image.

It can be run by itself, where Gradio is installed: python scripts/sample_app.py
"""

from __future__ import annotations

import sys
import time

import gradio as gr


def Op1(Duration):  # noqa: N802, N803 - what the API calls them
    """Count the seconds until the duration is over."""
    started = time.monotonic()
    yield f"Dur:{Duration}"
    while (elapsed := time.monotonic() - started) < float(Duration):
        yield f"{elapsed:.1f}"
        time.sleep(min(1, float(Duration) - elapsed))
    yield "Finished"


def Flip(image):  # noqa: N802 - the same
    """Turn the image upside down."""
    return image.rotate(180)


def build():
    """Return the app."""
    with gr.Blocks(title="Sample") as app:
        duration = gr.Text(label="Duration, in, seconds", value=5)
        result = gr.Text(label="Resultado")
        gr.Button("Op1").click(Op1, duration, result, api_name="Op1")
        image = gr.Image(label="Image", type="pil")
        flipped = gr.Image(label="Flipped", type="pil")
        gr.Button("Flip").click(Flip, image, flipped, api_name="Flip")
    return app


if __name__ == "__main__":
    build().queue().launch(prevent_thread_lock=True)
    sys.stdin.read()  # it ends with whoever started it
