"""Which protocol calls of an endpoint speak, by the app's description alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradioproxy.errors import ProtocolError
from gradioproxy.protocols import (
    choose,
    choose_settling,
    shares_stream,
)
from gradioproxy.protocols.conversation import NO_EVENT, Invocation, PageEvent
from gradioproxy.protocols.events import Yielded
from gradioproxy.protocols.machine import Open, OpenSocket, Post, Reply, Report, Send
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.schema.parse import parse_app

WEBSOCKET, SSE, DIRECT, QUEUE, SIMPLE = "Websocket", "Sse", "Direct", "Multiplexed", "Simple"


def function(**facts: Any) -> dict[str, Any]:
    """Return the description of a function."""
    types = {"generator": False, "cancel": False}
    return {
        "inputs": [1],
        "outputs": [1],
        "api_name": "f",
        "queue": None,
        "types": types,
        **facts,
    }


def config(version: str, protocol: str | None, *functions: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an app."""
    return {
        "version": version,
        "enable_queue": True,
        "dependencies": list(functions) or [function()],
        "components": [
            {"id": 1, "type": "textbox", "props": {}},
            {"id": 2, "type": "state", "props": {}},
        ],
        **({"protocol": protocol} if protocol else {}),
    }


def chosen(description: dict[str, Any], name: str = "/f") -> Any:
    """Return the machine for an endpoint."""
    app = parse_app(description)
    endpoint = app.endpoints[name] if name.startswith("/") else app.unnamed[name]
    return choose(app, endpoint, "hash")


@pytest.mark.parametrize(
    ("version", "protocol", "queue", "kind"),
    [
        ("3.16.2\n", None, None, WEBSOCKET),
        ("3.50.2", None, True, WEBSOCKET),
        ("3.50.2", "ws", None, WEBSOCKET),
        ("3.16.2\n", None, False, DIRECT),
        ("3.50.2", None, False, DIRECT),
        ("4.0.2", "sse", None, SSE),
        ("4.8.0", "sse", True, SSE),
        ("4.8.0", "sse", False, DIRECT),
        ("4.9.0", "sse_v1", None, QUEUE),
        ("4.9.0", "sse_v1", False, DIRECT),
        ("4.19.2", "sse_v2", False, DIRECT),
        ("4.21.0", "sse_v2.1", None, QUEUE),
        ("4.44.1", "sse_v3", False, DIRECT),
        ("6.31.0", "sse_v3", True, QUEUE),
        ("6.31.0", "sse_v3", False, DIRECT),
        ("7.0.0", "sse_v4", None, SIMPLE),
        ("7.0.0", "ws_v2", False, SIMPLE),
    ],
)
def test_by_protocol_and_queue(
    version: str, protocol: str | None, queue: bool | None, kind: str
) -> None:
    machine = chosen(config(version, protocol, function(queue=queue)))
    assert type(machine).__name__ == kind


@pytest.mark.parametrize(
    ("version", "protocol", "kind"),
    [
        ("4.8.0", "sse", DIRECT),
        ("4.9.0", "sse_v1", QUEUE),
        ("5.50.0", "sse_v3", QUEUE),
        ("6.31.0", "sse_v3", QUEUE),
    ],
)
@pytest.mark.parametrize("types", [{"generator": True}, {}])
def test_generators_past_the_queue_go_over_it_where_streams_are_shared(
    version: str, protocol: str, kind: str, types: dict[str, bool]
) -> None:
    """It takes them, and gives every value; one request past it gives one, and from 6.0 no more."""
    description = config(version, protocol, function(queue=False, types=types))
    assert type(chosen(description)).__name__ == kind


@pytest.mark.parametrize(
    ("version", "protocol", "kind"),
    [("4.8.0", "sse", DIRECT), ("4.9.0", "sse_v1", QUEUE), ("4.20.0", "sse_v2", SIMPLE)],
)
def test_the_primitive_level_takes_the_queue_where_calls_can_be_followed(
    version: str, protocol: str, kind: str
) -> None:
    app = parse_app(config(version, protocol, function(queue=False)))
    machine = choose(app, app.endpoints["/f"], "hash", following="name")
    assert type(machine).__name__ == kind


