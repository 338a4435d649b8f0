"""Contracts in files: written whole, read back as they were, or refused with what to do."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

import gradioproxy as gp
from gradioproxy.client.contract.storage import read_contract, write_contract
from tests.support.contracts import contract, function, giving, taking
from tests.support.schemas import texts, values

if TYPE_CHECKING:
    from pathlib import Path

GOOD = contract({"/f": function(taking("a", choices=["x"]), returns=[giving(name="a")] * 2)})


def test_a_lock_is_text_that_people_compare(tmp_path: Path) -> None:
    """A line for each fact, nothing that a terminal obeys, and an end of line at the end."""
    path = tmp_path / "app.lock.json"
    path.write_text("before")
    one = contract({"/f": function(taking("a", default="é\x1b\u202e\ud800\n"))})
    write_contract(path, one)
    text = path.read_bytes().decode()
    assert text == text.strip() + "\n"
    assert '          "default": "é\\u001b\\u202e\\ud800\\n"\n' in text
    assert read_contract(str(path)) == one
    assert [each.name for each in tmp_path.iterdir()] == ["app.lock.json"]


@given(texts, values)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, text: str, value: Any
) -> None:
    """To the letter, whatever an app says; numbers that are none are no JSON."""
    value = json.loads(json.dumps(value), parse_constant=str)
    path = tmp_path_factory.getbasetemp() / "identity.lock.json"
    one = contract({text: function(taking(text or "a", default=value), name=text)})
    write_contract(path, one)
    assert read_contract(path) == one


def test_a_lock_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(gp.MissingFile, match=r"lock: got '.*no.json'.*gradioproxy lock"):
        read_contract(tmp_path / "no.json")
    with pytest.raises(FileNotFoundError, match=r"can't be read: Is a directory"):
        read_contract(tmp_path)
    with pytest.raises(gp.MissingFile, match="can't be read"):
        read_contract("a\0b")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("\xff", "is no lock of an app"),
        ("[]", "is no lock of an app"),
        ('{"functions": []}', "is no lock of an app"),
        ('{\n<<<<<<< HEAD\n"a": 1\n=======\n>>>>>>> x\n}', "holds a conflict of a merge"),
        ('{"format": 2, "functions": {}}', "format 2.*a later gradioproxy.*reads format 1"),
        ('{"format": "1", "functions": {}}', r"is damaged \(its format\)"),
        ('{"format": 1, "functions": {}}', r"is damaged \(app\)"),
    ],
)
def test_what_is_no_lock(tmp_path: Path, content: str, said: str) -> None:
    """Each has one error, which says what to do about it."""
    path = tmp_path / "x.json"
    path.write_text(content if content != "\xff" else '"\xff"', encoding="utf-8")
    with pytest.raises(gp.SchemaError, match=said):
        read_contract(path)
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(gp.SchemaError, match="is no JSON; `gradioproxy lock` writes it anew"):
        read_contract(path)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("/f",), [], "/f"),
        (("/f", "name"), 1, "/f"),
        (("/f", "returns"), None, "/f"),
        (("/f", "parameters", 0), 1, "/f, parameter 1"),
        (("/f", "parameters", 0, "required"), None, "/f, parameter 1"),
        (("/f", "parameters", 0, "choices"), "abc", "/f, parameter 1"),
        (("/f", "parameters", 0), taking("a", "Unknown"), "/f, parameter 1"),
        (("/f", "parameters", 0), taking("a", "list[" * 5000), "/f, parameter 1"),
        (("/f", "returns", 1), giving(), "/f, result 2"),
        (("/f", "returns", 0, "type"), 3, "/f, result 1"),
    ],
)
def test_a_lock_that_was_changed_by_hand(
    tmp_path: Path, place: tuple[Any, ...], value: Any, said: str
) -> None:
    """Is read only if it can be compared."""
    damaged = copy.deepcopy(GOOD)
    part = damaged["functions"]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    path = tmp_path / "x.json"
    write_contract(path, GOOD)
    assert read_contract(path) == GOOD
    write_contract(path, damaged)
    with pytest.raises(gp.SchemaError, match=rf"is damaged \({said}\)"):
        read_contract(path)


def test_marks_at_the_beginning_are_no_damage(tmp_path: Path) -> None:
    """Some editors put one there."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8-sig")
    assert read_contract(path) == GOOD


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"no/x\.json"):
        write_contract(tmp_path / "no" / "x.json", GOOD)


def test_what_was_guessed_is_no_lock(tmp_path: Path) -> None:
    """One that was written while the app failed to describe itself."""
    path = tmp_path / "app.lock.json"
    guessed = copy.deepcopy(GOOD)
    guessed["app"]["note"] = "Read from the components of the app's page."
    write_contract(path, guessed)
    with pytest.raises(
        gp.SchemaError, match="what was guessed of it; `gradioproxy lock` writes it"
    ):
        read_contract(path)
