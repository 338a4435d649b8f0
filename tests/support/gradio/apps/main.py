"""The app of nearly all tests: echoes of components, streams, failures, and what calls can meet."""

from __future__ import annotations

import collections
import os
import threading
import time

import gradio as gr

from tests.support.gradio.apps import sequences
from tests.support.gradio.apps._endpoints import (
    VERSION,
    add,
    add_stateless,
    path_of,
    sha256_of,
    supported,
)

SINCE = {  # endpoints that not all versions can have, and the first one that does
    "info_warning": (3, 36, 0),  # gr.Info and gr.Warning
    "custom": (3, 36, 0),  # Dropdown(allow_custom_value=)
    "gallery_back": (4, 19, 0),  # Gallery as an input whose value it takes back
    "chat": (4, 44, 0),  # MultimodalTextbox
}
ONE, TWO = (("One", 1), ("Two", 2)) if VERSION >= (3, 50, 0) else (1, 2)


def add_two_numbers(a, b):
    """Return the sum."""
    return a + b


add_two_numbers.__name__ = "add"


def two(text, number):
    """Return both."""
    return text, number


def none(text):
    """Return nothing."""
    del text


def nothing():
    """Return a text, for nothing."""
    return "from nothing"


def stream_text(text):
    """Yield the text, longer by a word each time."""
    yield from sequences.growing_text(text)


def stream_list(n):
    """Yield n lists."""
    yield from sequences.growing_list(int(n))


def stream_object(n):
    """Yield n objects."""
    yield from sequences.changing_object(int(n))


def stream_same(text):
    """Yield the text three times."""
    for _ in range(3):
        yield text


def fail():
    """Raise a message for the user."""
    raise gr.Error("boom 'quoted'\nline")


def fail_late():
    """Yield "first" and "second", then raise a message for the user."""
    yield "first"
    yield "second"
    raise gr.Error("boom 'quoted'\nline")


def crash():
    """Raise what the user is not told."""
    raise ValueError("secret detail")


def files_hash(files):
    """Return the SHA-256 of each file."""
    return [sha256_of(file) for file in files or []]


def file_back(file):
    """Return the file."""
    return str(path_of(file)) if file else None


def image_back(image):
    """Return the image."""
    return image


def gallery_back(gallery):
    """Return the gallery."""
    return gallery


def json_back(value):
    """Return the value."""
    return value


def choices(letter, number):
    """Return the Python reprs of both."""
    return f"{letter!r} {number!r}"


def custom(choice):
    """Return the choice, which may be another one."""
    return choice


def checkbox(value):
    """Return the flag."""
    return value


def slider(value):
    """Return the number."""
    return value


def checkboxgroup(values):
    """Return the chosen values."""
    return values


def typed(text, number, flag, value):
    """Return the Python reprs of what arrived."""
    return [repr(text), repr(number), repr(flag), repr(value)]


def state(text, history):
    """Return all texts of this session so far, joined."""
    history = [*history, text]
    return " ".join(history), history


def hidden_between(first, history, second):
    """Return both texts and how many calls this session made before, unchanged by this one."""
    return f"{first} {len(history)} {second}"


def info_warning(text):
    """Tell the user two things, and return the text."""
    gr.Info(f"info {text}")
    gr.Warning(f"warning {text}")
    return text


def progress(steps, bar=gr.Progress()):
    """Take so many steps, with a progress bar."""
    for _ in bar.tqdm(range(int(steps)), desc="Stepping"):
        time.sleep(0.1)
    return f"{int(steps)} steps"


def pid():
    """Return the process id of the server."""
    return os.getpid()


def chat(message):
    """Return the text and the SHA-256 of each file."""
    return {"text": message["text"], "files": [sha256_of(file) for file in message["files"]]}


unloads = collections.defaultdict(threading.Event)


def unload(request: gr.Request):
    """Take note of a session that has ended."""
    unloads[request.session_hash].set()


def unloaded(token, wait):
    """Return whether the session of this hash has ended, after waiting for that if asked."""
    return unloads[token].wait(60 if wait else 0)


