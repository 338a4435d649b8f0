"""Where values of real apps' functions go to and come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.versions import release_of

if TYPE_CHECKING:
    import gradioproxy as gp
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

LAYOUTS = {"column", "row", "group", "box", "tab", "tabs", "accordion"}


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app of layouts, under each version in turn."""
    return gradio(version, "layouts")


def test_layouts_take_no_place_of_a_result(app: gp.Session) -> None:
    """What a function does to the page around a text is no result, wherever it stands."""
    for name in LAYOUTS - ({"box"} if release_of(app.version) >= (4,) else set()):
        assert app[name]("hi") == "HI", name
    assert app.last("hi") == "HI"
    assert app.middle("hi") == ("HI", 7)
    assert app.stateful("hi") == "HI"
    assert app.only("hi") is None


def test_layouts_take_no_place_in_a_function_without_a_name(app: gp.Session) -> None:
    """The same holds where nothing but the components describes a function."""
    number = len(app.config["dependencies"]) - 1

    assert app[number]("hi") == "HI"
    assert app[f"fn_{number}"]("hi") == "HI"


def test_a_row_of_a_dataset_is_a_parameter(app: gp.Session) -> None:
    """The app's function is given the row of this number, also where /info leaves it out."""
    assert app.picked(1, "hi") == "b HI"
    assert app.picked(0, "hi") == "a HI"
    assert app.picked_last("hi", 1) == "b HI"


def test_a_button_sends_its_caption(app: gp.Session) -> None:
    """It is a hidden input from Gradio 4 on, and has a default before."""
    name = "Text" if release_of(app.version) < (4, 23) else "x"

    assert app.pressed(**{name: "hi"}) == "caption HI"
