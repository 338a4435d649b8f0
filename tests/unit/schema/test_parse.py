"""What an app says of itself is read, whatever its version, and whatever else it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.errors import SchemaError
from gradioproxy.schema.endpoint import Choice, Target
from gradioproxy.schema.parse import compute_fingerprint, parse_app, runs_at_end
from gradioproxy.schema.release import parse_release
from gradioproxy.schema.shape import (
    ANYTHING,
    FILE,
    INTEGER,
    NULL,
    NUMBER,
    TEXT,
    Array,
    Enum,
    FixedArray,
    Object,
    Union,
    walk,
)
from tests.support.schemas import read_app, read_apps, scalars, texts, values

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint
    from gradioproxy.schema.shape import Shape

JSON = Any

STRING = {"type": "string"}
MAYBE_FILE = Union((FILE, NULL))
FILE_OF_3 = {"type": "object", "properties": {"name": {}, "data": {}, "is_file": {}}}

_OWN = {"api_info", "skip_api", "serializer"}


def component(number: int, kind: str = "textbox", **facts: JSON) -> dict[str, JSON]:
    """Return a component as ``/config`` has them; most facts are properties."""
    own: dict[str, JSON] = {key: facts.pop(key) for key in _OWN & facts.keys()}
    return {"id": number, "type": kind, "props": facts, **own}


def function(inputs: list[int], outputs: list[int], **facts: JSON) -> dict[str, JSON]:
    """Return a function as ``/config`` has them."""
    return {"inputs": inputs, "outputs": outputs, "api_name": "f", **facts}


def config(*components: JSON, functions: list[JSON], version: str = "6.0.0") -> dict[str, JSON]:
    """Return an answer to ``/config``."""
    return {"version": version, "components": [*components], "dependencies": functions}


def described(**facts: JSON) -> dict[str, JSON]:
    """Return a parameter as ``/info`` has them."""
    return {"label": "L", "parameter_name": "p", "type": STRING, "component": "Textbox", **facts}


def one(configured: dict[str, JSON], entry: JSON = None, name: str = "/f") -> Endpoint:
    """Return an endpoint, described by ``/info`` if there is an entry."""
    info = None if entry is None else {"named_endpoints": {name: entry}}
    return parse_app(configured, info).endpoints[name]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([[None, "unload"]], True),
        ([[1, "click"], [None, "unload"]], True),
        ([[1, "click"]], False),
        (["unload"], False),
        ([["unload"]], False),
        ([3], False),
        ("unload", False),
        (None, False),
    ],
)
def test_what_runs_at_the_end_of_a_session(targets: JSON, expected: bool) -> None:
    """Also of a function that nobody can call."""
    hidden = function([], [], api_name=False, backend_fn=False, targets=targets)
    assert runs_at_end(config(functions=[function([], []), hidden, "no function"])) is expected


@pytest.mark.parametrize(
    ("facts", "takes", "keeps_open"),
    [
        ({"targets": [[1, "stream"]], "connection": "stream"}, True, True),
        ({"targets": [[1, "stream"]]}, True, False),
        ({"targets": [1], "trigger": "stream"}, True, False),
        ({"targets": [[1, "click"], [2, "stream"]], "connection": "sse"}, True, False),
        ({"targets": [[1, "click"]], "connection": "sse"}, False, False),
        ({"targets": ["stream"], "connection": ["stream"]}, False, False),
        ({"targets": "stream", "trigger": {"stream": 1}}, False, False),
        ({}, False, False),
    ],
)
def test_functions_that_take_a_stream_of_inputs(
    facts: dict[str, JSON], takes: bool, keeps_open: bool
) -> None:
    """By the event that calls them; from Gradio 5 on one run takes the whole of a stream."""
    app = parse_app(config(functions=[function([], [], api_name="f", **facts)]))
    made = app.endpoints["/f"]
    assert (made.takes_chunks, made.keeps_open) == (takes, keeps_open)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6.31.0", (6, 31, 0)),
        (" 4.44.1\n", (4, 44, 1)),
        ("5.0.0b3", (5, 0, 0)),
        ("3.50", (3, 50)),
        ("dev", ()),
        ("", ()),
        ("9" * 5000, (999_999_999,)),
    ],
)
def test_version(text: str, expected: tuple[int, ...]) -> None:
    """The numbers that a version begins with are what versions are compared by."""
    assert parse_release(text).numbers == expected


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"dependencies": {}}, {"components": []}])
def test_no_description(answer: JSON) -> None:
    """Only an answer without a list of functions is refused."""
    with pytest.raises(SchemaError, match="no list of functions"):
        parse_app(answer)


def test_functions_of() -> None:
    """What a restarted app has again is told from what another app has."""
    configured = config(component(1, value="random"), functions=[function([1], [])])
    again = config(component(1, value="another"), functions=[function([1], [])])
    other = config(component(1, "number"), functions=[function([1], [])])

    assert compute_fingerprint(configured) == compute_fingerprint(again)
    assert compute_fingerprint(configured) != compute_fingerprint(other)
    assert compute_fingerprint([]) is None


def test_hidden_inputs_keep_their_places() -> None:
    """States, and what holds no data, are no parameters, but are counted."""
    made = one(
        config(
            component(1),
            component(2, "state"),
            component(3, "row", skip_api=True),
            component(4),
            functions=[function([2, 1, 3, 4], [3, 4, 2])],
        )
    )

    assert [parameter.index for parameter in made.parameters] == [1, 3]
    assert [result.index for result in made.results] == [1]
    assert (made.inputs, made.outputs) == (4, 3)
    assert made.stateful


def test_functions_of_one_name() -> None:
    """Of several functions with one name, the described one is called."""
    configured = config(
        component(1),
        functions=[function([1], [], id=7), function([1, 1], [], id=8), function([], [], id=9)],
    )
    entry: dict[str, JSON] = {"parameters": [described(), described()], "returns": []}

    assert one(configured, entry).function == 8
    assert one(configured, {"parameters": [described()] * 5}).function == 9
    assert one(configured).function == 9


def test_without_info() -> None:
    """Before 3.26 an app has components only, and they say enough."""
    made = one(
        config(
            component(1, label="Text", value="hi", api_info=STRING),
            component(2, "number", label="Amount", api_info={"info": {"type": "number"}}),
            component(3, "image", label="Picture"),
            functions=[function([1, 2, 3], [1])],
            version="3.16.2",
        )
    )

    assert [
        (parameter.declared_name, parameter.label, parameter.component, parameter.shape)
        for parameter in made.parameters
    ] == [
        (None, "Text", "Textbox", TEXT),
        (None, "Amount", "Number", NUMBER),
        (None, "Picture", "Image", FILE),
    ]
    assert [parameter.has_default for parameter in made.parameters] == [True, False, False]
    assert made.parameters[0].default == "hi"
    assert made.generator is None


def test_described() -> None:
    """What the description says goes before what the component says."""
    made = one(
        config(
            component(1, label="old", value="old", info="Why\u202e not"),
            functions=[function([1], [1], types={"generator": True}, queue=False)],
        ),
        {
            "description": "Do it.",
            "parameters": [
                described(
                    type={"type": "integer"},
                    parameter_has_default=True,
                    parameter_default=None,
                    example_input=3,
                )
            ],
            "returns": [{"label": "R", "type": {}, "component": "Json"}],
            "oauth_token": "required",
        },
    )
    parameter, result = made.parameters[0], made.results[0]

    assert (parameter.declared_name, parameter.label, parameter.shape) == ("p", "L", INTEGER)
    assert (parameter.has_default, parameter.default, parameter.example) == (True, None, 3)
    assert parameter.help == "Why not"
    assert (result.label, result.component, result.shape) == ("R", "Json", ANYTHING)
    assert made.description == "Do it."
    assert (made.generator, made.queued, made.wants_token) == (True, False, True)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (None, {}),
        ([], {}),
        ([0], {0: {"label": "A"}}),
        ([1, 0], {0: {"label": "A"}, 1: {"value": "B"}}),
        ([2], {}),
        ([-1, 3, True, "0", None, 1.0], {}),
        ("0", {}),
    ],
)
def test_properties(places: JSON, expected: JSON) -> None:
    """Of the inputs that the function looks at; a state stays at the server."""
    parts = (component(1, label="A"), component(2, "button", value="B"), component(3, "state"))
    described = function([1, 2, 3], [], component_prop_inputs=places)
    assert one(config(*parts, functions=[described])).properties == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"targets": [[1, "select"]]}, Target(1, "select", "textbox")),
        ({"targets": [[None, "load"], [1, "like"]]}, Target(1, "like", "textbox")),
        ({"targets": [1], "trigger": "change"}, Target(1, "change", "textbox")),
        ({"targets": [[99, "select"]]}, Target(99, "select", "")),
        ({"targets": [["1", "select"], "x", None, [True, "select"]]}, None),
        ({"targets": 3}, None),
    ],
)
def test_target(facts: dict[str, JSON], expected: Target | None) -> None:
    """The first component whose event calls the function."""
    made = one(config(component(1, "textbox"), functions=[function([1], [], **facts)]))
    assert made.target == expected


@pytest.mark.parametrize(
    ("said", "expected"), [(True, True), (False, False), (None, False), ("yes", False)]
)
def test_event(said: JSON, expected: bool) -> None:
    """Whether a function takes what an event brings."""
    described = function([], [], collects_event_data=said)
    assert one(config(functions=[described])).collects_event == expected
    other = one(config(functions=[function([], [])]))
    assert other.is_compatible(one(config(functions=[described]))) != expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Plain", "Plain"),
        (" two\nlines\u202e ", "two lines"),
        (3, "3"),
        (None, ""),
        (["x"], ""),
        ("parameter_12", ""),
        ("value_3", ""),
        ({"de": "Hallo", "en": 3}, "Hallo"),
        ({"key": "hello", "_type": "translation_metadata"}, "Hello!"),
        ('__i18n__{"__type__": "translation_metadata", "key": "hello"}', "Hello!"),
        ('__i18n__{"key": "chat.unknown"}', "chat.unknown"),
        ("__i18n__{broken", "__i18n__{broken"),
        ("__i18n__{" + '"key":{' * 50_000, None),
        ("x" * 900, "x" * 199 + "…"),
    ],
)
def test_label(label: JSON, expected: str | None) -> None:
    """Labels are clean lines; those that a browser would translate are translated."""
    configured = config(component(1, label=label), functions=[function([1], [])])
    configured["i18n_translations"] = {"de": {"hello": "Hallo!"}, "en": {"hello": "Hello!"}}
    made = one(configured).parameters[0].label

    assert made == expected or (expected is None and len(made) <= 200)


def test_choices() -> None:
    """Choices are pairs of label and value, or in Gradio 3 values alone."""

    def options_of(choices: JSON) -> tuple[Choice, ...] | None:
        configured = config(component(1, "radio", choices=choices), functions=[function([1], [])])
        return one(configured).parameters[0].choices

    assert options_of([["One", 1], ["Two", "2"]]) == (Choice(1, "One"), Choice("2", "Two"))
    assert options_of(["a", 3]) == (Choice("a", "a"), Choice(3, "3"))
    nothings: list[JSON] = [None, [], "ab", {}]
    assert [options_of(nothing) for nothing in nothings] == [None] * 4


@pytest.mark.parametrize(
    ("facts", "outputs", "expected"),
    [
        ({}, [], True),
        ({}, [1], False),
        ({"allow_custom_value": True}, [], False),
        ({"choices": None}, [], False),
    ],
)
def test_fixed_choices(facts: dict[str, JSON], outputs: list[int], expected: bool) -> None:
    """Choices are fixed if no value of one's own is taken and no function can change them."""
    choosing = component(1, "dropdown", **{"choices": [["a", "a"]], **facts})
    configured = config(choosing, functions=[function([1], []), function([], outputs)])

    assert parse_app(configured).unnamed["fn_0"].parameters[0].closed_choices is expected


