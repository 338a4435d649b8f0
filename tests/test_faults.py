"""From what a protocol reports to the exception that a caller gets."""

from __future__ import annotations

import pytest

from gradioproxy.errors import ArgumentError, ServerError
from gradioproxy.faults import error_for
from gradioproxy.protocols.events import Refused

MAY = "It may have run; call it again if that does no harm."


@pytest.mark.parametrize(
    ("status", "may", "words"),
    [(500, True, MAY), (502, True, MAY), (404, False, "It did not run.")],
)
def test_an_answer_that_is_none_says_whether_the_call_may_have_run(
    status: int, may: bool, words: str
) -> None:
    error = error_for(Refused("fault", "Internal Server Error", status), "f", None)
    assert isinstance(error, ServerError)
    assert (error.status, error.may_have_run) == (status, may)
    assert str(error) == f"The server answered {status} to f() (Internal Server Error). {words}"


def test_a_call_that_has_to_queue_is_not_told_to_log_in() -> None:
    event = Refused("fault", "the app takes this call only through its queue", 401)
    error = error_for(event, "f", None)
    assert isinstance(error, ServerError)
    assert str(error).endswith("(the app takes this call only through its queue). It did not run.")


def test_what_an_apps_checks_refuse_is_named_by_parameter() -> None:
    problems = (("age", "Too young"), ("name", ""))
    error = error_for(Refused("invalid", "all of it", 422, None, problems), "f", None)
    assert isinstance(error, ArgumentError)
    assert [(problem.parameter, problem.takes) for problem in error.problems] == [
        ("age", "Too young"),
        ("name", "it says no more"),
    ]
    assert isinstance(error, ValueError)
    whole = error_for(Refused("invalid", "body.data: bad", 422), "f", None)
    assert str(whole) == "f(): the app: got these arguments; body.data: bad"