@pytest.mark.parametrize(
    ("version", "protocol"), [("3.50.2", None), ("4.8.0", "sse"), ("4.13.0", "sse_v1")]
)
@pytest.mark.parametrize("facts", [{}, {"queue": False}, {"batch": True}])
def test_which_calls_share_a_stream(
    version: str, protocol: str | None, facts: dict[str, bool]
) -> None:
    """Those whose machine takes several."""
    app = parse_app(config(version, protocol, function(**facts)))
    endpoint = app.endpoints["/f"]
    assert shares_stream(app, endpoint) is choose(app, endpoint, "hash").shared


@pytest.mark.parametrize(
    ("enabled", "queue", "kind"),
    [
        (True, None, WEBSOCKET),
        (True, False, DIRECT),
        (False, None, DIRECT),
        (False, False, DIRECT),
        (None, None, DIRECT),
    ],
)
def test_apps_of_gradio_3_may_have_no_queue(
    enabled: bool | None, queue: bool | None, kind: str
) -> None:
    description = config("3.36.1", None, function(queue=queue))
    description["enable_queue"] = enabled
    assert type(chosen(description)).__name__ == kind


@pytest.mark.parametrize(
    ("version", "protocol", "kind", "batched"),
    [
        ("3.50.2", None, WEBSOCKET, False),
        ("4.0.2", "sse", DIRECT, True),
        ("4.8.0", "sse", DIRECT, True),
        ("4.9.0", "sse_v1", DIRECT, True),
        ("4.10.0", "sse_v1", DIRECT, True),
        ("4.11.0", "sse_v1", DIRECT, True),
        ("4.19.2", "sse_v2", DIRECT, True),
        ("4.20.0", "sse_v2", QUEUE, False),
        ("6.31.0", "sse_v3", QUEUE, False),
    ],
)
def test_a_batch_does_not_stop_the_queue(
    version: str, protocol: str | None, kind: str, batched: bool
) -> None:
    """As it does from 4.0 to 4.10; and to 4.19 the queue mixes up the results of a batch."""
    machine = chosen(config(version, protocol, function(batch=True)))
    assert type(machine).__name__ == kind
    steps = machine.join("a", Invocation(0, "/f", ["x"]))
    assert [getattr(step, "body", {}).get("batched", False) for step in steps] == [batched]


@pytest.mark.parametrize(
    ("version", "protocol", "queue"),
    [
        ("3.50.2", None, True),
        ("3.50.2", None, False),
        ("4.4.1", "sse", True),
        ("4.4.1", "sse", False),
        ("4.13.0", "sse_v1", True),
        ("6.31.0", "sse_v3", True),
        ("6.31.0", "sse_v3", False),
    ],
)
def test_what_happened_on_the_page_goes_along(
    version: str, protocol: str | None, queue: bool
) -> None:
    """In the queue and past it, by whichever protocol; without it, the body says so."""
    described = config(version, protocol, function(queue=queue, types={"generator": False}))
    said = []
    for event in (PageEvent({"index": 0}, 7), NO_EVENT):
        machine = chosen(described)
        steps = machine.join("a", Invocation(0, "/f", ["x"], event))
        for piece in ('{"msg": "send_data"}', b'data: {"msg": "send_data", "event_id": "e"}\n\n'):
            steps += machine.receive_data(piece)
        texts = [json.loads(step.text) for step in steps if isinstance(step, Send)]
        (body,) = texts + [step.body for step in steps if isinstance(step, Post)]
        said.append((body["event_data"], body.get("trigger_id")))
    assert said == [({"index": 0}, 7), (None, None)]


@pytest.mark.parametrize(
    ("version", "limit", "kind"),
    [
        ("5.0.2", None, DIRECT),
        ("5.4.0", None, DIRECT),
        ("5.0.2", 30, QUEUE),
        ("5.5.0", None, QUEUE),
        ("6.31.0", None, QUEUE),
    ],
)
def test_streamed_inputs_keep_out_of_a_queue_that_fails_over_them(
    version: str, limit: int | None, kind: str
) -> None:
    """As it does before 5.5 where they have no limit of time."""
    streamed = function(connection="stream", time_limit=limit)
    assert type(chosen(config(version, "sse_v3", streamed))).__name__ == kind


def test_a_batch_past_the_queue_goes_as_one() -> None:
    machine = chosen(config("3.50.2", None, function(batch=True, queue=False)))
    (post,) = machine.join("a", Invocation(0, "/f", ["x"]))
    assert post.body["data"] == [["x"]]


