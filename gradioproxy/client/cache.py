"""Descriptions that are kept from one process to the next, where the platform keeps caches.

Rules: an entry is for one app and one login, and only its user can read it. No secret is in it, and
none can be found by it: the names of entries are keyed hashes. What can't be read is not there.
Beyond `MOST_ENTRIES` and `MOST_BYTES`, those go that were not used for the longest time.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from ..collector import make_without_collecting
from ..errors import GradioProxyError
from ..files.saving import write_file
from ..schema.parse import parse_app
from ..transport.url import Address, parse_address
from .description import Description

if TYPE_CHECKING:
    from ..transport.credentials import Access
    from ..transport.http import Transport

FORMAT = 2
"""The form of entries; those of another one are not read."""

MOST_ENTRIES = 100
"""How many entries there are at most."""

MOST_BYTES = 200_000_000
"""How large all of them are at most; the one that was written last is always there."""

_KEY_BYTES = _HASH_BYTES = 32
_PRIVATE = 0o700


@dataclass(frozen=True)
class Kept:
    """What was kept of an app.

    Attributes:
        address: What leads to it, and what its secrets are for.
        url: Where that has led.
        description: What it said of itself.
    """

    address: Address
    url: str
    description: Description


class Entry:
    """The place of one app's description, for one login.

    Args:
        address: The app's address; of a Space, that of its page.
        access: How it is reached, with the token that goes there.
    """

    def __init__(self, address: Address, access: Access) -> None:
        self._address = address
        self._access = access

    def read(self) -> Kept | None:
        """Return what was kept; ``None`` if nothing was, or it can't be read."""
        try:
            path = self._find_path()
            found = make_without_collecting(functools.partial(json.loads, path.read_bytes()))
            if (found["format"], found["source"]) != (FORMAT, self._address.url):
                return None
            texts = [found[name] for name in ("named", "url", "space", "second_hand")]
            if not all(isinstance(text, str) for text in texts):
                return None
            named, url, space, second_hand = texts
            parse = functools.partial(parse_app, found["config"], found["info"])
            app = replace(make_without_collecting(parse), second_hand=second_hand)
            address = replace(self._address, url=parse_address(named).url, space=space)
            url = parse_address(url).url
        except (OSError, ValueError, LookupError, TypeError, RecursionError, GradioProxyError):
            return None
        _note_use(path)
        return Kept(address, url, Description(found["config"], found["info"], app))

    def write(self, transport: Transport, description: Description) -> None:
        """Keep a description.

        Args:
            transport: The way to the app.
            description: What it says of itself.

        Raises:
            OSError: That can't be done.
        """
        content = {
            "format": FORMAT,
            "source": self._address.url,
            "named": transport.requester.named.url,
            "url": transport.address.url,
            "space": transport.address.space,
            "second_hand": description.app.second_hand,
            "config": description.config,
            "info": description.info,
        }
        path = self._find_path()
        text = json.dumps(content).encode()
        write_file([text], path, private=True)
        mark = _write_mark(description, len(text))
        write_file([mark], path.with_suffix(".mark"), private=True)
        _remove_oldest(path)

    def has(self, description: Description) -> bool:
        """Tell, without reading it, whether a description is kept: that of this process of the app.

        Of an app whose processes have no numbers, that is not known.
        """
        if description.app.app_id is None:
            return False
        try:
            path = self._find_path()
            mark = _write_mark(description, path.stat().st_size)
            if path.with_suffix(".mark").read_bytes() != mark:
                return False
        except OSError:
            return False
        _note_use(path)
        return True

    def remove(self) -> None:
        """Keep nothing."""
        with contextlib.suppress(OSError):
            _remove(self._find_path())

    def _find_path(self) -> Path:
        """Return the entry's path.

        Raises:
            OSError: There can be no folder of ours.
        """
        access = self._access
        login = [
            self._address.url,
            self._address.basic,
            access.auth[0] if access.auth else None,
            access.token,
            sorted(access.headers.items()),
        ]
        folder = find_folder()
        text = json.dumps(login).encode()
        name = hmac.new(_find_key(folder), text, hashlib.sha256).hexdigest()
        return folder / f"{name}.json"


def _write_mark(description: Description, size: int) -> bytes:
    """Return what tells an entry from those of other processes of the app, and from broken ones."""
    return f"{FORMAT} {description.app.app_id} {size}".encode()


def _note_use(path: Path) -> None:
    """Take note that an entry was used just now: that is the time of its mark."""
    with contextlib.suppress(OSError):
        os.utime(path.with_suffix(".mark"))


def _remove_oldest(written: Path) -> None:
    """Remove entries beyond what there may be, those first that were used the longest time ago.

    Args:
        written: The entry that was written last, which stays.
    """
    found: list[tuple[float, int, Path]] = []
    for path in written.parent.glob(f"{'[0-9a-f]' * 2 * _HASH_BYTES}.json"):
        if path != written:
            with contextlib.suppress(OSError):  # another process removes it, too
                size = path.stat().st_size
                mark = path.with_suffix(".mark")
                used = (mark if mark.exists() else path).stat().st_mtime
                found.append((used, size, path))
    room = MOST_BYTES - written.stat().st_size
    for place, (_, size, path) in enumerate(sorted(found, reverse=True), start=2):
        room -= size
        if place > MOST_ENTRIES or room < 0:
            with contextlib.suppress(OSError):
                _remove(path)


def _remove(path: Path) -> None:
    """Remove an entry: its mark first, which nothing else leads to."""
    path.with_suffix(".mark").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def find_folder() -> Path:
    """Return the folder with the entries, which is made if it is not there.

    Raises:
        OSError: It can't be made, or there is no home to make it in.
    """
    try:
        folder = Path(platformdirs.user_cache_dir("gradioproxy", appauthor=False), "descriptions")
    except RuntimeError as error:
        raise OSError(errno.ENOENT, str(error)) from error
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return folder


def _find_key(folder: Path) -> bytes:
    """Return the key of the hashes, which whoever is the first makes.

    Raises:
        OSError: It can neither be read nor made.
    """
    path = folder / "key"
    with contextlib.suppress(FileNotFoundError):
        key = path.read_bytes()
        if len(key) == _KEY_BYTES:
            return key
    # Where two make one, entries under the first are not found again.
    made = secrets.token_bytes(_KEY_BYTES)
    write_file([made], path, private=True)
    return made
