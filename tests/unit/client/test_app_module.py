"""Functions pickle by reference, and unpickle anywhere by connecting again, without secrets."""

from __future__ import annotations

import copy
import gc
import importlib
import inspect
import linecache
import os
import pickle
import subprocess
import sys
import textwrap
from typing import Any

import pytest

import gradioproxy as gp
from gradioproxy.client import app_module
from tests.support.web_server import Reply, Web, reply_json, serve_app

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give a server that describes an app."""
    serve_app(web, "first", "second", "close", "a-b", "print", "_own", "__dunder", "lambda")
    return web


def pickled(value: Any, protocol: int | None = None) -> Any:
    """Return what comes out of a pickle."""
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - made here


def modules() -> set[str]:
    """Return the names of the modules of apps."""
    return {name for name in sys.modules if name.startswith("gradioproxy.apps.")}


def in_another_process(data: bytes, code: str, **environment: str) -> str:
    """Unpickle in a fresh process, run code with ``value`` there, and return what it prints."""
    program = """
        import pickle, sys
        import traceback
        data = bytes.fromhex(sys.argv[1])
        assert not any(name.startswith("gradioproxy") for name in sys.modules)
        value = None
        try:
            value = pickle.loads(data)
        except Exception as error:
            print(type(error).__name__, error)
            sys.exit()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program) + textwrap.dedent(code), data.hex()],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error", **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


# In one process.


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_function_is_pickled_by_reference(session: gp.Session, protocol: int) -> None:
    """A pickled function is itself where its session is open, whatever its name is."""
    for name in session:
        function = session[name]
        assert pickled(function, protocol) is function, name
        assert pickled([function, {"a": function}], protocol) == [function, {"a": function}]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("below", ["stream", "submit", "check"])
def test_what_is_below_a_function_is_pickled_too(
    session: gp.Session, below: str, protocol: int
) -> None:
    """The other ways to call a function pickle like it."""
    method = getattr(session.first, below)
    assert pickled(method, protocol) is method


def test_functions_without_a_name(session: gp.Session) -> None:
    """A function that is reached by its number pickles by it."""
    function = session["fn_1"]
    assert function.__name__ == "fn_1"
    assert pickled(function) is function


@pytest.mark.parametrize(
    ("endpoint", "name"), [("/hidden", "hidden"), ("/1 st", "api_1_st"), ("fn_1", "fn_1")]
)
def test_functions_that_are_not_listed(app_web: Web, endpoint: str, name: str) -> None:
    """What the app does not document is reached by brackets, has a name, and is pickled by it."""
    takes = {"inputs": [1], "outputs": [2], "backend_fn": True}
    hidden = [{"id": 1, "api_name": "hidden"}, {"id": 2, "api_name": "1 st"}]
    dependencies = [{"id": 0, "api_name": "first", **takes}]
    dependencies += [{**each, **takes, "show_api": False} for each in hidden]
    serve_app(app_web, "first", dependencies=dependencies)
    with gp.connect(app_web.url) as app:
        assert list(app) == ["/first"]
        function = app[endpoint]
        assert function.__name__ == name
        assert pickled(function) is function
        data = pickle.dumps(function)
        shown = in_another_process(data, "print(value.__name__, value.endpoint.name)")
        assert shown == f"{name} {endpoint}"


def test_a_function_has_a_module(session: gp.Session, app_web: Web) -> None:
    """A function says where it lives, and is found there."""
    function = session.first
    name = f"gradioproxy.apps.http://127,0,0,1:{app_web.port}"

    assert function.__module__ == name
    module = importlib.import_module(name)
    assert module.first is function
    assert inspect.getmodule(function) is module
    assert module.close_.__name__ == "close_"
    with pytest.raises(AttributeError):
        _ = module.missing
    with pytest.raises(AttributeError):
        _ = module.__wrapped__


def test_copies_are_the_function(session: gp.Session) -> None:
    """A function is copied as functions are: it is the same one."""
    function = session.first

    assert copy.copy(function) is function
    assert copy.deepcopy([function, function.stream]) == [function, function.stream]


