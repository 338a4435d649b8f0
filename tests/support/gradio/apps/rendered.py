"""An app that makes functions while it runs, as many as it is told."""

import threading

import gradio as gr

PATIENCE = 30

released = threading.Event()


def keyed(key):
    """Return what keeps a function the same where its part is made anew, if there is that."""
    release = tuple(map(int, gr.__version__.split(".")[:2]))
    return {"key": key} if release >= (5, 33) else {}


def add_rows(rows, said):
    """Add a part that has a function for each row."""

    @gr.render(inputs=rows, triggers=[rows.change])
    def list_rows(names):
        for name in names:
            row = gr.Textbox(name, label=name, key=f"text {name}")

            def show(text, name=name):
                return f"{name}:{text}"

            row.submit(show, row, said, api_name="row", **keyed(f"row {name}"))


def build():
    """Return the app."""
    with gr.Blocks(title="Rendered") as app:
        number = gr.Number(1, label="Number")
        said = gr.Textbox(label="Said")
        rows = gr.State(["a", "b"])
        button = gr.Button("twice")

        @gr.render(inputs=number)
        def make(count):
            if count < 0:
                released.wait(PATIENCE)
            for place in range(int(abs(count))):
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

        add_rows(rows, said)
        button.click(lambda value: 2 * value, number, number, api_name="twice")
        button.click(lambda *names: list(names), [said, said], rows, api_name="set_rows")
        button.click(released.set, None, None, api_name="release")
    return app
