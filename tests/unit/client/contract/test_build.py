"""What a contract says of an app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.client.contract.build import MAX_DEFAULT, build_contract, describe_contract
from gradioproxy.client.contract.changes import compare_contracts
from tests.support.app_documents import connection_to
from tests.support.schemas import read_json
from tests.support.web_server import FILE_SCHEMA, TEXT_SCHEMA, Reply, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.web_server import Web

JSON = Any

COLORS = ["red", "green"]
COMPONENTS = [
    {"id": 1, "type": "textbox", "props": {"label": "Prompt"}},
    {"id": 2, "type": "radio", "props": {"label": "Color", "choices": [[c, c] for c in COLORS]}},
    {"id": 3, "type": "slider", "props": {"label": "Steps", "minimum": 1, "maximum": 50}},
    {"id": 4, "type": "image", "props": {"label": "Image"}},
    {"id": 5, "type": "image", "props": {"label": "Out"}},
    {"id": 6, "type": "textbox", "props": {"label": "Seed used"}},
]
FUNCTION = {"id": 0, "api_name": "draw", "inputs": [1, 2, 3, 4], "outputs": [5, 6]}


def described(label: str, component: str, schema: JSON, **facts: JSON) -> JSON:
    return {"label": label, "component": component, "type": schema, **facts}


def image(folder: str) -> JSON:
    """Return a default as each process has it in a place of its own."""
    path = f"/tmp/{folder}/lion.jpg"  # noqa: S108 - the server's
    url = f"http://127.0.0.1:7861/gradio_api/file={path}"
    return {"path": path, "url": url, "meta": {"_type": "gradio.FileData"}}


def describe(default: JSON = "a lion", folder: str = "abc", **facts: JSON) -> JSON:
    """Return the contract of an app with one function."""
    given = {"parameter_has_default": True}
    entry = {
        "description": "Draw a  picture.\n\nSlowly.",
        "parameters": [
            described(
                "Prompt",
                "Textbox",
                TEXT_SCHEMA,
                parameter_name="prompt",
                parameter_default=default,
                **given,
            ),
            described("Color", "Radio", {"enum": COLORS}, parameter_name="color"),
            described(
                "Steps",
                "Slider",
                {"type": "number"},
                parameter_name="steps",
                parameter_default=20,
                **given,
            ),
            described(
                "Image",
                "Image",
                FILE_SCHEMA,
                parameter_name="image",
                parameter_default=image(folder),
                **given,
            ),
        ],
        "returns": [
            described("Out", "Image", FILE_SCHEMA),
            described("Seed used", "Textbox", TEXT_SCHEMA),
        ],
    }
    config = {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "components": COMPONENTS,
        "dependencies": [{**FUNCTION, "types": {"generator": True}, **facts}],
    }
    connection = connection_to(config, {"named_endpoints": {"/draw": entry}})
    return describe_contract(connection.description.app, connection.names, "http://app.test")


def test_a_contract_is_all_that_callers_rely_on() -> None:
    """In this order, which is that of its lines in a file."""
    expected = {
        "format": 1,
        "app": {"url": "http://app.test", "gradio": "5.50.0", "protocol": "sse_v3"},
        "functions": {
            "/draw": {
                "name": "draw",
                "description": "Draw a picture.",
                "parameters": [
                    {
                        "name": "prompt",
                        "type": "str",
                        "required": False,
                        "default": "a lion",
                        "label": "Prompt",
                        "component": "Textbox",
                    },
                    {
                        "name": "color",
                        "type": "str",
                        "required": True,
                        "choices": ["red", "green"],
                        "label": "Color",
                        "component": "Radio",
                    },
                    {
                        "name": "steps",
                        "type": "float",
                        "required": False,
                        "default": 20,
                        "minimum": 1,
                        "maximum": 50,
                        "label": "Steps",
                        "component": "Slider",
                    },
                    {
                        "name": "image",
                        "type": "FileLike | None",
                        "required": False,
                        "default": {"file": "lion.jpg"},
                        "label": "Image",
                        "component": "Image",
                    },
                ],
                "returns": [
                    {"name": "Out", "type": "File", "label": "Out", "component": "Image"},
                    {
                        "name": "Seed_used",
                        "type": "str",
                        "label": "Seed used",
                        "component": "Textbox",
                    },
                ],
                "yields": True,
            }
        },
    }
    assert json.dumps(describe(), indent=1) == json.dumps(expected, indent=1)


def test_files_have_no_place() -> None:
    """A restart, or another machine, is no change; nor is a name that Python made up."""
    assert describe(folder="abc") == describe(folder="def")
    prompt, *_ = describe(default=image("x"))["functions"]["/draw"]["parameters"]
    assert prompt["default"] == {"file": "lion.jpg"}
    odd = {**image("x"), "path": "/tmp/tmpab12_x9z.png"}  # noqa: S108
    prompt, *_ = describe(default=odd)["functions"]["/draw"]["parameters"]
    assert prompt["default"] == {"file": None}


def test_a_long_default_is_known_by_its_digest() -> None:
    prompt, *_ = describe("x" * 1_990)["functions"]["/draw"]["parameters"]
    assert prompt["default"] == "x" * 1_990
    first, second = (describe(letter * 5_000) for letter in "xy")
    prompt, *_ = first["functions"]["/draw"]["parameters"]
    assert "default" not in prompt
    assert len(prompt["default_sha256"]) == 64
    assert [str(change) for change in compare_contracts(first, second)] == [
        "/draw: parameter prompt has another default"
    ]


def test_what_can_not_be_called_says_so() -> None:
    """Where the app contradicts itself about a function, nothing else of that is sure."""
    sound, broken = describe(), describe(outputs=[5])
    assert "contradiction" not in sound["functions"]["/draw"]
    assert broken["functions"]["/draw"]["contradiction"]
    (change,) = compare_contracts(sound, broken)
    assert change.breaking
    assert "it can't be called" in change.text


def test_a_session_has_a_contract(web: Web) -> None:
    """Of the functions that it lists; its secrets are none of it."""
    serve_app(web, "url", "close", app_id=77)
    url = f"http://user:secret@127.0.0.1:{web.port}"
    with gp.connect(url, token="hf_secret", headers={"X-Key": "secret"}) as app:  # noqa: S106
        made = build_contract(app)
    assert [one["name"] for one in made["functions"].values()] == ["url_", "close_"]
    assert made["app"]["url"] == web.url
    text = json.dumps(made)
    assert "secret" not in text
    assert app.session_hash not in text
    assert made["functions"]["/url"]["returns"] == [
        {"type": "str", "label": "Text", "component": "Textbox"}
    ]


def describe_one(kind: str, schema: JSON, properties: JSON, *, changes: bool = False) -> JSON:
    """Return the contract's parameter for a component, which the function may change itself."""
    component = {"id": 1, "type": kind, "props": {"label": "P", **properties}}
    entry = {
        "parameters": [described("P", kind.title(), schema, parameter_name="p")],
        "returns": [described("P", kind.title(), schema)] if changes else [],
    }
    config = {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "components": [component],
        "dependencies": [
            {"id": 0, "api_name": "f", "inputs": [1], "outputs": [1] if changes else []}
        ],
    }
    connection = connection_to(config, {"named_endpoints": {"/f": entry}})
    made = describe_contract(connection.description.app, connection.names, "http://app.test")
    return made["functions"]["/f"]["parameters"][0]


