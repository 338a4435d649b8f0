"""Functions at a prompt: what completion finds, and what help shows."""

from __future__ import annotations

import doctest
import functools
import inspect
import pydoc
import re
import rlcompleter
import textwrap
from typing import TYPE_CHECKING, Any, Literal

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import gradioproxy as gp
from gradioproxy.client.attributes import FEW
from gradioproxy.functions.codegen import REQUIRED
from gradioproxy.functions.signature import Signature
from tests.support.schemas import read_json
from tests.support.web_server import Reply, Web, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.gradio import Server

    Complete = Callable[[str, Any], list[str]]

# As `help` writes it, without bold letters.
PLAIN = pydoc._PlainTextDoc()  # type: ignore[attr-defined]

NAMES = ("first", "second_one", "close", "keys", "values", "lambda", "_own", "name")
ATTRIBUTES = ["_own", "close_", "first", "keys", "lambda_", "name_", "second_one", "values"]
OWN = ["_own", "close", "first", "keys", "lambda_", "name", "second_one", "values"]


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app whose functions have names that are taken."""
    serve_app(web, *NAMES)
    return web


@pytest.fixture
def large(web: Web) -> Iterator[gp.Session]:
    """Give a session with an app of a thousand functions."""
    serve_app(web, *(f"operation_{number}" for number in range(1000)))
    with gp.connect(web.url) as session:
        yield session


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """Give an IPython of its own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    # What other processes keep there at the same time may be read when it is written in part.
    monkeypatch.setattr("jedi.settings.cache_directory", str(tmp_path / "jedi"))
    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell
    made: InteractiveShell = shell(config=config, ipython_dir=str(tmp_path))
    return made


@pytest.fixture(params=[True, False], ids=["jedi", "no jedi"])
def complete(request: pytest.FixtureRequest, shell: InteractiveShell) -> Complete:
    """Give a function that completes code, with jedi and without."""
    shell.Completer.use_jedi = request.param

    def completed(code: str, app: Any) -> list[str]:
        shell.user_ns["app"] = app
        with provisionalcompleter():
            found = list(shell.Completer.completions(code, len(code)))
        # Versions differ in what they replace: the name alone, or what is before it as well.
        before = [code[: each.start] + each.text for each in found]
        return [text.removeprefix(code.rpartition(".")[0]).lstrip(".") for text in before]

    return completed


def made(session: gp.Session) -> set[str]:
    """Return the names of the endpoints whose functions were made."""
    return set(session.functions.__made__)


# Completion.


def test_completion_lists_the_functions(session: gp.Session, complete: Complete) -> None:
    """What is behind a session's dot is its functions, and nothing else."""
    public = [name for name in ATTRIBUTES if not name.startswith("_")]
    assert sorted(complete("app.", session)) in (ATTRIBUTES, public)
    assert complete("app.sec", session) == ["second_one"]
    assert complete("app.nothing", session) == []


def test_completion_of_functions(session: gp.Session, complete: Complete) -> None:
    """The same for the object that has nothing but functions."""
    public = [name for name in OWN if not name.startswith("_")]
    assert sorted(complete("app.functions.", session)) in (OWN, public)
    assert complete("app.functions.k", session) == ["keys"]


@pytest.mark.parametrize("code", ["app.second_one(", "app.functions.second_one(", "app.first(te"])
def test_completion_inside_a_call(session: gp.Session, complete: Complete, code: str) -> None:
    """Within the parentheses the names of the parameters are offered."""
    assert any(text.endswith("text=") for text in complete(code, session))


def test_completion_of_what_is_below_a_function(session: gp.Session, complete: Complete) -> None:
    """What a function has beside being called is found like that of any function."""
    found = complete("app.first.", session)
    assert {"stream", "submit", "check", "map", "with_options", "tool_schema"} <= set(found)
    assert any(text.endswith("text=") for text in complete("app.first.submit(", session))


