"""Every error is also the built-in that it resembles, travels with its facts, and has no secret."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
import inspect
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradioproxy as gp
from gradioproxy import errors
from gradioproxy.errors import GradioProxyError, Problem, Trace
from tests.support.schemas import texts

BUILT_IN: dict[str, tuple[type[BaseException], ...]] = {
    "GradioProxyError": (Exception,),
    "ConnectError": (ConnectionError,),
    "ConnectionLost": (ConnectionError,),
    "Timeout": (TimeoutError, concurrent.futures.TimeoutError),
    "ServerError": (),
    "NotGradio": (ValueError,),
    "SchemaError": (),
    "AuthenticationError": (PermissionError,),
    "UnknownEndpoint": (AttributeError, KeyError),
    "ArgumentError": (ValueError,),
    "MissingFile": (FileNotFoundError, ValueError),
    "FileTooLarge": (ValueError,),
    "SpaceError": (),
    "AppError": (),
    "QueueFull": (),
    "QuotaExceeded": (),
    "RateLimited": (),
    "JobCancelled": (concurrent.futures.CancelledError,),
    "JournalError": (RuntimeError,),
    "FileGone": (FileNotFoundError,),
    "FileNotSaved": (OSError,),
    "NameTaken": (ValueError,),
    "SessionExists": (ValueError,),
    "SessionClosed": (RuntimeError,),
    "NoDefaultSession": (LookupError,),
    "TooManyJobs": (RuntimeError,),
    "SchemaChanged": (RuntimeError,),
    "ProtocolError": (RuntimeError,),
    "TooLarge": (RuntimeError,),
    "NameCollision": (UserWarning,),
}
FACTS: dict[str, dict[str, Any]] = {
    "ConnectError": {"url": "http://host"},
    "ConnectionLost": {"url": "http://host", "may_have_run": False},
    "Timeout": {"limit": "call_timeout", "seconds": 5.0},
    "ServerError": {"status": 502, "body": "words", "retry_after": 3.0, "may_have_run": True},
    "NotGradio": {"url": "http://host"},
    "AuthenticationError": {"status": 401},
    "UnknownEndpoint": {"near": ("/a", "/b")},
    "SpaceError": {"space": "me/app", "stage": "PAUSED"},
    "AppError": {"app_message": "boom", "title": "Error", "outputs": (1, "a")},
    "QueueFull": {"retry_after": 1.5},
    "QuotaExceeded": {"retry_after": 60.0},
    "RateLimited": {"retry_after": 7.0},
    "FileNotSaved": {"path": "/tmp/a"},  # noqa: S108 - nothing is there
    "FileGone": {"url": "http://host/file=a"},
    "NameTaken": {"names": ("open", "close")},
}
PROBLEMS = (Problem("a[0]", "5", "it takes text"), Problem("b", "None", "it takes a file"))
MESSAGE = "It went wrong. Try it again."
NAMES = sorted(BUILT_IN)


def kind_of(name: str) -> Any:
    """Return an exception class."""
    return getattr(errors, name)


def made(name: str, message: str = MESSAGE) -> GradioProxyError:
    """Make an exception with facts, and one that whoever caught it has added."""
    kind, facts = kind_of(name), FACTS.get(name, {})
    if issubclass(kind, errors.ArgumentError):
        error = kind(message, PROBLEMS)
    else:
        error = kind(message, **facts)
    assert isinstance(error, GradioProxyError)
    error.extra = [1]  # type: ignore[attr-defined]
    return error.with_call(event_id="abc")


def test_the_tree_is_complete() -> None:
    """The classes are those of the table, all exported, and the drawing shows them."""
    found = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value)
        and issubclass(value, GradioProxyError)
        and not name.startswith("_")
    }
    assert found == set(BUILT_IN)
    assert found <= set(gp.__all__)
    drawn = re.findall(r"^ {4,}([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_the_built_in_that_it_resembles(name: str) -> None:
    """Who catches built-ins catches ours, and the drawing says which."""
    kind = kind_of(name)
    assert issubclass(kind, GradioProxyError)
    for built_in in BUILT_IN[name]:
        with pytest.raises(built_in):
            raise made(name)
    [drawn] = re.findall(
        rf"^ +{name}(?: \(([\w., ]+)\))?(?:  |$)", errors.__doc__ or "", re.MULTILINE
    )
    for said in filter(None, drawn.split(", ")):
        assert said.rpartition(".")[2] in {base.__name__ for base in kind.__mro__}


def test_which_is_not_which() -> None:
    """A connection that broke is none that was never there, and a cancelled job is no Ctrl-C."""
    assert not issubclass(errors.ConnectionLost, errors.ConnectError)
    assert not issubclass(errors.JobCancelled, asyncio.CancelledError)
    assert issubclass(errors.MissingFile, errors.ArgumentError)
    assert issubclass(errors.FileTooLarge, errors.ArgumentError)


@pytest.mark.parametrize("name", NAMES)
def test_errors_travel_with_their_facts(name: str) -> None:
    """Pickled, copied or both: class, text, facts and trace are the same."""
    error = made(name)
    error.with_call(trace=Trace("app", "f(a=1)", ((0.1, "join"),), "last"))
    data = [pickle.dumps(error, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    copies = [copy.copy(error), copy.deepcopy(error)]
    copies += [pickle.loads(one) for one in data]  # noqa: S301 - made here
    copies += [pickle.loads(pickle.dumps(copies[0]))]  # noqa: S301 - made here

    for other in copies:
        assert type(other) is type(error)
        assert (str(other), other.args) == (str(error), error.args)
        assert vars(other) == vars(error)
        assert other.report() == error.report()
        for fact, value in FACTS.get(name, {}).items():
            assert getattr(other, fact) == value
        if isinstance(error, errors.ArgumentError):
            assert other.problems == PROBLEMS  # type: ignore[attr-defined]
    assert copies[0].extra is error.extra  # type: ignore[attr-defined]
    assert copies[1].extra is not error.extra  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_facts_have_values_without_being_given(name: str) -> None:
    """Whoever catches an error can ask for its facts, whether they were known or not."""
    kind = kind_of(name)
    bare = kind("f", []) if issubclass(kind, errors.ArgumentError) else kind()

    assert bare.trace is None
    for fact in FACTS.get(name, {}):
        assert hasattr(bare, fact), fact
    assert bare.report()
    assert pickle.loads(pickle.dumps(bare)).args == bare.args  # noqa: S301 - made here


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_fact_is_refused(name: str) -> None:
    """A class takes the facts that it has, and by their names only."""
    kind, facts = kind_of(name), FACTS.get(name, {})
    first = (MESSAGE, PROBLEMS) if issubclass(kind, errors.ArgumentError) else (MESSAGE,)
    assert vars(kind(*first, **facts)).items() >= facts.items()
    for fact in ("secs", "message_", "trace"):
        with pytest.raises(TypeError, match=fact):
            kind(*first, **{fact: 1})
    with pytest.raises(TypeError, match="positional"):
        kind(*first, *facts.values(), "one more")


CALL_FACTS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # first, then, what is known in the end
    ({}, {}, {"trace": None, "event_id": None, "may_have_run": False, "outputs": ()}),
    ({}, {"trace": Trace("b")}, {"trace": Trace("b")}),
    ({"trace": Trace("a")}, {"trace": Trace("b")}, {"trace": Trace("a")}),
    ({"event_id": "a"}, {"event_id": "b"}, {"event_id": "a"}),
    ({"event_id": "a"}, {}, {"event_id": "a"}),
    ({"may_have_run": True}, {"may_have_run": False}, {"may_have_run": False}),
    ({"may_have_run": True}, {}, {"may_have_run": True}),
    ({"outputs": (1,)}, {"outputs": (2, 3)}, {"outputs": (2, 3)}),
    ({"outputs": (1,)}, {}, {"outputs": (1,)}),
]


@pytest.mark.parametrize(("first", "then", "known"), CALL_FACTS)
def test_what_is_known_of_the_call(
    first: dict[str, Any], then: dict[str, Any], known: dict[str, Any]
) -> None:
    """It is added to the error itself; who was nearer to the call knows better what it was."""
    error = errors.AppError("boom")
    assert error.with_call(**first).with_call(**then) is error
    for fact, value in known.items():
        assert getattr(error, fact) == value

    other = errors.Timeout("late").with_call(**first).with_call(**then)
    assert not hasattr(other, "outputs")


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_a_sentence(name: str) -> None:
    """An error is shown as its message, not as the repr of it, as `KeyError` would."""
    error = made(name)
    if isinstance(error, errors.ArgumentError):
        assert str(error) == (
            f"{MESSAGE}() can't be called like this:\n"
            "  a[0]: got 5; it takes text\n"
            "  b: got None; it takes a file"
        )
    else:
        assert str(error) == MESSAGE
    assert f"{error}" == str(error)
    assert "\\n" not in str(error)


def test_one_problem_is_one_line() -> None:
    """A single wrong argument needs no list."""
    error = errors.ArgumentError("f", PROBLEMS[:1])
    assert str(error) == "f(): a[0]: got 5; it takes text"
    assert error.problems == PROBLEMS[:1]


@pytest.mark.parametrize("name", NAMES)
def test_no_control_characters(name: str) -> None:
    """What an error quotes of a server can't do anything to a terminal."""
    hostile = "a\x1b[31m\x00\u202eb\r\n\x9bc\ud800"
    error = made(name, hostile)
    error.trace = Trace(hostile, hostile, ((0.5, hostile),), hostile)

    assert str(error).replace("\n", "").isprintable()
    report = error.report()
    assert report.replace("\n", "").isprintable()
    assert len([line for line in report.splitlines() if line.startswith(("App:", "Call:"))]) == 2


