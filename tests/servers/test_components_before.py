"""The components of Gradio before 4.44: what goes in, what comes out, and what came out goes in.

The endpoints of the app `components_before` show a value in its component again, and what the
app's function was given for it.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import PIL.Image
import pytest

import gradioproxy as gp
from tests.support.fitting import wrong_defaults, wrong_result
from tests.support.gradio.apps import _described
from tests.support.processes import call_officially
from tests.support.sample_files import (
    FILM,
    FILMED,
    MASK,
    MASK_PNG,
    MODEL,
    RED,
    RED_PNG,
    TEXT,
    TITLES,
    WAVE,
    WAVE_WAV,
    Name,
    with_files,
    without_files,
    write_sample_files,
)
from tests.support.versions import release_of

if TYPE_CHECKING:
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

APPS = Path(__file__).resolve().parents[1] / "support" / "gradio" / "apps"
BEFORE = ("3.16.2", "3.36.1", "3.50.2", "4.0.2", "4.13.0", "4.19.2")
FOUR = (4,)
# Subtitles, and files in chats, came in between; the versions are those that are tried.
SUBTITLES = (3, 36)
# Gradio 4.0 has no editor of images yet.
EDITOR = (4, 13)

every_version = pytest.mark.parametrize("version", BEFORE)


def described(value: Any) -> Any:
    """Return what the app says that it was given."""
    return json.loads(json.dumps(_described.described(value)))


class Case(NamedTuple):
    """A value that goes in, what the app's function is given, and for which versions that holds."""

    endpoint: str
    argument: Any
    got: Any
    since: tuple[int, ...] = ()
    until: tuple[int, ...] = (99,)


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app of these components, under each version in turn."""
    return gradio(version, "components_before", launch={"show_error": True})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a file of each kind."""
    folder = tmp_path_factory.mktemp("files")
    write_sample_files(folder)
    (folder / "series.csv").write_text("t,v\n1,2\n3,4\n")
    for name, value in KEPT.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    (folder / "captions.json").write_text(json.dumps({"red.png": None, "mask.png": "mask"}))
    return folder


def content_of(value: Any, folder: Path) -> Any:
    """Return what an app is given with the content of the files that it names."""
    if isinstance(value, Name):
        return described(str(folder / value.name))
    return [content_of(item, folder) for item in value] if isinstance(value, list) else value


def applying(cases: list[Case], version: str) -> list[Case]:
    """Return the cases for a version."""
    release = release_of(version)
    return [case for case in cases if case.since <= release < case.until]


def got(result: Any) -> Any:
    """Return what the app's function was given."""
    return json.loads(result.Got)


TABLE: dict[str, Any] = {"headers": ["a", "b"], "data": [[1, "x"], [2.5, "y"]]}
FRAME = pd.DataFrame(TABLE["data"], columns=TABLE["headers"])
SERIES: dict[str, Any] = {"headers": ["t", "v"], "data": [[1, 2], [3, 4]]}
FRAMED = {"frame": ["a", "b"], "kinds": ["float64", "object"], "cells": [[1.0, "x"], [2.5, "y"]]}
SERIES_FRAME = pd.DataFrame(SERIES["data"], columns=SERIES["headers"])
LABEL = {"label": "cat", "confidences": [{"label": "cat", "confidence": 0.75}]}
MARKED: list[list[Any]] = [["The", None], ["quick", "adj"]]
CHAT = [["hi", "yes"], ["a", "b"]]
PLOT = {"type": "matplotlib", "plot": "data:image/png;base64,AAAA"}
KEPT = {
    "table": TABLE,
    "series": SERIES,
    "label": LABEL,
    "marked": MARKED,
    "chat": CHAT,
    "plot": PLOT,
    "any": {"a": [1, None]},
}
MAIN, BEFORE_PY = (described(str(APPS / name)) for name in ("main.py", "before.py"))
SOUND = [8000, described(WAVE)]
SEEN = {
    name: described(np.dstack([RED, np.full((5, 7), 255, np.uint8)]))
    for name in ("background", "composite")
}
SKETCH = {"image": described(RED), "mask": described(MASK)}
COLORED = {"image": described(RED), "mask": described(np.stack([MASK] * 3, axis=2))}
BLANK = {"image": described(RED), "mask": described(np.zeros((5, 7, 4), np.uint8))}
BLACK = {"image": described(RED), "mask": described(np.zeros_like(RED))}

