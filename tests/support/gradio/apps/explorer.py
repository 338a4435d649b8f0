"""An app with a component that has functions of its own on the server."""

import tempfile
from pathlib import Path

import gradio as gr

from tests.support.gradio.apps._endpoints import VERSION


def chosen(path):
    """Return the file's name."""
    return Path(path).name


def build():
    """Return the app."""
    folder = Path(tempfile.mkdtemp(prefix="gradioproxy-explorer-"))
    folder.joinpath("here.txt").write_text("here")
    root = "root_dir" if VERSION >= (4, 13) else "root"
    with gr.Blocks(title="Explorer") as app:
        explorer = gr.FileExplorer(**{root: str(folder)}, file_count="single", label="File")
        button = gr.Button("chosen")
        button.click(chosen, explorer, gr.Textbox(label="Name"), api_name="chosen")
    return app
