"""Which functions become tools, and what they are called."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import jsonschema
import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gradioproxy.functions.name_table import NameTable
from gradioproxy.mcp.tools import Toolbox, UnknownTool, choose_prefixes
from gradioproxy.schema.endpoint import Choice, Endpoint, Parameter
from gradioproxy.schema.shape import ANYTHING, TEXT, Field, Object
from tests.support.schemas import read_endpoints

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.mcp.apps import App

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def app_of(*endpoints: str, title: str = "", name: str = "127.0.0.1:7860", **more: Any) -> App:
    """Return what stands for an app with endpoints of these names."""
    found = {each: Endpoint(each, number, (), (), 0, 0) for number, each in enumerate(endpoints)}
    found |= {each.name: each for each in more.values()}
    description: Any = SimpleNamespace(endpoints=found, unnamed={}, find=found.get)
    connection = SimpleNamespace(
        names=NameTable.build(description), description=SimpleNamespace(app=description)
    )
    made = SimpleNamespace(
        name=name, title=title, connection=connection, description=description, hide=str
    )
    return cast("App", made)


def names(*apps: App, **options: Any) -> list[str]:
    return [*Toolbox(apps, file_text="A file.", **options).list()]


def test_one_app_and_several() -> None:
    """With several, each name begins with its app's title, or with that of its session."""
    one = app_of("/echo", "/add", title="Gradio")
    other = app_of("/echo", title="My Übung: tools!", name="owner/space")
    assert names(one) == ["echo", "add"]
    assert names(one, prefixed=True) == ["127_0_0_1_7860_echo", "127_0_0_1_7860_add"]
    assert names(one, other) == ["127_0_0_1_7860_echo", "127_0_0_1_7860_add", "my_bung_tools_echo"]
    assert choose_prefixes([other, other, app_of(title="工具", name="本地")]) == [
        "my_bung_tools",
        "my_bung_tools_2",
        "app",
    ]


def test_names_are_valid_and_differ() -> None:
    """However long they are, and however little they differ."""
    long = [f"/{'f' * 80}{end}" for end in ("", "a", "b")]
    for apps in ([app_of(*long)], [app_of(*long, title="x" * 99), app_of(*long, title="x" * 99)]):
        made = names(*apps)
        assert len(set(made)) == len(made) == 3 * len(apps)
        assert all(NAME.fullmatch(name) for name in made)


@pytest.mark.parametrize(
    ("only", "without", "expected"),
    [
        (["echo"], [], ["echo"]),
        (["/echo", "add"], [], ["echo", "add"]),
        ([], ["/echo"], ["add", "lambda_"]),
        (["echo", "add"], ["add"], ["echo"]),
        (["lambda"], [], ["lambda_"]),
    ],
)
def test_chosen(only: list[str], without: list[str], expected: list[str]) -> None:
    """By any of their names."""
    app = app_of("/echo", "/add", "/lambda")
    assert names(app, only=only, without=without) == expected


def test_chosen_among_names_that_would_be_equal() -> None:
    """Each is chosen by the name that its tool has, and has it whichever others there are."""
    apps = app_of("/b_c", title="a"), app_of("/c", title="a_b")
    assert names(*apps) == ["a_b_c", "a_b_c_2"]
    assert names(*apps, without=["a_b_c"]) == names(*apps, only=["a_b_c_2"]) == ["a_b_c_2"]


def test_names_that_are_none() -> None:
    """The nearest are said, without what a terminal would obey."""
    app = app_of("/echo")
    with pytest.raises(UnknownTool, match="no function 'ecko'; did you mean 'echo'"):
        names(app, without=["/ecko"])
    with pytest.raises(UnknownTool, match=r"no tool 'e\[2J'"):
        Toolbox([app], file_text="").get("e\x1b[2J")


def test_what_can_not_be_called_is_none() -> None:
    broken = Endpoint("/broken", 9, (), (), 0, 0, contradiction="it says two things")
    assert names(app_of("/echo", broken=broken)) == ["echo"]


def test_an_app_that_says_something_else() -> None:
    """Its tools are made anew; they stay the same objects while it does not."""
    app: Any = app_of("/echo")
    box = Toolbox([app], file_text="")
    before = box.list()
    assert box.list() is before
    app.connection = app_of("/other").connection
    app.description = app.connection.description.app
    assert [*box.list()] == ["other"]


def test_definitions_of_real_apps(infos: Path) -> None:
    """They can be sent as they are."""
    seen = 0
    for _, endpoint in read_endpoints(infos):
        if not endpoint.contradiction:
            box = Toolbox([app_of(own=endpoint)], file_text="A file.")
            for tool in box.list().values():
                assert tool.definition.model_dump_json(by_alias=True)
                seen += 1
    assert seen > 200


def test_a_default_without_an_end() -> None:
    """It is left out, and the others are listed all the same."""
    nested: list[Any] = []
    for _ in range(400):
        nested = [nested]
    deep = Parameter(
        "value", "Value", "Json", "json", ANYTHING, 0, has_default=True, default=nested
    )
    app = app_of("/echo", deep=Endpoint("/deep", 9, (deep,), (), 1, 0))
    (_, tool) = Toolbox([app], file_text="").list().values()
    sent = tool.definition.model_dump_json(by_alias=True)
    read = type(tool.definition).model_validate_json(sent)
    assert "default" not in read.input_schema["properties"]["value"]


def test_a_text_that_nobody_can_send() -> None:
    """It is changed, and the others are listed all the same."""
    half = "\ud800"
    choice = Parameter(
        "value",
        "Value",
        "Dropdown",
        "dropdown",
        TEXT,
        0,
        choices=(Choice(half, half),),
        closed_choices=True,
    )
    app = app_of("/echo", half=Endpoint("/half", 9, (choice,), (), 1, 0))
    (_, tool) = Toolbox([app], file_text="").list().values()
    assert "?" in tool.definition.model_dump_json(by_alias=True)


def test_passwords_that_are_names() -> None:
    """Of parameters, and of types: a client that checks its calls can make them all the same."""
    takes = Object("Found", (Field("description", TEXT, required=True),))
    parameters = (Parameter("text", "Text", "Api", "api", takes, 0),)
    app: Any = app_of(own=Endpoint("/f", 0, parameters, (), 1, 0, description="a text"))
    app.hide = lambda text: text.replace("text", "***").replace("string", "***")
    (tool,) = Toolbox([app], file_text="").list().values()
    schema = tool.definition.input_schema
    assert (tool.definition.description, schema["required"]) == ("a ***", ["text"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"text": {"description": "x"}}, schema)


def test_secrets_in_descriptions() -> None:
    own = Endpoint("/f", 0, (), (), 0, 0, description="Use hf_secret.")
    app: Any = app_of(own=own)
    app.hide = lambda text: text.replace("hf_secret", "<secret>")
    (tool,) = Toolbox([app], file_text="").list().values()
    assert "hf_secret" not in repr(tool.definition)
