"""What the streaming endpoints yield, for the apps and for the tests that expect it.

Rule: needs no Gradio; each value is a fresh object.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbers(count: int) -> Iterator[str]:
    """Yield "1", "2", … up to the count."""
    for number in range(1, count + 1):
        yield str(number)


def growing_text(text: str) -> Iterator[str]:
    """Yield the text as a language model writes it: longer by a word each time."""
    written = ""
    for word in text.split():
        written = f"{written} {word}".lstrip()
        yield written


def growing_list(count: int) -> Iterator[list[dict[str, Any]]]:
    """Yield lists that get longer at the end while their first item changes inside."""
    items: list[dict[str, Any]] = []
    for number in range(count):
        items.append({"id": number, "tags": []})
        items[0]["tags"].append(f"seen {number}")
        yield copy.deepcopy(items)


def changing_object(count: int) -> Iterator[dict[str, Any]]:
    """Yield objects whose keys come and go, and whose lists get longer, shorter and other items."""
    for number in range(count):
        value: dict[str, Any] = {
            "step": number,
            "parts": {"items": list(range(number % 3)), "last": {"number": number}},
            f"only {number}": None,
        }
        if number % 2 == 0:
            value["even"] = True
        yield value


def numbers_of(kind: str) -> Any:
    """Return numbers of this kind over its whole range; fractions to one, the largest to 191."""
    dtype = np.dtype(kind)
    if dtype.kind in "bf" or dtype.itemsize > 4:
        return (np.arange(192) / 191 if dtype.kind == "f" else np.arange(192)).astype(dtype)
    limits = np.iinfo(dtype)
    return np.linspace(limits.min, limits.max, 192).astype(dtype)
