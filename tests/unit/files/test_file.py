"""Files that an app sent: fetched when they are needed, kept where they belong, safe to use."""

from __future__ import annotations

import copy
import functools
import gzip
import os
import pickle
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gradioproxy.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    FileGone,
    RateLimited,
    ServerError,
    Timeout,
)
from gradioproxy.files.file import File
from gradioproxy.files.private import make_temporary_folder
from gradioproxy.transport.credentials import Access
from tests.support.schemas import texts, values
from tests.support.web_server import PATIENCE, Exchange, Reply, Web, redirect, transport_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradioproxy.transport.http import Transport

PREFIX = "/gradio_api"
SERVED = f"{PREFIX}/file=/srv/a%20b.txt"
RAW = {"path": "/srv/a b.txt", "orig_name": "a b.txt", "size": 7}
TOKEN = "hf_tokenABCDEF"  # noqa: S105 - no real one


def file_of(transport: Transport, **raw: Any) -> File:
    """Make a file of an app."""
    return File({**RAW, **raw}, transport, PREFIX)


@pytest.fixture
def served(web: Web) -> File:
    """Give a file that a server has."""
    web.on(SERVED, Reply(body=b"content"))
    return file_of(transport_to(web))


def pickled(value: Any) -> Any:
    """Return what comes out of a pickle."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - made here


# What is known of it.


def test_looking_at_a_file_fetches_nothing(web: Web, served: File) -> None:
    """What the server said of a file is known without asking it."""
    assert repr(served) == "<File 'a b.txt', 7 bytes>"
    assert (served.name, served.size, served.mime_type) == ("a b.txt", 7, "text/plain")
    assert served.url == f"{web.url}{SERVED}"
    assert served.raw == RAW
    assert served == file_of(transport_to(web))
    assert served != file_of(transport_to(web), path="/srv/other")
    assert served != RAW
    assert len({served, file_of(transport_to(web))}) == 1
    served.raw.clear()
    assert served.raw == RAW
    assert web.requests == []


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"orig_name": None}, "a b.txt"),
        ({"orig_name": ""}, "a b.txt"),
        ({"orig_name": None, "path": "C:\\srv\\x.png"}, "x.png"),
        ({"orig_name": "../../x"}, "x"),
        ({"orig_name": "/etc/passwd"}, "passwd"),
        ({"orig_name": "..\\..\\x.exe"}, "x.exe"),
        ({"orig_name": "a\0b"}, "ab"),
        ({"orig_name": "CON"}, "CON_"),
        ({"orig_name": "\u202egnp.exe"}, "gnp.exe"),
        ({"orig_name": "x" * 300 + ".png"}, "x" * 196 + ".png"),
        ({"orig_name": ".."}, "file"),
        ({"orig_name": 5}, "5"),
        ({"orig_name": None, "path": None}, "file"),
        ({"orig_name": None, "path": "data:image/png;base64,AAAA"}, "file.png"),
    ],
)
def test_a_name_is_safe(tmp_path: Path, raw: dict[str, Any], name: str) -> None:
    """Whatever a server calls its file: it lands in the folder that was meant."""
    file = File({**RAW, **raw}, transport_to("http://app.test"), PREFIX)

    assert file.name == name
    (tmp_path / file.name).touch()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ({"path": "/srv/ü#%?&+ .png"}, "/gradio_api/file=/srv/%C3%BC%23%25%3F%26%2B%20.png"),
        ({"path": "/srv/\ud800"}, "/gradio_api/file=/srv/%3F"),
        ({"path": None, "name": "/srv/old"}, "/gradio_api/file=/srv/old"),
        ({"path": "file:///etc/passwd"}, "/gradio_api/file=file%3A///etc/passwd"),
        ({"path": "//evil.test/x"}, "/gradio_api/file=//evil.test/x"),
        ({"path": "@evil.test/x"}, "/gradio_api/file=%40evil.test/x"),
        ({"path": "a", "url": "http://internal:7860/file=a"}, "/gradio_api/file=a"),
    ],
)
def test_an_address_is_below_the_apps(raw: dict[str, Any], url: str) -> None:
    """The address is made of the one that the caller gave, not of what a server thinks it has."""
    file = File(raw, transport_to("http://app.test/sub"), PREFIX)

    assert file.url == f"http://app.test/sub{url}"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        *((0, 0), (5, 5), (-1, None), (True, None), (5.0, None), ("5", None), (None, None)),
        *(([], None), (10**400, None)),
    ],
)
def test_size(said: Any, known: int | None) -> None:
    """A size is a number of bytes, or it is not known."""
    file = file_of(transport_to("http://app.test"), size=said)

    assert file.size == known
    assert repr(file) == f"<File 'a b.txt'{'' if known is None else f', {known} bytes'}>"


def test_media_type() -> None:
    """The media type is what the server says, cleaned, or what the name says."""
    app = transport_to("http://app.test")

    assert file_of(app, mime_type="image/x").mime_type == "image/x"
    assert file_of(app, mime_type="image/x\r\n\x1b[31m").mime_type == "image/x [31m"
    assert file_of(app, mime_type=5).mime_type == "text/plain"


@given(
    st.dictionaries(st.sampled_from(["path", "url", "name", "orig_name", "size"]), values | texts)
)
def test_nothing_that_a_server_says_makes_a_file_fail(raw: dict[str, Any]) -> None:
    """Whatever the server says of a file, it can be looked at, compared, copied and pickled."""
    file = File(raw, transport_to("http://app.test"), PREFIX)

    assert repr(file).isprintable()
    assert (file.size or 0) >= 0
    assert file.mime_type
    assert file == pickled(file)
    assert copy.deepcopy(file) == file


# Its content.


@pytest.mark.parametrize("use", [str, os.fspath, Path])
def test_its_path_is_that_of_a_download(web: Web, served: File, use: Callable[[File], Any]) -> None:
    """The first use of its path fetches it, once; the path ends with its name."""
    path = Path(use(served))

    assert path.read_bytes() == b"content"
    assert path.name == "a b.txt"
    assert Path(use(served)) == path
    assert served.bytes() == b"content"
    with open(served) as handle:  # noqa: PTH123 - as a caller would
        assert handle.read() == "content"
    assert len(web.requests) == 1


def test_pillow_opens_it(web: Web, tmp_path: Path) -> None:
    """A library that opens paths opens it."""
    Image.new("RGB", (8, 4), "red").save(tmp_path / "r.png")
    web.on(f"{PREFIX}/file=/srv/r.png", Reply(body=(tmp_path / "r.png").read_bytes()))

    with Image.open(File({"path": "/srv/r.png"}, transport_to(web), PREFIX)) as image:
        assert image.size == (8, 4)


def test_bytes_without_a_download(web: Web, served: File) -> None:
    """The bytes alone leave nothing on disk, and are fetched each time."""
    assert (served.bytes(), served.bytes()) == (b"content", b"content")
    assert b"".join(served.chunks()) == b"content"
    assert len(web.requests) == 3
    assert served._path is None


def test_compressed_content_is_unpacked(web: Web) -> None:
    """What a proxy compressed comes as it was."""
    body = gzip.compress(b"content")
    web.on(SERVED, Reply(body=body, headers={"Content-Encoding": "gzip"}))

    assert file_of(transport_to(web)).bytes() == b"content"


def test_a_file_within_the_answer(web: Web) -> None:
    """A file whose content came with the result asks nobody."""
    file = File({"url": "data:text/plain;base64,Y29udGVudA=="}, transport_to(web), PREFIX)

    assert (file.name, file.bytes()) == ("file.txt", b"content")
    assert Path(file).read_bytes() == b"content"
    garbled = File({"url": "data:text/plain;base64,A@evil.test/x"}, transport_to(web), PREFIX)
    with pytest.raises(ServerError, match="garbled"):
        garbled.bytes()
    assert web.requests == []


def test_saving(web: Web, served: File, tmp_path: Path) -> None:
    """It is written to a path or into a folder, over what is there, from the net or from disk."""
    target = tmp_path / "b.txt"
    target.write_bytes(b"something longer than the content")

    assert served.save(target) == target
    assert served.save(str(tmp_path)) == tmp_path / "a b.txt"
    assert len(web.requests) == 2
    os.fspath(served)
    assert served.save(tmp_path / "c.txt") == tmp_path / "c.txt"
    assert len(web.requests) == 3
    names = ("a b.txt", "b.txt", "c.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == list(names)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"content"}
    with pytest.raises(FileNotFoundError):
        served.save(tmp_path / "missing" / "x")


@pytest.mark.parametrize("here", [False, True])
def test_saving_to_a_folder_overwrites_nothing(served: File, tmp_path: Path, *, here: bool) -> None:
    """Neither files nor what links lead to, as it was the server that chose the name."""
    folder, other = tmp_path / "folder", tmp_path / "other"
    folder.mkdir()
    (folder / "a b.txt").write_bytes(b"mine")
    (folder / "a b-2.txt").symlink_to(other)
    if here:
        os.fspath(served)
    assert served.save(folder) == folder / "a b-3.txt"
    assert served.save(str(folder)) == folder / "a b-4.txt"
    assert (folder / "a b.txt").read_bytes() == b"mine"
    assert not other.exists()
    assert {(folder / f"a b-{number}.txt").read_bytes() for number in (3, 4)} == {b"content"}
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize("here", [False, True])
@pytest.mark.parametrize("exists", [False, True])
def test_saving_to_a_link_replaces_the_link(
    served: File, tmp_path: Path, *, here: bool, exists: bool
) -> None:
    """What it leads to is not what the caller named."""
    link, other = tmp_path / "link", tmp_path / "other"
    link.symlink_to(other)
    if exists:
        other.write_bytes(b"mine")
    if here:
        os.fspath(served)
    assert served.save(link) == link
    assert (link.is_symlink(), link.read_bytes()) == (False, b"content")
    assert not other.exists() if not exists else other.read_bytes() == b"mine"


def test_a_folder_that_a_link_leads_to_is_one(served: File, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert served.save(tmp_path / "link") == tmp_path / "link" / "a b.txt"
    assert (tmp_path / "folder" / "a b.txt").read_bytes() == b"content"


def test_what_is_in_a_folder_is_not_saved_there_again(web: Web, tmp_path: Path) -> None:
    """Under whichever name it got there."""
    web.on(SERVED, Reply(body=b"content"))
    (tmp_path / "a b.txt").write_bytes(b"mine")
    file = File(RAW, transport_to(web), PREFIX, tmp_path)
    assert Path(file) == file.save(tmp_path) == tmp_path / "a b-2.txt"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_download_that_breaks_leaves_nothing(web: Web, tmp_path: Path) -> None:
    """There is never half of a file, and what was there before stays."""

    def cut(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"half")
        exchange.drop()

    web.on(SERVED, cut)
    target = tmp_path / "b.txt"
    target.write_bytes(b"before")
    file = file_of(transport_to(web))
    kept = File(RAW, transport_to(web), PREFIX, tmp_path)

    for use in (lambda: file.save(target), lambda: str(file), lambda: str(kept), file.bytes):
        with pytest.raises(ConnectionLost):
            use()
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]
    assert target.read_bytes() == b"before"

    web.on(SERVED, Reply(body=b"content"))
    assert Path(kept) == tmp_path / "a b.txt"
    assert Path(file).read_bytes() == b"content"


@pytest.mark.parametrize("framed", [True, False])
def test_a_file_that_is_empty_for_a_moment_is_asked_for_once_more(
    web: Web, tmp_path: Path, *, framed: bool
) -> None:
    """As while an app writes the result of a second, equal call to the same file."""

    def empty(exchange: Exchange) -> None:
        """Answer as one that finds a file shorter than it was, or that finds it empty."""
        web.on(SERVED, Reply(body=b"content"))
        exchange.send_response(200)
        exchange.send_header("Content-Length", "7" if framed else "0")
        exchange.end_headers()
        exchange.drop()

    uses: list[Callable[[File], object]] = [File.bytes, str, lambda file: file.save(tmp_path)]
    for use in uses:
        web.on(SERVED, empty)
        use(file := file_of(transport_to(web)))
        assert file.bytes() == b"content"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"content"]


def test_an_empty_file_is_asked_for_twice_at_most(web: Web) -> None:
    """Where the app says that it is empty, once is enough."""
    web.on(SERVED, Reply(body=b""))
    assert file_of(transport_to(web), size=None).bytes() == b""
    assert len(web.requests) == 2
    assert file_of(transport_to(web), size=0).bytes() == b""
    assert len(web.requests) == 3


def test_several_threads_share_a_download(web: Web, served: File) -> None:
    """However many ask for the path at once, it is fetched once."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(str(served))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == len(web.requests) == 1


