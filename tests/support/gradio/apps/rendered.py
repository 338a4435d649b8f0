"""An app that makes functions while it runs, as many as it is told."""

import gradio as gr


def build():
    """Return the app."""
    with gr.Blocks(title="Rendered") as app:
        number = gr.Number(1, label="Number")

        @gr.render(inputs=number)
        def make(count):
            for place in range(int(count)):
                text = gr.Textbox(label=f"Text {place}")
                button = gr.Button(f"made_{place}")

                def made(said, place=place):
                    return f"{place}:{said}"

                button.click(made, text, text, api_name=f"made_{place}")

        button = gr.Button("twice")
        button.click(lambda value: 2 * value, number, number, api_name="twice")
    return app
