"""The app for faulty networks: it writes down what runs, and knows what it answers."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps import runs
from tests.support.gradio.apps._endpoints import add, sha256_of

LONG_SECONDS = 0.2


def tag(run):
    """Return a text that only this run has."""
    runs.begin(run)
    return runs.answer(run, runs.tagged(run))


def slow_tag(run):
    """Do the same after a while."""
    runs.begin(run)
    time.sleep(LONG_SECONDS)
    return runs.answer(run, runs.tagged(run))


def held_tag(run):
    """Do the same after the test's sign."""
    runs.begin(run)
    runs.wait(run)
    return runs.answer(run, runs.tagged(run))


def yielded(run, values, hold):
    """Yield values, after so many of them (0: none) only when the test gives its sign."""
    runs.begin(run)
    for number, value in enumerate(values, 1):
        yield runs.answer(run, value)
        if number == hold:
            runs.wait(run)
        time.sleep(runs.STEP_SECONDS)


def count(run, n, hold):
    """Yield n texts."""
    yield from yielded(run, runs.counted(run, int(n)), hold)


def grow(run, n, hold):
    """Yield a text that grows n times."""
    yield from yielded(run, runs.grown(run, int(n)), hold)


def grow_list(run, n, hold):
    """Yield a list that grows n times."""
    yield from yielded(run, runs.grown_list(run, int(n)), hold)


def make_file(run):
    """Return a file."""
    runs.begin(run)
    path = Path(tempfile.mkdtemp(), f"{run}.txt")
    path.write_bytes(runs.content_of(run))
    runs.answer(run, runs.digest(path.read_bytes()))
    return str(path)


def take_file(run, file):
    """Return the SHA-256 of a file."""
    runs.begin(run)
    return runs.answer(run, sha256_of(file))


def plain_tag(run):
    """Return what `tag` does, without the queue."""
    return tag(run)


def plain_count(run, n, hold):
    """Yield what `count` does, without the queue."""
    yield from count(run, n, hold)


def add_all():
    """Add the endpoints; call it inside Blocks."""
    for function in (tag, slow_tag, held_tag, plain_tag):
        queue = None if function is not plain_tag else False
        add(function, gr.Textbox(label="Run"), gr.Textbox(label="Tag"), queue=queue)
    generators = (
        (count, gr.Textbox),
        (grow, gr.Textbox),
        (grow_list, gr.JSON),
        (plain_count, gr.Textbox),
    )
    for function, output in generators:
        numbers = [gr.Number(label="N", precision=0), gr.Number(label="Hold", precision=0)]
        queue = None if function is not plain_count else False
        add(function, [gr.Textbox(label="Run"), *numbers], output(label="Value"), queue=queue)
    add(make_file, gr.Textbox(label="Run"), gr.File(label="Made"))
    add(
        take_file,
        [gr.Textbox(label="Run"), gr.File(label="File")],
        gr.Textbox(label="SHA-256"),
    )


def build():
    """Return the app."""
    with gr.Blocks(title="Faulty") as app:
        add_all()
    return app
