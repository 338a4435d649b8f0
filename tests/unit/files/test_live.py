"""Streams that are read while the app makes them: each part as it comes, and a known end."""

from __future__ import annotations

import contextlib
import io
import itertools
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.errors import (
    AppError,
    ConnectionLost,
    FileGone,
    FileNotSaved,
    JobCancelled,
    TooLarge,
)
from gradioproxy.files import stream_download
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.live import ChunkReader
from gradioproxy.files.spool import Spool
from gradioproxy.files.stream_download import StreamDownload
from gradioproxy.limits import Limits
from gradioproxy.protocols import events
from gradioproxy.schema.shape import FILE
from gradioproxy.transport.credentials import Access
from gradioproxy.values.decode import Decoder
from tests.support.interrupting import interrupt_everywhere
from tests.support.processes import ends_well_in_child, needs_fork
from tests.support.schemas import endpoint, result
from tests.support.scripted_peer import make_job, record_of, tell
from tests.support.waiting import wait_until
from tests.support.web_server import PATIENCE, Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from gradioproxy.calls.job import Job

PREFIX = "/gradio_api"
RUN = f"{PREFIX}/stream/hash/run/7"
PLAYLIST, WHOLE = f"{RUN}/playlist.m3u8", f"{RUN}/playlist-file"
RAW = {"path": "hash/run/7/playlist.m3u8", "is_stream": True, "orig_name": "audio-stream.mp3"}
ONCE = {"path": "hash/1/7", "is_stream": True, "orig_name": None}
AT_ONCE = f"{PREFIX}/stream/hash/1/7"


class Calls:
    """A call with one output, a stream, and the threads that its downloads are on."""

    def __init__(self, web: Web) -> None:
        self.threads: list[threading.Thread] = []
        self.media = CallFiles(transport_to(web), PREFIX, None, self._run)
        made = endpoint(results=[result("Audio", component="Audio", shape=FILE)])
        decoder = Decoder(made, None, self.media.make_file)
        self.job: Job[Any] = make_job(files=self.media, decoder=decoder)

    def _run(self, task: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=task))
        self.threads[-1].start()

    def say(self, kind: str, raw: dict[str, Any]) -> None:
        """Let the app say something of the call."""
        tell(self.job, getattr(events, kind)((raw,)))

    def begin(self, raw: dict[str, Any]) -> Any:
        """Return the first partial result."""
        self.say("Yielded", raw)
        return self.job.outputs[0]

    def join(self) -> None:
        """Wait for the downloads."""
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def calls(web: Web) -> Iterator[Calls]:
    made = Calls(web)
    yield made
    made.job.cancel()
    made.join()


def playlist(*names: str, ended: bool = False) -> Reply:
    lines = ["#EXTM3U", *names, *(["#EXT-X-ENDLIST"] if ended else []), ""]
    return Reply(body="\n".join(lines).encode())


def serve_segments(web: Web, *names: str) -> None:
    for name in names:
        web.on(f"{RUN}/{name}", Reply(body=name.encode()))


class Parts:
    """An answer that comes in parts, each when it is given."""

    def __init__(self) -> None:
        self._given = threading.Semaphore(0)
        self._parts: list[bytes | None] = []
        self._gone = threading.Event()

    def are_for_nobody(self) -> bool:
        """Give more until nobody is there who takes it."""
        for _ in range(100):  # the system takes some before it says so
            self.give(b"x" * 100_000)
        return self._gone.wait(PATIENCE)

    def give(self, *parts: bytes | None) -> None:
        """Send parts; ``None`` is the end."""
        for part in parts:
            self._parts.append(part)
            self._given.release()

    def __call__(self, exchange: Exchange) -> None:
        """Answer."""
        exchange.receive()
        exchange.start()
        with contextlib.suppress(OSError):
            while self._given.acquire(timeout=PATIENCE):
                part = self._parts.pop(0)
                exchange.chunk(part or b"")
                if part is None:
                    return
        self._gone.set()


# A playlist.


def test_segments_come_as_they_are_made(web: Web, calls: Calls) -> None:
    """Each is asked for once; the playlist once at each news."""
    serve_segments(web, "a.aac", "b.aac", "c.aac")
    web.on(PLAYLIST, playlist("a.aac"), playlist("a.aac", "b.aac", "c.aac"))
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"a.aac"
    assert not calls.job.done()
    calls.say("Yielded", RAW)
    assert [next(chunks), next(chunks)] == [b"b.aac", b"c.aac"]
    web.on(PLAYLIST, playlist("a.aac", "b.aac", "c.aac", ended=True))
    web.on(WHOLE, Reply(body=b"whole"))
    calls.say("Completed", RAW)
    assert list(chunks) == []
    asked = web.paths()
    assert [asked.count(f"{RUN}/{name}.aac") for name in "abc"] == [1, 1, 1]
    assert list(calls.job.result(PATIENCE)) == [b"whole"]
    assert list(calls.job.outputs[0]) == [b"whole"]


