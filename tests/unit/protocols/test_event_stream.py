"""Event streams: the examples of the WHATWG text, and bytes that are cut anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradioproxy.errors import TooLarge
from gradioproxy.protocols.event_stream import Decoder, Frame

if TYPE_CHECKING:
    from collections.abc import Iterable


def decoded(*chunks: bytes) -> list[Frame]:
    """Return the frames of a stream that comes in these pieces."""
    decoder = Decoder()
    return [frame for chunk in chunks for frame in decoder.receive(chunk)]


def message(text: str) -> Frame:
    return Frame("message", text)


STREAMS = {
    # The first ones are the examples of the standard, 9.2.6.
    "stocks": (
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [message("YHOO\n+2\n10")],
    ),
    "four blocks": (
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
            b"data:  third event\n\n"
        ),
        [message("first event"), message("second event"), message(" third event")],
    ),
    "empty data": (b"data\n\ndata\ndata\n\ndata:", [message(""), message("\n")]),
    "one space is dropped": (b"data:test\n\ndata: test\n\n", [message("test"), message("test")]),
    "names": (
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
        [Frame("add", "73857293"), Frame("remove", "2153"), Frame("add", "113411")],
    ),
    "a name without data": (b"event: add\n\ndata: x\n\n", [message("x")]),
    "an empty name": (b"event: add\nevent:\ndata: x\n\n", [message("x")]),
    "comments": (b":\n: a\ndata: x\n:b\n\n: c\n\n", [message("x")]),
    "unknown fields": (b"retry: 10\nid: \x00\nfoo: bar\nDATA: no\ndata: x\n\n", [message("x")]),
    "spaces belong to a field's name": (b" data: no\n\ndata : no\n\n", []),
    "unfinished": (b"data: x\n\ndata: y\n", [message("x")]),
    "CRLF": (b"data: x\r\ndata: y\r\n\r\n", [message("x\ny")]),
    "CR": (b"data: x\rdata: y\r\r", [message("x\ny")]),
    "all kinds of ends": (b"data: x\r\n\rdata: y\n\r\ndata: z\r\r\n", [*map(message, "xyz")]),
    "byte order mark": (b"\xef\xbb\xbfdata: x\n\n", [message("x")]),
    "a second mark is text": (
        b"\xef\xbb\xbf\xef\xbb\xbfdata: no\n\ndata: \xef\xbb\xbfx\n\n",
        [message("\ufeffx")],
    ),
    "a mark that is no first thing": (b"\n\xef\xbb\xbfdata: no\n\n", []),
    "other line breaks are text": (
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\n\n".encode(),
        [message("a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg")],
    ),
    "bytes that are no UTF-8": (b"data: \xff\xf0\x9f\x98\n\n", [message("\ufffd\ufffd")]),
    "wide characters": ("data: aé€😀\n\n".encode(), [message("aé€😀")]),
    "nothing": (b"", []),
    "blank lines": (b"\n\r\n\r\r\n\n", []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_read_as_the_standard_says(name: str) -> None:
    stream, expected = STREAMS[name]
    assert decoded(stream) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_it_does_not_matter_where_a_stream_is_cut(name: str) -> None:
    """Each pair of places is tried, within characters and line ends too, and single bytes."""
    stream, expected = STREAMS[name]
    for first in range(len(stream) + 1):
        assert decoded(stream[:first], stream[first:]) == expected
        assert decoded(stream[:first], b"", stream[first:]) == expected
        for second in range(first, len(stream) + 1):
            cut = stream[:first], stream[first:second], stream[second:]
            assert decoded(*cut) == expected
    assert decoded(*(bytes([byte]) for byte in stream)) == expected


@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r", b"\r\n\n"])
def test_an_event_is_there_with_the_byte_that_ends_it(end: bytes) -> None:
    """Nobody has to wait for the next event to see this one, whatever ends its lines."""
    decoder = Decoder()
    shortest = end[:-1] if end.endswith(b"\r\n") else end
    assert decoder.receive(b"data: x") == []
    assert decoder.receive(shortest) == [message("x")]
    assert decoder.receive(end[len(shortest) :] + b"data: y\n\n") == [message("y")]


def cut(stream: bytes, sizes: Iterable[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(stream[:size])
        stream = stream[size:]
    return [*pieces, stream]


@settings(deadline=None)
@given(
    values=st.lists(st.text() | st.lists(st.integers() | st.text())),
    ends=st.sampled_from(["\n", "\r", "\r\n"]),
    sizes=st.lists(st.integers(0, 20)),
)
def test_json_comes_back_whatever_it_holds(
    values: list[object], ends: str, sizes: list[int]
) -> None:
    """JSON escapes CR and LF and nothing else that anybody takes for a line break."""
    texts = [json.dumps(value, ensure_ascii=False) for value in values]
    stream = "".join(f"data: {text}{ends}{ends}" for text in texts)
    assert decoded(*cut(stream.encode(), sizes)) == [message(text) for text in texts]


class Counted(bytes):
    """Bytes that count how many of them were looked at or copied."""

    work = 0

    def __contains__(self, part: object) -> bool:
        Counted.work += len(self)
        return super().__contains__(part)  # type: ignore[operator]


def test_a_large_event_in_small_chunks_costs_a_pass_over_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However small the chunks are, no byte is copied or searched more than a few times."""
    lines: list[int] = []
    take_field = Decoder._take_field

    def counted(self: Decoder, line: bytes) -> None:
        lines.append(len(line))
        take_field(self, line)

    monkeypatch.setattr(Decoder, "_take_field", counted)
    monkeypatch.setattr(Counted, "work", 0)
    decoder = Decoder()
    size, chunk = 4_000_000, 1000
    assert decoder.receive(Counted(b"data: ")) == []
    for _ in range(size // chunk):
        assert decoder.receive(Counted(b"x" * chunk)) == []
    assert lines == []
    assert decoder.receive(Counted(b"\n\n")) == [message("x" * size)]
    assert lines == [len("data: ") + size]
    assert Counted.work <= 3 * (size + 100)


def test_many_small_events_leave_nothing_behind() -> None:
    """What was read is not kept, so a stream can go on for ever."""
    decoder = Decoder()
    for _ in range(1000):
        assert decoder.receive(b"data: x\n\nda") == [message("x")]
        assert decoder.receive(b"ta: y\n\n") == [message("y")]
    assert decoder._pieces == []
    assert decoder._data == []


@pytest.mark.parametrize(
    "piece", [b"data: 0123456789", b"data\n", b"data: 0123456789\n", b"data: x\ndata: y"]
)
def test_an_event_beyond_the_limit_ends_the_stream(piece: bytes) -> None:
    """In one line or in many, with values or without."""
    decoder = Decoder(1000)

    def send() -> None:
        for _ in range(1000):
            decoder.receive(piece)

    with pytest.raises(TooLarge, match=r"more than 1,000 bytes.*Limits\(message=") as raised:
        send()
    assert (raised.value.limit, raised.value.maximum) == ("message", 1000)


def test_events_below_the_limit_can_go_on_for_ever() -> None:
    """The limit is for one event, not for the stream."""
    decoder = Decoder(1000)
    for _ in range(100):
        assert decoder.receive(b": " + b"c" * 400 + b"\n") == []
        assert len(decoder.receive(b"data: " + b"x" * 500 + b"\n\n")) == 1


def test_what_came_whole_before_what_is_too_large_is_not_lost() -> None:
    """It may be the result of another call."""
    decoder = Decoder(1000)
    assert decoder.receive(b"data: 1\n\ndata: " + b"x" * 2000) == [message("1")]
    with pytest.raises(TooLarge):
        decoder.receive(b"x")
