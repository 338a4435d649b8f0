"""Answers that refuse a call: what each of them says, whoever wrote it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradioproxy.protocols.events import Refused
from gradioproxy.protocols.machine import Reply
from gradioproxy.protocols.refusals import read_refusal

REPLIES: list[tuple[int, Any, str, str]] = [
    # Queues
    (
        503,
        {"detail": "Queue is full. Max size is 1 and size is 1."},
        "full",
        "Queue is full. Max size is 1 and size is 1.",
    ),
    (503, {"detail": "Queue is stopped."}, "fault", "Queue is stopped."),
    (503, "Service unavailable", "fault", "Service unavailable"),
    (500, {"detail": "Queue is full."}, "fault", "Queue is full."),
    # Logins
    (401, {"detail": "Not authenticated"}, "login", "Not authenticated"),
    (403, "Forbidden", "login", "Forbidden"),
    # Requests: those of the framework, and those of an app's own validators
    (
        422,
        {
            "detail": [
                {"type": "missing", "loc": ["body", "data"], "msg": "Field required", "input": {}},
                {"type": "int", "loc": ["body", 3], "msg": "no number"},
            ]
        },
        "invalid",
        "body.data: Field required; body.3: no number",
    ),
    (
        422,
        {
            "detail": [
                {"is_valid": False, "message": "Too old", "parameter_name": "age"},
                {"is_valid": False, "message": "Too short", "parameter_name": None},
            ]
        },
        "invalid",
        "age: Too old; Too short",
    ),
    (400, {"detail": "No session_hash"}, "fault", "No session_hash"),
    (413, "too large", "invalid", "too large"),
    # Servers, and proxies before them
    (500, "Internal Server Error", "fault", "Internal Server Error"),
    (
        500,
        {"error": "This app has no endpoint /api/nope/."},
        "fault",
        "This app has no endpoint /api/nope/.",
    ),
    (500, {"error": None}, "fault", ""),
    (502, "<html>\n<h1>502 Bad Gateway</h1>", "fault", "<html> <h1>502 Bad Gateway</h1>"),
    (429, "slow down", "limit", "slow down"),
    (200, {"event": 1}, "fault", ""),
    (200, None, "fault", ""),
    (0, None, "fault", ""),
    # Strangers
    (422, {"detail": ["a", 1, None, ["b"]]}, "invalid", "a; 1; None; ['b']"),
    (422, {"detail": [{"loc": 5, "msg": ["x"]}, {}, {"loc": "body"}]}, "invalid", "['x']; ; "),
    (422, {"detail": [{"parameter_name": 3, "message": 4}]}, "invalid", "3: 4"),
    (500, {"detail": {"a": 1}}, "fault", "{'a': 1}"),
    (500, [1, 2], "fault", "1; 2"),
    (500, True, "fault", "True"),
    (500, {"detail": "\x1b[31mred\u202e\r\nline"}, "fault", "[31mred line"),
]


@pytest.mark.parametrize(("status", "body", "reason", "message"), REPLIES)
def test_an_answer_says_why_the_call_was_not_taken(
    status: int, body: Any, reason: str, message: str
) -> None:
    found = read_refusal(Reply(status, body))
    assert dataclasses.replace(found, problems=()) == Refused(reason, message, status)


def test_what_an_apps_own_checks_say_is_told_for_each_parameter() -> None:
    """What is good is left out, and so is what names no parameter."""
    checks = [
        {"is_valid": False, "message": "Too old", "parameter_name": "age"},
        {"is_valid": True, "message": "", "parameter_name": "name"},
        {"is_valid": False, "message": "\x1b[31mlong\nwords", "parameter_name": "x" * 100},
        {"is_valid": False, "message": None, "parameter_name": "none"},
        {"is_valid": False, "message": "of nobody", "parameter_name": None},
    ]
    problems = read_refusal(Reply(422, {"detail": checks})).problems
    assert problems[0] == ("age", "Too old")
    assert problems[1][1] == "[31mlong words"
    assert len(problems[1][0]) <= 60
    assert problems[2:] == (("none", ""),)
    assert read_refusal(Reply(500, {"detail": checks})).problems == ()


@pytest.mark.parametrize(
    ("reason", "status", "may"),
    [
        ("fault", 500, True),
        ("fault", 502, True),
        ("fault", 200, True),
        ("fault", None, True),
        ("fault", 404, False),
        ("fault", 400, False),
        ("full", 503, False),
        ("login", 401, False),
        ("invalid", 422, False),
    ],
)
def test_only_a_clear_refusal_says_that_the_call_did_not_run(
    reason: str, status: int | None, may: bool
) -> None:
    assert Refused(reason, "", status).may_have_run is may


def test_an_answer_can_say_when_to_try_again() -> None:
    assert read_refusal(Reply(429, "slow down", 30.0)) == Refused("limit", "slow down", 429, 30.0)


@pytest.mark.parametrize(
    "body", ["x" * 100_000, {"detail": ["x" * 1000] * 1000}, {"detail": [{"msg": "x" * 1000}] * 50}]
)
def test_long_answers_are_cut(body: Any) -> None:
    assert len(read_refusal(Reply(500, body)).message) <= 5000


def test_an_answer_that_is_nested_too_deeply_says_little() -> None:
    """Nothing is walked to its end."""
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    for body in ({"detail": {"a": deep}}, {"detail": [{"msg": deep}]}):
        found = read_refusal(Reply(500, body))
        assert (found.reason, found.status) == ("fault", 500)
        assert len(found.message) < 40
    while isinstance(deep, list):
        (deep,) = deep


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["detail", "error", "loc", "msg", "message", "parameter_name", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(status=st.sampled_from([0, 200, 401, 422, 429, 500, 503]), body=JSON)
def test_no_answer_raises(status: int, body: Any) -> None:
    event = read_refusal(Reply(status, body))
    assert "\n" not in event.message
