"""Real disks that are full or read-only, and users without a home; see `tests.support.disks`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.support.disks import IN_NAMESPACE, why_no_namespace
from tests.support.web_server import Reply, serve_app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.hub_server import StandIn
    from tests.support.web_server import Web

LARGE = 4 << 20

DISK = """
import contextlib, io, os, subprocess, sys, tempfile
from pathlib import Path
import gradioproxy as gp
from gradioproxy.files.call_files import CallFiles
from gradioproxy.files.source import from_handle
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address

url, folder = sys.argv[1], Path(sys.argv[2])
disk = folder / "disk"

def mount(options):
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    subprocess.run(command, check=True)

disk.mkdir()
mount("size=1m")
os.environ["TMPDIR"] = str(disk)
os.environ["HF_HOME"] = str(disk / "hf")
tempfile.gettempdir()  # a disk that is full now is left out by Python itself

class Once(io.RawIOBase):
    left = 4 << 20
    def readable(self):
        return True
    def readinto(self, buffer):
        size = min(self.left, len(buffer))
        self.left -= size
        return size

transport = Transport(Address(url), Access())
def make(name, into=None, **more):
    made = CallFiles(transport, "/gradio_api", into, lambda task: task())
    file = made.make_file({"path": f"/srv/{name}", **more})
    made.end_call()
    return file

def stream(into=None):
    return make("run/playlist.m3u8", into, is_stream=True, orig_name="a.aac")

WAYS = {
    "str": lambda name: str(make(name)),
    "download_dir": lambda name: str(make(name, disk / "new")),
    "save": lambda name: make(name).save(disk / "b.bin"),
    "save over": lambda name: make(name).save(disk / "old.bin"),
    "save to a folder": lambda name: make(name).save(disk),
    "stream": lambda name: str(stream(disk)),
    "spool": lambda name: from_handle(Once()),
}

def files():
    return sorted(str(p.relative_to(disk)) for p in disk.rglob("*") if not p.is_dir())

def check(reason, name):
    for way, act in WAYS.items():
        for _ in range(2):
            try:
                act(name)
            except gp.FileNotSaved as error:
                assert str(disk) in error.path and error.path in str(error), (way, error)
                assert reason in str(error) and ".part" not in str(error), (way, error)
            else:
                raise AssertionError(way)
            assert files() == ["old.bin"], (way, files())
    assert (disk / "old.bin").read_bytes() == b"before"
    assert make(name).bytes()

def works():
    assert Path(make("small")).read_bytes() == b"content"
    kept = make("small").save(disk)
    assert kept.read_bytes() == b"content"
    kept.unlink()
    Path(make("small")).unlink()
    for path in disk.glob("gradioproxy-*/*/*"):
        path.unlink()
    assert files() == ["old.bin"], files()

(disk / "old.bin").write_bytes(b"before")
check("No space left on device", "large")
works()
mount("remount,ro")
check("Read-only file system", "small")
try:
    gp.hub.set_token("hf_aliceALICEalice")
except gp.FileNotSaved as error:
    assert str(disk / "hf") in error.path and "Read-only" in str(error), error
else:
    raise AssertionError
mount("remount,rw")
works()
room = disk / "room"
with contextlib.suppress(OSError), room.open("wb", buffering=0) as file:
    while True:
        file.write(bytes(4096))
for path in (disk / "c.bin", disk / "old.bin"):
    try:
        make("small").save(path)
    except gp.FileNotSaved as error:
        assert error.path == str(path), error
    else:
        raise AssertionError
try:
    gp.hub.set_token("hf_aliceALICEalice")
except gp.FileNotSaved as error:
    assert str(disk / "hf") in error.path and "No space" in str(error), error
else:
    raise AssertionError
