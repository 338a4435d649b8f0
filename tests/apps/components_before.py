"""An endpoint for each component of Gradio before 4.44, with the properties that change its values.

Rule: every endpoint has two outputs, the same component again and what the function was given.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import gradio as gr

from tests.apps._described import described
from tests.apps._endpoints import VERSION, add, supported

COMPONENTS = gr.components
CHOICES = ["a", "b", "c"]
IS_3 = VERSION < (4,)


def again(value):
    """Return the value."""
    return value


def paths(value):
    """Return the paths of what file components pass before Gradio 4: open temporary files."""
    if isinstance(value, list):
        return [paths(item) for item in value]
    return getattr(value, "name", value)


def echo(name, kind, back=again, got=described, show=None, **options):
    """Add the endpoint of a component, shown in another one or in one of its kind."""
    if isinstance(kind, str):
        kind = getattr(gr, kind, None) or getattr(COMPONENTS, kind, None)
    if kind is None:
        return

    def function(value):
        return back(value), {"got": got(value)}

    function.__name__ = name
    options = supported(kind, label="Value", **options)
    add(function, kind(**options), [show or kind(**options), gr.JSON(label="Got")])


def texts():
    """Add what is text or number."""
    echo("textbox", gr.Textbox)
    echo("number", gr.Number)
    echo("number_whole", gr.Number, precision=0)
    echo("slider", gr.Slider, minimum=0, maximum=10, step=0.1)
    echo("checkbox", gr.Checkbox)
    for name, options in (("", {}), ("_index", {"type": "index"})):
        fixed = {"show": gr.JSON(label="Value")} if options else {}
        echo(f"checkboxgroup{name}", gr.CheckboxGroup, choices=CHOICES, **options, **fixed)
        echo(f"radio{name}", gr.Radio, choices=CHOICES, **options, **fixed)
        echo(f"dropdown{name}", gr.Dropdown, choices=CHOICES, **options, **fixed)
        echo(
            f"dropdowns{name}",
            gr.Dropdown,
            choices=CHOICES,
            multiselect=True,
            **options,
            **fixed,
        )
    echo("dropdown_custom", gr.Dropdown, choices=CHOICES, allow_custom_value=True)
    for kind in ("ColorPicker", "Code", "HTML", "Markdown", "Button"):
        echo(kind.lower(), kind)


def data():
    """Add what is more than a text, and no file."""
    echo("json", gr.JSON)
    echo("label", gr.Label, back_label)
    echo("highlightedtext", gr.HighlightedText, back_tokens)
    echo("dataframe", gr.Dataframe)
    echo("dataframe_array", gr.Dataframe, type="array", headers=["first", "second"])
    echo("dataframe_numpy", gr.Dataframe, type="numpy", col_count=(2, "fixed"))
    echo("timeseries", "Timeseries", x="t", y="v")
    echo("plot", gr.Plot, lambda _: None)
    folder = {"root" if IS_3 else "root_dir": str(Path(__file__).parent)}
    echo("fileexplorer", "FileExplorer", **folder)
    echo("fileexplorer_one", "FileExplorer", file_count="single", **folder)


def back_label(value):
    """Return the value as a Label of Gradio 3 takes it: a function gets what the page has."""
    return {one["label"]: one["confidence"] for one in value["confidences"]} if value else None


def back_tokens(value):
    """Return tokens as pairs."""
    return value and [
        tuple(token) if isinstance(token, list | tuple) else tuple(token.values())
        for token in value
    ]


def images():
    """Add what is an image."""
    for kind in ("numpy", "pil", "filepath"):
        echo(f"image_{kind}", gr.Image, type=kind)
    if IS_3:
        for tool in ("select", "color-sketch"):
            echo(f"image_{tool}", gr.Image, tool=tool)
        echo("image_canvas", gr.Image, source="canvas")
        for source in ("upload", "webcam"):
            echo(
                f"sketch_{source}",
                gr.Image,
                lambda value: value and value["image"],
                tool="sketch",
                source=source,
                mirror_webcam=False,
            )
    else:
        echo("imageeditor", "ImageEditor")
    echo("gallery", gr.Gallery, back_gallery)
    echo("annotatedimage", "AnnotatedImage", lambda _: None)


def back_gallery(value):
    """Return what goes into a gallery: paths, with captions where there are any."""
    shown = []
    for item in value or []:
        image, caption = item if isinstance(item, list | tuple) else (item, None)
        path = image if isinstance(image, str) else image.get("name") or image.get("path")
        shown.append(path if caption is None else (path, caption))
    return shown


def files():
    """Add what is a file."""
    for kind in ("numpy", "filepath"):
        echo(f"audio_{kind}", gr.Audio, type=kind)
    echo("audio_microphone", gr.Audio, source="microphone", sources=["microphone"])
    echo("video", gr.Video)
    echo("video_titled", gr.Video, titled)
    echo("model3d", gr.Model3D)
    for kind in (gr.File, gr.UploadButton):
        name = kind.__name__.lower()
        for count in ("single", "multiple", "directory"):
            echo(
                f"{name}_{count}",
                kind,
                paths,
                got=lambda value: described(paths(value)),
                file_count=count,
            )
        binary = "binary" if not IS_3 or kind is gr.File else "bytes"
        echo(f"{name}_bytes", kind, lambda _: None, type=binary)


def titled(value):
    """Return the video with subtitles, where they can be shown."""
    if value is None or VERSION < (3, 30):
        return value
    path = Path(tempfile.mkdtemp()) / "film.vtt"
    path.write_text("WEBVTT\n\n00:00.000 --> 00:00.100\nhi\n")
    return value, str(path)


def chats():
    """Add what is said."""
    echo("chatbot", gr.Chatbot, back_chat)


def back_chat(value):
    """Return turns as a chat takes them."""
    return [[tuple(said) if isinstance(said, list) else said for said in turn] for turn in value]


def build():
    """Return the app."""
    with gr.Blocks(title="Components before 4.44") as app:
        texts()
        data()
        images()
        files()
        chats()
    return app
