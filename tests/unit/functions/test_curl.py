"""The lines for a shell are pasted into bash, and do the call and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.files.file import File
from tests.support.web_server import (
    FILE_SCHEMA,
    TEXT_SCHEMA,
    Reply,
    Web,
    redirect,
    reply_json,
    serve_app,
    transport_to,
)

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "/gradio_api"
UPLOAD, CALL = f"{PREFIX}/upload", f"{PREFIX}/call/convert"
PATHS = [json.dumps([f"/srv/it's $(touch here) ä\\{number}"]).encode() for number in range(3)]
TOKEN = "hf_secret"  # noqa: S105 - of nobody

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)


TEXT = {"label": "Text", "component": "Textbox", "type": TEXT_SCHEMA}
FILES = {"label": "Files", "component": "File", "type": {"type": "array", "items": FILE_SCHEMA}}
CONFIG = {
    "version": "5.50.0",
    "protocol": "sse_v3",
    "api_prefix": PREFIX,
    "components": [
        {"id": number, "type": kind, "props": {}} for number, kind in enumerate(("textbox", "file"))
    ],
    "dependencies": [{"api_name": "convert", "inputs": [0, 1], "outputs": [], "backend_fn": True}],
}
CONVERT = {
    "parameters": [{**TEXT, "parameter_name": "text"}, {**FILES, "parameter_name": "files"}],
    "returns": [],
}
INFO = {"named_endpoints": {"/convert": CONVERT}, "unnamed_endpoints": {}}


@pytest.fixture
def server(web: Web) -> Web:
    """Give an app with one function that takes a text and files."""
    web.on("/config", reply_json(CONFIG))
    web.on(f"{PREFIX}/info", reply_json(INFO))
    web.on(UPLOAD, *(Reply(body=path) for path in PATHS))
    web.on(CALL, reply_json({"event_id": "E1"}))
    web.on(f"{CALL}/E1", Reply(body=b"event: complete\n"))
    return web


def paste(lines: str, folder: Path, shell: str = "bash") -> tuple[str, str]:
    """Run lines as somebody who pastes them, in a folder; return what is shown and what failed."""
    ran = subprocess.run(
        [shell], input=lines, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return ran.stdout, ran.stderr


def posted(web: Web, path: str = CALL) -> list[Any]:
    """Return the data of the calls that were posted."""
    return [json.loads(request.body)["data"] for request in web.requests if request.path == path]


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_call_without_files(server: Web, tmp_path: Path, shell: str) -> None:
    """The call is posted, and its result read under the name that the answer gave it."""
    text = 'it\'s "$(touch here)" `id` \\ \n !! <ä>'
    with gp.connect(server.url) as app:
        lines = app.convert.check(text, []).curl
    assert paste(lines, tmp_path, shell)[0] == "event: complete\n"
    assert posted(server) == [[text, []]]
    assert list(tmp_path.iterdir()) == []


def test_files_go_up_by_their_paths(server: Web, tmp_path: Path) -> None:
    """What the server calls them goes into the call as it is."""
    names = ["a.txt,secret.txt", "b;headers=@secret.txt", 'it\'s "q" \\ $(touch here) ä.txt']
    here = tmp_path / "here"
    here.mkdir()
    (here / "secret.txt").write_text("SECRET")
    for name in names:
        (tmp_path / name).write_text(f"content of {name}")
    with gp.connect(server.url) as app:
        lines = app.convert.check("x", [tmp_path / name for name in names]).curl
    shown, errors = paste(lines, here)
    assert (shown, errors.count("curl:")) == ("event: complete\n", 0)
    bodies = [request.body.decode() for request in server.requests if request.path == UPLOAD]
    assert [f"content of {name}" in body for name, body in zip(names, bodies, strict=True)] == [
        True,
        True,
        True,
    ]
    assert not any("SECRET" in body for body in bodies)
    [[_, files]] = posted(server)
    assert [file["path"] for file in files] == [json.loads(path)[0] for path in PATHS]
    assert sorted(path.name for path in here.iterdir()) == ["secret.txt"]


@pytest.mark.parametrize(
    "name", ["secret.txt", "a.txt,secret.txt", "x;headers=@secret.txt", '"', "-", "<secret.txt"]
)
def test_a_name_that_another_app_gave_is_no_file_here(
    server: Web, tmp_path: Path, name: str
) -> None:
    """It is a placeholder, which no file is called like."""
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "x").write_text("SECRET")
    file = File({"path": "/srv/x", "orig_name": name}, transport_to("http://127.0.0.1:9"))
    with gp.connect(server.url) as app:
        lines = app.convert.check("x", [file, b"bytes"]).curl
    paste(lines, tmp_path)
    assert not any(b"SECRET" in request.body for request in server.requests)
    assert server.paths().count(UPLOAD) == 0
    assert lines.count('files=@"<') == 2


def test_names_of_the_callers_that_cant_be_shown_are_placeholders(
    server: Web, tmp_path: Path
) -> None:
    """A line end would cut the line, and tab is a key in a shell."""
    path = tmp_path / "a\nb\tc.txt"
    path.write_text("x")
    with gp.connect(server.url) as app:
        lines = app.convert.check("x", [path]).curl.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("file1=$(curl -fsS -F 'files=@\"<a_b")


@pytest.mark.parametrize(
    "path", ["/$(touch$IFS'here')", "/;touch$IFS'here';:", "/&touch$IFS'here'&:"]
)
def test_the_address_is_no_command(server: Web, tmp_path: Path, path: str) -> None:
    """Wherever the description was found."""
    server.on("/config", redirect(f"{path}/config"))
    server.on(f"{path}/config", reply_json(CONFIG))
    server.on(f"{path}{PREFIX}/info", reply_json(INFO))
    with gp.connect(server.url) as app:
        assert app.url == server.url + path
        lines = app.convert.check("x", []).curl
    server.otherwise = reply_json({"event_id": "E1"})
    server.requests.clear()
    paste(lines, tmp_path)
    assert server.paths() == [f"{path}{CALL}", f"{path}{CALL}/E1"]
    assert list(tmp_path.iterdir()) == []


def test_the_address_is_no_pattern(server: Web, tmp_path: Path) -> None:
    """Curl takes brackets for one: it would ask for three pages."""
    server.on("/%5B1-3%5D/config", reply_json(CONFIG))
    server.on(f"/%5B1-3%5D{PREFIX}/info", reply_json(INFO))
    with gp.connect(f"{server.url}/[1-3]") as app:
        lines = app.convert.check("x", []).curl
    server.otherwise = reply_json({"event_id": "E1"})
    server.requests.clear()
    paste(lines, tmp_path)
    assert server.paths() == [f"/[1-3]{CALL}", f"/[1-3]{CALL}/E1"]


def test_an_answer_is_no_command_and_no_pattern(server: Web, tmp_path: Path) -> None:
    server.on(CALL, reply_json({"event_id": "{1,2}$(touch$IFS'here');touch$IFS'here'"}))
    with gp.connect(server.url) as app:
        lines = app.convert.check("x", []).curl
    server.requests.clear()
    paste(lines, tmp_path)
    assert server.paths() == [CALL, f"{CALL}/{{1,2}}$(touch$IFS'here');touch$IFS'here'"]
    assert list(tmp_path.iterdir()) == []


def test_a_long_call_is_no_argument(server: Web, tmp_path: Path) -> None:
    """Systems limit how long these can be."""
    with gp.connect(server.url) as app:
        lines = app.convert.check("x" * 200_000, []).curl
    assert paste(lines, tmp_path)[0] == "event: complete\n"
    assert posted(server) == [["x" * 200_000, []]]


def test_secrets_are_placeholders(server: Web) -> None:
    """In each line, and within quotes."""
    with gp.connect(server.url, token=TOKEN, headers={"X-Key": "it's"}) as app:
        lines = app.convert.check("x", [b"x"]).curl
    assert [line.count("'Authorization: Bearer <token>'") for line in lines.splitlines()] == [1] * 3
    assert [line.count("'X-Key: <value>'") for line in lines.splitlines()] == [1] * 3
    assert not any(secret in lines for secret in (TOKEN, "it's"))


@pytest.mark.parametrize(
    ("version", "component", "expected"),
    [
        ("3.50.2", "image", "data:image/png;base64,iVBORw0KGgo="),
        ("3.16.2", "file", {"name": "a.png", "data": "data:image/png;base64,iVBORw0KGgo="}),
    ],
)
def test_before_gradio_4_files_are_in_the_call(
    web: Web, tmp_path: Path, version: str, component: str, expected: object
) -> None:
    """And the call goes past the queue, as curl speaks no websockets."""
    serve_app(
        web,
        version=version,
        protocol="ws",
        api_prefix="",
        enable_queue=True,
        components=[{"id": 1, "type": component, "props": {"label": "File"}}],
        dependencies=[{"api_name": "convert", "inputs": [1], "outputs": [], "backend_fn": True}],
    )
    web.on("/run/predict", reply_json({"data": []}))
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with gp.connect(web.url) as app:
        lines = app.convert.check(path).curl
    assert "# This goes past the queue" in lines
    assert paste(lines, tmp_path)[0] == '{"data": []}'
    assert posted(web, "/run/predict") == [[expected]]


def test_a_table_is_left_to_who_pastes_the_lines(web: Web) -> None:
    """Only Gradio 3.16 to 3.18 has the rows of a file in a call."""
    serve_app(
        web,
        version="3.16.2",
        api_prefix="",
        components=[{"id": 1, "type": "timeseries", "props": {"label": "File"}}],
        dependencies=[{"api_name": "convert", "inputs": [1], "outputs": [], "backend_fn": True}],
    )
    with gp.connect(web.url) as app:
        lines = app.convert.check(b"a,b\n1,2\n").curl
    assert lines.startswith("# Write the rows of file.bin in place of its name below.\n")
    assert '"<file.bin>"' in lines


@pytest.mark.parametrize("batch", [False, True])
def test_what_happened_on_the_page(web: Web, tmp_path: Path, batch: bool) -> None:
    """The simple API has no place for it: it goes past the queue, with a word of that."""
    config: dict[str, Any] = dict(CONFIG)
    config["dependencies"] = [{**each, "batch": batch} for each in config["dependencies"]]
    web.on("/config", reply_json(config))
    web.on(f"{PREFIX}/info", reply_json(INFO))
    web.on(f"{PREFIX}/run/predict", reply_json({"data": []}))
    event = {"value": "it's $(touch here)"}
    with gp.connect(web.url) as app:
        called = app.convert.with_options(event_data=event, trigger_id=1)
        lines = called.check("x", []).curl
    assert "# This goes past the queue" in lines
    web.requests.clear()
    assert paste(lines, tmp_path)[0] == '{"data": []}'
    (request,) = web.requests
    body = json.loads(request.body)
    assert (body["event_data"], body["trigger_id"], body["fn_index"]) == (event, 1, 0)
    assert list(tmp_path.iterdir()) == []
