"""Functions that an app makes while it runs (``gr.render``), against real servers."""

from __future__ import annotations

import inspect
import logging
import os
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client.contract.build import build_contract
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.gradio.running import RunningServers

pytestmark = pytest.mark.since("4.44", "before 4.36 no function makes others")


OWN = ["/twice", "/set_rows", "/release"]


@pytest.fixture
def url(gradio: RunningServers, version: str) -> str:
    """Give the address of the app."""
    found: str = gradio(version, "rendered").url
    return found


@pytest.fixture
def app(url: str) -> Iterator[gp.Session]:
    """Give a session with it."""
    with gp.connect(url) as session:
        yield session


def find_maker(app: gp.Session, place: int = 0) -> gp.Function:
    """Return one of the functions that make others."""
    return app[app.config["dependencies"][place]["id"]]


def test_what_a_call_makes_is_there_when_it_returns(app: gp.Session) -> None:
    """By name, as attribute, with a signature and a docstring, like any other function."""
    assert list(app) == OWN
    assert find_maker(app)(3) is None
    assert list(app) == [*OWN, "/made", "/made_1", "/made_2"]
    assert [app.made("x"), app.made_1(), app.functions.made_2("z")] == ["0:x", "1:row 1", "2:z"]
    assert str(inspect.signature(app.made_1)) == "(Text_1: str = 'row 1') -> str"
    text = inspect.getdoc(app.made_1) or ""
    assert "made it while it ran, for this session alone" in text.replace("\n", " ")
    assert app.twice(4) == 8


def test_what_is_made_anew_takes_the_place_of_what_was(app: gp.Session) -> None:
    """Under the same names, whatever the server calls it; what is gone says so."""
    make = find_maker(app)
    make(3)
    first, last = app.made, app.made_2
    for count in (2, 1, 2):
        make(count)
        assert list(app) == [*OWN, "/made", "/made_1"][: count + 3]
        assert app.made is first
        assert first("again") == "0:again"
    with pytest.raises(gp.SchemaChanged, match="another one now, and /made_2 is gone") as raised:
        last("x")
    assert raised.value.may_have_run is False
    assert not hasattr(app, "made_2")


def test_several_parts(app: gp.Session) -> None:
    """One made anew leaves the others; what changed its choices is another function."""
    find_maker(app)(1)
    find_maker(app, 1)(2)
    assert list(app) == [*OWN, "/made", "/chosen"]
    assert app.chosen("option 1") == "OPTION 1"
    before = app.chosen
    find_maker(app)(2)
    find_maker(app, 1)(3)
    assert list(app) == [*OWN, "/made", "/made_1", "/chosen"]
    assert app.chosen("option 2") == "OPTION 2"
    with pytest.raises(gp.ArgumentError, match="option 2"):
        before.check("option 2")


@pytest.mark.since("5.50", "before 5.50 what fails has taken away what it made before")
def test_what_fails_makes_nothing(app: gp.Session) -> None:
    """What it made before is still there."""
    find_maker(app, 1)(2)
    with pytest.raises(gp.AppError, match="fewer than none"):
        find_maker(app, 1)(-1)
    assert app.chosen("option 1") == "OPTION 1"


def test_refresh_brings_in_what_a_page_makes_when_it_is_loaded(
    app: gp.Session, caplog: pytest.LogCaptureFixture
) -> None:
    """With what the page has at first; what is there stays, and what fails is told."""
    with caplog.at_level(logging.WARNING, "gradioproxy"):
        app.refresh()
    assert list(app) == [*OWN, "/made"]
    assert app.made("x") == "0:x"
    assert ["It can't be made." in record.getMessage() for record in caplog.records] == [True]
    find_maker(app)(2)
    app.refresh()
    assert list(app) == [*OWN, "/made", "/made_1"]
    assert app.made_1("x") == "1:x"
    before = app.session_hash
    app.refresh(state=True)
    assert app.session_hash != before
    assert list(app) == [*OWN, "/made"]
    assert app.made("y") == "0:y"
    assert [job.status.stage for job in app.jobs] == ["finished"] * 4


