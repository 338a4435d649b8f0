"""Streams of audio and video: whole when their call is complete, and usable before."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import (
    AppError,
    ConnectionLost,
    FileGone,
    GradioProxyError,
    JobCancelled,
    ServerError,
)
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.stream import StreamFile
from gradioproxy.schema.shape import FILE
from gradioproxy.values.decode import Decoder
from tests.support.schemas import endpoint, result
from tests.support.scripted_peer import make_job, record_of, tell
from tests.support.web_server import PATIENCE, Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradioproxy.calls.job import Job

PREFIX = "/gradio_api"
RUN = f"{PREFIX}/stream/hash/run/7"
PLAYLIST, WHOLE = f"{RUN}/playlist.m3u8", f"{RUN}/playlist-file"
RAW = {"path": "hash/run/7/playlist.m3u8", "is_stream": True, "orig_name": "audio-stream.mp3"}
ONCE = {"path": "hash/1/7", "is_stream": True, "orig_name": None}
AT_ONCE = f"{PREFIX}/stream/hash/1/7"

AAC, MP3, TS = b"\xff\xf1aac", b"\xff\xfbmp3", b"\x47" + bytes(187) + b"\x47ts"
WAV = b"RIFF\xff\xff\xff\xffWAVEfmt "


# Without a server: what the parts do.


def playlist(*names: str, ended: bool = False) -> Reply:
    """Return a playlist as Gradio writes it."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:4"]
    for name in names:
        lines += ["#EXTINF:1.0,", name]
    return Reply(body="\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""]).encode())


def media_of(web: Web, folder: Path | None = None) -> CallFiles:
    """Return what makes the files of a call, and downloads on the thread that asks."""
    return CallFiles(transport_to(web), PREFIX, folder, lambda task: task())


def job_of(media: CallFiles) -> Job[Any]:
    """Return the job of a call with one output, a stream."""
    made = endpoint(results=[result("Audio", component="Audio", shape=FILE)])
    return make_job(files=media, decoder=Decoder(made, None, media.make_file))


def test_other_files_are_files(web: Web) -> None:
    """Only what is marked is a stream, and a mark that is no flag is none."""
    media = media_of(web)
    for raw in ({"path": "/srv/a.wav"}, {"path": "/srv/a.wav", "is_stream": "yes"}):
        assert not isinstance(media.make_file(raw), StreamFile)
    before = media.has_streams
    assert isinstance(media.make_file(RAW), StreamFile)
    assert (before, media.has_streams) == (False, True)
    assert web.requests == []


def test_looking_at_a_stream_fetches_nothing(web: Web) -> None:
    """It is told what the server said."""
    file = media_of(web).make_file(RAW)
    assert repr(file) == "<File 'audio-stream.mp3'>"
    assert (file.url, file.raw) == (web.url + PLAYLIST, RAW)
    assert (file.mime_type, file.size) == ("audio/mpeg", None)
    assert media_of(web).make_file(ONCE).url == web.url + AT_ONCE
    assert web.requests == []


def test_an_unfinished_playlist_gives_what_is_there_at_first_use(web: Web) -> None:
    """The segments one after the other, with the name of what they are."""
    web.on(PLAYLIST, playlist("one.aac", "two.aac?__sign=x"), playlist("one.aac", ended=True))
    web.on(f"{RUN}/one.aac", Reply(body=AAC + b"1"))
    web.on(f"{RUN}/two.aac", Reply(body=AAC + b"2"))
    file = media_of(web).make_file(RAW)
    assert file.bytes() == AAC + b"1" + AAC + b"2"
    assert Path(file).name == file.name == "audio-stream.aac"
    assert file.mime_type == "audio/aac"
    assert b"".join(file.chunks()) == file.bytes() == Path(file).read_bytes()
    assert web.paths() == [PLAYLIST, f"{RUN}/one.aac", f"{RUN}/two.aac"]
    assert web.requests[-1].target.endswith("two.aac?__sign=x")


def test_an_unfinished_run_is_never_asked_for_as_one_file(web: Web) -> None:
    """A server makes that file once, and would give the end of the run what it made too early."""
    web.on(PLAYLIST, playlist())
    assert media_of(web).make_file(RAW).bytes() == b""
    assert web.paths() == [PLAYLIST]


@pytest.mark.parametrize(
    ("content", "said", "name", "media_type"),
    [
        (AAC, "audio-stream.mp3", "audio-stream.aac", "audio/aac"),
        (MP3, "audio-stream.mp3", "audio-stream.mp3", "audio/mpeg"),
        (b"ID3" + MP3, None, "stream.mp3", "audio/mpeg"),
        (WAV, None, "stream.wav", "audio/wav"),
        (b"OggS", "a.b.wav", "a.b.ogg", "audio/ogg"),
        (TS, "video-stream.mp4", "video-stream.ts", "video/mp2t"),
        (b"\0\0\0 ftypisom", "video-stream.mp4", "video-stream.mp4", "video/mp4"),
        (b"", "audio-stream.mp3", "audio-stream.mp3", "audio/mpeg"),
        (b"G", "../../x", "x.ts", "video/mp2t"),
        (b"\xff", "x.mp3", "x.mp3", "audio/mpeg"),
    ],
)
def test_a_stream_is_called_what_it_is(
    web: Web, content: bytes, said: str | None, name: str, media_type: str
) -> None:
    """Whatever the server calls it."""
    web.on(PLAYLIST, playlist(ended=True))
    web.on(WHOLE, Reply(body=content))
    file = media_of(web).make_file({**RAW, "orig_name": said})
    assert file.bytes() == content
    assert (Path(file).name, file.name, file.mime_type) == (name, name, media_type)


def test_the_call_is_complete_when_the_stream_is_here(web: Web, tmp_path: Path) -> None:
    """All its results that name the stream have it; nothing more is asked for."""
    web.on(PLAYLIST, playlist("one.aac", ended=True))
    web.on(WHOLE, Reply(body=AAC))
    media = media_of(web, tmp_path)
    job = job_of(media)
    _give(job, "Yielded", RAW)
    partial = job.outputs[0]
    _give(job, "Completed", RAW)
    assert web.paths() == [PLAYLIST, WHOLE]
    files = [job.result(0), partial, *job.outputs, *job]
    assert {str(file) for file in files} == {str(tmp_path / "audio-stream.aac")}
    assert [file.save(tmp_path / "copy").read_bytes() for file in files] == [AAC] * len(files)
    # As with any file, there is no second one beside it.
    assert {file.save(tmp_path) for file in files} == {tmp_path / "audio-stream.aac"}
    assert web.paths() == [PLAYLIST, WHOLE]
    assert job.status.stage == "finished"


def _give(job: Job[Any], kind: str, value: Mapping[str, Any]) -> None:
    from gradioproxy.protocols import events

    tell(job, getattr(events, kind)((value,)))


def test_a_status_says_that_it_is_fetched(web: Web) -> None:
    """And the job is not done before it is."""
    tasks: list[Callable[[], None]] = []
    web.on(AT_ONCE, Reply(body=WAV))
    job = job_of(CallFiles(transport_to(web), PREFIX, None, tasks.append))
    _give(job, "Completed", ONCE)
    assert (job.status.stage, job.done()) == ("downloading", False)
    for task in tasks:
        task()
    assert (job.status.stage, job.result(0).name) == ("finished", "stream.wav")


def test_what_is_sent_once_is_asked_for_once(web: Web) -> None:
    """By the call; a partial result waits for it."""
    tasks: list[Callable[[], None]] = []
    web.on(AT_ONCE, Reply(body=WAV), Reply(404))
    job = job_of(CallFiles(transport_to(web), PREFIX, None, tasks.append))
    _give(job, "Yielded", ONCE)
    found: list[bytes] = []
    user = threading.Thread(target=lambda: found.append(job.outputs[0].bytes()))
    user.start()
    _give(job, "Completed", ONCE)
    assert (found, web.requests) == ([], [])
    tasks[0]()
    user.join(PATIENCE)
    assert found == [WAV]
    assert job.result(0).bytes() == job.outputs[0].bytes() == WAV
    assert web.paths() == [AT_ONCE]


def test_what_was_sent_before_an_error_is_asked_for_when_it_is_used(web: Web) -> None:
    """The server ends the stream with the run."""
    web.on(AT_ONCE, Reply(body=WAV), Reply(404))
    job = job_of(media_of(web))
    _give(job, "Yielded", ONCE)
    early = job.outputs[0]
    record_of(job).fail(AppError("boom"))
    assert web.requests == []
    assert [file.bytes() for file in (early, *job.outputs)] == [WAV, WAV]
    assert web.paths() == [AT_ONCE]


def test_a_stream_that_is_gone_takes_nothing_else_along(web: Web) -> None:
    """The call has its result; the error comes where the stream is used."""
    job = job_of(media_of(web))
    _give(job, "Completed", ONCE)
    for _ in range(2):
        with pytest.raises(FileGone, match="no longer has 'stream'"):
            job.result(0).bytes()
    assert web.paths() == [AT_ONCE]

    job = job_of(media_of(web))
    _give(job, "Completed", RAW)
    with pytest.raises(FileGone, match="audio-stream"):
        str(job.result(0))


def test_a_stream_that_breaks_is_never_taken_for_a_whole(web: Web, tmp_path: Path) -> None:
    """What was read of it is dropped, and the rest, which alone is left, is not asked for."""

    def break_off(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        exchange.chunk(WAV)
        exchange.drop()

    web.on(AT_ONCE, break_off)
    job = job_of(media_of(web, tmp_path))
    _give(job, "Completed", ONCE)
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            job.result(0).bytes()
    assert web.paths() == [AT_ONCE]
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_leads_nowhere_else(web: Web) -> None:
    """Its segments are its neighbours."""
    for name in ("http://app.test/x.aac", "//app.test/x.aac", "../x.aac", "/x.aac", "x.exe", ".."):
        web.on(PLAYLIST, playlist("one.aac", name))
        with pytest.raises(ServerError, match=r"playlist of 'audio-stream\.mp3' names"):
            media_of(web).make_file(RAW).bytes()
    assert set(web.paths()) == {PLAYLIST}


class Held:
    """An answer that stops after its first content, until it is told to go on.

    Args:
        rest: What comes then, as a whole answer; ``None`` if it breaks off.
    """

    def __init__(self, rest: bytes | None = None) -> None:
        self.reading, self.go_on = threading.Event(), threading.Event()
        self._rest = rest

    def __call__(self, exchange: Exchange) -> None:
        """Answer."""
        exchange.receive()
        exchange.start()
        exchange.chunk(WAV)
        self.reading.set()
        assert self.go_on.wait(PATIENCE)
        if self._rest is not None:
            exchange.chunk(self._rest)
            exchange.chunk(b"")


def test_a_download_is_given_up_with_its_job(web: Web, tmp_path: Path) -> None:
    """At once, with nothing left of it."""
    held = Held()
    web.on(AT_ONCE, held)
    threads: list[threading.Thread] = []

    def run(task: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=task))
        threads[-1].start()

    job = job_of(CallFiles(transport_to(web), PREFIX, tmp_path, run))
    _give(job, "Completed", ONCE)
    assert held.reading.wait(PATIENCE)
    assert job.cancel()
    threads[0].join(PATIENCE)
    assert not threads[0].is_alive()
    held.go_on.set()
    assert (job.cancelled(), list(tmp_path.iterdir())) == (True, [])
    with pytest.raises(JobCancelled):
        job.result(0)


def test_a_stream_is_never_named_to_an_app(web: Web) -> None:
    """No app takes one back by its name: its content goes up."""
    assert not media_of(web).make_file(RAW).belongs_to(transport_to(web))


def test_a_pickled_stream_is_fetched_anew_where_that_can_be(web: Web) -> None:
    """What was sent once is gone, and that is known without asking."""
    web.on(PLAYLIST, playlist(ended=True))
    web.on(WHOLE, Reply(body=AAC))
    again = pickle.loads(pickle.dumps(media_of(web).make_file(RAW)))  # noqa: S301 - made here
    assert again.bytes() == AAC
    asked = len(web.requests)
    again = pickle.loads(pickle.dumps(media_of(web).make_file(ONCE)))  # noqa: S301 - made here
    with pytest.raises(FileGone, match="once"):
        again.bytes()
    assert len(web.requests) == asked


def test_a_stream_comes_with_the_secrets_of_its_call(web: Web) -> None:
    """The playlist as well as what it leads to."""
    web.on(PLAYLIST, playlist("one.aac"))
    web.on(f"{RUN}/one.aac", Reply(body=AAC))
    transport = transport_to(web).with_access(token="hf_own")  # noqa: S106 - no real one
    CallFiles(transport, PREFIX, None, lambda task: task()).make_file(RAW).bytes()
    assert [request.headers["Authorization"] for request in web.requests] == ["Bearer hf_own"] * 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_leaves_a_download_to_its_parent(web: Web, tmp_path: Path) -> None:
    """It neither waits for the thread that is not there, nor ends what that one reads."""
    held = Held(b"of the parent")
    web.on(AT_ONCE, held, Reply(body=b"of the child"))
    media = media_of(web)
    file = media.make_file(ONCE)
    fetching = threading.Thread(target=media.download_all, args=(lambda: None,))
    fetching.start()
    assert held.reading.wait(PATIENCE)
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        tempfile.tempdir = str(tmp_path)  # nothing is cleaned up after such an end
        os._exit(0 if file.bytes() == b"of the child" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    held.go_on.set()
    fetching.join(PATIENCE)
    media.end_call()
    assert file.bytes() == WAV + b"of the parent"


def test_a_download_that_was_given_up_is_none_to_be_used(web: Web) -> None:
    """Also by who waited for it: what came before the end is no stream."""
    held = Held()
    web.on(AT_ONCE, held, Reply(body=b"the rest"))
    media = media_of(web)
    file = media.make_file(ONCE)
    fetching = threading.Thread(target=media.download_all, args=(lambda: None,))
    fetching.start()
    assert held.reading.wait(PATIENCE)
    media.end_call()
    with pytest.raises(FileGone, match="given up"):
        file.bytes()
    fetching.join(PATIENCE)
    held.go_on.set()
    assert web.paths() == [AT_ONCE]


def test_a_call_that_is_over_prefetches_nothing(web: Web) -> None:
    """What was sent once is left for who uses it."""
    web.on(AT_ONCE, Reply(body=WAV))
    media = media_of(web)
    file = media.make_file(ONCE)
    media.end_call()
    media.download_all(lambda: None)
    assert web.requests == []
    assert file.bytes() == WAV


def test_a_stream_elsewhere_is_not_fetched_with_the_call(web: Web) -> None:
    """A mere result makes nobody ask another server; who uses it does."""
    with Web() as other:
        other.on("/x", Reply(body=MP3))
        media = media_of(web)
        file = media.make_file({**ONCE, "path": f"{other.url}/x"})
        media.download_all(lambda: None)
        assert other.connections == 0
        assert file.bytes() == MP3


def test_a_stream_that_is_nowhere_harms_no_other_result(web: Web) -> None:
    file = media_of(web).make_file({**ONCE, "path": "http://["})
    with pytest.raises(GradioProxyError):
        file.bytes()
