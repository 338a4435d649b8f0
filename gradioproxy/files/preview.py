"""What of a file can be shown: an image, a sound, a film, the beginning of a text, or its name.

Rule: what a file is taken for is told by its content, where that is an image, or else is no more
than what a player of sounds or films makes of it. SVG is an image of the page, in which no script
runs; HTML, scripts and everything else that a page could run are shown as text. What is shown in
one place has a `Room`, and never takes more than that, whatever is in a result and however often.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..errors import GradioProxyError
from ..markup import escape_attribute, render_note, render_size, render_text
from ..text import one_line, short_repr
from .image_size import read_image_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEGABYTE = 1_000_000
IMAGE_LIMIT = 10 * MEGABYTE
MEDIA_LIMIT = 20 * MEGABYTE
VECTOR_LIMIT = MEGABYTE
TEXT_LIMIT = 20_000

_SIGNATURES = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"BM", "image/bmp"),
)
_PLAYED = re.compile(r"(audio|video)/[a-z0-9][a-z0-9.+-]{0,60}")
# What browsers do not play: the form in which apps stream films.
_UNPLAYED = frozenset({"video/mp2t", "video/x-msvideo"})
_TEXTS = re.compile(
    r"text/.+|application/(json|xml|javascript|x-javascript|x-sh|yaml|toml|.+[+](json|xml))"
)
_SAVE = "its save() writes it to a file"
_FILLED = "what is beside it fills the display"
_MANY = "there are so many"
_STYLE = "max-width:100%;max-height:480px"


class Shown(Protocol):
    """A file, as far as this has to know."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def mime_type(self) -> str:
        """Its media type, as somebody says."""
        ...

    @property
    def size(self) -> int | None:
        """Its size in bytes, as somebody says."""
        ...


@dataclass(frozen=True)
class Preview:
    """What is shown of a file.

    Attributes:
        html: In a page, beside others.
        text: What a terminal shows.
        alone: What front ends take for it, by media type, where it is all that is shown.
    """

    html: str
    text: str
    alone: Mapping[str, Any] = field(default_factory=dict)


class NotShownError(Exception):
    """Why a file is not shown."""


class Fetched(NamedTuple):
    """What is shown of a file that was fetched for that, and the bytes that it takes."""

    preview: Preview
    size: int


@dataclass
class Room:
    """How much there may still be in one display.

    Attributes:
        left: Bytes of images, sounds and films, also of what turns out to be too many.
        files: How many of them.
        requests: How many files may be fetched for it.
        text: Characters of HTML besides them; what says how much was left out comes on top.
        keeps: Whether what was fetched stays with the file, to be used.
        earlier: What was fetched for what was shown in this place before, by its address.
        fetched: What was fetched for this, or is shown again: nothing is fetched twice.
    """

    left: int = 30 * MEGABYTE
    files: int = 40
    requests: int = 40
    text: int = MEGABYTE
    keeps: bool = True
    earlier: Mapping[str, Fetched] = field(default_factory=dict)
    fetched: dict[str, Fetched] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether nothing more gets into it."""
        return self.text <= 0

    def write(self, page: str) -> str:
        """Return HTML, without media, if there is room for it; else say so, and be full."""
        if len(page) > self.text:
            self.text = 0
            return render_note(f"… {_FILLED}")
        self.text -= len(page)
        return page

    def reserve(self, page: str) -> None:
        """Count HTML that will stand around something."""
        self.text -= len(page)

    def count_request(self) -> None:
        """Count a file that is fetched.

        Raises:
            NotShownError: No more are.
        """
        if self.requests < 1:
            raise NotShownError(f"it was not fetched; {_SAVE}")
        self.requests -= 1

    def repeat(self, url: str) -> Preview | None:
        """Return what is shown of a file that was fetched before, if there is room for it."""
        known = self.fetched.get(url) or self.earlier.get(url)
        if known is None:
            return None
        if not known.size:
            made = replace(known.preview, html=self.write(known.preview.html))
        elif known.size <= self.left and self.files > 0:
            made = known.preview
            self.left -= known.size
            self.files -= 1
        else:
            return None
        self.fetched[url] = known
        return made


def preview_file(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    """Return what is shown of a file.

    Args:
        file: The file.
        read_head: Returns so many of its first bytes, and whether these are all.
        room: What is left in the display, which gets less.
    """
    kind = _find_kind(file)
    try:
        made: Preview = _RENDERERS[kind](file, read_head, room)
    except NotShownError as reason:
        return _preview_name(file, kind, str(reason), room)
    except (GradioProxyError, OSError) as error:
        return _preview_name(file, kind, one_line(error, 300), room)
    return made


def _find_kind(file: Shown) -> str:
    """Return what a file may be: an image, vector, audio, video, text, model or other."""
    media = file.mime_type.lower().partition(";")[0].strip()
    name = file.name.lower()
    if media == "image/svg+xml" or name.endswith((".svg", ".svgz")):
        return "vector"
    if media.startswith("image/"):
        return "image"
    if name.endswith((".glb", ".gltf", ".obj", ".stl", ".ply", ".splat")):
        return "3D model"
    if _PLAYED.fullmatch(media):
        return media.partition("/")[0]
    return "text" if _TEXTS.fullmatch(media) else "file"


def _preview_name(file: Shown, kind: str, reason: str, room: Room) -> Preview:
    """Return a file's kind, name and size, and why there is no more."""
    kind = {"vector": "image"}.get(kind, kind)
    size = f" of {render_size(file.size)}" if file.size is not None else ""
    text = f"{kind} {file.name!r}{size}, not shown: {reason}"
    return Preview(room.write(render_note(text)), short_repr(file, 300))


