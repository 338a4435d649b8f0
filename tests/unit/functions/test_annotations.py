"""Annotations are live typing objects, exact where the schema is, and loose where it isn't."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import re
import typing
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from pydantic import TypeAdapter
from typing_extensions import NotRequired, get_type_hints, is_typeddict

from gradioproxy.files.file import File
from gradioproxy.functions.annotations import (
    _OBJECTS,
    MAX_EXPRESSION,
    annotation,
    build_annotations,
    parameter_annotation,
    render_annotation,
    result_type,
    return_annotation,
)
from gradioproxy.functions.file_like import FileLike
from gradioproxy.functions.naming import parameter_names
from gradioproxy.schema.endpoint import Choice
from gradioproxy.schema.shape import (
    ANYTHING,
    BOOLEAN,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Dictionary,
    Enum,
    Field,
    FixedArray,
    Object,
    Shape,
    Union,
    parse_shape,
)
from tests.support.schemas import (
    endpoint,
    endpoints,
    hints_of,
    parameter,
    read_endpoints,
    result,
    schemas,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint

POINT = Object("Point", (Field("x", NUMBER, True), Field("label", TEXT, False)))
NODE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "title": "Node",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            },
            "required": ["value"],
        }
    },
}


def resolved(hint: Any) -> Any:
    """Return what `typing.get_type_hints` makes of an annotation on a function."""

    def function() -> None: ...

    function.__annotations__ = {"return": hint}
    return typing.get_type_hints(function)["return"]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (TEXT, str),
        (INTEGER, int),
        (NUMBER, float),
        (BOOLEAN, bool),
        (NULL, None),
        (ANYTHING, Any),
        (FILE, FileLike),
        (Enum(("a", "b")), Literal["a", "b"]),
        (Enum(("a", None)), Literal["a"] | None),
        (Enum((None,)), None),
        (Array(TEXT), list[str]),
        (Array(Array(ANYTHING)), list[list[Any]]),
        (Array(FILE), list[FileLike]),
        (FixedArray((TEXT, NUMBER)), tuple[str, float]),
        (FixedArray(()), tuple[()]),
        (Dictionary(NUMBER), dict[str, float]),
        (Union((TEXT, NUMBER)), str | float),
        (Union((NULL, TEXT)), str | None),
        (Union((FILE, NULL)), FileLike | None),
        (Union((TEXT, FILE)), FileLike),
        (Union((Enum(("a", None)), NULL)), Literal["a"] | None),
        (Union((Enum(("a", "b")), TEXT)), str),
        (Union((Enum(("a", 1)), NUMBER)), Literal["a", 1] | float),
    ],
)
def test_annotation(shape: Shape, expected: Any) -> None:
    """Each shape has the annotation that a person would write."""
    assert annotation(shape) == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (FILE, File),
        (Union((TEXT, FILE)), str | File),
        (FixedArray((FILE, NULL)), list[File | None]),
        (FixedArray(()), list[Any]),
    ],
)
def test_annotation_of_what_comes_back(shape: Shape, expected: Any) -> None:
    """What comes back are files of the app, and lists where JSON has no tuples."""
    assert annotation(shape, output=True) == expected


def test_literal_keeps_types_of_values() -> None:
    """One, one as text, one as a float and truth are four values, whichever was met first."""
    values = (1, "1", 1.0, True)
    flipped = (True, 1.0, "1", 1)

    for order in (values, flipped):
        kept = typing.get_args(annotation(Enum(order)))
        assert [(type(value), value) for value in kept] == [(type(v), v) for v in order]
    assert typing.get_args(annotation(Enum((1, 0))))[0] is not True
    assert typing.get_args(annotation(Enum((True, False))))[0] is True


def test_enormous_choice_is_the_type_of_its_values() -> None:
    """Hundreds of values, or values of a kilobyte, are no longer something to read."""
    assert annotation(Enum(tuple(map(str, range(31))))) is str
    assert annotation(Enum(("x" * 2000, "y"))) is str
    assert annotation(Enum((*range(40), None))) == int | None
    assert typing.get_args(annotation(Enum(tuple(range(30))))) == tuple(range(30))


def test_number_that_is_none_is_no_literal() -> None:
    """Infinity and not-a-number can't be written in a type."""
    assert annotation(Enum((math.inf, 1.0))) is float
    assert annotation(Enum((math.nan,))) is float


