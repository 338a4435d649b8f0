"""The command line against real servers: what a shell sees of a call."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from gradioproxy.cli.root import run
from tests.support import processes

if TYPE_CHECKING:
    from tests.support.gradio import Server

# What goes over the wire is the business of other tests.
TESTED_VERSIONS = ["3.16.2", "4.44.1", "6.31.0"]

SECONDS = 60
PROGRAM = [sys.executable, "-m", "gradioproxy"]
INTERRUPTIBLE = [
    *(sys.executable, "-c"),
    f"{processes.INTERRUPTIBLE}from gradioproxy.cli import main; main()",
]


class Shell:
    """Runs command lines in this process, and gives what they print.

    Attributes:
        errors: What the last one said on standard error.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.errors = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Return what a command line prints that ends with the exit code."""
        ended = run(arguments)
        printed = self._capsys.readouterr()
        self.errors = printed.err
        assert ended == code, printed.err
        return printed.out


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shell:
    """Give a shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Shell(capsys)


def test_info_is_the_table(shell: Shell, server: Server) -> None:
    """It lists the functions, and shows the help of one of them."""
    assert "  slider(" in shell("info", server.url)
    assert shell("info", server.url, "/slider").startswith("slider(")
    assert shell("info", server.url, "slider", code=0).startswith("slider(")

    assert shell("info", server.url, "/silder", code=2) == ""
    assert "Did you mean '/slider'?" in shell.errors


def test_a_call_prints_its_result(shell: Shell, server: Server) -> None:
    """Values come by place or by name; what comes back is for people, or for programs."""
    app = server.url
    assert shell("call", app, "/echo", "Hello") == "Hello\n"
    assert shell("call", app, "echo", "--", "-5") == "-5\n"
    shell("call", app, "echo", "-5", code=2)
    assert "write -- before values that begin with a hyphen" in shell.errors
    assert float(shell("call", app, "/add", "1", "2.5")) == 3.5
    assert json.loads(shell("call", app, "/two", "a\nb", "3", "--json")) == {
        "First_result": "a\nb",
        "Second_result": 3,
    }
    shown = shell("call", "--json", app, "/two", '"', "3")
    assert json.loads(shown)["First_result"] == '"'


def test_options_are_those_of_the_function(shell: Shell, server: Server) -> None:
    """A number is one, a list repeats its option, and what is wrong is told as always."""
    name = next(iter(gp.connect(server.url).slider.check().arguments))
    option = f"--{name.replace('_', '-')}"
    assert float(shell("call", server.url, "/slider", option, "2.5")) == 2.5
    assert float(shell("call", server.url, "/slider", f"--{name}=2.5")) == 2.5
    assert float(shell("call", server.url, "/slider")) == 5

    shell("call", server.url, "/slider", option, "many", code=2)
    assert f"{name}: got 'many'; it takes a number" in shell.errors
    shell("call", server.url, "/slider", f"{option}x", "1", code=2)
    assert f"No such option '{option}x'. Did you mean" in shell.errors.replace("(", "")
    shell("call", server.url, "/slider", "1", option, "1", code=2)
    assert f"{option}: given by name and by place" in shell.errors


@pytest.mark.since("4.23", "before, every parameter can be left out")
def test_what_is_missing_is_told_at_once(shell: Shell, server: Server) -> None:
    """All of it, before anything is sent."""
    shell("call", server.url, "/add", code=2)
    assert "missing --a, --b; see 'gradioproxy call http" in shell.errors


def test_help_is_that_of_the_function(shell: Shell, server: Server) -> None:
    """Its parameters come first, then what every call can be given, then an example that works."""
    shown = shell("call", server.url, "/slider", "--help")
    parameters, rest = shown.split("\nOptions:\n")
    assert "a slider from 0 to 10" in " ".join(parameters.lower().split())
    assert "--call-timeout" in rest
    assert max(map(len, rest.partition("Example:")[0].splitlines())) <= 80

    example = rest.partition("Example:\n")[2].strip().removeprefix("gradioproxy ")
    assert float(shell(*example.split())) == 5

    assert "  slider(" in shell("call", server.url, "--help")
    shell("call", server.url, code=2)
    assert "which endpoint? The app has /" in shell.errors


