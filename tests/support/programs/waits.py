"""A program that presses Ctrl-C wherever the package can wait, once and twice in a row.

    python -m tests.support.programs.waits

It has an app of `tests.support.held_app` and a Hub of its own, and writes as JSON what came of each
wait: whether it was interrupted, how long that took, what the app was told, and what the next call
returned.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradioproxy as gp
from tests.support.held_app import API, HeldApp
from tests.support.hub_server import StandIn
from tests.support.web_server import Web

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20
"""After this, something hangs that should not."""

LOOK_SECONDS = 0.005
AGAIN_SECONDS = 0.0003
LOOKS = 6
"""So often in a row the main thread is seen at one place before it counts as waiting there."""


class Interrupted:
    """What came of one wait.

    Args:
        wait: Waits.
        times: How often Ctrl-C is pressed.
        is_ready: Tells whether what is waited for has begun.
    """

    def __init__(
        self, wait: Callable[[], object], times: int, is_ready: Callable[[], bool]
    ) -> None:
        self.caught = 0
        self.error = ""
        self.seconds = 0.0
        self._times = times
        self._is_ready = is_ready
        self._pressed = 0.0
        self._finished = self._done = False
        presser = threading.Thread(target=self._press, daemon=True)
        presser.start()
        self._catch(wait)
        self._finished = True
        self.seconds = time.monotonic() - self._pressed
        # Not by `join`: one that is interrupted takes the thread for one that has ended.
        while not self._done:
            self._catch(lambda: time.sleep(LOOK_SECONDS))
        self._catch(lambda: time.sleep(LOOK_SECONDS))

    def _catch(self, function: Callable[[], object]) -> None:
        try:
            function()
        except KeyboardInterrupt:
            self.caught += 1
        except BaseException as error:  # noqa: BLE001 - it is told, and is none that should come
            self.error += repr(error)

    def _press(self) -> None:
        main = threading.main_thread().ident
        assert main is not None
        seen, count = None, 0
        while count < LOOKS and not self._finished:
            time.sleep(LOOK_SECONDS)
            frame = sys._current_frames()[main]
            here = id(frame), frame.f_lasti
            inside = frame.f_code.co_filename != __file__ and self._is_ready()
            seen, count = here, count + 1 if here == seen and inside else 0
        self._pressed = time.monotonic()
        for _ in range(self._times):
            signal.pthread_kill(main, signal.SIGINT)
            time.sleep(AGAIN_SECONDS)  # it is in the middle of giving up
        self._done = True


class Waits:
    """What the waits need.

    Args:
        web: The app.
        hub: The Hub.
    """

    def __init__(self, web: HeldApp, hub: StandIn) -> None:
        self.web = web
        self.hub = hub
        self.helpers: list[threading.Thread] = []
        self.app = gp.connect(web.url, progress=False)
        self.folder = Path(tempfile.mkdtemp())

    def is_running(self) -> bool:
        """Tell whether the latest call runs."""
        jobs = self.app.jobs
        return bool(jobs) and jobs[-1].status.stage == "running"

    def is_closing(self, name: str) -> bool:
        """Tell whether the app was told that the call of this name is given up."""
        return f"yielding:{name}" in self.web.cancelled

    def add_space(self) -> str:
        """Let there be a Space that is being built; return its name."""
        os.environ["HF_ENDPOINT"] = self.hub.web.url
        self.hub.add_space("alice/building", "BUILDING")
        return "alice/building"

    def busy(self, name: str) -> gp.Session:
        """Return a session with a call of which the app takes long to hear that it is given up."""
        self.web.holds = {f"{API}/cancel"}
        app = gp.connect(self.web.url, progress=False)
        next(iter(app.hold.submit(f"yielding:{name}")))
        return app


WAITS: dict[str, Callable[[Waits, str], None]] = {}


def wait(function: Callable[[Waits, str], None]) -> Callable[[Waits, str], None]:
    """Enter a function that waits; its argument names its calls to the app."""
    WAITS[function.__name__] = function
    return function


CALLS: set[str] = set()
ENDS = ("close", "leaving_the_block")


def wait_for_call(function: Callable[[Waits, str], None]) -> Callable[[Waits, str], None]:
    """Enter one that waits for a call that runs."""
    CALLS.add(function.__name__)
    return wait(function)


def give_up_after(job: gp.Job[Any], wait: Callable[[gp.Job[Any]], object]) -> None:
    """Wait for a job; who was interrupted gives it up, as nothing does for them."""
    try:
        wait(job)
    finally:
        job.cancel()


def _quietly(function: Callable[[], object]) -> None:
    with contextlib.suppress(gp.GradioProxyError):
        function()


# Connecting.


@wait
def connect(waits: Waits, _: str) -> None:
    waits.web.holds = {"/config"}
    gp.connect(waits.web.url)


@wait
def log_in(waits: Waits, _: str) -> None:
    waits.web.holds = {"/login"}
    gp.connect(waits.web.url, auth=("user", "password"))


@wait
def refresh(waits: Waits, _: str) -> None:
    waits.web.holds = {"/config"}
    waits.app.refresh()


@wait
def refresh_behind_another(waits: Waits, _: str) -> None:
    """It waits for a lock."""
    waits.web.holds = {"/config"}
    seen = len(waits.web.requests)
    thread = threading.Thread(target=_quietly, args=(waits.app.refresh,), daemon=True)
    thread.start()
    waits.web.wait_until(lambda: len(waits.web.requests) > seen)
    waits.helpers.append(thread)
    waits.app.refresh()


# Calling.


@wait_for_call
def call(waits: Waits, name: str) -> None:
    waits.app.hold(f"started:{name}")


@wait_for_call
def call_with_a_bar(waits: Waits, name: str) -> None:
    waits.app.with_options(progress=True).hold(f"started:{name}")


@wait
def call_not_answered(waits: Waits, name: str) -> None:
    waits.app.hold(f"posted:{name}")


@wait
def call_queued(waits: Waits, name: str) -> None:
    waits.app.hold(f"queued:{name}")


@wait
def call_fetching_a_stream(waits: Waits, name: str) -> None:
    waits.app.file(f"downloading:{name}")


@wait_for_call
def result(waits: Waits, name: str) -> None:
    give_up_after(waits.app.hold.submit(f"started:{name}"), lambda job: job.result())


@wait_for_call
def exception(waits: Waits, name: str) -> None:
    give_up_after(waits.app.hold.submit(f"started:{name}"), lambda job: job.exception())


@wait_for_call
def iteration(waits: Waits, name: str) -> None:
    give_up_after(waits.app.hold.submit(f"yielding:{name}"), lambda job: [*job])


@wait_for_call
def futures_wait(waits: Waits, name: str) -> None:
    job = waits.app.hold.submit(f"started:{name}")
    give_up_after(job, lambda job: concurrent.futures.wait([job]))


@wait_for_call
def as_completed(waits: Waits, name: str) -> None:
    job = waits.app.hold.submit(f"started:{name}")
    give_up_after(job, lambda job: [*concurrent.futures.as_completed([job])])


@wait_for_call
def stream(waits: Waits, name: str) -> None:
    next(waits.app.hold.stream(f"started:{name}"))


@wait_for_call
def stream_behind_a_value(waits: Waits, name: str) -> None:
    for _ in waits.app.hold.stream(f"yielding:{name}"):
        pass


@wait_for_call
def mapping(waits: Waits, name: str) -> None:
    list(waits.app.hold.map([f"started:{name}"]))


@wait
def mapping_refused(waits: Waits, name: str) -> None:
    """It sleeps until it may try again."""
    list(waits.app.hold.map([f"refused:{name}"]))


@wait_for_call
def pipe(waits: Waits, name: str) -> None:
    list(gp.pipe([f"started:{name}"], waits.app.hold, {"text": 0}))


@wait_for_call
def awaiting(waits: Waits, name: str) -> None:
    async def wait() -> None:
        await waits.app.hold.submit(f"started:{name}")

    asyncio.run(wait())


@wait_for_call
def async_iteration(waits: Waits, name: str) -> None:
    async def wait() -> None:
        async for _ in waits.app.hold.submit(f"yielding:{name}"):
            pass

    asyncio.run(wait())


@wait
def primitive(waits: Waits, name: str) -> None:
    with gp.send(waits.app, "/hold", [f"started:{name}"]) as event:
        list(event)


@wait
def request(waits: Waits, _: str) -> None:
    waits.web.holds = {"/config"}
    gp.request(waits.app, "GET", "/config")


@wait
def primitive_cancel(waits: Waits, name: str) -> None:
    waits.web.holds = {f"{API}/cancel"}
    event = gp.send(waits.app, "/hold", [f"started:{name}"])
    event.cancel()


# Files.


@wait
def upload(waits: Waits, _: str) -> None:
    gp.upload(waits.app, b"content")


@wait
def file_path(waits: Waits, name: str) -> None:
    str(waits.app.file(f"file:{name}"))


@wait
def file_bytes(waits: Waits, name: str) -> None:
    waits.app.file(f"file:{name}").bytes()


@wait
def file_save(waits: Waits, name: str) -> None:
    waits.app.file(f"file:{name}").save(waits.folder / "saved")


# Ending.


@wait
def close(waits: Waits, name: str) -> None:
    app = waits.busy(name)
    app.close()


@wait
def leaving_the_block(waits: Waits, name: str) -> None:
    with waits.busy(name):
        pass


# The Hub.


@wait
def hub(waits: Waits, _: str) -> None:
    os.environ["HF_ENDPOINT"] = f"{waits.web.url}/silent"
    gp.hub.space("alice/held", token=False)


@wait
def hub_change(waits: Waits, _: str) -> None:
    os.environ["HF_ENDPOINT"] = f"{waits.web.url}/silent"
    gp.hub.set_secret("alice/held", "KEY", "value", token="hf_token")  # noqa: S106 - no real one


@wait
def hub_wait(waits: Waits, _: str) -> None:
    gp.hub.wait(waits.add_space(), token=False)


@wait
def connect_to_a_space(waits: Waits, _: str) -> None:
    gp.connect(waits.add_space(), token=False)


def main(chosen: list[str]) -> None:
    """Interrupt them all, and say what came of it."""
    found = {}
    with HeldApp() as web, Web() as hub, Web() as front:
        for path in ("", "/secrets"):
            web.on(f"/silent/api/spaces/alice/held{path}", web.hold)
        waits = Waits(web, StandIn(hub, front))
        for name in chosen or WAITS:
            # A second time, `asyncio.run` raises errors of its own.
            for times in (1,) if name in {"awaiting", "async_iteration"} else (1, 2):
                label = f"{name}-{times}"
                is_ready = waits.is_running if name in CALLS else lambda: True
                if name in ENDS:
                    is_ready = functools.partial(waits.is_closing, label)
                wait = functools.partial(WAITS[name], waits, label)
                interrupted = Interrupted(wait, times, is_ready)
                web.holds = set()
                web.release()
                while waits.helpers:
                    waits.helpers.pop().join(SECONDS)
                web.told.clear()
                job = waits.app.hold.submit("finished:next")
                found[label] = {
                    "caught": interrupted.caught,
                    "error": interrupted.error,
                    "seconds": interrupted.seconds,
                    "next": job.result(SECONDS),
                }
        waits.app.close()
        gc.collect()  # what was interrupted before anybody had it
        web.wait_until(lambda: web.open_connections == 0)
        told = [*web.cancelled]
    ours = [each for each in threading.enumerate() if each.name.startswith("gradioproxy")]
    for each in ours:
        each.join(SECONDS)  # after a second Ctrl-C, nobody has waited for it
    threads = [each.name for each in ours if each.is_alive()]
    files = [path.name for path in waits.folder.iterdir()]
    waits.folder.rmdir()
    sys.stdout.write(json.dumps([found, told, threads, files]))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(sys.argv[1:])