def test_object_is_a_typed_dict() -> None:
    """An object with known keys has a class with its title, its keys and their types."""
    made: Any = annotation(POINT)

    assert is_typeddict(made)
    assert made.__name__ == "Point"
    assert made.__required_keys__ == {"x"}
    assert made.__optional_keys__ == {"label"}
    assert typing.get_type_hints(made, include_extras=True) == {
        "x": float,
        "label": NotRequired[str],
    }
    assert made(x=1.5) == {"x": 1.5}
    assert resolved(annotation(Array(POINT))) == annotation(Array(POINT))
    assert resolved(made | None) == made | None


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        ("EditorData", "x", "EditorData"),
        ("chat message", "x", "ChatMessage"),
        ("", "chat_history", "ChatHistory"),
        ("", "", "Value"),
        ("3d point", "", "Value3dPoint"),
        ("File", "", "FileValue"),
        ("'); import os", "", "ImportOs"),
        ("\u202e", "", "Value"),
        ("x" * 300, "", "X" + "x" * 59),
    ],
)
def test_name_of_typed_dict(title: str, name: str, expected: str) -> None:
    """A class is called by its title or its place, as a class is called."""
    made = annotation(Object(title, POINT.fields), name)

    assert made.__name__ == expected


def test_keys_need_be_no_identifiers() -> None:
    """Any key of JSON can be a key of the class."""
    keys = ("a b", "class", "1", "\n", "")
    made = annotation(Object("Odd", tuple(Field(key, TEXT, True) for key in keys)))

    assert typing.get_type_hints(made) == dict.fromkeys(keys, str)


def test_equal_objects_share_a_class() -> None:
    """Equal shapes give the same class; a name, a direction or a type more gives another."""
    made = annotation(POINT)
    equal = annotation(copy.deepcopy(POINT))
    others = [
        annotation(Object("Place", POINT.fields)),
        annotation(Object("Point", (*POINT.fields, Field("y", NUMBER, True)))),
        annotation(POINT, output=True),
    ]

    assert equal is made
    assert made not in others
    assert annotation(Object("P", (Field("a", Enum((1,)), True),))) is not annotation(
        Object("P", (Field("a", Enum((True,)), True),))
    )


def test_classes_end_with_their_use() -> None:
    """Classes that nobody uses are forgotten."""
    annotation(Object("Forgotten", (Field("x", parse_shape(NODE), True),)))
    gc.collect()

    assert not [key for key in _OBJECTS if "Forgotten" in str(key)]


def test_object_that_contains_itself() -> None:
    """A recursive object refers to its own class, which resolves."""
    made = annotation(parse_shape(NODE))

    hints = get_type_hints(made)
    assert hints["value"] is int
    assert typing.get_args(hints["children"]) == (made,)
    assert set(typing.get_args(hints["next"])) == {made, type(None)}
    assert annotation(parse_shape(copy.deepcopy(NODE))) is made


def test_equal_names_of_different_recursion() -> None:
    """A part that is equal in two apps does not bring one app's recursion into the other."""
    other = copy.deepcopy(NODE)
    other["$defs"]["Node"]["properties"]["value"] = {"type": "string"}  # type: ignore[index]
    mine, theirs = annotation(parse_shape(NODE)), annotation(parse_shape(other))

    children = get_type_hints(theirs)["children"]
    assert mine is not theirs
    assert typing.get_args(children) == (theirs,)


def test_list_that_contains_itself_ends() -> None:
    """Recursion without an object to name ends at `Any`."""
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}

    assert annotation(parse_shape(tree)) == list[list[Any]]


def test_depth_and_width_are_bounded() -> None:
    """A hundred levels, or definitions that use each other twice, become loose and take no time."""
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(100):
        deep = {"type": "array", "items": deep}
    wide: dict[str, Any] = {
        f"d{level}": {
            "type": "object",
            "properties": {key: {"$ref": f"#/$defs/d{level + 1}"} for key in "ab"},
        }
        for level in range(12)
    }
    wide["d12"] = {"type": "string"}

    assert "Any" in render_annotation(annotation(parse_shape(deep)))
    assert annotation(parse_shape({"$ref": "#/$defs/d0", "$defs": wide})) is not None


def test_what_takes_too_long_to_write_is_loose() -> None:
    """A type that doubles is written as far as anybody reads; objects by their names."""
    doubled: dict[str, Any] = {"type": "string"}
    for _ in range(12):
        doubled = {"type": "array", "prefixItems": [doubled, doubled]}
    objects = {
        "type": "object",
        "title": "Many",
        "properties": {
            f"p{n}": {"type": "array", "prefixItems": [{"type": "string"}] * 50} for n in range(9)
        },
    }

    text = render_annotation(annotation(parse_shape(doubled)))
    assert text.startswith("tuple[")
    assert "Any" in text
    assert len(text) < 10 * MAX_EXPRESSION
    made = annotation(parse_shape(objects))
    assert all("Any" not in str(hint) for hint in typing.get_type_hints(made).values())