def test_partial_results_come_one_by_one(shell: Shell, server: Server) -> None:
    """Each on a line, as text or as JSON."""
    texts = ["a", "a b", "a b c"]
    assert shell("call", server.url, "/stream_text", "a b c", "--stream").splitlines() == texts
    lines = shell("call", server.url, "/stream_text", "a b c", "--stream", "--json").splitlines()
    assert [json.loads(line) for line in lines] == texts


def test_files_go_up_and_come_down(shell: Shell, server: Server) -> None:
    """By path, into a path, a folder, or standard output; without a choice they are kept."""
    Path("a.txt").write_text("content", encoding="utf-8")
    Path("out").mkdir()
    app = server.url

    assert shell("call", app, "/file_back", "a.txt", "-o", "b.txt") == "b.txt\n"
    assert Path("b.txt").read_text(encoding="utf-8") == "content"
    kept = Path(shell("call", app, "/file_back", "a.txt").strip())
    assert kept.read_text(encoding="utf-8") == "content"
    kept.unlink()
    kept.parent.rmdir()
    named = json.loads(shell("call", app, "/file_back", "a.txt", "-o", "out", "--json"))
    assert Path(named).read_text(encoding="utf-8") == "content"
    assert shell("call", app, "/file_back", "a.txt", "-o", "-") == "content"

    shell("call", app, "/file_back", "missing.txt", code=2)
    assert "missing.txt" in shell.errors
    shell("call", app, "/file_back", "a.txt", "-o", "missing/b.txt", code=2)
    assert "there is no folder missing" in shell.errors


