"""Generated functions are functions like hand-written ones, and nothing of a stranger's is run."""

from __future__ import annotations

import ast
import builtins
import copy
import gc
import inspect
import linecache
import pickle
import re
import traceback
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal

import makefun
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradioproxy.files.file import File
from gradioproxy.functions.annotations import (
    parameter_annotation,
    render_annotation,
    return_annotation,
)
from gradioproxy.functions.codegen import REQUIRED, Blueprint, Sibling, _compile, build
from gradioproxy.functions.docstring import compose_docstring
from gradioproxy.functions.naming import attribute_names, parameter_names
from gradioproxy.text import clean
from tests.support.schemas import HOSTILE, endpoints, read_apps, texts, values
from tests.support.web_server import transport_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def echo(**arguments: Any) -> dict[str, Any]:
    """Return the arguments."""
    return arguments


def blueprint_of(
    parameters: Sequence[str] = (), defaults: Sequence[Any] = (), **facts: Any
) -> Blueprint:
    """Return the blueprint of a function."""
    return Blueprint(
        **{
            "name": "f",
            "parameters": tuple(parameters),
            "defaults": tuple(defaults),
            "annotations": {},
            "spelled": {},
            "doc": "Do it.",
            "module": "some.module",
            "place": "test f",
            "implementation": echo,
            **facts,
        }
    )


def made(parameters: Sequence[str] = (), defaults: Sequence[Any] = (), **facts: Any) -> Any:
    """Make a function that returns its arguments."""
    return build(blueprint_of(parameters, defaults, **facts))


def source_of(function: Any) -> str:
    """Return the source of a function, which has to be that of one function."""
    source = inspect.getsource(function)
    [definition] = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    assert definition.name == function.__code__.co_name
    return source


LONG = [f"a_long_parameter_name_{n}" for n in range(8)]


# What it looks like.


def test_it_is_a_function() -> None:
    """All that Python and its tools ask of a function is there, and right."""
    function = made(
        ("a", "b", "c"),
        (1, REQUIRED),
        annotations={"a": int, "b": str, "c": float, "return": list[str]},
        spelled={"a": "int", "b": "str", "c": "float", "return": "list[str]"},
    )

    assert inspect.isfunction(function)
    assert type(function) is FunctionType
    assert function.__name__ == function.__qualname__ == function.__code__.co_name == "f"
    assert function.__module__ == "some.module"
    assert function.__doc__ == inspect.getdoc(function) == "Do it."
    assert function.__defaults__ == (1, REQUIRED)
    assert function.__kwdefaults__ is None
    assert function.__annotations__ == {"a": int, "b": str, "c": float, "return": list[str]}
    assert function.__closure__ is None
    assert function.__dict__.keys() == {"__signature__"}
    assert str(inspect.signature(function)) == (
        "(a: int, b: str = 1, c: float = <required>) -> list[str]"
    )
    assert inspect.getfullargspec(function).args == ["a", "b", "c"]
    assert {
        parameter.kind.name for parameter in inspect.signature(function).parameters.values()
    } == {"POSITIONAL_OR_KEYWORD"}


def test_its_source_is_readable() -> None:
    """The source is what an author would have written."""
    function = made(
        ("a", "b", "c", "d"),
        ("x y", REQUIRED, [1]),
        spelled={"a": "int", "b": "str", "c": "bool", "return": "None"},
        doc="Do it.\n\nArgs:\n    a: One.\n",
    )

    assert inspect.getsource(function) == (
        "def f(a: int, b: str = 'x y', c: bool = REQUIRED, d=[1]) -> None:\n"
        '    """Do it.\n'
        "\n"
        "    Args:\n"
        "        a: One.\n"
        "\n"
        '    """\n'
        "    return _func_impl_(a=a, b=b, c=c, d=d)\n"
    )
    assert inspect.getsource(made()) == ('def f():\n    """Do it."""\n    return _func_impl_()\n')


def test_a_long_signature_has_a_line_for_each_parameter() -> None:
    """What does not fit on a line is broken as formatters do."""
    lines = source_of(made(LONG, [None], spelled={LONG[0]: "int", "return": "str"})).splitlines()

    assert lines[:3] == ["def f(", "    a_long_parameter_name_0: int,", f"    {LONG[1]},"]
    assert lines[8:11] == ["    a_long_parameter_name_7=None,", ") -> str:", '    """Do it."""']


