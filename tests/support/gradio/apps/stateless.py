"""The endpoints for tests of concurrency and cancelling, in an app that has no state."""

from __future__ import annotations

import gradio as gr

from tests.support.gradio.apps import _endpoints


def build():
    """Return the app."""
    with gr.Blocks(title="Stateless") as app:
        _endpoints.add_stateless()
    return app