def test_a_download_that_was_deleted_is_fetched_again(web: Web, served: File) -> None:
    """A path that is given is that of a file."""
    Path(served).unlink()
    assert Path(served).read_bytes() == b"content"
    assert len(web.requests) == 2


# Where it goes.


def test_a_private_folder_is_private(served: File, web: Web) -> None:
    """Without a folder of the caller's, each file has one of its own that nobody else can read."""
    other = file_of(transport_to(web))
    folder = Path(served).parent

    assert folder != Path(other).parent
    assert folder.parent == Path(other).parent.parent
    assert folder.parent.name.startswith("gradioproxy-")
    if os.name == "posix":
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_a_folder_of_the_callers_is_never_overwritten(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of one name stand beside each other, also beside what was there before."""
    monkeypatch.chdir(tmp_path)
    folder = Path("downloads/new")
    names = ("a b.txt", "a b.txt", "x.tar.gz", "x.tar.gz", "none", "none")
    web.on(SERVED, Reply(body=b"content"))
    folder.mkdir(parents=True)
    (folder / "a b.txt").write_bytes(b"mine")

    files = [File({**RAW, "orig_name": name}, transport_to(web), PREFIX, folder) for name in names]
    paths = [Path(file) for file in files]
    monkeypatch.chdir(tmp_path.parent)

    assert [path.name for path in paths] == [
        "a b-2.txt",
        "a b-3.txt",
        "x.tar.gz",
        "x.tar-2.gz",
        "none",
        "none-2",
    ]
    assert {path.parent for path in paths} == {tmp_path / folder}
    assert all(path.read_bytes() == b"content" for path in map(Path, files))
    assert (tmp_path / folder / "a b.txt").read_bytes() == b"mine"
    assert len(web.requests) == len(names)


def test_several_threads_take_different_names(web: Web, tmp_path: Path) -> None:
    """The same for downloads at the same time."""
    web.on(SERVED, Reply(body=b"content"))
    files = [File(RAW, transport_to(web), PREFIX, tmp_path) for _ in range(8)]
    threads = [threading.Thread(target=file.__fspath__) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({str(file) for file in files}) == 8
    assert all(path.read_bytes() == b"content" for path in tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_private_folder_goes_with_its_process(web: Web, served: File) -> None:
    """The folder is removed at the end of the process, and not by a child of it."""
    code = """
        import os, sys
        from gradioproxy.files.private import make_temporary_folder

        parent = make_temporary_folder()
        (parent / "a").touch()
        child = os.fork()
        if child == 0:
            own = make_temporary_folder()
            (own / "b").touch()
            print(own.parent, flush=True)
            sys.exit()
        os.waitpid(child, 0)
        assert (parent / "a").exists()
        print(parent.parent)
    """
    del web, served
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "error,ignore::DeprecationWarning"},
    )

    folders = done.stdout.split()
    assert (len(set(folders)), done.stderr) == (2, "")
    assert not any(Path(folder).exists() for folder in folders)


def test_several_threads_share_one_private_folder() -> None:
    """The folder of a process is made once, whichever threads ask first."""
    code = """
        import threading
        from gradioproxy.files.private import make_temporary_folder

        found = []
        start = threading.Barrier(16)

        def ask():
            start.wait()
            found.append(make_temporary_folder())

        threads = [threading.Thread(target=ask) for _ in range(16)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert len(set(found)) == 16
        print(*{folder.parent for folder in found})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )

    [folder] = done.stdout.split()
    assert not Path(folder).exists()
    assert make_temporary_folder().is_dir()


# What goes wrong.


@pytest.mark.parametrize("framed", [True, False])
def test_less_than_the_app_said_is_not_the_file(web: Web, tmp_path: Path, framed: bool) -> None:
    """Whatever the answer says of itself; more may be there, as the app may go on writing."""

    def speak(exchange: Exchange, content: bytes) -> None:
        exchange.send_response(200)
        exchange.send_header("Connection", "close")
        if framed:
            exchange.send_header("Content-Length", str(len(content)))
        exchange.end_headers()
        exchange.wfile.write(content)

    transport = transport_to(web)
    for size in range(7):
        web.on(SERVED, functools.partial(speak, content=b"content"[:size]))
        file = file_of(transport)
        for use in (file.bytes, lambda file=file: str(file), lambda f=file: f.save(tmp_path)):
            with pytest.raises(ConnectionLost, match=f"came {size} bytes.* it has 7"):
                use()
    assert list(tmp_path.iterdir()) == []
    web.on(SERVED, functools.partial(speak, content=b"content and more"))
    assert file_of(transport).bytes() == b"content and more"


def test_a_folder_that_was_cleaned_away_comes_back(web: Web) -> None:
    """Programs that clean up take it from those that live long."""
    web.on(SERVED, Reply(body=b"content"))
    transport = transport_to(web)
    first = file_of(transport)
    folder = Path(first).parent.parent
    shutil.rmtree(folder)
    second = file_of(transport)
    for file in (first, second):
        assert Path(file).read_bytes() == b"content"
        assert Path(file).parent.parent != folder
        assert Path(file).parent.parent.stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_an_error_that_names_the_file(web: Web, tmp_path: Path) -> None:
    """And nothing is left of the file; where the caller chose a path that is none, it says so."""
    web.on(SERVED, Reply(body=b"content" * 10_000))
    program = f"""
        import os, pathlib, resource, signal, sys, tempfile
        import gradioproxy as gp
        from gradioproxy.transport.credentials import Access
        from gradioproxy.transport.url import Address
        from gradioproxy.files.file import File
        from gradioproxy.transport.http import Transport

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        transport = Transport(Address({web.url!r}), Access())
        folder = sys.argv[1]
        for use in (str, lambda file: file.save(folder), lambda file: file.save(folder)):
            file = File({RAW!r}, transport, {PREFIX!r}, pathlib.Path(folder))
            try:
                use(file)
            except gp.FileNotSaved as error:
                assert isinstance(error, OSError)
                assert error.path.startswith(folder) and error.path in str(error), str(error)
            else:
                raise AssertionError(use)
        assert os.listdir(folder) == [], os.listdir(folder)
        try:
            file.save(folder + "/missing/x")
        except FileNotFoundError as error:
            assert not isinstance(error, gp.GradioProxyError)
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """Also where the file is here already and has only to be copied."""
    target = tmp_path / "b.txt"
    target.write_bytes(b"before")
    program = """
        import resource, signal, sys
        import gradioproxy as gp
        from gradioproxy.files.file import File
        from gradioproxy.transport.credentials import Access
        from gradioproxy.transport.http import Transport
        from gradioproxy.transport.url import Address

        transport = Transport(Address("http://app.test"), Access())
        file = File({"url": "data:text/plain;base64,Y29udGVudA=="}, transport)
        str(file)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3, 3))
        try:
            file.save(sys.argv[1])
        except gp.FileNotSaved as error:
            assert error.path == sys.argv[1], error.path
        else:
            raise AssertionError
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b.txt", b"before")]


