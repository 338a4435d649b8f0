"""The queue's messages about a call, as each version of Gradio sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradioproxy.protocols.events import (
    Cancelled,
    Completed,
    Event,
    Failed,
    Logged,
    Lost,
    Progressed,
    Queued,
    Refused,
    Started,
    Unit,
    Yielded,
)
from gradioproxy.protocols.messages import Reader, parse_repr
from gradioproxy.schema.release import Release

OLD, NEW = (4, 44, 1), (6, 31, 0)


def read(
    *texts: str, sends_edits: bool = True, release: tuple[int, ...] = NEW
) -> list[Event | None]:
    """Return what one reader makes of messages."""
    reader = Reader(sends_edits=sends_edits, release=Release(release))
    return [reader.receive(json.loads(text)) for text in texts]


MESSAGES: list[tuple[tuple[int, ...], str, Event | None]] = [
    # 4.22, the first with close_stream, to 4.36
    (
        (4, 22),
        '{"msg": "estimation", "event_id": "e", "rank": 2, "queue_size": 3, "rank_eta": 1.5}',
        Queued(2, 3, 1.5),
    ),
    (
        (4, 22),
        '{"msg": "estimation", "event_id": "e", "rank": 0, "queue_size": 1, "rank_eta": null}',
        Queued(0, 1, None),
    ),
    ((4, 22), '{"msg": "process_starts", "event_id": "e", "eta": 0.25}', Started(0.25)),
    ((4, 22), '{"msg": "process_starts", "event_id": "e", "eta": null}', Started(None)),
    (
        (4, 22),
        '{"msg": "log", "event_id": "e", "log": "text", "level": "warning"}',
        Logged("warning", "text", None),
    ),
    (
        (4, 22),
        (
            '{"msg": "progress", "event_id": "e", "progress_data": [{"index": 1, "length": 3, '
            '"unit": "steps", "progress": null, "desc": "outer"}, {"index": null, "length": null, '
            '"unit": "steps", "progress": 0.5, "desc": null}]}'
        ),
        Progressed(
            (Unit(1, 3, "steps", None, "outer"), Unit(None, None, "steps", 0.5, None)),
        ),
    ),
    (
        (4, 22),
        (
            '{"msg": "process_generating", "event_id": "e", "output": {"data": ["a", null], '
            '"is_generating": true, "duration": 0.1, "average_duration": 0.1}, "success": true}'
        ),
        Yielded(("a", None)),
    ),
    (
        (4, 22),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"data": ["a"], "is_generating'
            '": false, "duration": 0.1, "average_duration": 0.1}, "success": true}'
        ),
        Completed(("a",)),
    ),
    # Before 4.17 the last message of a generator says that there is more to come.
    (
        (4, 13, 0),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"data": ["a"], "is_generating'
            '": true}, "success": true}'
        ),
        Completed(("a",)),
    ),
    (
        (4, 22),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"error": "\'boom\'"}, '
            '"success": false}'
        ),
        Failed("boom", None),
    ),
    (
        (4, 22),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"error": null}, "success": '
            "false}"
        ),
        Failed(None, None),
    ),
    (
        (4, 31, 0),
        '{"msg": "process_completed", "event_id": "e", "output": {}, "success": true}',
        Cancelled(),
    ),
    ((4, 22), '{"msg": "heartbeat"}', None),
    ((4, 22), '{"msg": "close_stream"}', None),
    # 4.37 adds how long an error is shown.
    (
        (4, 44, 1),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"error": "\'boom\'", '
            '"duration": 10, "visible": true}, "success": false}'
        ),
        Failed("boom", None),
    ),
    (
        (4, 44, 1),
        (
            '{"msg": "log", "event_id": "e", "log": "text", "level": "info", "duration": 10, '
            '"visible": true}'
        ),
        Logged("info", "text", None),
    ),
    # 5.3 sends the text as it is, with a title.
    (
        (5, 2, 0),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"error": "\\"it\'s\\""}, '
            '"success": false}'
        ),
        Failed("it's", None),
    ),
    (
        (5, 3, 0),
        (
            '{"msg": "process_completed", "event_id": "e", "output": {"error": "\'boom\'", '
            '"duration": 10, "visible": true, "title": "Oh"}, "success": false, "title": "Oh"}'
        ),
        Failed("'boom'", "Oh"),
    ),
    (
        (5, 10, 0),
        (
            '{"msg": "log", "event_id": "e", "log": "text", "level": "success", "duration": 10, '
            '"visible": true, "title": "Well"}'
        ),
        Logged("success", "text", "Well"),
    ),
    (
        (5, 50, 0),
        (
            '{"msg": "process_streaming", "event_id": "e", "output": {"data": ["a"], "is_generating'
            '": true}, "success": true, "time_limit": 30}'
        ),
        Yielded(("a",)),
    ),
    # 6 adds fields about its cache, and may leave out what comes before a result.
    (
        (6, 31, 0),
        (
            '{"msg":"process_completed","event_id":"e","output":{"data":["a"],"is_generating":false,'
            '"duration":0.1,"average_duration":0.1,"render_config":null,"changed_state_ids":[],'
            '"used_cache":"full"},"success":true,"title":null,"used_cache":"full",'
            '"cache_duration":0.1,"avg_time":0.1}'
        ),
        Completed(("a",)),
    ),
    (
        (6, 31, 0),
        (
            '{"msg":"process_completed","event_id":"e","output":{"error":null},"success":false,'
            '"title":"Error","used_cache":null,"cache_duration":null,"avg_time":null}'
        ),
        Failed(None, "Error"),
    ),
    (
        (6, 31, 0),
        '{"msg":"process_completed","event_id":"e","output":{"data":[]},"success":true}',
        Completed(()),
    ),
    # The queue of 3.x and 4.0 to 4.8
    ((3, 50, 2), '{"msg": "queue_full"}', Refused("full", "The app's queue is full.")),
    (
        (3, 16, 2),
        (
            '{"msg": "estimation", "rank": 0, "queue_size": 1, "avg_event_process_time": 0.0, '
            '"avg_event_concurrent_process_time": null, "rank_eta": null, "queue_eta": 1.0}'
        ),
        Queued(0, 1, None),
    ),
    # What a later version may send
    ((9, 0), '{"msg": "process_dreams", "event_id": "e", "output": {}}', None),
    ((9, 0), '{"msg": null}', None),
    ((9, 0), '{"msg": ["log"]}', None),
    ((9, 0), "{}", None),
]


@pytest.mark.parametrize(("release", "text", "expected"), MESSAGES)
def test_each_kind_of_message_becomes_its_event(
    release: tuple[int, ...], text: str, expected: Event | None
) -> None:
    assert read(text, release=release) == [expected]


def generating(*data: Any, kind: str = "process_generating") -> str:
    return json.dumps({"msg": kind, "output": {"data": data, "is_generating": True}})


def test_edits_are_of_each_output_and_of_the_partial_result_before() -> None:
    """The first is whole; an output without edits stays as it was, and yields all the same."""
    assert read(
        generating("one", [1]),
        generating([["append", [], " two"]], []),
        generating([], []),
        generating([["replace", [], None]], [["add", [1], 2]]),
    ) == [
        Yielded(("one", [1])),
        Yielded(("one two", [1])),
        Yielded(("one two", [1])),
        Yielded((None, [1, 2])),
    ]


def test_without_edits_each_partial_result_is_whole() -> None:
    """As ``sse_v1`` sends them, also where they look like edits."""
    edits = [["append", [], " two"]]
    assert read(generating("one"), generating(edits), sends_edits=False) == [
        Yielded(("one",)),
        Yielded((edits,)),
    ]


def test_streamed_results_are_whole_and_no_base_for_edits() -> None:
    assert read(
        generating("one"),
        generating("chunk", kind="process_streaming"),
        generating([["append", [], "!"]]),
    ) == [Yielded(("one",)), Yielded(("chunk",)), Yielded(("one!",))]


def test_a_result_repeats_what_the_edits_have_led_to() -> None:
    assert read(
        generating("one"),
        generating([["append", [], " two"]]),
        generating("one two", kind="process_completed"),
    ) == [Yielded(("one",)), Yielded(("one two",)), Completed(("one two",))]


@pytest.mark.parametrize("order", [(1,), (0, 0, 1), (1, 0)])
def test_edits_that_were_lost_or_doubled_or_swapped_are_noticed(order: tuple[int, ...]) -> None:
    """They are not numbered; but the result comes whole, and what they lead to is not that."""
    edits = [[["append", [], " two"]], [["append", [], " three"]]]
    *_, last = read(
        generating("one"),
        *(generating(edits[number]) for number in order),
        generating("one two three", kind="process_completed"),
    )
    assert isinstance(last, Lost)


WRONG = [
    generating(),
    generating([], []),
    generating("text"),
    generating([["swap", [], 1]]),
    generating([["replace", [5], 1]]),
    '{"msg": "process_generating"}',
    '{"msg": "process_generating", "output": null}',
    '{"msg": "process_generating", "output": []}',
    '{"msg": "process_generating", "output": {"data": null}}',
    '{"msg": "process_generating", "output": {"data": {"0": 1}}}',
    '{"msg": "process_streaming", "output": {}}',
    '{"msg": "process_completed"}',
    '{"msg": "process_completed", "output": "x", "success": true}',
    '{"msg": "process_completed", "output": {"data": "x"}, "success": true}',
    '{"msg": "process_completed", "output": {"error": "x"}, "success": true}',
    '{"msg": "process_completed", "output": null, "success": false}',
    generating("two", kind="process_completed"),
]


@pytest.mark.parametrize("text", WRONG)
def test_results_that_make_no_sense_end_the_call_as_lost(text: str) -> None:
    """The message never raises, and says whose fault it is."""
    first, second = read(generating("one"), text)
    assert first == Yielded(("one",))
    assert isinstance(second, Lost)
    assert second.message.startswith("The server ")


def test_a_failure_can_come_as_a_partial_result() -> None:
    text = '{"msg": "process_generating", "output": {"error": "boom"}, "success": false}'
    assert read(text) == [Failed("boom", None)]


STRANGE = [
    (
        '{"msg": "estimation", "rank": "2", "queue_size": true, "rank_eta": "soon"}',
        Queued(None, None, None),
    ),
    ('{"msg": "estimation"}', Queued(None, None, None)),
    ('{"msg": "estimation", "rank_eta": NaN, "rank": 1.5}', Queued(None, None, None)),
    ('{"msg": "process_starts", "eta": -Infinity}', Started(None)),
    ('{"msg": "process_starts", "eta": 1%s}' % ("0" * 400), Started(None)),
    ('{"msg": "process_starts", "eta": [1]}', Started(None)),
    ('{"msg": "progress"}', Progressed(())),
    ('{"msg": "progress", "progress_data": {"index": 1}}', Progressed(())),
    (
        '{"msg": "progress", "progress_data": [1, null, {"index": "1", "desc": 2}]}',
        Progressed((Unit(None, None, None, None, None),)),
    ),
    ('{"msg": "log"}', Logged("info", "", None)),
    ('{"msg": "log", "level": "INFO:root"}', Logged("info", "", None)),
    ('{"msg": "log", "level": "error", "log": "a\\nb\\r"}', Logged("error", "a\nb\n", None)),
    ('{"msg": "log", "log": {"a": 1}, "level": 3, "title": []}', Logged("info", "", None)),
    (
        '{"msg": "log", "log": "\\u001b[31mred\\u202e", "level": "a\\u0007b", "title": "\\u0000"}',
        Logged("info", "[31mred", ""),
    ),
    (
        '{"msg": "process_completed", "success": false, "output": {"error": "\\u001b]0;x\\u0007"}}',
        Failed("]0;x", None),
    ),
    ('{"msg": "process_completed", "success": false, "output": {}}', Failed(None, None)),
    (
        '{"msg": "process_completed", "success": false, "output": {"error": {"code": 3}}}',
        Failed("{'code': 3}", None),
    ),
    ('{"msg": "process_completed", "success": false, "output": {"error": 0}}', Failed("0", None)),
    ('{"msg": "process_completed", "success": null, "output": {"data": [1]}}', Completed((1,))),
]


@pytest.mark.parametrize(("text", "expected"), STRANGE)
def test_strange_values_are_left_out_and_texts_made_fit_to_show(text: str, expected: Event) -> None:
    assert read(text) == [expected]


def test_a_value_that_is_nested_too_deeply_is_no_accident_of_ours() -> None:
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    reader = Reader(sends_edits=True, release=Release(NEW))
    event = reader.receive(
        {"msg": "process_completed", "success": False, "output": {"error": deep}}
    )
    assert event == Lost("The server sent a value that is nested too deeply.")
    while deep:
        (deep,) = deep


VALUES: list[Any] = [
    None,
    True,
    -1,
    1.5,
    float("inf"),
    "",
    "'text",
    [],
    [None, 1, "a"],
    [[["append", [], "a"]]],
    [[["replace", ["a", 0], 1]]],
    [[["add", [0], []], ["delete", [0], None]]],
    [{"a": [1]}],
    [{"index": 1, "desc": []}],
    {},
    {"data": []},
    {"a": {"b": [None]}},
]
KINDS = (
    "estimation",
    "process_starts",
    "progress",
    "log",
    "process_generating",
    "process_streaming",
    "process_completed",
    "queue_full",
    "heartbeat",
)
FIELDS = (
    "rank",
    "queue_size",
    "rank_eta",
    "eta",
    "progress_data",
    "log",
    "level",
    "title",
    "success",
)
ANY = st.sampled_from(VALUES)
ANY_MESSAGE = st.builds(
    lambda kind, output, fields: {"msg": kind, "output": output, **fields},
    st.sampled_from(KINDS) | ANY,
    st.fixed_dictionaries({}, optional={"data": ANY, "error": ANY, "title": ANY}) | ANY,
    st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANY)),
)


@settings(deadline=None)
@given(
    messages=st.lists(ANY_MESSAGE, max_size=6),
    sends_edits=st.booleans(),
    release=st.sampled_from([OLD, NEW]),
)
def test_no_message_raises(
    messages: list[dict[str, Any]], sends_edits: bool, release: tuple[int, ...]
) -> None:
    """Whatever the fields hold, a message is an event or nothing."""
    reader = Reader(sends_edits=sends_edits, release=Release(release))
    for message in messages:
        event = reader.receive(message)
        assert event is None or isinstance(event, Event)


QUOTED = {
    "'boom'": "boom",
    '"it\'s"': "it's",
    "'it\\'s \"so\"'": 'it\'s "so"',
    "''": "",
    "'a\\nb\\tc\\rd\\\\n'": "a\nb\tc\rd\\n",
    "'\\x00\\x1b\\xad'": "\x00\x1b\xad",
    "'\\u202e\\u2028'": "\u202e\u2028",
    "'\\U000e0001😀'": "\U000e0001😀",
    "'\\\\x41'": "\\x41",
    # Not the repr of a text, and so what somebody wrote
    "boom": "boom",
    "": "",
    "'": "'",
    '"': '"',
    "'boom\"": "'boom\"",
    "'a' is not in 'b'": "'a' is not in 'b'",
    '"a" or "b"': '"a" or "b"',
    "'ends in a backslash\\'": "'ends in a backslash\\'",
    "KeyError('x')": "KeyError('x')",
    # No repr has these; whatever they become, they are texts.
    "'\\q'": "q",
    "'\\uffzz'": "uffzz",
    "'\\Uffffffff'": "\U0010ffff",
}


@pytest.mark.parametrize(("quoted", "text"), QUOTED.items())
def test_the_repr_of_a_text_is_undone_and_nothing_else(quoted: str, text: str) -> None:
    assert parse_repr(quoted) == text


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("'\"\\\n\r\t\x00\x7f\xa0\xad\u2028\ud800")))
def test_the_repr_of_every_text_comes_back(text: str) -> None:
    assert parse_repr(repr(text)) == text


@settings(deadline=None)
@given(st.text(st.sampled_from("'\"\\xuU0aén\n")))
def test_no_text_is_evaluated_or_raises(text: str) -> None:
    assert isinstance(parse_repr(text), str)
