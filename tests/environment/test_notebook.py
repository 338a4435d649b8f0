"""A notebook's kernel with a real app: what is displayed, followed in place, and interrupted."""

from __future__ import annotations

import base64
import queue
import time
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import start_new_kernel

import gradioproxy as gp
from tests.support.notebook import read_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

TESTED_VERSIONS = ("6.31.0",)

PATIENCE = 60
PLOTLY = "application/vnd.plotly.v1+json"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Kernel:
    """A kernel, and all that it publishes."""

    def __init__(self, folder: Path) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder))
        self.messages: list[dict[str, Any]] = []

    def send(self, code: str) -> str:
        """Begin a cell, and return what it is known by."""
        return str(self.client.execute(code))

    def wait(self, condition: Callable[[], Any]) -> None:
        """Read what is published until a condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            left = deadline - time.monotonic()
            try:
                self.messages.append(self.client.get_iopub_msg(timeout=max(0, left)))
            except queue.Empty:
                raise AssertionError([self.brief(each) for each in self.messages]) from None

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell, and return what was published for it."""
        cell = self.send(code)
        self.wait(lambda: self.is_over(cell))
        return self.published(cell)

    def is_over(self, cell: str) -> bool:
        """Tell whether a cell is done."""
        return any(
            each["msg_type"] == "status" and each["content"]["execution_state"] == "idle"
            for each in self.published(cell)
        )

    def published(self, cell: str) -> list[dict[str, Any]]:
        """Return what was published for a cell."""
        return [each for each in self.messages if each["parent_header"].get("msg_id") == cell]

    def show(self, code: str) -> dict[str, Any]:
        """Run a cell that shows one thing, without an error, and return that."""
        messages = self.run(code)
        kinds = {each["msg_type"] for each in messages}
        assert not kinds & {"stream", "error"}, [self.brief(each) for each in messages]
        shown = [each for each in messages if "data" in each["content"]]
        assert len(shown) == 1, [self.brief(each) for each in messages]
        data: dict[str, Any] = shown[0]["content"]["data"]
        assert "text/plain" in data
        if "text/html" in data:
            read_page(data["text/html"])
        return data

    @staticmethod
    def brief(message: dict[str, Any]) -> str:
        """Return the beginning of a message."""
        return f"{message['msg_type']}: {str(message['content'])[:300]}"

    def close(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()  # in good order, so that it cleans up behind itself
        self.manager.cleanup_resources()


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app with something of everything."""
    return gradio(version, "displays")


@pytest.fixture
def kernel(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """Give a kernel whose ``app`` is connected."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    kernel = Kernel(tmp_path)
    try:
        kernel.run(f"import gradioproxy as gp; app = gp.connect('{server.url}')")
        yield kernel
    finally:
        kernel.close()


def test_results(kernel: Kernel) -> None:
    """Each shows itself as what it is, and nothing of the app's is run."""
    page = kernel.show("result = app.shown(); result")["text/html"]
    assert page.count("<img") == 5  # an image, two of the gallery, a plot, a drawing
    assert page.count("<audio controls") == page.count("<video controls") == 1
    assert page.count("<figure") == 2
    assert "75.0%" in page
    assert HOSTILE in read_page(page)
    assert "3D model 'model.obj', not shown" in read_page(page)

    image = kernel.show("result.Image")
    assert image.keys() == {"text/plain", "image/png"}
    assert base64.b64decode(image["image/png"]).startswith(b"\x89PNG")
    assert "data:image/svg+xml" in kernel.show("result.Drawing")["text/html"]
    assert HOSTILE in read_page(kernel.show("result.Page")["text/html"])
    assert HOSTILE in read_page(kernel.show("result.Table")["text/html"])
    kernel.run("%load_ext gradioproxy")
    assert "<figure" in kernel.show("%gradio_show app.albums()")["text/html"]
    figure = kernel.show("%gradio_show result.Figure")[PLOTLY]
    assert "<a" not in str(figure)
    assert "<script" not in str(figure)
    assert "image/png" in kernel.show("from gradioproxy.ipython import show; show(result.Drawn)")
    assert kernel.show("app.albums()").keys() == {"text/plain"}  # a plain list stays one
    assert "<code>shown() -&gt; ShownResult</code>" in kernel.show("app.shown")["text/html"]


def test_a_job_is_followed_in_place(kernel: Kernel, server: Server) -> None:
    """In the output of its cell, also while other cells run, to its result."""
    cell = kernel.send("job = app.grow.submit('t'); job")
    kernel.wait(lambda: kernel.is_over(cell))

    def pages() -> list[str]:
        shown = [each["content"] for each in kernel.published(cell) if "data" in each["content"]]
        return [each["data"]["text/html"] for each in shown]

    kernel.wait(lambda: "first" in pages()[-1] and "<img" in pages()[-1])
    assert "beginning" in pages()[-1]
    assert HOSTILE in read_page(pages()[-1])
    # It has a thread, which is known by its name, and ends with the call.
    kernel.run(
        "import threading\n"
        "[thread] = [t for t in threading.enumerate() if t.name == 'gradioproxy display of grow']"
    )
    assert kernel.show("thread.is_alive()")["text/plain"] == "True"
    with gp.connect(server.url) as app:
        app.release("t")
    kernel.wait(lambda: "finished" in pages()[-1])
    assert {"last", "going on"} <= {
        word for word in ("last", "going on") if word in read_page(pages()[-1])
    }
    assert any("half way" in page and "<progress" in page for page in pages())
    displays = [each for each in kernel.messages if each["msg_type"] == "display_data"]
    first = displays[0]["content"]["transient"]["display_id"]
    updates = [each for each in kernel.messages if each["msg_type"] == "update_display_data"]
    assert first in {each["content"]["transient"]["display_id"] for each in updates}
    left = kernel.show(f"thread.join({PATIENCE}); thread.is_alive()")
    assert left["text/plain"] == "False"
    assert "finished" in kernel.show("job")["text/html"]


def test_messages_are_below_the_cell_that_made_the_call(kernel: Kernel) -> None:
    """Also those that come while others run, or none; and a stream shows what it is of."""
    cell = kernel.send("job = app.grow.submit('u'); stream = app.choose.stream('x', 'fast', [])")
    texts = f"grow: Warning beginning {HOSTILE}", "grow: Info going on"

    def has(text: str) -> bool:
        shown = [each["content"] for each in kernel.published(cell) if "data" in each["content"]]
        return any(read_page(each["data"]["text/html"]) == text for each in shown)

    kernel.wait(lambda: kernel.is_over(cell) and has(texts[0]))
    other = kernel.send("app.release('u'); result = job.result()")
    kernel.wait(lambda: kernel.is_over(other) and has(texts[1]))
    assert not any("data" in each["content"] for each in kernel.published(other))
    shown = kernel.show("for value in stream: pass\nstream")
    assert read_page(shown["text/html"]) == "choose finished"
    assert shown["text/plain"] == "<Stream of <Job choose finished>>"


def test_messages_and_bars_are_no_errors(kernel: Kernel) -> None:
    """What an app says is shown as what it is, and a call that takes its time has a bar."""
    messages = kernel.run(f"text = app.told('{HOSTILE}')")
    assert not any(each["msg_type"] in {"stream", "error"} for each in messages)
    shown = [each["content"]["data"] for each in messages if "data" in each["content"]]
    texts = [read_page(each["text/html"]) for each in shown]
    assert texts == [f"told: Warning careful: {HOSTILE}", f"told: Info noted: {HOSTILE}"]

    messages = kernel.run("done = app.slow(1.5)")
    assert not any(each["msg_type"] in {"stream", "error"} for each in messages)
    kinds = [each["msg_type"] for each in messages if "data" in each["content"]]
    assert kinds[0] == "display_data"
    assert set(kinds[1:]) == {"update_display_data"}
    shown = [each["content"]["data"] for each in messages if "data" in each["content"]]
    assert "running" in shown[0]["text/html"]
    assert shown[-1]["text/html"] == ""


@pytest.mark.parametrize(
    "code",
    [
        "app.endless('{}')",
        "job = app.endless.submit('{}'); job.result()",
        "for value in app.endless.stream('{}'): pass",
    ],
)
def test_the_stop_button_ends_a_call(kernel: Kernel, server: Server, code: str) -> None:
    """Here at once, and on the server as well where the cell waits for the call itself."""
    with gp.connect(server.url) as app:
        cell = kernel.send(code.format("stopped"))
        assert app.wait_begin("stopped")
        kernel.manager.interrupt_kernel()
        kernel.wait(lambda: kernel.is_over(cell))
        [error] = [each for each in kernel.published(cell) if each["msg_type"] == "error"]
        assert error["content"]["ename"] == "KeyboardInterrupt"
        if "job" in code:
            kernel.run("job.cancel()")
        assert app.wait_end("stopped")


def test_completion_in_a_notebook(kernel: Kernel) -> None:
    """As the kernel answers a front end, also where an editor has put the second mark."""
    kernel.run("%load_ext gradioproxy")

    def complete(code: str, place: int | None = None) -> list[str]:
        place = len(code) if place is None else place
        reply = kernel.client.complete(code, place, reply=True, timeout=PATIENCE)["content"]
        return [code[: reply["cursor_start"]] + match for match in reply["matches"]]

    begin = "app.choose('x', mode="
    assert complete(begin) == [f"{begin}'fast'", f"{begin}'slow'", f'{begin}"it\'s"']
    assert complete(f"{begin}''", len(begin) + 1) == [f"{begin}'fast", f"{begin}'slow"]
