"""The help of every command, mistakes, and what is loaded for a command."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from gradioproxy import __version__
from gradioproxy.cli.root import command, run
from tests.support.web_server import Web, serve_app, serve_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 80

LOADED = """
import sys
from gradioproxy.cli.root import run
code = run(sys.argv[1:])
print(code, *sorted(name.removeprefix("gradioproxy.") for name in sys.modules))
"""
# What a call needs nothing of: the Hub, but for the names of Spaces, and what is for few scripts.
SPARED = (
    *("hub.failures", "hub.functions", "hub.locate", "hub.records", "hub.rest", "hub.tokens"),
    *("hub.waiting", "client.display", "client.contract.build", "client.export", "ipython.shell"),
    *("cli.hub", "cli.info", "cli.lock", "cli.completion", "click.shell_completion", "shlex"),
    *("asyncio", "websocket"),
    # Before 3.11, Python itself has not all that generated functions are made of.
    *(("typing_extensions",) if sys.version_info >= (3, 11) else ()),
)


def list_commands(group: click.Group, *before: str) -> Iterator[list[str]]:
    """Yield the words of every command."""
    context = click.Context(group)
    yield [*before]
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from list_commands(found, *before, name)
        else:
            yield [*before, name]


@pytest.mark.parametrize("words", [*list_commands(command)], ids=" ".join)
def test_every_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each fits 80 columns, says how the command is used, and has an example of it."""
    for option in ("--help", "-h"):
        assert run([*words, option]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        lines = printed.out.splitlines()
        assert lines[0].startswith(" ".join(["Usage: gradioproxy", *words, "["]))
        assert max(map(len, lines)) <= WIDTH
        start = next(i for i, line in enumerate(lines) if "Example" in line)
        example = " ".join(["  gradioproxy", *words])
        assert any(example in line for line in lines[start:])
        assert sum("--help" in line and "-h," in line for line in lines) == 1


def test_the_list_is_true() -> None:
    """What the list says of a command is what the command says of itself."""
    for name, short in command.summaries.items():
        found = command.get_command(click.Context(command), name)
        assert found is not None
        assert (found.name, found.short_help) == (name, short)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["cal"], "there is no command 'cal', did you mean 'call'?; see 'gradioproxy --help'"),
        (["\x1b[2Jx"], "there is no command '[2Jx'; see 'gradioproxy --help'"),
        (["info"], "Missing argument 'SRC'; see 'gradioproxy info --help'"),
        (["call"], "Missing argument 'SRC'; see 'gradioproxy call --help'"),
        (["hub", "spcae", "x/y"], "No such command 'spcae'"),
        (["info", "x", "--tken", "hf_secret"], "No such option"),
        (["info", "x", "--header", "secret"], "--header takes 'NAME: VALUE'"),
        (["info", "x", "--timeout", "0"], "Invalid value for '--timeout'"),
        (["info", "x", "--timeout", "nan"], "Invalid value for '--timeout'"),
        (["info", "x", "--timeout", "1e300"], "Invalid value for '--timeout'"),
        (["diff", "x:1", "y:2", "--token", "secret"], "--token would go to both addresses"),
        (["call", "localhost:1", "x", "--auth", ":secret"], "--auth takes USER:PASSWORD"),
    ],
)
def test_mistakes(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake is one line and exit code 2, and no secret is in it."""
    assert run(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"gradioproxy: {line}")
    assert "secret" not in printed.err


def test_nothing_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command, the help is shown; it is no success."""
    assert run([]) == 2
    assert "Usage: gradioproxy" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the package's."""
    assert run(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "loaded", "unloaded"),
    [
        (["--help"], "cli.root", ("cli.call", "client", "hub", "calls")),
        (["info", "--help"], "cli.info", ("cli.call", "client", "hub", "calls")),
        (["call", "{url}", "/first", "x"], "cli.endpoint", SPARED),
        (["call", "{url}", "/first", "x", "--cache"], "client.cached", SPARED),
    ],
)
def test_no_more_is_loaded(
    web: Web, words: list[str], loaded: str, unloaded: tuple[str, ...]
) -> None:
    """A command loads what it needs."""
    serve_app(web, "first")
    serve_calls(web)
    command_line = [word.format(url=web.url) for word in words]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *command_line], capture_output=True, text=True, check=True
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert loaded in modules
    assert {*unloaded} & {*modules} == set()


def test_a_doctor_ends_as_other_commands_do(capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints is for standard output; its exit code says whether the app was reached."""
    assert run(["doctor", "http://127.0.0.1:9"]) == 3
    printed = capsys.readouterr()
    assert "the step 'connection' failed" in printed.out
    assert printed.err == ""
    assert run(["doctor", "no address at all"]) == 2


def test_nothing_of_it_stays() -> None:
    """Who runs command lines in a program of their own finds their logging as it was."""
    log = logging.getLogger("gradioproxy")
    before = [*log.handlers], log.level, log.propagate
    assert run(["call", "http://127.0.0.1:9", "/x"]) == 3
    assert ([*log.handlers], log.level, log.propagate) == before


def test_the_end_is_quick() -> None:
    """Python looks for no garbage at the end of a program, which takes a tenth of a call's time."""
    code = "import gc, sys\nfrom gradioproxy.cli import main\ntry:\n    main()\n"
    code += "finally:\n    print(gc.get_freeze_count() > 1000, len(gc.get_objects()) < 1000)"
    command = [sys.executable, "-c", code, "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True True"


def test_as_a_module() -> None:
    """``python -m gradioproxy`` is the same."""
    done = subprocess.run(
        [sys.executable, "-m", "gradioproxy", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: gradioproxy [OPTIONS] COMMAND")