def test_completion_makes_no_function_of_a_thousand(large: gp.Session, complete: Complete) -> None:
    """However many there are, all are found, and none is made to be listed."""
    assert {f"operation_{number}" for number in range(100, 110)} == set(
        complete("app.operation_10", large)
    ) - {"operation_10"}
    assert {"operation_10", "operation_0"} <= set(complete("app.", large))
    assert {"operation_10", "operation_0"} <= set(complete("app.functions.", large))
    assert made(large) == set()


def test_few_functions_are_shown_with_their_signatures(
    session: gp.Session, shell: InteractiveShell
) -> None:
    """Where there are few, completion shows them as the functions that they are."""
    assert len(session) <= FEW
    shell.Completer.use_jedi = True
    # Jedi is given no time limit: a busy machine would make it say that it does not know.
    shell.Completer.jedi_compute_type_timeout = 60_000
    shell.user_ns["app"] = session
    with provisionalcompleter():
        found = {c.text: c for c in shell.Completer.completions("app.", 4)}

    assert found["first"].type == "function"
    assert "text: str" in found["first"].signature


def test_completion_of_keys(session: gp.Session, shell: InteractiveShell) -> None:
    """Between brackets the names of the endpoints are offered."""
    shell.user_ns["app"] = session
    shell.Completer.use_jedi = False
    for code in ("app['/sec", "app.functions['/sec"):
        with provisionalcompleter():
            found = list(shell.Completer.completions(code, len(code)))
        assert [completion.text.strip("'") for completion in found] == ["/second_one"]


def test_plain_python(session: gp.Session) -> None:
    """The completer of Python itself finds every function."""
    completer = rlcompleter.Completer({"app": session})

    found = completer.attr_matches("app.")
    assert {f"app.{name}(" for name in ATTRIBUTES if name[0] != "_"} <= set(found)
    found = completer.attr_matches("app.functions.")
    assert {f"app.functions.{name}(" for name in OWN if name[0] != "_"} <= set(found)


def test_the_class_is_shown_as_what_it_is(session: gp.Session) -> None:
    """A session is a `Session`, and does not show that its class is its own."""
    assert isinstance(session, gp.Session)
    assert repr(type(session)) == "<class 'gradioproxy.Session'>"
    assert type(session).__doc__ == gp.Session.__doc__
    assert sorted(dir(session)) == sorted(dir(type(session))) == ATTRIBUTES
    assert sorted(dir(session.functions)) == OWN
    assert "close" in dir(gp.Session)


def test_attributes_follow_the_description(session: gp.Session, web: Web) -> None:
    """Reading the description again changes what there is, and leaves what did not change."""
    first, second = session.first, session.second_one
    view = session.with_options(validate=False)
    other = view.first
    box = {"type": "textbox", "props": {"label": "Other", "name": "textbox"}}
    serve_app(web, "first", "third")
    session.refresh()

    assert session.first is session.functions.first is first
    assert view.first is other
    for holder in (session, view, session.functions):
        assert sorted(dir(holder)) == ["first", "third"]
        assert holder.third.__name__ == "third"
        with pytest.raises(AttributeError):
            _ = holder.second_one

    serve_app(web, "second_one", components=[{"id": 1, **box}, {"id": 2, **box}])
    web.on("/gradio_api/info", Reply(404))  # which would have the old label
    session.refresh()
    assert session.second_one is not second


def test_an_unknown_name(session: gp.Session) -> None:
    """What there is not is an error that names what is near."""
    with pytest.raises(gp.UnknownEndpoint, match="second_one"):
        _ = session.secondone
    assert not hasattr(session, "_nothing")
    assert not hasattr(session.functions, "first_")


# What help shows.


def serve_description(web: Web, config: Path) -> None:
    """Let a server describe itself as a real app did."""
    described = read_json(config)
    info = read_json(config.with_name(config.name.replace(".config.", ".info.")))
    prefix = described.get("api_prefix", "")
    web.on("/config", reply_json(described))
    web.on(f"{prefix}/info", reply_json(info))


