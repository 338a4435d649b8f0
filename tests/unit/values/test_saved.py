"""Files of values, as the client of Gradio 3's time took them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.schema.release import Release
from gradioproxy.schema.shape import ANYTHING
from gradioproxy.values.encode import Encoder
from gradioproxy.values.markers import Untrusted
from gradioproxy.values.saved import load_saved
from tests.support.schemas import endpoint, parameter
from tests.support.web_server import transport_to

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("Dataframe", "Timeseries", "Label", "Highlightedtext", "Json", "Chatbot", "Plot")


def read(component: str, value: Any) -> Any:
    """Return what is meant for a component."""
    return load_saved(parameter("x", ANYTHING, component=component), value)


@pytest.mark.parametrize("component", [*KINDS, "Annotatedimage"])
def test_a_file_of_json(tmp_path: Path, component: str) -> None:
    """Its content is the value."""
    path = tmp_path / "value.json"
    path.write_text(json.dumps({"a": "ä"}), encoding="utf-8")

    assert read(component, path) == {"a": "ä"}


def test_a_path_as_text(tmp_path: Path) -> None:
    """It names a file where files go. Elsewhere a text is a text, whoever wrote it, and stays here.

    A text that one app gave may be passed to another: it must not open a file on its way.
    """
    path = tmp_path / "value.json"
    path.write_text(json.dumps({"token": "secret"}))

    for component in ("Chatbot", "Dataframe", "Highlightedtext", "Json", "Label", "Plot"):
        assert read(component, str(path)) == str(path)
    for component in ("Annotatedimage", "Timeseries"):
        assert read(component, str(path)) == {"token": "secret"}


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    """It is a gallery if it says which pictures it has."""
    assert read("Gallery", tmp_path) == tmp_path
    captions = {"a.png": None, str(tmp_path / "b.png"): "b"}
    (tmp_path / "captions.json").write_text(json.dumps(captions))

    assert read("Gallery", str(tmp_path)) == [tmp_path / "a.png", (tmp_path / "b.png", "b")]


@pytest.mark.parametrize(
    "value", ["cat", "missing.json", "a\0.json", "x" * 5_000 + ".json", 5, None]
)
def test_what_is_no_file(value: Any) -> None:
    """It stays what it is."""
    for component in (*KINDS, "Gallery"):
        assert read(component, value) is value


def test_other_components_take_no_files(tmp_path: Path) -> None:
    """A text is a text, and a path on the server is no path here."""
    path = tmp_path / "value.json"
    path.write_text("{}")
    for component in ("Textbox", "Fileexplorer", "File"):
        assert read(component, path) == path
    assert read("Json", tmp_path / "value.txt") == tmp_path / "value.txt"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_can_not_be_read(tmp_path: Path, content: bytes) -> None:
    """It says which file is wrong."""
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"value\.json holds no JSON"):
        read("Json", path)


def test_others_name_no_files(tmp_path: Path) -> None:
    """What a model or another server wrote is a text, and so is everything for later versions."""
    path = tmp_path / "value.json"
    path.write_text("{}")

    def sent(value: Any, *release: int) -> Any:
        made = endpoint([parameter("x", ANYTHING, component="Json")])
        encoder = Encoder(transport_to("http://app.test"), Release(release))
        return encoder.encode("f", made, ("x",), {"x": value}).data

    assert sent(path, 3, 50) == [{}]
    assert sent(str(path), 3, 50) == [str(path)]
    assert sent(Untrusted(str(path)), 3, 50) == [str(path)]
    assert sent(str(path), 4, 0) == [str(path)]
