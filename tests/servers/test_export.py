"""Modules of real apps: imported elsewhere, they do what the app's functions do."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.client.export import compare_module, render_module
from tests.support.exported_source import check_source
from tests.support.gradio import ROOT, Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("3.16.2", "3.50.2", "4.44.1", "5.0.2", "6.31.0")

PROGRAM = """
    import inspect, json, pickle
    import gradioproxy as gp
    import written
    from written import two

    assert inspect.isfunction(two) and gp.sessions() == []
    assert pickle.loads(pickle.dumps(two.submit)) is two.submit
    result = two("a", 3)
    assert type(result) is written.TwoResult, type(result)
    assert pickle.loads(pickle.dumps(result)) == result
    print(json.dumps([
        result,
        written.add(1, 2),
        list(written.stream_text.stream("a b c")),
        two.submit("b", 4).result(),
        list(two.map(["c", "d"], [5, 6])),
        written.none("x"),
        two.with_options(call_timeout=30)("e", 7),
        two.check("f", 8).data,
        gp.sessions(),
    ]))
"""


def run(folder: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program beside a module, as somebody else's."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_module_does_what_the_app_does(app: gp.Session, tmp_path: Path) -> None:
    """It connects by itself, outside the registry, and gives the same results."""
    file = gp.export(app, tmp_path / "written.py")
    check_source(file.read_text(encoding="utf-8"))
    assert compare_module(file, app) == []
    done = run(tmp_path, PROGRAM)

    assert done.stderr == ""
    assert json.loads(done.stdout) == [
        [*app.two("a", 3)],
        app.add(1, 2),
        [*app.stream_text.stream("a b c")],
        [*app.two("b", 4)],
        [[*result] for result in app.two.map(["c", "d"], [5, 6])],
        None,
        [*app.two("e", 7)],
        app.two.check("f", 8).data,
        [],
    ]


@pytest.mark.parametrize("version", ["6.31.0"])
def test_defaults_are_those_of_the_app(app: gp.Session, tmp_path: Path) -> None:
    """Every function that can be called without arguments gets what it gets from the session."""
    gp.export(app, tmp_path / "written.py")
    names = [
        function.__name__
        for function in app.functions.values()
        if all(parameter.has_default for parameter in function.endpoint.parameters)
    ]
    assert names
    program = f"""
        import json, written
        print(json.dumps({{n: getattr(written, n).check().data for n in {names!r}}}))
    """
    done = run(tmp_path, program)

    assert done.stderr == ""
    expected = {name: getattr(app.functions, name).check().data for name in names}
    assert json.loads(done.stdout) == expected


FEED = """
    import asyncio, inspect, json
    import gradioproxy as gp
    import written

    with written.mix.feed("a", "fr") as feed:
        first = next(feed)
        feed.send("b")
        second = next(feed)
    assert type(feed) is gp.Feed
    assert not hasattr(written.release, "feed")
    assert "feed" in inspect.getdoc(written.mix)
    with written.mix.with_options(call_timeout=60).feed("c") as feed:
        print(json.dumps([first, second, next(feed)]))
"""


@pytest.mark.parametrize("version", ["3.50.2", "6.31.0"])
def test_streams_of_inputs(gradio: RunningServers, version: str, tmp_path: Path) -> None:
    """Functions that are made for them take them, and others do not."""
    with gp.connect(gradio(version, "feeds").url) as app:
        file = gp.export(app, tmp_path / "written.py")
    check_source(file.read_text(encoding="utf-8"))
    done = run(tmp_path, FEED)
    assert done.stderr == ""
    assert json.loads(done.stdout) == ["a/fr", "b/fr", "c/en"]


@pytest.mark.parametrize("version", ["6.31.0"])
def test_a_login(version: str, tmp_path: Path) -> None:
    """Secrets come from the environment, or from ``connect`` of the module; none is in the file."""
    with Server(version, "stateless", launch={"auth": ["user", "secret-word"]}) as server:
        with gp.connect(server.url, auth=("user", "secret-word")) as app:
            name = next(iter(app)).removeprefix("/")
            file = gp.export(app, tmp_path / "written.py")
        assert "secret-word" not in file.read_text(encoding="utf-8")
        call = f"written.{name}.tool_schema()"
        refused = run(tmp_path, f"import written; {call}")
        assert "AuthenticationError" in refused.stderr
        assert "connect(auth=...)" in refused.stderr
        access = server.url.replace("://", "://user:secret-word@")
        assert run(tmp_path, f"import written; {call}", GRADIOPROXY_ACCESS=access).stderr == ""
        connect = "written.connect(auth=('user', 'secret-word'))"
        assert run(tmp_path, f"import written; {connect}; {call}").stderr == ""


@pytest.mark.parametrize("version", ["6.31.0"])
def test_an_app_that_is_gone(version: str, tmp_path: Path) -> None:
    """One clear line, at the first call and not when the module is imported."""
    with Server(version, "stateless") as server, gp.connect(server.url) as app:
        name = next(iter(app)).removeprefix("/")
        gp.export(app, tmp_path / "written.py")
        text = render_module(app)
    assert text == (tmp_path / "written.py").read_text(encoding="utf-8")
    done = run(
        tmp_path,
        f"""
        import gradioproxy as gp, written
        try:
            written.{name}.map([1])
        except gp.ConnectError as error:
            print(error)
        """,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert server.url in done.stdout
