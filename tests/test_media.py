"""Streams of audio and video: whole when their call is complete, and usable before."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import pickle
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy
from gradioproxy.errors import AppError, ConnectionLost, FileGone, JobCancelled, ServerError
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.stream import StreamFile
from gradioproxy.schema.shape import FILE
from gradioproxy.values.decode import Decoder
from tests.descriptions import endpoint, result
from tests.scripted import make_job, tell
from tests.web import PATIENCE, Exchange, Reply, Web, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradioproxy.calls.job import Job
    from tests.servers.running import RunningServers

PREFIX = "/gradio_api"
RUN = f"{PREFIX}/stream/hash/run/7"
PLAYLIST, WHOLE = f"{RUN}/playlist.m3u8", f"{RUN}/playlist-file"
RAW = {"path": "hash/run/7/playlist.m3u8", "is_stream": True, "orig_name": "audio-stream.mp3"}
ONCE = {"path": "hash/1/7", "is_stream": True, "orig_name": None}
AT_ONCE = f"{PREFIX}/stream/hash/1/7"

AAC, MP3, TS = b"\xff\xf1aac", b"\xff\xfbmp3", b"\x47" + bytes(187) + b"\x47ts"
WAV = b"RIFF\xff\xff\xff\xffWAVEfmt "

RATE = 16000
TONES = (400, 800, 1600)
COLOURS = ((254, 0, 0), (0, 255, 1), (0, 0, 254))

STREAMS = pytest.mark.since("3.50", "3.36 has no outputs that stream, and 3.50 has them")


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
    job.fail(AppError("boom"))
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


def test_a_download_is_given_up_with_its_job(web: Web, tmp_path: Path) -> None:
    """At once, with nothing left of it."""
    reading, given_up = threading.Event(), threading.Event()

    def go_on(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        exchange.chunk(WAV)
        reading.set()
        assert given_up.wait(PATIENCE)

    web.on(AT_ONCE, go_on)
    threads: list[threading.Thread] = []

    def run(task: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=task))
        threads[-1].start()

    job = job_of(CallFiles(transport_to(web), PREFIX, tmp_path, run))
    _give(job, "Completed", ONCE)
    assert reading.wait(PATIENCE)
    assert job.cancel()
    threads[0].join(PATIENCE)
    assert not threads[0].is_alive()
    given_up.set()
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
    reading, go_on = threading.Event(), threading.Event()

    def wait(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        exchange.chunk(WAV)
        reading.set()
        assert go_on.wait(PATIENCE)
        exchange.chunk(b"of the parent")
        exchange.chunk(b"")

    web.on(AT_ONCE, wait, Reply(body=b"of the child"))
    media = media_of(web)
    file = media.make_file(ONCE)
    fetching = threading.Thread(target=media.download_all, args=(lambda: None,))
    fetching.start()
    assert reading.wait(PATIENCE)
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        media.end_call()
        tempfile.tempdir = str(tmp_path)  # nothing is cleaned up after such an end
        os._exit(0 if file.bytes() == b"of the child" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    go_on.set()
    fetching.join(PATIENCE)
    media.end_call()
    assert file.bytes() == WAV + b"of the parent"


def test_a_download_that_was_given_up_is_none_to_be_used(web: Web) -> None:
    """Also by who waited for it: what came before the end is no stream."""
    reading, go_on = threading.Event(), threading.Event()

    def wait(exchange: Exchange) -> None:
        exchange.receive()
        exchange.start()
        exchange.chunk(WAV)
        reading.set()
        assert go_on.wait(PATIENCE)

    web.on(AT_ONCE, wait, Reply(body=b"the rest"))
    media = media_of(web)
    file = media.make_file(ONCE)
    fetching = threading.Thread(target=media.download_all, args=(lambda: None,))
    fetching.start()
    assert reading.wait(PATIENCE)
    media.end_call()
    with pytest.raises(FileGone, match="given up"):
        file.bytes()
    fetching.join(PATIENCE)
    go_on.set()
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


# With real servers.


@pytest.fixture
def app(gradio: RunningServers, version: str) -> Iterator[Any]:
    """Give a session with the app that streams, where ffmpeg is."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("Gradio needs ffmpeg to stream audio and video")
    with gradioproxy.connect(gradio(version, "media").url) as session:
        yield session


def tones(file: Any) -> list[int]:
    """Return the tones of a file, one after the other."""
    content = Path(file).read_bytes()
    if content.startswith(b"RIFF\xff") or content.count(b"RIFF") > 1:
        # As an app of Gradio 3 or 4 yields it: with the length unknown, or one file after another.
        samples = b"".join(part[40:] for part in content.split(b"RIFF")[1:])
    else:
        samples = decoded(file, "-f", "s16le", "-ac", "1", "-ar", str(RATE))
    values = memoryview(samples).cast("h")
    window = RATE // 20
    heard = [_tone(values[at : at + window]) for at in range(0, len(values) - window, window)]
    runs = [(tone, len(list(group))) for tone, group in itertools.groupby(heard)]
    # A second is 20 windows; encoders smear the joints.
    return [tone for tone, length in runs if tone and length > 16]


def _tone(values: Any) -> int:
    """Return which tone these samples are, or 0."""
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(values))
    frequency = crossings * RATE / len(values) / 2
    return next((tone for tone in TONES if abs(frequency - tone) < tone / 10), 0)


