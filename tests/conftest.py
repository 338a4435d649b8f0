"""Fixtures shared by all tests: real Gradio servers, real descriptions, and no threads left behind.

Rule: tests that need a server get it from here, so that few run at a time, and each is started as
seldom as possible. Each process that runs tests keeps one server, or two for a test that needs two.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

import gradioproxy as gp
from tests.support import gradio as servers
from tests.support.disks import disk  # noqa: F401 - a fixture
from tests.support.gradio import ROOT, VERSIONS, launching
from tests.support.gradio.running import RunningServers
from tests.support.hub_server import hub  # noqa: F401 - a fixture
from tests.support.leftovers import Leftovers
from tests.support.notebook import notebook  # noqa: F401 - a fixture
from tests.support.versions import MARKS, applies
from tests.support.web_server import web  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.support.gradio import Server
    from tests.support.web_server import Web

pytest.register_assert_rewrite("tests.support.faults")

# The same examples in each run. How long one takes says nothing on a machine that does something
# else as well.
settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same")

SERVERS = RunningServers()
THREADS_END_SECONDS = 15


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gradio",
        action="append",
        metavar="VERSION",
        help="of what runs against each version of Gradio, run this one only; can be repeated",
    )
    parser.addoption(
        "--shuffle",
        type=int,
        metavar="SEED",
        help="run the modules in another order, the same for the same seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    # What `own_cache` moves is the package's cache alone.
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ.setdefault("GRADIOPROXY_CACHE", str(caches / "gradioproxy"))
    os.environ.setdefault("UV_CACHE_DIR", str(caches / "uv"))
    # A shell starts what runs in the background with Ctrl-C ignored; tests press it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Leftovers())
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `version`, itself or through a fixture, once for each version.

    A module that is about fewer of them lists these as ``TESTED_VERSIONS``.
    """
    marks = metafunc.definition.iter_markers("parametrize")
    own = any("version" in _names(mark) for mark in marks)
    if "version" in metafunc.fixturenames and not own:
        versions = getattr(metafunc.module, "TESTED_VERSIONS", VERSIONS)
        metafunc.parametrize("version", metafunc.config.getoption("gradio") or versions)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how to get the same order again."""
    return f"order: --shuffle {config.option.shuffle}" if config.option.shuffle else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out by version, and the longest modules first."""
    if config.option.dist != "load":
        return None  # somebody wants another way
    from tests.support.scheduling import VersionScheduling

    config.option.loadscopereorder = not config.option.shuffle
    return VersionScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put tests without a server first, then those of one version after the other."""
    items[:] = [item for item in items if (v := _version(item)) is None or applies(item, v)]
    if config.option.shuffle:
        modules = list(dict.fromkeys(item.path for item in items))
        random.Random(config.option.shuffle).shuffle(modules)  # noqa: S311 - nothing is kept secret
        items.sort(key=lambda item: modules.index(item.path))
    seen: dict[str | None, int] = {None: 0}
    for item in items:
        seen.setdefault(_version(item), len(seen))
    items.sort(key=lambda item: seen[_version(item)])


def pytest_runtest_setup() -> None:
    """Let the next test ask for servers of its own."""
    SERVERS.begin_test()
    servers.used.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what its servers wrote meanwhile with a test that failed."""
    report = yield
    if report.failed:
        for server, begin in servers.used.items():
            report.sections.append((f"log of {server!r}", server.log[begin:][-servers.LOG_TAIL :]))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """End all servers."""
    SERVERS.stop()
    launching.forget()


def _names(mark: pytest.Mark) -> list[str]:
    """Return the names of the arguments that a parametrize mark gives."""
    names = mark.args[0] if mark.args else mark.kwargs["argnames"]
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def _version(item: pytest.Item) -> str | None:
    """Return the version that a test runs against, if it is of one."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("version") if callspec else None


@pytest.fixture(scope="session")
def gradio() -> RunningServers:
    """Give a function that returns a running server."""
    return SERVERS


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the main app, under each version in turn."""
    return gradio(version)


@pytest.fixture
def app(server: Server) -> Iterator[gp.Session]:
    """Give a session with the app of `server`, which a module may have of its own."""
    with gp.connect(server.url) as session:
        yield session


@pytest.fixture
def session(app_web: Web) -> Iterator[gp.Session]:
    """Give a session with the app that a module describes as its `app_web`."""
    with gp.connect(app_web.url) as session:
        yield session


@pytest.fixture
def stateless(gradio: RunningServers, version: str) -> Server:
    """Give the app without state, under each version in turn."""
    return gradio(version, "stateless")


@pytest.fixture(scope="session")
def infos() -> Path:
    """Give the folder of descriptions of real apps, which is kept outside of this repository."""
    folder = ROOT.parent / "shared" / "infos"
    if not folder.is_dir():
        pytest.skip("needs the folder ../shared/infos beside the checkout")
    return folder


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is kept of apps apart from what whoever runs the tests keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
        yield


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Fail a test after which one of our threads goes on; idle ones are given time to end."""
    yield
    if not _our_threads():
        return
    gc.collect()  # a session that is only garbage ends its threads when it is collected
    deadline = time.monotonic() + THREADS_END_SECONDS
    for thread in _our_threads():
        thread.join(max(0, deadline - time.monotonic()))
    assert _our_threads() == []


def _our_threads() -> list[threading.Thread]:
    """Return the threads that gradioproxy started and that are alive."""
    return [each for each in threading.enumerate() if each.name.startswith("gradioproxy")]
