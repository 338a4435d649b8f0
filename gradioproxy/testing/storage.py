"""Cassettes in files: JSON for people, and beside it a folder with the content of files.

What is read here may be a stranger's: it is measured, its form is checked, and no path in it leads
anywhere; files beside are found by their SHA-256 alone, which is checked whenever they are used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from codecs import BOM_UTF8
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import FileGone, FileNotSaved, MissingFile, Problem, SchemaError
from ..files.reading import read_file
from ..files.saving import write_file
from ..schema.limits import MAX_RESULT_DEPTH, is_shallow
from ..text import as_json, one_line, short_repr
from .cassette import WHOLE, AppEntry, AskedEntry, CallEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..transport.response import Answer, ByteStream
    from .cassette import JSON, Message
    from .watched import Copy

FORMAT = 1
"""What this version writes; one that can't be read by it gets the next number."""

MOST_BYTES = 1 << 28
"""How large a cassette is at most, without the files beside it."""

_HEADERS = (
    *("Location", "Link", "Retry-After", "RateLimit", "WWW-Authenticate"),
    *("X-Error-Code", "X-Error-Message", "Content-Disposition"),
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_TEXT = 100_000
_LARGEST_PIECE = 1 << 24
_LONGEST_SECRET = 1 << 14
# Layers that a cassette has around what was said.
_AROUND = 10


@dataclass
class Cassette:
    """A cassette that was read.

    Attributes:
        path: The file.
        apps: What was said with each app.
    """

    path: Path
    apps: list[AppEntry] = field(default_factory=list)

    def open_content(self, digest: str) -> Iterator[bytes]:
        """Yield the content of a file beside, after all of it was compared with its SHA-256.

        Raises:
            FileGone: It is not there, or is another one.
        """
        path = find_folder(self.path) / digest
        what = one_line(path)
        again = "Record it again, or take it from where the cassette is from."
        try:
            if not _DIGEST.fullmatch(digest) or not stat.S_ISREG(path.lstat().st_mode):
                raise FileNotFoundError
            found = hashlib.sha256()
            for block in read_file(path):
                found.update(block)
        except OSError:
            raise FileGone(f"{self.path.name} needs {what}, which is missing. {again}") from None
        if found.hexdigest() != digest:
            raise FileGone(f"{what} is not what {self.path.name} was recorded with. {again}")
        return read_file(path)


def find_folder(path: Path) -> Path:
    """Return where the files beside a cassette are."""
    return path.with_suffix(".files")


# What is kept of answers.


def keep_answer(answer: Answer, copy: Callable[[], Copy] | None = None) -> Message:
    """Return what is kept of an answer.

    Args:
        answer: The answer.
        copy: Makes what keeps content that is no text; without it, it is kept as one.
    """
    kept = _keep_head(answer)
    with suppress(ValueError, RecursionError):
        found = json.loads(answer.body)
        if is_shallow(found, MAX_RESULT_DEPTH):
            return {**kept, "json": found}
    with suppress(UnicodeDecodeError):
        text = answer.body.decode("utf-8", "strict" if copy is not None else "replace")
        if copy is None or len(text) <= _LONGEST_TEXT:
            return {**kept, "text": text}
    assert copy is not None  # noqa: S101 - else it was a text
    made = copy()
    made.receive(answer.body)
    return {**kept, "sha256": made.close(), "size": made.size}


def keep_content(stream: ByteStream, copy: Copy, how: str) -> Message:
    """Return what is kept of an answer that was read as it came.

    Args:
        stream: The answer.
        copy: Its content.
        how: How it ended.
    """
    kept = {**_keep_head(stream), "sha256": copy.close(), "size": copy.size}
    return kept if how == WHOLE else {**kept, "end": how}


def hide_in_file(answer: Message, folder: Path, hide: Callable[[bytes], bytes]) -> None:
    """Take the secrets out of a file beside, which is another one then.

    Args:
        answer: What is kept of the answer that it was.
        folder: Where it is.
        hide: Returns its content without secrets.
    """
    path = folder / answer["sha256"]
    if not path.is_file() or all(hide(piece) == piece for piece in _read_pieces(path, hide)):
        return
    found, size = hashlib.sha256(), 0

    def hide_all() -> Iterator[bytes]:
        nonlocal size
        for piece in _read_pieces(path, hide):
            hidden = hide(piece)
            found.update(hidden)
            size += len(hidden)
            yield hidden

    new = path.with_suffix(".new")
    write_file(hide_all(), new)
    answer["sha256"], answer["size"] = found.hexdigest(), size
    new.replace(folder / answer["sha256"])


def _read_pieces(path: Path, hide: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yield the content of a file in pieces, each of which has its secrets as a whole."""
    piece = b""
    with path.open("rb") as file:
        while block := file.read(_LARGEST_PIECE):
            cut = _find_cut(piece, hide)
            if cut:
                yield piece[:cut]
            piece = piece[cut:] + block
    yield piece


def _find_cut(content: bytes, hide: Callable[[bytes], bytes]) -> int:
    """Return a place in a content at which no secret and no character is; 0 if there is none."""
    for place in range(len(content) - _LONGEST_SECRET, 0, -_LONGEST_SECRET):
        cut = next((n for n in range(place, place - 3, -1) if content[n] & 0xC0 != 0x80), place)  # noqa: PLR2004 - UTF-8
        before, behind = (
            content[max(0, cut - _LONGEST_SECRET) : cut],
            content[cut:][:_LONGEST_SECRET],
        )
        if hide(before + behind) == hide(before) + hide(behind):
            return cut
    return 0


def _keep_head(answer: Answer | ByteStream) -> Message:
    found = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    kept: Message = {"status": answer.status}
    if "Content-Type" in answer.headers:
        kept["type"] = answer.headers["Content-Type"]
    return {**kept, "headers": found} if found else kept


# Files.


def write_cassette(path: Path, apps: list[AppEntry], contents: Path) -> None:
    """Write a cassette: as a whole, or the one that was there stays.

    Args:
        path: The file.
        apps: What was said.
        contents: A folder that has the content of files under their SHA-256.

    Raises:
        FileNotSaved: The disk is full, read-only or broken; or it is larger than can be read.
        OSError: The path is none that can be written.
    """
    digests = {
        answer["sha256"]
        for app in apps
        for answer in app.answers()
        if "sha256" in answer and (contents / answer["sha256"]).is_file()
    }
    head = {"cassette": FORMAT, "apps": [_write_app(app) for app in apps]}
    content = f"{as_json(head, indent=1)}\n".encode("utf-8", "surrogatepass")
    if len(content) > MOST_BYTES:
        raise FileNotSaved(
            f"{path} would have more than {MOST_BYTES:,} bytes, which no replay reads: record less "
            "in one block.",
            path=str(path),
        )
    folder = find_folder(path)
    (folder if digests else path.parent).mkdir(parents=True, exist_ok=True)
    for digest in sorted(digests):
        write_file(read_file(contents / digest), folder / digest)
    write_file([content], path)
    with suppress(OSError):
        for old in folder.iterdir():
            if _DIGEST.fullmatch(old.name) and old.name not in digests:
                old.unlink()
        folder.rmdir()  # if nothing is left in it


def read_cassette(path: Path) -> Cassette:
    """Read a cassette.

    Raises:
        MissingFile: There is none, or it can't be read.
        SchemaError: It is none, a damaged one, or one of a later version.
    """
    content = read_content(path, "replay", ". `record` writes it")
    try:
        found = json.loads(decode_json(content))
    except (ValueError, RecursionError):
        shown = short_repr(str(path), 300)
        raise SchemaError(f"The cassette {shown} is no JSON; record it again.") from None
    return build_cassette(path, found)


def build_cassette(path: Path, found: JSON) -> Cassette:
    """Return the cassette that a file has.

    Args:
        path: The file.
        found: What is in it.

    Raises:
        SchemaError: It is none, a damaged one, or one of a later version.
    """
    shown = short_repr(str(path), 300)
    if not isinstance(found, dict) or "cassette" not in found:
        raise SchemaError(f"{shown} is no cassette; `record` writes one.")
    if not is_shallow(found, MAX_RESULT_DEPTH + _AROUND):
        raise SchemaError(f"The cassette {shown} is nested too deeply; record it again.")
    version = found["cassette"]
    if version != FORMAT:
        raise SchemaError(
            f"The cassette {shown} is of format {one_line(version, 20)}; this gradioproxy reads "
            f"format {FORMAT}. Record it again."
        )
    try:
        return Cassette(path, [_read_app(app) for app in _read_messages(found["apps"])])
    except (KeyError, TypeError, ValueError) as error:
        what = one_line(error, 60)
        raise SchemaError(f"The cassette {shown} is damaged ({what}); record it again.") from None


def ensure_replaceable(path: Path) -> None:
    """Do nothing, if a cassette may be written at a path.

    Raises:
        SchemaError: There is something that is no cassette, and would be lost.
        ValueError: A cassette can't have that name.
    """
    if path == find_folder(path):
        raise ValueError(f"{path.name!r} is the name of a folder beside cassettes: name another")
    with suppress(MissingFile):
        if b'"cassette"' not in read_content(path, "record")[:200]:
            raise SchemaError(
                f"{short_repr(str(path), 300)} is no cassette, and would be lost: record to "
                "another path, or remove it."
            )


def read_content(path: Path, function: str, hint: str = "") -> bytes:
    """Return the content of a file that may be a cassette.

    Args:
        path: The file.
        function: The function that was called, for messages.
        hint: What makes one, for where there is none.

    Raises:
        MissingFile: There is none, or it can't be read.
        SchemaError: It is too large for one.
    """
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("it is no ordinary file")  # noqa: TRY301 - as where it can't be read
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            expected = f"there is no such file{hint}"
        else:
            reason = error.strerror if isinstance(error, OSError) else None
            expected = f"it can't be read: {reason or error}"
        problem = Problem("path", short_repr(str(path), 300), expected)
        raise MissingFile(function, [problem]) from None
    if len(content) > MOST_BYTES:
        raise SchemaError(f"{short_repr(str(path), 300)} is too large for a cassette.")
    return content


def decode_json(content: bytes) -> str:
    """Return the text of a file in JSON, which may have halves of characters in it.

    Raises:
        ValueError: It is none.
    """
    return content.removeprefix(BOM_UTF8).decode("utf-8", "surrogatepass")


def _write_app(app: AppEntry) -> Message:
    return {
        "url": app.url,
        "asked": [_write_asked(entry) for entry in app.asked],
        "calls": [_write_call(entry) for entry in app.calls],
    }


def _write_asked(entry: AskedEntry) -> Message:
    sent = {} if entry.sent is None else {"sent": entry.sent}
    return {"request": entry.request, **sent, "answers": entry.answers}


def _write_call(entry: CallEntry) -> Message:
    written: Message = {"call": entry.name, "function": entry.function, "by": entry.way}
    written["data"] = entry.data
    if entry.event != [None, None]:
        written["event"] = entry.event
    if entry.whole:
        written["whole"] = True
    if entry.refusal is not None:
        written["refusal"] = entry.refusal
    else:
        written["messages"] = entry.messages
    return {**written, "end": entry.end} if entry.end != WHOLE else written


def _read_app(found: JSON) -> AppEntry:
    asked = [
        AskedEntry(_of(str, entry["request"]), entry.get("sent"), _read_messages(entry["answers"]))
        for entry in _read_messages(found["asked"])
    ]
    calls = [_read_call(entry) for entry in _read_messages(found["calls"])]
    return AppEntry(_of(str, found["url"]), asked, calls)


def _read_call(found: JSON) -> CallEntry:
    refusal = found.get("refusal")
    return CallEntry(
        _of(str, found["by"]),
        _of(int | str | None, found["function"]),
        _of(list, found["data"]),
        _of(str, found.get("call", "")),
        _of(list, found.get("event", [None, None])),
        found.get("whole") is True,
        _read_messages(found.get("messages", [])),
        None if refusal is None else _of(dict, refusal),
        _of(str, found.get("end", WHOLE)),
    )


def _read_messages(found: JSON) -> list[Message]:
    """Return a list of objects.

    Raises:
        TypeError: It is none.
    """
    return [_of(dict, each) for each in _of(list, found)]


def _of(kind: Any, value: Any) -> Any:
    """Return a value, if it is of a kind.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{short_repr(value, 30)} has the wrong type")
    return value
