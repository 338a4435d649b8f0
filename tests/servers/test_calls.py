"""Calls of generated functions, against real servers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import hashlib
import inspect
import json
import logging
import shutil
import subprocess
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.versions import release_of

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers


def test_one_output_is_the_value(app: gp.Session) -> None:
    """A function with one output returns its value."""
    assert app.echo("hällo \u2028 wörld") == "hällo \u2028 wörld"
    assert app.add(1, 2) == 3
    by_keyword = dict(zip(inspect.signature(app.add).parameters, (1, 2), strict=True))
    assert app.add(**by_keyword) == 3


def test_several_outputs_are_a_named_tuple(app: gp.Session) -> None:
    """A function with several outputs returns a tuple with fields from the labels."""
    result = app.two("a", 3)

    assert result == ("a", 3)
    assert (result.First_result, result.Second_result) == ("a", 3)


def test_no_outputs_are_none(app: gp.Session) -> None:
    """A function without outputs returns None; one without inputs is called without any."""
    assert app.none("x") is None
    assert app.nothing() == "from nothing"


def test_values_arrive_as_they_are(app: gp.Session, server: Server) -> None:
    """Falsy values and fractions are neither dropped nor converted."""
    zero = "0.0" if server.release < (4, 1) else "0"  # what their gr.Number makes of it
    assert app.typed("", 0, False, 0.7) == ["''", zero, "False", "0.7"]
    assert app.typed("0", 0.7, True, None) == ["'0'", "0.7", "True", "None"]
    value = {"a": [0, False, "", None, 0.7, {}]}
    assert app.json_back(value) == value


def test_partial_results_come_once_each(app: gp.Session) -> None:
    """Each yield of the app is one partial result, equal neighbours included; the end is none."""
    assert list(app.count.stream(5)) == ["1", "2", "3", "4", "5"]
    assert list(app.stream_same.stream("x")) == ["x", "x", "x"]
    assert app.count(5) == "5"


def test_a_plain_function_streams_its_result(app: gp.Session) -> None:
    """The stream of a function that yields nothing has its result."""
    assert list(app.echo.stream("x")) == ["x"]


@pytest.mark.parametrize(
    ("name", "argument"),
    [("stream_text", "one two three four"), ("stream_list", 6), ("stream_object", 6)],
)
def test_rebuilt_results_equal_whole_ones(app: gp.Session, name: str, argument: object) -> None:
    """What is rebuilt from edits equals what the app sends at the end as a whole."""
    job = app[name].submit(argument)
    partial = list(job)

    assert len(partial) > 2
    assert partial[-1] == job.result()
    assert len({repr(value) for value in partial}) == len(partial)


def test_a_changed_partial_result_changes_no_other(app: gp.Session) -> None:
    """Each partial result is the caller's own copy."""
    seen = []
    for value in app.stream_object.stream(6):
        seen.append(repr(value))
        value["parts"]["items"].append("mine")
        value.clear()

    assert seen == [repr(value) for value in app.stream_object.submit(6)]


def test_errors_of_the_app(app: gp.Session) -> None:
    """An error that the app means for people arrives with its own words, and others without."""
    with pytest.raises(gp.AppError) as raised:
        app.fail()
    assert raised.value.app_message == "boom 'quoted'\nline"
    assert str(raised.value) == "boom 'quoted'\nline"

    with pytest.raises(gp.AppError, match="hides its errors") as raised:
        app.crash()
    assert raised.value.app_message is None


def test_an_error_after_partial_results(app: gp.Session) -> None:
    """The good partial results come first, then the error; the error has them too."""
    values = iter(app.fail_late.submit())

    assert [next(values), next(values)] == ["first", "second"]
    with pytest.raises(gp.AppError, match="boom") as raised:
        next(values)
    assert raised.value.outputs == ("first", "second")
    assert "process" not in str(raised.value)
    assert "fail_late()" in raised.value.report()


