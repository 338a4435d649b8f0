"""Text from strangers, made fit to show: this module knows nothing of Gradio and does no I/O."""

from __future__ import annotations

import re
import unicodedata

# Controls (C0 without tab and newline, DEL, C1), bidirectional marks, embeddings, overrides and
# isolates, invisible fillers, the byte order mark, tag characters and lone surrogates: whatever
# can move a cursor, reorder a line or hide in an identifier, and has no business in a message.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)

_BLANKS = re.compile(r"\n\s*\n")


def clean(text: object, limit: int = 10_000) -> str:
    """Return *text* without control, bidirectional and invisible characters.

    Args:
        text: What a server sent; anything that is no string is turned into one.
        limit: The longest result in characters; what is beyond is replaced by an ellipsis.

    Returns:
        The text with its line breaks (all of one kind) and tabs, and nothing else that a terminal
        obeys.
    """
    # Twice the limit fills it in all but absurd cases, and bounds the work on huge texts.
    safe = str(text)[: 2 * limit]
    # Most texts are plain, and a description has thousands of them.
    if not (safe.isascii() and safe.isprintable()):
        safe = _UNSAFE.sub("", safe.replace("\r\n", "\n").replace("\r", "\n"))
    return safe if len(safe) <= limit else safe[: limit - 1].rstrip() + "…"


def one_line(text: object, limit: int = 200) -> str:
    """Return *text* cleaned and on a single line of at most *limit* characters."""
    return clean(" ".join(clean(text, 4 * limit).split()), limit)


def paragraphs(text: object, limit: int = 10_000) -> list[str]:
    """Return the paragraphs of *text*, cleaned, each without leading and trailing blanks."""
    return [part.strip() for part in _BLANKS.split(clean(text, limit)) if part.strip()]


def normal(name: str) -> str:
    """Return *name* as Python normalises identifiers before it compares them (PEP 3131)."""
    return unicodedata.normalize("NFKC", name)
