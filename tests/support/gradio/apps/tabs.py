"""An app without a state that all the same keeps something for each tab of a browser."""

from __future__ import annotations

import collections
import threading

import gradio as gr

from tests.support.gradio.apps._endpoints import VERSION, add, add_stateless

visits = collections.Counter()
gone = collections.defaultdict(threading.Event)
hashes = collections.defaultdict(list)


def tab_of(request):
    """Return what the app knows the tab by; before Gradio 4.22 it knows nothing."""
    return getattr(request, "session_hash", None) or ""


def tab(text, request: gr.Request):
    """Return it, and take note of it under the text."""
    hashes[text].append(tab_of(request))
    return hashes[text][-1]


def tabs(number, request: gr.Request):
    """Yield it so many times."""
    for _ in range(int(number)):
        yield tab_of(request)


def visit(request: gr.Request):
    """Count the visits of this tab."""
    visits[tab_of(request)] += 1
    return visits[tab_of(request)]


def leave(request: gr.Request):
    """Take note of a tab that was closed."""
    gone[tab_of(request)].set()


def left(tab, wait):
    """Return whether a tab was closed, after waiting for that if asked."""
    return gone[tab].wait(60 if wait else 0)


CITIES = {"fr": ["Paris", "Lyon"], "it": ["Rome"]}


def cities(country):
    """Fill the choices of the city."""
    update = gr.update if VERSION >= (4,) else gr.Dropdown.update
    return update(choices=CITIES[country], value=None)


def travel(country, city):
    """Return both."""
    return f"{city} in {country}"


def username(request: gr.Request):
    """Return the name of whoever logged in."""
    return getattr(request, "username", None) or ""


def build():
    """Make the app."""
    with gr.Blocks() as app:
        add_stateless()
        for function in (visit, username):
            add(function, None, gr.Textbox(label="Result"))
        add(tab, gr.Textbox(label="Text"), gr.Textbox(label="Hash"))
        add(tabs, gr.Number(label="Number"), gr.Textbox(label="Hash"))
        add(left, [gr.Textbox(label="Hash"), gr.Checkbox(label="Wait")], gr.Checkbox(label="Left"))
        country = gr.Dropdown(["fr", "it"], label="Country")
        city = gr.Dropdown([], label="City")
        add(cities, country, city)
        add(travel, [country, city], gr.Textbox(label="Trip"))
        if VERSION >= (4, 29, 0):
            app.unload(leave)
    return app