def test_a_job_is_a_future(app: gp.Session) -> None:
    """What takes futures takes jobs."""
    jobs = [app.echo.submit(str(number)) for number in range(5)]

    done, not_done = concurrent.futures.wait(jobs)

    assert (len(done), len(not_done)) == (5, 0)
    assert [job.result() for job in jobs] == ["0", "1", "2", "3", "4"]
    assert {job.status.stage for job in jobs} == {"finished"}


def test_a_callback_may_call_the_app(app: gp.Session) -> None:
    """A callback runs where it can wait for another call without stopping the first one's."""
    outcome: concurrent.futures.Future[str] = concurrent.futures.Future()
    job = app.slow.submit(0.1)

    job.add_done_callback(lambda _: outcome.set_result(app.echo("from the callback")))

    assert outcome.result(30) == "from the callback"


def test_asyncio(app: gp.Session) -> None:
    """A job can be awaited, and iterated item by item, while the loop goes on."""

    async def main() -> tuple[object, list[object], list[object]]:
        values = [value async for value in app.count.submit(4)]
        several = await asyncio.gather(*(app.echo.submit(str(n)) for n in range(10)))
        return await app.echo.submit("awaited"), values, several

    awaited, values, several = asyncio.run(main())

    assert awaited == "awaited"
    assert values == ["1", "2", "3", "4"]
    assert several == [str(n) for n in range(10)]


@pytest.mark.since("3.36", "gr.Info and gr.Warning came with 3.36")
def test_what_the_app_tells_people(app: gp.Session, caplog: pytest.LogCaptureFixture) -> None:
    """gr.Info and gr.Warning arrive in the job's logs and at the logger."""
    with caplog.at_level(logging.INFO, "gradioproxy"):
        job = app.info_warning.submit("hi")
        job.result()

    assert [(entry.level, entry.text) for entry in job.logs] == [
        ("info", "info hi"),
        ("warning", "warning hi"),
    ]
    assert caplog.messages == ["info_warning: info hi", "info_warning: warning hi"]


def test_progress_of_the_app(app: gp.Session) -> None:
    """The app's own progress is in the status."""
    job = app.progress.submit(4)
    job.result()

    unit = job.status.progress[-1]
    assert (unit.length, unit.unit) == (4, "steps")


def test_state_is_kept_and_hidden(app: gp.Session) -> None:
    """A session keeps the app's state from call to call, and fills in hidden inputs."""
    assert [app.state("a"), app.state("b")] == ["a", "a b"]
    first, second = app.hidden_between("x", "y"), app.hidden_between("x", "y")
    assert first.startswith("x")
    assert second.endswith("y")


def test_two_sessions_have_two_states(server: Server) -> None:
    """The state of one session is not that of another."""
    with gp.connect(server.url) as one, gp.connect(server.url) as other:
        one.state("a")
        assert other.state("b") == "b"


def test_files_by_every_kind_of_value(app: gp.Session, tmp_path: Path) -> None:
    """A file can be given as a path, as text or object, as bytes, or as an open file."""
    path = tmp_path / "näme with #% blanks.txt"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()

    assert app.file_hash(path) == digest
    assert app.file_hash(str(path)) == digest
    assert app.file_hash(b"content") == digest
    with path.open("rb") as handle:
        job = app.file_hash.submit(handle)
    assert job.result() == digest
    assert app.files_hash([path, b"more"]) == [digest, hashlib.sha256(b"more").hexdigest()]


@pytest.mark.since("3.19", "before 3.19 the server gives files names of its own")
def test_files_come_back_when_they_are_used(app: gp.Session, tmp_path: Path) -> None:
    """A file is fetched when its path or content is asked for, under its own name."""
    path = tmp_path / "näme with blanks.txt"
    path.write_bytes(b"content")

    file = app.file_back(path)

    assert isinstance(file, gp.File)
    assert file.name == path.name
    assert file.bytes() == b"content"
    assert Path(file).read_bytes() == b"content"
    assert file.save(tmp_path / "copy").read_bytes() == b"content"
    assert app.file_hash(file) == hashlib.sha256(b"content").hexdigest()