CASES = [
    Case("textbox", "hällo", "hällo"),
    Case("number", 2, 2.0),
    Case("number_whole", 2.4, 2),
    Case("slider", 0.3, 0.3),
    Case("checkbox", argument=True, got=True),
    Case("checkboxgroup", ["a", "c"], ["a", "c"]),
    Case("radio", "b", "b"),
    Case("dropdown", "b", "b"),
    Case("dropdowns", ["a", "b"], ["a", "b"]),
    Case("dropdowns", "a", ["a"]),
    Case("checkboxgroup_index", ["a", "c"], [0, 2]),
    Case("radio_index", "b", 1),
    Case("dropdown_index", "b", 1),
    Case("dropdowns_index", ["c"], [2]),
    Case("dropdown_custom", "my own", "my own", SUBTITLES),
    Case("colorpicker", "#ff0000", "#ff0000"),
    Case("code", "x = 1", "x = 1", SUBTITLES),
    Case("html", "<b>x</b>", "<b>x</b>"),
    Case("markdown", "# x", "# x"),
    Case("button", "caption", "caption", until=FOUR),
    Case("json", {"a": [1, None]}, {"a": [1, None]}),
    Case("json", {1: 2, None: 3, False: 4, 0.5: 5}, {"1": 2, "null": 3, "false": 4, "0.5": 5}),
    # Before Gradio 4 what these take is what the page has, and it is given as it is.
    Case("label", LABEL, LABEL, until=FOUR),
    Case("label", {"cat": 0.75}, LABEL, until=FOUR),
    Case("highlightedtext", MARKED, MARKED, until=FOUR),
    Case("label", {"cat": 0.75}, {"cat": 0.75}, FOUR),
    Case(
        "highlightedtext",
        MARKED,
        [{"token": text, "class_or_confidence": mark} for text, mark in MARKED],
        FOUR,
    ),
    Case("plot", PLOT, PLOT, until=FOUR),
    Case("barplot", PLOT, PLOT, SUBTITLES, FOUR),
    # Tables.
    *(
        Case("dataframe", table, FRAMED)
        for table in (TABLE, FRAME, FRAME.to_dict("records"), {**TABLE, "metadata": None, "x": 1})
    ),
    Case("dataframe_array", [[1, 2]], [[1, 2]]),
    Case("dataframe_array", [[1]], [[1]]),
    Case("dataframe_fixed", [[1, 2], [3, 4]], described(np.array([[1, 2], [3, 4]]))),
    *(
        Case("timeseries", series, described(SERIES_FRAME), until=FOUR)
        for series in (Name("series.csv"), SERIES, SERIES_FRAME, SERIES_FRAME.to_dict("list"))
    ),
    Case(
        "timeseries",
        {**SERIES, "range": [2, 4]},
        described(pd.DataFrame([[3, 4]], columns=["t", "v"])),
        until=FOUR,
    ),
    # Images.
    *(Case("image_numpy", image, described(RED)) for image in (RED_PNG, RED)),
    Case("image_pil", PIL.Image.fromarray(RED), described(PIL.Image.fromarray(RED))),
    *(
        Case(f"image_{kind}", RED_PNG, described(RED), until=FOUR)
        for kind in ("select", "color_sketch", "canvas")
    ),
    *(
        Case(f"sketch_{source}", drawn, SKETCH, until=FOUR)
        for source in ("upload", "webcam")
        for drawn in ({"image": RED_PNG, "mask": MASK_PNG}, {"image": RED, "mask": MASK})
    ),
    *(Case("sketch_upload", alone, BLANK, until=(3, 50)) for alone in (RED_PNG, RED)),
    Case("sketch_upload", RED_PNG, BLACK, (3, 50), FOUR),
    Case("sketch_upload", None, None, until=FOUR),
    *(
        Case("imageeditor", drawn, {**SEEN, "layers": [], **given}, EDITOR)
        for drawn, given in (
            (RED_PNG, {}),
            ({"background": RED}, {}),
            ({"background": RED_PNG, "layers": [], "composite": None}, {"composite": None}),
        )
    ),
    # A gallery's images, with captions and without.
    *(
        Case("gallery", pictures, [RED_PNG, [MASK_PNG, "mask"]], until=FOUR)
        for pictures in ([RED_PNG, (MASK_PNG, "mask")], [RED_PNG, [MASK_PNG, "mask"]])
    ),
    Case("gallery", [[RED_PNG, None]], [[RED_PNG, None]], until=FOUR),
    Case("gallery", RED_PNG, [RED_PNG], until=FOUR),
    Case("gallery", [RED_PNG, (MASK_PNG, "mask")], [[RED_PNG, None], [MASK_PNG, "mask"]], FOUR),
    Case(
        "annotatedimage",
        (RED_PNG, [(MASK_PNG, "a")]),
        [RED_PNG, [[MASK_PNG, "a"]]],
        SUBTITLES,
    ),
    # Sounds.
    *(Case("audio_numpy", sound, SOUND) for sound in (WAVE_WAV, (8000, WAVE), (8000, [*WAVE]))),
    Case("audio_numpy", (8000, [0, 1, -2]), [8000, described(np.array([0, 1, -2], np.int16))]),
    Case("audio_microphone", (8000, [[1, 2]]), [8000, described(np.array([[1, 2]], np.int16))]),
    # Films and other files.
    *(Case(name, FILM, FILM, until=FOUR) for name in ("video", "video_titled")),
    Case("video", (FILM, TITLES), FILM, SUBTITLES, FOUR),
    Case("video_raw", FILM, FILM, until=SUBTITLES),
    Case("video_raw", FILM, [FILM, None], SUBTITLES, FOUR),
    Case("video_raw", (FILM, None), [FILM, None], SUBTITLES, FOUR),
    *(Case(name, argument=None, got=None, until=FOUR) for name in ("video", "video_raw")),
    Case("model3d", MODEL, MODEL),
    *(
        Case(f"{kind}_single", text, TEXT)
        for kind in ("file", "uploadbutton")
        for text in (TEXT, [TEXT])
    ),
    *(
        Case(f"{kind}_{count}", [TEXT, RED_PNG], [TEXT, RED_PNG], since)
        for kind in ("file", "uploadbutton")
        # Gradio 4.0 takes nothing but a single file for a folder.
        for count, since in (("multiple", ()), ("directory", (4, 13)))
    ),
    *(
        Case(f"{kind}_directory", [TEXT, RED_PNG], [TEXT, RED_PNG], until=FOUR)
        for kind in ("file", "uploadbutton")
    ),
    *(Case(f"{kind}_multiple", TEXT, [TEXT]) for kind in ("file", "uploadbutton")),
    *(Case(f"{kind}_bytes", b"hello", described(b"hello")) for kind in ("file", "uploadbutton")),
    *(
        Case(name, paths, given, since, until)
        for name, paths, given in (
            ("fileexplorer", ["main.py", "before.py"], [MAIN, BEFORE_PY]),
            ("fileexplorer", [["main.py"]], [MAIN]),
            ("fileexplorer_one", "main.py", MAIN),
        )
        for since, until in (((3, 50), FOUR), ((4, 13), (99,)))  # that of 4.0 never works
    ),
    # Chats.
    Case("chatbot", CHAT, CHAT),
    Case("chatbot", [["hi", None]], [["hi", None]], SUBTITLES),
    Case("chatbot", [[None, (RED_PNG, "red")]], [[None, [RED_PNG, "red"]]], SUBTITLES),
]
# What comes out is not what went in: HTML in some versions, a plot of the app's own, the image
# without what was drawn on it, images without captions alone.
CHANGED = {
    "markdown": "3.50",
    "chatbot": "3.36",
    "barplot": "4",
    "sketch_upload": "4",
    "sketch_webcam": "4",
    "gallery": "4",
}
"""By endpoint, the first version where that is no longer so."""


