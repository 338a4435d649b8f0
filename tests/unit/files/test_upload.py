"""Files go up in as few requests as possible, from where they are, and nothing goes up twice."""

from __future__ import annotations

import errno
import hashlib
import io
import math
import os
import re
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    FileNotSaved,
    FileTooLarge,
    JobCancelled,
    ServerError,
    Timeout,
)
from gradioproxy.files.filedata import Upload
from gradioproxy.files.source import (
    BLOCK,
    BytesSource,
    PathSource,
    RemoteSource,
    from_handle,
    sent_name,
)
from gradioproxy.files.upload import MAX_FILES, REMEMBERED, NullObserver, Uploader
from gradioproxy.transport.credentials import Access
from tests.support.disks import FULL, FailingDisk, name_fault
from tests.support.scripted_peer import request_of
from tests.support.web_server import (
    PATIENCE,
    Exchange,
    Reply,
    Web,
    hang_up,
    reply_json,
    transport_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


PATH = "/gradio_api/upload"
HEAD = re.compile(
    rb'content-disposition: form-data; name="(.*?)"; filename="(.*?)"\r\n'
    rb"content-type: (.*?)\r\n\r\n",
    re.IGNORECASE,
)


def parts_of(body: bytes) -> list[tuple[str, str, str, bytes]]:
    """Return field, name, media type and content of each file of a form."""
    boundary, _, _ = body.partition(b"\r\n")
    found = []
    for part in body.split(boundary + b"\r\n")[1:]:
        head = HEAD.match(part)
        assert head is not None
        field, name, kind = (text.decode() for text in head.groups())
        end = part.rindex(b"\r\n" + boundary) if part.endswith(b"--\r\n") else -2
        found.append((field, name, kind, part[head.end() : end]))
    return found


def take(exchange: Exchange) -> None:
    """Take the files, as Gradio does: a script."""
    parts = parts_of(exchange.receive())
    exchange.answer(
        reply_json(
            [f"/tmp/{hashlib.sha256(p[3]).hexdigest()[:8]}/{p[1]}" for p in parts]  # noqa: S108
        )
    )


class Observer:
    """Keeps what it hears; stops an upload of which more than so many bytes were sent."""

    def __init__(self, most: float = math.inf) -> None:
        self.seen: list[tuple[int, int]] = []
        self._most = most

    def should_stop(self) -> bool:
        """Tell whether there is more than was wanted."""
        return (self.seen[-1][0] if self.seen else 0) > self._most

    def report(self, sent: int, total: int) -> None:
        """Keep how far it is."""
        self.seen.append((sent, total))


def source_of(path: Path) -> PathSource:
    """Return the source for a file on disk."""
    return PathSource(str(path), sent_name(path.name), path.stat().st_size)


@pytest.fixture
def uploader(web: Web) -> Uploader:
    """Give an uploader to a server that takes files."""
    web.on(PATH, take)
    return Uploader(transport_to(web), "/gradio_api")


def send(uploader: Uploader, sources: Sequence[Any]) -> list[Upload]:
    """Send files."""
    return uploader.send(sources, NullObserver())


def sent_names(web: Web) -> list[list[str]]:
    """Return the names of the files of each request."""
    return [[part[1] for part in parts_of(request.body)] for request in web.requests]


def test_all_files_go_in_one_request(web: Web, uploader: Uploader, tmp_path: Path) -> None:
    """Files of every kind go in one form, each with its name, its type and its content."""
    path = tmp_path / "größe 1.txt"
    path.write_bytes(b"text\r\n--\r\n")
    with path.open("rb") as handle:
        handle.seek(4)
        sources = [
            source_of(path),
            BytesSource(b"\x00\xff", 'a"b\n.png'),
            from_handle(handle),
            RemoteSource(lambda: [b"re", b"mote"], "r.json", ""),
            BytesSource(b"", "empty"),
        ]
    uploads = send(uploader, sources)

    assert [(r.method, r.path) for r in web.requests] == [("POST", PATH)]
    assert parts_of(web.requests[0].body) == [
        ("files", "größe 1.txt", "text/plain", b"text\r\n--\r\n"),
        ("files", "a%22b%0A.png", "image/png", b"\x00\xff"),
        ("files", "größe 1.txt", "text/plain", b"\r\n--\r\n"),
        ("files", "r.json", "application/json", b"remote"),
        ("files", "empty", "application/octet-stream", b""),
    ]
    assert [(upload.name, upload.size) for upload in uploads] == [
        ("größe 1.txt", 10),
        ('a"b\n.png', 2),
        ("größe 1.txt", 6),
        ("r.json", 6),
        ("empty", 0),
    ]
    assert uploads[3].digest == hashlib.sha256(b"remote").hexdigest()
    assert uploads[3].path.endswith("/r.json")
    assert uploader.uploads == uploads


def test_requests_have_at_most_a_thousand_files(web: Web, uploader: Uploader) -> None:
    """More files than a server takes at once go in several requests, in order."""
    sources = [BytesSource(b"%d" % n, f"{n}.txt") for n in range(MAX_FILES + 1)]

    uploads = send(uploader, sources)

    assert [len(names) for names in sent_names(web)] == [1000, 1]
    assert [upload.name for upload in uploads] == [source.name for source in sources]


def test_nothing_is_no_request(web: Web, uploader: Uploader) -> None:
    """Without files nobody is asked."""
    assert send(uploader, []) == []
    assert web.requests == []


def test_unchanged_content_is_not_sent_again(web: Web, uploader: Uploader, tmp_path: Path) -> None:
    """What went up before is known by its content, wherever it comes from this time."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    first = send(uploader, [source_of(path)])

    os.utime(path, ns=(1, 1))
    again = send(uploader, [source_of(path)])
    (tmp_path / "folder").mkdir()
    moved = path.rename(tmp_path / "folder" / "a.txt")
    elsewhere = send(uploader, [source_of(moved), BytesSource(b"content", "a.txt")])
    fetched = send(uploader, [RemoteSource(lambda: [b"content"], "a.txt", "")])

    assert first == again == elsewhere[:1] == elsewhere[1:] == fetched
    assert len(web.requests) == 1
    assert uploader.uploads == first


def test_changed_content_is_sent_again(web: Web, uploader: Uploader, tmp_path: Path) -> None:
    """A rewrite is noticed that left name, size and time as they were."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"first")
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    first = send(uploader, [source_of(path)])

    path.write_bytes(b"other")
    os.utime(path, ns=(10**18, 10**18))
    after = path.stat()
    other = send(uploader, [source_of(path)])
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)

    path.write_bytes(b"first")
    assert send(uploader, [source_of(path)]) == first
    assert [parts_of(request.body)[0][3] for request in web.requests] == [b"first", b"other"]
    assert first != other