@pytest.mark.since("3.19", "before 3.19 files are in the call itself, and have no server's name")
def test_files_inside_objects(app: gp.Session, tmp_path: Path) -> None:
    """Files are found by the schema inside lists and objects, and by their mark in plain JSON."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()

    assert app.files_hash([path, path]) == [digest, digest]
    if "chat" in app:  # gr.MultimodalTextbox came with 4.2x
        assert app.chat({"text": "hi", "files": [path]}) == {"text": "hi", "files": [digest]}
    marked = app.json_back({"file": gp.file(path)})
    assert marked["file"]["orig_name"] == "a.txt"


def test_a_file_inside_json_goes_in_where_a_file_goes(app: gp.Session, tmp_path: Path) -> None:
    """What stands for a file in a result of JSON stays a dictionary, and means the app's file."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")

    said = app.json_back({"made": [gp.file(path)]})["made"][0]

    assert type(said) is dict
    assert app.file_hash(said) == hashlib.sha256(b"content").hexdigest()
    assert app.file_back(said).bytes() == b"content"


def test_files_work_after_the_session_is_closed(server: Server, tmp_path: Path) -> None:
    """A file outlives its session."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with gp.connect(server.url) as app:
        file = app.file_back(path)

    assert file.bytes() == b"content"


@pytest.mark.since("3.19", "before 3.19 the server gives files names of its own")
def test_files_go_where_they_are_told(server: Server, tmp_path: Path) -> None:
    """With download_dir files go there, and none is overwritten."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    with gp.connect(server.url, download_dir=tmp_path) as app:
        first, second = str(app.file_back(path)), str(app.file_back(path))

    assert [str(tmp_path / "a-2.txt"), str(tmp_path / "a-3.txt")] == [first, second]


def test_many_calls_in_order(app: gp.Session) -> None:
    """Map gives the results in the order of the arguments, whatever order they came in."""
    seconds = [0.3, 0, 0.2, 0]
    assert list(app.slow.map(seconds)) == list(app.slow.map(seconds, concurrency=1))
    kept = list(app.echo.map(["a", "b"], errors="keep"))
    assert kept == ["a", "b"]


def test_the_last_reference_to_a_session_frees_its_connections(server: Server) -> None:
    """At once, and not when everything is collected: nothing of it holds itself."""
    app = gp.connect(server.url)
    job = app.echo.submit("x")
    assert app.echo.with_options(progress=False)("y") == "y"
    assert job.result() == "x"
    engine = weakref.ref(app.__connection__.engine)
    transport = weakref.ref(app.__connection__.engine.transport)
    collected = gc.isenabled()
    gc.disable()
    try:
        del app, job
        # Threads that have just run its last task may still be at the end of that.
        deadline = time.monotonic() + 60
        while (engine() or transport()) and time.monotonic() < deadline:
            threading.Event().wait(0.001)
        assert (engine(), transport()) == (None, None)
    finally:
        if collected:
            gc.enable()


def test_threads_are_few_whatever_is_under_way(app: gp.Session) -> None:
    """At most a dozen for a hundred jobs."""
    jobs = [app.echo.submit(str(number)) for number in range(100)]
    counts = []
    for job in concurrent.futures.as_completed(jobs):
        names = [thread.name for thread in threading.enumerate()]
        counts.append(sum(name.startswith("gradioproxy-") for name in names))
        assert job.exception() is None
    assert max(counts) <= 12


