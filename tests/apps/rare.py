"""What few apps have: batches, failures that are hidden halfway, functions past the queue."""

from __future__ import annotations

import gradio as gr

from tests.apps import sequences
from tests.apps._endpoints import supported


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
    return app