def test_arguments_come_from_elsewhere(
    shell: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From standard input, from a file, and as JSON."""
    Path("long.txt").write_text("from a file\n", encoding="utf-8")
    Path("arguments.json").write_text('["from JSON"]', encoding="utf-8")
    for text, expected in (("-", "from outside"), ("@long.txt", "from a file"), ("@@x", "@x")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"from outside\n")))
        assert shell("call", server.url, "/echo", text) == f"{expected}\n"
    assert shell("call", server.url, "/echo", "--json-args", "@arguments.json") == "from JSON\n"

    shell("call", server.url, "/echo", "--json-args", '{"nothing": 1}', code=2)
    assert "--json-args has 'nothing', and the function takes" in shell.errors
    shell("call", server.url, "/echo", "--json-args", "{", code=2)
    assert "--json-args is no JSON" in shell.errors


def test_a_call_in_a_session_that_was_begun_elsewhere(shell: Shell, server: Server) -> None:
    """It sees what the app keeps for that one, and leaves what is its own there."""
    with gp.connect(server.url) as app:
        assert app.state("a") == "a"
        Path("tab").write_text(app.session_hash, encoding="utf-8")
        assert shell("call", server.url, "/state", "b", "--session-hash", "@tab") == "a b\n"
        assert app.state("c") == "a b c"
    shell("call", server.url, "/state", "b", "--session-hash", "a/b", code=2)
    assert "--session-hash: session_hash has letters" in shell.errors


def test_nothing_is_lost_where_text_cannot_go(shell: Shell, server: Server) -> None:
    """A folder is refused before the call; what can't be written after it is printed."""
    Path("folder").mkdir()
    shell("call", server.url, "/echo", "Hello", "-o", "folder", code=2)
    assert "it is a folder" in shell.errors
    assert shell("call", server.url, "/echo", "Hello", "-o", "/dev/full", code=1) == "Hello\n"
    assert shell.errors == "gradioproxy: /dev/full: No space left on device\n"


def test_a_value_that_looks_like_an_option(shell: Shell, server: Server) -> None:
    """It is the value where it belongs to an option, and no token is sent for it."""
    name = next(iter(gp.connect(server.url).echo.check("x").arguments))
    option = f"--{name.replace('_', '-')}"
    assert shell("call", server.url, "/echo", option, "-hello") == "-hello\n"
    assert shell("call", server.url, "/echo", f"{option}=--token=x") == "--token=x\n"
    shell("call", server.url, "/echo", option, "--token=x", code=2)
    assert "a value looks like --token; write it behind an equals sign" in shell.errors


@pytest.mark.since("6.0", "one version is enough: it is about this machine")
def test_nobody_reads_errors(stateless: Server) -> None:
    """Standard error can be closed: the call is made, and exit codes are the same."""
    for words, code in ((["/echo", "Hello"], 0), (["/nothing"], 2)):
        done = subprocess.run(
            ["/bin/bash", "-c", 'exec "$@" 2>&-', "bash", *PROGRAM, "call", stateless.url, *words],
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode, done.stdout) == (code, b"" if code else b"Hello\n")


def test_a_failure_is_one_line(shell: Shell, server: Server) -> None:
    """What the app said, and the exit code that says whose fault it was."""
    assert shell("call", server.url, "/fail", code=1) == ""
    assert shell.errors.count("\n") == 1
    assert "Traceback" not in shell.errors
    shell("call", server.url, "/fail", "--debug", code=1)
    assert "Traceback" in shell.errors
    assert "Timeline:" in shell.errors

    assert shell("call", server.url, "/fail_late", "--stream", code=1) == "first\nsecond\n"


def test_nobody_there(shell: Shell) -> None:
    """An address is not reached, or is none."""
    shell("info", "http://127.0.0.1:9", code=3)
    assert "127.0.0.1:9" in shell.errors
    shell("call", "http://user:hunter2-password@127.0.0.1:9", "/x", code=3)
    assert "hunter2" not in shell.errors
    shell("info", "no address at all", code=2)
    assert shell.errors.count("\n") == 1


@pytest.mark.since("6.0", "one version is enough: it is about this machine")
def test_ctrl_c_cancels_on_the_server(stateless: Server) -> None:
    """A call that is interrupted stops on the server, silently, with the exit code of shells."""
    with gp.connect(stateless.url) as app:
        for token, options in (("shell-stream", ["--stream"]), ("shell-call", [])):
            command = [*INTERRUPTIBLE, "call", stateless.url, "/endless", token, *options]
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as process:
                assert app.wait_begin(token)
                process.send_signal(signal.SIGINT)
                _, errors = process.communicate(timeout=SECONDS)
            assert (process.returncode, errors.strip()) == (130, b"")
            assert app.wait_end(token)


@pytest.mark.since("6.0", "one version is enough: it is about this machine")
def test_nobody_reads_on(stateless: Server) -> None:
    """Where what reads goes away, the call stops, on the server too, and nothing is said."""
    command = [*PROGRAM, "call", stateless.url, "/endless", "pipe", "--stream"]
    with (
        gp.connect(stateless.url) as app,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"1\n"
        process.stdout.close()
        assert process.wait(SECONDS) == 141
        assert process.stderr.read() == b""
        assert app.wait_end("pipe")


@pytest.mark.since("6.0", "one version is enough: it is about this machine")
@pytest.mark.parametrize(
    ("redirection", "message"),
    [(">/dev/full", "No space left on device"), (">&-", "standard output is closed")],
)
def test_output_that_takes_nothing(stateless: Server, redirection: str, message: str) -> None:
    """A disk that is full, or an output that is closed, is an error, and no traceback."""
    line = f'exec "$@" {redirection}'
    done = subprocess.run(
        ["/bin/bash", "-c", line, "bash", *PROGRAM, "call", stateless.url, "/echo", "Hello"],
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, f"gradioproxy: {message}\n".encode())