def test_files_of_gradio_3() -> None:
    """In Gradio 3, a string of a component that holds files is a file; elsewhere it is text."""
    either = {
        "oneOf": [STRING, {"type": "object", "properties": {"name": {}, "data": {}, "is_file": {}}}]
    }
    parts = [
        component(1, "image", api_info=STRING),
        component(2, "audio", api_info=either),
        component(3, "video", api_info={"anyOf": [either, {"type": "array", "items": either}]}),
        component(4, "file", api_info={"type": "array", "items": STRING}),
        component(5, "textbox", api_info=STRING),
    ]
    functions = [function([1, 2, 3, 4, 5], [1])]
    old = one(config(*parts, functions=functions, version="3.50.2"))
    new = one(config(*parts, functions=functions, version="4.0.0"))

    assert [parameter.shape for parameter in old.parameters] == [
        FILE,
        FILE,
        FILE,
        Array(FILE),
        TEXT,
    ]
    assert old.results[0].shape == FILE
    assert new.parameters[0].shape == TEXT


PAIR = FixedArray((MAYBE_FILE, MAYBE_FILE))


@pytest.mark.parametrize(
    ("kind", "facts", "taken", "given"),
    [
        ("uploadbutton", {"file_count": "single"}, FILE, ANYTHING),
        ("uploadbutton", {"file_count": "multiple"}, Array(FILE), ANYTHING),
        ("uploadbutton", {"file_count": "directory"}, Array(FILE), ANYTHING),
        ("file", {"file_count": "multiple"}, Array(FILE), Array(FILE)),
        ("image", {"tool": "editor", "source": "upload"}, FILE, FILE),
        ("image", {"tool": "sketch", "source": "canvas"}, FILE, FILE),
        ("image", {"tool": "color-sketch", "source": "upload"}, FILE, FILE),
        ("image", {"tool": "sketch", "source": "upload"}, {"image", "mask"}, FILE),
        ("image", {"tool": "sketch", "source": "webcam"}, {"image", "mask"}, FILE),
        ("video", {}, FILE, FILE),
        ("video", {"serializer": "VideoSerializable"}, Union((FILE, PAIR)), PAIR),
        ("dataset", {}, INTEGER, None),
        ("dropdown", {"choices": ["a"]}, Enum(("a",)), Enum(("a",))),
        ("dropdown", {"choices": ["a"], "multiselect": True}, Array(Enum(("a",))), None),
        ("dataframe", {}, {"headers", "data"}, {"headers", "data"}),
        (
            "dataframe",
            {"value": {"headers": [1], "data": [[""]], "metadata": None}},
            {"headers", "data", "metadata"},
            {"headers", "data", "metadata"},
        ),
        ("timeseries", {}, {"headers", "data", "range"}, {"headers", "data"}),
        ("own", {"api_info": STRING}, TEXT, TEXT),
    ],
)
@pytest.mark.parametrize("declared", [None, {"type": {}}])
def test_components_of_gradio_3(
    kind: str, facts: dict[str, JSON], taken: JSON, given: JSON, declared: JSON
) -> None:
    """What goes in and what comes out depends on what the author set, and not on the schema."""
    schema = {} if declared is None or "api_info" in facts else {"api_info": {"info": declared}}
    configured = config(
        component(1, kind, **{**schema, **facts}),
        functions=[function([1], [1])],
        version="3.50.2",
    )
    made = one(configured)

    assert fields(made.parameters[0].shape, taken) == taken
    assert given is None or fields(made.results[0].shape, given) == given


