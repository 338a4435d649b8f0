"""An app without state that says which process answers; `replicated_slow` is a slow copy of it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import gradio as gr

PID = str(os.getpid())


def build(*, seconds=0.0):
    """Return the app, whose `work` takes so long."""

    def work(text):
        time.sleep(seconds)
        return f"{text} {PID}"

    with gr.Blocks(title="Replicated") as app:
        _add(work, gr.Textbox(label="Text"), gr.Textbox(label="Result"))
        _add(log, [gr.Textbox(label="Path"), gr.Textbox(label="Line")], gr.Textbox(label="Result"))
        _add(write, gr.Textbox(label="Text"), gr.File(label="Written"))
        _add(read, gr.File(label="File"), gr.Textbox(label="Content"))
        _add(count, gr.Textbox(label="Text"), gr.Textbox(label="Number"))
    return app


def _add(function, inputs, outputs):
    name = function.__name__
    gr.Button(name).click(function, inputs, outputs, api_name=name)


def log(path, line):
    """Write a line down, then wait while there is another file beside it, and say who does."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    while Path(f"{path}.hold").exists():
        Path(f"{path}.{PID}").touch()
        time.sleep(0.02)
    return f"{line} {PID}"


def write(text):
    """Return a file."""
    path = Path(tempfile.mkdtemp(), "written.txt")
    path.write_text(text, encoding="utf-8")
    return str(path)


def read(file):
    """Return what is in a file."""
    path = file if isinstance(file, str) else file.name
    return f"{Path(path).read_text(encoding='utf-8')} {PID}"


def count(text):
    """Yield three times."""
    for number in range(3):
        yield f"{text} {number}"