def test_help_fits_the_terminal(web: Web, infos: Path) -> None:
    """``help`` writes lines of eighty columns for functions of real apps, but for its heading."""
    seen = 0
    for config in sorted(infos.rglob("*.config.json.gz")):
        if not config.with_name(config.name.replace(".config.", ".info.")).exists():
            continue
        serve_description(web, config)
        with gp.connect(web.url) as session:
            for name in list(session)[:3]:
                text = pydoc.render_doc(session[name], renderer=PLAIN)
                heading, *lines = text.splitlines()
                assert "Python Library Documentation" in heading
                wide = [line for line in lines if len(line) > 80]
                assert wide == [], config.name
                seen += 1
    assert seen > 200


def test_help_of_a_session(session: gp.Session) -> None:
    """``help(app)`` is the table of its functions."""
    text = pydoc.render_doc(session, renderer=PLAIN)

    assert "8 functions at http://127.0.0.1:" in text
    assert "second_one(text) -> str" in text
    assert "_Attribute" not in text


def test_the_session_as_a_table(web: Web) -> None:
    """An app with functions called like a mapping's methods is printed without calling one."""
    serve_app(web, "values", "items", "keys", "get")
    with gp.connect(web.url) as session:
        web.requests.clear()
        assert "values(text) -> str" in str(session)
        assert "get(text)" in session._repr_html_()
        assert web.requests == []


def test_functions_without_a_name_in_the_table(web: Web) -> None:
    """A button says what they do, where nothing else does."""
    go = {"id": 3, "type": "button", "props": {"value": "<Go>"}}
    box = {"id": 1, "type": "textbox", "props": {"label": "Text"}}
    names = ("lambda", "named", "lambda_1")
    functions = [
        {"id": n, "api_name": name, "inputs": [1], "outputs": [1], "targets": [[3 - n, "click"]]}
        for n, name in enumerate(names)
    ]
    serve_app(web, *names, components=[box, go], dependencies=functions)
    with gp.connect(web.url) as session:
        text = str(session)
        assert "lambda_(text) -> str\n    The button '<Go>' calls it.\n" in text
        assert "  named(text) -> str\n  lambda_1" in text
        assert "&lt;Go&gt;" in session._repr_html_()


@pytest.mark.parametrize("detail", ["pinfo", "pinfo2"])
def test_inspection(
    session: gp.Session,
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    detail: str,
) -> None:
    """``app.f?`` shows signature and docstring, ``app.f??`` the source."""
    shell.user_ns["app"] = session
    shell.run_line_magic(detail, "app.second_one")
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)

    assert "app.second_one(text: str) -> str" in shown
    assert "Args:\n" in shown
    assert ("def second_one(text: str) -> str:" in shown) == (detail == "pinfo2")
    assert all(len(line) <= 80 for line in shown.splitlines() if "<gradioproxy" not in line)


# Signatures.


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> Any:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


def test_a_short_signature_is_one_line() -> None:
    """What fits in a line is written as Python does."""
    parameters = [_parameter("a", int), _parameter("b", str, "x"), _parameter("c", float, REQUIRED)]
    signature = Signature(parameters, return_annotation=None)

    assert str(signature) == "(a: int, b: str = 'x', c: float = <required>) -> None"
    assert signature == inspect.Signature(parameters, return_annotation=None)


def test_a_long_signature_has_a_line_for_each_parameter() -> None:
    """What does not fit is broken, and shortened where a single parameter does not fit."""
    literal: Any = Literal
    many = literal[tuple(f"choice {number}" for number in range(20))]
    signature = Signature(
        [
            _parameter("plain", int),
            _parameter("colour", many, "choice 1"),
            _parameter("words", str, "a long text " * 8),
        ],
        return_annotation=str,
    )

    assert str(signature) == (
        "(\n    plain: int,\n    colour: str = 'choice 1',\n    words: str = ...,\n) -> str"
    )
    assert str(signature) == signature.format(max_width=60)
    assert "\n" not in signature.format()