def fields(shape: Shape, expected: JSON) -> JSON:
    """Return the names of an object's fields where those are expected, or the shape itself."""
    if not isinstance(expected, set):
        return shape
    return {field.name for part in walk(shape) if isinstance(part, Object) for field in part.fields}


def test_the_functions_of_one_number_in_info() -> None:
    """A function is the same by its name and by its number, and described without a name, too."""
    configured = config(
        component(1, label="L"),
        functions=[function([1], []), function([1], [], api_name=None)],
        version="3.50.2",
    )
    entry = {"parameters": [described(example_input="x")], "returns": []}
    info = {"named_endpoints": {"/f": entry}, "unnamed_endpoints": {"1": entry}}
    app = parse_app(configured, info)

    assert app.endpoints["/f"].parameters == app.unnamed["fn_0"].parameters
    assert app.unnamed["fn_1"].parameters[0].example == "x"


def test_what_gradio_3_leaves_out_is_listed() -> None:
    """Its /info leaves out what its client can't read; later ones what is not to be shown."""
    functions = [function([1], []), function([1], [], api_name="g")]
    entry = {"parameters": [described()], "returns": []}

    def names(version: str, *, info: bool = True, **facts: JSON) -> list[list[str]]:
        shown = [functions[0], {**functions[1], **facts}]
        configured = config(component(1), functions=shown, version=version)
        app = parse_app(configured, {"named_endpoints": {"/f": entry}} if info else None)
        return [list(app.endpoints), list(app.undocumented)]

    assert names("3.36.1") == [["/f", "/g"], []]
    assert names("4.0.0") == [["/f"], ["/g"]]
    assert names("4.44.1", info=False) == [["/f", "/g"], []]
    hidden: list[dict[str, JSON]] = [
        {"show_api": False},
        {"api_visibility": "undocumented"},
        {"api_visibility": "private"},
    ]
    for facts in hidden:
        assert names("6.0.0", info=False, **facts) == [["/f"], ["/g"]]
        assert names("6.0.0", **facts) == [["/f"], ["/g"]]
    assert names("6.0.0", backend_fn=False) == [["/f"], []]