@pytest.mark.parametrize("parameters", [["a"], LONG, []])
@pytest.mark.parametrize("doc", ["Do it.", "Do it.\n\nArgs:\n    a: One.\n", ""])
def test_tracebacks_show_its_line(parameters: list[str], doc: str) -> None:
    """An error below it shows its source line: code and shown source have the same lines."""

    def fail(**_: Any) -> None:
        raise ValueError("below")

    function: Any = build(blueprint_of(parameters, doc=doc, implementation=fail))
    with pytest.raises(ValueError, match="below") as raised:
        function(*parameters)

    frame = traceback.extract_tb(raised.tb)[1]
    assert frame.name == "f"
    assert frame.line == (frame.line or "").strip()
    assert str(frame.line).startswith("return _func_impl_(")
    assert linecache.getline(frame.filename, frame.lineno or 0).strip() == frame.line
    assert frame.lineno == len(source_of(function).splitlines())
    assert f'File "{frame.filename}", line {frame.lineno}, in f' in "".join(
        traceback.format_exception(raised.value)
    )
    assert inspect.getsourcelines(function)[1] == 1
    assert inspect.getsourcefile(function) == frame.filename == function.__code__.co_filename


def test_wrong_calls_show_its_signature() -> None:
    """Wrong calls are Python's own errors, with the function's name."""
    function = made(("a", "b"), (1,))

    with pytest.raises(TypeError, match=r"f\(\) missing 1 required positional argument: 'a'"):
        function()
    with pytest.raises(TypeError, match=r"f\(\) got an unexpected keyword argument 'c'"):
        function(1, c=2)
    with pytest.raises(TypeError, match=r"f\(\) takes from 1 to 2 positional arguments but 3"):
        function(1, 2, 3)
    with pytest.raises(TypeError, match=r"f\(\) got multiple values for argument 'a'"):
        function(1, a=2)


def test_arguments_arrive_by_name() -> None:
    """By position or keyword, given or left out: each argument arrives under its name."""
    default: list[int] = []
    function = made(("a", "b", "c"), (default, REQUIRED))

    assert function(1, 2, 3) == {"a": 1, "b": 2, "c": 3}
    assert function(c=3, a=1) == {"a": 1, "b": default, "c": 3}
    assert function(1)["b"] is default
    assert function(1)["c"] is REQUIRED


# Names.


@pytest.mark.parametrize(
    "name",
    [
        *("self", "cls", "print", "return_", "eval", "exec", "open", "type", "match", "case", "_"),
        *("__name__", "__builtins__", "REQUIRED", "DEFAULT_a", "HINT_a", "RETURNHINT", "evaldict"),
        *(
            "head",
            "shown",
            "blueprint",
            "create_function",
            "name",
            "lambda_",
            "arguments",
            "kwargs",
        ),
        *(
            "keyword",
            "_never",
            "func_impl",
            "_func_impl",
            "__func_impl__",
            "größe",
            "名前",
            "x" * 999,
        ),
    ],
)
def test_every_name_is_only_a_name(name: str) -> None:
    """Names that the generated code, makefun or Python use for themselves don't clash."""
    function = made((name, "other"), ("default",), name=name, place=f"test {name}")

    assert function("a") == {name: "a", "other": "default"}
    assert function(**{name: "a", "other": "b"}) == {name: "a", "other": "b"}
    assert function.__name__ == name
    assert name in source_of(function)
    assert made(("a",), (1,), spelled={"a": name})() == {"a": 1}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "lambda",
            "None",
            "True",
            "class",
            "_func_impl_",
            "_func_",
            "__debug__",
            "",
            "1a",
            "a b",
            "a.b",
        ),
        *(
            "a=1",
            "a: int",
            "a,b",
            "*a",
            "a)\n  pass\nimport os  #",
            "ﬁ",
            "\U0001d431",
            "a\u200b",
            "²",
        ),
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """Nothing is compiled but identifiers that Python takes as they are."""
    with pytest.raises(ValueError, match="Python"):
        made(name=name)
    with pytest.raises(ValueError, match="Python"):
        made(("a", name))


def test_a_name_is_not_there_twice() -> None:
    """Two parameters of one name are refused as well."""
    with pytest.raises(ValueError, match="two parameters of one name"):
        made(("a", "b", "a"))


def test_hundreds_of_parameters() -> None:
    """There is no limit to the number of parameters."""
    names = [f"p{n}" for n in range(600)]
    function = made(names, range(300))

    assert function(*range(300)) == dict(zip(names, [*range(300), *range(300)], strict=True))
    assert source_of(function).count("\n") == 600 + 4


# Strangers.


class Trap:
    """A value whose repr is code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __repr__(self) -> str:
        return self.code


TRAPS = (
    "sprung()",
    "[sprung() for _ in '1']",
    "(lambda: sprung())()",
    "1; sprung()",
    "1):\n    sprung()\ndef g(x=1",
    '"""',
    "\\",
    "#",
    "\x00",
    "...",
)