def test_who_waits_for_a_segment_is_woken(web: Web, calls: Calls) -> None:
    """By the news of the call alone: nothing is asked for before."""
    web.on(PLAYLIST, playlist(), playlist("a.aac", ended=True))
    serve_segments(web, "a.aac")
    file = calls.begin(RAW)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.extend(file))
    reader.start()
    web.wait_until(lambda: len(web.requests) == 1)
    calls.say("Yielded", RAW)
    wait_until(lambda: got == [b"a.aac"])
    web.on(WHOLE, Reply(body=b"whole"))
    calls.say("Completed", RAW)
    reader.join(PATIENCE)
    assert not reader.is_alive()


def test_a_cancel_ends_who_waits_and_who_reads(web: Web, calls: Calls) -> None:
    """At once, with the call's own error."""
    parts = Parts()
    web.on(PLAYLIST, playlist("a.aac"))
    web.on(f"{RUN}/a.aac", parts)
    parts.give(b"first")
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"first"
    calls.job.cancel()
    with pytest.raises(JobCancelled):
        next(chunks)
    assert parts.are_for_nobody()


def test_a_wait_ends_with_the_call(web: Web, calls: Calls) -> None:
    """What is there still comes, then the app's error."""
    serve_segments(web, "a.aac", "b.aac")
    web.on(PLAYLIST, playlist("a.aac"), playlist("a.aac", "b.aac", ended=True))
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"a.aac"
    record_of(calls.job).fail(AppError("boom"))
    assert next(chunks) == b"b.aac"
    with pytest.raises(AppError, match="boom"):
        next(chunks)


def test_what_is_gone_is_an_error(web: Web, calls: Calls) -> None:
    """And no end."""
    web.on(PLAYLIST, playlist("a.aac"))
    web.on(f"{RUN}/a.aac", Reply(404))
    with pytest.raises(FileGone):
        list(calls.begin(RAW))


def test_who_stops_leaves_nothing_open(web: Web, calls: Calls) -> None:
    """In the middle of a segment."""
    parts = Parts()
    web.on(PLAYLIST, playlist("a.aac"))
    web.on(f"{RUN}/a.aac", parts)
    parts.give(b"first")
    chunks = cast("Generator[bytes]", iter(calls.begin(RAW)))
    assert next(chunks) == b"first"
    chunks.close()
    assert parts.are_for_nobody()
    assert not calls.job.done()


def test_an_end_is_one_when_the_call_has_ended_well(web: Web, calls: Calls) -> None:
    """A server ends a stream before it says that its app failed."""
    serve_segments(web, "a.aac")
    web.on(PLAYLIST, playlist("a.aac", ended=True))
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"a.aac"
    errors: list[Exception] = []

    def read() -> None:
        try:
            next(chunks)
        except AppError as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    record_of(calls.job).fail(AppError("boom"))
    reader.join(PATIENCE)
    assert [str(error) for error in errors] == ["boom"]


def test_a_playlist_that_shrinks_gives_nothing_twice(web: Web, calls: Calls) -> None:
    """As from another replica of the app, which lags behind."""
    serve_segments(web, "a.aac", "b.aac", "c.aac")
    names = ("a.aac", "b.aac", "c.aac")
    web.on(PLAYLIST, playlist(*names[:2]), playlist(*names[:1]), playlist(*names, ended=True))
    chunks = iter(calls.begin(RAW))
    assert [next(chunks), next(chunks)] == [b"a.aac", b"b.aac"]
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(next(chunks)))
    reader.start()
    calls.say("Yielded", RAW)
    web.wait_until(lambda: web.paths().count(PLAYLIST) == 2)
    calls.say("Yielded", RAW)
    reader.join(PATIENCE)
    assert got == [b"c.aac"]


def test_a_playlist_without_an_end_is_too_large(web: Web) -> None:
    """It is read no further than the limit."""
    web.on(PLAYLIST, Reply(body=b"#" * 2000))
    transport = transport_to(web, Access(limits=Limits(answer=1000)))
    media = CallFiles(transport, PREFIX, None, lambda _: None)
    with pytest.raises(TooLarge, match="a playlist of more than 1,000 bytes") as caught:
        list(media.make_file(RAW))
    assert caught.value.limit == "answer"