def test_a_download_can_be_saved_where_it_is(served: File) -> None:
    """Nothing is lost by it."""
    path = Path(served)
    assert served.save(path) == served.save(path.parent) == path
    assert path.read_bytes() == b"content"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_gone(web: Web, tmp_path: Path, status: int) -> None:
    """A file that the server no longer has is an error that says what to do."""
    web.on(SERVED, Reply(status))
    file = file_of(transport_to(web))

    for use in (str, File.bytes, lambda file: file.save(tmp_path / "x")):
        with pytest.raises(FileGone, match=rf"'a b.txt' \(it answered {status}\)") as raised:
            use(file)
    assert isinstance(raised.value, FileNotFoundError)
    assert raised.value.url == f"{web.url}{SERVED}"
    assert ("may not serve" in str(raised.value)) is (status == 403)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, ServerError)])
def test_a_server_that_says_when_to_come_back(
    web: Web, status: int, kind: type[RateLimited | ServerError]
) -> None:
    web.on(SERVED, Reply(status, headers={"Retry-After": "7"}))
    with pytest.raises(kind) as raised:
        file_of(transport_to(web)).bytes()
    assert isinstance(raised.value, kind)
    assert raised.value.retry_after == 7.0
    assert not raised.value.may_have_run


def test_other_answers(web: Web) -> None:
    """Whatever else comes instead of the file is no content of it."""
    file = file_of(transport_to(web))
    for reply, error in (
        (Reply(500, b"failed"), ServerError),
        (Reply(206, b"part"), ServerError),
        (Reply(204), ServerError),
        (Reply(302), ServerError),
        (Reply(401), AuthenticationError),
    ):
        web.on(SERVED, reply)
        with pytest.raises(error):
            file.bytes()
    with Web() as gone:
        transport = transport_to(gone)
    with pytest.raises(ConnectError):
        file_of(transport).bytes()


