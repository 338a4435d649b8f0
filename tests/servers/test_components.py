"""Every component that ships with Gradio: what goes in and comes out, beside the official client.

The endpoints of the app `components` show a value in its component again, and what the app's
function was given for it.
"""

from __future__ import annotations

import copy
import datetime as dt
import enum
import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import PIL.Image
import pytest

from tests.support.component_cases import (
    CASES,
    CONFIDENCES,
    DRAWN,
    FIVE,
    GRID,
    LATE_FIVE,
    NUMBERS,
    PAIRS,
    SIX,
    TOKENS,
    applies,
)
from tests.support.fitting import wrong_defaults, wrong_result
from tests.support.gradio.apps import sequences
from tests.support.processes import call_officially
from tests.support.sample_files import (
    FILM,
    FILMED,
    MASK,
    MASK_PNG,
    RED,
    RED_PNG,
    TEXT,
    TITLES,
    WAVE,
    WAVE_WAV,
    with_files,
    without_files,
    write_sample_files,
)
from tests.support.versions import release_of

if TYPE_CHECKING:
    import gradioproxy as gp
    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers

ALL_COMPONENTS = pytest.mark.since(
    "4.44", "the app with an endpoint for each component uses what came until 4.44"
)


class Size(enum.Enum):
    """Choices of a caller."""

    ONE = 1
    TWO = "2"


class Short(NamedTuple):
    """Something that a caller may pass, and what it has to be the same as."""

    endpoint: str
    argument: Any
    meant: Any
    since: tuple[int, ...] = ()
    until: tuple[int, ...] = (99,)


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app with all components."""
    return gradio(version, "components")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a file of each kind, by the names that `with_files` knows."""
    folder = tmp_path_factory.mktemp("files")
    write_sample_files(folder)
    return folder


@ALL_COMPONENTS
def test_no_component_is_forgotten(app: gp.Session) -> None:
    """Each component that this Gradio has is tried here, or there is a reason why it can't be."""
    assert app.unknown() == []
    version = app.version
    tried = {f"/{case.endpoint}" for case in CASES if applies(case, version)}
    assert set(app) - tried == {"/picture", "/sound", "/unknown"}


@ALL_COMPONENTS
def test_answers_are_those_of_the_official_client(
    app: gp.Session, version: str, folder: Path, tmp_path: Path
) -> None:
    """The same input gives the same answer, files by content."""
    cases = [case for case in CASES if applies(case, version)]
    calls = [
        (f"/{name}", with_files(argument, lambda file: {"__file__": str(folder / file)}))
        for name, argument, *_ in cases
    ]
    theirs = call_officially(version, app.url, calls, tmp_path)
    ours = [
        without_files(app[name](with_files(argument, lambda file: folder / file)))
        for name, argument, *_ in cases
    ]
    assert [
        case for case, one, other in zip(cases, ours, theirs, strict=True) if one != other
    ] == []


@ALL_COMPONENTS
def test_what_came_out_goes_in_again(app: gp.Session, version: str, folder: Path) -> None:
    """A result is an argument of the same component, and means the same."""
    for case in [case for case in CASES if applies(case, version)]:
        first = app[case.endpoint](with_files(case.argument, lambda file: folder / file))
        if first[0] is not None:
            # No version says which components show nothing at times.
            assert wrong_result(app[case.endpoint], first) == [], case
            second = app[case.endpoint](first[0])
            # Code is shown without the blanks around it, and masks are coloured each time.
            if case.endpoint not in {"code", "annotatedimage"}:
                assert second.Got == first.Got, case
                assert without_files(second[0]) == without_files(first[0]), case


@ALL_COMPONENTS
def test_defaults_of_all_are_what_annotations_say(app: gp.Session) -> None:
    """What the page has at first is of the type that the parameter takes."""
    assert wrong_defaults(app) == []


def image(array: Any = RED, mode: str | None = None) -> Any:
    """Return an image of Pillow."""
    return PIL.Image.fromarray(array).convert(mode)


