"""The apps that are measured against, run as a program by the Python that has the server's Gradio.

Rule: standard output carries one line, the app's address, when it is ready; the end of standard
input ends the process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

if TYPE_CHECKING:
    from collections.abc import Callable

# Nothing in the server shall hold calls back that a client sends at once.
CONCURRENCY = 40


def calls() -> gr.Blocks:
    """Return an app whose one function does nothing."""
    with gr.Blocks() as app:
        text = gr.Textbox()
        gr.Button().click(lambda value: value, text, text, api_name="f")
    return app


def uploads() -> gr.Blocks:
    """Return an app whose one function takes a file, and tells its size."""
    with gr.Blocks() as app:
        file, size = gr.File(), gr.Number()
        gr.Button().click(lambda path: Path(path).stat().st_size, file, size, api_name="f")
    return app


def endpoints(functions: str, sets: str) -> gr.Blocks:
    """Return an app of so many functions, which share so many sets of components."""
    with gr.Blocks() as app:
        shared = [_components() for _ in range(int(sets))]
        for place in range(int(functions)):
            inputs, output = shared[place % len(shared)]
            app.load(_operation, inputs, output, api_name=f"operation_{place}")
    return app


def _components() -> tuple[list[gr.components.Component], gr.components.Component]:
    """Return the inputs and the output of a function."""
    inputs = [
        gr.Textbox(label="Prompt"),
        gr.Slider(0, 100, 50, label="Strength"),
        gr.Dropdown(["red", "green", "blue"], value="red", label="Colour"),
    ]
    return inputs, gr.Textbox(label="Answer")


def _operation(prompt: str, strength: float, colour: str) -> str:
    """Do as told.

    Args:
        prompt: What to do.
        strength: How much of it.
        colour: In which colour.
    """
    return f"{prompt} {strength} {colour}"


def main() -> None:
    """Run the app that the arguments name until standard input ends."""
    ready = os.dup(1)
    os.dup2(2, 1)  # what Gradio prints is no address
    kind, *arguments = sys.argv[1:]
    kinds: dict[str, Callable[..., gr.Blocks]] = {
        "calls": calls,
        "uploads": uploads,
        "endpoints": endpoints,
    }
    app = kinds[kind](*arguments)
    app.queue(default_concurrency_limit=CONCURRENCY)
    _, url, _ = app.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    os.write(ready, f"{url.rstrip('/')}\n".encode())
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
