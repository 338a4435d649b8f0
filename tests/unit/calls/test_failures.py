"""From what happened to a call or its connection to the exception that a caller gets."""

from __future__ import annotations

from typing import Any

import pytest

from gradioproxy.calls.failures import (
    add_call_details,
    describe_in_call,
    error_for,
    explain_app_error,
    hide_secrets,
)
from gradioproxy.calls.request import CallRequest
from gradioproxy.errors import (
    AppError,
    ArgumentError,
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    GradioProxyError,
    ProtocolError,
    QueueFull,
    RateLimited,
    ServerError,
    Timeout,
    Trace,
)
from gradioproxy.options import CallOptions
from gradioproxy.protocols.events import (
    Cancelled,
    Completed,
    Event,
    Failed,
    Lost,
    Oversized,
    Refused,
)
from tests.support.schemas import endpoint

MAY = "It may have run; call it again if that does no harm."


EVENT_HINT = "f() takes what an event of the page brings, and was given none: call it with_options"


@pytest.mark.parametrize(
    ("said", "facts", "options", "begins"),
    [
        ("boom", {"collects_event": True}, {}, f"boom. {EVENT_HINT}"),
        ("It broke!", {"collects_event": True}, {}, f"It broke! {EVENT_HINT}"),
        (None, {"collects_event": True}, {}, "f() failed inside the app, which hides its errors."),
        ("boom", {"collects_event": True}, {"event_data": {}}, "boom"),
        ("boom", {}, {}, "boom"),
    ],
)
def test_what_a_failed_call_may_have_lacked(
    said: str | None, facts: dict[str, Any], options: dict[str, Any], begins: str
) -> None:
    """What the app said stays as it was."""
    request: Any = CallRequest("f", None, endpoint(**facts), None, CallOptions(**options))  # type: ignore[arg-type]
    error = explain_app_error(error_for(Failed(said), "f", sent=True), request)
    assert isinstance(error, AppError)
    assert error.app_message == said
    assert str(error).startswith(begins)
    assert (EVENT_HINT in str(error)) == (bool(facts) and not options)


def test_no_other_error_is_explained() -> None:
    request: Any = CallRequest("f", None, endpoint(collects_event=True), None)  # type: ignore[arg-type]
    error = error_for(Lost("gone"), "f", sent=True)
    assert str(explain_app_error(error, request)) == str(error_for(Lost("gone"), "f", sent=True))


@pytest.mark.parametrize(
    ("status", "may", "words"),
    [(500, True, MAY), (502, True, MAY), (404, False, "It did not run.")],
)
def test_an_answer_that_is_none_says_whether_the_call_may_have_run(
    status: int, may: bool, words: str
) -> None:
    error = error_for(Refused("fault", "Internal Server Error", status), "f", sent=True)
    assert isinstance(error, ServerError)
    assert (error.status, error.may_have_run) == (status, may)
    assert str(error) == f"The server answered {status} to f() (Internal Server Error). {words}"


def test_a_call_that_has_to_queue_is_not_told_to_log_in() -> None:
    event = Refused("fault", "the app takes this call only through its queue", 401)
    error = error_for(event, "f", sent=True)
    assert isinstance(error, ServerError)
    assert str(error).endswith("(the app takes this call only through its queue). It did not run.")


def test_what_an_apps_checks_refuse_is_named_by_parameter() -> None:
    problems = (("age", "Too young"), ("name", ""))
    error = error_for(Refused("invalid", "all of it", 422, None, problems), "f", sent=True)
    assert isinstance(error, ArgumentError)
    assert [(problem.parameter, problem.expected) for problem in error.problems] == [
        ("age", "Too young"),
        ("name", "it says no more"),
    ]
    assert isinstance(error, ValueError)
    whole = error_for(Refused("invalid", "body.data: bad", 422), "f", sent=True)
    assert str(whole) == "f(): the app: got these arguments; body.data: bad"


def test_a_full_queue_says_what_helps() -> None:
    error = error_for(Refused("full", "The app's queue is full.", 503, 3.0), "f", sent=True)
    assert isinstance(error, QueueFull)
    assert error.retry_after == 3.0
    assert "concurrency=" in str(error)
    assert str(error).count("queue is full") == 1


@pytest.mark.parametrize("said", ["", " ", "\u200b\n"])
@pytest.mark.parametrize(("title", "heading"), [(None, ""), ("Error", ""), ("Oh", "Oh: ")])
def test_an_app_that_fails_without_a_word(said: str, title: str | None, heading: str) -> None:
    error = error_for(Failed(said, title), "f", sent=True)
    assert isinstance(error, AppError)
    assert str(error) == f"{heading}f() failed inside the app, which gave no message."
    assert (error.app_message, error.title) == (said, None if title == "Error" else title)


ERRORS = [
    ConnectError("refused"),
    ConnectionLost("broke"),
    Timeout("slow", limit="timeout"),
    ServerError("answered 502", status=502),
    RateLimited("answered 429", retry_after=2.0),
    AuthenticationError("no"),
    ProtocolError("odd"),
    AppError("boom"),
]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("error", ERRORS, ids=[type(error).__name__ for error in ERRORS])
def test_each_error_of_a_call_says_whether_it_may_have_run(
    error: GradioProxyError, sent: bool
) -> None:
    """By what was sent, and not by what went wrong."""
    own = describe_in_call(error, "f", sent=sent)
    add_call_details(own, Trace(), event_id="e", sent=sent, outputs=tuple, hide=str)
    assert own.may_have_run is sent
    assert own.event_id == "e"
    assert str(error) in str(own)
    assert (MAY in str(own)) <= sent
    assert getattr(own, "retry_after", None) == getattr(error, "retry_after", None)


def test_a_connection_that_breaks_under_a_call_is_lost() -> None:
    """Also one that can't be opened again; before the call, an address is only wrong."""
    assert type(describe_in_call(ConnectError("refused"), "f", sent=True)) is ConnectionLost
    assert type(describe_in_call(ConnectError("refused"), "f", sent=False)) is ConnectError
    early = describe_in_call(ConnectionLost("broke"), "f", sent=False)
    assert str(early) == "The connection to the app broke before f(): broke It did not run."


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (Failed("my key", "key"), Failed("my -", "-")),
        (Failed(None), Failed(None)),
        (Lost("key"), Lost("-")),
        (Oversized("key", 5), Oversized("-", 5)),
        (
            Refused("invalid", "key", 422, 1.0, (("key", "a key"),)),
            Refused("invalid", "-", 422, 1.0, (("-", "a -"),)),
        ),
        (Completed(("key",)), Completed(("key",))),
        (Cancelled(), Cancelled()),
    ],
)
def test_what_a_server_says_of_a_failure_loses_secrets(event: Event, shown: Event) -> None:
    """Results don't: they are the caller's."""
    assert hide_secrets(event, lambda text: text.replace("key", "-")) == shown