@pytest.mark.parametrize(
    ("version", "protocol", "kind"),
    [("3.36.1", None, WEBSOCKET), ("4.0.2", "sse", SSE), ("6.31.0", "sse_v3", QUEUE)],
)
def test_functions_that_are_not_in_the_api_go_by_their_number(
    version: str, protocol: str | None, kind: str
) -> None:
    facts = {"api_name": False, "show_api": False, "api_visibility": "private"}
    machine = chosen(config(version, protocol, function(**facts)), "fn_0")
    assert type(machine).__name__ == kind


def test_a_later_protocol_is_left_to_the_simple_api_where_that_is_enough() -> None:
    """It goes by name, and every call has a state of its own."""
    description = config("7.0.0", "sse_v4")
    description["api_prefix"] = "/gradio_api"
    (post,) = chosen(description).join("a", Invocation(0, "/f", ["x"]))
    assert post == Post("a", "/gradio_api/call/f", {"data": ["x"]})
    stateful = config("7.0.0", "sse_v4", function(inputs=[1, 2]))
    for name, config_ in (("fn_0", description), ("/f", stateful)):
        with pytest.raises(ProtocolError, match="'sse_v4'"):
            chosen(config_, name)


def test_an_unknown_protocol_of_an_old_app_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"'new' \(Gradio 4\.1\.0\)"):
        chosen(config("4.1.0", "new"))


@pytest.mark.parametrize(
    ("protocol", "edits"),
    [("sse_v1", False), ("sse_v2", True), ("sse_v2.1", True), ("sse_v3", True)],
)
def test_the_queue_of_4_9_and_later(protocol: str, edits: bool) -> None:
    machine = chosen(config("4.13.0", protocol, function()))
    assert isinstance(machine, Multiplexed)
    machine.join("a", Invocation(0, "/f", []))
    machine.receive_answer("a", Reply(200, {"event_id": "a"}))
    events = []
    for data in (["x"], [[["append", [], "y"]]]):
        text = {"msg": "process_generating", "event_id": "a", "output": {"data": data}}
        steps = machine.receive_data(f"data: {json.dumps(text)}\n\n".encode())
        events += [step.event for step in steps if isinstance(step, Report)]
    assert events[-1] == Yielded(("xy",) if edits else ([["append", [], "y"]],))


@pytest.mark.parametrize(
    ("version", "fresh", "types", "resets"),
    [
        ("3.16.2", True, None, False),
        ("3.16.2", False, None, True),
        ("3.24.1", False, {"generator": True, "continuous": False}, True),
        ("3.24.1", False, {"generator": False, "continuous": True}, True),
        ("3.24.1", False, {"generator": False, "continuous": False}, False),
        ("3.25.0", False, {"generator": True, "continuous": False}, False),
    ],
)
def test_a_generator_that_is_left_over_is_reset(
    version: str, fresh: bool, types: dict[str, bool] | None, resets: bool
) -> None:
    app = parse_app(config(version, None, function(types=types)))
    machine = choose(app, app.endpoints["/f"], "hash", fresh=fresh)
    steps = [type(step) for step in machine.join("a", Invocation(0, "/f", ["x", None]))]
    assert steps == [Post if resets else OpenSocket]


@pytest.mark.parametrize(
    ("version", "protocol", "known"),
    [
        ("3.50.2", None, False),
        ("4.0.2", "sse", False),
        ("4.9.0", "sse_v1", True),
        ("6.31.0", "sse_v3", True),
    ],
)
def test_where_a_stream_can_be_left_over(version: str, protocol: str | None, known: bool) -> None:
    app = parse_app(config(version, protocol, function()))
    assert (choose_settling(app, "hash") is not None) is known


@pytest.mark.parametrize(("generator", "closed"), [(True, False), (False, True)])
def test_gradio_4_0_is_left_alone_only_where_it_yields_nothing(
    generator: bool, closed: bool
) -> None:
    types = {"generator": generator, "continuous": False}
    machine = chosen(config("4.0.2", "sse", function(types=types)))
    assert [type(step) for step in machine.join("a", Invocation(0, "/f", ["x"]))] == [Open]
    machine.receive_data(b'data: {"msg": "send_data", "event_id": "e"}\n\n')
    assert bool(machine.cancel("a")) is closed