def test_another_name_is_another_file(web: Web, uploader: Uploader) -> None:
    """The same content under another name is sent, as apps go by names."""
    send(uploader, [BytesSource(b"content", "a.txt")])
    send(uploader, [BytesSource(b"content", "b.txt"), BytesSource(b"content", "a.txt")])

    assert sent_names(web) == [["a.txt"], ["b.txt"]]


def test_a_file_that_is_passed_twice_goes_up_once(
    web: Web, uploader: Uploader, tmp_path: Path
) -> None:
    """One file at several places of a call is one file of the form."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    remote = RemoteSource(lambda: [b"remote"], "r", "")

    uploads = send(uploader, [source_of(path), remote, source_of(path), remote])

    assert sent_names(web) == [["a.txt", "r"]]
    assert uploads[:2] == uploads[2:]


def test_forgotten_files_are_sent_again(web: Web, uploader: Uploader) -> None:
    """What an old server had, a new one has not."""
    source = BytesSource(b"content", "a.txt")
    send(uploader, [source])
    uploader.forget()
    assert uploader.uploads == []
    send(uploader, [source])

    assert len(web.requests) == 2


def test_memory_of_uploads_is_bounded(uploader: Uploader) -> None:
    """A session that lives for weeks forgets its oldest files."""
    many = [Upload("a.txt", 1, str(n), f"/tmp/{n}") for n in range(REMEMBERED + 5)]  # noqa: S108
    uploader._remember(many)

    assert uploader.uploads == many[5:]


def test_several_threads_send(web: Web, uploader: Uploader) -> None:
    """Calls at the same time each get the paths of their own files."""
    results: dict[int, list[Upload]] = {}

    def work(number: int) -> None:
        sources = [BytesSource(b"%d.%d" % (number, n), f"{number}.{n}") for n in range(3)]
        results[number] = send(uploader, sources)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {number: [u.name for u in uploads] for number, uploads in results.items()} == {
        number: [f"{number}.{n}" for n in range(3)] for number in range(8)
    }
    assert all(u.path.endswith(f"/{u.name}") for uploads in results.values() for u in uploads)
    assert len(web.requests) == 8


# Files that change meanwhile.


class Changing:
    """A source whose file changes when its first block was read."""

    def __init__(self, path: Path, change: Any) -> None:
        self.path, self.change = path, change
        self.name = path.name
        self.size = path.stat().st_size

    def open(self) -> IO[bytes]:
        """Open the file, with the change behind the first reading."""
        handle = self.path.open("rb", buffering=0)
        read = handle.read

        def changing(size: int = -1) -> bytes:
            block = read(size)
            self.change(self.path)
            return block

        opened: Any = _Wrapped(handle, changing)
        return opened  # type: ignore[no-any-return]


class _Wrapped:
    """A file with another ``read``."""

    def __init__(self, handle: Any, read: Any) -> None:
        self.handle, self.read = handle, read
        self.seek, self.seekable, self.close = handle.seek, handle.seekable, handle.close

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def test_a_growing_file_is_sent_as_long_as_it_was(
    web: Web, uploader: Uploader, tmp_path: Path
) -> None:
    """What is added to a file while it is sent comes too late; what was sent is what is known."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * 3 * BLOCK)

    def grow(path: Path) -> None:
        with path.open("ab") as handle:
            handle.write(b"y" * 1000)

    [upload] = send(uploader, [Changing(path, grow)])

    assert upload.size == 3 * BLOCK
    assert upload.digest == hashlib.sha256(b"x" * 3 * BLOCK).hexdigest()
    assert parts_of(web.requests[0].body)[0][3] == b"x" * 3 * BLOCK


