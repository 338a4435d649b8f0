"""A component as a description has it."""

from __future__ import annotations

from gradioproxy.schema.component import Component


def test_a_state_is_known_by_its_type() -> None:
    assert Component(1, "state", {}, hidden=True).is_state
    assert not Component(1, "textbox", {}, hidden=True).is_state
