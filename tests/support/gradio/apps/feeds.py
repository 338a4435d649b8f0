"""An app whose functions take streams of inputs, as from a microphone or a camera.

What streams is a component of the page; what goes in with it is up to the function, and is a text
here, so that chunks can be told apart.
"""

from __future__ import annotations

import threading
import time

import gradio as gr

from tests.support.gradio.apps._endpoints import VERSION

LIMIT = 1
PATIENCE = 30
ONE_RUN = (5, 0, 0)
LISTS_SOURCES = (4, 0, 0)
NO_CAMERA = (4, 0)  # it refuses every image that streams

released = {}


def listen(text, heard):
    """Return all that this session said so far, joined."""
    heard = [*heard, text]
    return " ".join(heard), heard


def mix(text, language="en"):
    """Return both."""
    return f"{text}/{language}"


def limited(text):
    """Return the text; a slow one takes longer than the limit of time."""
    if text == "slow":
        time.sleep(LIMIT * 1.2)
    return text


def fail(text):
    """Return the text, or fail."""
    if text == "bad":
        raise gr.Error("boom")
    return text


def hold(text):
    """Return the text; "held" is held until `release`."""
    if text.startswith("held"):
        released.setdefault(text, threading.Event()).wait(PATIENCE)
    return text


def release(text):
    """Let `hold` go on."""
    released.setdefault(text, threading.Event()).set()
    return text


def look(image):
    """Return the size of an image."""
    return f"{image.shape[1]}x{image.shape[0]}"


def hear(sound):
    """Return the rate of a sound and how many samples it has."""
    return f"{sound[0]} {len(sound[1])}"


def microphone():
    """Return an input that streams sounds."""
    if VERSION < LISTS_SOURCES:
        return gr.Audio(source="microphone", streaming=True, label="Sound")
    return gr.Audio(sources=["microphone"], streaming=True, label="Sound")


def camera():
    """Return an input that streams images."""
    if VERSION < LISTS_SOURCES:
        return gr.Image(source="webcam", streaming=True, label="Image")
    return gr.Image(sources=["webcam"], streaming=True, label="Image")


def build():
    """Return the app."""
    limit = {"time_limit": PATIENCE} if VERSION >= ONE_RUN else {}
    with gr.Blocks(title="Feeds") as app:
        sound, text = microphone(), gr.Textbox(label="Text")
        language, out = gr.Textbox("en", label="Language"), gr.Textbox(label="Out")
        state = gr.State([])
        sound.stream(listen, [text, state], [out, state], api_name="listen", **limit)
        sound.stream(mix, [text, language], out, api_name="mix", **limit)
        sound.stream(fail, text, out, api_name="fail", **limit)
        sound.stream(hold, text, out, api_name="hold", **limit)
        sound.stream(hear, sound, out, api_name="hear", **limit)
        if VERSION[:2] != NO_CAMERA:
            image = camera()
            image.stream(look, image, out, api_name="look", **limit)
        endless = {} if VERSION < ONE_RUN else {"time_limit": None}
        sound.stream(mix, [text, language], out, api_name="endless", **endless)
        if VERSION >= ONE_RUN:
            sound.stream(limited, text, out, api_name="limited", time_limit=LIMIT)
        gr.Button().click(release, text, text, api_name="release")
    return app
