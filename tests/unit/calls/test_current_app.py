"""The app as a session has it now."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from typing import Any

import pytest

from gradioproxy.calls.current_app import CurrentApp
from gradioproxy.calls.future import End
from gradioproxy.client.description import Description
from gradioproxy.errors import AppError, ConnectionLost, NotGradio
from gradioproxy.limits import Limits
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.credentials import Access
from tests.support.rendering import CONFIG, part
from tests.support.scripted_peer import make_job, record_of, request_of
from tests.support.web_server import transport_to

TOKEN = "hf_abcdefghijklmnopqrstuvwxyz"  # noqa: S105 - nobody's


class Witness:
    """Who is told of descriptions."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []

    def take_description(self, description: Description) -> None:
        """Note the functions."""
        self.told.append(list(description.app.endpoints))


def make_app(describe: Any = None, **access: Any) -> tuple[CurrentApp, Witness]:
    """Return the app, and who is told of it."""
    first = Description(CONFIG, None, parse_app(CONFIG))
    transport = transport_to("http://127.0.0.1:9", Access(**access))
    current = CurrentApp(first, transport, describe or (lambda _: first))
    witness = Witness()
    current.subscribe(witness)
    return current, witness


def test_who_observes_it_is_told_of_each_change() -> None:
    """Of what is no change, nobody is."""
    current, witness = make_app()
    current.forget_renderings()
    assert witness.told == []
    current.add_rendering(part(["say"]))
    current.refresh()
    current.forget_renderings()
    own = ["/make", "/own"]
    assert witness.told == [[*own, "/say"], [*own, "/say"], own]


def test_a_description_that_fails_changes_nothing() -> None:
    """What is there stays."""

    def fail(_: object) -> Any:
        raise NotGradio("It is none.")

    current, witness = make_app(fail)
    before = current.description
    with pytest.raises(NotGradio):
        current.refresh()
    assert (current.description, witness.told) == (before, [])


def test_what_it_echoes_of_secrets_is_hidden() -> None:
    """As in every description."""
    current, _ = make_app(token=TOKEN)
    raw = part(["say"])
    raw["components"][1]["props"]["label"] = f"the token {TOKEN}"
    sent = copy.deepcopy(raw)
    current.add_rendering(raw)
    label = current.app.endpoints["/say"].parameters[0].label
    assert label.startswith("the token ")
    assert TOKEN not in label
    assert raw == sent


def test_more_functions_than_are_taken_in(caplog: pytest.LogCaptureFixture) -> None:
    """They are left out, and that is told; what the part was before, it is no more."""
    current, witness = make_app(limits=Limits(endpoints=3))
    current.add_rendering(part(["one"]))
    with caplog.at_level(logging.WARNING, "gradioproxy"):
        current.add_rendering(part(["two", "three"], first=40))
    assert "5 functions, more than 3" in caplog.text
    current.add_rendering(part(["two", "three"], first=40))
    assert [names[2:] for names in witness.told] == [["/one"], []]


@pytest.mark.parametrize("what", ["parts", "components", "names"])
def test_parts_that_take_more_than_a_description_may(
    caplog: pytest.LogCaptureFixture, what: str
) -> None:
    """Each call can make another one, or the same one with other names."""
    current, _ = make_app(limits=Limits(description=10_000))
    for number in range(100):
        made = part([f"{'x' * 500}-{number}" if what == "names" else "say"])
        if what != "names":
            made["layout"]["id"] = 100 + number
        if what == "components":
            made["dependencies"] = []
            made["components"][0]["props"]["value"] = "x" * 3000
        with caplog.at_level(logging.WARNING, "gradioproxy"):
            current.add_rendering(made)
        assert current.description.rendered_size <= 10_000
    assert "more than 10,000 bytes: left out" in caplog.text


def test_what_is_remembered_of_a_call_holds_no_description() -> None:
    """An app that makes functions is another one after each call, and a session remembers many."""
    app = parse_app(CONFIG)
    job = make_job(request=replace(request_of("f"), app=app))
    record = record_of(job)
    record.forget_app()
    assert record.request.app.outline is not app
    assert not [*record.request.app.endpoints, *record.request.app.unnamed]
    assert record.request.peer.endswith("(Gradio 6.31.0, ws)")


def test_what_was_made_for_another_session_is_left() -> None:
    """It is asked with the lock held by which another one begins."""
    current, witness = make_app()
    current.add_rendering(part(["say"]), lambda: False)
    assert witness.told == []


def end_with(value: object, stage: Any = "failed", version: str = "6.31.0") -> list[str]:
    """Return the functions after a call that was to make a part anew has ended so."""
    current, _ = make_app()
    current.add_rendering(part(["say"]))
    app = parse_app({**CONFIG, "version": version})
    request = replace(request_of("make"), app=app, endpoint=app.endpoints["/make"])
    current.note_end(request, End(stage, value))
    return list(current.app.endpoints)[2:]


def test_a_call_of_which_nobody_knows_what_it_made() -> None:
    """The functions that were there may be gone at the server; where it is known, they stay."""
    failed = AppError("It can't be made.")
    assert end_with(None, "finished") == ["/say"]
    assert end_with(failed) == ["/say"]
    assert end_with(failed, version="5.32.1") == []
    assert end_with(ConnectionLost("It broke.")) == []
    assert end_with(None, "cancelled") == []
