"""A file of each kind for the tests of components, and cases that name them."""

from __future__ import annotations

import hashlib
import wave
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import PIL.Image

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RED = np.zeros((5, 7, 3), np.uint8)
RED[1:3, 2:6] = [200, 100, 50]
MASK = np.where(RED[:, :, 0] > 0, 255, 0).astype(np.uint8)
WAVE = (np.sin(np.arange(800)) * 10_000).astype(np.int16)
FILMED = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100)


class Name(NamedTuple):
    """A file of a folder that `write_sample_files` has filled."""

    name: str


RED_PNG, MASK_PNG, WAVE_WAV = Name("red.png"), Name("mask.png"), Name("wave.wav")
FILM, TITLES, MODEL, TEXT = (Name(n) for n in ("film.mp4", "film.vtt", "model.obj", "text.txt"))


def write_sample_files(folder: Path) -> None:
    """Write a file of each kind, under these names."""
    PIL.Image.fromarray(RED).save(folder / RED_PNG.name)
    PIL.Image.fromarray(MASK).save(folder / MASK_PNG.name)
    with wave.open(str(folder / WAVE_WAV.name), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(WAVE.tobytes())
    (folder / FILM.name).write_bytes(FILMED)
    (folder / TITLES.name).write_text("WEBVTT\n\n00:00.000 --> 00:00.100\nhi\n")
    (folder / MODEL.name).write_text("v 0 0 0\n")
    (folder / TEXT.name).write_text("hello")


def with_files(value: Any, make: Callable[[str], Any]) -> Any:
    """Return a value with what *make* makes of a name in the place of each `Name`."""
    if isinstance(value, Name):
        return make(value.name)
    if isinstance(value, dict):
        return {key: with_files(item, make) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([with_files(item, make) for item in value])
    return value


def without_files(value: Any) -> Any:
    """Return a result with the checksums of its files in their places."""
    if isinstance(value, gp.File):
        return {"file": hashlib.sha256(value.bytes()).hexdigest()}
    if isinstance(value, dict):
        return {key: without_files(item) for key, item in value.items()}
    return [without_files(item) for item in value] if isinstance(value, list | tuple) else value
