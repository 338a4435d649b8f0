"""Functions whose inputs or outputs hold no value of their own: layouts, datasets, states, buttons.

Rule: what a function returns for a text is the text in capitals, wherever the text stands.
"""

from __future__ import annotations

import gradio as gr

NAMES = ("Column", "Row", "Group", "Box", "Tab", "Tabs", "Accordion")


def call(inputs, outputs, function, name=None):
    """Add a function, with a name or without."""
    gr.Button().click(function, inputs, outputs, api_name=name)


def layouts():
    """Return the layouts that this Gradio has, by their names in lower case."""
    found = {}
    for name in NAMES:
        kind = getattr(gr, name, None)
        if kind is None:
            continue
        around = gr.Tabs() if name == "Tab" else gr.Group()
        layout = kind("One") if name in {"Tab", "Accordion"} else kind()
        with around, layout:
            gr.Markdown("inside")
        found[name.lower()] = layout
    return found


def build():
    """Return the app."""
    with gr.Blocks(title="Layouts") as app:
        text, result = gr.Textbox(label="Text"), gr.Textbox(label="Result")
        number, state = gr.Number(label="Number"), gr.State(0)
        rows = gr.Dataset(components=["textbox"], samples=[["a"], ["b"]], label="Rows")
        button = gr.Button("caption")
        found = layouts()
        for name, layout in found.items():
            call([text], [layout, result], lambda x: (gr.update(), x.upper()), name)
        column = found["column"]
        call([text], [result, column], lambda x: (x.upper(), gr.update()), "last")
        call([text], [result, column, number], lambda x: (x.upper(), gr.update(), 7), "middle")
        call([text], [column], lambda _: gr.update(), "only")
        call(
            [text, state],
            [state, column, result],
            lambda x, k: (k + 1, gr.update(), x.upper()),
            "stateful",
        )
        call([text], [rows, result], lambda x: (gr.update(), x.upper()), "dataset")
        call([rows, text], [result], lambda row, x: f"{row[0]} {x.upper()}", "picked")
        call(
            [state, text, rows],
            [state, result],
            lambda k, x, row: (k, f"{row[0]} {x.upper()}"),
            "picked_last",
        )
        call([button, text], [result], lambda caption, x: f"{caption} {x.upper()}", "pressed")
        call([text], [column, result], lambda x: (gr.update(), x.upper()))
    return app
