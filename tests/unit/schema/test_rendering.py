"""Parts of the page that functions make while the app runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gradioproxy.schema.parse import parse_app
from gradioproxy.schema.rendering import Renderings, add_renderings
from tests.support.hostile_schemas import Steps
from tests.support.rendering import CONFIG, OTHER, PART, component, function, part
from tests.support.schemas import values


def render(*answers: Any) -> Any:
    """Return the app after these answers, in their order."""
    known = Renderings({})
    for answer in answers:
        known = known.add(answer, CONFIG)
    return add_renderings(parse_app(CONFIG), CONFIG, known)


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
        ({"outputs": [OTHER]}, None),  # a row that is shown and hidden
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
    app = add_renderings(before, CONFIG, Renderings({}).add(part(["say", False]), CONFIG))
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
        ([["step", "step_1"], ["step_2", "step_1_1"], ["step", "step_1"]], ["step", "step_1"]),
        ([["step", "step_2"], ["step_1", "step_2_1"]], ["step", "step_2"]),
        ([["step_2"]], ["step_2"]),
        # As many as before, under the names that are free at that moment.
        ([["say"], ["say_1"], ["say", "say_2"], ["say_1", "say_3"]], ["say", "say_1"]),
        # Another call made some that nobody here was told of.
        ([["say"], ["say", "say_2", "say_3"]], ["say", "say_1", "say_2"]),
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


def test_the_order_is_that_of_the_page() -> None:
    """Functions with a key keep their place at the server, wherever they are on the page."""
    made = part(["who_3", "who", "who_1", "loaded"])
    places = [101, 102, 100]
    for one, place in zip(made["dependencies"], places, strict=False):
        one["targets"] = [[place, "click"]]
    app = render(part(["who", "who_1"]), made)
    names = [*app.endpoints][2:]
    assert names == ["/who", "/who_1", "/who_2", "/loaded"]
    assert [app.endpoints[name].function for name in names] == [22, 20, 21, 23]


def nested(number: int, inner: int) -> dict[str, Any]:
    """Return a part with a function that makes another part in it."""
    made = part(["outer"], first=number)
    made["components"].append(component(inner, "column"))
    made["dependencies"].append(
        function(number + 1, "fill", [], [inner], render_id=1, rendered_in=0)
    )
    return made


def test_a_part_in_a_part_goes_with_it() -> None:
    """Its functions are another part's then, under the same names."""
    answers = [nested(20, 201), part(["inner"], 201, 30)]
    assert list(render(*answers).endpoints)[2:] == ["/outer", "/fill", "/inner"]
    answers.append(nested(40, 202))
    assert list(render(*answers).endpoints)[2:] == ["/outer", "/fill"]
    answers.append(part(["inner_1"], 202, 50))  # the server has the old one still
    app = render(*answers)
    assert list(app.endpoints)[2:] == ["/outer", "/fill", "/inner"]
    assert app.endpoints["/inner"].function == 50
    assert app.endpoints["/fill"].part == 202


def test_what_is_dropped() -> None:
    """A part goes with the parts in it; what its functions were called is known."""
    known = Renderings({}).add(nested(20, 201), CONFIG).add(part(["inner"], 201, 30), CONFIG)
    known = known.drop(PART)
    assert not known.parts
    again = known.add(part(["inner_3"], 201, 50), CONFIG)
    assert [one["api_name"] for one in again.parts[201].functions] == ["inner"]


def test_thousands_of_functions() -> None:
    """They take no longer each than a few."""
    names = ["say", *(f"say_{number}" for number in range(1, 20_000))]
    answers = [part(names), part([f"say_{number}" for number in range(20_000, 40_000)])]
    with Steps(20_000 * 400, "names"):
        made = Renderings({}).add(answers[0], CONFIG)
        again = made.add(answers[1], CONFIG)
    for known in (made, again):
        assert [one["api_name"] for one in known.parts[PART].functions] == names


def test_nobody_takes_the_place_of_the_apps_own() -> None:
    """Neither by name nor by number."""
    hostile = part(["own", "make"]) | {"components": [component(1, label="Evil")]}
    hostile["dependencies"].append(function(1, "other"))
    app = render(hostile)
    own = app.endpoints["/own"]
    assert (own.function, own.parameters[0].label) == (1, "Own")
    assert app.unnamed["fn_1"].name == "fn_1"
    assert not app.unnamed["fn_1"].is_rendered


@pytest.mark.parametrize("number", [True, None, [], {}, "10", 1.5])
def test_what_has_no_number_is_no_part(number: Any) -> None:
    """Whatever else is in it."""
    known = Renderings({})
    assert known.add({**part(["say"]), "layout": {"id": number}}, CONFIG) is known
    listed = {**CONFIG, "dependencies": [{"id": number}], "components": [{"id": number}]}
    app = add_renderings(parse_app(listed), listed, known.add(part(["say"]), listed))
    assert list(app.endpoints) == ["/say"]


@given(values)
def test_whatever_comes(raw: Any) -> None:
    """Nothing is raised over it."""
    odd = [raw, {"id": raw}, {"id": []}, {"id": 7, "targets": [[raw], raw, [1, raw]]}]
    layout = {"id": PART, "children": [raw, {"id": [], "children": raw}]}
    for answer in (raw, {"layout": raw}, {**part(["say"]), "dependencies": raw}):
        render(answer)
    app = render({"layout": layout, "components": [raw, *odd], "dependencies": odd})
    for endpoints in (app.endpoints, app.undocumented, app.unnamed):
        for endpoint in endpoints.values():
            assert endpoint.name
