"""Files as real apps get them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.versions import release_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio.running import RunningServers


NAMES = {
    ".hidden": ".hidden",
    "..dots..txt": "..dots..txt",
    "trailing.txt.": "trailing.txt.",
    "CON.txt": "CON.txt",
    "x:y|z.txt": "xyz.txt",
    'a"b.txt': "a_b.txt",
    "line\r\nend.txt": "line__end.txt",
    "back\\slash.txt": "back_slash.txt",
    "?.?": "file",
}
"""Names on disk, and what servers make of what is sent."""
# Since then servers see to it that their own systems take a name.
SAFER = {"trailing.txt.": "trailing.txt", "CON.txt": "_CON.txt"}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such names")
@pytest.mark.since("3.19", "before 3.19 files have no names of their own")
def test_apps_see_the_names_of_the_disk(
    gradio: RunningServers, version: str, tmp_path: Path
) -> None:
    """A file is called for the app as it is on the caller's disk, and every server takes it."""
    expected = NAMES | (SAFER if release_of(version) >= (6,) else {})
    if version.startswith("4.19."):
        del expected["..dots..txt"]  # it takes the dots for a step upwards
    # In the folder that it runs in, an app hides such files (from Gradio 5 on).
    launch = {"allowed_paths": [tempfile.gettempdir()]}
    server = gradio(version, "before", launch=launch)
    with gp.connect(server.url) as app:
        found = {}
        for name in expected:
            (tmp_path / name).write_text(name)
            found[name] = PurePosixPath(app.file_name(tmp_path / name)).name

    assert found == expected