def test_sessions_of_one_address_keep_their_functions_apart(
    session: gp.Session, app_web: Web
) -> None:
    """With several sessions of one app, each function comes back as that of its own session."""
    with gp.connect(app_web.url) as other, gp.connect(f"{app_web.url}/gradio_api/") as third:
        functions = [session.first, other.first, third.first, other.second]

        assert len({id(function) for function in functions}) == 4
        assert pickled(functions) == functions
        assert len({function.__module__ for function in functions}) == 3


def test_functions_with_options(session: gp.Session) -> None:
    """A function with other options comes back with them, as long as it is there."""
    changed = session.first.with_options(validate=False)
    view = session.with_options(call_timeout=5)

    assert pickled(changed) is changed
    assert pickled(changed) is not session.first
    assert pickled(changed.stream) is changed.stream
    assert pickled(view.first) is view.first
    assert view.first is not session.first


def test_functions_stay_the_same_when_the_description_is_read_again(session: gp.Session) -> None:
    """``refresh`` keeps functions that did not change, and their pickles."""
    function = session.first
    data = pickle.dumps(function)
    session.refresh()

    assert session.first is function
    assert pickle.loads(data) is function  # noqa: S301 - made here


def test_modules_go_with_their_functions(app_web: Web) -> None:
    """What a session put among the modules of the process goes when its functions go."""
    gc.collect()
    before = modules()
    session: Any = gp.connect(app_web.url)
    function = session.first
    changed = session.first.with_options(validate=False)
    assert len(modules() - before) == 2

    with session:
        pass
    del session, changed
    gc.collect()
    assert len(modules() - before) == 1
    assert pickled(function) is function
    del function
    gc.collect()
    assert modules() == before


def test_sources_go_with_their_sessions(app_web: Web) -> None:
    """Connecting again and again leaves no more sources behind than one session has."""

    def sources() -> list[str]:
        return [name for name in linecache.cache if f":{app_web.port} " in name]

    for _ in range(5):
        app = gp.connect(app_web.url)
        assert "def first(" in inspect.getsource(app.first)
        assert "def first(" in inspect.getsource(app.first.stream)
        gc.collect()
        assert sources() == [f"<gradioproxy 127.0.0.1:{app_web.port} first>"]
    with app:
        pass
    del app
    gc.collect()
    assert sources() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:7860",
        "https://me-app.hf.space/sub.path/a,b",
        "http://[::1]:7860",
        "http://host/100%,a%2Cb.c",
        "http://bücher.example/ü",
    ],
)
def test_every_address_is_a_module_name(url: str) -> None:
    """Any address fits between two dots of a module's name, and comes out again."""
    name = app_module._encode_address(url)

    assert "." not in name
    assert app_module.parse_module_name(name) == (url, {})
    assert app_module.parse_module_name(app_module._encode_address(f"{url}#2")) == (url, {})
    assert app_module.parse_module_name(
        app_module._encode_address(f"{url}#2&call_timeout=1.5")
    ) == (url, {"call_timeout": 1.5})


def test_no_other_module_is_found() -> None:
    """What is no address is no module."""
    for name in ("gradioproxy.apps.nothing", "gradioproxy.apps.http", "gradioproxy.other"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)


# In another process.


def test_a_function_is_unpickled_by_connecting(session: gp.Session, app_web: Web) -> None:
    """In a fresh process a function connects when it is unpickled, once, and is complete."""
    data = pickle.dumps([session.first, session.close_, session.first.stream])
    app_web.requests.clear()

    printed = in_another_process(
        data,
        """
        import inspect
        first, close, stream = value
        print(inspect.signature(first), inspect.signature(stream).return_annotation.__name__)
        assert close.__name__ == "close_"
        assert first.stream is stream
        assert pickle.loads(pickle.dumps(first)) is first
        assert pickle.loads(data)[0] is first
        import gradioproxy
        assert gradioproxy.sessions() == []
        assert "Text" in first.__doc__ or "text" in first.__doc__
        """,
    )

    assert printed == "(text: str) -> str Stream"
    assert app_web.paths() == ["/config", "/gradio_api/info"]


