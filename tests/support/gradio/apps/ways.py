"""Functions that are there twice: in the queue, and past it with ``direct_`` before the name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps._endpoints import VERSION, path_of, supported

TITLED = VERSION >= (5, 0, 0)  # an error may have a title since then


def echo(text):
    """Return the text."""
    return text


def visit(count):
    """Count the calls of a session."""
    count = (count or 0) + 1
    return count, count


def refuse(text):
    """Raise an error with these words."""
    if TITLED:
        raise gr.Error(text, title="No")
    raise gr.Error(text)


def crash(text):
    """Raise what may be hidden from the user."""
    raise ValueError(text)


def copies(file):
    """Return a file once, and twice in a list."""
    content = path_of(file).read_bytes()
    paths = []
    for name in ("one.txt", "two.txt", "three.txt"):
        path = Path(tempfile.mkdtemp(), name)
        path.write_bytes(content + name.encode())
        paths.append(str(path))
    return paths[0], paths[1:]


def pictures(image):
    """Return an image, and a gallery of it."""
    return image, [(image, "first"), (image, "second")]


def cities(country):
    """Fill the choices of the city."""
    update = gr.update if VERSION >= (4,) else gr.Dropdown.update
    return update(choices=[f"{country} {number}" for number in range(2)], value=None)


def travel(city):
    """Return the city, which has to be one of the choices."""
    return city


def table(rows):
    """Return a table."""
    return rows


def tab(request: gr.Request):
    """Return what the app knows the session by; before Gradio 4.22 it knows nothing."""
    return getattr(request, "session_hash", None) or ""


def both(text):
    """Return two values."""
    return text, len(text)


def nothing(text):
    """Return nothing."""


def batch(texts):
    """Return every text of a batch, marked."""
    return [[f"text {text}" for text in texts]]


def steps(count):
    """Yield "1", "2", … up to the count."""
    yield from map(str, range(1, int(count) + 1))


def _add(function, inputs, outputs, **options):
    """Add a function in the queue and past it."""
    for name, queue in ((function.__name__, True), (f"direct_{function.__name__}", False)):
        button = gr.Button(name)
        known = supported(button.click, queue=queue, concurrency_limit=8, **options)
        button.click(function, inputs, outputs, api_name=name, **known)


def build():
    """Return the app."""
    with gr.Blocks() as app:
        text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
        for function in (echo, refuse, crash, nothing):
            _add(function, text, None if function is nothing else result)
        count = gr.State(0)
        _add(visit, count, [gr.Number(label="Visits"), count])
        several = {"file_count": "multiple"}
        _add(
            copies, gr.File(label="File"), [gr.File(label="One"), gr.File(label="More", **several)]
        )
        picture = gr.Image(label="Picture", type="pil")
        _add(pictures, picture, [gr.Image(label="Same"), gr.Gallery(label="Album")])
        city = gr.Dropdown([], label="City")
        _add(cities, gr.Textbox(label="Country"), city)
        _add(travel, city, result)
        _add(table, gr.Dataframe(label="Rows", type="array"), gr.Dataframe(label="Same rows"))
        _add(tab, None, result)
        _add(both, text, [gr.Textbox(label="Same"), gr.Number(label="Length")])
        if VERSION >= (5, 50):  # before, batches may be for the queue alone
            _add(batch, text, gr.Textbox(label="Same text"), batch=True, max_batch_size=2)
        _add(steps, gr.Number(label="Count"), result)
    return app
