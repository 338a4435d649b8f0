"""An app whose functions return updates of components, by every way that its Gradio has."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

VERSION = tuple(int(part) for part in gr.__version__.split(".")[:2])


def text(value):
    """Update a textbox to a value."""
    return gr.update(value=value, visible=True)


def number(value):
    """Update a number to a value."""
    return gr.update(value=value, label="New")


def empty():
    """Update a textbox to no value."""
    return gr.update(value=None)


def shown():
    """Update how a textbox looks, and not its value."""
    return gr.update(visible=True)


def models():
    """Update the choices of a dropdown."""
    return gr.update(choices=["base", "extra"])


def picked():
    """Update choices and value."""
    return gr.update(choices=["base", "extra"], value="extra")


def chosen(model):
    """Return what was chosen."""
    return f"chosen {model}"


def file(value):
    """Update a file to a value."""
    path = Path("made.png").absolute()
    path.write_text(value)
    return gr.update(value=str(path), visible=True)


def read(file):
    """Return what is in a file."""
    return Path(getattr(file, "name", file)).read_text()


def kind(value):
    """Return an update as the component's own class makes it."""
    if VERSION >= (4, 0):
        return gr.Textbox(value=value, label="Own")
    return gr.Textbox.update(value=value, label="Own")


def several(value):
    """Return an update with a value, one without, a plain value and an update of a file."""
    return gr.update(value=value), gr.update(visible=True), value, file(value)


def steps(value):
    """Yield updates, and a plain value at the end."""
    yield gr.update(value=f"{value} 1")
    yield gr.update(visible=True)
    yield f"{value} 2"


def files(value):
    """Yield one file after the other, twice as they are and twice in an update."""
    for number in range(4):
        path = Path(f"made{number}.txt").absolute()
        path.write_text(f"{value} {number}")
        yield str(path) if number < 2 else gr.update(value=str(path))


def data(value):
    """Return data that looks like an update."""
    return {"__type__": "update", "value": [value]}


def samples(value):
    """Update the rows of a dataset to one with a file, which is in its folder then."""
    return gr.Dataset(samples=[[file(value)["value"]]])


def skipped():
    """Leave a textbox as it is."""
    return gr.skip()


def _add(function, inputs, outputs):
    gr.Button(function.__name__).click(function, inputs, outputs, api_name=function.__name__)


def build():
    """Return the app."""
    with gr.Blocks(title="Updated") as app:
        value = gr.Textbox(label="Value")
        said = gr.Textbox(label="Said")
        amount = gr.Number(label="Amount")
        made = gr.File(label="Made")
        model = gr.Dropdown(["base"], label="Model", value="base")
        _add(text, value, said)
        _add(number, amount, gr.Number(label="Same amount"))
        _add(empty, [], said)
        _add(shown, [], said)
        _add(models, [], model)
        _add(picked, [], model)
        _add(chosen, model, said)
        _add(file, value, made)
        _add(read, gr.File(label="File"), said)
        _add(kind, value, said)
        _add(several, value, [said, gr.Textbox(label="Shown"), gr.Textbox(label="Plain"), made])
        _add(steps, value, said)
        _add(files, value, made)
        _add(data, value, gr.JSON(label="Data"))
        if VERSION >= (4, 44):
            _add(samples, value, gr.Dataset(components=[gr.Image(type="filepath")], samples=[[]]))
        if hasattr(gr, "skip"):
            _add(skipped, [], said)
    return app