CHOICES = {"choices": [[one, one] for one in COLORS]}


@pytest.mark.parametrize(
    ("properties", "changes", "choices"),
    [
        (CHOICES, False, COLORS),
        (CHOICES, True, None),
        ({**CHOICES, "allow_custom_value": True}, False, None),
        ({"choices": []}, False, None),
        ({"choices": [["One", 1.5], ["None", float("nan")]]}, False, [1.5, "nan"]),
    ],
)
def test_choices_that_may_be_others_are_none(
    properties: JSON, changes: bool, choices: list[JSON] | None
) -> None:
    """What a function changes of its page, or a caller may add, can't be relied on."""
    made = describe_one("dropdown", TEXT_SCHEMA, properties, changes=changes)
    assert made.get("choices") == choices


@pytest.mark.parametrize("changes", [True, False])
def test_bounds_that_may_be_others_are_none(changes: bool) -> None:
    limits = {"minimum": 1, "maximum": 5}
    made = describe_one("slider", {"type": "number"}, limits, changes=changes)
    assert (made.get("minimum"), made.get("maximum")) == ((None, None) if changes else (1, 5))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("/tmp/x/lion.jpg", "lion.jpg"),  # noqa: S108 - the server's
        ("https://host.test/lion.jpg?size=1/2", "lion.jpg"),
        ({"path": "/a/lion.jpg", "orig_name": "Lion.jpg"}, "Lion.jpg"),
        ({"name": "/a/lion.jpg", "is_file": True}, "lion.jpg"),
        ({"path": "data:image/png;base64,AAAA"}, None),
        ({"path": "/tmp/tmpab12_x9z"}, None),  # noqa: S108
    ],
)
def test_a_file_has_its_name_alone(value: JSON, name: str | None) -> None:
    assert describe_one("image", FILE_SCHEMA, {"value": value})["default"] == {"file": name}


