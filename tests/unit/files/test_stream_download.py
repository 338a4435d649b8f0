"""A stream is downloaded once, by whoever comes first, and given up at once."""

from __future__ import annotations

import contextlib
import errno
import threading
from typing import TYPE_CHECKING

import pytest

from gradioproxy.errors import ConnectionLost, FileGone, FileNotSaved
from gradioproxy.files.served_stream import ServedStream
from gradioproxy.files.stream_download import StreamDownload
from gradioproxy.transport.in_flight import interruptible
from tests.support.web_server import PATIENCE, Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable
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
