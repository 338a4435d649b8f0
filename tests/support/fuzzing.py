"""What takes in a stranger's bytes, as functions of bytes: for the suite, and for a fuzzer.

Rule: a target raises nothing, whatever it is given, and is done at once; what it checks besides, it
checks by asserting.
"""

from __future__ import annotations

import contextlib
import functools
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradioproxy.errors import GradioProxyError, ProtocolError
from gradioproxy.files.file import File
from gradioproxy.files.source import safe_name, url_name
from gradioproxy.functions.tool_calls import tool_arguments
from gradioproxy.options import CallOptions
from gradioproxy.protocols.diffs import (
    EditedValue,
    apply_edits,
    are_equal,
    build_value,
    looks_like_edits,
)
from gradioproxy.protocols.direct import Direct
from gradioproxy.protocols.simple import Simple
from gradioproxy.protocols.sse import Sse
from gradioproxy.protocols.sse_v1 import Multiplexed
from gradioproxy.protocols.websocket import Websocket
from gradioproxy.text import clean, one_line
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address, parse_address
from gradioproxy.values.decode import Decoder
from tests.support.app_documents import connection_to, functions_of
from tests.support.machine_driver import talk
from tests.support.mutations import mutate
from tests.support.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradioproxy.client.connection import Connection

RELEASES = [(3, 50, 2), (4, 0, 2), (4, 13, 0), (4, 19, 2), (4, 44, 1), (5, 50, 0), (6, 31, 0)]
TRANSPORT = Transport(Address("http://app.test"), Access())
SHAPES: list[Any] = [
    *({"type": kind} for kind in ("string", "number", "integer", "boolean", "null", "object")),
    {"enum": ["a", 1, None]},
    {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/F"}]}},
    {"$ref": "#/$defs/F"},
    {"type": "object", "properties": {"text": {"type": "string"}, "files": {"type": "array"}}},
]
FILE = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": {"type": "string"}, "url": {"type": "string"}},
}


def _describe_app(shapes: list[Any]) -> tuple[Any, Any]:
    """Return an app with a function that takes and gives one value of each of these shapes."""
    schemas = [{**shape, "$defs": {"F": FILE}} for shape in shapes]
    parts = [
        {"label": f"x{n}", "parameter_name": f"x{n}", "component": "Json", "type": schema}
        for n, schema in enumerate(schemas)
    ]
    numbers = list(range(len(parts)))
    config = {
        "version": "6.31.0",
        "protocol": "sse_v3",
        "components": [{"id": n, "type": "json", "props": {"label": f"x{n}"}} for n in numbers],
        "dependencies": [{"id": 0, "api_name": "f", "inputs": numbers, "outputs": numbers}],
    }
    named = {"/f": {"parameters": parts, "returns": parts}}
    return config, {"named_endpoints": named, "unnamed_endpoints": {}}


CONFIG, INFO = _describe_app(SHAPES)


class _Chooser(random.Random):
    """Chooses as bytes say, so that inputs that differ by little lead to what differs by little.

    Args:
        data: Two bytes for each choice; then it is always the first.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._left = iter(zip(data[::2], data[1::2], strict=False))

    def choice(self, among: Any) -> Any:
        """Return one of several."""
        high, low = next(self._left, (0, 0))
        return among[(high << 8 | low) % len(among)]


@functools.cache
def _connect() -> tuple[Connection, Any]:
    """Return what a session of this app has, and its function; the same for all inputs."""
    connection = connection_to(CONFIG, INFO)
    (function,) = functions_of(connection, 1)
    return connection, function


def _parse_json(data: bytes) -> Any:
    """Return the JSON that bytes are, or themselves as a text."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace")


def _cut(data: bytes) -> Iterator[bytes]:
    """Yield the bytes in pieces, whose size the first one says."""
    size = data[0] + 1 if data else 1
    for start in range(1, len(data), size):
        yield data[start : start + size]


def _drive(player: Replay, pieces: Iterator[Any]) -> None:
    """Give a machine what comes, then nothing more; its call has ended once."""
    player.join(data=["x"])
    for piece in pieces:
        player.data(piece)
    while player.unanswered:
        player.answer(0, None)
    player.end()
    assert player.over
    assert player.machine.calls == 0


def try_stream(data: bytes) -> None:
    """An event stream of a conversation with several calls."""
    release = RELEASES[data[0] % len(RELEASES)] if data else RELEASES[-1]
    edits = release > (4, 17)
    _drive(Replay(Multiplexed(talk("hash", "", release), sends_edits=edits)), _cut(data[1:]))


def try_single_stream(data: bytes) -> None:
    """An event stream of one call."""
    release = RELEASES[data[0] % len(RELEASES)] if data else RELEASES[-1]
    for machine in (Sse, Simple):
        _drive(Replay(machine(talk("hash", "", release))), _cut(data[1:]))


def try_websocket(data: bytes) -> None:
    """Messages of a websocket, with a zero between them."""
    texts = (part.decode("utf-8", "replace") for part in data.split(b"\0"))
    _drive(Replay(Websocket(talk("hash", "", (3, 50, 2)), fresh=False)), texts)


