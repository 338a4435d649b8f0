"""An app that knows how many of its calls run at once, and which of them have begun."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps import runs
from tests.support.gradio.apps._endpoints import add, path_of, sha256_of

WAIT_SECONDS = 20

changed = threading.Condition()
inside = []
most = [0]


def meet(run, size):
    """Wait until so many runs are here at once, or were."""
    runs.begin(run)
    with changed:
        inside.append(run)
        most[0] = max(most[0], len(inside))
        changed.notify_all()
        changed.wait_for(lambda: most[0] >= size, WAIT_SECONDS)
        inside.remove(run)
    return run


def most_at_once(least):
    """Return how many there were at most, and count from so many on again."""
    with changed:
        found, most[0] = most[0], int(least)
    return found


def hold(run):
    """Wait for the test's sign."""
    runs.begin(run)
    runs.wait(run)
    return runs.tagged(run)


def fail_at(run, bad):
    """Fail for one run."""
    runs.begin(run)
    if run == bad:
        raise gr.Error(f"{run} is bad")
    return run


def describe(file, name):
    """Return a file with a line about another, and its checksum."""
    path = Path(tempfile.mkdtemp(), f"{name}.txt")
    path.write_text(f"{name} {path_of(file).stat().st_size}", encoding="utf-8")
    return str(path), sha256_of(file)


def build():
    """Return the app."""
    with gr.Blocks(title="Crowded") as app:
        text, number = gr.Textbox(label="Run"), gr.Number(label="Number", precision=0)
        add(meet, [text, number], gr.Textbox(label="Run"))
        add(most_at_once, number, gr.Number(label="Most", precision=0))
        add(hold, text, gr.Textbox(label="Tag"))
        add(fail_at, [text, gr.Textbox(label="Bad")], gr.Textbox(label="Run"))
        add(
            describe,
            [gr.File(label="File"), gr.Textbox(label="Name")],
            [gr.File(label="About"), gr.Textbox(label="Digest")],
        )
    return app
