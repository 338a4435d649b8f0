"""A stream is downloaded once, by whoever comes first, and given up at once."""

from __future__ import annotations

import contextlib
import errno
import gc
import threading
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.errors import ConnectionLost, FileGone, FileNotSaved
from gradioproxy.files import stream_download
from gradioproxy.files.served_stream import ServedStream
from gradioproxy.files.stream_download import StreamDownload
from gradioproxy.transport.in_flight import interruptible
from tests.support.web_server import PATIENCE, Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from tests.support.disks import FailingDisk

ONCE = "/gradio_api/stream/hash/1/7"
WAV = b"RIFF\xff\xff\xff\xffWAVEfmt "
GONE = Reply(404)


def use(download: StreamDownload) -> None:
    """Wait for a stream, whatever comes of it."""
    with contextlib.suppress(FileGone):
        download.wait()


STEPS: dict[str, Callable[[StreamDownload], None]] = {
    "start": StreamDownload.start,
    "abandon": StreamDownload.abandon,
    "wait": use,
}


@pytest.mark.parametrize(
    ("steps", "requests"),
    [
        ([], 0),
        (["start"], 1),
        (["start", "start"], 1),
        (["start", "wait"], 1),
        (["start", "abandon", "wait"], 1),
        (["abandon"], 0),
        (["abandon", "start"], 0),
        (["abandon", "wait"], 1),
        (["abandon", "wait", "start", "wait"], 1),
    ],
)
@pytest.mark.parametrize("answer", [Reply(body=WAV), GONE])
def test_states(web: Web, tmp_path: Path, steps: list[str], requests: int, answer: Reply) -> None:
    """It is asked for at the first occasion and never again, whatever came of that."""
    web.on(ONCE, answer)
    download = StreamDownload(served(web, tmp_path))
    for step in steps:
        STEPS[step](download)

    assert len(web.requests) == requests
    assert (download.path is not None) is (requests == 1 and answer is not GONE)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [WAV] * (download.path is not None)


def served(web: Web, folder: Path | None) -> ServedStream:
    """Return a stream of a server that sends it once."""
    return ServedStream(transport_to(web), web.url + ONCE, "stream", folder)


def test_the_failure_is_raised_each_time(web: Web) -> None:
    """It is the failure of the one request that there was."""
    web.on(ONCE, GONE)
    download = StreamDownload(served(web, None))
    download.start()
    download.abandon()

    for _ in range(2):
        with pytest.raises(FileGone, match="no longer has 'stream'"):
            download.wait()
    assert len(web.requests) == 1


def test_what_had_no_room_is_over(web: Web, disk: FailingDisk) -> None:
    """There is room again, and the server has nothing any more: the error says what helps."""
    web.on(ONCE, Reply(body=WAV), GONE)
    download = StreamDownload(served(web, disk.folder))
    disk.fail("write", errno.ENOSPC)
    download.start()
    disk.heal()
    for _ in range(2):
        with pytest.raises(FileNotSaved, match=r"No space.* 'stream' once.* again") as raised:
            download.wait()
        assert raised.value.path == str(disk.folder / "stream.wav")
    assert disk.list_files() == {}
    assert len(web.requests) == 1


def test_what_is_over_is_not_asked_for(web: Web) -> None:
    """Nor waited for."""
    download = StreamDownload(served(web, None), is_over=True)

    download.start()
    with pytest.raises(FileGone, match="sends 'stream' once, and that is over"):
        download.wait()
    assert web.requests == []


def test_a_download_that_was_deleted_is_gone(web: Web, tmp_path: Path) -> None:
    """The server has it no more."""
    web.on(ONCE, Reply(body=WAV))
    download = StreamDownload(served(web, tmp_path))
    download.abandon()
    download.wait().unlink()

    assert download.path is None
    with pytest.raises(FileGone, match="keep what save"):
        download.wait()


def test_it_is_given_up_also_before_the_answer(web: Web, tmp_path: Path) -> None:
    """A server that says nothing holds nobody up."""
    asked, given_up = threading.Event(), threading.Event()

    def keep_silent(exchange: Exchange) -> None:
        exchange.receive()
        asked.set()
        assert given_up.wait(PATIENCE)
        exchange.drop()

    web.on(ONCE, keep_silent)
    download = StreamDownload(served(web, tmp_path))
    thread = threading.Thread(target=download.start)
    thread.start()
    assert asked.wait(PATIENCE)
    download.abandon()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    given_up.set()

    with pytest.raises(FileGone, match="given up"):
        download.wait()
    assert list(tmp_path.iterdir()) == []


