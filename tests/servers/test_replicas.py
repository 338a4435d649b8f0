"""One app at several addresses, with real servers that are slow, die, come back, or are others."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.calls import replica
from tests.support.gradio import Server
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTED_VERSIONS = ("3.50.2", "4.44.1", "6.31.0")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is left out be tried again with the next call."""
    monkeypatch.setattr(replica, "FIRST_PAUSE", 0.0)


@contextlib.contextmanager
def serve(version: str, *apps: str, **launch: object) -> Iterator[list[Server]]:
    """Give a running server for each app."""
    with contextlib.ExitStack() as stack:
        names = apps or ("replicated", "replicated")
        yield [stack.enter_context(Server(version, app, launch=launch)) for app in names]


def pids(answers: list[str]) -> list[str]:
    """Return the processes that answered."""
    return [answer.rpartition(" ")[2] for answer in answers]


def test_calls_are_shared_out(version: str) -> None:
    """Whichever way they are made."""
    with serve(version) as servers, gp.replicas(*(each.url for each in servers)) as app:
        answers = list(app.work.map([str(number) for number in range(12)]))
        assert [answer.partition(" ")[0] for answer in answers] == [str(n) for n in range(12)]
        assert len({*pids(answers)}) == 2
        assert list(app.count.stream("a")) == ["a 0", "a 1", "a 2"]
        assert list(app.count.submit("b"))[:2] == ["b 0", "b 1"]


def test_a_slow_one_gets_fewer(version: str) -> None:
    with (
        serve(version, "replicated_slow", "replicated") as servers,
        gp.replicas(*(each.url for each in servers)) as app,
    ):
        answers = list(app.work.map([str(number) for number in range(40)], concurrency=4))
        given = sorted(pids(answers).count(pid) for pid in {*pids(answers)})
        assert given[0] < 10


def test_one_dies_and_comes_back(version: str) -> None:
    with serve(version) as (first, second), gp.replicas(first.url, second.url) as app:
        both = {*pids(list(app.work.map(["x"] * 8)))}
        assert len(both) == 2
        first.kill()
        answers = [app.work(str(number)) for number in range(6)]
        assert len({*pids(answers)}) == 1
        second.kill()
        with pytest.raises(gp.GradioProxyError, match="No address") as caught:
            app.work("x")
        assert not caught.value.may_have_run
        assert first.url in str(caught.value)
        assert second.url in str(caught.value)
        first.restart()
        assert app.work("y").startswith("y ")
        second.restart()
        seen: set[str] = set()

        def ask() -> bool:
            seen.update(pids(list(app.work.map(["x"] * 4))))
            return len(seen) == 2

        wait_until(ask)
        assert not seen & both


def test_what_had_begun_never_moves(version: str, tmp_path: Path) -> None:
    """It fails where it was, and runs nowhere else."""
    path, hold = tmp_path / "log", tmp_path / "log.hold"
    hold.touch()
    with serve(version) as (first, second), gp.replicas(first.url, second.url) as app:
        jobs = [app.log.submit(str(path), str(number)) for number in range(2)]
        wait_until(lambda: path.exists() and len(path.read_text().split()) == 2)
        first.kill()
        wait_until(lambda: any(job.done() for job in jobs))
        hold.unlink()
        errors = [job.exception() for job in jobs]
        (lost,) = [error for error in errors if error is not None]
        assert isinstance(lost, gp.ConnectionLost)
        assert lost.may_have_run
        assert app.log(str(path), "2").startswith("2 ")
    assert sorted(path.read_text().split()) == ["0", "1", "2"]