@pytest.mark.parametrize("code", TRAPS)
def test_nothing_of_a_stranger_is_evaluated(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Defaults, annotations and texts are attached as they are, whatever their repr says."""
    sprung: list[int] = []
    monkeypatch.setattr(builtins, "sprung", lambda: sprung.append(1), raising=False)
    trap = Trap(code)

    function = made(
        ("a", "b"),
        (trap,),
        annotations={"a": trap, "b": Literal["sprung()"], "return": trap},
        spelled={"a": "sprung()", "b": "Literal['sprung()']"},
        doc=code,
    )
    source_of(function)
    inspect.signature(function)
    str(inspect.signature(function))

    assert function(1) == {"a": 1, "b": trap}
    assert function.__defaults__ == (trap,)
    assert function.__annotations__["a"] is trap
    assert sprung == []


def test_makefun_sees_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to makefun, which evaluates reprs, is names and ``None`` alone."""
    seen: list[tuple[Any, ...]] = []
    real = makefun.create_function

    def spy(*arguments: Any, **options: Any) -> Any:
        seen.append((arguments, options))
        return real(*arguments, **options)

    monkeypatch.setattr("gradioproxy.functions.codegen.create_function", spy)
    _compile.cache_clear()
    made(("a", "b"), (Trap("sprung()"),), annotations={"a": Trap("x")}, doc="evil()")

    [((head, _), options)] = seen
    assert head.strip() == "template(a, b=None):"
    assert options == {"add_source": False, "add_impl": False}


@pytest.mark.parametrize(
    ("default", "text"),
    [
        (REQUIRED, "REQUIRED"),
        (None, "None"),
        ("a b", "'a b'"),
        ('"""', '\'"""\''),
        ("\n\u202e", r"'\n\u202e'"),
        (float("nan"), "nan"),
        (-1, "-1"),
        ({"a": [1]}, "{'a': [1]}"),
        ("x" * 100, "..."),
        (File({"path": "/a.txt"}, transport_to("http://app.test")), "..."),
        ([File({"path": "/a.txt"}, transport_to("http://app.test"))], "..."),
        (Trap("a b"), "..."),
        (Trap("a\0"), "..."),
    ],
)
def test_defaults_in_the_source(default: Any, text: str) -> None:
    """A default is shown where it can be written, and the source stays one that can be read."""
    function = made(("a",), (default,))

    assert source_of(function).splitlines()[0] == f"def f(a={text}):"
    assert function()["a"] is default


DOCS = (
    *HOSTILE,
    '"""',
    'x"""',
    '""" + sprung() + """',
    "'''",
    '"',
    'ends with a quote"',
    'two ""',
    "ends with a backslash\\",
    '\\"',
    '\\"""',
    "\\N{DIGIT ONE} \\x41 \\u0041 \\",
    "a\nb",
    "a\n\nb\n",
    "\n",
    "a\fb\vc",
    "a\rb\r\nc",
    "a\x85b\u2028c\u2029d\x1ce",
    "\ttab",
    "\x00",
    "\ud800",
    "# not a comment",
    "    indented\n        more",
    "x" * 20_000,
)


@pytest.mark.parametrize("doc", DOCS)
def test_docstrings(doc: str) -> None:
    """Any text is the docstring as it is, and the source can be read and says the same."""
    function = made(("a",), doc=doc)

    assert function.__doc__ == doc
    assert words(docstring_in(source_of(function))) == words(clean(doc, len(doc) + 1))


def docstring_in(source: str) -> str:
    """Return the docstring that a source has."""
    [definition] = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    text = ast.get_docstring(definition, clean=False)
    assert text is not None
    return text


def words(text: str) -> list[str]:
    """Return the words of a text, without the blanks at the ends of its lines."""
    return re.split(r"\s+", text.strip())


@given(texts | st.lists(st.sampled_from(['"', "\\", "\n", " ", "x"])).map("".join))
@example('\\"""')
def test_every_docstring(doc: str) -> None:
    """Whatever the text: the source can be read, and its docstring is that text."""
    function = made(doc=doc)

    assert function.__doc__ == doc
    assert words(docstring_in(source_of(function))) == words(clean(doc))
    if doc.isascii() and doc.isprintable():
        assert docstring_in(source_of(function)).rstrip() == doc.rstrip()


def blueprint_from(endpoint: Any, name: str) -> Blueprint:
    """Return the blueprint that an endpoint's function is made of."""
    names = parameter_names(endpoint)
    hints = {
        known: parameter_annotation(one, known)
        for known, one in zip(names, endpoint.parameters, strict=True)
    }
    hints["return"] = return_annotation(name, endpoint)
    defaults: list[Any] = []
    for one in endpoint.parameters:
        if one.has_default:
            defaults.append(one.default)
        elif defaults:
            defaults.append(REQUIRED)
    return blueprint_of(
        names,
        defaults,
        name=name,
        annotations=hints,
        spelled={key: render_annotation(hint) for key, hint in hints.items()},
        doc=compose_docstring(endpoint, name=name, parameters=names, annotations=hints),
        place=f"test {name}",
    )


@settings(max_examples=25)
@given(endpoints(), st.text())
def test_every_endpoint(endpoint: Any, name: str) -> None:
    """Whatever an app declares: a function that can be looked at and called."""
    [attribute] = attribute_names([f"/{name}"], frozenset())
    blueprint = blueprint_from(endpoint, attribute)
    function: Any = build(blueprint)

    source_of(function)
    assert list(inspect.signature(function).parameters) == list(blueprint.parameters)
    arguments = {known: object() for known in blueprint.parameters}
    assert function(**arguments) == arguments
    assert function(*arguments.values()) == arguments


def test_real_apps(infos: Path) -> None:
    """The functions of real apps can be looked at."""
    for _, app in read_apps(infos):
        for attribute, name in list(attribute_names(app.endpoints, frozenset()).items())[:10]:
            source_of(build(blueprint_from(app.endpoints[name], attribute)))


# Siblings.


def test_a_sibling_has_the_signature() -> None:
    """A function below another one has its signature and does something else."""
    stream = Sibling(lambda **arguments: [arguments], list, "Stream it.")
    function = made(
        ("a", "b"), (1,), annotations={"a": int, "return": str}, siblings={"stream": stream}
    )
    other = function.stream

    assert inspect.isfunction(other)
    assert (other.__name__, other.__qualname__) == ("stream", "f.stream")
    assert (other.__module__, other.__doc__) == ("some.module", "Stream it.")
    assert str(inspect.signature(other)) == "(a: int, b=1) -> list"
    assert function.__annotations__["return"] is str
    assert other(5) == [{"a": 5, "b": 1}]
    assert function(5) == {"a": 5, "b": 1}
    with pytest.raises(TypeError, match=r"stream\(\) missing"):
        other()
    assert inspect.getsource(other) == inspect.getsource(function)


def test_a_method_has_its_own_signature() -> None:
    """What takes something else is below a function too, where pickle finds it."""

    def again(times: int = 2) -> list[int]:
        """Do it again."""
        return [times]

    function = made(("a",), methods={"repeat": again}, attributes={"endpoint": "the endpoint"})
    method = function.repeat

    assert inspect.isfunction(method)
    assert (method.__name__, method.__qualname__) == ("repeat", "f.repeat")
    assert (method.__module__, method.__doc__) == ("some.module", "Do it again.")
    assert inspect.signature(method) == inspect.signature(again)
    assert method(3) == [3]
    assert function.endpoint == "the endpoint"


# REQUIRED.


def test_required() -> None:
    """The default that is none is one object, wherever it is copied to."""
    assert repr(REQUIRED) == str(REQUIRED) == "<required>"
    assert copy.copy(REQUIRED) is REQUIRED
    assert copy.deepcopy([REQUIRED])[0] is REQUIRED
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(REQUIRED, protocol)) is REQUIRED  # noqa: S301 - made here


