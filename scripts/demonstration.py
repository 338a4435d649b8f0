"""What scripts/demo runs: the sample app, used as a module; every line of output is real.

Its argument is a Python that has Gradio, for the app.
"""

from __future__ import annotations

import contextlib
import os
import pydoc
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import gradioproxy as gp

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(__file__).with_name("sample_app.py")
GREY = 128  # of 0 (black) to 255


@contextlib.contextmanager
def serve(python: str, folder: Path) -> Iterator[str]:
    """Run the sample app, and give its address; it ends when this does."""
    log = folder / "log"
    users = ("GRADIO_", "HF_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(users)}
    environment = {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "TMPDIR": str(folder),
    }
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [python, "-I", "-u", str(SAMPLE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=kept | environment,
            cwd=folder,
            text=True,
        ) as process,
    ):
        try:
            lines = process.stdout or ()
            urls = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
            url = next(filter(None, urls), None)
            if url is None:
                raise RuntimeError(f"the sample app did not start:\n{log.read_text()}")
            yield url[0]
        finally:
            process.kill()


def picture() -> bytes:
    """Return a small PNG: an arrow that points up."""
    rows = ["   ##   ", "  ####  ", " ##  ## ", "   ##   ", "   ##   ", "   ##   "]
    lines = b"".join(b"\0" + bytes(255 * (pixel == " ") for pixel in row) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def draw(path: Path) -> str:
    """Return an image as text."""
    from PIL import Image

    with Image.open(path) as image:
        grey = image.convert("L")
    width, height = grey.size
    pixels = [[grey.getpixel((x, y)) for x in range(width)] for y in range(height)]
    return "\n".join("    " + "".join(" #"[p < GREY] for p in row) for row in pixels)  # type: ignore[operator]


def show(code: str) -> None:
    """Print a line of code as somebody would have typed it."""
    print(f"\n>>> {code}")


def main(python: str) -> None:
    """Connect to the sample app and use it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(serve(python, folder))
        show(f"app = gp.connect({url!r})")
        app = stack.enter_context(gp.connect(url))
        show("print(app)")
        print(app)
        show("help(app.Op1)")
        print(pydoc.render_doc(app.Op1, renderer=pydoc.plaintext))
        show("for value in app.Op1.stream(Duration=2): print('ElapsedSeconds:', value)")
        for value in app.Op1.stream(Duration=2):
            print("ElapsedSeconds:", value)
        show("app.Op1(Duration=1)")
        print(repr(app.Op1(Duration=1)))
        show("job = app.Op1.submit('60'); next(iter(job)), job.cancel(), job.status.stage")
        job = app.Op1.submit("60")
        print((next(iter(job)), job.cancel(), job.status.stage))
        arrow = folder / "arrow.png"
        arrow.write_bytes(picture())
        print(draw(arrow))
        show("flipped = app.Flip('arrow.png'); flipped")
        flipped = app.Flip(arrow)
        print(repr(flipped))
        show("flipped.save('flipped')")
        print(draw(flipped.save(folder / "flipped")))


if __name__ == "__main__":
    main(sys.argv[1])