def test_defaults_at_the_limit() -> None:
    """Their length is that of their JSON; half a character is one."""
    for length, kept in ((MAX_DEFAULT - 2, True), (MAX_DEFAULT - 1, False)):
        made = describe_one("textbox", TEXT_SCHEMA, {"value": "x" * length})
        assert ("default" in made) is kept
    halves = describe_one("textbox", TEXT_SCHEMA, {"value": "\ud800" * MAX_DEFAULT})
    assert len(halves["default_sha256"]) == 64


def test_what_was_guessed_is_no_contract(web: Web) -> None:
    """Of an app whose description fails for now; of one that never had any, it is all there is."""
    serve_app(web, "echo")
    web.on("/gradio_api/info", Reply(500))
    with gp.connect(web.url) as app, pytest.raises(gp.SchemaError) as caught:
        build_contract(app)
    assert str(caught.value).startswith(f"{web.url} has no contract for now. Read from the comp")
    assert "/info answered 500" in str(caught.value)
    serve_app(web, "echo", version="3.20.0", api_prefix="", protocol="ws")
    with gp.connect(web.url) as app:
        assert list(build_contract(app)["functions"]) == ["/echo"]


def test_real_apps(infos: Path) -> None:
    """Each has a contract, which is the same each time, and which the next copy of it keeps."""
    for config in sorted(infos.rglob("*.config.json.gz")):
        info = config.with_name(config.name.replace(".config.", ".info."))
        made = []
        for _ in range(2):
            connection = connection_to(read_json(config), read_json(info))
            app, names = connection.description.app, connection.names
            made.append(describe_contract(app, names, "http://app.test"))
        first, second = made
        assert json.dumps(first) == json.dumps(second), config.name
        assert compare_contracts(first, second) == []
        assert list(first["functions"]) == list(connection.names.listed)


def test_one_app_under_two_versions(infos: Path) -> None:
    """All components of Gradio 4.13 are in 4.19 what they were."""
    made = []
    for version in ("4.13.0", "4.19.2"):
        config, info = (
            read_json(infos / "versions" / f"{version}.{kind}.json.gz")
            for kind in ("config", "info")
        )
        connection = connection_to(config, info)
        app, names = connection.description.app, connection.names
        made.append(describe_contract(app, names, "http://app.test"))
    said = "the version of Gradio is 4.19.2, and was 4.13.0"
    assert [str(change) for change in compare_contracts(*made)] == [said]