def test_one_dies_in_the_middle_of_many(version: str, tmp_path: Path) -> None:
    """Each input runs once at most, and all that were not lost have a result; a journal knows."""
    path, hold, journal = tmp_path / "log", tmp_path / "log.hold", tmp_path / "j"
    options: dict[str, Any] = {"journal": journal, "errors": "keep"}

    def find_running(servers: list[Server]) -> list[Server]:
        return [each for each in servers if Path(f"{path}.{each.pid}").exists()]

    with (
        serve(version) as servers,
        gp.replicas(*(each.url for each in servers)) as app,
        concurrent.futures.ThreadPoolExecutor(1) as pool,
    ):

        def begin() -> Iterator[Any]:
            inputs = [str(path)] * 60, map(str, range(60))
            results: Iterator[Any] = app.log.map(*inputs, concurrency=8, **options)
            return results

        results = begin()
        found = [next(results) for _ in range(10)]
        hold.touch()
        rest = pool.submit(list, results)
        try:
            wait_until(lambda: find_running(servers))
            find_running(servers)[0].kill()
        finally:
            hold.unlink()
        found += rest.result()
        lost = [number for number, each in enumerate(found) if isinstance(each, gp.ConnectionLost)]
        for number, each in enumerate(found):
            assert number in lost or each.startswith(f"{number} ")
        ran = path.read_text().split()
        assert len(ran) == len({*ran})
        assert {*ran} >= {str(number) for number in range(60) if number not in lost}
        assert 0 < len(lost) < 20
        with gp.Journal(journal) as read:
            # The names of the parameters are others in other versions.
            lines = [[*row.arguments.values()][1] for row in read.rows("unknown")]
            assert lines == [*map(str, lost)]
            assert read.counts["done"] == 60 - len(lost)
        # What may have run says now that there is a journal that would make it again.
        for before, again in zip(found, begin(), strict=True):
            assert type(again) is type(before)
            assert str(again).startswith(str(before))
        assert path.read_text().split() == ran
        options["repeat_unknown"] = True
        assert [each.partition(" ")[0] for each in begin()] == [*map(str, range(60))]


def test_another_app_at_one_address(version: str) -> None:
    with serve(version) as (first, second), gp.replicas(first.url, second.url) as app:
        first.stop()
        with Server(version, "before", port=first.port):
            answers = [app.work("x") for _ in range(6)]
            assert len({*pids(answers)}) == 1
            wait_until(lambda: app.work("x") and f"{first.url}: left out" in str(app))
            with pytest.raises(gp.SchemaChanged, match=f"{first.url} has another app"):
                gp.replicas(second.url, first.url)


def test_an_app_with_state(version: str) -> None:
    with (
        serve(version, "main", "main") as servers,
        pytest.raises(ValueError, match="keeps a state"),
    ):
        gp.replicas(*(each.url for each in servers))


def test_files_go_from_one_to_the_other(version: str, tmp_path: Path) -> None:
    """With the login of the one that has them."""
    with (
        serve(version, auth=["user", "password"]) as servers,
        gp.replicas(*(each.url for each in servers), auth=("user", "password")) as app,
    ):
        for file in app.write.map(["one", "two"]):
            answers = list(app.read.map([file] * 8))
            assert {answer.partition(" ")[0] for answer in answers} == {file.bytes().decode()}
            assert len({*pids(answers)}) == 2
            # By its URL too, whoever names it; before Gradio 4 names of parameters are labels.
            assert len({*app.read.map([file.url] * 8)}) == 2
            if version >= "4":
                assert len({*app.read.map([file.raw] * 8)}) == 2
                with concurrent.futures.ThreadPoolExecutor(8) as pool:
                    ask = functools.partial(app.call_tool, "read")
                    assert len({*pool.map(ask, [{"file": file.url}] * 8)}) == 2
        path = tmp_path / "own.txt"
        path.write_text("own")
        answers = list(app.read.map([path] * 8))
        assert len({*answers}) == 2
        assert len(app.uploads) >= 2


def test_a_file_of_one_that_is_gone(version: str) -> None:
    """Its content can't be had any more, which is no fault of the address that the call goes to."""
    with serve(version) as (first, second), gp.replicas(first.url, second.url) as app:
        files = list(app.write.map(["x"] * 4))
        mine = next(file for file in files if file.url.startswith(first.url))
        first.kill()
        with pytest.raises(gp.GradioProxyError) as caught:
            app.read(mine)
        assert not isinstance(caught.value, gp.AppError)
        assert f"{second.url}: in use" in str(app)
        assert app.work("x").startswith("x ")


@pytest.mark.parametrize("others", [("6.31.0", "5.50.0"), ("5.0.2", "5.50.0")])
def test_versions_of_gradio(others: tuple[str, str]) -> None:
    """Files and routes differ, and each address is spoken to as it wants."""
    one, other = others
    with (
        Server(one, "replicated") as first,
        Server(other, "replicated") as second,
        gp.replicas(first.url, second.url) as app,
    ):
        for file in app.write.map(["one", "two"]):
            answers = list(app.read.map([file] * 6))
            assert {answer.partition(" ")[0] for answer in answers} == {file.bytes().decode()}
            assert len({*pids(answers)}) == 2
        assert list(app.count.stream("a")) == ["a 0", "a 1", "a 2"]
