"""An app whose functions say what they got, by components that take some values and no others."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps._endpoints import supported


def level(value):
    """Say what a slider from 0 to 4 gave."""
    return repr(value)


TEMPERATURE = '''
"""A slider of the author's own, which has the page of the ordinary one."""
import gradio as gr

class Temperature(gr.Slider):
    def get_block_name(self):
        return "slider"
'''


def warmth(value):
    """Say what a slider of the author's own gave."""
    return repr(value)


def number(value):
    """Say what a number gave."""
    return repr(value)


def whole(value):
    """Say what a number without decimals gave."""
    return repr(value)


def bounded(value):
    """Say what a number from 1 to 9 gave."""
    return repr(value)


def flag(value):
    """Say what a checkbox gave."""
    return repr(value)


def text(value):
    """Say what a textbox gave."""
    return repr(value)


def short(value):
    """Say what a textbox for five characters gave."""
    return repr(value)


def html(value):
    """Say what HTML gave."""
    return repr(value)


def markdown(value):
    """Say what Markdown gave."""
    return repr(value)


def raised(value):
    """Say what a slider gave, whose limits `more` changes."""
    return repr(value)


def more():
    """Let the slider of `raised` take more."""
    return gr.update(maximum=100)


def several(steps, wanted, words):
    """Say what came of three."""
    return repr((steps, wanted, words))


def unseen(text, image, note):
    """Say what came of what nobody sees."""
    return repr((text, image, note))


def painted(*values):  # noqa: ANN002 - an app is what an ordinary author would write
    """Say what came of components that a function takes as they come."""
    return repr(values)


def nothing(value):
    """Say what came of a choice one of which is nothing."""
    return repr(value)


def _make_temperature(**options):
    # Gradio writes a stub beside the module of a component, so it stands where the server works.
    Path("temperature.py").write_text(TEMPERATURE, encoding="utf-8")
    sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module("temperature").Temperature(**options)


def _add(function, inputs, outputs, name=True):
    button = gr.Button(f"Button of {function.__name__}")
    button.click(function, inputs, outputs, api_name=function.__name__ if name else None)


def build():
    """Return the app."""
    with gr.Blocks(title="Checked") as app:
        said = gr.Textbox(label="Said")
        _add(level, gr.Slider(0, 4, value=1, step=1, label="Level"), said)
        warm = _make_temperature(minimum=0, maximum=4, value=1, step=1, label="Warmth")
        _add(warmth, warm, said)
        _add(number, gr.Number(label="Number"), said)
        _add(whole, gr.Number(label="Number", precision=0), said)
        limits = supported(gr.Number, minimum=1, maximum=9)
        if limits:
            _add(bounded, gr.Number(label="Number", value=2, **limits), said)
        _add(flag, gr.Checkbox(label="Flag"), said)
        _add(text, gr.Textbox(label="Text"), said)
        length = supported(gr.Textbox, max_length=5)
        if length:
            _add(short, gr.Textbox(label="Text", **length), said)
        _add(html, gr.HTML("x"), said)
        _add(markdown, gr.Markdown("x"), said)
        slider = gr.Slider(0, 4, value=1, label="Level")
        _add(raised, slider, said)
        _add(more, [], slider)
        three = [
            gr.Slider(1, 50, value=20, label="Steps"),
            gr.Checkbox(label="Wanted"),
            gr.CheckboxGroup(["red", "blue"], label="Words"),
        ]
        _add(several, three, said)
        with gr.Column(visible=False):
            note = gr.Number(label="Note")
        parts = [gr.Textbox(label="Text"), gr.Image(label="Image", visible=False), note]
        _add(unseen, parts, said)
        inputs = [
            gr.Textbox(label="Prompt", placeholder="a red fox"),
            gr.Radio(["wide", "tall"], label="Form"),
            gr.Number(label="System prompt"),
        ]
        _add(painted, inputs, said)
        if tuple(map(int, gr.__version__.split(".")[:2])) >= (4, 0):
            choices = [("nothing at all", None), ("something", "some")]
            _add(nothing, gr.Radio(choices, label="Choice", value=None), said)
        gr.Button("清空").click(lambda: "cleared", [], said)
    return app
