"""A notebook's IPython that notes what is published, and what no display may have in it."""

from __future__ import annotations

import itertools
import sys
import threading
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = 60
_numbers = itertools.count(1)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "</pre></td></table><iframe srcdoc='x'>",
    "$\\href{javascript:alert(1)}{x}$",
    "\\(x\\) \\[y\\] \\begin{align}",
    "a\u202eb\u2066c\x1b[31md\u200be\x00",
    "&lt;script&gt;",
)

_ELEMENTS = {
    *("div", "span", "p", "b", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
    *("ol", "li", "figure", "figcaption", "img", "audio", "video", "progress"),
}
_ATTRIBUTES = {"style", "src", "alt", "title", "controls", "preload", "value", "max", "start"}
_MEDIA = ("data:image/", "data:audio/", "data:video/")


class _Checker(HTMLParser):
    """Notes whatever is in a page that has no business there, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            self.wrong.append(tag)
        self.wrong += [name for name, _ in attrs if name not in _ATTRIBUTES]
        for name, value in attrs:
            if name == "src" and not str(value).startswith(_MEDIA):
                self.wrong.append(str(value))
            if name == "style" and ("url" in str(value) or "expression" in str(value)):
                self.wrong.append(str(value))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read_page(page: str) -> str:
    """Return the text of HTML that was made for a notebook, which must have nothing else in it.

    No element but those that are known, in order; no handler, no address but of an image, a sound
    or a film that is in the page itself; nothing that reorders text, and no formula.
    """
    checker = _Checker()
    checker.feed(page)
    checker.close()
    assert checker.wrong == []
    assert checker.open == []
    assert not set("\u202e\u2066\u200b\x1b\x00") & set(page)
    assert not any("$" in text[1:] or "$" in text[:-1] for text in checker.texts)
    assert not any("\\" in text and text != "\\" for text in checker.texts)
    return "".join(checker.texts)


class ZMQInteractiveShell:
    """A notebook's IPython, by its name.

    Attributes:
        published: What was shown, as data, identity and whether in the place of something else.
        cell: What the cell that runs is known by.
    """

    def __init__(self) -> None:
        self.published: list[tuple[Mapping[str, Any], str, bool]] = []
        self.display_formatter = SimpleNamespace(active_types=["text/plain", "text/html"])
        self.display_pub = self
        self.fails = False
        self.cell = f"cell of test {next(_numbers)}"
        self._changed = threading.Condition()

    def get_parent(self) -> dict[str, Any]:
        """Return the message with which the cell that runs was sent."""
        return {"header": {"msg_id": self.cell}}

    def publish(
        self, data: Mapping[str, Any], _: Any, *, transient: Mapping[str, str], update: bool
    ) -> None:
        """Note what is shown."""
        if self.fails:
            raise RuntimeError("the kernel is ending")
        with self._changed:
            self.published.append((data, transient["display_id"], update))
            self._changed.notify_all()

    def wait(self, condition: Callable[[dict[str, Mapping[str, Any]]], Any]) -> None:
        """Wait until what is to be seen is as it should be."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.seen), SECONDS), self.seen

    @property
    def seen(self) -> dict[str, Mapping[str, Any]]:
        """What is to be seen, by identity."""
        return {identity: data for data, identity, _ in self.published}


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> ZMQInteractiveShell:
    """Let the code run in a notebook."""
    shell = ZMQInteractiveShell()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return shell
