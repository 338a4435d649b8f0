"""Values go to the places that they are meant for and come from there, or nothing is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import gradioproxy as gp
from tests.support.web_server import Reply, reply_json

if TYPE_CHECKING:
    from tests.support.web_server import Web


# Descriptions that no Gradio makes.

JSON = Any
TEXT = {"label": "T", "type": {"type": "string"}, "component": "Textbox"}
NUMBER = {"label": "N", "type": {"type": "number"}, "component": "Number"}


def box(number: int, kind: str = "textbox") -> dict[str, JSON]:
    """Return a component."""
    return {"id": number, "type": kind, "props": {"label": kind}, "skip_api": False}


def function(inputs: JSON, outputs: JSON, **facts: JSON) -> dict[str, JSON]:
    """Return a function of ``/config``."""
    return {"inputs": inputs, "outputs": outputs, "api_name": "f", **facts}


def described(parameters: int, returns: int) -> dict[str, JSON]:
    """Return an entry of ``/info`` with so many of each."""
    return {"parameters": [TEXT] * parameters, "returns": [TEXT] * returns}


GOOD = function([1], [1], api_name="good", id=1)
BOXES = [box(1), box(2), box(3, "number")]


class Wrong(NamedTuple):
    """A function that is described in two ways, and what the error says of it."""

    said: str
    function: JSON = function([1], [1])
    entry: JSON = described(1, 1)
    components: JSON = BOXES
    others: JSON = ()


WRONG = {
    "more parameters": Wrong(
        r"/info gives it 2 parameters, and /config 1 parameter \(textbox\)", entry=described(2, 1)
    ),
    "fewer parameters": Wrong(
        r"/info gives it no parameters, and /config 1 parameter", entry=described(0, 1)
    ),
    "more results": Wrong(r"/info gives it 3 results, and /config 1 result", entry=described(1, 3)),
    "fewer results": Wrong(
        r"/info gives it 1 result, and /config 2 results \(textbox, number\)",
        function([1], [1, 3]),
    ),
    "another order": Wrong(
        r"/info has its parameters in the order number, textbox, and /config in the order textbox, "
        "number",
        function([1, 3], [1]),
        {"parameters": [NUMBER, TEXT], "returns": [TEXT]},
    ),
    "an input that is no component": Wrong(
        "/config names the component 99, and does not list it", function([99], [1])
    ),
    "an output that is no component": Wrong(
        "/config names the component 99, and does not list it", function([1], [99])
    ),
    "an input that is no number": Wrong(
        "/config names a component by what is no number", function(["x"], [1])
    ),
    "inputs that are no list": Wrong(
        "/info gives it 1 parameter, and /config no parameters", function("x", [1])
    ),
    "two components of one number": Wrong(
        "/config lists two components of the number 2",
        function([2], [1]),
        components=[*BOXES, box(2, "number")],
    ),
    "two functions of one number": Wrong(
        "/config has several functions of the number 0",
        others=[function([1], [1], api_name="other", id=0)],
    ),
}


def serve(web: Web, wrong: Wrong, info: JSON) -> None:
    """Serve an app with a function that contradicts itself, and one that does not."""
    config = {
        "version": "6.0.0",
        "protocol": "sse_v3",
        "components": wrong.components,
        "dependencies": [{**wrong.function, "id": 0}, GOOD, *wrong.others],
    }
    web.on("/config", reply_json(config))
    web.on("/info", info)


@pytest.mark.parametrize("name", WRONG)
def test_what_contradicts_itself_is_not_called(web: Web, name: str) -> None:
    """The function is listed with a note, and calling it says what contradicts what."""
    wrong = WRONG[name]
    entries = {"/f": wrong.entry, "/good": described(1, 1)}
    serve(web, wrong, reply_json({"named_endpoints": entries}))
    with gp.connect(web.url) as app:
        asked = len(web.requests)
        assert list(app)[:2] == ["/f", "/good"]
        assert re.search(wrong.said, " ".join(str(app.f.__doc__).split()))
        arguments = [1] * len(app.f.endpoint.parameters)
        for call in (app.f, app.f.submit, app.f.stream, app.f.check):
            for given in ([], arguments):
                with pytest.raises(gp.SchemaError, match=wrong.said):
                    call(*given)
        assert app.good.check("x").data == ["x"]
        assert len(web.requests) == asked


@pytest.mark.parametrize("name", ["an input that is no component", "two components of one number"])
def test_what_contradicts_itself_without_info(web: Web, name: str) -> None:
    """Components that can't be told apart are no better where nothing else describes them."""
    serve(web, WRONG[name], Reply(404))
    with gp.connect(web.url) as app:
        with pytest.raises(gp.SchemaError, match=WRONG[name].said):
            app.f("x")
        assert app.good.check("x").data == ["x"]


def test_the_same_component_listed_twice_is_one(web: Web) -> None:
    """What says the same thing twice contradicts nothing."""
    wrong = Wrong("", components=[*BOXES, *BOXES])
    entries = {"/f": wrong.entry, "/good": described(1, 1)}
    serve(web, wrong, reply_json({"named_endpoints": entries}))
    with gp.connect(web.url) as app:
        assert app.f.check("x").data == ["x"]
