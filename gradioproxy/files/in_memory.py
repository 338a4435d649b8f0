"""Images and sounds that exist only in memory, as files that every app can read.

They are known by what they can do, so that neither Pillow nor NumPy is needed here. What they hold
is copied in the caller's thread, who may go on changing it; the work of encoding is left to
whoever reads the source. Numbers mean what they mean to Gradio's own components.
"""

from __future__ import annotations

import io
import math
import operator
import struct
import zlib
from typing import IO, TYPE_CHECKING, Any

from ..builtin import to_builtin
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .source import Source

# What PNG has; other modes of Pillow (inks, other colour spaces) become RGB.
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
# PNG's numbers for gray, gray and alpha, colours, colours and alpha, by the number of channels.
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
# Most of what level 9 gains, in a fraction of the time.
_LEVEL = 3
# Each pixel is written as the difference from the one on its left.
_SUB = b"\x01"

_FULL = 0x7FFF
_DEEP = 256
_MAX_CHANNELS = 32
_MAX_RATE = 0xFFFF_FFFF
_FLAT, _MATRIX, _VOLUME = 1, 2, 3


class EncodedSource:
    """What is encoded when it is first read."""

    def __init__(self, name: str, encode: Callable[[], bytes]) -> None:
        self.name = name
        self._encode: Callable[[], bytes] | None = encode
        self._content = b""

    @property
    def size(self) -> int | None:
        """Its size in bytes, once it was encoded."""
        return len(self._content) if self._encode is None else None

    def open(self) -> IO[bytes]:
        """Return the encoded content."""
        encode = self._encode
        if encode is not None:
            self._content = encode()
            self._encode = None  # and with it, what was encoded
        return io.BytesIO(self._content)


@frozen(repr=False)
class InMemory:
    """An image, a sound or another array, of Pillow, NumPy or alike.

    Attributes:
        value: What it is; of a sound ``(rate, samples)``.
        kind: What it is as a file: ``image`` or ``audio``; empty if it is none.
    """

    value: Any
    kind: str

    def __repr__(self) -> str:
        return repr(self.value)

    def make_source(self) -> Source:
        """Return the source for an image or a sound.

        Raises:
            ValueError: It can't be understood as one.
            OSError: Pillow can't read the image.
        """
        if self.kind == "audio":
            return _make_sound_source(*self.value)
        if _is_image(self.value):
            image = _copy_image(self.value)
            return EncodedSource("image.png", lambda: _encode_image(image))
        pixels = _scale_to_bytes(self.value)
        return EncodedSource("image.png", lambda: _encode_png(pixels))


def recognize(value: Any) -> InMemory | None:
    """Return what an image, a sound or an array is; ``None`` for everything else."""
    if isinstance(value, list | tuple):
        return InMemory(value, "audio") if _is_sound(value) else None
    if _is_image(value):
        return InMemory(value, "image")
    # One of objects is a list of them.
    if _is_array(value) and value.dtype.kind != "O":
        return InMemory(value, "image" if _is_pixels(value) else "")
    return None


def recognize_listed_sound(value: Any) -> InMemory | None:
    """Return the sound that ``(rate, samples)`` with a list of numbers, or of channels, is.

    Where no sound is expected, it could be anything.
    """
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004
        return None
    rate, samples = value
    listed = hasattr(rate, "__index__") and isinstance(samples, list | tuple) and len(samples) > 0
    return InMemory(value, "audio") if listed else None


def _is_sound(value: Sequence[Any]) -> bool:
    """Tell whether a list is ``(rate, samples)``."""
    if len(value) != 2:  # noqa: PLR2004
        return False
    rate, samples = value
    # Arrays have ``__index__`` as well: two of them are two images.
    is_rate = hasattr(rate, "__index__") and not isinstance(rate, bool) and not _is_array(rate)
    return is_rate and _is_array(samples)


def _make_sound_source(given_rate: Any, samples: Any) -> Source:
    # Late, as few calls have a sound that is no file; and here, as it is encoded on another thread.
    import wave  # noqa: F401

    rate = operator.index(given_rate)
    if not 0 < rate <= _MAX_RATE:
        raise ValueError(f"a sound of {rate} samples a second")
    if not _is_array(samples):
        listed, channels = _flatten(samples)
        return EncodedSource(
            "audio.wav", lambda: _encode_wav(rate, channels, _encode_numbers(listed))
        )
    if samples.ndim not in (_FLAT, _MATRIX) or not samples.size:
        raise ValueError(f"samples of shape {samples.shape}, which is no sound")
    channels = 1 if samples.ndim == _FLAT else samples.shape[1]
    if channels > _MAX_CHANNELS:
        raise ValueError(f"a sound of {channels} channels; the samples go first, so transpose it")
    pcm = _encode_samples(samples)
    return EncodedSource("audio.wav", lambda: _encode_wav(rate, channels, pcm))


