"""What the documentation shows is so: it is run against real servers; and it can be built."""

from __future__ import annotations

import gc
import importlib.util
import os
import re
import shlex
import socket
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest

import gradioproxy as gp
import gradioproxy.testing
from tests.support.documentation import (
    LANGUAGES,
    Block,
    Difference,
    PageRunner,
    make_commands,
    parse_page,
    split_exchanges,
)
from tests.support.gradio import ROOT
from tests.support.hub_server import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.gradio.running import RunningServers
    from tests.support.hub_server import StandIn
    from tests.support.web_server import Web

DOCS = ROOT / "docs"
README = ROOT / "README.rst"
# Pages for those who come from other clients have an app, and tests, of their own.
OURS = [path for path in sorted(DOCS.rglob("*.rst")) if not path.name.startswith("from_")]
PAGES = {
    str(path.relative_to(ROOT)): path
    for path in (README, *OURS)
    if any(block.language in LANGUAGES for block in parse_page(path.read_text(encoding="utf-8")))
}
Names = dict[str, str]
LOGIN = {"auth": [["ada", "lovelace"]]}

APP, NOBODY, GUARDED, NO_APP = (f"127.0.0.1:{port}" for port in (7860, 7861, 7862, 7863))
"""What is where on every page: the app, nothing, the app with a login, something else."""

NOT_RUN: dict[str, int] = {}
"""How many blocks of a page are not run; each says why, above itself."""


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder where a page is read, with the files that pages have.

    The photos are each page's own: Gradio writes equal results to one file, also while another call
    is being sent it.
    """
    folder = tmp_path / "page"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    x, y = np.meshgrid(np.arange(640), np.arange(480))
    tint = zlib.crc32(request.node.name.encode()) % 50
    for name, blue in (("photo.png", tint), ("second.png", 200 + tint)):
        pixels = np.stack([x % 256, y % 256, np.full_like(x, blue)], axis=-1)
        PIL.Image.fromarray(pixels.astype(np.uint8)).save(folder / name)
    (folder / "letter.txt").write_text("Thank you for the photo!\n", encoding="utf-8")
    (folder / "prices.csv").write_text("small,large\n1,10\n3,20\n", encoding="utf-8")
    return folder


@pytest.fixture
def addresses(gradio: RunningServers, hub: StandIn, web: Web, version: str, page: str) -> Names:
    """Give the addresses of a page, and what is there: a server is, or is not, behind each."""
    app = gradio(version, "documented")
    hub.target = app.url
    hub.add_space("alice/workshop")
    hub.add_models("alice/small-voice", "bob/large-voice")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    at = {APP: app.port, NOBODY: nobody, NO_APP: web.port}
    if GUARDED in PAGES[page].read_text(encoding="utf-8"):
        at[GUARDED] = gradio(version, "documented", launch=LOGIN).port
    return {text: here for known, port in at.items() for text, here in spell(known, port).items()}


def spell(known: str, port: int) -> Names:
    """Return each way in which an address of the pages is written, and what it is here."""
    here = f"127.0.0.1:{port}"
    name = {known.replace(".", ","): here.replace(".", ",")}  # of a module, as ``help`` has it
    return {known: here, f"port {known[-4:]}": f"port {port}", **name}


@pytest.fixture
def runner(
    addresses: Names, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PageRunner]:
    """Give what runs a page, and leave no session open behind it."""
    gc.collect()  # what an earlier page had goes, and the names of its modules are free
    modules = set(sys.modules)
    commands = make_commands(tmp_path / "commands")
    monkeypatch.setenv("PATH", commands["PATH"])  # for pages whose Python starts one
    yield PageRunner(folder, addresses, commands)
    for session in gp.sessions():
        session.close()
    for name in sys.modules.keys() - modules:
        if Path(getattr(sys.modules[name], "__file__", None) or "").parent == folder:
            del sys.modules[name]


def read_blocks(page: str) -> list[Block]:
    return [*parse_page(PAGES[page].read_text(encoding="utf-8"))]


@pytest.mark.parametrize("version", ["6.31.0"])
@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"README.rst"}))
def test_a_page_shows_what_is_so(
    page: str, version: str, runner: PageRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each snippet runs, in the order of the page, and prints what the page says."""
    del version  # the servers have it
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    found = [difference for block in read_blocks(page) for difference in runner.run(block)]
    assert not found, "\n".join(_render(page, one) for one in found)


def _render(page: str, one: Difference) -> str:
    return f"{page}:{one.line}: {one.source}\n--- says\n{one.wanted}\n--- and is\n{one.got}"