def test_a_server_that_stops_in_the_middle(web: Web) -> None:
    """A download that does not go on is limited by ``timeout``, and the error says so."""
    over = threading.Event()

    def pause(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b"first")
        over.wait(PATIENCE)

    web.on(SERVED, pause)
    with pytest.raises(Timeout) as raised:
        file_of(transport_to(web, Access(timeout=0.05))).bytes()
    over.set()

    assert raised.value.limit == "timeout"


# Who sees what.


def test_secrets_go_to_the_apps_own_files_alone(web: Web) -> None:
    """A file that a server places elsewhere is fetched there without the app's secrets."""
    access = Access(token=TOKEN, headers={"X-Key": "value"})
    web.on("/set", Reply(headers={"Set-Cookie": "session=1; Path=/"}))
    with Web() as other:
        transport = transport_to(web, access)
        transport.get("/set")
        web.on(SERVED, Reply(body=b"own"), redirect(f"{other.url}/moved"))
        other.on("/x", Reply(body=b"elsewhere"))
        other.on("/moved", Reply(body=b"moved"))

        assert file_of(transport, size=3).bytes() == b"own"
        assert file_of(transport, size=5).bytes() == b"moved"
        assert File({"path": f"{other.url}/x"}, transport, PREFIX).bytes() == b"elsewhere"
        assert File({"url": f"{other.url}/x"}, transport, PREFIX).bytes() == b"elsewhere"
        hidden = f"http://{other.url[7:]}\\@{web.url[7:]}/x"
        with pytest.raises((FileGone, ServerError)):
            File({"path": hidden}, transport, PREFIX).bytes()

        names = ("Authorization", "X-Key", "Cookie")
        assert [all(name in r.headers for name in names) for r in web.requests[1:]] == [True] * 2
        assert [any(name in r.headers for name in names) for r in other.requests] == [False] * 4


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://host/x", "data:,x", "http://["])
def test_a_redirection_never_leaves_the_web(web: Web, location: str) -> None:
    """A server that leads to a file of ours gives nothing of it."""
    web.on(SERVED, redirect(location))
    with pytest.raises(ServerError, match="which is no web address"):
        file_of(transport_to(web)).bytes()