def test_private_functions() -> None:
    """One is found by a name that no other function has, and not by what stands for none."""
    private = {"api_visibility": "private"}
    functions = [
        function([], [], api_name="a", **private),
        function([], []),
        function([1], [], api_name="f", **private),
        function([], [], api_name="false", **private),
        function([], [], api_name="False", **private),
        function([], [], api_name="page", backend_fn=False, **private),
    ]
    configured = config(component(1), functions=functions, version="6.31.0")
    entry: dict[str, JSON] = {"parameters": [], "returns": []}
    for info in (None, {"named_endpoints": {"/f": entry, "/a": entry}}):
        app = parse_app(configured, info)
        assert (list(app.endpoints), list(app.undocumented)) == (["/f"], ["/a"])
        assert (app.endpoints["/f"].function, app.undocumented["/a"].function) == (1, 0)
        assert app.find("a") is app.find("/a") is app.undocumented["/a"]
        assert app.find("false") is app.find("/False") is app.find("page") is None


def test_components_that_nobody_can_compare() -> None:
    """What is nested too deeply to be compared is not taken for the same."""
    deep: list[JSON] = [[], []]
    for _ in range(50_000):
        deep = [[deep[0]], [deep[1]]]
    parts = [component(1, value=value) for value in deep]

    assert "two components" in one(config(*parts, functions=[function([1], [])])).contradiction
    same = config(parts[0], parts[0], functions=[function([1], [])])
    assert one(same).contradiction == ""


