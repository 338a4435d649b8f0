"""Values that are nested without end, from both sides: each is itself, or one of our errors."""

from __future__ import annotations

import contextlib
import gc
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.errors import ArgumentError, ConnectionLost, GradioProxyError, ProtocolError
from tests.support.web_server import Reply, Web, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVENTS = {"Content-Type": "text/event-stream"}
COMPLETED = {"msg": "process_completed", "success": True, "output": {"data": ["x"]}}
FILE = {"path": "/x", "meta": {"_type": "gradio.FileData"}}
UPDATE = {"__type__": "update"}

# What an app says, with something deep where DEEP stands.
MESSAGES: dict[str, list[dict[str, Any]]] = {
    "value": [{**COMPLETED, "output": {"data": ["DEEP"]}}],
    "update": [{**COMPLETED, "output": {"data": [{**UPDATE, "value": "DEEP", "choices": "DEEP"}]}}],
    "file": [{**COMPLETED, "output": {"data": [{**FILE, "more": "DEEP"}]}}],
    "partial": [
        {**COMPLETED, "msg": "process_generating", "output": {"data": ["DEEP"]}},
        COMPLETED,
    ],
    "error": [{**COMPLETED, "success": False, "output": {"error": "DEEP"}}],
    "title": [{**COMPLETED, "success": False, "title": "DEEP", "output": {"error": "e"}}],
    "kind": [{"msg": "DEEP"}, COMPLETED],
    "log": [{"msg": "log", "log": "DEEP", "level": "DEEP", "title": "DEEP"}, COMPLETED],
    "progress": [
        {"msg": "progress", "progress_data": [{"desc": "DEEP", "index": "DEEP"}]},
        COMPLETED,
    ],
    "place": [{"msg": "estimation", "rank": "DEEP", "queue_size": "DEEP"}, COMPLETED],
}
# Around what Python's versions follow, what is read of JSON, and beyond everything.
DEPTHS = (90, 290, 480, 960, 3_000, 100_000)
WRAPS = {"list": ("[", "]"), "object": ('{"a":', "}")}


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    # Before Python 3.12, whatever the collector finalises while JSON is read that deep fails.
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def app(web: Web) -> Iterator[gp.Session]:
    serve_app(web, "f", app_id=1)
    web.on("/gradio_api/queue/join", reply_json({"event_id": "e1"}))
    with gp.connect(web.url) as session:
        yield session


def say(web: Web, *messages: str) -> None:
    """Let an app say this of its call, and end the stream as it should."""
    spoken = [*messages, json.dumps({"msg": "close_stream"})]
    body = "".join(f"data: {text}\n\n" for text in spoken).encode()
    web.on("/gradio_api/queue/data", Reply(200, body, EVENTS))


def build_deep(depth: int, wrap: str) -> str:
    """Return JSON that is nested so deeply."""
    before, behind = WRAPS[wrap]
    return f"{before * depth}1{behind * depth}"


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", MESSAGES)
def test_what_an_app_says(web: Web, app: gp.Session, place: str, depth: int, wrap: str) -> None:
    """Wherever it is deep: a value to be kept and passed on, or an error; the next call works."""
    texts = [json.dumps({"event_id": "e1", **message}) for message in MESSAGES[place]]
    deep = build_deep(depth, wrap)
    say(web, *(text.replace('"DEEP"', deep) for text in texts))
    job = app.f.submit("x")
    error = job.exception(timeout=60)
    if error is None:
        pickle.dumps(job.result())
        list(gp.pipe([job.result()], lambda value: value, {"value": 0}))
    else:
        assert isinstance(error, GradioProxyError)
        assert pickle.loads(pickle.dumps(error)).args == error.args  # noqa: S301 - made here
        assert error.report()
    for look in (lambda: list(job), lambda: job.outputs, lambda: job.updates, lambda: repr(job)):
        with contextlib.suppress(GradioProxyError):
            look()
    say(web, json.dumps({"event_id": "e1", **COMPLETED}))
    assert app.f("x") == "x"


@pytest.mark.parametrize("wrap", WRAPS)
def test_a_result_is_as_deep_everywhere(web: Web, app: gp.Session, wrap: str) -> None:
    """What this Python could follow does not matter."""
    for depth, right in ((290, True), (310, False), (480, False)):
        text = json.dumps({"event_id": "e1", **MESSAGES["value"][0]})
        say(web, text.replace('"DEEP"', build_deep(depth, wrap)))
        if right:
            assert json.dumps(app.f("x"), separators=(",", ":")) == build_deep(depth, wrap)
        else:
            with pytest.raises(ProtocolError, match="nested too deeply"):
                app.f("x")


def test_a_value_that_can_not_be_read_is_not_left_out(web: Web, app: gp.Session) -> None:
    """The next ones can be edits of it, and the caller would get something that never was."""
    first, last = (json.dumps({"event_id": "e1", **said}) for said in MESSAGES["partial"])
    say(web, first.replace('"DEEP"', build_deep(100_000, "list")), last)
    with pytest.raises(ConnectionLost, match="nested too deeply"):
        app.f("x")


def test_edits_that_lead_deeper_each_time(web: Web, app: gp.Session) -> None:
    """No message is deep, and after a hundred of them the value is."""
    say_data = {"event_id": "e1", "msg": "process_generating", "success": True}
    texts = [json.dumps({**say_data, "output": {"data": [[1]]}})]
    path: list[int] = []
    for _ in range(60):
        edits = [["replace", [*path, 0], json.loads(build_deep(50, "list"))]]
        texts.append(json.dumps({**say_data, "output": {"data": [edits]}}))
        path += [0] * 50
    say(web, *texts, json.dumps({"event_id": "e1", **COMPLETED}))

    seen = 0
    with pytest.raises(ProtocolError, match="nested too deeply"):  # noqa: PT012 - it iterates
        for _ in app.f.stream("x"):
            seen += 1
    assert 3 < seen < 9


def build_endless() -> Any:
    """Return a list that is in itself."""
    endless: list[Any] = []
    endless.append({"a": endless})
    return endless


def build_deep_list() -> Any:
    """Return a list of ten thousand levels, which Python frees without its stack."""
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize("build", [build_endless, build_deep_list])
def test_what_a_caller_passes(web: Web, app: gp.Session, build: Callable[[], Any]) -> None:
    """What has no end, or none in sight, is refused before anything is sent."""
    for value in (build(), {"a": build()}, (build(),), gp.file(build())):
        for call in (app.f, app.f.check, app.f.submit, app.f.stream):
            with pytest.raises(ArgumentError):
                call(value)
        with pytest.raises(ArgumentError):
            app.call_tool("f", {"text": value})
    assert "/gradio_api/queue/join" not in web.paths()
