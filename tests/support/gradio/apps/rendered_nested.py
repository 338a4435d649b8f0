"""An app that makes parts of its page which make parts themselves, where Gradio can."""

import gradio as gr


def build():
    """Return the app."""
    with gr.Blocks(title="Nested") as app:
        number = gr.Number(1, label="Number")
        said = gr.Textbox(label="Said")

        @gr.render(inputs=number)
        def outer(count):
            inside = gr.Number(count, label="Inside")
            inside.submit(lambda value: f"outer {count} {value}", inside, said, api_name="outer")

            @gr.render(inputs=inside)
            def inner(value):
                text = gr.Textbox(label="Text")
                text.submit(lambda t: f"inner {count} {value} {t}", text, said, api_name="inner")

    return app