def test_a_shrinking_file_is_an_error_of_the_file(
    web: Web, uploader: Uploader, tmp_path: Path
) -> None:
    """A file that became shorter than was announced is named; nothing is remembered of it."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * 3 * BLOCK)
    other = BytesSource(b"other", "other.txt")

    with pytest.raises(OSError, match=r"log\.txt became shorter while it was sent") as raised:
        send(uploader, [Changing(path, lambda path: os.truncate(path, 10)), other])

    assert type(raised.value) is OSError
    assert uploader.uploads == []
    assert send(uploader, [other])[0].name == "other.txt"
    web.wait_until(lambda: len(web.requests) == 2)


def test_a_file_that_is_gone_is_an_error_of_the_file(
    web: Web, uploader: Uploader, tmp_path: Path
) -> None:
    """A file that was there when the call was made, and is not now, stops the request."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"content")
    source = source_of(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        send(uploader, [BytesSource(b"x"), source])
    assert web.requests == []


FAULTS: dict[str, tuple[Callable[[Path, FailingDisk], object], type[OSError], str]] = {
    "gone": (lambda path, _: path.unlink(), FileNotFoundError, "No such file"),
    "a folder": (lambda path, _: _make_folder(path), IsADirectoryError, "Is a directory"),
    "unreadable": (lambda _, disk: disk.fail("read", errno.EIO), OSError, "Input/output error"),
}
"""What becomes of a file meanwhile, and which error that is."""


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_can_not_be_read_any_more(
    web: Web, uploader: Uploader, disk: FailingDisk, *, fault: str, known: bool
) -> None:
    """Whether it is compared with what was sent before or sent: the error names its path."""
    path = disk.folder / "a.txt"
    path.write_bytes(b"content")
    source = source_of(path)
    if known:
        send(uploader, [BytesSource(b"another", "a.txt")])
    before = len(web.requests), len(uploader.uploads)
    act, kind, said = FAULTS[fault]
    act(path, disk)
    for _ in range(2):
        with pytest.raises(kind, match=said) as raised:
            send(uploader, [BytesSource(b"x", "other"), source])
        assert raised.value.filename == str(path)
        if fault != "unreadable" or known:  # else it is noticed on its way
            assert len(web.requests) == before[0]
    assert len(uploader.uploads) == before[1]
    disk.heal()
    if path.is_dir():
        path.rmdir()
    path.write_bytes(b"content")
    assert [upload.size for upload in send(uploader, [source])] == [7]


# It has no name, and that there is no room is noticed before it is closed.
@pytest.mark.parametrize(
    "fault", [f for f in FULL if f[0] not in {"rename", "close"}], ids=name_fault
)
def test_what_has_no_room_until_it_goes_up(
    web: Web, uploader: Uploader, disk: FailingDisk, fault: tuple[str, int]
) -> None:
    """What comes from elsewhere is kept in a file meanwhile: the error names the folder for it."""
    remote = RemoteSource(lambda: iter([b"x" * BLOCK] * 3), "a.bin", "http://other.test/a.bin")
    disk.fail(*fault)
    for _ in range(2):
        with pytest.raises(FileNotSaved, match=os.strerror(fault[1])) as raised:
            send(uploader, [BytesSource(b"x"), remote])
        assert raised.value.path == str(disk.folder)
        assert str(disk.folder) in str(raised.value)
        with pytest.raises(FileNotSaved, match=str(disk.folder)):
            from_handle(Unseekable(b"y" * BLOCK))
    assert web.requests == []
    disk.heal()
    assert [upload.size for upload in send(uploader, [remote])] == [3 * BLOCK]
    assert from_handle(Unseekable(b"y")).open().read() == b"y"


class Unseekable(io.RawIOBase):
    """What can be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is."""
        return self._content.readinto(buffer)


# Watching.


def test_progress_counts_bytes_of_files(uploader: Uploader) -> None:
    """Whoever watches learns how much there is, and how much of it went."""
    observer = Observer()
    sources = [BytesSource(b"x" * 5 * BLOCK, "a"), BytesSource(b"y" * 10, "b")]
    uploader.send(sources, observer)

    seen = observer.seen
    total = 5 * BLOCK + 10
    assert seen[:2] == [(0, 5 * BLOCK), (0, total)]
    assert seen[-1] == (total, total)
    assert [sent for sent, _ in seen] == sorted(sent for sent, _ in seen)
    assert len(seen) > 5


def test_cancelling_stops_the_upload(web: Web, uploader: Uploader) -> None:
    """An upload that is not wanted any more ends at its next block, with that error."""
    observer = Observer(BLOCK)
    source = BytesSource(b"x" * 40 * BLOCK, "large")

    with pytest.raises(JobCancelled):
        uploader.send([source], observer)

    assert observer.seen[-1][0] < 10 * BLOCK
    assert uploader.uploads == []
    web.wait_until(lambda: len(web.requests) == 1 and web.open_connections == 0)
    assert web.requests[0].size < 40 * BLOCK
    [upload] = send(uploader, [source])
    assert upload.size == 40 * BLOCK


def test_cancelling_stops_the_comparison(web: Web, uploader: Uploader) -> None:
    """The same while a file is compared with what was sent before."""
    source = BytesSource(b"x" * 4 * BLOCK, "large")
    send(uploader, [source])
    with pytest.raises(JobCancelled):
        uploader.send([source], Observer(-1))
    assert len(web.requests) == 1


# Answers.


@pytest.mark.parametrize(
    "reply",
    [
        reply_json([]),
        reply_json(["/tmp/one"]),  # noqa: S108
        reply_json(["/a", "/b", "/c"]),
        reply_json([1, None]),
        reply_json({"detail": "no"}),
        reply_json(None),
        reply_json("text"),
        Reply(200, b"<html>"),
        Reply(404, b'{"detail":"Not Found"}'),
        Reply(500, b"Internal Server Error"),
        Reply(302, b"", {"Location": "/login"}),
    ],
)
def test_an_answer_that_is_no_list_of_the_files(web: Web, uploader: Uploader, reply: Reply) -> None:
    """What is not one path for each file is an error of the server, and nothing is remembered."""
    web.on(PATH, reply)
    with pytest.raises(ServerError) as raised:
        send(uploader, [BytesSource(b"1", "a"), BytesSource(b"2", "b")])

    assert raised.value.status == reply.status
    assert uploader.uploads == []
    assert len(web.requests) == 1


def test_an_empty_list_says_how_many_were_taken(web: Web, uploader: Uploader) -> None:
    """Gradio answers a form that it doesn't understand with success and no files."""
    web.on(PATH, reply_json([]))
    with pytest.raises(ServerError, match="The server took 0 of 2 files"):
        send(uploader, [BytesSource(b"1", "a"), BytesSource(b"2", "b")])


def test_too_large(web: Web, uploader: Uploader) -> None:
    """A file that the server finds too large is an error that names it and what the server says."""
    web.on(PATH, Reply(413, b"File size exceeded maximum allowed size of 9 bytes."))
    with pytest.raises(FileTooLarge, match=r"a\.txt.*maximum allowed size of 9 bytes"):
        send(uploader, [BytesSource(b"0123456789", "a.txt")])


def test_a_lost_connection_has_run_nothing(web: Web, uploader: Uploader) -> None:
    """When the connection breaks under an upload, the function has not been called."""
    web.on(PATH, hang_up)
    with pytest.raises(ConnectionLost) as raised:
        send(uploader, [BytesSource(b"x")])
    assert not raised.value.may_have_run
    assert len(web.requests) == 1


def test_other_errors_are_those_of_the_connection(web: Web) -> None:
    """A server that is silent, gone or wants a login is no error of the files."""
    over = threading.Event()
    source = BytesSource(b"x")

    def keep_silent(exchange: Exchange) -> None:
        over.wait(PATIENCE)
        exchange.drop()

    web.on(PATH, keep_silent)
    with pytest.raises(Timeout):
        send(Uploader(transport_to(web, Access(timeout=0.05)), "/gradio_api"), [source])
    over.set()
    for status in (401, 403):
        web.on(PATH, Reply(status))
        with pytest.raises(AuthenticationError):
            send(Uploader(transport_to(web), "/gradio_api"), [source])
    with Web() as gone:
        pass
    with pytest.raises(ConnectError):
        send(Uploader(transport_to(gone), "/gradio_api"), [source])


def test_after_a_login_the_files_are_sent_again_from_their_start(web: Web) -> None:
    """A login that has expired costs a second request, which has all of the files."""
    web.on(PATH, Reply(401), take)
    web.on("/login", reply_json({"success": True}))
    transport = transport_to(web, Access(auth=("user", "password")))

    uploads = send(
        Uploader(transport, "/gradio_api"), [BytesSource(b"x" * BLOCK, "a"), BytesSource(b"y", "b")]
    )

    assert web.paths() == [PATH, "/login", PATH]
    assert [upload.size for upload in uploads] == [BLOCK, 1]
    assert uploads[0].digest == hashlib.sha256(b"x" * BLOCK).hexdigest()


# What it costs.


def run(code: str, *arguments: object) -> str:
    """Run a program of our own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_files_are_never_in_memory(web: Web, tmp_path: Path) -> None:
    """A large file goes from disk to the server through a little memory, hashed on the way."""
    web.keep = False
    web.on(PATH, reply_json(["/a"]))
    path = tmp_path / "large"
    with path.open("wb") as handle:
        handle.truncate(96 << 20)

    growth = run(
        """
        import resource, sys
        from gradioproxy.transport.credentials import Access
        from gradioproxy.transport.url import parse_address
        from gradioproxy.files.source import PathSource, from_handle
        from gradioproxy.transport.http import Transport
        from gradioproxy.files.upload import NullObserver, Uploader

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        uploader = Uploader(Transport(parse_address(sys.argv[1]), Access()), "/gradio_api")
        observer = NullObserver()
        before = peak()
        [upload] = uploader.send([PathSource(sys.argv[2], "large", 96 << 20)], observer)
        uploader.send([PathSource(sys.argv[2], "large", 96 << 20)], observer)
        with open(sys.argv[2], "rb") as handle:
            from_handle(handle)
        assert upload.size == 96 << 20
        print((peak() - before) // (1024 if sys.platform != "darwin" else 1024 * 1024))
        """,
        web.url,
        path,
    )

    assert int(growth) < 32
    assert [request.size // (96 << 20) for request in web.requests] == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_many_files_are_not_open_at_once(web: Web, uploader: Uploader, tmp_path: Path) -> None:
    """A folder of files goes up in one request in a process that may open a few."""
    del uploader
    for number in range(200):
        (tmp_path / f"{number}.txt").write_text(str(number))

    taken = run(
        """
        import pathlib, resource, sys
        from gradioproxy.transport.credentials import Access
        from gradioproxy.transport.url import parse_address
        from gradioproxy.files.source import PathSource
        from gradioproxy.transport.http import Transport
        from gradioproxy.files.upload import NullObserver, Uploader

        uploader = Uploader(Transport(parse_address(sys.argv[1]), Access()), "/gradio_api")
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        paths = pathlib.Path(sys.argv[2]).iterdir()
        sources = [PathSource(str(path), path.name, 1) for path in paths]
        print(len(uploader.send(sources, NullObserver())))
        """,
        web.url,
        tmp_path,
    )

    assert taken == "200"
    assert len(web.requests) == 1


@pytest.mark.parametrize("size", [99, 101])
def test_what_is_written_first_is_measured_before_it_goes_up(web: Web, size: int) -> None:
    """As an image, whose size nobody knows before it is one."""
    web.on("/gradio_api/app_id", reply_json({"app_id": 1}))
    web.on(PATH, reply_json(["/srv/a.png"]))
    source = RemoteSource(lambda: iter([b"x" * size]), "a.png", "http://other.test/a.png")
    assert source.size is None
    app = replace(request_of().app, prefix="/gradio_api", app_id=1, max_file_size=100)
    uploader = Uploader(transport_to(web), "/gradio_api")
    if size <= 100:
        assert len(uploader.send([source], NullObserver(), app=app)) == 1
        return
    with pytest.raises(FileTooLarge, match=r"a\.png: got 101 bytes; the app takes files of at"):
        uploader.send([source], NullObserver(), app=app)
    assert PATH not in web.paths()