def test_large_object_is_loose_at_its_end() -> None:
    """Beyond thousands of parts, the rest of an object is `Any`."""
    many = Object("Many", tuple(Field(str(i), Array(TEXT), True) for i in range(3_000)))
    hints = list(typing.get_type_hints(annotation(many)).values())

    assert hints[0] == list[str]
    assert hints[-1] is Any


def test_file_like_is_shown_by_its_name() -> None:
    """The alias says what a file is without spelling nine types."""
    assert repr(FileLike) == "FileLike"
    assert pickle.loads(pickle.dumps(FileLike)) is FileLike  # noqa: S301 - made here
    assert resolved(FileLike | None) == FileLike | None


ABC = ["a", "b"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"shape": Enum(("a", "b")), "choices": ABC, "closed_choices": True}, Literal["a", "b"]),
        ({"shape": Enum(("a", "b")), "choices": ABC}, str),
        ({"shape": Enum(("a", "b"))}, Literal["a", "b"]),
        ({"shape": TEXT, "choices": ABC, "closed_choices": True}, Literal["a", "b"]),
        ({"shape": ANYTHING, "choices": ABC}, str),
        ({"choices": [1, "1"]}, int | str),
        ({"choices": [1, "1"], "closed_choices": True}, Literal[1, "1"]),
        ({"choices": [["x"], {}], "closed_choices": True, "shape": ANYTHING}, Any),
        ({"choices": [], "shape": Enum(("a",))}, str),
        ({"shape": Array(Enum(("a", "b"))), "choices": ABC}, list[str]),
        (
            {"shape": Array(TEXT), "choices": ABC, "closed_choices": True, "default": ["a"]},
            list[Literal["a", "b"]],
        ),
        (
            {
                "shape": ANYTHING,
                "choices": ABC,
                "component": "Checkboxgroup",
                "closed_choices": True,
                "default": [],
            },
            list[Literal["a", "b"]],
        ),
        (
            {"shape": ANYTHING, "choices": ABC, "properties": {"multiselect": True}},
            list[str],
        ),
        ({"shape": Enum(("a",)), "choices": ["a"], "closed_choices": True, "default": "z"}, str),
        (
            {"shape": Union((Enum(("a",)), NULL)), "choices": ABC, "closed_choices": True},
            Literal["a", "b"] | None,
        ),
        ({"shape": Union((Enum(("a",)), NULL)), "choices": ABC}, str | None),
        (
            {"shape": Union((Enum(("a",)), INTEGER)), "choices": ABC, "closed_choices": True},
            str | int,
        ),
        ({"shape": NUMBER, "has_default": True}, float | None),
        ({"shape": NUMBER, "has_default": True, "default": 3}, float),
        ({"shape": ANYTHING, "has_default": True}, Any),
        ({"shape": Union((TEXT, NULL)), "has_default": True}, str | None),
        ({"shape": FILE}, FileLike),
        ({"shape": FILE, "has_default": True, "default": {"path": "x"}}, FileLike | None),
        (
            {
                "shape": Enum(("a",)),
                "choices": ["a"],
                "closed_choices": True,
                "has_default": True,
            },
            Literal["a"] | None,
        ),
    ],
)
def test_parameter(facts: dict[str, Any], expected: Any) -> None:
    """Choices are types only where nothing else can be right; a default of ``None`` is allowed."""
    assert parameter_annotation(parameter(**facts)) == expected


def test_object_without_title_is_called_like_its_parameter() -> None:
    """The name in Python, or else the label, is the name of the class."""
    shape = Object("", POINT.fields)

    assert render_annotation(parameter_annotation(parameter("My Point", shape))) == "MyPoint"
    assert render_annotation(parameter_annotation(parameter("My Point", shape), "where")) == "Where"


def test_return() -> None:
    """None, one or several results are ``None``, the value or a named tuple."""
    several = endpoint(results=[result("Text"), result("", NUMBER), result("Pic", FILE)])

    assert return_annotation("f", endpoint()) is None
    assert return_annotation("f", endpoint(results=[result("x", FILE)])) is File
    # Its component may get other choices while the app runs: it is written to.
    assert return_annotation("f", endpoint(results=[result("x", Enum(("a",)))])) is str
    made: Any = return_annotation("two_outputs", several)
    assert made.__name__ == "TwoOutputsResult"
    assert made._fields == ("Text", "output_1", "Pic")
    assert typing.get_type_hints(made) == {"Text": str, "output_1": float, "Pic": File}
    assert made is result_type("two_outputs", several)


def test_result_is_a_named_tuple() -> None:
    """A result is a tuple with names, in every way that a written one is."""
    made: Any = result_type("f", endpoint(results=[result("a"), result("b")]))
    value = made("x", "y")

    assert value == ("x", "y")
    assert value.b == "y"
    assert repr(value) == "FResult(a='x', b='y')"
    assert copy.copy(value)._replace(a=1) == (1, "y")
    assert type(copy.deepcopy(value)) is made


