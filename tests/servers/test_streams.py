"""Streams of audio and video, as real apps send them."""

from __future__ import annotations

import functools
import hashlib
import itertools
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy
from gradioproxy.errors import AppError, JobCancelled
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio.running import RunningServers

RATE = 16000
TONES = (400, 800, 1600)
COLOURS = ((254, 0, 0), (0, 255, 1), (0, 0, 254))

STREAMS = pytest.mark.since("3.50", "3.36 has no outputs that stream, and 3.50 has them")


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
    assert file.url.endswith("playlist.m3u8") is (release_of(version) >= (5, 0))
    assert file.mime_type == ("audio/wav" if release_of(version) < (5, 0) else "audio/aac")


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
        if release_of(version) < (5, 0):
            app.release(token)
            assert tones(partial) == [*TONES[:2]]
        else:
            so_far = partial.bytes()
            app.release(token)
            # An encoder may hold something back, and all of it before there is enough for a frame.
            assert so_far == partial.bytes() != stream.job.result().bytes()
            assert stream.job.result().bytes().startswith(so_far)
        assert tones(stream.job.result()) == [*TONES[:2]]


def read_head(app: Any, stream: Any, token: str) -> tuple[Any, bytes, int]:
    """Let the app make one part after the other until the first bytes of them come.

    An encoder may hold back what it is given, for as long as it is given no more.

    Returns:
        The first partial result as an open file, its first bytes, and how many parts were made.
    """
    app.release_part(token, True)
    opened = next(stream).open()
    heads: list[bytes] = []
    reader = threading.Thread(target=lambda: heads.append(opened.read1()))
    reader.start()
    made = 1
    while not heads:
        app.release_part(token, True)
        next(stream)
        made += 1
    reader.join()
    return opened, heads[0], made


@STREAMS
def test_a_stream_is_read_while_it_is_made(app: Any) -> None:
    """From its first bytes on, before the app has made the rest; what comes is the whole."""
    with app.pace.stream("read") as stream:
        opened, content, made = read_head(app, stream, "read")
        assert content
        assert not stream.job.done()
        app.release_part("read", True)
        app.release_part("read", False)
        with opened:
            content += opened.read()
        file = stream.job.result()
    assert content == file.bytes() == b"".join(file)
    assert tones(file) == [TONES[number % 3] for number in range(made + 1)]


@pytest.mark.since("5.0", "before 5.0 video can't be streamed")
def test_a_film_is_read_while_it_is_made(app: Any, tmp_path: Path) -> None:
    """Each clip as soon as there is one; they are a film as well."""
    app.release_part("film", True)
    with app.pace_film.stream("film") as stream:
        film = next(stream)
        chunks = iter(film["video"] if isinstance(film, dict) else film)
        content = next(chunks)
        for _ in COLOURS[1:]:
            assert not stream.job.done()
            app.release_part("film", True)
            content += next(chunks)
        content += b"".join(chunks)
    path = tmp_path / "film.ts"
    path.write_bytes(content)
    assert len(colours(path)) == len(COLOURS)


@STREAMS
def test_who_reads_along_is_told_of_a_cancel(app: Any) -> None:
    """At once, though the app makes nothing; and the session goes on."""
    errors: list[Exception] = []
    with app.pace.stream("stop") as stream:
        opened, _, _ = read_head(app, stream, "stop")

        def read() -> None:
            try:
                opened.read()
            except JobCancelled as error:
                errors.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        stream.job.cancel()
        reader.join()
    assert len(errors) == 1
    app.release_part("stop", False)
    assert tones(app.speak(1)) == [TONES[0]]


@pytest.mark.since("4.9", "before, one stream of events is for one call")
def test_who_reads_along_holds_up_no_other_call(
    app: Any, gradio: RunningServers, version: str
) -> None:
    """Even where there is one thread for each purpose."""
    del app
    with (
        gradioproxy.connect(gradio(version, "media").url, streams=1) as session,
        session.pace.stream("alone") as stream,
    ):
        opened, content, _ = read_head(session, stream, "alone")
        assert tones(session.speak(1)) == [TONES[0]]
        assert not stream.job.done()
        session.release_part("alone", False)
        with opened:
            content += opened.read()
        assert content == stream.job.result().bytes()


@STREAMS
def test_who_stops_reading_does_no_harm(app: Any) -> None:
    """The call goes on, and its result is the whole."""
    with app.pace.stream("leave") as stream:
        opened, _, made = read_head(app, stream, "leave")
        opened.close()
        assert not stream.job.done()
        app.release_part("leave", False)
        assert tones(stream.job.result()) == [TONES[number % 3] for number in range(made)]


@STREAMS
def test_who_reads_along_gets_what_came_before_an_error(app: Any, version: str) -> None:
    """Then the error."""
    with app.break_later.stream("later") as stream:
        chunks = iter(next(stream))
        if release_of(version) < (6, 0):  # as below
            assert next(chunks)
        app.release("later")
        with pytest.raises(AppError, match="boom"):
            list(chunks)


@STREAMS
def test_what_came_before_an_error_can_be_used(app: Any, version: str) -> None:
    """The call fails with the app's error, and its partial results are good."""
    with pytest.raises(AppError, match="boom") as caught:
        app.break_off(2)
    file = caught.value.outputs[-1]
    if release_of(version) < (6, 0):
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
