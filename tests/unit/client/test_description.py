"""What an app says of itself, to everybody and to one session."""

from __future__ import annotations

from typing import Any

from gradioproxy.client.description import Description
from gradioproxy.schema.parse import parse_app
from tests.support.rendering import CONFIG, OTHER, PART, part


def describe(**changes: Any) -> Description:
    """Return a description."""
    config = CONFIG | changes
    return Description(config, None, parse_app(config))


def test_what_is_rendered_is_of_one_description() -> None:
    """The one before stays as it is, and so does what every session is told."""
    before = describe()
    assert before.app is before.lasting_app
    after = before.render(part(["say"]))
    assert list(after.app.endpoints) == ["/make", "/own", "/say"]
    assert after.app is after.app
    assert after.lasting_app is before.app
    assert list(before.app.endpoints) == ["/make", "/own"]
    assert after.forget_renderings().app is before.app
    assert before.forget_renderings() is before


def test_what_is_no_part_changes_nothing() -> None:
    """Whatever a server answers."""
    before = describe()
    raw: Any
    for raw in (None, 3, [], {}, {"layout": []}, {"layout": {"id": "x"}}, {"layout": {"id": None}}):
        assert before.render(raw) is before


def test_parts_keep_their_places() -> None:
    """Also those that are made anew."""
    made = describe().render(part(["one"])).render(part(["two"], OTHER, 40))
    again = made.render(part(["three"], first=60))
    assert list(again.app.endpoints) == ["/make", "/own", "/three", "/two"]


def test_who_keeps_what_was_rendered() -> None:
    """The same process of the app does, and it alone; one without a number can't be told."""
    before = describe().render(part(["say"]))
    assert list(describe().keep_renderings(before).app.endpoints)[-1] == "/say"
    for other in (describe(app_id=2), describe(app_id=None)):
        assert other.keep_renderings(before) is other
    unknown = describe(app_id=None).render(part(["say"]))
    assert describe(app_id=None).keep_renderings(unknown).renderings is None


def test_a_part_is_dropped() -> None:
    """And nothing else."""
    made = describe().render(part(["one"])).render(part(["two"], OTHER, 40))
    after = made.drop_rendering(PART)
    assert list(after.app.endpoints) == ["/make", "/own", "/two"]
    assert after.drop_rendering(PART) is after
    assert describe().drop_rendering(PART).renderings is None
    # What they were called is known, so that they get their names again.
    again = after.render(part(["one_3"], first=60))
    assert list(again.app.endpoints) == ["/make", "/own", "/two", "/one"]
