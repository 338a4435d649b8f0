"""What the apps share: how an endpoint is added, and the endpoints that need no state.

Rule: one Gradio function for each endpoint, called like the endpoint.
"""

from __future__ import annotations

import hashlib
import inspect
import threading
import time
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps import CONCURRENCY, sequences

VERSION = tuple(int(part) for part in gr.__version__.split(".")[:3])
STEP_SECONDS = 0.05
QUIET_SECONDS = 2
WAIT_SECONDS = 20


def add(function, inputs, outputs, *, concurrency_limit=CONCURRENCY, preprocess=True, queue=None):
    """Add an endpoint that has the function's name, with a button that calls it."""
    name = function.__name__
    button = gr.Button(name)
    options = supported(button.click, concurrency_limit=concurrency_limit)
    if queue is not None:  # what the default means is not the same in all versions
        options["queue"] = queue
    options["preprocess"] = preprocess
    button.click(function, inputs, outputs, api_name=name, **options)


def supported(target, **options):
    """Return those options that this version of Gradio has for the target."""
    known = inspect.signature(target).parameters
    return {name: value for name, value in options.items() if name in known}


def path_of(file):
    """Return the path of what a File component passes: a temporary file before Gradio 4."""
    return Path(getattr(file, "name", file))


def sha256_of(file):
    """Return the checksum of such a file, or of nothing an empty text."""
    return hashlib.sha256(path_of(file).read_bytes()).hexdigest() if file else ""


class Run:
    """One run of `endless`, as far as it is known."""

    def __init__(self):
        self.yields = 0
        self.last = time.monotonic()
        self.closed = threading.Event()

    def step(self):
        """Count a value, and return how many there were."""
        self.yields += 1
        self.last = time.monotonic()
        return self.yields

    def goes_on(self):
        """Whether it is neither closed nor left alone; Gradio 4 does not close what it cancels."""
        return not self.closed.is_set() and time.monotonic() - self.last < QUIET_SECONDS


runs = {}


def echo(text):
    """Return the text."""
    return text


def count(n):
    """Yield "1", "2", … up to n."""
    yield from sequences.numbers(int(n))


def slow(seconds):
    """Return after so many seconds."""
    time.sleep(float(seconds))
    return f"slept {seconds}"


def queued(seconds):
    """Do the same, one call at a time (from Gradio 4 on)."""
    return slow(seconds)


def file_hash(file):
    """Return the SHA-256 of the file."""
    return sha256_of(file)


def endless(token):
    """Yield 1, 2, … until closed; the token names this run."""
    run = runs[token] = Run()
    try:
        while True:
            yield run.step()
            time.sleep(STEP_SECONDS)
    finally:
        run.closed.set()


def alive(token):
    """Say whether the run of this token goes on."""
    return token in runs and runs[token].goes_on()


def yields(token):
    """Return how many values the run of this token has yielded."""
    return runs[token].yields if token in runs else 0


def wait_begin(token):
    """Wait until Gradio has taken the first value of this token's run, and say whether it has.

    Before that, Gradio 4.9 to 4.30 knows of no run that it could reset; and that it notices that
    nobody reads its stream any more is left to chance there.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while yields(token) <= 1 and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)
    return yields(token) > 1


def wait_end(token):
    """Wait until the run of this token has ended, and say whether it has."""
    deadline = time.monotonic() + WAIT_SECONDS
    while token in runs and runs[token].goes_on() and time.monotonic() < deadline:
        runs[token].closed.wait(STEP_SECONDS)
    return token in runs and not runs[token].goes_on()


def add_stateless():
    """Add the endpoints above; call it inside Blocks."""
    add(echo, gr.Textbox(label="Text"), gr.Textbox(label="Same text"))
    add(count, gr.Number(label="Up to", precision=0), gr.Textbox(label="Number"))
    add(slow, gr.Number(label="Seconds"), gr.Textbox(label="Done"))
    add(queued, gr.Number(label="Seconds"), gr.Textbox(label="Done"), concurrency_limit=1)
    add(file_hash, gr.File(label="File"), gr.Textbox(label="SHA-256"))
    add(endless, gr.Textbox(label="Token"), gr.Number(label="Yields"))
    add(alive, gr.Textbox(label="Token"), gr.Checkbox(label="Running"))
    add(yields, gr.Textbox(label="Token"), gr.Number(label="Yields", precision=0))
    add(wait_begin, gr.Textbox(label="Token"), gr.Checkbox(label="Running"))
    add(wait_end, gr.Textbox(label="Token"), gr.Checkbox(label="Ended"))
