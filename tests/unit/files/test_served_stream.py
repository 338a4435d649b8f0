"""What a stream is, by its content; see test_stream_download for how it is fetched."""

from __future__ import annotations

from gradioproxy.files.served_stream import detect_kind, rename

WAV = b"RIFF\xff\xff\xff\xffWAVEfmt "


def test_an_extension_tells_what_it_is() -> None:
    """Or stays, where that is not known."""
    assert rename("a.b.mp3", detect_kind(WAV)) == "a.b.wav"
    assert rename("a.mp4", detect_kind(b"\0\0\0 ftypisom")) == "a.mp4"
