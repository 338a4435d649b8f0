"""Results of one app going into another, with real servers."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from tests.support.gradio import ROOT
from tests.support.programs import two_apps_online as internet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.gradio import Server


@pytest.fixture
def first(server: Server) -> Iterator[gp.Session]:
    """Give a session with the app whose results go on."""
    with gp.connect(server.url, name="first", replace=True) as session:
        yield session


@pytest.fixture
def second(stateless: Server) -> Iterator[gp.Session]:
    """Give a session with the app that they go into."""
    with gp.connect(stateless.url, name="second", replace=True) as session:
        yield session


def parameter(function: gp.Function) -> str:
    """Return the name of a function's first parameter, which is another one in old versions."""
    return next(iter(inspect.signature(function).parameters))


def test_each_partial_result_goes_on(first: gp.Session, second: gp.Session) -> None:
    """A stream's partial results are arguments of one call each."""
    piped = gp.pipe(first.count.stream(3), second.echo, {parameter(second.echo): 0})
    assert list(piped) == ["1", "2", "3"]


def test_parts_by_position_and_by_field(first: gp.Session, second: gp.Session) -> None:
    """Of several outputs, each can go on; 0 is the first of them."""
    text = parameter(second.echo)
    for key, expected in ((0, "a"), ("First_result", "a"), (1, "3"), ("Second_result", "3")):
        (result,) = gp.pipe([first.two("a", 3)], second.echo, {text: key})
        assert str(result).removesuffix(".0") == expected
    for wrong in (2, -1, "Third_result"):
        with pytest.raises(gp.ArgumentError, match="it has one of First_result, Second_result"):
            list(gp.pipe([first.two("a", 3)], second.echo, {text: wrong}))
    with pytest.raises(gp.ArgumentError, match="0, which is the result itself"):
        list(gp.pipe(["a"], second.echo, {text: 1}))


def test_pipes_nest_and_keep_every_stage(first: gp.Session, second: gp.Session) -> None:
    """With ``keep`` a tuple has what every stage made, however many there are."""
    text = {parameter(second.echo): 0}
    inner = gp.pipe(first.count.stream(2), second.echo, text)
    assert list(gp.pipe(inner, first.echo, text, keep=True)) == [("1",) * 3, ("2",) * 3]
    inner = gp.pipe(first.count.stream(2), second.echo, text, keep=True)
    assert list(gp.pipe(inner, first.echo, text)) == ["1", "2"]


def test_further_arguments_are_passed_as_they_are(first: gp.Session, tmp_path: Path) -> None:
    """What the caller gives goes with every call, paths of local files included."""
    names = list(inspect.signature(first.two).parameters)
    further: dict[str, Any] = {names[1]: 7}
    piped = gp.pipe(first.count.stream(2), first.two, {names[0]: 0}, **further)
    assert list(piped) == [("1", 7), ("2", 7)]
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    further = {parameter(first.file_back): path}
    (back,) = gp.pipe([None], first.file_back, {}, **further)
    assert back.bytes() == b"abc"


def test_files_move_between_apps(first: gp.Session, second: gp.Session, tmp_path: Path) -> None:
    """A file of one app is one of the other, without anybody touching it."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"carried over")
    results = first.file_back.stream(path)
    (digest,) = gp.pipe(results, second.file_hash, {parameter(second.file_hash): 0})
    assert digest == hashlib.sha256(b"carried over").hexdigest()


@pytest.mark.skipif(
    not shutil.which("unshare") or not shutil.which("ip") or os.geteuid() != 0,
    reason="needs unshare and ip, and to be root, for a network of its own",
)
@pytest.mark.parametrize("version", ["5.0.2", "6.31.0"])
def test_apps_on_the_internet_fetch_files_themselves(version: str) -> None:
    """Between two apps that everybody reaches, a file does not pass through this machine."""
    ran = subprocess.run(
        [str(shutil.which("unshare")), "--net", sys.executable, "-m", internet.__name__, version],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    digest = hashlib.sha256(internet.CONTENT).hexdigest()
    assert json.loads(ran.stdout) == {"digest": digest, "uploads": 0}


@pytest.mark.parametrize("text", ["{path}", "file://{path}", "http://127.0.0.1:1/x", "~"])
def test_no_text_of_an_app_names_a_file(first: gp.Session, tmp_path: Path, text: str) -> None:
    """A server that returns a path gets nothing of this machine, and nothing is fetched for it."""
    path = tmp_path / "secret.txt"
    path.write_bytes(b"secret")
    file = parameter(first.file_back)
    results = first.echo.stream(text.format(path=path))
    with pytest.raises(gp.ArgumentError, match=r"only the caller can name|only where the whole"):
        list(gp.pipe(results, first.file_back, {file: 0}))
    assert first.uploads == []


def test_stopping_cancels_the_stream(first: gp.Session, second: gp.Session) -> None:
    """A pipe that is closed closes what it reads, which cancels the call."""
    stream = first.endless.stream(f"pipe {first.url}")
    number = {parameter(second.echo): 0}
    with gp.pipe(stream, second.echo, number) as piped:
        assert float(next(piped)) == 1
    assert stream.job.cancelled()
    assert list(piped) == []


def test_an_error_ends_it(first: gp.Session) -> None:
    """What a call raises is raised, and the stream before it is cancelled."""
    stream = first.endless.stream(f"pipe error {first.url}")
    with pytest.raises(gp.ArgumentError):
        list(gp.pipe(stream, first.echo, {parameter(first.echo): "field"}))
    assert stream.job.cancelled()


def test_any_function_takes_part(first: gp.Session) -> None:
    """A function of one's own is a stage like any other."""

    def double(text: str, times: int = 2) -> str:
        return text * times

    piped = gp.pipe(first.count.stream(2), double, {"text": 0})
    assert list(gp.pipe(piped, first.echo, {parameter(first.echo): 0})) == ["11", "22"]


@pytest.mark.parametrize(
    ("mapping", "arguments", "message"),
    [
        ({"nothing": 0}, {}, "nothing"),
        ({}, {}, "missing"),
        ({"{}": 0}, {"{}": 1}, "given by the mapping and as an argument"),
    ],
)
def test_names_are_checked_at_once(
    first: gp.Session, mapping: dict[str, Any], arguments: dict[str, Any], message: str
) -> None:
    """What could not be called is an error before anything is asked for."""
    name = parameter(first.file_back)
    mapping = {key.format(name): value for key, value in mapping.items()}
    arguments = {key.format(name): value for key, value in arguments.items()}
    with pytest.raises(TypeError, match=message):
        gp.pipe([1], first.file_back, mapping, **arguments)
