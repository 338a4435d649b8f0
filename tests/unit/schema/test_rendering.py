"""Parts of the page that functions make while the app runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gradioproxy.schema.parse import parse_app
from gradioproxy.schema.rendering import add_renderings, parse_rendering
from tests.support.rendering import CONFIG, OTHER, PART, component, function, part
from tests.support.schemas import values


def render(*answers: Any) -> Any:
    """Return the app after these answers, in their order."""
    known: dict[int, Any] = {}
    for answer in answers:
        made = parse_rendering(answer, CONFIG, [*known.values()])
        if made is not None:
            known[made.part] = made
    return add_renderings(parse_app(CONFIG), CONFIG, [*known.values()])


def test_what_makes_parts_is_known() -> None:
    """And keeps something for the session, so that its calls go under one hash."""
    app = parse_app(CONFIG)
    assert [app.endpoints[name].part for name in ("/make", "/own")] == [PART, None]
    assert [app.endpoints[name].runs_at_load for name in ("/make", "/own")] == [True, False]
    assert app.stateful
    assert app.endpoints["/make"].stateful


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, PART),
        ({"show_api": True}, None),
        ({"outputs": [1]}, None),
        ({"outputs": [PART, 1]}, None),
        ({"outputs": ["x"]}, None),
    ],
)
def test_what_makes_parts_where_servers_do_not_say_so(changes: Any, expected: Any) -> None:
    """Gradio 4 and the first releases of 5: it is hidden, and has nothing but the part."""
    one = function(0, "apply", [1], [PART], show_api=False) | changes
    app = parse_app({**CONFIG, "version": "5.0.2", "dependencies": [one]})
    assert app.unnamed["fn_0"].part == expected
    del one["rendered_in"]  # before 4.36 there is no such thing
    app = parse_app({**CONFIG, "version": "4.19.2", "dependencies": [one]})
    assert app.unnamed["fn_0"].part is None


def test_functions_of_a_part() -> None:
    """They are read like the others, which stay the same objects."""
    before = parse_app(CONFIG)
    made = parse_rendering(part(["say", False]), CONFIG, [])
    assert made is not None
    app = add_renderings(before, CONFIG, [made])
    assert list(app.endpoints) == ["/make", "/own", "/say"]
    assert list(app.unnamed) == ["fn_0", "fn_1", "fn_20", "fn_21"]
    assert app.endpoints["/own"] is before.endpoints["/own"]
    said = app.endpoints["/say"]
    assert (said.function, said.is_rendered, said.stateful) == (20, True, True)
    assert [parameter.label for parameter in said.parameters] == ["Text 0"]
    assert "for this session alone" in said.notes[0]
    assert not before.endpoints["/own"].notes


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # As a server names them that still has the old ones, from Gradio 5.50 on.
        ([["say"], ["say_1"], ["say"]], ["say"]),
        ([["say", "say_1", "say_2"], ["say_3", "say_4"]], ["say", "say_1"]),
        # Names with numbers of their own.
        ([["step_1", "step_2"], ["step_1_1", "step_2_1"]], ["step_1", "step_2"]),
        ([["step", "step_1"], ["step_2", "step_1_1"]], ["step", "step_1"]),
        ([["step_2"]], ["step_2"]),
        ([["step", "step_3"]], ["step", "step_3"]),
        ([["step_0", "step_01"]], ["step_0", "step_01"]),
        # Names that functions of the app have.
        ([["own_1"], ["own_2"]], ["own_1"]),
        # What else there can be.
        ([["say", None, False, 3, "say_99999999999"]], ["say", "say_99999999999"]),
    ],
)
def test_names_stay(answers: list[list[Any]], expected: list[str]) -> None:
    """Whatever the server calls a function that takes the place of another one."""
    app = render(*(part(names, first=20 * n) for n, names in enumerate(answers, 1)))
    assert list(app.endpoints) == ["/make", "/own", *(f"/{name}" for name in expected)]
    assert app.endpoints[f"/{expected[0]}"].function == 20 * len(answers)


def test_names_in_other_parts() -> None:
    """They are taken, as the server sees it."""
    app = render(part(["say"]), part(["say_1"], OTHER, 40), part(["say_2"], first=60))
    assert [app.endpoints[name].function for name in ("/say", "/say_1")] == [60, 40]


def test_nobody_takes_the_place_of_the_apps_own() -> None:
    """Neither by name nor by number."""
    hostile = part(["own", "make"]) | {"components": [component(1, label="Evil")]}
    hostile["dependencies"].append(function(1, "other"))
    app = render(hostile)
    own = app.endpoints["/own"]
    assert (own.function, own.parameters[0].label) == (1, "Own")
    assert app.unnamed["fn_1"].name == "fn_1"
    assert not app.unnamed["fn_1"].is_rendered


@given(values)
def test_whatever_comes(raw: Any) -> None:
    """Nothing is raised over it."""
    for answer in (raw, {"layout": raw}, {**part(["say"]), "dependencies": raw}):
        render(answer)
    app = render({**part(["say"]), "components": raw, "dependencies": [raw, {"id": raw}]})
    for endpoints in (app.endpoints, app.undocumented, app.unnamed):
        for endpoint in endpoints.values():
            assert endpoint.name
