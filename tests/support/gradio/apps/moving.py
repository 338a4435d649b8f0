"""The app of the pages for those who come from other clients: few functions, one of each kind."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import gradio as gr


def calculate(num1, operation, num2):
    """Return the result of an operation."""
    if operation == "divide" and num2 == 0:
        raise gr.Error("Cannot divide by zero!")
    operations = {
        "add": num1 + num2,
        "subtract": num1 - num2,
        "multiply": num1 * num2,
        "divide": num1 / (num2 or 1),
    }
    return operations[operation]


def split(text):
    """Return the first word and how many follow."""
    first, *others = text.split()
    return first, len(others)


def count(steps):
    """Yield "0", "1", … below the number of steps."""
    yield from map(str, range(int(steps)))


def duration(seconds):
    """Yield how many of the seconds are over, at each of them."""
    yield f"Dur:{seconds}"
    for second in range(int(seconds)):
        yield str(second)
    yield "Finished"


def shout(file):
    """Return the file in upper case."""
    path = Path(tempfile.mkdtemp(), f"loud {Path(file).name}")
    path.write_text(Path(file).read_text(encoding="utf-8").upper(), encoding="utf-8")
    return str(path)


def read(file):
    """Return what the file says."""
    return Path(file).read_text(encoding="utf-8")


def remember(word, words):
    """Return all words of a session so far."""
    words = [*words, word]
    return " ".join(words), words


def fail_late(text):
    """Yield a text, then raise a message for the user."""
    yield text
    raise gr.Error("It broke.", title="Too late")


def crash(text):
    """Raise what the user is not told."""
    raise ValueError(text)


def tell(text):
    """Tell the user something, and return the text."""
    gr.Info("It begins.")
    return text


def wait(seconds):
    """Yield every moment until so many seconds are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield "waiting"
        time.sleep(0.05)


def advance(steps, bar=gr.Progress()):
    """Take so many steps, with a progress bar."""
    for _ in bar.tqdm(range(int(steps)), desc="Stepping"):
        time.sleep(0.01)
    return f"{int(steps)} steps"


def discard(text):
    """Return nothing."""


def admit(age):
    """Return a greeting."""
    return f"Welcome with {int(age)}."


def check_age(age):
    """Tell whether somebody is old enough."""
    return gr.validate(age >= 18, "Too young.")


def hide(text):
    """Return an update."""
    return gr.update(value=text, visible=False)


def build():
    """Return the app."""
    with gr.Blocks(title="Moving") as app:
        _add_texts()
        _add_files()
        word, words, button = gr.Textbox(label="Word"), gr.State([]), gr.Button()
        button.click(
            remember, [word, words], [gr.Textbox(label="Words"), words], api_name="remember"
        )
    return app


def _add(function, inputs, outputs, **options):
    gr.Button(function.__name__).click(
        function, inputs, outputs, api_name=function.__name__, **options
    )


def _add_texts():
    text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
    number = gr.Number(label="Number", value=3)
    choices = gr.Radio(["add", "subtract", "multiply", "divide"], label="Operation", value="add")
    _add(calculate, [number, choices, gr.Number(label="Other")], gr.Number(label="Output"))
    _add(split, text, [gr.Textbox(label="First word"), gr.Number(label="Others")])
    steps = gr.Slider(0, 100, value=3, step=1, label="Steps")
    _add(count, steps, result)
    _add(duration, gr.Textbox(label="Duration", value="5"), result)
    for function in (fail_late, crash, tell, hide):
        _add(function, text, result)
    _add(wait, gr.Number(label="Seconds"), result)
    _add(advance, gr.Slider(0, 100, value=3, step=1, label="Steps"), result)
    _add(discard, text, None)
    _add(admit, gr.Number(label="Age"), result, validator=check_age)
    gr.Button("unlisted").click(
        str.upper, text, result, api_name="unlisted", api_visibility="undocumented"
    )
    gr.Button("private").click(
        str.upper, text, result, api_name="private", api_visibility="private"
    )


def _add_files():
    _add(shout, gr.File(label="File"), gr.File(label="Loud file"))
    _add(read, gr.File(label="File"), gr.Textbox(label="Content"))