@pytest.mark.parametrize("name", ["main", "stateless"])
@pytest.mark.parametrize("begun", [True, False])
def test_a_call_that_is_cancelled_is_no_harm_to_the_next(
    gradio: RunningServers, version: str, name: str, begun: bool
) -> None:
    """Which is answered, with the state of the app or without, whenever the other one was ended.

    Gradio 4.19 can't be asked for whole values, and may send edits of what the other one gave last,
    by the address of an object; that is an error, and no wrong value.
    """
    numbers = release_of(version)
    may_get_edits = name == "main" and begun and (4, 16) <= numbers < (4, 20)
    with gp.connect(gradio(version, name).url) as app:
        for number in range(3):
            with app.count.stream(10_000) as stream:
                if begun:
                    next(stream)
            assert app.echo(str(number)) == str(number)
            job = app.count.submit(3)
            if may_get_edits and isinstance(job.exception(), gp.ConnectionLost):
                assert "edits of a value that did not come" in str(job.exception())
            else:
                assert job.result() == "3"
                assert job.outputs == ["1", "2", "3"]


def test_options_of_one_call(app: gp.Session) -> None:
    """with_options gives the same function or session with other options."""
    with pytest.raises(gp.Timeout, match="call_timeout") as raised:
        app.slow.with_options(call_timeout=0.2)(30)
    assert raised.value.limit == "call_timeout"
    assert app.with_options(call_timeout=60).echo("x") == "x"
    with pytest.raises(TypeError, match="streams"):
        app.with_options(streams=3)


def test_waiting_for_a_result_has_a_limit_of_its_own(app: gp.Session) -> None:
    """result(timeout) limits the wait and not the call."""
    job = app.slow.submit(1)
    with pytest.raises(TimeoutError):
        job.result(timeout=0.01)
    assert job.result(timeout=60)


def test_check_sends_nothing(app: gp.Session, tmp_path: Path) -> None:
    """Check shows what would be sent, defaults and files included."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")

    plan = app.file_hash.check(path)

    parameter = next(iter(plan.arguments))
    assert [(f.where, f.name, f.size) for f in plan.files] == [(parameter, "a.txt", 7)]
    assert app.hidden_between.check("x", "y").hidden == (1,)
    assert app.uploads == []
    assert app.jobs == []


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_a_check_can_be_pasted_into_a_shell(app: gp.Session, tmp_path: Path) -> None:
    """With a function without files, with one, and with several."""
    paths = [tmp_path / 'a;b, "c" it\'s ä.txt', tmp_path / "b.txt"]
    for path in paths:
        path.write_text(path.name)
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    text = 'it\'s "x" $HOME `id`'
    for plan, expected in (
        (app.echo.check(text), [json.dumps(text)]),
        (app.file_hash.check(paths[0]), sums[:1]),
        (app.files_hash.check(paths), sums),
        (app.hidden_between.check("x", "y"), ['"x 0 y"']),
    ):
        ran = subprocess.run(
            ["/bin/sh"], input=plan.curl, capture_output=True, text=True, check=True, timeout=60
        )
        assert all(part in ran.stdout for part in expected), (plan.curl, ran)


def test_a_refresh_keeps_the_functions(app: gp.Session) -> None:
    """Reading the description again leaves functions that did not change as they are."""
    before = app.echo
    app.refresh()
    assert app.echo is before


@pytest.mark.since("3.19", "before 3.19 there is no upload")
def test_jobs_and_uploads_are_remembered(app: gp.Session) -> None:
    """A session knows its calls and files, and forgets them when told."""
    app.echo("x")
    app.file_hash(b"content")

    assert [job.status.stage for job in app.jobs] == ["finished", "finished"]
    assert [upload.size for upload in app.uploads] == [7]
    app.forget("finished")
    assert app.jobs == []


def test_a_result_that_is_too_large(stateless: Server) -> None:
    """It is told as that on every protocol, with the limit, and the session goes on."""
    limits = gp.Limits(message=100_000, answer=100_000)
    with gp.connect(stateless.url, limits=limits) as app:
        with pytest.raises(gp.TooLarge, match=r"more than 100,000 bytes") as raised:
            app.echo("x" * 300_000)
        assert raised.value.limit in {"message", "answer"}
        assert raised.value.maximum == 100_000
        assert raised.value.may_have_run is True
        assert app.echo("small") == "small"
