"""What a call returned, as a client gets it: text, structure, images, sounds and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp import types

from ..schema.limits import is_shallow
from ..values.simplify import find_files, make_sendable, map_texts, simplify, write_json
from .media import Block, build_block, build_link
from .output_schema import SINGLE, OutputSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..files.file import File
    from .apps import App
    from .bounds import Bounds
    from .kept_files import KeptFiles

_NOTHING = "Done; the function returns nothing."


@dataclass(frozen=True)
class ResultWriter:
    """Writes results.

    Attributes:
        bounds: How much of them is shown.
        kept: Gets their files.
    """

    bounds: Bounds
    kept: KeptFiles

    def write(self, value: Any, output: OutputSchema, app: App) -> types.CallToolResult:
        """Return a result as a client gets it; images and sounds are fetched.

        Args:
            value: What the function returned.
            output: What it declares.
            app: Whose result it is; takes its secrets out of texts.
        """
        if output.schema is None:
            return types.CallToolResult(content=[types.TextContent(text=_NOTHING)])
        hide = app.hide
        unique = {file.url: file for file in find_files(value)}
        shown = dict(list(unique.items())[: self.bounds.kept_files])
        uris = {url: self._keep(file, hide) for url, file in shown.items()}
        for url in unique.keys() - shown.keys():
            uris[url] = hide(unique[url].name)  # more than can be kept
        values = _make_plain(value, output.names, uris, app.make_filter())
        content = self._write_text(values if len(output.names) > 1 else values[SINGLE])
        for url, file in list(shown.items())[: self.bounds.files]:
            content.append(build_block(file, uris[url], self.bounds.media, hide))
        structure = output.arrange(self._take_short(values))
        return types.CallToolResult(content=[*content], structured_content=structure)

    def _keep(self, file: File, hide: Callable[[str], str]) -> str:
        return self.kept.keep(file, hide(file.name), hide(file.mime_type), hide)

    def _write_text(self, plain: Any) -> list[Block]:
        """Return the text of a result, with a link to the whole if it is too long."""
        is_text = isinstance(plain, str)
        text = plain if is_text else write_json(plain)
        if len(text) <= self.bounds.text:
            return [types.TextContent(text=text)]
        name = "result.txt" if is_text else "result.json"
        mime_type = "text/plain" if is_text else "application/json"
        whole = text.encode()
        cut = f"{text[: self.bounds.text]}…\n(the first of {len(text):,} characters"
        if len(whole) > self.bounds.resource:
            return [types.TextContent(text=f"{cut}; more than can be read at once)")]
        uri = self.kept.keep(whole, name, mime_type)
        shown = types.TextContent(text=f"{cut}; the resource {uri} has all of them)")
        return [shown, build_link(uri, name, mime_type, len(whole))]

    def _take_short(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values for which there is room, in their order."""
        left, found = self.bounds.text, {}
        for name, value in values.items():
            size = len(write_json(value))
            # Those who read JSON give up at some depth, and on the whole message with it.
            if size <= left and is_shallow(value):
                found[name] = value
                left -= size
        return found


def _make_plain(
    value: Any, names: Sequence[str], uris: Mapping[str, str], hide: Callable[[str], str]
) -> dict[str, Any]:
    """Return the values of a result as JSON that can be sent: URIs for files, and no secrets.

    Their own names stay what the tool has declared, also where a password is such a word.
    """
    ours = frozenset(uris.values())

    def change(text: str) -> str:
        # A URI stays the one by which the file is found, also where a password is a word in it.
        return text if text in ours else make_sendable(hide(text))

    parts = value if len(names) > 1 else [value]
    return {
        name: map_texts(simplify(part, uris), change)
        for name, part in zip(names, parts, strict=True)
    }