@every_version
def test_what_goes_in(app: gp.Session, version: str, folder: Path) -> None:
    """The app's function is given what was meant, in each of the forms that a value has."""
    for case in applying(CASES, version):
        result = app[case.endpoint](with_files(case.argument, lambda name: str(folder / name)))
        assert got(result) == content_of(case.got, folder), case.endpoint
        # No version says which components show nothing at times.
        assert result[0] is None or wrong_result(app[case.endpoint], result) == [], case.endpoint


@every_version
def test_defaults_are_what_annotations_say(app: gp.Session) -> None:
    """What the page has at first is of the type that the parameter takes."""
    assert wrong_defaults(app) == []


@every_version
def test_what_came_out_goes_in(app: gp.Session, version: str, folder: Path) -> None:
    """A result is an argument of the same component, and means the same."""
    for case in applying(CASES, version):
        first = app[case.endpoint](with_files(case.argument, lambda name: str(folder / name)))
        if first[0] is None or case.endpoint.endswith("_index"):
            continue
        second = app[case.endpoint](first[0])
        if version >= CHANGED.get(case.endpoint, ""):
            assert got(first) == got(second), case.endpoint
            assert without_files(first[0]) == without_files(second[0]), case.endpoint


@every_version
def test_what_comes_out(app: gp.Session, version: str, folder: Path) -> None:
    """Files are files wherever they are, and tables are tables."""
    picture, film = folder / "red.png", folder / "film.mp4"
    pair = SUBTITLES <= release_of(version) < FOUR

    assert isinstance(app.image_numpy(picture)[0], gp.File)
    assert isinstance(app.dataframe(TABLE)[0].to_pandas(), pd.DataFrame)
    shown = app.gallery([picture, (picture, "red")])[0]
    assert len(shown) == 2
    if release_of(version) < FOUR:
        assert isinstance(app.sketch_upload(picture)[0], gp.File)
        assert app.timeseries(SERIES)[0].to_pandas()["v"].tolist() == [2, 4]
        assert isinstance(shown[0], gp.File)
        assert [type(shown[1][0]), shown[1][1]] == [gp.File, "red"]
    if pair:
        video, titles = app.video_titled(film)[0]
        assert video.bytes() == FILMED
        assert titles.bytes().startswith(b"WEBVTT")
        assert (titles.name, titles.mime_type) == ("file.vtt", "text/vtt")
        assert app.video(film)[0][1] is None
        assert (
            inspect.signature(app.video).return_annotation.__annotations__["Value"]
            == (list[gp.File | None])
        )


