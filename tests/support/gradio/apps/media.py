"""An app that streams audio and video: every chunk is one tone, or one colour.

Rule: needs ffmpeg, as Gradio itself does for streams from 5.0 on.
"""

from __future__ import annotations

import functools
import io
import itertools
import queue
import subprocess
import tempfile
import threading
import time
import wave
from pathlib import Path

import gradio as gr
import numpy as np

from tests.support.gradio.apps._endpoints import VERSION, add

RATE = 16000
SECONDS = 1
TONES = (400, 800, 1600)
COLOURS = ("red", "lime", "blue")
VIDEO = (5, 0, 0)
PATIENCE = 30

released = {}
parts = {}


def samples(frequency):
    """Return a tone."""
    times = np.arange(RATE * SECONDS) / RATE
    return (np.sin(2 * np.pi * frequency * times) * 20000).astype(np.int16)


def wav(frequency):
    """Return a tone as the bytes of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples(frequency).tobytes())
    return buffer.getvalue()


@functools.cache
def clip(colour):
    """Return the path of a second of one colour, as MPEG-TS; from ffmpeg."""
    path = Path(tempfile.mkdtemp()) / f"{colour}.ts"
    source = f"color=c={colour}:size=64x64:rate=10:duration={SECONDS}"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-f", "mpegts", str(path)], check=True)
    return str(path)


def speak(n):
    """Yield tones as bytes."""
    for frequency in TONES[: int(n)]:
        yield wav(frequency)


def play(n):
    """Yield tones as rate and samples."""
    for frequency in TONES[: int(n)]:
        yield RATE, samples(frequency)


def both(n):
    """Yield a text and a tone."""
    for number, frequency in enumerate(TONES[: int(n)], 1):
        yield f"part {number}", wav(frequency)


def hold(token):
    """Yield a tone, wait for `release`, and yield another."""
    event = released.setdefault(token, threading.Event())
    yield wav(TONES[0])
    event.wait(PATIENCE)
    yield wav(TONES[1])


def pace(token):
    """Yield tones, each as soon as it is released, until the end is."""
    for frequency in itertools.cycle(TONES):
        if not is_released(token):
            return
        yield wav(frequency)


def pace_film(token):
    """Yield colours as clips in the same way."""
    for colour in COLOURS:
        if not is_released(token):
            return
        yield clip(colour)


def is_released(token):
    """Wait for `release`; return whether there is to be another part."""
    return parts.setdefault(token, queue.SimpleQueue()).get(timeout=PATIENCE)


def release_part(token, another):
    """Let one more part be yielded, or no more."""
    parts.setdefault(token, queue.SimpleQueue()).put(another)
    return token


def break_later(token):
    """Yield a tone, wait for `release`, then fail."""
    yield wav(TONES[0])
    released.setdefault(token, threading.Event()).wait(PATIENCE)
    raise gr.Error("boom")


def release(token):
    """Let what waits for the token go on."""
    released.setdefault(token, threading.Event()).set()
    return token


def break_off(n):
    """Yield tones, then fail."""
    yield from speak(n)
    raise gr.Error("boom")


def endless(token):
    """Yield a tone over and over."""
    while not released.setdefault(token, threading.Event()).is_set():
        yield wav(TONES[0])
        time.sleep(0.05)


def film(n):
    """Yield colours as clips."""
    for colour in COLOURS[: int(n)]:
        yield clip(colour)


def audio():
    """Return an output for a stream of audio."""
    return gr.Audio(label="Sound", streaming=True)


def add_media():
    """Add the endpoints above; call it inside Blocks."""
    number = functools.partial(gr.Number, label="Number", precision=0)
    token = functools.partial(gr.Textbox, label="Token")
    add(speak, number(), audio())
    add(play, number(), audio())
    add(both, number(), [gr.Textbox(label="Text"), audio()])
    add(hold, token(), audio())
    add(pace, token(), audio())
    add(release_part, [token(), gr.Checkbox(label="Another")], token())
    add(break_later, token(), audio())
    add(release, token(), token())
    add(break_off, number(), audio())
    add(endless, token(), audio())
    if VERSION >= VIDEO:
        add(pace_film, token(), gr.Video(label="Film", streaming=True))
        add(film, number(), gr.Video(label="Film", streaming=True))


def build():
    """Return the app."""
    with gr.Blocks(title="Media") as app:
        add_media()
    return app
