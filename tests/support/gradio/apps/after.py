"""The app that takes the place of `before`: functions in another order, changed or gone."""

from __future__ import annotations

from tests.support.gradio.apps import before


def build():
    """Return the app."""
    return before.build(replaced=True)
