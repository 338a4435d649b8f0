"""An app that makes functions while it runs, as many as it is told."""

import gradio as gr


def build():
    """Return the app."""
    with gr.Blocks(title="Rendered") as app:
        number = gr.Number(1, label="Number")
        said = gr.Textbox(label="Said")
        button = gr.Button("twice")

        @gr.render(inputs=number)
        def make(count):
            for place in range(int(count)):
                text = gr.Textbox(f"row {place}", label=f"Text {place}")
                made = gr.Button(f"made {place}")

                def say(said, place=place):
                    return f"{place}:{said}"

                made.click(say, text, said, api_name="made")

        @gr.render(inputs=number, triggers=[button.click])
        def choose(count):
            if count < 0:
                raise gr.Error("There are no fewer than none.")
            choice = gr.Radio([f"option {place}" for place in range(int(count))], label="Choice")
            choice.input(lambda chosen: chosen.upper(), choice, said, api_name="chosen")

        @gr.render(inputs=number, triggers=[app.load])
        def fail(count):
            if count == 1:
                raise gr.Error("It can't be made.")

        button.click(lambda value: 2 * value, number, number, api_name="twice")
    return app
