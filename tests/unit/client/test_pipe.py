"""What comes from a server names no file of this machine, whatever a pipe feeds it into."""

from __future__ import annotations

import functools
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import gradioproxy as gp
from gradioproxy.files.source import from_data_url
from gradioproxy.values.markers import ServerText, mark_server_texts
from tests.support.web_server import Web, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE_DATA = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": {"type": "string"}, "url": {"type": "string"}},
    "required": ["path"],
}
CALLEES: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "function": lambda f: f,
    "options": lambda f: f.with_options(call_timeout=60),
    "submit": lambda f: f.submit,
    "stream": lambda f: f.stream,
    "check": lambda f: f.check,
    "partial": functools.partial,
    "partial of submit": lambda f: functools.partial(functools.partial(f.submit)),
    "lambda": lambda f: lambda file: f(file=file),
    "marked as a file": lambda f: lambda file: f(gp.file(file)),
}


@pytest.fixture
def app(web: Web) -> Iterator[Any]:
    """Give an app whose function takes a file."""
    serve_app(web, "take")
    part = {"label": "File", "component": "File", "type": FILE_DATA, "parameter_name": "file"}
    text = {"label": "Text", "component": "Textbox", "type": {"type": "string"}}
    described = {"/take": {"parameters": [part], "returns": [text]}}
    web.on("/gradio_api/info", reply_json({"named_endpoints": described, "unnamed_endpoints": {}}))
    with gp.connect(web.url) as session:
        yield session


@pytest.mark.parametrize("callee", CALLEES)
def test_a_servers_text_names_no_file_of_this_machine(
    web: Web, app: Any, tmp_path: Path, callee: str
) -> None:
    """Not even if a function between passes it on."""
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    with pytest.raises(gp.ArgumentError, match="only the caller can name a local path"):
        list(gp.pipe([str(path)], CALLEES[callee](app.take), {"file": 0}))
    assert not any("upload" in target for target in web.paths())


class Pair(NamedTuple):
    """A result of two."""

    text: str
    rows: list[Any]


def test_every_text_of_a_result_is_marked() -> None:
    """What it is stays the same for whoever looks at it."""
    result = Pair("a", [["b", 1], {"c": ("d", None)}])
    marked = mark_server_texts(result)
    assert marked == result
    assert type(marked) is Pair
    found = [marked.text, marked.rows[0][0], marked.rows[1]["c"][0]]
    assert [type(each) for each in found] == [ServerText] * 3
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - made here
    assert [type(each) for each in again] == [ServerText] * 3
    inline = from_data_url(mark_server_texts("data:text/plain;base64,eA=="))
    assert inline is not None


def test_what_goes_into_other_functions_is_what_it_was() -> None:
    """They get texts, which are marked only for us."""
    assert list(gp.pipe(["a", "b"], lambda text: text + "x", {"text": 0})) == ["ax", "bx"]
