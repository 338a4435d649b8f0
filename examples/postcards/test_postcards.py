"""Tests of the postcards, none of which needs the app.

The first one was recorded from the real app once; ``pytest --gradio-record`` does so again. The
others have functions of their own in place of the app's.
"""

from __future__ import annotations

from pathlib import Path

import postcards
import pytest

import gradioproxy as gp
from gradioproxy.testing import fake, replay

HERE = Path(__file__).parent
PHOTO = HERE / "photo.png"
CASSETTE = HERE / "cassettes" / "test_postcards" / "test_with_the_real_app.json"


def test_with_the_real_app(gradio_cassette: Path, tmp_path: Path) -> None:
    """What the app really gives: recorded once, replayed from then on."""
    assert gradio_cassette == CASSETTE
    assert postcards.main(["Ada", str(PHOTO), "--width", "16", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "photo-card.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "photo-card.txt").read_text() == "Hello, Ada!!!\n"


def test_what_was_never_asked(tmp_path: Path) -> None:
    """A replay says so, and what is most like it."""
    with replay(CASSETTE), pytest.raises(gp.NotRecorded, match="/greet"):
        postcards.main(["Bob", str(PHOTO), "--width", "16", "--into", str(tmp_path)])


def test_what_the_app_is_given(tmp_path: Path) -> None:
    """A fake has the app's functions, checks included, and runs others."""
    asked = []

    def resize(image: gp.File, width: int) -> bytes:
        asked.append((image.name, width))
        return b"a small picture"

    functions = {"/resize": resize, "/greet": lambda name, times: f"{name} x {times}"}
    with fake(CASSETTE, functions) as app:
        card = postcards.make_postcard(app, PHOTO, "Ada", 16, tmp_path)
        assert card.read_bytes() == b"a small picture"
        assert card.with_suffix(".txt").read_text() == "Ada x 3\n"
        with pytest.raises(gp.ArgumentError, match="width"):
            postcards.make_postcard(app, PHOTO, "Ada", 5, tmp_path)
    assert asked == [("photo.png", 16)]


def test_an_app_that_fails(tmp_path: Path) -> None:
    """Whatever a function raises is an error of the app."""

    def fail(*_: object) -> None:
        raise ValueError("the camera was covered")

    with (
        fake(CASSETTE, {"/resize": fail}) as app,
        pytest.raises(gp.AppError, match="the camera was covered"),
    ):
        postcards.make_postcard(app, PHOTO, "Ada", 16, tmp_path)
    assert list(tmp_path.iterdir()) == []