ROWS = [[1, 2], [3, 4]]
FRAME = pd.DataFrame({"a": [1, 2.5], "b": ["x", None]})
GAPS = {"headers": ["t", "n"], "data": [["2024-01-02 00:00:00", 1], [None, None]], "metadata": None}
ZONE = dt.timezone(dt.timedelta(hours=2))
BARE = {"background": RED_PNG, "layers": [], "composite": RED_PNG}

SHORT = [
    Short("number", np.float32(0.5), 0.5),
    Short("slider", np.int64(3), 3),
    Short("checkbox", np.bool_(1), meant=True),
    Short("dataset", np.int8(1), 1),
    Short("textbox", Path("a", "b"), "a/b"),
    # Choices by label, as an enum, alone and as none of several.
    Short("radio", "One", 1),
    Short("dropdown", "Two", "2"),
    Short("dropdown", Size.TWO, "2"),
    Short("dropdowns", ("Two", Size.ONE), ["2", 1]),
    Short("dropdowns", "1", ["1"]),
    Short("checkboxgroup", np.array([1]), [1]),
    Short("checkboxgroup", "Two", ["2"]),
    Short("checkboxgroup", None, []),
    # Moments.
    Short("datetime", dt.datetime(2024, 1, 2, 3, 4, 5, 6), "2024-01-02 03:04:05"),  # noqa: DTZ001
    Short("datetime", "2024-01-02T03:04:05", "2024-01-02 03:04:05"),
    Short("datetime", dt.date(2024, 1, 2), "2024-01-02 00:00:00"),
    Short("datetime", pd.Timestamp("2024-01-02 03:04:05"), "2024-01-02 03:04:05"),
    Short("datetime", np.datetime64("2024-01-02T03:04:05", "ns"), "2024-01-02 03:04:05"),
    Short("datetime_object", dt.datetime(2024, 1, 2, tzinfo=ZONE), "2024-01-02 07:00:00"),
    Short("datetime_object", 0, "1970-01-01 09:00:00"),
    Short("datetime_text", dt.date(2024, 1, 2), "2024-01-02"),
    # Tables.
    Short("dataframe", FRAME, GRID),
    Short("dataframe", FRAME.set_index("a", drop=False), GRID),
    Short("dataframe", {"a": [1, 2.5], "b": np.array(["x", None])}, GRID),
    Short("dataframe", [{"a": 1, "b": "x"}, {"a": 2.5}], GRID),
    Short("dataframe", FRAME["a"], {"headers": ["a"], "data": [[1], [2.5]]}),
    Short("dataframe", pd.DataFrame({"a": []}), {"headers": ["a"], "data": []}),
    Short(
        "dataframe",
        pd.DataFrame({"t": [pd.Timestamp("2024-01-02"), pd.NaT], "n": [1, float("nan")]}),
        GAPS,
    ),
    Short(
        "dataframe",
        {"headers": ["a"], "data": [[float("nan")]]},
        {"headers": ["a"], "data": [[None]]},
    ),
    Short("dataframe_array", ROWS, NUMBERS),
    Short("dataframe_array", np.array(ROWS), NUMBERS),
    Short("dataframe_array", [1, 2], {"headers": ["first"], "data": [[1], [2]]}),
    Short(
        "dataframe_array",
        [(1, 2, 3)],
        {"headers": ["first", "second", "3"], "data": [[1, 2, 3]]},
    ),
    Short("dataframe_numpy", pd.DataFrame(ROWS), NUMBERS),
    # Labels and texts with marks.
    Short(
        "label",
        {"dog": np.float64(0.25), "cat": 0.75},
        {"label": "cat", "confidences": CONFIDENCES},
    ),
    Short("label", "cat", {"label": "cat"}),
    Short("highlightedtext", [("The", None), ("quick", "adj")], TOKENS),
    Short(
        "highlightedtext",
        {"text": "Thequick", "entities": [{"entity": "adj", "start": 3, "end": 8}]},
        TOKENS,
    ),
    Short("dialogue", [("A", "hi")], [{"speaker": "A", "text": "hi"}], LATE_FIVE),
    Short("fileexplorer", [Path("main.py"), "before.py"], [["main.py"], ["before.py"]]),
    Short("fileexplorer_one", "main.py", [["main.py"]]),
    Short(
        "json",
        {"a": np.array([1, 2]), "b": (1, dt.date(2024, 1, 2))},
        {"a": [1, 2], "b": [1, "2024-01-02"]},
    ),
    # Images.
    Short("image_numpy", image(), RED_PNG),
    Short("image_numpy", image(RED, "RGBA"), RED_PNG),
    Short("image_numpy", RED, RED_PNG),
    Short("image_numpy", RED / 255, RED_PNG),
    Short("image_numpy", np.asfortranarray(RED), RED_PNG),
    Short("image_numpy", MASK, MASK_PNG),
    Short("image_numpy", MASK > 0, MASK_PNG),
    Short("image_pil", image(MASK, "P"), MASK_PNG),
    Short("imageeditor_numpy", RED, BARE),
    Short("imageeditor_pil", image(), BARE),
    Short("imageeditor_numpy", RED_PNG, BARE),
    Short("imageeditor_numpy", {"background": image()}, BARE),
    Short("imageeditor_numpy", {**DRAWN, "layers": [MASK]}, DRAWN),
    Short("imageslider", (RED, image(MASK)), [RED_PNG, MASK_PNG], LATE_FIVE),
    # A gallery's images with and without captions, alone, and of a component of one's own.
    Short("gallery_numpy", [RED_PNG], [{"image": RED_PNG}]),
    Short("gallery_numpy", RED_PNG, [{"image": RED_PNG}]),
    Short(
        "gallery_numpy",
        [(RED, "red"), image(MASK)],
        [{"image": RED_PNG, "caption": "red"}, {"image": MASK_PNG}],
    ),
    Short("gallery", [(RED_PNG, "red")], [{"image": RED_PNG, "caption": "red"}]),
    Short(
        "gallery",
        [(FILM, "film"), RED_PNG],
        [{"video": FILM, "caption": "film"}, {"image": RED_PNG}],
        FIVE,
    ),
    Short("gallery", [FILMED], [{"video": FILM}], FIVE),
    Short(
        "album",
        [RED_PNG, (MASK_PNG, "mask")],
        [{"image": RED_PNG}, {"image": MASK_PNG, "caption": "mask"}],
    ),
    Short("annotatedimage", RED_PNG, {"image": RED_PNG, "annotations": []}),
    Short(
        "annotatedimage",
        (RED_PNG, [(MASK_PNG, "a")]),
        {"image": RED_PNG, "annotations": [{"image": MASK_PNG, "label": "a"}]},
    ),
    # Sounds and films.
    Short("audio_numpy", (8000, WAVE), WAVE_WAV),
    Short("audio_numpy", (8000, WAVE.tolist()), WAVE_WAV),
    Short("audio_numpy", (np.int64(8000), WAVE.reshape(-1, 1)), WAVE_WAV),
    Short("video", FILM, {"video": FILM, "subtitles": None}, until=SIX),
    Short("video", (FILM, TITLES), {"video": FILM, "subtitles": TITLES}, until=SIX),
    # Messages.
    Short("multimodaltextbox", "hi", {"text": "hi", "files": []}),
    Short("multimodaltextbox", ("hi", [TEXT]), {"text": "hi", "files": [TEXT]}),
    Short("multimodaltextbox", {"text": "hi", "files": TEXT}, {"text": "hi", "files": [TEXT]}),
    Short("multimodaltextbox", b"hello", {"text": "", "files": [TEXT]}),
    Short(
        "chatbot",
        [{"role": "user", "content": "hi"}],
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        SIX,
    ),
    Short(
        "chatbot",
        [{"role": "user", "content": ["hi", (RED_PNG, "red")]}],
        [{"role": "user", "content": [{"text": "hi"}, {"file": RED_PNG, "alt_text": "red"}]}],
        SIX,
    ),
    Short(
        "chatbot",
        [("hi", "yes"), (None, "more")],
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "yes"},
            {"role": "assistant", "content": "more"},
        ],
    ),
    Short(
        "chatbot",
        [{"role": "user", "content": (RED_PNG, "red")}],
        [{"role": "user", "content": {"file": RED_PNG, "alt_text": "red"}}],
        until=SIX,
    ),
    Short("chatbot_tuples", [("hi", (RED_PNG, "red")), (None, "yes")], PAIRS, until=SIX),
    # Files of any kind.
    Short("file", io.BytesIO(b"hello"), TEXT),
    Short("file", b"hello", TEXT),
    Short("files", TEXT, [TEXT]),
    Short("file_bytes", b"hello", TEXT),
]


