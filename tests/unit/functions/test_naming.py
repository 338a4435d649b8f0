"""Names are valid, unique, stable, and those that a person would expect."""

from __future__ import annotations

import keyword
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.functions.naming import attribute_names, field_names, parameter_names
from tests.support.schemas import endpoint, endpoints, parameter, read_apps, result, texts

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint

RESERVED = frozenset({"close", "name", "url", "jobs", "x_2"})


def labels_made(*labels: str) -> tuple[str, ...]:
    """Return the parameter names that labels give."""
    return parameter_names(endpoint([parameter(label) for label in labels]))


def fields_made(*labels: str) -> tuple[str, ...]:
    """Return the field names that labels give."""
    return field_names(endpoint(results=[result(label) for label in labels]))


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("/predict", "predict"),
        ("predict", "predict"),
        ("/my-fn.v2", "my_fn_v2"),
        ("/a  b", "a__b"),
        ("//a", "_a"),
        ("/a/b/", "a_b_"),
        ("/2d", "api_2d"),
        ("/²", "_"),
        ("/", "_"),
        ("/close", "close_"),
        ("/lambda", "lambda_"),
        ("/None", "None_"),
        ("/\uff4cambda", "lambda_"),
        ("/match", "match"),
        ("/print", "print"),
        ("/_load_initial", "_load_initial"),
        ("/__class__", "__class___"),
        ("/_repr_html_", "_repr_html__"),
        ("/_func_impl_", "_func_impl__"),
        ("/ﬁt", "fit"),
        ("/größe", "größe"),
        ("/生成", "生成"),
        ("/a\u200bb", "a_b"),
        ("/a\ufe0fb", "a_b"),
        ("/\u0301a", "api_\u0301a"),
    ],
)
def test_attribute(name: str, attribute: str) -> None:
    """An attribute is its endpoint's name with as few changes as Python needs."""
    assert attribute_names([name], RESERVED) == {attribute: name}


def test_equal_attributes_are_numbered_in_order() -> None:
    """The first of several equal names keeps it, the others are numbered in the app's order."""
    names = ["/a-b", "/a_b", "/a.b", "/close", "/close_"]

    assert list(attribute_names(names, RESERVED)) == ["a_b", "a_b_2", "a_b_3", "close_", "close__2"]


def test_number_never_takes_the_name_of_another() -> None:
    """A numbered name gives way to an endpoint that is called so, and to a reserved name."""
    made = attribute_names(["/a-b", "/a_b", "/a_b_2", "/x", "/-x", "/x.", "/_x"], RESERVED)

    assert made == {
        "a_b": "/a-b",
        "a_b_3": "/a_b",
        "a_b_2": "/a_b_2",
        "x": "/x",
        "_x": "/-x",
        "x_": "/x.",
        "_x_2": "/_x",
    }
    assert list(attribute_names(["/x", "x"], RESERVED)) == ["x", "x_3"]


@given(st.lists(texts, unique=True, max_size=8))
def test_attributes_are_what_python_looks_up(names: list[str]) -> None:
    """Whatever the names: one attribute for each, valid, normalised, in order, always the same."""
    made = attribute_names(names, RESERVED)

    assert list(made.values()) == names
    assert made == attribute_names(names, RESERVED)
    for attribute in made:
        assert attribute.isidentifier()
        assert not keyword.iskeyword(attribute)
        assert attribute not in RESERVED
        assert attribute == unicodedata.normalize("NFKC", attribute)


@pytest.mark.parametrize(
    ("declared", "label", "name"),
    [
        ("steps", "Number of steps", "steps"),
        ("_private", "x", "_private"),
        ("lambda", "x", "lambda_"),
        ("_func_impl_", "x", "_func_impl__"),
        ("__debug__", "x", "__debug___"),
        ("self", "x", "self"),
        ("type", "x", "type"),
        ("not a name", "x", "not_a_name"),
        ("", "Text", "Text"),
        ("-", "Text", "Text"),
        ("x" * 99, "y", "x" * 99),
        (None, "Op 1: Duration (s)", "Op_1_Duration_s"),
        (None, "snake_case ", "snake_case"),
        (None, "3D Model", "param_3D_Model"),
        (None, "class", "class_"),
        (None, "Größe", "Größe"),
        (None, "年齢 (歳)", "年齢_歳"),
        (None, "❤️ Love", "Love"),
        (None, "!?", "param_7"),
        (None, "___", "param_7"),
        (None, "", "param_7"),
    ],
)
def test_parameter(declared: str | None, label: str, name: str) -> None:
    """A parameter has its declared name, else its label's words, else its number."""
    made = endpoint([parameter(label, declared_name=declared, index=7)])

    assert parameter_names(made) == (name,)


def test_equal_parameters_are_numbered() -> None:
    """Equal labels are numbered in order, around a label that is such a number itself."""
    assert labels_made("Text", "Text", "Text 2", "Text") == ("Text", "Text_3", "Text_2", "Text_4")


def test_long_label_is_cut_between_words() -> None:
    """Nobody has to type a paragraph; where there is no blank it is cut anywhere."""
    words, word = labels_made("please describe " * 9, "x" * 200)

    assert words == "please_describe_please_describe_please_describe_please"
    assert word == "x" * 60


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Generated image", "Generated_image"),
        ("_hidden", "hidden"),
        ("# Events", "Events"),
        ("class", "class_"),
        ("2nd", "output_2nd"),
        ("count", "count"),
        ("", "output_0"),
        ("__", "output_0"),
    ],
)
def test_field(label: str, field: str) -> None:
    """A field has its label's words, else its number."""
    assert fields_made(label) == (field,)


def test_equal_fields_are_numbered() -> None:
    """Equal labels are numbered, missing ones have the number of their place."""
    assert fields_made("Text", "Text", "", "?") == ("Text", "Text_2", "output_2", "output_3")


@given(endpoints())
def test_names_are_taken_by_python(made: Endpoint) -> None:
    """Whatever the labels, functions and named tuples can be made with the names."""
    parameters = parameter_names(made)
    fields = field_names(made)

    for names in (parameters, fields):
        assert len(names) == len(set(names))
        assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
        assert all(name == unicodedata.normalize("NFKC", name) for name in names)
    assert not any(name.startswith("_") for name in fields)
    compile(f"def f({', '.join(parameters)}): pass", "<test>", "exec")


def test_real_apps(infos: Path) -> None:
    """Every endpoint of every real app gets an attribute, and the plain ones keep their names."""
    for _, app in read_apps(infos):
        made = attribute_names(app.endpoints, RESERVED)

        assert list(made.values()) == list(app.endpoints)
        for attribute, name in made.items():
            plain = name.removeprefix("/")
            if plain.isidentifier() and not keyword.iskeyword(plain) and plain not in RESERVED:
                assert attribute == plain
