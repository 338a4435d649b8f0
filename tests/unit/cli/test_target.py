"""What ``-o`` names: what is replaced, what stays, and what is standard output."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy.cli.root import run
from gradioproxy.cli.target import check_target, parse_target, stays_in_place, write_target
from tests.support.web_server import Web, serve_app, serve_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAM = [sys.executable, "-m", "gradioproxy"]
SECONDS = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app that answers calls."""
    serve_app(web, "first")
    serve_calls(web)
    return web


def list_commands(url: str) -> list[list[str]]:
    """Return every command with ``-o``, as it is for an app."""
    return [["call", url, "/first", "x"], ["lock", url], ["export", url]]


def test_a_file_is_whole_or_not_there() -> None:
    """A regular file is replaced, and what failed leaves what was there."""

    def fail() -> list[bytes]:
        raise RuntimeError

    path = Path("out.txt")
    path.write_text("before", encoding="utf-8")
    os.link(path, "before.txt")
    write_target([b"after"], path)
    assert (path.read_text(), Path("before.txt").read_text()) == ("after", "before")
    with pytest.raises(RuntimeError):
        write_target((chunk for _ in "x" for chunk in fail()), path)
    assert path.read_text() == "after"


def test_links_and_pipes_stay_what_they_are() -> None:
    """What they lead to gets the content."""
    Path("link").symlink_to("real")
    for content in (b"one", b"2"):
        write_target([content], Path("link"))
        assert Path("real").read_bytes() == content
    assert Path("link").is_symlink()

    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_target([b"a", b"b"], Path("pipe"))
        assert os.read(reader, 10) == b"ab"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)
    assert [stays_in_place(Path(name)) for name in ("link", "pipe", "real", "none", ".")] == [
        *(True, True, False, False, False)
    ]


def test_what_a_link_leads_to_is_written_whole_or_not_at_all() -> None:
    """As any file is; also over several links, and to nothing yet."""
    Path("folder").mkdir()
    Path("real").write_bytes(b"before")
    Path("folder/second").symlink_to("../real")
    Path("first").symlink_to("folder/second")
    with pytest.raises(ConnectionError):
        write_target(break_off(), Path("first"))
    assert Path("real").read_bytes() == b"before"
    write_target([b"after"], Path("first"))
    assert Path("real").read_bytes() == b"after"
    assert Path("first").is_symlink()
    assert Path("folder/second").is_symlink()
    Path("round").symlink_to("round")
    with pytest.raises(OSError, match="round"):
        write_target([b"x"], Path("round"))


def test_where_no_link_leads_to_a_file() -> None:
    """It is a mistake of the caller's; and what is a device is one however it is named."""
    Path("round").symlink_to("round")
    Path("there").symlink_to("back")
    Path("back").symlink_to("there")
    up = "../" * len(Path.cwd().parts)
    Path("device").symlink_to(f"{up}dev/null")
    for name in ("round", "there"):
        with pytest.raises(click.UsageError, match="a link that leads to no file"):
            check_target(Path(name))
    check_target(Path("device"))
    write_target([b"x"], Path("device"))
    Path("missing").symlink_to(f"{up}dev/none of these")
    with pytest.raises(click.UsageError, match="a link that leads to no file"):
        check_target(Path("missing"))


def break_off() -> Iterator[bytes]:
    """Yield what breaks off."""
    yield b"half"
    raise ConnectionError


def test_what_is_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    """By its names, by a link to one of them, and where a shell sends it to that file."""
    Path("link").symlink_to("/dev/stdout")
    for name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"):
        assert parse_target(name) == "-"
    for name in ("out.txt", "--", "/dev/stderr", "none/out.txt", "a\0b"):
        assert parse_target(name) == name
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("target", ["-", "link"])
def test_every_command_writes_to_standard_output(
    app_web: Web, target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What comes is the content and nothing else, ``-`` is no file, and a link stays one."""
    Path("link").symlink_to("/dev/stdout")  # the machine's own must not suffer from a failure
    for words, begin in zip(list_commands(app_web.url), ("x\n", "{\n", '"""'), strict=True):
        assert run([*words, "-o", target]) == 0
        printed = capfd.readouterr()
        assert printed.out.startswith(begin)
        assert printed.err == ""
    assert [*Path().iterdir()] == [Path("link")]
    assert Path("link").is_symlink()


def test_every_command_writes_through_links(
    app_web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link that leads to nothing yet makes it, and stays a link."""
    for number, words in enumerate(list_commands(app_web.url)):
        link = Path(f"link-{number}")
        link.symlink_to(f"real-{number}")
        assert run([*words, "-o", str(link)]) == 0
        assert link.is_symlink()
        assert link.read_text(encoding="utf-8")
    assert "link-1 written\nlink-2 written\n" in capsys.readouterr().err


def pipe_program(words: Sequence[str], redirection: str) -> bytes:
    """Run a command line whose output a shell sends somewhere."""
    line = f'exec "$@" {redirection}'
    command = ["/bin/bash", "-c", line, "bash", *PROGRAM, *words]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=SECONDS).stdout


def test_a_shell_sends_it_to_a_file(app_web: Web) -> None:
    """What the shell's file has stays there, though the file is named by any way."""
    Path("link").symlink_to("/dev/stdout")
    for number, words in enumerate(list_commands(app_web.url)):
        for target in ("link", f"log-{number}"):
            log = Path(f"log-{number}")
            log.write_bytes(b"before\n")
            assert pipe_program([*words, "-o", target], f">> {log}") == b""
            before, after = log.read_bytes().split(b"\n", 1)
            assert before == b"before"
            assert after.count(b"\n") >= 1
    assert Path("link").readlink() == Path("/dev/stdout")


def test_what_cannot_be_is_told_before_anything_is_asked(
    app_web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder is missing, there is one, or a link leads to where none is."""
    Path("link").symlink_to("none/real")
    for target, message in (
        ("none/out", "there is no folder none"),
        (".", "it is a folder, and there is one file to write"),
        ("link", "there is no folder "),
    ):
        with pytest.raises(click.UsageError, match=message):
            check_target(Path(target))
        for words in list_commands(app_web.url)[1:]:
            assert run([*words, "-o", target]) == 2
            assert message in capsys.readouterr().err
    assert app_web.requests == []