@pytest.mark.parametrize("error", [AppError("boom"), JobCancelled("cancelled")])
@pytest.mark.parametrize("decoded", ["before", "after"])
def test_who_comes_when_the_call_has_failed_is_told(
    web: Web, calls: Calls, error: Exception, decoded: str
) -> None:
    """Behind what there is of it; who wants that alone, asks for its bytes."""
    serve_segments(web, "a.aac")
    web.on(PLAYLIST, playlist("a.aac"))
    file = calls.begin(RAW)
    record_of(calls.job).fail(error)
    if decoded == "after":
        file = calls.job.outputs[0]
    chunks = iter(file)
    assert next(chunks) == b"a.aac"
    with pytest.raises(type(error), match=str(error)):
        next(chunks)
    assert file.bytes() == b"a.aac"


def test_a_result_is_looked_at_while_another_is_read(web: Web, calls: Calls) -> None:
    """The call has ended well, and who reads along still is not at the end."""
    serve_segments(web, "a.aac", "b.aac")
    web.on(PLAYLIST, playlist("a.aac"), playlist("a.aac", "b.aac", ended=True))
    web.on(WHOLE, Reply(body=b"whole"))
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"a.aac"
    calls.say("Completed", RAW)
    calls.job.result(PATIENCE)
    assert len(calls.job.outputs) == 1
    assert list(chunks) == [b"b.aac"]


def test_the_end_of_the_program_is_no_end_of_a_stream(web: Web, calls: Calls) -> None:
    """The call is still under way."""
    serve_segments(web, "a.aac")
    web.on(PLAYLIST, playlist("a.aac"))
    chunks = iter(calls.begin(RAW))
    assert next(chunks) == b"a.aac"
    record_of(calls.job).drop_files()
    with pytest.raises(ConnectionLost, match="program ended"):
        list(chunks)


@needs_fork
def test_a_forked_child_does_not_know_the_end(web: Web, tmp_path: Path) -> None:
    """Neither who reads along, nor who begins."""
    serve_segments(web, "a.aac")
    web.on(PLAYLIST, playlist("a.aac"))
    transport = transport_to(web)
    media = CallFiles(transport, PREFIX, tmp_path, lambda _: None)
    file = media.make_file(RAW)
    chunks = iter(file)
    assert next(chunks) == b"a.aac"

    def read_on() -> None:
        transport.renew()
        for source in (chunks, iter(file), iter(media.make_file(RAW))):
            with pytest.raises(ConnectionLost, match="forked"):
                list(source)

    assert ends_well_in_child(read_on)


def test_the_end_is_known_before_a_thread_is_free(web: Web) -> None:
    """Those that bring streams here may all be busy with others."""
    serve_segments(web, "a.aac", "b.aac")
    web.on(PLAYLIST, playlist("a.aac"), playlist("a.aac", "b.aac"))
    media = CallFiles(transport_to(web), PREFIX, None, lambda _: None)
    chunks = iter(media.make_file(RAW))
    assert next(chunks) == b"a.aac"
    media.download_all(lambda: None)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.extend(chunks), daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert got == [b"b.aac"]


# What is sent once.


def test_reading_along_takes_no_thread_of_those_for_results(web: Web) -> None:
    """With a single one, a call would wait for its own stream."""
    web.on(AT_ONCE, Reply(body=b"one"))
    threads: list[str] = []

    def run(task: Callable[[], None]) -> None:
        threads.append("result")
        task()

    def run_along(task: Callable[[], None]) -> None:
        threads.append("along")
        task()

    media = CallFiles(transport_to(web), PREFIX, None, run, run_along)
    chunks = iter(media.make_file(ONCE))
    assert next(chunks) == b"one"
    assert threads == ["along"]
    media.download_all(lambda: None)
    assert list(chunks) == []
    assert threads == ["along", "result"]


@needs_fork
def test_a_forked_child_has_no_part_in_what_is_sent_once(web: Web, calls: Calls) -> None:
    """Even if all of it is here by then."""
    parts = Parts()
    web.on(AT_ONCE, parts)
    chunks, others = (iter(file) for file in [calls.begin(ONCE)] * 2)
    parts.give(b"one ")
    assert (next(chunks), next(others)) == (b"one ", b"one ")

    def read_on(source: Iterator[bytes]) -> None:
        with pytest.raises(ConnectionLost, match="forked"):
            next(source)

    assert ends_well_in_child(lambda: read_on(chunks))
    parts.give(b"two", None)
    calls.say("Completed", ONCE)
    calls.job.result(PATIENCE)
    assert ends_well_in_child(lambda: read_on(others))
    assert list(chunks) == [b"two"]


