"""The same app with a state, so that all calls of a session go under one hash."""

from __future__ import annotations

import gradio as gr

from tests.support.gradio.apps import faulty, runs
from tests.support.gradio.apps._endpoints import add


def turn(run, history):
    """Return the runs of this session so far."""
    runs.begin(run)
    history = [*history, run]
    return runs.answer(run, " ".join(history)), history


def build():
    """Return the app."""
    with gr.Blocks(title="Faulty with a state") as app:
        faulty.add_all()
        history = gr.State([])
        add(turn, [gr.Textbox(label="Run"), history], [gr.Textbox(label="Runs"), history])
    return app