def take_content(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room, limit: int
) -> bytes:
    """Return the content of a file that is shown as a whole; see `preview_file`.

    Raises:
        NotShownError: It is too large for that.
    """
    if room.files < 1:
        raise NotShownError(_MANY)
    size = file.size
    too_large = NotShownError(f"more than {render_size(limit)}; {_SAVE}")
    if size is not None and size > limit:
        raise too_large
    if size is not None and size > room.left:
        raise NotShownError(_FILLED)
    allowed = min(limit, max(room.left, 0))
    content, is_whole = read_head(allowed)
    # Also of what is no use: so much was fetched for this display.
    room.left -= len(content)
    if not is_whole:
        raise NotShownError(_FILLED) if allowed < limit else too_large
    room.files -= 1
    return content


def _preview_image(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    return preview_picture(take_content(file, read_head, room, IMAGE_LIMIT), file)


def preview_picture(content: bytes, file: Shown) -> Preview:
    """Return an image.

    Raises:
        NotShownError: It is none that browsers show, is broken, or has too many pixels.
    """
    media = next((kind for known, kind in _SIGNATURES if re.match(known, content, re.DOTALL)), "")
    if not media:
        raise NotShownError("it is no image of a kind that every browser shows")
    if read_image_size(content) is None:
        raise NotShownError("it is broken, or has too many pixels")
    encoded = base64.b64encode(content).decode()
    element = _build_image(media, encoded, file)
    return Preview(element, short_repr(file, 300), {media: encoded})


def _preview_vector(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    content = take_content(file, read_head, room, VECTOR_LIMIT)
    if b"<svg" not in content:
        raise NotShownError("it is no image of a kind that every browser shows")
    element = _build_image("image/svg+xml", base64.b64encode(content).decode(), file)
    return Preview(element, short_repr(file, 300), {"text/html": element})


def _build_image(media: str, encoded: str, file: Shown) -> str:
    name = escape_attribute(file.name)
    return f"<img src='data:{media};base64,{encoded}' alt='{name}' title='{name}' style='{_STYLE}'>"


def _preview_media(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    if file.mime_type.lower() in _UNPLAYED:
        raise NotShownError("browsers do not play its format")
    content = take_content(file, read_head, room, MEDIA_LIMIT)
    # Asked again: of a stream it is known now. It matched, and so has nothing to be escaped.
    media = file.mime_type.lower().partition(";")[0].strip()
    if media in _UNPLAYED or not _PLAYED.fullmatch(media):
        raise NotShownError("browsers do not play its format")
    tag = media.partition("/")[0]
    source = f"data:{media};base64,{base64.b64encode(content).decode()}"
    element = (
        f"<{tag} controls preload='metadata' src='{source}' style='{_STYLE}'></{tag}>"
        f"{render_note(file.name)}"
    )
    return Preview(element, short_repr(file, 300), {"text/html": element})


def _preview_text(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    content, is_whole = read_head(TEXT_LIMIT)
    if b"\0" in content:
        raise NotShownError("it is no text")
    text = content.decode("utf-8", "replace")
    more = "" if is_whole else render_note(f"… and more; {_SAVE}")
    page = f"{render_note(file.name)}{render_text(text)}{more}"
    if len(page) > room.text:
        raise NotShownError(_FILLED)
    room.reserve(page)
    return Preview(page, short_repr(file, 300), {"text/html": page})


def _preview_nothing(
    file: Shown, read_head: Callable[[int], tuple[bytes, bool]], room: Room
) -> Preview:
    del file, read_head, room
    raise NotShownError(f"no front end shows it; {_SAVE}")


_RENDERERS: dict[str, Callable[..., Preview]] = {
    "image": _preview_image,
    "vector": _preview_vector,
    "audio": _preview_media,
    "video": _preview_media,
    "text": _preview_text,
    "3D model": _preview_nothing,
    "file": _preview_nothing,
}
