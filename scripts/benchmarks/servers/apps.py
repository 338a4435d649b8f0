"""The apps that are measured against; a program for the Python that has the server's Gradio."""

from __future__ import annotations

import inspect
import os
import sys
import time
from collections.abc import Iterator  # noqa: TC003 - Gradio looks at annotations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

if TYPE_CHECKING:
    from collections.abc import Callable

# Nothing in the server shall hold calls back that a client sends at once.
CONCURRENCY = 40


def echo(value: Any) -> Any:
    """Return what comes."""
    return value


def wait(value: str) -> str:
    """Return what comes, after a while."""
    time.sleep(0.05)
    return value


def count(number: float) -> Iterator[str]:
    """Yield "1", "2", … up to the number."""
    yield from map(str, range(1, int(number) + 1))


def operation(prompt: str, strength: float, colour: str) -> str:
    """Do as told.

    Args:
        prompt: What to do.
        strength: How much of it.
        colour: In which colour.
    """
    return f"{prompt} {strength} {colour}"


def file_size(path: str) -> int:
    """Return the size of a file."""
    return Path(path).stat().st_size


def add_files(paths: list[str]) -> int:
    """Return the size of all files together."""
    return sum(map(file_size, paths))


def make_file(size: float) -> str:
    """Return a file of so many zeros, which takes no room."""
    path = Path(f"made-{size:.0f}.bin").absolute()
    if not path.exists():
        path.touch()
        os.truncate(path, int(size))
    return str(path)


def endpoints(number: str) -> gr.Blocks:
    """Return an app of so many functions, one or at least three, each with components of its own.

    The first does nothing in the queue, the second nothing past it, the third yields.
    """
    with gr.Blocks() as app:
        text = gr.Textbox()
        add(echo, text, text, "f")
        if int(number) > 1:
            add(echo, text, text, "direct", queue=False)
            add(count, gr.Number(), text, "count")
        for place in range(int(number) - 3):
            inputs = [
                gr.Textbox(label="Prompt"),
                gr.Slider(0, 100, 50, label="Strength"),
                gr.Dropdown(["red", "green", "blue"], value="red", label="Colour"),
            ]
            add(operation, inputs, gr.Textbox(label="Answer"), f"operation_{place}")
    return app


def files() -> gr.Blocks:
    """Return an app that takes, returns and passes on files."""
    with gr.Blocks() as app:
        file, several = gr.File(), gr.File(file_count="multiple")
        number = gr.Number()
        add(file_size, file, number, "size")
        add(add_files, several, number, "sizes")
        add(make_file, number, file, "make")
        add(echo, file, file, "same")
    return app


def waiting() -> gr.Blocks:
    """Return an app whose function takes 50 ms, with eight workers."""
    with gr.Blocks() as app:
        text = gr.Textbox()
        gr.Button().click(wait, text, text, api_name="wait", concurrency_limit=8)
    return app


def replayed() -> gr.Blocks:
    """Return the app that `replay` plays, as far as it says what it is."""
    with gr.Blocks() as app:
        text, number, values = gr.Textbox(), gr.Number(), gr.JSON()
        add(echo, text, text, "f")
        add(echo, text, text, "direct", queue=False)
        add(count, number, text, "count")
        add(count, number, text, "grow")
        add(echo, number, values, "big")
    return app


def add(
    function: Callable[..., Any], inputs: Any, outputs: Any, name: str, *, queue: bool = True
) -> None:
    """Add a function under a name."""
    gr.Button().click(function, inputs, outputs, api_name=name, queue=queue)


APPS: dict[str, Callable[..., gr.Blocks]] = {
    each.__name__: each for each in (endpoints, files, waiting, replayed)
}


def main() -> None:
    """Run the app that the arguments name until standard input ends."""
    ready = os.dup(1)
    os.dup2(2, 1)  # what Gradio prints is no address
    kind, *arguments = sys.argv[1:]
    app = APPS[kind](*arguments)
    known = inspect.signature(app.queue).parameters
    limit = "concurrency_count" if gr.__version__ < "4" else "default_concurrency_limit"
    app.queue(**{limit: CONCURRENCY} if limit in known else {})
    _, url, _ = app.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    os.write(ready, f"{url.rstrip('/')}\n".encode())
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