def test_a_pickle_has_no_secrets(app_web: Web) -> None:
    """What a session was opened with is neither in the pickle nor sent by the other process."""
    url = app_web.url.replace("http://", "http://user:basicpass@")
    with gp.connect(url, headers={"X-Key": "headervalue"}) as session:
        data = pickle.dumps(session.first.with_options(token="hf_token"))  # noqa: S106
        app_web.requests.clear()
        assert in_another_process(data, "print(value.__name__)") == "first"

    assert not any(s in data for s in (b"basicpass", b"headervalue", b"hf_token"))
    assert len(app_web.requests) == 2
    for request in app_web.requests:
        assert {"Authorization", "X-Key", "Cookie"}.isdisjoint(request.headers)


def test_options_go_along_and_secrets_do_not(session: gp.Session) -> None:
    """A function with other options has them in another process too, but for secrets."""
    changed = session.first.with_options(
        call_timeout=2.5, validate=False, headers={"X-Key": "headervalue"}
    )
    data = pickle.dumps(changed)
    caller = "value.__globals__['_func_impl_'].__self__"
    show = f"print(sorted({caller}.settings.options.without_secrets()))"

    assert in_another_process(data, show) == "['call_timeout', 'validate']"
    assert b"headervalue" not in data


def test_an_event_goes_along(session: gp.Session) -> None:
    """What a function is to be given of the page is what it does, and no secret."""
    event = {"index": [0, 1], "value": "a.b,c=%&#é"}
    data = pickle.dumps(session.first.with_options(event_data=event, trigger_id=2))
    show = "plan = value.check('a'); print(plan.event_data, plan.trigger_id)"
    assert in_another_process(data, show) == f"{event} 2"


@pytest.mark.parametrize("below", ["map", "with_options", "tool_schema"])
def test_methods_of_a_function_are_pickled(session: gp.Session, below: str) -> None:
    """What is no call of the function itself is found below it as well."""
    method = getattr(session.first, below)

    assert pickled(method) is method
    assert pickled(getattr(session.first.with_options(call_timeout=5), below)) is not method
    shown = in_another_process(pickle.dumps(method), "print(value.__qualname__)")
    assert shown == f"first.{below}"


def test_secrets_of_the_environment(session: gp.Session, app_web: Web) -> None:
    """Where an app wants a secret, it comes from the environment, if it is for that app."""
    data = pickle.dumps(session.first)
    token = f"http://hf_secret%40@127.0.0.1:{app_web.port}"
    other = f"http://hf_other@127.0.0.1:{app_web.port + 1}"
    app_web.requests.clear()

    in_another_process(data, "", GRADIOPROXY_ACCESS=f"{other} {token}")
    sent = {request.headers.get("Authorization") for request in app_web.requests}
    assert sent == {"Bearer hf_secret@"}

    app_web.requests.clear()
    in_another_process(data, "", GRADIOPROXY_ACCESS=f"nonsense {other}", HF_TOKEN="hf_secret")  # noqa: S106
    assert all("Authorization" not in request.headers for request in app_web.requests)


def test_an_app_that_wants_a_login(session: gp.Session, app_web: Web) -> None:
    """Without the secrets that an app wants, unpickling is an error that says so."""
    data = pickle.dumps(session.first)
    app_web.on("/config", Reply(401))

    printed = in_another_process(data, "")
    assert printed.startswith("AuthenticationError http://127.0.0.1:")
    assert "GRADIOPROXY_ACCESS" in printed


def test_an_app_that_has_changed_or_gone(session: gp.Session, app_web: Web) -> None:
    """A function that the app no longer has is what pickle says of any missing function."""
    data = pickle.dumps(session.first)
    serve_app(app_web, "first_one")
    assert in_another_process(data, "").startswith("AttributeError Can't get attribute 'first' on")

    app_web.on("/config", reply_json({}))
    assert in_another_process(data, "").startswith("NotGradio")


def test_several_sessions_are_one_in_another_process(session: gp.Session, app_web: Web) -> None:
    """Functions of two sessions of one address work there as well."""
    with gp.connect(app_web.url) as other:
        data = pickle.dumps([session.first, other.first])
    printed = in_another_process(data, "print([f.__name__ for f in value])")

    assert printed == "['first', 'first']"