def test_what_is_sent_once_comes_as_it_is_made(web: Web, calls: Calls) -> None:
    """Several read it along, each from its beginning; it is asked for once and saved as a whole."""
    parts = Parts()
    web.on(AT_ONCE, parts, Reply(404))
    file = calls.begin(ONCE)
    first, second = iter(file), iter(file)
    parts.give(b"one ")
    assert (next(first), next(second)) == (b"one ", b"one ")
    parts.give(b"two ")
    assert next(first) == b"two "
    assert not calls.job.done()
    calls.say("Completed", ONCE)
    assert not calls.job.done()
    parts.give(b"three", None)
    assert b"".join(first) == b"three"
    assert b"".join(second) == b"two three"
    assert calls.job.result(PATIENCE).bytes() == b"one two three"
    assert b"".join(calls.job.outputs[0]) == b"one two three"
    assert web.paths() == [AT_ONCE]


def test_a_stream_that_the_server_ends_for_a_silence_goes_on(
    web: Web, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the app yields again; where it ends, that was the end."""
    monkeypatch.setattr(stream_download, "SILENCE_SECONDS", 0.0)
    clock = SimpleNamespace(
        monotonic=itertools.count().__next__
    )  # that of a system can stand still
    monkeypatch.setattr(stream_download, "time", clock)
    web.on(AT_ONCE, Reply(body=b"one "), Reply(body=b"two"), Reply(404))
    chunks = iter(calls.begin(ONCE))
    assert next(chunks) == b"one "
    calls.say("Yielded", ONCE)
    assert next(chunks) == b"two"
    calls.say("Completed", ONCE)
    assert list(chunks) == []
    assert calls.job.result(PATIENCE).bytes() == b"one two"
    assert web.paths() == [AT_ONCE, AT_ONCE]


def test_a_cancel_ends_what_is_sent_once(web: Web, calls: Calls) -> None:
    """And its connection."""
    parts = Parts()
    web.on(AT_ONCE, parts)
    chunks = iter(calls.begin(ONCE))
    parts.give(b"one")
    assert next(chunks) == b"one"
    calls.job.cancel()
    with pytest.raises(JobCancelled):
        next(chunks)
    calls.join()
    assert parts.are_for_nobody()


def test_what_the_app_made_before_it_failed_comes(web: Web, calls: Calls) -> None:
    """Then its error; who uses the file has what came."""
    parts = Parts()
    web.on(AT_ONCE, parts, Reply(404))
    file = calls.begin(ONCE)
    chunks = iter(file)
    parts.give(b"one ")
    assert next(chunks) == b"one "
    record_of(calls.job).fail(AppError("boom"))
    parts.give(b"two", None)
    assert next(chunks) == b"two"
    with pytest.raises(AppError, match="boom"):
        next(chunks)
    assert file.bytes() == b"one two"


def test_a_stream_that_breaks_off_is_an_error(web: Web, calls: Calls) -> None:
    """And no end."""

    def break_off(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        exchange.chunk(b"one")
        exchange.drop()

    web.on(AT_ONCE, break_off)
    chunks = iter(calls.begin(ONCE))
    assert next(chunks) == b"one"
    with pytest.raises(ConnectionLost):
        next(chunks)


def test_who_comes_when_the_call_is_complete_waits_for_the_whole(web: Web, calls: Calls) -> None:
    """It is being fetched already."""
    parts = Parts()
    web.on(AT_ONCE, parts, Reply(404))
    file = calls.begin(ONCE)
    calls.say("Completed", ONCE)
    parts.give(b"one ", b"two", None)
    assert b"".join(file) == b"one two"
    assert web.paths() == [AT_ONCE]


def test_ctrl_c_before_there_is_a_thread(web: Web) -> None:
    """Who reads next asks for one again: nobody waits for what none brings."""
    web.on(AT_ONCE, Reply(body=b"one"))
    interrupts = [True]

    def run(task: Callable[[], None]) -> None:
        if interrupts:
            interrupts.pop()
            raise KeyboardInterrupt
        task()

    media = CallFiles(transport_to(web), PREFIX, None, lambda task: task(), run)
    file = media.make_file(ONCE)
    with pytest.raises(KeyboardInterrupt):
        iter(file)
    chunks = iter(file)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(next(chunks)), daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert got == [b"one"]
    media.end_call(is_cut=False)
    assert list(chunks) == []
    assert web.paths() == [AT_ONCE]


def test_a_thread_that_never_came_leaves_nobody_waiting(web: Web) -> None:
    """As where the session is closed before."""
    media = CallFiles(transport_to(web), PREFIX, None, lambda _: None)
    chunks = iter(media.make_file(ONCE))
    media.end_call()
    assert list(chunks) == []
    assert web.requests == []


# Other files, and files as open files.


def test_every_file_is_iterated_the_same_way(web: Web, calls: Calls) -> None:
    """Fetched, or read where it is."""
    web.on(f"{PREFIX}/file=/srv/a.txt", Reply(body=b"content"), Reply(404))
    file = calls.media.make_file({"path": "/srv/a.txt"})
    str(file)
    assert list(file) == [b"content"]
    assert len(web.requests) == 1


def test_a_file_is_opened_without_its_end(web: Web, calls: Calls) -> None:
    """It reads what is there; closing it ends what it reads from."""
    serve_segments(web, "a.aac", "b.aac")
    web.on(PLAYLIST, playlist("a.aac"), playlist("a.aac", "b.aac", ended=True))
    with calls.begin(RAW).open() as opened:
        assert opened.read1(2) == b"a."
        assert opened.read1() == b"aac"
        web.on(WHOLE, Reply(body=b"whole"))
        calls.say("Completed", RAW)
        assert opened.read() == b"b.aac"


def test_an_open_file_closes_what_it_reads() -> None:
    closed = []

    def give() -> Iterator[bytes]:
        try:
            yield b""
            yield b"one"
            yield b"two"
        finally:
            closed.append(True)

    with ChunkReader(give()) as opened:
        assert opened.readable()
        assert opened.read(2) == b"on"
    assert closed == [True]
    assert ChunkReader(iter([b"a", b"bc"])).readall() == b"abc"


def test_an_open_file_fails_each_time_once_it_failed() -> None:
    """And is never at its end."""

    def give() -> Iterator[bytes]:
        yield b"one"
        raise JobCancelled("cut")

    with ChunkReader(give()) as opened:
        assert opened.read(3) == b"one"
        for _ in range(2):
            with pytest.raises(JobCancelled):
                opened.read(1)


def test_ctrl_c_is_no_end_of_an_open_file() -> None:
    """What it lost is not passed over either."""

    def give() -> Iterator[bytes]:
        yield b"one"
        raise KeyboardInterrupt

    with ChunkReader(give()) as opened:
        assert opened.read(3) == b"one"
        with pytest.raises(KeyboardInterrupt):
            opened.read(1)
        for _ in range(2):
            with pytest.raises(ConnectionLost, match="interrupted"):
                opened.read(1)


def test_ctrl_c_anywhere_in_reading_an_open_file() -> None:
    """Nothing is missing from what is read, or an error says so."""
    opened: list[io.BufferedReader] = []
    read: list[bytes] = []

    def read_some() -> None:
        opened.append(io.BufferedReader(ChunkReader(iter([b"abc", b"def"]))))
        read.append(b"")
        while chunk := opened[-1].read1(2):
            read[-1] += chunk

    for where in interrupt_everywhere(read_some):
        if opened:  # else it was while it was opened
            reader, so_far = opened.pop(), read.pop()
            with contextlib.suppress(ConnectionLost):
                assert so_far + reader.read() == b"abcdef", where
    assert read == [b"abcdef"]


def test_one_download_is_made_for_all_results(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many name the stream."""
    made: list[StreamDownload] = []

    def make(*arguments: Any) -> StreamDownload:
        made.append(StreamDownload(*arguments))
        return made[-1]

    monkeypatch.setattr(stream_download, "StreamDownload", make)
    media = CallFiles(transport_to(web), PREFIX, None, lambda _: None)
    for _ in range(3):
        media.make_file(ONCE)
    media.make_file(RAW)
    assert len(made) == 2


def test_a_spool_without_room_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """That says so."""

    class Full:
        def seek(self, place: int) -> None:
            del place
            raise OSError(28, "No space left on device")

    spool = Spool()
    monkeypatch.setattr(spool, "_file", Full())
    with pytest.raises(FileNotSaved, match="No space"):
        spool.add(b"x")
    assert spool.size == 0