@given(texts | st.text())
def test_every_message_can_be_shown(text: str) -> None:
    """Whatever the message: it can be shown, encoded and pickled."""
    error = errors.AppError(text, app_message=text, title=text)

    assert str(error).replace("\n", "").replace("\t", "").isprintable() or not text.isprintable()
    str(error).encode()
    error.report().encode()
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - made here
    assert error.app_message == text


def test_report() -> None:
    """A report has what somebody else needs to understand what happened."""
    error = errors.AppError("boom", app_message="boom")
    short = error.report().splitlines()
    assert short[0] == "AppError: boom"
    assert re.fullmatch(rf"gradioproxy {re.escape(gp.__version__)}, Python 3\.\S+, \w+", short[1])
    assert len(short) == 2

    error.trace = Trace(
        "http://host (Gradio 5.0, sse_v3)",
        "f(a=1)",
        ((0.0, "join"), (1.25, "Queued(rank=0)\nx")),
        "x" * 1000,
    )
    lines = error.report().splitlines()
    assert lines[:2] == short
    assert lines[2:7] == [
        "App: http://host (Gradio 5.0, sse_v3)",
        "Call: f(a=1)",
        "Timeline:",
        "      0.000 s  join",
        "      1.250 s  Queued(rank=0) x",
    ]
    assert lines[7].startswith("Last answer: xxx")
    assert len(lines[7]) < 600


def test_a_chain_is_kept() -> None:
    """What an error was raised from can be asked for; a copy of it alone travels without."""
    with pytest.raises(errors.ConnectionLost) as raised:
        raise errors.ConnectionLost("lost") from OSError(104, "reset")

    assert isinstance(raised.value.__cause__, OSError)
    assert str(copy.copy(raised.value)) == "lost"


def test_notes_travel() -> None:
    """Notes that somebody added are facts like others."""
    error = errors.ServerError("failed")
    if not hasattr(error, "add_note"):
        pytest.skip("needs Python 3.11")
    error.add_note("while testing")
    assert copy.deepcopy(error).__notes__ == ["while testing"]


def test_asyncio_and_futures_know_them() -> None:
    """Code that waits for futures catches what it always caught."""
    future: concurrent.futures.Future[None] = concurrent.futures.Future()
    future.set_exception(errors.Timeout("late", limit="call_timeout"))
    with pytest.raises(concurrent.futures.TimeoutError):
        future.result(0)
    with pytest.raises(TimeoutError):
        future.result(0)