def try_answer(data: bytes) -> None:
    """The answers to a direct call, with a zero between them."""
    player = Replay(Direct(talk("hash", "", (4, 44, 1)), sends_edits=True))
    player.join(data=["x"])
    for part in data.split(b"\0"):
        if player.unanswered:
            status = 200 + (part[0] if part else 0) * 2
            player.answer(status, _parse_json(part[1:]))
    while player.unanswered:
        player.answer(0, None)
    player.end()
    assert player.over


def try_edits(data: bytes) -> None:
    """A value and the edits of it, with a zero between them."""
    value, _, edits = data.partition(b"\0")
    changes = _parse_json(edits)
    if isinstance(changes, list):
        looks_like_edits(changes)
    before = _parse_json(value)
    edited = EditedValue(before)
    for _ in range(3):
        wanted = _edit(functools.partial(apply_edits, edited.value, changes))
        assert are_equal(_edit(functools.partial(edited.edit, changes)), wanted)


def _edit(edit: Callable[[], Any]) -> Any:
    """Return what edits lead to, or that they fit nothing."""
    try:
        return build_value(edit())
    except ProtocolError:
        return ProtocolError


def try_description(data: bytes) -> None:
    """The description of an app with three values, changed as the bytes choose."""
    chooser = _Chooser(data)
    config, info = _describe_app([chooser.choice(SHAPES) for _ in range(3)])
    config, info = mutate(config, chooser, 3), mutate(info, chooser, 3)
    with contextlib.suppress(GradioProxyError):
        for function in functions_of(connection_to(config, info, transport=TRANSPORT), 2):
            assert clean(function.__doc__, 10**6) == function.__doc__
            function.tool_schema()
            with contextlib.suppress(GradioProxyError, TypeError):
                function.check()


def try_name(data: bytes) -> None:
    """The name of a file, the text of an app, an address."""
    text = data.decode("utf-8", "surrogateescape")
    for name in (safe_name(text), url_name(f"http://host/{data.decode('latin-1')}")):
        assert name == Path(name).name
        assert 0 < len(name.encode("utf-8", "surrogateescape")) <= 255
    line = one_line(text)
    assert clean(line) == line
    assert "\n" not in line
    with contextlib.suppress(GradioProxyError):
        parse_address(text)


def try_result(data: bytes) -> None:
    """The values of a result: what the bytes are in JSON, or a good one changed as they choose."""
    _, function = _connect()
    value = _parse_json(data)
    if isinstance(value, str):
        value = mutate(json.loads(SEEDS["result"][0]), _Chooser(data), 3)
    values = value if isinstance(value, list) else [value] * function.endpoint.outputs
    decoder = Decoder(function.endpoint, None, lambda raw: File(raw, TRANSPORT))
    with contextlib.suppress(ProtocolError):
        decoder.decode(values)
    with contextlib.suppress(ProtocolError):
        decoder.updates(values)


def try_arguments(data: bytes) -> None:
    """What a language model gives as the arguments of a tool."""
    connection, function = _connect()
    settings = connection.settings_with(CallOptions())
    with contextlib.suppress(GradioProxyError):
        made = tool_arguments(settings, "f", function.endpoint, data)
        function.check(**made)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "stream": try_stream,
    "single-stream": try_single_stream,
    "websocket": try_websocket,
    "answer": try_answer,
    "edits": try_edits,
    "description": try_description,
    "name": try_name,
    "result": try_result,
    "arguments": try_arguments,
}
"""By the names that ``scripts/fuzz`` takes."""

SEEDS: dict[str, list[bytes]] = {
    "stream": [
        (
            b"\6\x40"
            b'data: {"msg":"process_generating","event_id":"e","output":{"data":["x"]},'
            b'"success":true}\n\ndata: {"msg":"process_completed","event_id":"e",'
            b'"output":{"data":["x"]},"success":true}\n\ndata: {"msg":"close_stream"}\n\n'
        )
    ],
    "single-stream": [b'\6\x40event: generating\ndata: ["x"]\n\nevent: complete\ndata: ["x"]\n\n'],
    "websocket": [
        (
            b'{"msg":"send_hash"}\0{"msg":"estimation","rank":1,"queue_size":2,"rank_eta":1.5}\0'
            b'{"msg":"send_data"}\0{"msg":"process_completed","output":{"data":["x"]},"success":true}'
        )
    ],
    "answer": [b'\0{"data":["x"],"is_generating":true}\0\0{"data":["x"],"is_generating":false}'],
    "edits": [b'{"a":[1,"x"]}\0[["append",["a",1],"y"],["add",["b"],2],["delete",["a",0],null]]'],
    "description": [b"", bytes(range(64)), bytes(range(255, 127, -1))],
    "name": [
        b"http://\xff@[::1]:80?y",
        b"../a b.png",
        "CON.\u202etxt".encode(),
        b"http://user:pw@[::1]:80/x?y#z",
    ],
    "result": [b'["x",1,2,true,null,{},"a",["x",{"path":"p","meta":{}}],{"path":"q"},{"text":""}]'],
    "arguments": [b'{"x0":"a","x1":"1","x2":1,"x3":"yes","x6":"a","x7":["x"],"x8":"http://a/b"}'],
}
"""What a good one looks like, for each target."""
