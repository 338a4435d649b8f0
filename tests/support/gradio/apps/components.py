"""An endpoint for each component that ships with Gradio: it shows the value, and what came of it.

Rule: every endpoint has two outputs, the same component again and what the function was given.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import gradio as gr
import numpy as np
import PIL.Image
from gradio.components.base import Component

from tests.support.gradio.apps import sequences
from tests.support.gradio.apps._described import described
from tests.support.gradio.apps._endpoints import add, supported

CHOICES = [("One", 1), ("one", "1"), ("Two", "2")]
NO_VALUE = {
    "Button": "its value is its caption",
    "ClearButton": "a button",
    "Component": "the class of all",
    "DeepLinkButton": "a button",
    "DuplicateButton": "a button",
    "Fallback": "stands for components that a page does not know",
    "FormComponent": "a class of others",
    "LoginButton": "a button",
    "LogoutButton": "a button",
    "NativePlot": "the class of bar, line and scatter plots",
    "Navbar": "links to other pages",
    "State": "stays on the server",
    "WorkflowCanvas": "a layout of other components",
}


def own():
    """Return a component of somebody's own, in a module to which Gradio may add a file of types."""
    Path("album.py").write_text("import gradio\n\n\nclass Album(gradio.Gallery):\n    pass\n")
    sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module("album").Album


def again(value):
    """Return the value."""
    return value


def annotated(value):
    """Return the image with the places that its component takes back: masks that are arrays."""
    if value is None:
        return None
    masks = [(np.asarray(PIL.Image.open(m).convert("L")) / 255, name) for m, name in value[1]]
    return value[0], masks


def highlighted(tokens):
    """Return the tokens as pairs."""
    return tokens and [(token["token"], token["class_or_confidence"]) for token in tokens]


def echo(name, kind, back=again, **options):
    """Add the endpoint of a component."""

    def function(value):
        return back(value), {"got": described(value)}

    function.__name__ = name
    options = supported(kind, **options)
    add(function, kind(label="Value", **options), [kind(label="Value", **options), got()])


def got():
    """Return the output that shows what a function was given."""
    return gr.JSON(label="Got")


def nothing_but_value(name, kind, **options):
    """Add the endpoint of a component that has no label."""

    def function(value):
        return value, {"got": described(value)}

    function.__name__ = name
    add(function, kind(**options), [kind(**options), got()])


def texts():
    """Add what is text or number."""
    echo("textbox", gr.Textbox)
    echo("number", gr.Number)
    echo("slider", gr.Slider, minimum=0, maximum=10, step=0.1)
    echo("checkbox", gr.Checkbox)
    echo("checkboxgroup", gr.CheckboxGroup, choices=CHOICES)
    echo("radio", gr.Radio, choices=CHOICES)
    echo("dropdown", gr.Dropdown, choices=CHOICES)
    echo("dropdowns", gr.Dropdown, choices=CHOICES, multiselect=True)
    echo("colorpicker", gr.ColorPicker)
    echo("code", gr.Code)
    echo("html", gr.HTML)
    echo("markdown", gr.Markdown)
    echo("json", gr.JSON)
    echo("datetime", gr.DateTime)
    echo("datetime_object", gr.DateTime, type="datetime", timezone="Asia/Tokyo")
    echo("datetime_day", gr.DateTime, include_time=False)
    echo("datetime_text", gr.DateTime, type="string", include_time=False)
    nothing_but_value("timer", gr.Timer)


def data():
    """Add what is more than a text, and no file."""
    echo("label", gr.Label)
    echo("highlightedtext", gr.HighlightedText, highlighted)
    echo("dataframe", gr.Dataframe)
    echo("dataframe_array", gr.Dataframe, type="array", headers=["first", "second"])
    echo("dataframe_numpy", gr.Dataframe, type="numpy")
    nothing_but_value("paramviewer", gr.ParamViewer)
    nothing_but_value("dataset", gr.Dataset, components=["textbox"], samples=[["a"], ["b"]])
    for kind in (gr.BarPlot, gr.LinePlot, gr.ScatterPlot):
        echo(kind.__name__.lower(), kind, x="x", y="y")
    echo("plot", gr.Plot)
    folder = Path(__file__).parent
    echo("fileexplorer", gr.FileExplorer, root_dir=str(folder))
    echo("fileexplorer_one", gr.FileExplorer, root_dir=str(folder), file_count="single")
    if hasattr(gr, "BrowserState"):
        nothing_but_value("browserstate", gr.BrowserState)
    if hasattr(gr, "Dialogue"):
        echo("dialogue", gr.Dialogue, speakers=["A", "B"])


def files():
    """Add what is a file."""
    for kind in ("numpy", "pil", "filepath"):
        echo(f"image_{kind}", gr.Image, type=kind, format="png")
        echo(f"imageeditor_{kind}", gr.ImageEditor, type=kind, format="png")
    if hasattr(gr, "ImageSlider"):
        echo("imageslider", gr.ImageSlider, type="numpy", format="png")
    echo("annotatedimage", gr.AnnotatedImage, annotated, format="png")
    for kind in ("numpy", "filepath"):
        echo(f"audio_{kind}", gr.Audio, type=kind, format="wav")
    echo("video", gr.Video)
    echo("model3d", gr.Model3D)
    echo("file", gr.File)
    echo("files", gr.File, file_count="multiple")
    echo("file_bytes", gr.File, lambda _: None, type="binary")
    echo("uploadbutton", gr.UploadButton)
    echo("downloadbutton", gr.DownloadButton)
    echo("gallery", gr.Gallery, format="png")
    echo("gallery_numpy", gr.Gallery, type="numpy", format="png")
    echo("album", own(), format="png")
    echo("multimodaltextbox", gr.MultimodalTextbox, file_count="multiple")
    echo("chatbot", gr.Chatbot, type="messages")
    if "type" in inspect.signature(gr.Chatbot).parameters:
        echo("chatbot_tuples", gr.Chatbot, type="tuples")


def picture(kind):
    """Return a picture of numbers of this kind, as Gradio encodes it."""
    return sequences.numbers_of(kind).reshape(8, 8, 3)


def sound(kind):
    """Return a sound of numbers of this kind, as Gradio encodes it."""
    return 8000, sequences.numbers_of(kind).reshape(-1, 2)


def shipped():
    """Return the components that this Gradio has, by the names of their classes."""
    modules = vars(gr) | vars(gr.components)
    kinds = {v for v in modules.values() if inspect.isclass(v) and issubclass(v, Component)}
    # What a template makes is its parent to the page and to the API.
    return sorted({kind.__name__ for kind in kinds if not getattr(kind, "is_template", False)})


def build():
    """Return the app."""
    with gr.Blocks(title="Components") as app:
        texts()
        data()
        files()
        add(picture, gr.Textbox(label="Kind"), gr.Image(label="Picture", format="png"))
        add(sound, gr.Textbox(label="Kind"), gr.Audio(label="Sound", format="wav"))
        used = {type(block).__name__ for block in app.blocks.values()}

        def unknown():
            return [name for name in shipped() if name not in used and name not in NO_VALUE]

        add(unknown, None, gr.JSON(label="Components without an endpoint"))
    return app