def _is_image(value: Any) -> bool:
    return hasattr(value, "save") and hasattr(value, "getbands") and hasattr(value, "convert")


def _is_array(value: Any) -> bool:
    interface = hasattr(value, "__array_interface__") and hasattr(value, "astype")
    return interface and value.ndim > 0 and not _is_image(value)


def _is_pixels(value: Any) -> bool:
    return _is_array(value) and value.ndim in (_MATRIX, _VOLUME) and value.dtype.kind in "biuf"


def _copy_image(image: Any) -> Any:
    """Return a copy of an image of Pillow that PNG can hold; its file may be closed later."""
    if image.mode == "F":
        raise ValueError("an image of mode 'F', whose numbers could mean anything; convert it")
    if image.mode in _PNG_MODES:
        return image.copy()
    return image.convert("I;16" if image.mode == "I" else "RGB")


def _encode_image(image: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def _scale_to_bytes(array: Any) -> Any:
    """Return a new array of bytes: numbers to 255 as they are, fractions and 16 bits scaled."""
    channels = array.shape[2] if array.ndim == _VOLUME else 1
    if channels not in _COLOR_TYPES or not array.size:
        raise ValueError(f"an array of shape {array.shape}, which is no image (height, width, 3)")
    if array.dtype.kind == "b":
        return array.astype("uint8") * 255
    if array.dtype == "uint8":
        return array.copy()
    low, high = array.min(), array.max()
    if array.dtype.kind == "f":
        if not (low >= -1 and high <= 1):  # also false if one of them is no number
            raise ValueError(f"an image whose fractions go from {low} to {high}, and not to 1")
        return (array.astype("float64") * 255).round().clip(0, 255).astype("uint8")
    if array.dtype == "uint16" and high >= _DEEP:
        return (array // _DEEP).astype("uint8")
    if low < 0 or high >= _DEEP:
        raise ValueError(f"an image whose numbers go from {low} to {high}, and not from 0 to 255")
    return array.astype("uint8")


def _encode_png(pixels: Any) -> bytes:
    """Return an array of bytes as a PNG file."""
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == _VOLUME else 1
    rows = pixels.reshape(height, width * channels)
    changes = rows.copy()
    changes[:, channels:] -= rows[:, :-channels]
    packer = zlib.compressobj(_LEVEL)
    packed = b"".join(packer.compress(_SUB + row.tobytes()) for row in changes) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[channels], 0, 0, 0)
    parts = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", packed), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a part of a PNG file."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def _encode_samples(samples: Any) -> bytes:
    """Return samples as 16 bits each; fractions are scaled so that the loudest is full."""
    kind = samples.dtype.name
    match kind:
        case "int16":
            pcm = samples
        case "int32":
            pcm = samples / 65536
        case "uint16":
            pcm = samples.astype("int32") - 32768
        case "uint8":
            pcm = samples.astype("int32") * 257 - 32768
        case "int8":
            pcm = samples.astype("int16") * 256
        case "float16" | "float32" | "float64":
            wide = samples.astype("float32") if kind == "float16" else samples
            peak = abs(wide).max()
            if not peak < float("inf"):
                raise ValueError("samples of which some are no finite numbers")
            pcm = wide / peak * _FULL if peak else wide
        case _:
            raise ValueError(f"samples of type {kind}, which could mean anything; use float32")
    content: bytes = pcm.astype("int16").tobytes()
    return content


def _flatten(samples: Sequence[Any]) -> tuple[list[float], int]:
    """Return listed samples one after the other, and the number of channels."""
    rows = [row if isinstance(row, list | tuple) else (row,) for row in samples]
    channels = len(rows[0])
    if not 0 < channels <= _MAX_CHANNELS or any(len(row) != channels for row in rows):
        raise ValueError("samples of which some have another number of channels")
    flat = [to_builtin(number) for row in rows for number in row]
    if not all(isinstance(number, int | float) and number is not True for number in flat):
        raise ValueError("samples that are no numbers")
    if all(isinstance(number, int) for number in flat):
        if not all(-_FULL - 1 <= number <= _FULL for number in flat):
            raise ValueError("samples of more than 16 bits, which could mean anything; use floats")
    elif not all(map(math.isfinite, flat)):
        raise ValueError("samples of which some are no finite numbers")
    return flat, channels


def _encode_numbers(samples: Sequence[float]) -> bytes:
    """Return numbers as 16 bits each: integers as they are, fractions as in an array."""
    if any(isinstance(number, float) for number in samples):
        peak = max(map(abs, samples))
        samples = [number / peak * _FULL if peak else 0 for number in samples]
    return struct.pack(f"<{len(samples)}h", *map(int, samples))


def _encode_wav(rate: int, channels: int, pcm: bytes) -> bytes:
    import wave  # late, as where the sound is found

    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    return file.getvalue()