@every_version
def test_rows_that_can_be_no_rows_of_a_table(app: gp.Session) -> None:
    """Where nobody can change the number of columns, rows without names have that many cells."""
    said = r"a row has 1 cell, and the table 2 columns \(first, second\)"
    with pytest.raises(gp.ArgumentError, match=said):
        app.dataframe_fixed([[1]])
    with pytest.raises(gp.ArgumentError, match="a row has 3 cells, and the table 2 columns"):
        app.dataframe_fixed(np.zeros((2, 3)))
    assert app.dataframe_array.check([[1, 2, 3]]).data[0]["headers"] == ["first", "second", "3"]
    assert app.dataframe_fixed.check({"headers": ["a"], "data": [[1]]}).data[0]["headers"] == ["a"]


@pytest.mark.parametrize("version", BEFORE[:3])
def test_what_can_not_be_drawn_on(app: gp.Session) -> None:
    """A mask of the right size can't be made for it, and what is needed is said."""
    with pytest.raises(gp.ArgumentError, match=r"size can't be told; it takes .'image': "):
        app.sketch_upload(b"no image")
    with pytest.raises(gp.ArgumentError, match="it takes a path"):
        app.sketch_upload({"image": 5, "mask": 5})


# What users of the official client of that time passed: paths, also of files of JSON, and of a
# folder for a gallery.
PASSED = [
    Case("textbox", "hällo", None),
    Case("number", 2, None),
    Case("checkboxgroup", ["a", "c"], None),
    Case("dropdowns", ["a"], None),
    Case("image_numpy", RED_PNG, None),
    Case("image_select", RED_PNG, None, until=FOUR),
    Case("audio_numpy", WAVE_WAV, None),
    Case("video", FILM, None, until=FOUR),
    Case("model3d", MODEL, None),
    Case("file_single", TEXT, None),
    Case("file_multiple", [TEXT, RED_PNG], None),
    Case("uploadbutton_multiple", [TEXT, RED_PNG], None),
    *(
        Case(endpoint, Name(f"{name}.json"), None, until=FOUR)
        for endpoint, name in (
            ("dataframe", "table"),
            ("timeseries", "series"),
            ("label", "label"),
            ("highlightedtext", "marked"),
            ("chatbot", "chat"),
            ("plot", "plot"),
            ("json", "any"),
        )
    ),
    Case("dataframe", TABLE, None, FOUR),
    Case("chatbot", CHAT, None, FOUR),
    Case("json", {"a": 1}, None, FOUR),
]


