"""What few apps have: batches, checks, streamed inputs, late failures, functions past the queue."""

from __future__ import annotations

import time

import gradio as gr

from tests.support.gradio.apps import sequences
from tests.support.gradio.apps._endpoints import VERSION, supported

STREAMS = VERSION >= (5, 0, 0)  # since then inputs are streamed within one call

counts = {"hold": 0, "direct_hold": 0, "streamed": 0}


def batch(texts, numbers):
    """Return both lists, marked."""
    return [f"text {text}" for text in texts], [f"number {number}" for number in numbers]


def crash_late():
    """Yield "first", then raise what the user is not told."""
    yield "first"
    raise ValueError("secret detail")


def direct_echo(text):
    """Return the text."""
    return text


def direct_count(n):
    """Yield "1", "2", … up to n."""
    yield from sequences.numbers(int(n))


def direct_crash_late():
    """Do what `crash_late` does."""
    yield from crash_late()


def neither():
    """Take nothing, return nothing."""


def empty():
    """Yield nothing at all."""
    yield from ()


def hold(seconds):
    """Return after so many seconds."""
    counts["hold"] += 1
    time.sleep(seconds)
    return seconds


def direct_hold(seconds):
    """Return after so many seconds."""
    counts["direct_hold"] += 1
    time.sleep(seconds)
    return seconds


def counted(name):
    """Return how often the function of this name has run."""
    return counts[name]


def checked(name, age):
    """Return both; the name must have letters, and the age be no number below zero."""
    return f"{name} {age}"


def check(name, age):
    """Say what is wrong with which of the arguments."""
    return [
        gr.validate(name.isalpha(), "Only letters, please"),
        gr.validate(age >= 0, "Too young"),
    ]


def streamed(image):
    """Return the size of one image of many that come."""
    counts["streamed"] += 1
    return f"{image.width} x {image.height}"


def streamed_parts(image):
    """Yield the width and then the height of one image of many that come."""
    yield f"{image.width}"
    yield f"{image.height}"


def _add(function, inputs, outputs, **options):
    button = gr.Button(function.__name__)
    button.click(
        function,
        inputs,
        outputs,
        api_name=function.__name__,
        **supported(button.click, **options),
    )


def build():
    """Return the app."""
    with gr.Blocks(title="Rare") as app:
        _add(
            batch,
            [gr.Textbox(label="Text"), gr.Number(label="Number", precision=0)],
            [gr.Textbox(label="Same text"), gr.Textbox(label="Same number")],
            batch=True,
            max_batch_size=4,
        )
        _add(crash_late, [], gr.Textbox(label="Before the failure"))
        _add(direct_echo, gr.Textbox(label="Text"), gr.Textbox(label="Same text"), queue=False)
        _add(direct_count, gr.Number(label="Up to"), gr.Textbox(label="Number"), queue=False)
        _add(direct_crash_late, [], gr.Textbox(label="Before the failure"), queue=False)
        _add(neither, [], [])
        _add(empty, [], gr.Textbox(label="Never"))
        _add(hold, gr.Number(label="Seconds"), gr.Number(label="Same"), concurrency_limit=1)
        _add(direct_hold, gr.Number(label="Seconds"), gr.Number(label="Same"), queue=False)
        _add(counted, gr.Textbox(label="Name"), gr.Number(label="Runs", precision=0), queue=False)
        if hasattr(gr, "validate"):
            person = [gr.Textbox(label="Name"), gr.Number(label="Age", precision=0)]
            _add(checked, person, gr.Textbox(label="Person"), validator=check)
        if STREAMS:
            for function in (streamed, streamed_parts):
                image = gr.Image(type="pil", sources=["webcam"], streaming=True)
                size = gr.Textbox(label="Size")
                image.stream(function, image, size, api_name=function.__name__)
    return app
