"""An endpoint for each component of Gradio before 4.44, with the properties that change its values.

Rule: every endpoint has two outputs, the same component again and, as JSON text, what the function
was given; files by their content.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

import gradio as gr
import pandas as pd

from tests.support.gradio.apps._described import described, digest
from tests.support.gradio.apps._endpoints import VERSION, add, supported

CHOICES = ["a", "b", "c"]
IS_3 = VERSION < (4,)


def again(value):
    """Return the value."""
    return value


def nothing(value):
    """Show nothing, where a component does not take back what it gives."""
    del value


def echo(name, kind, back=again, got=described, show=None, *, preprocess=True, **options):
    """Add the endpoint of a component, shown in another one or in one of its kind."""
    if isinstance(kind, str):
        kind = getattr(gr, kind, None) or getattr(gr.components, kind, None)
    if kind is None:
        return

    def function(value):
        return back(value), json.dumps(got(value))

    function.__name__ = name
    options = supported(kind, label="Value", **options)
    shown = [show or kind(**options), gr.Textbox(label="Got")]
    add(function, kind(**options), shown, preprocess=preprocess)


def texts():
    """Add what is text or number."""
    echo("textbox", gr.Textbox)
    echo("number", gr.Number)
    echo("number_whole", gr.Number, precision=0)
    echo("slider", gr.Slider, minimum=0, maximum=10, step=0.1)
    echo("checkbox", gr.Checkbox)
    for name, options in (("", {}), ("_index", {"type": "index"})):
        show = nothing if options else again
        echo(f"checkboxgroup{name}", gr.CheckboxGroup, show, choices=CHOICES, **options)
        echo(f"radio{name}", gr.Radio, show, choices=CHOICES, **options)
        echo(f"dropdown{name}", gr.Dropdown, show, choices=CHOICES, **options)
        several = {"multiselect": True, **options}
        echo(f"dropdowns{name}", gr.Dropdown, show, choices=CHOICES, **several)
    echo("dropdown_custom", gr.Dropdown, choices=CHOICES, allow_custom_value=True)
    for kind in ("ColorPicker", "Code", "HTML", "Markdown", "Button"):
        echo(kind.lower(), kind)


def data():
    """Add what is more than a text, and no file."""
    echo("json", gr.JSON)
    echo("label", gr.Label, confidences)
    echo("highlightedtext", gr.HighlightedText, tokens)
    echo("dataframe", gr.Dataframe)
    echo("dataframe_array", gr.Dataframe, type="array", headers=["first", "second"])
    fixed = {"headers": ["first", "second"], "col_count": (2, "fixed")}
    echo("dataframe_fixed", gr.Dataframe, type="numpy", **fixed)
    echo("timeseries", "Timeseries", x="t", y="v")
    echo("plot", gr.Plot, nothing)
    if IS_3:
        echo("barplot", "BarPlot", bars, x="t", y="v")
    folder = {"root": str(Path(__file__).parent), "root_dir": str(Path(__file__).parent)}
    echo("fileexplorer", "FileExplorer", **folder)
    echo("fileexplorer_one", "FileExplorer", file_count="single", **folder)


def bars(value):
    """Return a table to be shown as bars."""
    return value and pd.DataFrame({"t": [1, 2], "v": [3, 4]})


def confidences(value):
    """Return labels as a Label takes them, which before Gradio 4 gives what the page has."""
    if value and "confidences" in value:
        return {one["label"]: one["confidence"] for one in value["confidences"]}
    return value


def tokens(value):
    """Return tokens as pairs."""
    pairs = value.root if hasattr(value, "root") else value
    return pairs and [_pair(token) for token in pairs]


def _pair(token):
    if hasattr(token, "token"):
        return token.token, token.class_or_confidence
    return tuple(token.values()) if isinstance(token, dict) else tuple(token)


def images():
    """Add what is an image."""
    for kind in ("numpy", "pil", "filepath"):
        echo(f"image_{kind}", gr.Image, type=kind)
    if IS_3:
        for tool in ("select", "color-sketch"):
            echo(f"image_{tool.replace('-', '_')}", gr.Image, tool=tool)
        echo("image_canvas", gr.Image, source="canvas")
        for source in ("upload", "webcam"):
            drawn = {"tool": "sketch", "source": source, "mirror_webcam": False}
            echo(f"sketch_{source}", gr.Image, lambda value: value and value["image"], **drawn)
    echo("imageeditor", "ImageEditor", nothing)
    echo("gallery", gr.Gallery, pictures, lambda value: described(contents(value)))
    echo("annotatedimage", "AnnotatedImage", nothing, lambda value: described(contents(value)))


def path_of(file):
    """Return the path of what stands for a file on the page of any version."""
    if hasattr(file, "path"):
        return file.path
    if isinstance(file, dict) and str(file.get("data") or "").startswith("data:"):
        path = Path(tempfile.mkdtemp()) / "image.png"
        path.write_bytes(base64.b64decode(file["data"].partition(",")[2]))
        return str(path)
    return file.get("name") or file.get("path") if isinstance(file, dict) else file


def parts(value):
    """Return what a component without a function of its own gives, as lists."""
    value = value.model_dump() if hasattr(value, "model_dump") else value
    is_file = isinstance(value, dict) and {"name", "path"} & value.keys()
    return list(value.values()) if isinstance(value, dict) and not is_file else value


def contents(value):
    """Return the same with the contents of files in their places."""
    value = parts(value)
    is_file = isinstance(value, dict) and {"name", "path"} & value.keys()
    if is_file:
        return {"file": digest(Path(path_of(value)).read_bytes())}
    return [contents(item) for item in value] if isinstance(value, list | tuple) else value


def pictures(value):
    """Return what goes into a gallery: paths, with captions where there are any."""
    shown = []
    for item in parts(value) or []:
        known = parts(item)
        image, caption = known if isinstance(known, list | tuple) else (known, None)
        shown.append(path_of(image) if caption is None else (path_of(image), caption))
    return shown


def files():
    """Add what is a file."""
    for kind in ("numpy", "filepath"):
        echo(f"audio_{kind}", gr.Audio, type=kind)
    echo("audio_microphone", gr.Audio, source="microphone", sources=["microphone"])
    echo("video", gr.Video)
    echo("video_titled", gr.Video, titled)
    # What flags an example, for one, is given what the page sends.
    echo("video_raw", gr.Video, nothing, lambda value: described(contents(value)), preprocess=False)
    echo("model3d", gr.Model3D)
    for kind in (gr.File, gr.UploadButton):
        name, show = kind.__name__.lower(), nothing if kind is gr.UploadButton and IS_3 else paths
        for count in ("single", "multiple", "directory"):
            got = {"got": lambda value: described(paths(value))}
            echo(f"{name}_{count}", kind, show, file_count=count, **got)
        echo(f"{name}_bytes", kind, nothing, type="bytes" if IS_3 else "binary")


def paths(value):
    """Return the paths of what file components pass before Gradio 4: open temporary files."""
    if isinstance(value, list):
        return [paths(item) for item in value]
    return getattr(value, "name", value)


def titled(value):
    """Return the video with subtitles, where they can be shown."""
    if value is None or VERSION < (3, 36):
        return value
    path = Path(tempfile.mkdtemp()) / "film.vtt"
    path.write_text("WEBVTT\n\n00:00.000 --> 00:00.100\nhi\n")
    return value, str(path)


def chats():
    """Add what is said."""
    echo("chatbot", gr.Chatbot, said)


def said(value):
    """Return turns as a chat takes them."""
    return [[tuple(one) if isinstance(one, list) else one for one in turn] for turn in value]


def build():
    """Return the app."""
    with gr.Blocks(title="Components before 4.44") as app:
        texts()
        data()
        images()
        files()
        chats()
    return app
