"""An app whose functions take streams of inputs, and that keeps no state."""

from __future__ import annotations

import gradio as gr

from tests.support.gradio.apps import feeds


def build():
    """Return the app."""
    limit = {"time_limit": feeds.PATIENCE} if feeds.VERSION >= feeds.ONE_RUN else {}
    with gr.Blocks(title="Feeds without a state") as app:
        sound, text = feeds.microphone(), gr.Textbox(label="Text")
        out = gr.Textbox(label="Out")
        sound.stream(feeds.hold, text, out, api_name="hold", **limit)
        gr.Button().click(feeds.release, text, text, api_name="release")
    return app