def test_who_was_given_up_before_asked_for_nothing(web: Web, tmp_path: Path) -> None:
    """What another call's end keeps from being fetched is still there for the next."""
    web.on(ONCE, Reply(body=WAV))
    download = StreamDownload(served(web, tmp_path))
    download.abandon()
    with interruptible() as upload:
        upload.interrupt()
        with pytest.raises(ConnectionLost, match="given up"):
            download.wait()
    assert web.requests == []
    assert download.wait().read_bytes() == WAV


class Script:
    """A stream that is sent once, by a server whose clock is the only one.

    Args:
        monkeypatch: Gives the clock to those who look at it.
        answers: What the server does while it answers the first request, the second, and so on:
            a part that it sends, the seconds that pass, or what the app says of the call then.

    Attributes:
        download: Its download, which nobody has begun.
        silences: For how long the app may be silent in each answer that was asked for.
        content: What came, when it is fetched.
    """

    is_playlist, url, name = False, "u", "stream"
    transport = SimpleNamespace(hide=str)

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *answers: list[bytes | float | str]
    ) -> None:
        self._now = 1000.0
        clock = SimpleNamespace(monotonic=lambda: self._now)
        monkeypatch.setattr(stream_download, "time", clock)
        self._answers = list(answers)
        self.silences: list[float | None] = []
        self.content = b""
        self.download = StreamDownload(cast("Any", self))

    def read_at(self, url: str, silence: float | None) -> Generator[bytes]:
        """Yield what an answer brings."""
        assert url == self.url
        self.silences.append(silence)
        for step in self._answers.pop(0):
            if isinstance(step, bytes):
                yield step
            elif isinstance(step, str):
                getattr(self.download, f"note_{step}")()
            else:
                self._now += step

    def fetch(self, chunks: Iterator[bytes]) -> Any:
        """Keep the whole."""
        self.content = b"".join(chunks)
        return SimpleNamespace(path=None, kind=None)


@pytest.mark.parametrize("seconds", [0.0, 10.0, 110.0])
def test_the_end_behind_a_long_silence_is_one(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """What was asked for again would never come; the news were those of what is there."""
    answer: list[bytes | float | str] = [
        b"one ",
        1.0,
        "news",
        1.0,
        b"two",
        1.0,
        "news",
        seconds,
        "completion",
    ]
    stream = Script(monkeypatch, answer)
    stream.download.fetch_along()
    assert stream.silences == [stream_download.PATIENCE_SECONDS]
    assert stream.content == b"one two"


@pytest.mark.parametrize("is_over", [False, True])
def test_what_comes_behind_a_long_silence_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, is_over: bool
) -> None:
    """Where the app went on behind the end of an answer, as long as it does, or did."""
    patience = stream_download.PATIENCE_SECONDS
    ends: list[bytes | float | str] = ["completion"] if is_over else []
    first: list[bytes | float | str] = [b"one ", "news", 130.0, "news", *ends]
    second: list[bytes | float | str] = [b"two ", "news", 130.0, "news"]
    third: list[bytes | float | str] = [b"three", "news", "completion"]
    stream = Script(monkeypatch, first, *([] if is_over else [second]), third)
    stream.download.fetch_along()
    if is_over:
        assert (stream.silences, stream.content) == ([patience, None], b"one three")
    else:
        assert (stream.silences, stream.content) == ([patience] * 3, b"one two three")


def test_a_spool_goes_with_those_who_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not with the job, which a session remembers for long."""
    stream = Script(monkeypatch, [b"one"])
    spool, needs_thread = stream.download.begin_spool()
    assert spool is not None
    assert needs_thread
    stream.download.fetch_along()
    assert stream.download.spool is None
    assert stream.download.wait_for_spool(spool, 0)
    assert spool.read(0) == b"one"
    assert not stream.download.wait_for_spool(spool, 3)
    gone = weakref.ref(spool)
    del spool
    gc.collect()
    assert gone() is None
    assert stream.download.begin_spool() == (None, False)


def test_a_spool_that_nobody_filled_goes_with_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the session is closed before there is a thread."""
    stream = Script(monkeypatch)
    spool, _ = stream.download.begin_spool()
    stream.download.abandon()
    assert spool is not None
    assert stream.download.spool is None
    assert not stream.download.wait_for_spool(spool, 0)


def test_one_thread_fetches_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another that was asked for meanwhile is not kept waiting for the end of the stream."""
    stream = Script(monkeypatch, [b"one", "fetch"])
    others: list[bool] = []

    def fetch_again() -> None:
        other = threading.Thread(target=stream.download.fetch_along, daemon=True)
        other.start()
        other.join(PATIENCE)
        others.append(other.is_alive())

    monkeypatch.setattr(stream.download, "note_fetch", fetch_again, raising=False)
    stream.download.begin_spool()
    stream.download.fetch_along()
    assert others == [False]
    assert stream.content == b"one"