@pytest.mark.parametrize("path", ["file:///etc/passwd", "/etc/passwd", "../../etc/passwd", "~"])
def test_a_path_is_never_one_of_ours(web: Web, path: str) -> None:
    """A path that a server sends names a file of the server."""
    with pytest.raises(FileGone):
        File({"path": path}, transport_to(web), PREFIX).bytes()
    assert len(web.requests) == 1


# Copies.


def test_a_copy_is_the_file(web: Web) -> None:
    """Copies within the process keep the way to the app, with its secrets."""
    web.on(SERVED, Reply(body=b"content"))
    file = file_of(transport_to(web, Access(token=TOKEN)))

    assert copy.copy(file) is file
    assert copy.deepcopy([file]) == [file]
    copy.deepcopy({"a": file})["a"].bytes()
    assert web.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_pickle_has_no_secrets(web: Web, tmp_path: Path) -> None:
    """A pickled file is fetched again where it is unpickled, and its pickle can be shown."""
    web.on(SERVED, Reply(body=b"content"))
    address = web.url.replace("http://", "http://user:basicpass@")
    transport = transport_to(address, Access(token=TOKEN, headers={"X-Key": "headervalue"}))
    file = File(RAW, transport, PREFIX, tmp_path)
    os.fspath(file)

    data = pickle.dumps(file)
    again = pickle.loads(data)  # noqa: S301 - made here

    assert not any(s in data for s in (b"hf_token", b"headervalue", b"basicpass", b"user"))
    assert again == file
    assert again.raw == RAW
    assert again.bytes() == b"content"
    assert Path(again) != Path(file)
    assert "Authorization" not in web.requests[-1].headers


def test_it_works_after_the_connections_were_closed(web: Web) -> None:
    """A result outlives its session."""
    web.on(SERVED, Reply(body=b"content"))
    transport = transport_to(web)
    file = file_of(transport)
    transport.close()

    assert file.bytes() == b"content"
    assert Path(file).read_bytes() == b"content"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_waits_for_no_download_of_its_parent(web: Web, tmp_path: Path) -> None:
    """A thread that is not there in the child holds nothing there."""
    asked, answer = threading.Event(), threading.Event()

    def wait(exchange: Exchange) -> None:
        exchange.receive()
        asked.set()
        assert answer.wait(PATIENCE)
        exchange.answer(Reply(body=b"of the parent"))

    web.on(SERVED, wait, Reply(body=b"of the child"))
    file = file_of(transport_to(web))
    downloading = threading.Thread(target=str, args=(file,))
    downloading.start()
    assert asked.wait(PATIENCE)
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        tempfile.tempdir = str(tmp_path)  # nothing is cleaned up after such an end
        os._exit(0 if Path(file).read_bytes() == b"of the child" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    answer.set()
    downloading.join(PATIENCE)
    assert file.bytes() == b"of the parent"