def test_names() -> None:
    """Named functions are endpoints; private ones, and the name that is no name, are none."""
    functions = [
        function([], [], api_name="a"),
        function([], [], api_name=False),
        function([], [], api_name="False"),
        function([], [], api_name="secret", api_visibility="private"),
        function([], [], api_name="page", backend_fn=False),
    ]
    entries: dict[str, JSON] = {name: {} for name in ("/a", "/False", "/secret", "/gone")}
    old, new = config(functions=functions), config(functions=functions, version="6.10.0")

    assert list(parse_app(old, {"named_endpoints": entries}).endpoints) == ["/a"]
    assert list(parse_app(new, {"named_endpoints": entries}).endpoints) == ["/a", "/False"]
    assert list(parse_app(old).endpoints) == ["/a", "/False"]
    assert list(parse_app(old).unnamed) == ["fn_0", "fn_1", "fn_2", "fn_3"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/gradio_api", "/gradio_api"),
        ("", ""),
        (None, ""),
        ("//evil.example", ""),
        ("/a/../b?x", ""),
        ("https://evil.example", ""),
    ],
)
def test_prefix(prefix: JSON, expected: str) -> None:
    """A prefix is a path, so that no app sends its callers elsewhere."""
    assert parse_app({**config(functions=[]), "api_prefix": prefix}).prefix == expected