@ALL_COMPONENTS
def test_what_else_a_component_takes(app: gp.Session, version: str, folder: Path) -> None:
    """What people have at hand arrives as what the page would send for it."""
    others = []
    for case in [case for case in SHORT if applies(case, version)]:
        meant = app[case.endpoint](with_files(case.meant, lambda file: folder / file))
        given = app[case.endpoint](with_files(case.argument, lambda file: str(folder / file)))
        if given.Got != meant.Got:
            others.append((case, given.Got, meant.Got))

    assert others == []


@ALL_COMPONENTS
def test_what_is_given_is_sent(app: gp.Session, folder: Path) -> None:
    """Nothing of an editor's value is replaced, and text for text stays what it is."""
    drawn = {"background": folder / "red.png", "layers": [], "composite": None}
    assert app.imageeditor_pil(drawn).Got["got"]["composite"] is None
    assert app.datetime_text("2024-01-02 03:04:05").Got["got"] == "2024-01-02 03:04:05"
    # This one would fail at a time.
    assert app.datetime_day("2024-01-02 03:04:05").Got == app.datetime_day("2024-01-02").Got


@ALL_COMPONENTS
def test_results_are_copied_and_pickled(app: gp.Session, folder: Path) -> None:
    """What comes back keeps its kind: tuples with names, tables, files at any depth."""
    table = app.dataframe(FRAME)
    pictures = app.gallery([folder / "red.png"])
    for result in (table, pictures):
        again = pickle.loads(pickle.dumps(result))  # noqa: S301 - made here
        for other in (again, copy.copy(result), copy.deepcopy(result)):
            assert (other, type(other)) == (result, type(result))
            assert type(other.Value) is type(result.Value)
    assert table.Value.to_pandas()["a"].tolist() == FRAME["a"].tolist()
    assert pickle.loads(pickle.dumps(pictures)).Value[0]["image"].bytes()  # noqa: S301 - made here