def test_an_annotation_of_many_parts_is_broken() -> None:
    """What is too long for a line in every form goes below its brackets, and stays as it is."""
    said = str | list[float] | dict[str, list[int]] | bytes | None
    pairs = list[tuple[said, said]]
    signature = Signature([_parameter("history", pairs, []), _parameter("n", int, 1)])

    assert str(signature) == (
        "(\n"
        "    history: list[\n"
        "        tuple[\n"
        "            str | list[float] | dict[str, list[int]] | bytes | None,\n"
        "            str | list[float] | dict[str, list[int]] | bytes | None,\n"
        "        ]\n"
        "    ] = ...,\n"
        "    n: int = 1,\n"
        ")"
    )


def test_signatures_of_functions(session: gp.Session) -> None:
    """Each way to call a function has its signature, which binds and can be changed."""
    function: Any = session.first
    for below, kind in (("stream", gp.Stream), ("submit", gp.Job)):
        signature = inspect.signature(getattr(function, below))
        assert list(signature.parameters) == ["text"]
        assert signature.return_annotation is kind
    bound = inspect.signature(function).bind("x")
    assert bound.arguments == {"text": "x"}
    with pytest.raises(TypeError, match="missing a required argument: 'text'"):
        inspect.signature(function).bind()
    partial = functools.partial(function, text="x")
    assert str(inspect.signature(partial)) == "(*, text: str = 'x') -> str"
    assert list(inspect.signature(function.map).parameters) == [
        "iterables",
        "concurrency",
        "errors",
        "patience",
        *("journal", "retry", "repeat_unknown", "executor", "shared_files", "progress"),
    ]
    assert "Args:" in function.with_options.__doc__


# With a real app.


def test_the_example_runs(stateless: Server) -> None:
    """The docstring's example runs as a doctest, and a partial function like the function."""
    with gp.connect(stateless.url) as app:
        _, _, example = str(app.echo.__doc__).partition("Example:")
        text = re.search(r"echo\(\w+='(.*)'\)", example)
        assert text is not None
        source = f"{textwrap.dedent(example.strip(chr(10)))}\n>>> result\n{text[1]!r}\n"
        test = doctest.DocTestParser().get_doctest(source, {}, "example", None, 0)
        failed, tried = doctest.DocTestRunner(verbose=False).run(test)
        assert (failed, tried) == (0, 4)
        assert functools.partial(app.echo, "x")() == "x"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timeout": 5}, "timeout holds for a session as a whole, see connect()"),
        (
            {"timeout": 5, "auth": None},
            "timeout and auth hold for a session as a whole, see connect()",
        ),
        ({"call_timout": 5}, "there is no option call_timout, did you mean call_timeout?"),
        ({"nothing_like_it": 5}, "there is no option nothing_like_it"),
        ({"src": 5}, "there is no option src"),
        ({"token_source": "x"}, "there is no option token_source"),
        ({"scope": "x"}, "there is no option scope"),
        ({"event_dat": 5}, "there is no option event_dat, did you mean event_data?"),
        ({"progres": 1, "name": "x"}, "there is no option progres, did you mean progress?"),
    ],
)
def test_options_that_calls_do_not_have(
    session: gp.Session, changes: dict[str, Any], said: str
) -> None:
    """A session and a function say which there are, and what is known of the other one."""
    for target in (session, session["/first"]):
        with pytest.raises(TypeError) as raised:
            target.with_options(**changes)
        assert str(raised.value).startswith("with_options() takes call_timeout, progress, headers")
        assert said in str(raised.value)
        assert ("as a whole" in str(raised.value)) == bool({"timeout", "name"} & changes.keys())