def test_endpoints_are_read_when_asked_for() -> None:
    """Reading a large app does not read each of its functions; one that was read is kept."""
    app = parse_app(config(component(1), functions=[function([1], [])] * 1_000))

    assert len(app.unnamed) == 1_000
    assert app.unnamed["fn_5"] is app.unnamed["fn_5"]
    assert "fn_5" in app.unnamed
    assert "fn_1000" not in app.unnamed
    with pytest.raises(KeyError):
        app.unnamed["fn_1000"]


def test_queue_by_default() -> None:
    """Where a function does not say whether it is queued, its app decides."""
    functions = [function([], [], queue=None)]

    assert one(config(functions=functions)).queued
    assert not one(config(functions=functions, version="3.50.2")).queued
    assert one({**config(functions=functions, version="3.50.2"), "enable_queue": True}).queued


_parts = st.dictionaries(
    st.sampled_from(("id", "type", "props", "api_info", "skip_api", "label", "choices", "value")),
    st.integers(0, 3) | values | st.just("state"),
)
_functions = st.dictionaries(
    st.sampled_from(
        ("id", "inputs", "outputs", "api_name", "types", "queue", "backend_fn", "api_visibility")
    ),
    st.lists(st.integers(0, 3)) | st.just("f") | values,
)
_entries = st.dictionaries(
    st.sampled_from(("parameters", "returns", "description")),
    st.lists(
        st.dictionaries(
            st.sampled_from(("label", "type", "component", "parameter_name", "parameter_default")),
            values,
        )
    )
    | values,
)


@given(
    st.fixed_dictionaries(
        {"dependencies": st.lists(_functions | values, max_size=3)},
        optional={
            "components": st.lists(_parts, max_size=4) | values,
            **dict.fromkeys(("version", "api_prefix", "protocol", "app_id", "title"), scalars),
        },
    ),
    st.fixed_dictionaries({"named_endpoints": st.dictionaries(st.just("/f") | texts, _entries)})
    | values,
)
def test_any_description(configured: JSON, info: JSON) -> None:
    """Whatever an app says of itself beyond a list of functions: all of it can be read."""
    app = parse_app(configured, info)

    for name, made in [*app.endpoints.items(), *app.unnamed.items()]:
        assert made.name == name
        assert made.takes_files in {True, False}
        assert all(parameter.takes_list in {True, False} for parameter in made.parameters)


def test_real_apps(infos: Path) -> None:
    """Every endpoint of every real app is read, with places that exist."""
    count = 0
    for _, app in read_apps(infos):
        for made in app.endpoints.values():
            count += 1
            assert all(parameter.index < made.inputs for parameter in made.parameters)
            assert all(result.index < made.outputs for result in made.results)

    assert count > 2_500