def test_what_is_not_run() -> None:
    """Says why, and nothing is left out without that."""
    remarks = {
        page: [block.remark for block in read_blocks(page) if block.remark.startswith("not run")]
        for page in PAGES
    }
    assert {page: len(found) for page, found in remarks.items() if found} == NOT_RUN


def test_prompts_are_in_blocks_that_are_run() -> None:
    """No page has a transcript where nobody looks for it."""
    for path in OURS:
        text = path.read_text(encoding="utf-8")
        prompts = [line for line in text.splitlines() if re.match(r" *(>>>|\$|In \[\d+\]:) ", line)]
        blocks = [block for block in parse_page(text) if block.language in LANGUAGES]
        lines = [line for block in blocks for line in block.text.splitlines()]
        assert [line for line in prompts if line.strip() not in map(str.strip, lines)] == []


@pytest.mark.parametrize("version", ["6.31.0"])
def test_the_readme(
    version: str,
    gradio: RunningServers,
    folder: Path,
    tmp_path: Path,
) -> None:
    """Its session runs, and so does each of its command lines that names an app."""
    address = f"127.0.0.1:{gradio(version, 'read_first').port}"
    runner = PageRunner(folder, {APP: address}, make_commands(tmp_path / "commands"))
    blocks = read_blocks("README.rst")
    assert [block.language for block in blocks] == ["pycon"]
    assert [*runner.run(blocks[0])] == []
    assert (folder / "small.png").is_file()
    (folder / "small.png").unlink()
    runner.namespace["app"].close()

    text = " ".join(README.read_text(encoding="utf-8").split())
    commands = re.findall(rf"``(gradioproxy [^`]*{APP}[^`]*)``", text)
    assert commands
    for command in commands:
        done = subprocess.run(
            shlex.split(command.replace(APP, address)),
            env={**os.environ, **runner.environment},
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "small.png").is_file()


def test_the_documentation_is_built(tmp_path: Path) -> None:
    """Without a warning, and each name that is mentioned is one."""
    if importlib.util.find_spec("furo") is None:
        pytest.skip("the extra docs is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", DOCS, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_reference_has_every_public_name() -> None:
    """And no other."""
    text = (DOCS / "reference.rst").read_text(encoding="utf-8")
    own, _, rest = text.partition(".. module:: gradioproxy.hub")
    hub, _, rest = rest.partition(".. module:: gradioproxy.testing")
    testing, _, errors = rest.partition("Errors\n=")
    entry = re.compile(r"(?m)^\.\. (?:auto\w+|py:data):: (\w+)(?:\((?:path)?\))?$")
    assert sorted(entry.findall(own + errors)) == sorted({*gp.__all__} - {"hub"})
    assert sorted(entry.findall(hub)) == sorted(gp.hub.__all__)
    assert sorted(entry.findall(testing)) == sorted(gradioproxy.testing.__all__)


def test_a_page_is_read() -> None:
    """Blocks, what is said above them, and what is run and printed in them."""
    page = "Text\n\n.. run\n\n.. code-block:: python\n\n    f(\n\n    )\n\nText\n\n"
    page += ".. code-block:: pycon\n\n    >>> if x:\n    ...     y\n    ...\n"
    page += "    first\n\n    second\n    >>> z\n"
    python, prompts = parse_page(page)

    assert (python.language, python.text, python.line, python.remark) == (
        "python",
        "f(\n\n)\n",
        7,
        "run",
    )
    assert (prompts.language, prompts.line, prompts.remark) == ("pycon", 15, "")
    first, last = split_exchanges(prompts.text, ">>> ", "... ")
    assert (first.source, first.wanted, first.line) == ("if x:\n    y\n", "first\n\nsecond", 3)
    assert (last.source, last.wanted) == ("z", "")


def test_a_difference_is_found(tmp_path: Path) -> None:
    """What a page says wrongly is told with its line; dots stand for anything."""
    page = (
        ".. code-block:: pycon\n\n    >>> 1 + 1\n    3\n    >>> 10 ** 6\n    10...\n    >>> 1 / 0\n"
    )
    page += "    Traceback (most recent call last):\n        ...\n"
    page += "    ZeroDivisionError: division by zero\n"
    page += "\n.. code-block:: console\n\n    $ echo a; false\n    a\n    $ echo $?\n    0\n"
    runner = PageRunner(tmp_path, {})
    found = [one for block in parse_page(page) for one in runner.run(block)]
    assert found == [Difference(4, "1 + 1", "3", "2"), Difference(17, "echo $?", "0", "1")]
