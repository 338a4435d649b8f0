"""The app of the documentation: what an ordinary author would put on a page."""

from __future__ import annotations

import time

import gradio as gr

TICK = 0.05


def greet(name, times):
    """Greet somebody."""
    return f"Hello, {name}" + "!" * int(times)


def resize(image, width):
    """Make an image smaller or larger; its proportions stay."""
    height = round(image.height * int(width) / image.width)
    return image.resize((int(width), height))


def collage(images):
    """Say how large the images of a gallery are."""
    return ", ".join(f"{image.width} x {image.height}" for image, _ in images)


def count(up_to):
    """Count slowly."""
    for number in range(1, int(up_to) + 1):
        time.sleep(TICK)
        yield f"{number} of {int(up_to)}"


def classify(text, about):
    """Say what a text is about."""
    if about == "mood":
        return "glad" if "!" in text else "calm"
    return "English" if " the " in f" {text} " else "unknown"


def measure(text):
    """Count the words and the characters of a text."""
    return len(text.split()), len(text)


def average(table):
    """Average each column of numbers."""
    numbers = table.apply(lambda column: column.astype(float))
    return numbers.mean().to_frame().T


def divide(dividend, divisor):
    """Divide two numbers."""
    if not divisor:
        raise gr.Error("Nothing can be divided by zero.")
    return dividend / divisor


def train(steps, bar=gr.Progress()):
    """Train for so many steps, and report on the way."""
    gr.Info("Training begins")
    for _ in bar.tqdm(range(int(steps)), desc="Training"):
        time.sleep(TICK)
    return f"trained for {int(steps)} steps"


def chat(message, history):
    """Answer a message of a chat."""
    answer = f"You said {message['text']!r}."
    if message["files"]:
        answer += f" Files: {len(message['files'])}."
    said = {"role": "user", "content": message["text"]}
    return [*history, said, {"role": "assistant", "content": answer}]


def build():
    """Return the app."""
    with gr.Blocks(title="Workshop") as app:
        _add_texts()
        _add_files()
        _add_slow()
    return app


def _add(function, inputs, outputs):
    name = function.__name__
    gr.Button(name).click(function, inputs, outputs, api_name=name)


def _add_texts():
    _add(
        greet,
        [gr.Textbox(label="Name"), gr.Slider(1, 5, value=1, step=1, label="Times")],
        gr.Textbox(label="Greeting"),
    )
    topics = gr.Radio([("Its mood", "mood"), ("Its language", "language")], value="mood")
    topics.label = "About"
    _add(classify, [gr.Textbox(label="Text"), topics], gr.Textbox(label="Class"))
    counts = [gr.Number(label="Words", precision=0), gr.Number(label="Characters", precision=0)]
    _add(measure, gr.Textbox(label="Text"), counts)
    numbers = [gr.Number(label="Dividend"), gr.Number(label="Divisor", value=1)]
    _add(divide, numbers, gr.Number(label="Quotient"))


def _add_files():
    size = gr.Slider(16, 1024, value=256, step=1, label="Width")
    photo = gr.Image(label="Image", type="pil", format="png")
    _add(resize, [photo, size], gr.Image(label="Resized", type="pil", format="png"))
    _add(collage, gr.Gallery(label="Images", type="pil"), gr.Textbox(label="Sizes"))
    _add(average, gr.Dataframe(label="Table"), gr.Dataframe(label="Averages"))


def _add_slow():
    _add(count, gr.Number(label="Up to", value=3, precision=0), gr.Textbox(label="Number"))
    _add(train, gr.Number(label="Steps", value=3, precision=0), gr.Textbox(label="Result"))
    message = gr.MultimodalTextbox(label="Message", file_count="multiple")
    talk = gr.Chatbot(label="History")
    _add(chat, [message, talk], talk)
