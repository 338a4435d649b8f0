"""Real descriptions of apps with something in them changed, as a hostile server might have it.

Each change is chosen by a seed: something is dropped, swapped, repeated, nested, renamed, or of
another type.
"""

from __future__ import annotations

import copy
import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

JSON = Any

ODD: list[JSON] = [
    *(None, True, False, 0, -1, 1, 10**30, 1.5, -1e308, "", "x", "\x1b[31m", "../x", "a" * 5000),
    *([], [None], {}, {"": {}}, [[[[]]]], {"type": "object"}, {"$ref": "#/$defs/x"}, {"anyOf": []}),
    *({"enum": []}, {"enum": [[1], {}]}, {"type": ["string", "null"]}, "http://127.0.0.1/x"),
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
]


def read_descriptions(folder: Path) -> Iterator[tuple[str, JSON, JSON]]:
    """Yield names, answers to ``/config`` and to ``/info`` of real apps."""
    for path in sorted(folder.glob("*.config.json.gz")):
        name = path.name.removesuffix(".config.json.gz")
        info = path.with_name(f"{name}.info.json.gz")
        yield name, _load(path), _load(info) if info.exists() else None


def mutate(document: JSON, random: random.Random, changes: int) -> JSON:
    """Return a document with so many changes.

    Args:
        document: A list or an object.
        random: What chooses them.
        changes: How many.
    """
    document = copy.deepcopy(document)
    for _ in range(changes):
        places = list(_iterate_places(document))
        if places:
            part, key = random.choice(places)
            random.choice(_CHANGES)(part, key, places, random)
    return document


def _load(path: Path) -> JSON:
    return json.loads(gzip.decompress(path.read_bytes()))


def _iterate_places(document: JSON) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document: what it is in, and its key or number there."""
    todo = [document]
    while todo:
        part = todo.pop()
        for key in list(part) if isinstance(part, dict) else range(len(part)):
            yield part, key
            if isinstance(part[key], dict | list):
                todo.append(part[key])


Places = list[tuple[Any, Any]]


def _drop(part: Any, key: Any, places: Places, random: random.Random) -> None:
    del places, random
    del part[key]


def _retype(part: Any, key: Any, places: Places, random: random.Random) -> None:
    del places
    part[key] = copy.deepcopy(random.choice(ODD))


def _swap(part: Any, key: Any, places: Places, random: random.Random) -> None:
    other, place = random.choice(places)
    part[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(part[key])


def _nest(part: Any, key: Any, places: Places, random: random.Random) -> None:
    del places
    part[key] = random.choice([[part[key]], {"x": part[key]}, {"anyOf": [part[key]]}])


def _repeat(part: Any, key: Any, places: Places, random: random.Random) -> None:
    del places
    if isinstance(part, list):
        part[key:key] = [copy.deepcopy(part[key])] * random.choice([1, 3, 100])
    elif isinstance(part[key], str):
        part[key] *= random.choice([0, 2, 300])


def _rename(part: Any, key: Any, places: Places, random: random.Random) -> None:
    if isinstance(part, dict):
        _, other = random.choice(places)
        part[str(other)] = part.pop(key)


_CHANGES: list[Callable[[Any, Any, Places, random.Random], None]] = [
    *(_drop, _retype, _swap, _nest, _repeat, _rename)
]
