"""A call as lines for a shell (POSIX's, and so bash's), with curl.

Rule 1: the lines run as they are, and do nothing but the call. Whatever comes from somebody else
stands in them as one quoted word: addresses, names, values. Rule 2: curl reads no file but those
that the caller named by a path, by their whole paths: a name that a server or an open file gave
must not stand for what lies in the folder where the lines are pasted. Rule 3: no secret is shown.
"""

from __future__ import annotations

import re
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..files.filedata import InlineWriter, RowsWriter, Upload
from ..files.source import PathSource, mime_type
from ..protocols.conversation import NO_EVENT
from ..text import as_json, clean, one_line

if TYPE_CHECKING:
    from ..files.payload import FileSlot, Payload
    from ..files.source import Source
    from ..protocols.conversation import PageEvent
    from ..schema.endpoint import JSON, App, Endpoint
    from ..transport.http import Transport

# Linux takes no argument of a program that has more than 128 KiB.
_LONGEST_ARGUMENT = 100_000
_PAST_QUEUE = (
    "# This goes past the queue, which curl can't speak with: not every app lets it, and of "
    "partial results only the first one comes."
)


def render_curl(
    transport: Transport,
    app: App,
    endpoint: Endpoint,
    payload: Payload,
    event: PageEvent = NO_EVENT,
) -> str:
    """Return the lines for a call.

    Args:
        transport: The way to the app.
        app: The app.
        endpoint: What is called.
        payload: What is sent; its files are not read.
        event: What of the page the call is made for. Only what goes past the queue can say it.
    """
    base = transport.address.url + app.prefix
    has_token = endpoint.wants_token and transport.access.oauth_token and transport.is_own(base)
    secret = {"oauth_token": "<oauth_token>"} if has_token else {}
    # Else curl takes these in a URL for patterns, and asks for all that they stand for.
    curl = "curl -g" if re.search(r"[\[\]{}]", base) else "curl"
    headers = "".join(
        " -H " + shlex.quote(f"{name}: {value}") for name, value in transport.shown_headers.items()
    )
    mark = secrets.token_hex(16)  # as a server can't put it into a value
    values = [_write_file(slot, f"{mark}{slot.index + 1};") for slot in payload.slots]
    data = payload.fill(values)
    lines = [
        _render_file(slot, f"{curl} -fsS{headers}", f"{base}/upload") for slot in payload.slots
    ]
    has_content = any(isinstance(slot.writer, InlineWriter) for slot in payload.slots)

    query = _show_query(transport, app)

    def post(url: str, body: Any, options: str = "") -> str:
        url += f"?{query}" if query else ""
        command = f"{curl}{options}{headers} -H 'Content-Type: application/json' -d"
        word = _quote_json(body, mark)
        if has_content or len(word.encode()) > _LONGEST_ARGUMENT:
            return f"printf %s {word} | {command} @- {shlex.quote(url)}"
        return f"{command} {word} {shlex.quote(url)}"

    is_simple = endpoint.is_named and app.release.has_simple_api and not endpoint.is_rendered
    if event == NO_EVENT and is_simple:
        name = quote(endpoint.name.removeprefix("/"), safe="", errors="replace")
        url = f"{base}/call/{name}"
        lines.append(f"event=$({post(url, {'data': data, **secret}, ' -fsS')} | cut -d'\"' -f4)")
        # What the server says is no pattern either.
        lines.append(f'curl -gN{headers} {shlex.quote(f"{url}/")}"$event"')
    else:
        lines += [_PAST_QUEUE] if endpoint.queued else []
        lines.append(
            post(f"{base}/run/predict", {**_build_direct_body(endpoint, data, event), **secret})
        )
    return "\n".join(lines)


def _show_query(transport: Transport, app: App) -> str:
    """Return what calls have behind the question mark, with placeholders for the values."""
    if not transport.requester.find_query(app):
        return ""
    names = [quote(name, safe="") for name, _ in transport.address.parameters]
    return "&".join(f"{name}=<{name}>" for name in names)


def _build_direct_body(endpoint: Endpoint, data: list[Any], event: PageEvent) -> dict[str, Any]:
    fields = {"event_data": event.data, "trigger_id": event.trigger_id}
    more = {name: value for name, value in fields.items() if value is not None}
    if endpoint.is_rendered:  # it is there for one session alone, whose hash is a secret of a kind
        more["session_hash"] = "<session_hash>"
    if endpoint.batch:
        batch = [[value] for value in data]
        return {"data": batch, "fn_index": endpoint.function, "batched": True, **more}
    return {"data": data, "fn_index": endpoint.function, **more}


def _write_file(slot: FileSlot, stand_in: str) -> JSON:
    """Return what is sent for a file.

    Args:
        slot: Its place.
        stand_in: What stands for what the shell knows of it: where it is on the server, or its
            content.
    """
    writer, source = slot.writer, slot.source
    if isinstance(writer, RowsWriter):
        return f"<{source.name}>"
    if isinstance(writer, InlineWriter):
        return writer.write_data_url(source.name, stand_in)
    size: Any = source.size  # unknown of what was not fetched, which servers accept
    return writer.write_upload(Upload(source.name, size, "", stand_in))


def _render_file(slot: FileSlot, curl: str, url: str) -> str:
    """Return the line that makes a variable of a file; what it holds goes into JSON as it is."""
    source = slot.source
    path = _find_path(source)
    if isinstance(slot.writer, RowsWriter):
        return f"# Write the rows of {one_line(source.name)} in place of its name below."
    if isinstance(slot.writer, InlineWriter):
        head = shlex.quote(f"data:{mime_type(source.name)};base64,")
        return f"file{slot.index + 1}={head}$(base64 < {shlex.quote(path)} | tr -d '\\n')"
    form = f"files=@{_quote_in_form(path)}"
    if source.name != Path(path).name:
        form += f";filename={_quote_in_form(clean(source.name))}"
    upload = f"{curl} -F {shlex.quote(form)} {shlex.quote(url)}"
    return f"file{slot.index + 1}=$({upload} | cut -d'\"' -f2)"


def _find_path(source: Source) -> str:
    """Return the whole path of a file, or its name as a placeholder if it has none to be shown."""
    if isinstance(source, PathSource):
        path = source.path
        if path == clean(path) and not re.search(r"[\n\t]", path):
            return path
    return f"<{one_line(source.name)}>"


def _quote_in_form(text: str) -> str:
    """Return a text as curl reads it as one part of ``-F``, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quote_json(body: Any, mark: str) -> str:
    """Return JSON as one word of a shell, with a file's variable where its stand-in is."""
    # No pattern: the mark is another one each time, and to compile it takes longer than all else.
    text, *others = as_json(body).split(mark)
    words = [shlex.quote(text)]
    for other in others:
        number, _, text = other.partition(";")
        words += [f'"$file{number}"', shlex.quote(text)]
    return "".join(words)