@pytest.mark.parametrize("version", BEFORE[1:])
def test_what_the_official_client_takes(
    app: gp.Session, version: str, folder: Path, tmp_path: Path
) -> None:
    """The app's function is given the same as by the client of its time, for the same argument."""
    cases = applying(PASSED, version)
    calls = [(f"/{case.endpoint}", with_official_files(case.argument, folder)) for case in cases]
    answers = call_officially(version, app.url, calls, tmp_path)
    theirs = [json.loads(answer[1]) for answer in answers]
    ours = [got(app[case.endpoint](with_own_files(case.argument, folder))) for case in cases]

    assert [
        (case, one, other)
        for case, one, other in zip(cases, ours, theirs, strict=True)
        if one != other
    ] == []


@pytest.mark.parametrize("version", BEFORE[:3])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff"])
def test_a_mask_for_a_picture_of_a_camera_that_was_turned(
    app: gp.Session, tmp_path: Path, kind: str
) -> None:
    """It is as large as the image is when the server has turned it, where that turns images."""
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / f"turned.{kind}"
    if kind == "tiff":  # which differs from Pillow to Pillow if it is turned
        PIL.Image.new("RGB", (7, 5)).save(path)
    else:
        PIL.Image.new("RGB", (7, 5)).save(path, exif=exif)

    seen = got(app.sketch_upload(path))
    assert seen["image"]["shape"][:2] == seen["mask"]["shape"][:2]


def with_own_files(value: Any, folder: Path) -> Any:
    """Return a value with paths of files; that of a value in a file is no text here."""
    if isinstance(value, Name) and value.name.endswith(".json"):
        return folder / value.name
    return with_files(value, lambda name: str(folder / name))


def with_official_files(value: Any, folder: Path) -> Any:
    """Return a value as the official client's script takes it."""
    if isinstance(value, Name):
        return {"__file__": str(folder / value.name)}
    return (
        [with_official_files(item, folder) for item in value] if isinstance(value, list) else value
    )


@pytest.mark.parametrize("version", BEFORE[:3])
def test_a_gallery_in_a_folder(app: gp.Session, folder: Path) -> None:
    """The official client took the path of a folder with captions, in which it left one, too."""
    expected = content_of([RED_PNG, [MASK_PNG, "mask"]], folder)

    assert got(app.gallery(str(folder))) == expected
    assert got(app.gallery(folder)) == expected
