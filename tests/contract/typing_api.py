"""Uses of the public interface that are checked for their types, and never run.

Each line is what somebody may write. One that is wrong has the error that a type checker must find:
mypy complains about an ignored error that there is not.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

import gradioproxy as gp
from gradioproxy import hub
from gradioproxy.errors import Limit, Problem, Trace


def sessions() -> None:
    with gp.connect("http://127.0.0.1:7860") as app:
        assert_type(app, gp.Session)
    gp.connect(
        hub.space("owner/name"),
        name="app",
        replace=True,
        token=False,
        auth=("user", "password"),
        headers={"X-Key": "value"},
        verify="/etc/ca.pem",
        proxies={"https": "http://proxy:3128"},
        timeout=10,
        call_timeout=None,
        progress="auto",
        download_dir=Path("files"),
        docstring_style="numpydoc",
        max_jobs_policy="warn",
        isolate=True,
        oauth_token=None,
        lock=Path("app.lock.json"),
    )
    gp.connect(7860)  # type: ignore[arg-type]
    gp.connect("host", timeuot=10)  # type: ignore[call-arg]
    gp.connect("host", "name")  # type: ignore[call-arg]
    gp.connect("host", docstring_style="sphinx")  # type: ignore[arg-type]

    assert_type(gp.sessions("a*"), list[gp.Session])
    assert_type(gp.session(), gp.Session)
    gp.set_default("app")
    gp.set_default(hub.space("owner/name"))
    assert_type(app.url, str)
    app.url = "http://elsewhere"  # type: ignore[misc]
    assert_type(app.session_hash, str)
    assert_type(app.closed, bool)
    assert_type(app.jobs, gp.Jobs)
    assert_type(app.jobs[0], gp.Job[Any])
    assert_type(app.jobs.attach("0123", "/predict"), gp.Job[Any])
    app.jobs.max_jobs = 10
    assert_type(gp.request(app, "GET", "/x", params={"a": 1}).content, bytes)
    assert_type(gp.request(app, "POST", "/x", json=[1], headers={"A": None}).json(), Any)
    app.refresh(state=True)
    assert_type(app.with_options(call_timeout=5), gp.Session)
    assert_type(app.with_options(event_data={"index": 0}, oauth_token=False), gp.Session)
    assert_type(list(app), list[str])
    assert_type(app.tools(style="openai"), list[dict[str, Any]])
    app.forget("finished")
    app.forget("some")  # type: ignore[arg-type]


def functions(app: gp.Session) -> None:
    assert_type(app.predict, gp.Function)
    assert_type(app["/predict"], gp.Function)
    assert_type(app[3], gp.Function)
    assert_type(app.predict("hello", steps=3), Any)
    assert_type(app.predict.submit("hello"), gp.Job[Any])
    assert_type(app.predict.stream("hello"), gp.Stream[Any])
    assert_type(app.predict.map(["a", "b"], concurrency=2, errors="keep"), Iterator[Any])
    assert_type(app.predict.with_options(progress=False), gp.Function)
    app.predict.check("hello").curl.splitlines()
    app.predict.map(["a"], errors="ignore")  # type: ignore[arg-type]
    app.predict.map(["a"], journal=Path("j"), retry="failed", repeat_unknown=True, progress=False)
    app.predict.map(["a"], journal="j", retry="all")  # type: ignore[arg-type]
    with gp.Journal("run.sqlite") as journal:
        assert_type(journal.counts["done"], int)
        assert_type([row.arguments for row in journal.rows("unknown")], list[dict[str, Any]])
        assert_type(len(journal), int)
        journal.rows("lost")  # type: ignore[arg-type]
    as_callback: Callable[[str], Any] = app.predict
    as_callback("hello")

    assert_type(gp.create_functions(app, prefix="my_", into=globals()), dict[str, gp.Function])
    assert_type(gp.created_functions(), dict[str, gp.Function])
    assert_type(gp.remove_functions(app), list[str])
    assert_type(gp.export(app, "module.py"), Path)
    gp.remove_functions(3)  # type: ignore[arg-type]
    for line in gp.pipe(app.predict.map(["a"]), app.other, {"text": 0}, keep=True, size=3):
        assert_type(line, Any)


async def jobs(job: gp.Job[int], stream: gp.Stream[str]) -> None:
    assert_type(job.result(timeout=3), int)
    assert_type(job.exception(), BaseException | None)
    assert_type(await job, int)
    assert_type([value async for value in job], list[int])
    assert_type(list(job), list[int])
    assert_type(job.outputs, list[int])
    assert_type(job.cancel(), bool)
    assert_type(job.status, gp.Status)
    assert_type(job.status.eta, float | None)
    as_future: concurrent.futures.Future[int] = job
    concurrent.futures.wait([as_future])
    job.status.rank = 3  # type: ignore[misc]
    with stream:
        assert_type(next(stream), str)
    assert_type(stream.job, gp.Job[str])


def feeds(function: gp.Function, feed: gp.Feed[str]) -> None:
    assert_type(function.feed(b"first"), gp.Feed[Any])
    with feed:
        feed.send(b"second")
    assert_type(list(feed), list[str])
    assert_type(feed.receive(timeout=5), str)
    assert_type(feed.job, gp.Job[str])
    assert_type((feed.pending, feed.closed), tuple[int, bool])
    feed.close()
    feed.cancel()


async def feeds_in_a_loop(feed: gp.Feed[str]) -> None:
    async with feed as same:
        assert_type(same, gp.Feed[str])
        assert_type(await anext(feed), str)
    assert_type([value async for value in feed], list[str])


def files(file: gp.File) -> None:
    assert_type(file.save("folder"), Path)
    assert_type(file.bytes(), bytes)
    assert_type(list(file.chunks()), list[bytes])
    assert_type(list(file), list[bytes])
    with file.open() as opened:
        assert_type(opened.read(), bytes)
    with open(file, "rb") as content:  # noqa: PTH123 - that it can be opened is what is shown
        content.read()
    given: list[gp.FileLike] = ["a.txt", Path("b.txt"), b"bytes", file]
    gp.upload("host", given)
    gp.file("a.txt")


def primitives() -> None:
    event = gp.send("host", "/predict", ["hello"], token="secret")  # noqa: S106 - not a real one
    assert_type(event, gp.Event)
    assert_type(event.event_id, str | None)
    assert_type([update.data for update in event.update()], list[Any])
    assert_type([update.name for update in event], list[str])
    assert_type(gp.event("host", "/predict", event.event_id or ""), gp.Event)
    gp.send("host", "/predict")  # type: ignore[call-arg]


def diagnoses() -> None:
    diagnosis = gp.diagnose(hub.space("owner/name"), auth=("user", "password"), timeout=5)
    assert_type(diagnosis, gp.Diagnosis)
    assert_type(diagnosis.ok, bool)
    assert_type(diagnosis.url, str)
    assert_type(diagnosis.error, gp.GradioProxyError | None)
    assert_type([step.name for step in diagnosis.steps], list[str])
    assert_type(diagnosis.steps[0].seconds, float | None)
    assert_type(diagnosis.render(60), str)
    diagnosis.steps = ()  # type: ignore[misc]
    gp.diagnose("host", wake_timeout=3)  # type: ignore[call-arg]


def the_hub() -> None:
    space = hub.space("owner/name", expand=["runtime"])
    assert_type(space, hub.Space)
    assert_type(space.stage, str)
    assert_type(space.likes, Any)
    assert_type(hub.models(search="x", limit=3), hub.Results)
    assert_type(hub.model("owner/name"), hub.Record)
    assert_type(hub.wait(space, timeout=None), hub.Space)
    assert_type(hub.start("owner/name", restart=True), hub.Space)
    hub.wait(space, progress="always")  # type: ignore[arg-type]
    hub.Space({"id": "owner/name"})
    copy = hub.duplicate(space, "copy", private=None, hardware="t4-small", secrets={"KEY": "x"})
    assert_type(copy, hub.Space)
    assert_type(hub.restart(copy, factory_reboot=True), hub.Space)
    assert_type(hub.request_hardware("owner/name", "cpu-basic", sleep_time=60), hub.Space)
    assert_type(hub.pause(copy, token=False), hub.Space)
    assert_type(hub.secrets(copy), hub.Record)
    hub.set_secret(copy, "KEY", "x", description="Of a model")
    hub.delete_secret(copy, "KEY")
    hub.set_secret(copy, "KEY", 3)  # type: ignore[arg-type]
    assert_type(hub.quota().remaining, float | None)
    assert_type(hub.quota().resets_at, datetime | None)
    assert_type(hub.set_token(), hub.Record)


def errors() -> None:
    try:
        gp.connect("host")
    except (gp.RateLimited, gp.QueueFull, gp.QuotaExceeded, gp.ServerError) as busy:
        assert_type(busy.retry_after, float | None)
    except gp.Timeout as late:
        assert_type(late.limit, Limit)
        assert_type(late.seconds, float | None)
    except gp.ArgumentError as wrong:
        assert_type(wrong.problems, tuple[Problem, ...])
        assert_type(wrong.problems[0].expected, str)
    except gp.AppError as failed:
        assert_type(failed.app_message, str | None)
        assert_type(failed.outputs, tuple[Any, ...])
    except gp.GradioProxyError as other:
        assert_type(other.trace, Trace | None)
        assert_type(other.may_have_run, bool)
        assert_type(other.event_id, str | None)
        assert_type(other.report(), str)
    assert_type(gp.Timeout("late").with_call(event_id="a", may_have_run=True), gp.Timeout)
    gp.Timeout("late", limit="call_timeout", seconds=3)
    gp.Timeout("late", limti="call_timeout")  # type: ignore[call-arg]
    gp.Timeout("late", limit="forever")  # type: ignore[arg-type]
    gp.Timeout("late", "call_timeout")  # type: ignore[call-arg]
    gp.ConnectError("refused", secs=3)  # type: ignore[call-arg]
    gp.AppError("boom", trace=None)  # type: ignore[call-arg]
    gp.nothing  # type: ignore[attr-defined]  # noqa: B018 - a name that there is not