def colours(file: Any) -> list[tuple[int, ...]]:
    """Return the colours of a film, one after the other."""
    pixels = decoded(file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-vf", "scale=1:1")
    frames = [tuple(pixels[at : at + 3]) for at in range(0, len(pixels), 3)]
    return [colour for colour, _ in itertools.groupby(frames)]


def decoded(file: Any, *options: str) -> bytes:
    """Return what ffmpeg makes of a file."""
    command = ["ffmpeg", "-v", "error", "-i", str(file), *options, "-"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def is_before(version: str, first: tuple[int, ...]) -> bool:
    """Tell whether a version is older."""
    return tuple(map(int, version.split("."))) < first


@STREAMS
@pytest.mark.parametrize("count", [1, 3])
def test_tones_come_back_as_one_file(app: Any, version: str, count: int) -> None:
    """From a function that yields bytes."""
    with app.speak.stream(count) as stream:
        partials = list(stream)
    file = stream.job.result()
    assert tones(file) == [*TONES[:count]]
    assert len(partials) == count
    assert {str(partial) for partial in partials} == {str(file)}
    assert file.url.endswith("playlist.m3u8") is not is_before(version, (5, 0))
    assert file.mime_type == ("audio/wav" if is_before(version, (5, 0)) else "audio/aac")


@STREAMS
def test_samples_come_back_as_one_file(app: Any) -> None:
    """From a function that yields rate and samples."""
    file = app.play(3)
    assert tones(file) == [*TONES]
    assert (Path(file).suffix, file.mime_type) == (".wav", "audio/wav")


@STREAMS
def test_a_stream_beside_another_result(app: Any) -> None:
    """Each is where it belongs."""
    text, file = app.both(2)
    assert (text, tones(file)) == ("part 2", [*TONES[:2]])


@pytest.mark.since("5.0", "before 5.0 video can't be streamed")
def test_clips_come_back_as_one_film(app: Any) -> None:
    """From a function that yields files."""
    film = app.film(3)
    file = film["video"] if isinstance(film, dict) else film
    shown = colours(file)
    assert len(shown) == len(COLOURS)
    for got, expected in zip(shown, COLOURS, strict=True):
        assert all(abs(a - b) < 40 for a, b in zip(got, expected, strict=True))
    assert (file.name, file.mime_type) == ("video-stream.mp4", "video/mp4")


@STREAMS
def test_a_partial_result_can_be_used_while_the_call_runs(app: Any, version: str) -> None:
    """It has what there is so far; before Gradio 5, using it waits for the end."""
    token = "partial"  # noqa: S105 - a name
    with app.hold.stream(token) as stream:
        partial = next(stream)
        if is_before(version, (5, 0)):
            app.release(token)
            assert tones(partial) == [*TONES[:2]]
        else:
            so_far = partial.bytes()
            app.release(token)
            # An encoder may hold something back, and all of it before there is enough for a frame.
            assert so_far == partial.bytes() != stream.job.result().bytes()
            assert stream.job.result().bytes().startswith(so_far)
        assert tones(stream.job.result()) == [*TONES[:2]]


@STREAMS
def test_what_came_before_an_error_can_be_used(app: Any, version: str) -> None:
    """The call fails with the app's error, and its partial results are good."""
    with pytest.raises(AppError, match="boom") as caught:
        app.break_off(2)
    file = caught.value.outputs[-1]
    if is_before(version, (6, 0)):
        assert tones(file) == [*TONES[:2]]
    else:  # its encoder ends with the run, and little has come out of it before
        assert file.bytes()[:2] in {b"", b"\xff\xf1"}


@STREAMS
def test_a_stream_without_an_end_can_be_cancelled(app: Any) -> None:
    """And the session goes on."""
    token = "endless"  # noqa: S105 - a name
    with app.endless.stream(token) as stream:
        next(stream)
    assert stream.job.cancelled()
    assert app.release(token) == token
    assert tones(app.speak(1)) == [TONES[0]]


@STREAMS
def test_a_stream_can_be_passed_on(app: Any, gradio: RunningServers, version: str) -> None:
    """Its content goes up: no app has it under a name."""
    file = app.speak(1)
    with gradioproxy.connect(gradio(version, "stateless").url) as other:
        assert other.file_hash(file) == hashlib.sha256(file.bytes()).hexdigest()


@STREAMS
def test_a_stream_goes_where_files_go(app: Any, tmp_path: Path) -> None:
    """Into the folder for downloads, under names of their own."""
    with gradioproxy.connect(app.url, download_dir=tmp_path) as session:
        files = [session.speak(1) for _ in range(2)]
    assert {Path(file).parent for file in files} == {tmp_path}
    assert len(list(tmp_path.iterdir())) == 2


@STREAMS
def test_a_stream_outlives_its_session(app: Any, gradio: RunningServers, version: str) -> None:
    """A server drops the streams of a session with a state when it ends."""
    del app  # it is there for ffmpeg
    with gradioproxy.connect(gradio(version, "media_state").url) as session:
        assert session.turn() == 1
        job = functools.partial(session.speak.submit, 2)()
        file = job.result()
        assert session.turn() == 2
    assert tones(file) == [*TONES[:2]]
