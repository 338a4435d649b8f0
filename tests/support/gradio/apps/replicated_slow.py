"""A copy of `replicated` on a slow machine."""

from __future__ import annotations

from tests.support.gradio.apps import replicated


def build():
    """Return the app."""
    return replicated.build(seconds=0.5)