def build():
    """Return the app."""
    with gr.Blocks(title="Main") as app:
        add_stateless()
        _add_texts()
        _add_streams()
        _add_files()
        _add_components()
        _add_session()
    return app


def _has(name):
    return SINCE.get(name, VERSION) <= VERSION


def _add_texts():
    add(
        add_two_numbers,
        [gr.Number(label="A"), gr.Number(label="B")],
        gr.Number(label="Sum"),
    )
    add(
        two,
        [gr.Textbox(label="Text"), gr.Number(label="Number")],
        [gr.Textbox(label="First result"), gr.Number(label="Second result")],
    )
    add(none, gr.Textbox(label="Text"), [])
    add(nothing, [], gr.Textbox(label="Text"))
    add(fail, [], gr.Textbox(label="Never"))
    add(crash, [], gr.Textbox(label="Never"))
    add(pid, [], gr.Number(label="Process id", precision=0))


def _add_streams():
    add(stream_text, gr.Textbox(label="Text"), gr.Textbox(label="So far"))
    add(stream_list, gr.Number(label="Values", precision=0), gr.JSON(label="List"))
    add(stream_object, gr.Number(label="Values", precision=0), gr.JSON(label="Object"))
    add(stream_same, gr.Textbox(label="Text"), gr.Textbox(label="Same text"))
    add(fail_late, [], gr.Textbox(label="Before the failure"))
    if _has("info_warning"):
        add(info_warning, gr.Textbox(label="Text"), gr.Textbox(label="Same text"))
    add(progress, gr.Number(label="Steps", precision=0), gr.Textbox(label="Done"))


def _add_files():
    png = supported(gr.Image, format="png")
    add(files_hash, gr.File(label="Files", file_count="multiple"), gr.JSON(label="SHA-256"))
    add(file_back, gr.File(label="File"), gr.File(label="Same file"))
    add(
        image_back,
        gr.Image(label="Image", type="pil", **png),
        gr.Image(label="Same image", type="pil", **png),
    )
    if _has("gallery_back"):
        add(gallery_back, gr.Gallery(label="Gallery"), gr.Gallery(label="Same gallery"))
    if _has("chat"):
        add(
            chat,
            gr.MultimodalTextbox(label="Message", file_count="multiple"),
            gr.JSON(label="Received"),
        )


def _add_components():
    letters = ["a", "b", "c"]
    add(json_back, gr.JSON(label="Value"), gr.JSON(label="Same value"))
    add(
        choices,
        [gr.Dropdown(letters, label="Letter"), gr.Radio([ONE, TWO], label="Number")],
        gr.Textbox(label="Received"),
    )
    if _has("custom"):
        add(
            custom,
            gr.Dropdown(letters, label="Letter", allow_custom_value=True),
            gr.Textbox(label="Received"),
        )
    add(checkbox, gr.Checkbox(label="Flag"), gr.Checkbox(label="Same flag"))
    add(
        slider,
        gr.Slider(0, 10, step=0.5, value=5, label="Level"),
        gr.Slider(0, 10, step=0.5, label="Same level"),
    )
    add(
        checkboxgroup,
        gr.CheckboxGroup(letters, label="Letters"),
        gr.CheckboxGroup(letters, label="Same letters"),
    )
    add(
        typed,
        [
            gr.Textbox(label="Text"),
            gr.Number(label="Number"),
            gr.Checkbox(label="Flag"),
            gr.JSON(label="Value"),
        ],
        gr.JSON(label="Received"),
    )


def _add_session():
    add(
        unloaded,
        [gr.Textbox(label="Token"), gr.Checkbox(label="Wait")],
        gr.Checkbox(label="Ended"),
    )
    app = gr.context.Context.root_block
    if hasattr(app, "unload"):
        app.unload(unload)
    history = gr.State([])
    add(state, [gr.Textbox(label="Text"), history], [gr.Textbox(label="Joined"), history])
    add(
        hidden_between,
        [gr.Textbox(label="First"), history, gr.Textbox(label="Second")],
        gr.Textbox(label="Joined"),
    )