def test_calls_at_once_are_of_one_session(app: gp.Session) -> None:
    """The server has these functions under no other hash."""
    find_maker(app)(3)
    assert list(app.made_2.map([str(number) for number in range(20)])) == [
        f"2:{number}" for number in range(20)
    ]


def test_nobody_else_has_them(app: gp.Session, url: str, tmp_path: Path) -> None:
    """No other session, no lock and no module."""
    find_maker(app)(1)
    with gp.connect(url) as other:
        assert list(other) == OWN
        assert "/made" not in other
        assert build_contract(other) == build_contract(app)
    gp.export(app, tmp_path / "module.py")
    assert "def made" not in (tmp_path / "module.py").read_text()
    with gp.connect(url, isolate=True) as apart:
        find_maker(apart)(1)
        apart.refresh()
        assert list(apart) == OWN


def test_a_session_that_goes_on_elsewhere_is_left_as_it_is(app: gp.Session, url: str) -> None:
    """What is made anew would take away what the other one has."""
    find_maker(app)(2)
    with gp.connect(url, session_hash=app.session_hash) as other:
        other.refresh()
        assert list(other) == OWN
    assert app.made_1("x") == "1:x"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks there")
def test_a_forked_process_is_another_session(app: gp.Session) -> None:
    """To the app, which has made nothing for it."""
    find_maker(app)(1)
    child = os.fork()
    if not child:
        os._exit(0 if list(app) == OWN and app.twice(2) == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert app.made("x") == "0:x"


def test_functions_of_rows_are_in_the_order_of_the_page(app: gp.Session) -> None:
    """Also those that the server keeps, as they have a key; there is a state among the inputs."""
    render = find_maker(app, 3)
    render()
    assert [app.row("x"), app.row_1("x")] == ["a:x", "b:x"]
    for names in (("x", "a"), ("a", "x"), ("b", "a")):
        app.set_rows(*names)
        render()
        assert list(app) == [*OWN, "/row", "/row_1"]
        assert (app.row("y"), app.row_1("y")) == (f"{names[0]}:y", f"{names[1]}:y")


def test_a_call_that_was_given_up(app: gp.Session) -> None:
    """What it makes of a part, nobody is told; what was there is gone then, and says so."""
    make = find_maker(app)
    make(2)
    held = app.made_1
    job = make.submit(-1)
    wait_until(lambda: job.status.stage == "running")
    job.cancel()
    app.release()
    with pytest.raises(gp.SchemaChanged, match="another one now, and /made_1 is gone"):
        held("x")
    make(3)
    assert list(app)[3:] == ["/made", "/made_1", "/made_2"]
    assert held("x") == "1:x"


def test_primitive_calls(app: gp.Session) -> None:
    """They go under the session's hash, where these functions are, and make them there if told."""
    find_maker(app)(1)
    *_, last = gp.send(app, "/made", ["x"])
    assert last.data == ["0:x"]
    *_, last = gp.send(app, app.config["dependencies"][0]["id"], [2], session_hash=app.session_hash)
    assert app.made_1("y") == "1:y"
    assert "<session_hash>" in app.made_1.check("y").curl
    assert "/run/predict" in app.made_1.check("y").curl


@pytest.mark.since("6", "before Gradio 6 a part can't have another one in it")
def test_parts_in_parts(gradio: RunningServers, version: str) -> None:
    """They come in with the part that they are in, and go with it."""
    with gp.connect(gradio(version, "rendered_nested").url) as app:
        app.refresh()
        assert list(app) == ["/outer", "/inner"]
        assert (app.outer(5), app.inner("x")) == ("outer 1 5", "inner 1 1 x")
        find_maker(app)(2)
        assert list(app) == ["/outer"]
        app.refresh()
        assert list(app) == ["/outer", "/inner"]
        assert (app.outer(5), app.inner("x")) == ("outer 2 5", "inner 2 2 x")
