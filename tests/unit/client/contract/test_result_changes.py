"""What changed of results, and which scripts it breaks, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.client.contract.result_changes import compare_results
from tests.support.contracts import giving

JSON = Any

MESSAGE = {"type": "object", "properties": {"role": {"type": "string"}}, "required": ["role"]}
RICH = {**MESSAGE, "properties": {"role": {"type": "string"}, "id": {"type": "integer"}}}


TREE = {
    "$defs": {"n": {"properties": {"next": {"$ref": "#/$defs/n"}}, "required": ["next"]}},
    "$ref": "#/$defs/n",
}
"""What no value is, as none ends that has to contain itself."""


def test_what_no_value_is() -> None:
    """A result may be less than it was, if it be nothing; but it was nothing else before."""
    nothing, text = giving("dict", schema=TREE), giving("str")
    assert [breaking for breaking, _ in compare_results([text], [nothing])] == [False]
    assert [breaking for breaking, _ in compare_results([nothing], [text])] == [True]


def test_results_that_are_too_large_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether they break anything, and that is what is said; not if they are equal."""
    monkeypatch.setattr("gradioproxy.schema.inclusion.MAX_COMPARISONS", 0)
    one, other = giving("dict", schema=MESSAGE), giving("dict", schema=RICH)
    said = "the result may be something else than it was: the types are too large to be compared"
    assert list(compare_results([one], [other])) == [(True, said)]
    assert list(compare_results([one], [one])) == []


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        (
            [],
            [giving()],
            [(True, "it returns 1 value, and returned no values")],
            [(True, "it returns no values, and returned 1 value")],
        ),
        (
            [giving()],
            [giving(name="a"), giving(name="b")],
            [(True, "it returns 2 values, and returned 1 value")],
            [(True, "it returns 1 value, and returned 2 values")],
        ),
        (
            [giving(name="a"), giving("int", "b")],
            [giving("int", "b"), giving(name="a")],
            [(True, "it returns b, a, and returned a, b")],
            [(True, "it returns a, b, and returned b, a")],
        ),
        (
            [giving(name="a"), giving(name="b")],
            [giving(name="a"), giving("int", "c")],
            [(True, "result b is called c now"), (True, "result b is int, and was str")],
            [(True, "result c is called b now"), (True, "result c is str, and was int")],
        ),
        # Less than before is as good as before, and more is not.
        (
            [giving("str | None")],
            [giving("str")],
            [(False, "the result is str, and was str | None")],
            [(True, "the result is str | None, and was str")],
        ),
        (
            [giving("float")],
            [giving("int")],
            [(False, "the result is int, and was float")],
            [(True, "the result is float, and was int")],
        ),
        (
            [giving("Any")],
            [giving("str")],
            [(False, "the result is str, and was Any")],
            [(True, "the result is Any, and was str")],
        ),
        # What was a dictionary is an object of ours.
        (
            [giving("Any")],
            [giving("File")],
            [(True, "the result is File, and was Any")],
            [(True, "the result is Any, and was File")],
        ),
        (
            [giving("str")],
            [giving("File")],
            [(True, "the result is File, and was str")],
            [(True, "the result is str, and was File")],
        ),
        (
            [giving("Message", schema=MESSAGE)],
            [giving("Message", schema=RICH)],
            [(False, "the result is another Message now ('id' is new)")],
            [(True, "the result is another Message now ('id' is gone)")],
        ),
        (
            [giving("File", component="Image")],
            [giving("File", component="Video")],
            [(True, "the result is a file of Video, and was one of Image")],
            [(True, "the result is a file of Image, and was one of Video")],
        ),
        (
            [giving("File", component="Image")],
            [giving("File", component="File")],
            [(True, "the result is a file of File, and was one of Image")],
            [],
        ),
        ([giving(label="A")], [giving(label="B", component="Markdown")], [], []),
    ],
)
def test_results(old: JSON, new: JSON, there: JSON, back: JSON) -> None:
    assert list(compare_results(old, new)) == there
    assert list(compare_results(new, old)) == back
