"""The same app with a state, so that all calls share a session, whose end ends its streams."""

from __future__ import annotations

import gradio as gr

from tests.support.gradio.apps import media
from tests.support.gradio.apps._endpoints import add


def turn(count):
    """Return how often this session came here."""
    return count + 1, count + 1


def build():
    """Return the app."""
    with gr.Blocks(title="Media with a state") as app:
        media.add_media()
        state = gr.State(0)
        add(turn, [state], [gr.Number(label="Turn", precision=0), state])
    return app
