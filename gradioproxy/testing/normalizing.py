"""From what was said to what a cassette has: no secrets, and names in place of what is random.

==============================================  ==================================================
what is said                                    what is written
==============================================  ==================================================
a secret of the caller's, or by its name one    ``<secret>``
in the query of an address
the app's scheme, host and port                 ``cassette://app``
where the server put a file that went up        ``/cassette/upload/<SHA-256>/<name>``
where the server has another file               ``/cassette/file/<number>/<name>``
the hash of a session, the name of a call       ``session-<number>``, ``event-<number>``
the number of the server's process              1, 2, ...
==============================================  ==================================================

Numbers follow the order of the calls, and what else was asked comes after them: where that stands
goes by the places of files, which may be other ones each time.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from ..transport.redaction import HIDDEN, chain_filters, is_secret_name
from .cassette import (
    APP,
    FILES,
    UPLOADS,
    AppEntry,
    AskedEntry,
    CallEntry,
    find_function_names,
    map_texts,
    write_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..transport.redaction import Redactor
    from .recording import AppRecording

_SEPARATOR = re.compile(r"[/\\]")
_WORD = re.compile(r"[\w-]{6,}", re.ASCII)
_FILE_URL = re.compile(r"(?<=file=)[^\s\"'<>?#)]+")

# Which process of the server answers is asked when connections are new, which is chance.
_IDENTITY = re.compile(r"^GET \S*/app_id$")
_ADDRESSES = frozenset({"url", "path", "Location", "Link"})
_QUOTED = quote(HIDDEN)
_QUERY = re.compile(r"(?<=[?&])([\w.%-]+)=([^&\s#\"'<>]+)")


def hide_addresses(value: Any) -> Any:
    """Return JSON without what is secret by its name in the queries of its addresses."""
    if isinstance(value, list):
        items = []
        for item in value:
            items.append(hide_addresses(item))  # noqa: PERF401 - as in `map_texts`
        return items
    if isinstance(value, dict):
        made = {}
        for key, item in value.items():
            is_address = key in _ADDRESSES and isinstance(item, str)
            made[key] = hide_query(item) if is_address else hide_addresses(item)
        return made
    return value


def hide_query(text: str) -> str:
    """Return an address without what is secret by its name in its query."""
    return _QUERY.sub(lambda m: f"{m[1]}={HIDDEN}" if is_secret_name(m[1]) else m[0], text)


def spell_hidden(text: str) -> str:
    """Return a text in which what was hidden looks the same in an address that a client wrote."""
    return text.replace(_QUOTED, HIDDEN)


class OriginNames:
    """Writes the origin of an app as something that is the same wherever the app is.

    Args:
        url: The app's address.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._pattern = re.compile(re.escape(self._origin) + r"(?![\w.:-])", re.IGNORECASE)

    def hide(self, text: str) -> str:
        """Return a text without the origin."""
        return self._pattern.sub(APP, text)

    def show(self, text: str) -> str:
        """Return a text with the origin again."""
        return text.replace(APP, self._origin)