# The cache of sources.


def entries() -> set[str]:
    """Return the names of sources of ours."""
    return {name for name in linecache.cache if name.startswith("<linecache test")}


def test_sources_go_with_their_functions() -> None:
    """A source is there as long as a function of it, and no longer."""
    functions = [made(place="linecache test", doc=doc) for doc in ("one", "two", "one")]
    assert entries() == {"<linecache test>", "<linecache test 2>"}
    assert [function.__code__.co_filename for function in functions] == [
        "<linecache test>",
        "<linecache test 2>",
        "<linecache test>",
    ]

    del functions[0]
    gc.collect()
    assert entries() == {"<linecache test>", "<linecache test 2>"}
    assert '"""one"""' in inspect.getsource(functions[1])
    functions.clear()
    gc.collect()
    assert entries() == set()


def test_the_same_source_is_one_entry() -> None:
    """Connecting again and again adds nothing."""
    functions = [made(LONG, place="linecache test") for _ in range(50)]
    assert entries() == {"<linecache test>"}
    assert all(source_of(function) for function in functions)
    del functions
    gc.collect()
    assert entries() == set()


def test_sources_stay_when_files_are_checked() -> None:
    """Tools that drop sources whose files have changed leave ours, which have no file."""
    function = made(place="linecache test")
    linecache.checkcache()
    linecache.checkcache(function.__code__.co_filename)
    traceback.format_stack()

    assert source_of(function)


@given(st.lists(values, max_size=3))
def test_any_default_stays_itself(defaults: list[Any]) -> None:
    """Defaults are the very objects, whatever they are."""
    names = [f"p{n}" for n in range(len(defaults))]
    function = made(names, defaults)

    assert all(a is b for a, b in zip(function().values(), defaults, strict=True))
    source_of(function)
