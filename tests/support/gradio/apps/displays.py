"""An app with something of everything that a notebook displays, and texts that mean harm.

Rule: needs Gradio 6, and neither matplotlib nor plotly, whose plots are written here.
"""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from pathlib import Path

import gradio as gr
import numpy as np
import PIL.Image
from gradio.components.plot import PlotData

from tests.support.gradio.apps._endpoints import add, add_stateless

PATIENCE = 30
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FIGURE = {
    "data": [{"type": "bar", "x": ["a", "b"], "y": [1, 3], "name": HOSTILE}],
    "layout": {"title": {"text": "<b>Bars</b> <a href='javascript:alert(3)'>here</a>"}},
}

released = {}


def pixels(level=128):
    """Return a picture of one grey."""
    return np.full((24, 32, 3), level, np.uint8)


def png():
    """Return a picture as a URL."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels()).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def write(name, content):
    """Write a file where the server works, and return its path."""
    path = Path(name)
    path.write_bytes(content)
    return str(path)


def picture(level):
    """Return a picture."""
    return pixels(int(level))


def shown():
    """Return one of each kind."""
    film = write("film.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100))
    model = write("model.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    page = write("page.html", HOSTILE.encode())
    drawing = write("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    chat = [
        {"role": "user", "content": HOSTILE},
        {"role": "assistant", "content": "Hello there"},
    ]
    return (
        pixels(),
        [(pixels(10), "dark"), (pixels(240), HOSTILE)],
        {"headers": ["name", HOSTILE], "data": [["one", 1], [HOSTILE, 2]]},
        chat,
        PlotData(type="matplotlib", plot=png()),
        PlotData(type="plotly", plot=json.dumps(FIGURE)),
        (8000, np.zeros(800, np.int16)),
        film,
        model,
        page,
        drawing,
        {"cat": 0.75, HOSTILE: 0.25},
        HOSTILE,
    )


def grow(token, progress=gr.Progress()):
    """Yield a picture after the other, the second one after `release`, and say so."""
    event = released.setdefault(token, threading.Event())
    gr.Warning(f"beginning {HOSTILE}")
    progress(0.5, desc="half way")
    time.sleep(0.3)
    yield pixels(50), "first"
    event.wait(PATIENCE)
    gr.Info("going on")
    yield pixels(200), "last"


def release(token):
    """Let `grow` go on."""
    released.setdefault(token, threading.Event()).set()
    return token


def told(text):
    """Return the text, and say it on the page."""
    gr.Warning(f"careful: {text}")
    gr.Info(f"noted: {text}")
    return text


def choose(text, mode, colours):
    """Return what was chosen."""
    return f"{text} {mode} {colours}"


def albums():
    """Return a gallery and nothing else."""
    return [(pixels(10), "dark"), (pixels(240), "bright")]


def build():
    """Return the app."""
    with gr.Blocks(title="Displays") as app:
        add_stateless()
        add(picture, gr.Number(label="Level"), gr.Image(label="Picture", format="png"))
        add(albums, None, gr.Gallery(label="Album", format="png"))
        outputs = [
            gr.Image(label="Image", format="png"),
            gr.Gallery(label="Gallery", format="png"),
            gr.Dataframe(label="Table"),
            gr.Chatbot(label="Chat"),
            gr.Plot(label="Drawn"),
            gr.Plot(label="Figure"),
            gr.Audio(label="Sound"),
            gr.Video(label="Film"),
            gr.Model3D(label="Model"),
            gr.File(label="Page"),
            gr.File(label="Drawing"),
            gr.Label(label="Label"),
            gr.Textbox(label="Text"),
        ]
        add(shown, None, outputs)
        token = gr.Textbox(label="Token")
        add(grow, token, [gr.Image(label="Picture", format="png"), gr.Textbox(label="Words")])
        add(release, token, token)
        add(told, gr.Textbox(label="Text"), gr.Textbox(label="Same"))
        mode = gr.Radio(["fast", "slow", "it's"], label="Mode")
        colours = gr.CheckboxGroup(["red", "green", "blue"], label="Colours")
        add(choose, [gr.Textbox(label="Text"), mode, colours], gr.Textbox(label="Chosen"))
    return app