@ALL_COMPONENTS
def test_a_check_shows_what_would_be_sent(app: gp.Session) -> None:
    """Tables are as the server gets them, and images by the names that they would have."""
    assert app.dataframe.check(FRAME).data == [GRID]
    plan = app.gallery.check([(RED, "red"), b"%PDF-"])
    image = {"image": "<image.png>", "caption": "red"}
    assert plan.data == [[image, {"image": "<file.pdf>"}]]
    assert [(file.where, file.name, file.size) for file in plan.files] == [
        ("value[0]['image']", "image.png", None),
        ("value[1]['image']", "file.pdf", 5),
    ]
    assert "upload image.png (unknown size)" in str(plan)


@ALL_COMPONENTS
def test_numbers_of_images_mean_what_they_mean_to_gradio(app: gp.Session) -> None:
    """An array that is sent looks like one that an app shows."""
    for kind in ("uint8", "uint16", "int64", "float32", "float64"):
        shown = app.image_numpy(app.picture(kind))
        sent = app.image_numpy(sequences.numbers_of(kind).reshape(8, 8, 3))
        assert sent.Got == shown.Got, kind


@ALL_COMPONENTS
def test_numbers_of_sounds_mean_what_they_mean_to_gradio(app: gp.Session) -> None:
    """An array that is sent sounds like one that an app plays."""
    # Before Gradio 6 the small kinds overflow, or are rounded, with the NumPy of their time.
    small = ("int8", "uint8", "float16") if release_of(app.version) >= (6,) else ()
    for kind in (*small, "int16", "uint16", "int32", "float32", "float64"):
        played = app.audio_numpy(app.sound(kind))
        sent = app.audio_numpy((8000, sequences.numbers_of(kind).reshape(-1, 2)))
        assert sent.Got == played.Got, kind