def test_equal_endpoints_share_a_result_class() -> None:
    """The class is the same for the same endpoint, and another for other types."""
    one = result_type("f", endpoint(results=[result("a"), result("b")]))
    same = result_type("f", endpoint(results=[result("a"), result("b")]))
    other = result_type("f", endpoint(results=[result("a"), result("b", NUMBER)]))

    assert same is one
    assert other is not one


@pytest.mark.parametrize(
    ("hint", "expected", "short"),
    [
        (None, "None", "None"),
        (Any, "Any", "Any"),
        (str, "str", "str"),
        (str | None, "str | None", "str | None"),
        (typing.Optional[File], "File | None", "File | None"),  # noqa: UP045 - what | makes of some
        (None | int | str, "int | str | None", "int | str | None"),
        (FileLike | None, "FileLike | None", "FileLike | None"),
        (list[dict[str, Any]], "list[dict[str, Any]]", "list[dict[str, Any]]"),
        (tuple[()], "tuple[()]", "tuple[()]"),
        (tuple[str, FileLike], "tuple[str, FileLike]", "tuple[str, FileLike]"),
        (Literal["a", "it's"], "Literal['a', \"it's\"]", "str"),
        (Literal[1, "a"] | None, "Literal[1, 'a'] | None", "int | str | None"),
        (Literal["a"] | float, "Literal['a'] | float", "str | float"),
        (list[Literal["\u202e"]], "list[Literal['\\u202e']]", "list[str]"),
        (NotRequired[int], "int", "int"),
        (annotation(POINT), "Point", "Point"),
    ],
)
def test_spelled(hint: Any, expected: str, short: str) -> None:
    """An annotation is spelled without modules, and without choices if they are said elsewhere."""
    assert render_annotation(hint) == expected
    assert render_annotation(hint, choices=False) == short


@given(schemas)
def test_any_schema_has_annotations(schema: object) -> None:
    """Whatever a schema says: its annotations resolve, and their spelling is harmless."""
    shape = parse_shape(schema)
    for output in (False, True):
        hint = annotation(shape, "x", output=output)
        resolved(hint)
        assert render_annotation(hint).isprintable()
        for part in _parts(hint):
            typing.get_type_hints(part)


def _parts(hint: Any) -> list[Any]:
    """Return the classes in an annotation."""
    inside = [part for argument in typing.get_args(hint) for part in _parts(argument)]
    return [hint, *inside] if is_typeddict(hint) else inside


@given(endpoints())
def test_any_endpoint_has_annotations(made: Endpoint) -> None:
    """Whatever an app declares: a function can carry the annotations and be asked for them."""

    def function() -> None: ...

    function.__annotations__ = hints_of(made)
    assert len(typing.get_type_hints(function)) == len(made.parameters) + 1


def test_real_apps(infos: Path) -> None:
    """Real apps have no forgotten names in their annotations, and hardly anything is `Any`."""
    spelled: dict[str, int] = {}
    for name, made in read_endpoints(infos):
        for hint in hints_of(made, name).values():
            resolved(hint)
            text = re.sub("'.*?'", "''", render_annotation(hint))
            spelled[text] = spelled.get(text, 0) + 1

    assert not [text for text in spelled if re.search(r"\w\.\w|ForwardRef|typing", text)]
    assert spelled["Any"] < sum(spelled.values()) / 10
    assert spelled["FileLike"] > 50


def test_real_apps_are_known_to_pydantic(infos: Path) -> None:
    """It makes a JSON Schema of whatever goes in and of whatever comes out."""
    for name, made in read_endpoints(infos, 10):
        for hint in build_annotations(name, parameter_names(made), made).values():
            TypeAdapter(hint).json_schema()


@given(endpoints())
def test_any_endpoint_is_known_to_pydantic(made: Endpoint) -> None:
    for hint in build_annotations("f", parameter_names(made), made).values():
        TypeAdapter(hint).json_schema()


def test_option_labels_are_no_types() -> None:
    """What is sent is the value of a choice, so that is what the type says."""
    choices = (Choice("de", "German"), Choice("en", "English"))
    made = parameter(shape=TEXT, choices=choices, closed_choices=True)

    assert parameter_annotation(made) == Literal["de", "en"]


def test_parameter_without_component() -> None:
    """A component that a render made is in no list; its schema is all that is known."""
    made = parameter(shape=Enum(("a",)), component="")

    assert parameter_annotation(made) == Literal["a"]
    assert parameter_annotation(parameter(shape=TEXT, component="X")) is str
