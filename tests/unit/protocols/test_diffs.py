"""Edits of partial results: those that every Gradio sends, and those that none would."""

from __future__ import annotations

import contextlib
import copy
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradioproxy.errors import ProtocolError, TooLarge
from gradioproxy.protocols.diffs import EditedValue, Grown, apply_edits, are_equal, build_value

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = list(range(5))

EDITS: dict[str, tuple[Any, list[Any], Any]] = {
    "nothing": ({"a": 1}, [], {"a": 1}),
    "whole value": ("a", [["replace", [], {"b": 1}]], {"b": 1}),
    "whole text": ("a", [["append", [], "b"]], "ab"),
    "text inside": ({"a": ["x", "y"]}, [["append", ["a", 1], "z"]], {"a": ["x", "yz"]}),
    "value inside": ({"a": [1, 2]}, [["replace", ["a", 0], None]], {"a": [None, 2]}),
    "new key by replace": ({}, [["replace", ["a"], 1]], {"a": 1}),
    "new key": ({"a": {}}, [["add", ["a", "b"], 1]], {"a": {"b": 1}}),
    "key goes": ({"a": 1, "b": 2}, [["delete", ["a"], None]], {"b": 2}),
    "empty key": ({"": {"": 1}}, [["replace", ["", ""], 2]], {"": {"": 2}}),
    "item at the end": ([1], [["add", [1], 2], ["add", [2], 3]], [1, 2, 3]),
    "item at the beginning": ([1], [["add", [0], 0]], [0, 1]),
    "changes of what was just added": (
        [],
        [["add", [0], {"a": [1]}], ["add", [0, "a", 1], 2], ["replace", [0, "a", 0], 0]],
        [{"a": [0, 2]}],
    ),
    # A list box that loses all values but one, as three versions send it.
    "shorter list of 4.44.1": (
        LONG,
        [["delete", [2], None], ["delete", [3], None], ["delete", [4], None]],
        [0, 1],
    ),
    "shorter list of 6.31.0": (
        LONG,
        [["delete", [2], None], ["delete", [2], None], ["delete", [2], None]],
        [0, 1],
    ),
    # A table that loses a column and a row, as 6.31.0 sends it: the row counts as the first one.
    "smaller table of 6.31.0": (
        {"headers": ["a", "b"], "data": [[1, 2], [3, 4], [5, 6]]},
        [
            ["delete", ["headers", 1], None],
            ["delete", ["data", 0, 1], None],
            ["delete", ["data", 1, 0], None],
            ["delete", ["data", 0], None],
        ],
        {"headers": ["a"], "data": [[1], [3]]},
    ),
    "negative places of 6.31.0": (
        [[1, 2], [3, 4], [5, 6]],
        [["delete", [0, 1], None], ["delete", [1, 0], None], ["delete", [2, -1], None]],
        [[1], [3], [5]],
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_make_the_value_that_was_meant(name: str) -> None:
    before, edits, after = EDITS[name]
    assert apply_edits(before, edits) == after


def difference(shift: Callable[[list[Any]], None]) -> Callable[[Any, Any], list[Any]]:
    """Return the algorithm of Gradio's servers, with what a version does to the edits of a list."""

    def compare(old: Any, new: Any, path: list[Any]) -> list[Any]:
        if old == new:
            return []
        if type(old) is not type(new):
            return [["replace", path, new]]
        if isinstance(old, str) and new.startswith(old):
            return [["append", path, new[len(old) :]]]
        edits: list[Any] = []
        if isinstance(old, list):
            common = min(len(old), len(new))
            for place in range(common):
                edits += compare(old[place], new[place], [*path, place])
            edits += [["delete", [*path, place], None] for place in range(common, len(old))]
            edits += [["add", [*path, place], new[place]] for place in range(common, len(new))]
            shift(edits)
            return edits
        if isinstance(old, dict):
            for key in old:
                if key in new:
                    edits += compare(old[key], new[key], [*path, key])
                else:
                    edits.append(["delete", [*path, key], None])
            return edits + [["add", [*path, key], new[key]] for key in new if key not in old]
        return [["replace", path, new]]

    return lambda old, new: compare(old, new, [])


def later(edits: list[Any]) -> None:
    """Count deletions off the places of those behind them, also those inside the list's items."""
    seen = 0
    for operation, path, _ in edits:
        if operation == "delete" and isinstance(path[-1], int):
            path[-1] -= seen
            seen += 1


DIFFERENCES = {"4.17 to 4.44": difference(lambda _: None), "later": difference(later)}

KEYS = st.sampled_from(["", "a", "b", "ab", "0"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("servers", DIFFERENCES)
@settings(deadline=None)
@given(values=st.lists(JSON, min_size=2, max_size=5))
def test_what_gradio_sends_makes_the_next_value_and_keeps_the_earlier(
    servers: str, values: list[Any]
) -> None:
    """A run of random values comes back, each in its turn, and stays as it was to the end."""
    sent = copy.deepcopy(values)
    received = [sent[0]]
    for old, new in itertools.pairwise(sent):
        edits = copy.deepcopy(DIFFERENCES[servers](old, new))
        received.append(apply_edits(received[-1], edits))
        assert received[-1] == new
    assert received == values


def test_what_no_edit_touches_is_shared() -> None:
    """So a growing chat costs as much as what is new in it."""
    before = {"old": [{"text": "x"}], "new": [{"text": "x"}]}
    after = apply_edits(before, [["append", ["new", 0, "text"], "y"]])
    assert after["old"] is before["old"]
    assert after["new"] is not before["new"]
    assert before["new"] == [{"text": "x"}]


class Watched(list[Any]):
    """A list that counts its copies."""

    copies = 0

    def copy(self) -> list[Any]:
        """Copy it."""
        Watched.copies += 1
        return Watched(self)


def test_many_edits_of_one_list_copy_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that grows by thousands of items in a step must not cost their square."""
    monkeypatch.setattr(Watched, "copies", 0)
    edits: list[list[Any]] = [["add", ["rows", place], [place]] for place in range(10_000)]
    edits += [["replace", ["rows", place, 0], None] for place in range(10_000)]
    assert apply_edits({"rows": Watched()}, edits) == {"rows": [[None]] * 10_000}
    assert Watched.copies == 1


WRONG: list[tuple[Any, Any]] = [
    (1, None),
    (1, {"a": 1}),
    (1, "replace"),
    (1, [None]),
    (1, [[]]),
    (1, ["abc"]),
    (1, [["replace", []]]),
    (1, [["replace", [], 1, 2]]),
    (1, [["replace", None, 1]]),
    (1, [["replace", "", 1]]),
    ({"a": 1}, [["replace", "a", 2]]),
    (1, [["swap", [], 1]]),
    (1, [[["replace"], [], 1]]),
    (1, [["add", [], 1]]),
    (1, [["delete", [], None]]),
    (1, [["append", [], 1]]),
    ([1], [["append", [], [2]]]),
    ("a", [["append", [], 1]]),
    ("a", [["append", [], None]]),
    (None, [["append", [], "a"]]),
    ("abc", [["replace", [0], "x"]]),
    ("abc", [["delete", [0], None]]),
    ("abc", [["add", [0], "x"]]),
    (None, [["add", [0], "x"]]),
    ([1, 2], [["replace", [2], 0]]),
    ([1, 2], [["replace", [-1], 0]]),
    ([1, 2], [["replace", [True], 0]]),
    ([1, 2], [["replace", [1.0], 0]]),
    ([1, 2], [["replace", ["1"], 0]]),
    ([1, 2], [["replace", [None], 0]]),
    ([1, 2], [["replace", [[0]], 0]]),
    ([1, 2], [["replace", [{}], 0]]),
    ([1, 2], [["replace", [10**30], 0]]),
    (["a"], [["append", [True], "b"]]),
    (["a"], [["append", [-1], "b"]]),
    ([1, 2], [["add", [3], 0]]),
    ([1, 2], [["add", [-1], 0]]),
    ([1, 2], [["add", [True], 0]]),
    ([1, 2], [["add", ["0"], 0]]),
    ([1, 2], [["add", [10**30], 0]]),
    ([1, 2], [["delete", [True], None]]),
    ([1, 2], [["delete", ["0"], None]]),
    ([1, 2], [["delete", [None], None]]),
    ([], [["delete", [0], None]]),
    ([1], [["delete", [0], None], ["delete", [0], None]]),
    ({"a": 1}, [["delete", ["b"], None]]),
    ({"a": 1}, [["delete", [0], None]]),
    ({"a": 1}, [["replace", [0], 2]]),
    ({"a": 1}, [["add", [None], 2]]),
    ({"a": 1}, [["add", [["a"]], 2]]),
    ({"a": "x"}, [["append", ["b"], "y"]]),
    ([], [["add", [0], {"a": [1]}], ["append", [0, "b"], "x"]]),
    ({"a": {"b": 1}}, [["replace", ["a", "c", "d"], 2]]),
    ({"a": {"b": 1}}, [["replace", ["a", "b", "c"], 2]]),
    ([[1]], [["replace", [-1, 0], 2]]),
    ([[1]], [["replace", [False, 0], 2]]),
    ({"True": [1]}, [["replace", [True, 0], 2]]),
]


@pytest.mark.parametrize(("before", "edits"), WRONG, ids=repr)
def test_edits_that_do_not_fit_are_refused_and_change_nothing(before: Any, edits: Any) -> None:
    kept = copy.deepcopy(before)
    with pytest.raises(ProtocolError):
        apply_edits(before, edits)
    assert before == kept


OPERATIONS = st.sampled_from(["replace", "append", "add", "delete", "swap"]) | JSON
PATHS = st.lists(KEYS | st.integers(-3, 9) | st.booleans() | JSON, max_size=4) | JSON
HOSTILE = st.lists(st.tuples(OPERATIONS, PATHS, JSON).map(list) | JSON, max_size=4) | JSON


@settings(deadline=None)
@given(before=JSON, edits=HOSTILE)
def test_whatever_is_sent_raises_nothing_else(before: Any, edits: Any) -> None:
    """Random edits make a value or a `ProtocolError`, and the value before stays as it was."""
    kept = copy.deepcopy(before)
    with contextlib.suppress(ProtocolError):
        apply_edits(before, edits)
    assert before == kept


NAN = float("nan")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}, True),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1], [1, 2], False),
        ([], {}, False),
        (["1"], [1], False),
        ([NAN, {"a": NAN}], [float("nan"), {"a": float("nan")}], True),
        ([NAN], [None], False),
        ([{"path": "a", "url": "/a"}], [{"path": "a", "url": "http://host/a"}], True),
        ([{"path": "a", "url": "/a"}], [{"path": "b", "url": "/a"}], False),
        ([{"url": "/a"}], [{"url": "/b"}], False),
    ],
    ids=repr,
)
def test_values_are_compared_whatever_is_in_them(one: Any, other: Any, equal: bool) -> None:
    assert are_equal(one, other) is equal


def test_depth_is_no_limit_to_a_comparison() -> None:
    """Two values deeper than the interpreter's stack are the same, or differ at their ends."""
    values: list[Any] = ["x", "x", "y"]
    for _ in range(100_000):
        values = [[value] for value in values]
    assert are_equal(values[0], values[1])
    assert not are_equal(values[0], values[2])
    for value in values:  # released one by one; see below
        inner = value
        while isinstance(inner, list):
            (inner,) = inner


def test_depth_is_no_limit() -> None:
    """A path as long as memory allows is followed without the interpreter's stack."""
    value: Any = "x"
    for _ in range(100_000):
        value = [value]
    after = apply_edits(value, [["append", [0] * 100_000, "y"]])
    for _ in range(100_000):
        (after,) = after
    assert after == "xy"
    # Released one by one: some interpreters release nested lists by recursion.
    while isinstance(value, list):
        (value,) = value


WORDS = st.lists(st.text(max_size=3), min_size=1, max_size=8)
PLACES = st.sampled_from([[], ["a"], [1], [1, "b", 0]])


def put_at(path: list[Any], text: str) -> Any:
    """Return a value that has a text at a path."""
    return {
        0: text,
        1: {"a": text} if path == ["a"] else ["x", text],
        3: ["x", {"b": [text], "c": None}],
    }[len(path)]


@given(path=PLACES, words=WORDS, others=st.lists(JSON, max_size=3), order=st.randoms())
def test_a_text_that_grows_is_at_each_step_what_the_edits_make(
    path: list[Any], words: list[str], others: list[Any], order: Any
) -> None:
    """Whoever asks for which step when, also after something else has come in its place."""
    wanted = [put_at(path, "")]
    edited = EditedValue(copy.deepcopy(wanted[0]))
    came: list[Any] = [copy.deepcopy(wanted[0])]
    changes = [[["append", path, word]] for word in words]
    changes += [[["replace", [], other]] for other in others]
    changes += [[], [["replace", [], put_at(path, "")]], [], *changes[: len(words)]]
    for edits in changes:
        wanted.append(apply_edits(wanted[-1], edits))
        came.append(edited.edit(copy.deepcopy(edits)))
        if order.random() < 0.3:
            assert build_value(came[-1]) == wanted[-1]
    assert edited.value == wanted[-1]
    numbers = list(range(len(came)))
    order.shuffle(numbers)
    for number in numbers:
        assert build_value(came[number]) == wanted[number]


def test_a_text_that_grows_is_put_together_for_who_asks() -> None:
    """Ten thousand words are no ten thousand texts; one asked for after the other is one."""
    edited = EditedValue([{"text": "x"}])
    edits = [["append", [0, "text"], "y"]]
    came = [edited.edit(edits) for _ in range(1000)]

    assert all(isinstance(each, Grown) for each in came[1:])
    assert edited.value == [{"text": "x" + "y" * 1000}]
    assert [build_value(each)[0]["text"] for each in came] == [
        "x" + "y" * n for n in range(1, 1001)
    ]


@given(before=JSON, edits=HOSTILE)
def test_edits_that_do_not_fit_leave_a_value_as_it_was(before: Any, edits: Any) -> None:
    """Whatever was sent before and behind them."""
    for first in ([], [["replace", [], "text"]], [["append", [], "y"]]):
        edited = EditedValue(copy.deepcopy(before))
        with contextlib.suppress(ProtocolError):
            edited.edit(first)
        value = copy.deepcopy(edited.value)
        try:
            wanted = apply_edits(value, edits)
        except ProtocolError:
            with pytest.raises(ProtocolError):
                edited.edit(edits)
            wanted = value
        else:
            assert are_equal(build_value(edited.edit(edits)), wanted)
        assert are_equal(edited.value, wanted)


def test_who_changes_what_came_changes_nothing_that_follows() -> None:
    """The containers along the way to a text that grows are each step's own."""
    edited = EditedValue([{"role": "bot", "text": ""}])
    edits = [["append", [0, "text"], "y"]]
    first = build_value(edited.edit(edits))
    edited.edit(edits)
    first[0].clear()
    first.clear()
    assert build_value(edited.edit(edits)) == [{"role": "bot", "text": "yyy"}]


@pytest.mark.parametrize("path", [[True], [1.0], "1", {1: 2}, [1, 1], [], None])
def test_what_only_looks_like_the_same_place_is_none(path: Any) -> None:
    """Also behind edits of the place that it looks like."""
    edited = EditedValue(["x", "y"])
    for _ in range(2):
        edited.edit([["append", [1], "z"]])
    with pytest.raises(ProtocolError):
        edited.edit([["append", path, "z"]])
    assert edited.value == ["x", "yzz"]


def test_a_text_that_grows_for_long_is_a_new_one_now_and_then() -> None:
    """Pieces take more room than their text, so that they are not kept for ever."""
    edited = EditedValue("")
    came = [edited.edit([["append", [], "ab"]]) for _ in range(10_000)]
    assert all(build_value(each) == "ab" * n for n, each in list(enumerate(came, 1))[::97])
    assert edited.value == "ab" * 10_000
    growths = {id(each._growth) for each in came if isinstance(each, Grown)}
    assert len(growths) == 3


def test_readers_at_different_places_see_each_their_own() -> None:
    """One may be ahead, and another one far behind."""
    edited = EditedValue(["x"])
    came = [edited.edit([["append", [0], str(n % 10)]]) for n in range(100)]
    whole = "x" + "0123456789" * 10
    for place in range(50):
        assert build_value(came[place + 50]) == [whole[: place + 52]]
        assert build_value(came[place]) == [whole[: place + 2]]


def test_a_value_that_edits_make_too_large() -> None:
    """Each is small, and the result, which repeats the value, could not come."""
    edited = EditedValue("", 1000)

    def grow() -> None:
        for _ in range(100):
            edited.edit([["append", [], "x" * 100]])

    with pytest.raises(TooLarge, match=r"piece by piece, of more than 1,000 bytes") as raised:
        grow()
    assert raised.value.limit == "message"
    assert 1000 < len(edited.value) <= 1500


@pytest.mark.parametrize(
    ("value", "edits"),
    [
        ({"a": "x" * 900}, [["replace", ["a"], "y" * 900]]),
        (["x" * 900], [["delete", [0], None], ["add", [0], "x" * 900]]),
        ("x" * 900, [["replace", [], "x" * 900]]),
    ],
)
def test_what_edits_take_away_does_not_count(value: Any, edits: list[Any]) -> None:
    edited = EditedValue(value, 1000)
    for _ in range(100):
        edited.edit(copy.deepcopy(edits))


@pytest.mark.parametrize(
    ("edits", "least"),
    [
        ([["add", [0], 1]], 8000),
        ([["append", ["text"], "x"], ["add", ["list", 0], 1]], 16_000),
        ([["append", ["text"], "x"]], 8000),
    ],
)
def test_what_an_edit_copies_counts(edits: list[Any], least: int) -> None:
    """Of a few bytes it makes a value that takes as much as the one before."""
    value: Any = [1] * 1000
    if edits[0][1] != [0]:
        value = {"text": "x" * 8000, "list": value}
    edited = EditedValue(value)
    edited.edit(edits)
    assert least <= edited.added < 10 * least


def test_a_text_that_grows_is_not_copied_for_each_piece() -> None:
    edited = EditedValue({"text": "x" * 8000})
    edited.edit([["append", ["text"], "x"]])
    edited.edit([["append", ["text"], "x"]])
    assert edited.added < 100
