"""Images and sounds in memory become files that others read: Pillow, and the wave module."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import wave
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest

from gradioproxy.files.in_memory import recognize, recognize_listed_sound

if TYPE_CHECKING:
    from gradioproxy.files.source import Source

RED = np.zeros((5, 7, 3), np.uint8)
RED[1:3, 2:6] = [200, 100, 50]
TONE = np.array([0, 100, -100, 32767, -32768], np.int16)


def source_of(value: Any) -> Source:
    """Return the source for an image or a sound in memory."""
    found = recognize(value) or recognize_listed_sound(value)
    assert found is not None
    return found.make_source()


def pixels(value: Any) -> Any:
    """Return the pixels of what goes up for an image."""
    source = source_of(value)
    assert (source.name, source.size) == ("image.png", None)
    with source.open() as file:
        content = file.read()
    assert source.size == len(content)
    assert source.open().read() == content
    with PIL.Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        image.load()
        return np.asarray(image)


def frames(value: Any) -> tuple[int, Any]:
    """Return the rate and the samples of what goes up for a sound."""
    source = source_of(value)
    assert source.name == "audio.wav"
    with source.open() as file, wave.open(file) as sound:
        assert sound.getsampwidth() == 2
        read = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        return sound.getframerate(), read.reshape(-1, sound.getnchannels())


@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_arrays_are_images_of_one_to_four_channels(channels: int) -> None:
    """Gray, gray and alpha, colours, colours and alpha; every pixel is kept."""
    shape = (13, 17, channels) if channels else (13, 17)
    array = np.random.default_rng(channels).integers(0, 256, shape, np.uint8)

    assert np.array_equal(pixels(array), array.reshape(13, 17) if channels < 2 else array)
    assert np.array_equal(pixels(array[::-1, ::2]), np.squeeze(array[::-1, ::2]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[False, True]]), [[0, 255]]),
        (np.array([[0, 255]]), [[0, 255]]),
        (np.array([[0, 255]], np.uint16), [[0, 255]]),
        (np.array([[0, 65535]], np.uint16), [[0, 255]]),
        (np.array([[-0.5, 0.5, 1]]), [[0, 128, 255]]),
        (np.array([[0, 1]], np.float16), [[0, 255]]),
    ],
)
def test_numbers_of_images(values: Any, expected: Any) -> None:
    """Numbers to 255 are as they are; fractions, 16 bits and truth are scaled."""
    assert pixels(values).tolist() == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((2, 2, 5)), r"shape \(2, 2, 5\), which is no image"),
        (np.zeros((0, 2, 3)), r"shape \(0, 2, 3\), which is no image"),
        (np.array([[0.0, 2.0]]), "fractions go from 0.0 to 2.0, and not to 1"),
        (np.array([[float("nan")]]), "fractions go from nan"),
        (np.array([[0, 256]]), "numbers go from 0 to 256, and not from 0 to 255"),
        (np.array([[-1, 0]]), "numbers go from -1"),
        ((0, TONE), "a sound of 0 samples a second"),
        ((8000, np.zeros((2, 2, 2))), r"shape \(2, 2, 2\), which is no sound"),
        ((8000, np.zeros(0)), r"shape \(0,\), which is no sound"),
        ((8000, np.zeros((2, 8000))), "8000 channels; the samples go first, so transpose it"),
        ((8000, np.array([1.0, float("inf")])), "some are no finite numbers"),
        ((8000, np.array([1.0, float("nan")])), "some are no finite numbers"),
        ((8000, np.arange(3)), "samples of type int64, which could mean anything"),
        (PIL.Image.new("F", (1, 1)), "mode 'F'"),
    ],
)
def test_what_is_neither_image_nor_sound(value: Any, said: str) -> None:
    """What could only be guessed at is refused, when it is passed."""
    with pytest.raises(ValueError, match=said):
        source_of(value)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16"]
)
def test_images_of_pillow(mode: str) -> None:
    """An image of any mode goes up as it looks."""
    image = PIL.Image.new("L", (3, 2), 128).convert("I" if mode == "I;16" else "RGB").convert(mode)
    looks = np.asarray(image.convert("RGB")) if mode not in {"I", "I;16"} else np.asarray(image)
    with PIL.Image.open(source_of(image).open()) as sent:
        kept = sent if mode in {"I", "I;16"} else sent.convert("RGB")
        assert np.asarray(kept).tolist() == looks.tolist()


def test_the_caller_may_go_on_changing_it() -> None:
    """What is sent is what was passed, whatever becomes of it before it is read."""
    array, tone = RED.copy(), TONE.copy()
    image = PIL.Image.fromarray(RED)
    of_array, of_image, of_tone = map(source_of, (array, image, (8000, tone)))
    array[:] = 1
    image.paste(1, (0, 0, 7, 5))
    tone[:] = 0
    for source in (of_array, of_image):
        assert np.array_equal(np.asarray(PIL.Image.open(source.open())), RED)
    with wave.open(of_tone.open()) as sound:
        assert sound.readframes(5) == TONE.tobytes()


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (TONE, TONE.tolist()),
        (TONE.astype(">i2"), TONE.tolist()),
        (np.array([65536, -65536], np.int32), [1, -1]),
        (np.array([0, 32768, 65535], np.uint16), [-32768, 0, 32767]),
        (np.array([0, 255], np.uint8), [-32768, 32767]),
        (np.array([-128, 127], np.int8), [-32768, 32512]),
        (np.array([0.25, -0.5], np.float32), [16383, -32767]),
        (np.array([0.25, -0.5], np.float16), [16383, -32767]),
        (np.zeros(2), [0, 0]),
    ],
)
def test_numbers_of_sounds(samples: Any, expected: Any) -> None:
    """Whole numbers fill their range; fractions are scaled so that the loudest is full."""
    rate, read = frames((np.int64(16_000), samples))

    assert (rate, read[:, 0].tolist()) == (16_000, expected)


def test_several_channels() -> None:
    """The samples of several channels are side by side."""
    stereo = np.array([[1, 2], [3, 4], [5, 6]], np.int16)
    assert frames((8000, stereo))[1].tolist() == stereo.tolist()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (RED, "image"),
        (RED[:, :, 0], "image"),
        (PIL.Image.new("L", (1, 1)), "image"),
        ((8000, TONE), "audio"),
        ([8000, TONE], "audio"),
        ((np.int64(8000), RED), "audio"),
        (TONE, ""),
        (np.array([["a"]]), ""),
        (np.float64(1), None),
        ([RED], None),
        ((8000, [1, 2]), None),
        ((True, TONE), None),
        ([RED, RED], None),
        ((1.5, TONE), None),
        ("a", None),
        (None, None),
        ({}, None),
    ],
)
def test_what_is_recognized(value: Any, kind: str | None) -> None:
    """Only what can be nothing else is an image or a sound; another array is that alone."""
    found = recognize(value)

    assert (None if found is None else found.kind) == kind
    assert found is None or found.value is value


def test_neither_pillow_nor_numpy_is_loaded() -> None:
    """Whoever has neither can still be told so."""
    code = """
        import sys
        from gradioproxy.values import decode, encode
        assert not {"PIL", "numpy", "pandas"} & sys.modules.keys()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([0, 1, -2], [[0], [1], [-2]]),
        ((32767, -32768), [[32767], [-32768]]),
        ([[1, 2], (3, 4)], [[1, 2], [3, 4]]),
        ([0.0, 0.5, -0.25], [[0], [32767], [-16383]]),
        ([0, 0.5], [[0], [32767]]),
        ([0.0, 0.0], [[0], [0]]),
        ([np.int16(5), np.float32(10)], [[16383], [32767]]),
    ],
)
def test_a_list_of_numbers_is_a_sound(samples: Any, expected: list[list[int]]) -> None:
    """Integers are samples of 16 bits, and fractions mean what they mean in an array."""
    assert recognize((8000, samples)) is None
    rate, read = frames((8000, samples))
    assert (rate, read.tolist()) == (8000, expected)
    if isinstance(samples[0], float):
        assert np.array_equal(read, frames((8000, np.array(samples)))[1])


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([1, "2"], "no numbers"),
        ([True], "no numbers"),
        ([40_000], "more than 16 bits"),
        ([0.5, float("nan")], "no finite numbers"),
        ([0.5, float("inf")], "no finite numbers"),
        ([[1, 2], [3]], "another number of channels"),
        ([[]], "another number of channels"),
        ([[1] * 33], "another number of channels"),
    ],
)
def test_a_list_that_is_no_sound(samples: Any, said: str) -> None:
    """What can't be samples is refused, and says why."""
    with pytest.raises(ValueError, match=said):
        source_of((8000, samples))


@pytest.mark.parametrize("value", [(8000, []), (8000,), ("8000", [1]), (8000, "ab"), [8000, 1], 3])
def test_what_does_not_look_like_a_listed_sound(value: Any) -> None:
    """It is something else."""
    assert recognize_listed_sound(value) is None