@pytest.mark.parametrize(
    ("version", "protocol", "declared", "shape"),
    [
        ("3.16.2", "ws", None, TEXT),
        ("3.36.1", "ws", None, TEXT),
        ("3.50.2", "ws", None, TEXT),
        ("4.0.2", "sse", None, TEXT),
        ("4.13.0", "sse_v1", None, TEXT),
        ("4.19.2", "sse_v2", None, TEXT),
        ("4.44.1", "sse_v3", "text", TEXT),
        ("5.0.2", "sse_v3", "text", TEXT),
        ("5.50.0", "sse_v3", "text", TEXT),
        ("6.31.0", "sse_v3", "text", TEXT),
    ],
)
def test_ten_versions(
    infos: Path, version: str, protocol: str, declared: str | None, shape: object
) -> None:
    """One app under ten Gradios has the same endpoints, as well as each can describe them."""
    app = read_app(infos / "versions" / f"{version}.config.json.gz")
    several, radio = app.endpoints["/several"], app.endpoints["/echo_radio"]

    assert app.version == version
    assert app.protocol == protocol
    assert app.stateful
    assert [result.label for result in several.results] == ["Text", "Amount"]
    assert several.parameters[0].declared_name == declared
    assert several.parameters[0].shape == shape
    assert app.endpoints["/echo_image"].parameters[0].shape == FILE
    assert radio.parameters[0].choices == (Choice("x", "x"), Choice("y", "y"))
    assert radio.parameters[0].shape in {ANYTHING, TEXT, Enum(("x", "y"))}
    assert app.endpoints["/remember"].stateful


def test_what_gr_api_describes() -> None:
    """Its labels only count, its examples stand for nothing, and its choices are the schema's."""
    choice = {"oneOf": [{"type": "null"}, {"enum": [1, 2]}]}
    entry = {
        "parameters": [
            described(component="Api", label="1st", type=choice, example_input="..."),
            described(component="Api", label="22nd", type=STRING, example_input="x"),
        ],
        "returns": [{"label": "1st", "type": STRING, "component": "Api"}],
    }
    parts = [component(n, "api", label="1st") for n in (1, 2, 3)]
    made = one(config(*parts, functions=[function([1, 2], [3])]), entry)

    first, second = made.parameters
    assert [part.label for part in (first, second, made.results[0])] == ["", "", ""]
    assert first.choices == (Choice(1, "1"), Choice(2, "2"))
    assert first.closed_choices
    assert (first.example, second.example) == (None, "x")
    assert second.choices is None
    # Elsewhere such a label is the author's.
    assert one(config(component(1, label="1st"), functions=[function([1], [])])).parameters[0].label


def test_words_in_several_languages() -> None:
    """Labels, explanations and placeholders are read in the same way."""
    key = '__i18n__{"__type__": "translation_metadata", "key": "say"}'
    configured = config(
        component(1, label=key, info=key, placeholder=key), functions=[function([1], [])]
    )
    configured["i18n_translations"] = {"en": {"say": "Say it"}}
    made = one(configured).parameters[0]

    assert (made.label, made.help, made.placeholder) == ("Say it", "Say it", "Say it")
    assert one(config(component(1, placeholder=5, info=[]), functions=[function([1], [])]))


@pytest.mark.parametrize("described", [True, False])
def test_numbers_that_stand_for_labels_are_none(described: bool) -> None:
    """Also where the functions of `gr.api` are read from the components of the page."""
    components = [{"id": n, "type": "api", "props": {"label": f"{n}st"}} for n in (1, 21)]
    function = {"api_name": "f", "inputs": [1], "outputs": [21]}
    entry = {
        "parameters": [{"label": "1st", "component": "Api", "type": {}}],
        "returns": [{"label": "21st", "component": "Api", "type": {}}],
    }
    info = {"named_endpoints": {"/f": entry}} if described else None
    config = {"version": "6.31.0", "dependencies": [function], "components": components}
    endpoint = parse_app(config, info).endpoints["/f"]
    assert [parameter.label for parameter in endpoint.parameters] == [""]
    assert [result.label for result in endpoint.results] == [""]


def test_what_is_derived_from_a_component_is_known_by_its_page() -> None:
    """``/info`` has the name of its class, and ``/config`` what the page has for it."""
    configured = config(
        component(1, "slider", minimum=0, maximum=10), component(2), functions=[function([1], [2])]
    )
    entry = {"parameters": [described(component="Temperature", type={"type": "number"})]}
    entry["returns"] = [described(component="Short")]
    made = one(configured, entry)
    [taken], [given] = made.parameters, made.results
    assert (taken.component, taken.kind, taken.constraints.maximum) == ("Temperature", "slider", 10)
    assert (given.component, given.kind) == ("Short", "textbox")
