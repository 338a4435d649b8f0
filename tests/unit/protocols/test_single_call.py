"""What the machines of one call share; what they owe their driver is in `test_conformance`."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.protocols.single_call import parse_object


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"msg": "x"}', {"msg": "x"}),
        (b'{"msg": "x"}', {"msg": "x"}),
        ("[1]", {}),
        ("", {}),
        (b"\xff", {}),
        ("[" * 100_000, {}),
    ],
)
def test_a_text_that_is_no_object_says_nothing(text: str | bytes, message: dict[str, Any]) -> None:
    assert parse_object(text) == message