class Normalizer:
    """Writes what was said with one app.

    Args:
        app: What was said.
        redactors: What hides the secrets of other apps, which this one may have been told.
    """

    def __init__(self, app: AppRecording, redactors: Iterable[Redactor] = ()) -> None:
        self._app = app
        all_redactors = dict.fromkeys([*app.redactors, *redactors])
        self._hide = chain_filters(redactor.make_filter() for redactor in all_redactors)
        self._hide_bytes = chain_filters(redactor.make_byte_filter() for redactor in all_redactors)
        self._origin = OriginNames(app.url)
        self._uploads = {
            path: f"{UPLOADS}/{digest}/{name}" for path, (digest, name) in app.uploads.items()
        }
        self._calls = app.list_calls()
        self._paths = set(self._find_paths())
        self._numbers: dict[str, dict[Any, int]] = {}

    def write(self) -> AppEntry:
        """Return what the cassette has of the app."""
        asked_for = sorted(self._app.asked.values(), key=_name)
        kept = [entry for entry in asked_for if not _IDENTITY.search(entry.request)]
        names = find_function_names(answer for entry in kept for answer in entry.answers)
        order = functools.partial(self._write_stable_key, names)
        calls = [self._write_call(entry, names) for entry in sorted(self._calls, key=order)]
        asked = [self._write_asked(entry) for entry in kept]
        asked.sort(key=lambda entry: write_key([entry.request, entry.sent]))
        return AppEntry(self._hide(self._app.url), asked, calls)

    def hide_text(self, content: bytes) -> bytes:
        """Return the content of a file without secrets: in what is no text, without long ones."""
        try:
            return self._hide(content.decode()).encode()
        except UnicodeDecodeError:
            return self._hide_bytes(content)

    def _write_asked(self, entry: AskedEntry) -> AskedEntry:
        sent = self.value(hide_addresses(entry.sent))
        answers = self.value(hide_addresses(entry.answers))
        return AskedEntry(self.text(hide_query(entry.request)), sent, answers)

    def _write_call(self, entry: CallEntry, names: dict[int | None, str]) -> CallEntry:
        return replace(
            entry,
            data=self.value(hide_addresses(entry.data)),
            name=self._hide(_name_function(entry, names)),
            event=self.value(entry.event),
            messages=self.value(hide_addresses(entry.messages)),
            refusal=self.value(hide_addresses(entry.refusal)),
        )

    def _write_stable_key(self, names: dict[int | None, str], entry: CallEntry) -> str:
        """Return what calls are ordered by: when each was begun is chance where threads begin them.

        Equal ones stay in the order in which they were begun, which a replay keeps.
        """
        return write_key([_name_function(entry, names), map_texts(entry.data, self._name_stably)])

    def _name_stably(self, text: str) -> str:
        """Return a text of a call's data, without where the server happened to put a file."""
        if text in self._uploads:
            return self._uploads[text]
        return _SEPARATOR.split(text)[-1] if text in self._paths else text

    # Values and texts.

    def value(self, value: Any) -> Any:
        """Return JSON as it is written."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            items = []
            for item in value:
                items.append(self.value(item))  # noqa: PERF401 - as in `map_texts`
            return items
        if isinstance(value, dict):
            made = {}
            for key, item in value.items():
                is_process = key == "app_id" and isinstance(item, int)
                made[self._hide(key)] = (
                    self._number("app", item) if is_process else self.value(item)
                )
            return made
        return value

    def text(self, text: str) -> str:
        """Return a text as it is written."""
        if not text:
            return text
        text = self._name_paths(text)  # before secrets in the names of files make them others
        text = self._origin.hide(spell_hidden(self._hide(text)))
        return _WORD.sub(self._replace_word, text)

    def _name_paths(self, text: str) -> str:
        if (named := self._name_path(text)) is not None:
            return named
        head, mark, path = text.partition("file=")
        if mark and (named := self._name_path(path)) is not None:
            return f"{head}{mark}{named}"  # servers write what is no URL, with blanks
        return _FILE_URL.sub(self._replace_path, text) if mark else text

    def _replace_path(self, match: re.Match[str]) -> str:
        named = self._name_path(unquote(match[0])) or self._name_path(match[0])
        return quote(named) if named is not None else match[0]

    def _name_path(self, path: str) -> str | None:
        """Return what stands for the path of a file, ``None`` if a text is none."""
        if path in self._uploads:
            return self._uploads[path]
        if path not in self._paths:
            return None
        return f"{FILES}/{self._number('file', path)}/{_SEPARATOR.split(path)[-1]}"

    def _replace_word(self, match: re.Match[str]) -> str:
        word = match[0]
        if word in self._app.session_hashes:
            return f"session-{self._number('session', word)}"
        if word in self._app.event_ids:
            return f"event-{self._number('event', word)}"
        return word

    def _number(self, kind: str, thing: Any) -> int:
        """Return the number of a thing among those of its kind."""
        numbers = self._numbers.setdefault(kind, {})
        return numbers.setdefault(thing, len(numbers) + 1)

    def _find_paths(self) -> Iterator[str]:
        """Yield where the server has files, as far as it was said."""
        for entry in self._app.asked.values():
            yield from _find_files([entry.sent, entry.answers])
        for call in self._calls:
            yield from _find_files([call.data, call.messages])


def _name(entry: AskedEntry) -> str:
    return entry.request


def _find_files(value: Any) -> Iterator[str]:
    """Yield the paths of files in JSON."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            if one.get("is_file") is True and isinstance(one.get("name"), str):
                yield one["name"]
            elif _is_file(one) and isinstance(one.get("path"), str) and "://" not in one["path"]:
                yield one["path"]
            todo += reversed(one.values())
        elif isinstance(one, list):
            todo += reversed(one)


def _name_function(entry: CallEntry, names: dict[int | None, str]) -> str:
    """Return the name of the function that a call is of, if it has one."""
    function = entry.function
    return f"/{function}" if isinstance(function, str) else names.get(function, "")


def _is_file(value: dict[str, Any]) -> bool:
    """Tell whether an object is a file of Gradio 4 and later, and no value that looks like one."""
    meta = value.get("meta")
    is_marked = isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"
    return is_marked or ("url" in value and "orig_name" in value)
