"""Apps in this process: the same functions, checks, jobs and errors, and nothing of a network."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import os
import pickle
import pkgutil
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
import gradioproxy.testing
from gradioproxy.testing import fake, replay
from tests.support.contracts import contract
from tests.support.faked import (
    FUNCTIONS,
    URL,
    called,
    completed,
    describe,
    describe_as,
    write_cassette,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 60
GRADIOS = [
    ("3.50.2", None),
    ("4.4.1", "sse"),
    ("4.13.0", "sse_v1"),
    ("4.44.1", "sse_v3"),
    ("6.31.0", "sse_v3"),
]


def count(most: int) -> Iterator[str]:
    for number in range(most):
        yield str(number)


@pytest.fixture(params=GRADIOS, ids=lambda each: each[0])
def described(request: pytest.FixtureRequest) -> Any:
    """Give the description of an app, as each generation of Gradio has it."""
    return describe_as(*request.param)


def test_calls(described: Any) -> None:
    """Values, several values, none, defaults, partial values, and errors after them."""

    def fail(text: str) -> Iterator[str]:
        yield text
        raise ValueError("it's 'this'\nand that")

    functions: dict[str, Callable[..., Any]] = {
        "/echo": fail,
        "repeat": lambda text, times: text * times,
        "/pair": lambda: ("a", 1),
        "/count": count,
        "/nothing": lambda: "dropped",
    }
    with fake(described, functions) as app:
        assert app.repeat("ab") == "abab"
        assert app.pair() == ("a", 1)
        assert app.pair().right == 1
        assert app.nothing() is None
        assert list(app.count.stream(3)) == ["0", "1", "2"]
        assert app.count(3) == "2"
        assert app.count(0) is None
        with pytest.raises(gp.AppError) as raised:
            app.echo("before")
        assert raised.value.app_message == "it's 'this'\nand that"
        assert raised.value.outputs == ("before",)


def test_files_come_and_go(described: Any, tmp_path: Path) -> None:
    """Those of the caller arrive with their content, those of the function come back."""
    given = tmp_path / "given.txt"
    given.write_bytes(b"12345")
    made = tmp_path / "made.txt"
    made.write_bytes(b"made")
    functions = {"/size": lambda file: len(file.bytes()), "/make": lambda _: made}
    with fake(described, functions) as app:
        assert app.size(given) == app.size(b"12345") == 5
        file = app.make("x")
        made.unlink()
        assert (file.name, file.bytes(), file.size) == ("made.txt", b"made", 4)
        with pytest.raises(gp.MissingFile):
            app.size(tmp_path / "missing.txt")


def test_cancelling_closes_a_generator(described: Any) -> None:
    """As soon as its call is given up."""
    closed = threading.Event()

    def endless(most: int) -> Iterator[str]:
        try:
            while True:
                yield str(most)
        finally:
            closed.set()

    with fake(described, {"/count": endless}) as app:
        job = app.count.submit(7)
        assert next(iter(job)) == "7"
        assert job.cancel()
        with pytest.raises(gp.JobCancelled):
            job.result(SECONDS)
        assert closed.wait(SECONDS)
        stream = app.count.stream(8)
        assert next(stream) == "8"
        closed.clear()
        stream.close()
        assert closed.wait(SECONDS)


def test_checks_are_those_of_the_app(described: Any) -> None:
    """Before anything is called."""
    with fake(described, {"/pick": lambda letter: letter, "/echo": lambda text: text}) as app:
        assert app.pick("a") == "a"
        with pytest.raises(gp.ArgumentError, match="'c'"):
            app.pick("c")
        with pytest.raises(TypeError, match="text"):
            app.echo()
        assert app.echo.check("x").arguments == {"text": "x"}


def test_what_is_asynchronous(described: Any) -> None:
    """Functions and generators with ``async`` run to their ends."""

    async def echo(text: str) -> str:
        await asyncio.sleep(0)
        return text

    async def count(most: int) -> Any:
        for number in range(most):
            await asyncio.sleep(0)
            yield str(number)

    with fake(described, {"/echo": echo, "/count": count}) as app:
        assert app.echo("x") == "x"
        assert list(app.count.stream(2)) == ["0", "1"]
        job = app.count.submit(10**9)
        assert next(iter(job)) == "0"
        job.cancel()

        async def use() -> list[str]:
            return [value async for value in app.count.submit(2)]

        assert asyncio.run(use()) == ["0", "1"]


def test_many_at_once(described: Any) -> None:
    """Calls that overlap run beside each other, and map keeps the order."""
    both = threading.Barrier(2, timeout=SECONDS)

    def meet(text: str) -> str:
        both.wait()
        return text

    with fake(described, {"/echo": meet, "/repeat": lambda text, times: text * times}) as app:
        jobs = [app.echo.submit(text) for text in "ab"]
        assert [job.result(SECONDS) for job in jobs] == ["a", "b"]
        texts = [str(number) for number in range(50)]
        assert list(app.repeat.map(texts)) == [text * 2 for text in texts]


def test_errors_that_stay_what_they_are() -> None:
    """A queue that is full, a connection that breaks; and one that the app raised, with a title."""
    said: list[BaseException] = [
        gp.QueueFull("full"),
        gp.ConnectionLost("broken"),
        gp.AppError("text", app_message="text", title="Title"),
        AssertionError("wrong"),
    ]

    def fail(text: str) -> str:
        raise said[int(text)]

    with fake(describe(), {"/echo": fail}) as app:
        with pytest.raises(gp.QueueFull):
            app.echo("0")
        with pytest.raises(gp.ConnectionLost, match="broken"):
            app.echo("1")
        with pytest.raises(gp.AppError) as raised:
            app.echo("2")
        assert (raised.value.app_message, raised.value.title) == ("text", "Title")
        with pytest.raises(gp.AppError, match=r"^wrong$"):
            app.echo("3")


def test_a_function_that_is_missing() -> None:
    """It says which; a name that the app has not is an error at once."""
    with fake(describe(), {}) as app:
        with pytest.raises(gp.NotFaked, match=r"no function for /echo\. Pass one") as raised:
            app.echo("x")
        assert isinstance(raised.value, NotImplementedError)
        assert not raised.value.may_have_run
        assert pickle.loads(pickle.dumps(raised.value)).args == raised.value.args  # noqa: S301
    with pytest.raises(gp.UnknownEndpoint, match="/echo"):
        fake(describe(), {"/ecko": str})


def test_results_in_the_wrong_number() -> None:
    """A function has to give what its endpoint does."""
    with (
        fake(describe(), {"/pair": lambda: "only"}) as app,
        pytest.raises(gp.AppError, match="/pair has 2 results: return a tuple"),
    ):
        app.pair()


def test_the_session_is_one_like_others() -> None:
    """In the registry under its name, with an address that leads nowhere; and closed, no more."""
    with fake(describe(), {"/echo": str.upper}, name="stand-in") as app:
        assert gp.session("stand-in") is app
        assert app.url == URL
        assert inspect.signature(app.repeat).parameters["times"].default == 2
    with pytest.raises(gp.SessionClosed):
        app.echo("x")


def test_nothing_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is made, and no name is asked for."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with fake(describe_as("3.50.2", None), {"/echo": str.upper}) as app:
        assert app.echo("x") == "X"
        app.refresh()
        assert app.echo("y") == "Y"


@pytest.mark.parametrize("kind", ["lock", "parts", "cassette", "session"])
def test_descriptions(kind: str, tmp_path: Path) -> None:
    """Whatever says what an app is; see `described`."""
    path = tmp_path / "app.json"
    if kind == "lock":
        path.write_text(json.dumps(contract(FUNCTIONS, "https://app.example.org/sub")))
    elif kind == "parts":
        path.write_text(json.dumps(describe()))
    else:
        write_cassette(path)
    with fake(path, {"/echo": str.upper}) as app:
        assert app.echo("x") == "X"
        assert app.url == ("https://app.example.org/sub" if kind == "lock" else URL)
        assert set(app) == set(FUNCTIONS)
        if kind == "session":
            with fake(app, {"/echo": str.lower}, name="other") as other:
                assert (other.echo("X"), app.echo("x")) == ("x", "X")


def test_no_module_has_the_name_of_a_function() -> None:
    """Whoever imported the module by it would find that one where the function is looked for."""
    names = {found.name for found in pkgutil.iter_modules(gradioproxy.testing.__path__)}
    assert "faked_app" in names
    assert not names & set(gradioproxy.testing.__all__)


def test_a_description_that_is_missing(tmp_path: Path) -> None:
    """Nobody asked for a recording."""
    with pytest.raises(gp.MissingFile, match=r"^fake\(\): path: got .*; there is no such file$"):
        fake(tmp_path / "missing.json", {})


@pytest.mark.parametrize("head", ["", "\ufeff"])
def test_descriptions_in_other_bytes(tmp_path: Path, head: str) -> None:
    """What an app said may be no text that can be written; editors put a mark before it."""
    path = write_cassette(tmp_path / "app.json", called(0, ["x"], completed("half")))
    text = path.read_text().replace('"half"', '"\ud83d"')
    path.write_bytes((head + text).encode("utf-8", "surrogatepass"))
    with fake(path, {"/echo": str.upper}) as app:
        assert app.echo("x") == "X"
    with replay(path), gp.connect(URL) as app:
        assert app.echo("x") == "\ud83d"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_child_goes_on() -> None:
    """With the functions, as with a real app."""
    with fake(describe(), {"/echo": str.upper, "/count": count}) as app:
        assert app.echo("x") == "X"
        child = os.fork()
        if child == 0:
            os._exit(0 if app.echo("y") == "Y" and app.count(2) == "1" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert app.echo("z") == "Z"


def test_one_that_is_closed_is_let_go_of(described: Any) -> None:
    """Also if a function knows the session, as those of a script do."""
    known: list[gp.Session] = []

    def repeat(text: str, times: int, *, sessions: list[gp.Session] = known) -> str:
        return text * times * len(sessions)

    app = fake(described, {"repeat": repeat})
    known.append(app)
    assert app.repeat("ab") == "abab"
    left = weakref.ref(app)
    app.close()
    del app, known, repeat
    gc.collect()
    assert left() is None