room.unlink()
assert files() == ["old.bin"], files()
works()
gp.hub.set_token("hf_aliceALICEalice")
assert files() == ["hf/stored_tokens", "hf/token", "old.bin"], files()
assert gp.hub.whoami().name == "alice"
"""


def run(program: str, *arguments: object, within: tuple[str, ...], **env: str | None) -> None:
    """Run a program that has to end well and says nothing."""
    changed: Mapping[str, str | None] = {**os.environ, **env}
    done = subprocess.run(
        [*within, sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        env={name: value for name, value in changed.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_small_disk(web: Web, hub: StandIn, tmp_path: Path) -> None:
    """Full by what is written or before, read-only and well again, by each way to it."""
    if reason := why_no_namespace():
        pytest.skip(f"{reason}: unit/files/test_saving.py has the same with injected faults")
    playlist = "/gradio_api/stream//srv/run/playlist"
    web.on("/gradio_api/file=/srv/large", Reply(body=bytes(LARGE)))
    web.on("/gradio_api/file=/srv/small", Reply(body=b"content"))
    web.on(f"{playlist}.m3u8", Reply(body=b"#EXTM3U\n#EXT-X-ENDLIST\n"))
    web.on(f"{playlist}-file", Reply(body=b"\xff\xf1" + bytes(LARGE)))
    run(DISK, web.url, tmp_path, within=IN_NAMESPACE)
    assert hub.requests


JOURNALS = """
import os, subprocess, sys
from pathlib import Path
import gradioproxy as gp
from gradioproxy.many.keys import Key
from gradioproxy.many.recorder import Recorder

disk = Path(sys.argv[1])

def mount(options):
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
    subprocess.run(command, check=True)

def write(name, is_killed):
    child = os.fork()
    if child == 0:
        recorder = Recorder(disk / name, {"the function": "/f"})
        for number in (1, 2):
            recorder.claim(Key(bytes([number]) * 32, "{}"))
            recorder.note_sending(number)
        recorder.note_result(1, '{"data": ["result"]}')
        if not is_killed:
            recorder.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

def read(name):
    with gp.Journal(disk / name) as journal:
        return journal.counts["done"], journal.counts["unknown"], [each.state for each in journal]

def fails(name, words):
    try:
        Recorder(disk / name, {"the function": "/f"})
    except gp.JournalError as error:
        assert words in str(error).lower() and error.path == str(disk / name), error
    else:
        raise AssertionError

mount("size=1m")
write("ended", is_killed=False)
write("killed", is_killed=True)
mount("remount,ro")
for name in ("ended", "killed"):
    assert read(name) == (1, 1, ["done", "unknown"]), name
    fails(name, "read-only")
fails("new", "read-only")
mount("remount,rw")
room = disk / "room"
try:
    room.write_bytes(bytes(1 << 20))
except OSError:
    pass
fails("ended", "full")
room.unlink()
for name in ("ended", "killed"):
    assert read(name) == (1, 1, ["done", "unknown"]), name
    Recorder(disk / name, {"the function": "/f"}).close()
"""


def test_journals(tmp_path: Path) -> None:
    """What was read-only or full is said; what is in a journal can be read there, and is kept."""
    if reason := why_no_namespace():
        pytest.skip(f"{reason}: unit/many/test_journal_file.py has a disk that is full")
    run(JOURNALS, tmp_path, within=IN_NAMESPACE)


NOBODY = ("unshare", "--user", "--map-user=54321")

HOMELESS = """
import os, sys
from pathlib import Path
import gradioproxy as gp

assert os.getuid() == 54321 and not Path(os.path.expanduser("~")).is_absolute()
before = os.listdir()
with gp.connect("alice/app") as app:
    assert "/echo" in app
    assert app.echo.__doc__
for ask in (gp.hub.whoami, lambda: gp.hub.spaces(mine=True)):
    try:
        ask()
    except gp.AuthenticationError as error:
        assert "there is none in token=, HF_TOKEN or ~" in str(error), error
    else:
        raise AssertionError
try:
    gp.hub.set_token("hf_aliceALICEalice")
except gp.FileNotSaved as error:
    assert "HF_HOME names another folder" in str(error), error
else:
    raise AssertionError
assert os.listdir() == before
assert gp.hub.whoami(token="hf_aliceALICEalice").name == "alice"
"""


def test_a_user_whom_no_list_knows(hub: StandIn) -> None:
    """Without ``HOME`` either, as in many containers: what needs no home folder works."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here; unit/hub/test_tokens.py has the same")
    if subprocess.run([*NOBODY, "true"], capture_output=True, check=False).returncode:
        pytest.skip("there are no user namespaces here; unit/hub/test_tokens.py has the same")
    hub.add_space("alice/app")
    serve_app(hub.front, "echo")
    unset = dict.fromkeys(("HOME", "HF_HOME"))
    run(HOMELESS, within=NOBODY, **unset)
