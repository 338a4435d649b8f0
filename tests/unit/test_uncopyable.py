"""What holds connections or secrets is pickled and copied by nobody; functions and sessions are."""

from __future__ import annotations

import copy
import pickle
import pickletools
from typing import TYPE_CHECKING, Any

import cloudpickle
import dill
import pytest

import gradioproxy as gp
from gradioproxy.hub.records import Results
from gradioproxy.options import CallOptions
from tests.support.scripted_peer import make_job
from tests.support.web_server import Web, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "hf_secretSECRET"  # noqa: S105 - no real one
PICKLERS: dict[str, Callable[[Any], bytes]] = {
    "pickle": pickle.dumps,
    "cloudpickle": cloudpickle.dumps,
    "dill": dill.dumps,
    "dill by value": lambda value: bytes(dill.dumps(value, byref=False, recurse=True)),
}
COPIERS: dict[str, Callable[[Any], Any]] = {"copy": copy.copy, "deepcopy": copy.deepcopy}
KEPT: dict[str, Callable[[Any], Any]] = {
    "session": lambda app: app,
    "session with options": lambda app: app.with_options(call_timeout=3),
    "functions": lambda app: app.functions,
    "function": lambda app: app.echo,
    "submit": lambda app: app.echo.submit,
    "function with options": lambda app: app.echo.with_options(token=SECRET, validate=False),
}
REFUSED: dict[str, Callable[[Any], Any]] = {
    "connection": lambda app: app.__connection__,
    "engine": lambda app: app.__connection__.engine,
    "transport": lambda app: app.__connection__.engine.transport,
    "access": lambda app: app.__connection__.engine.transport.access,
    "redactor": lambda app: app.__connection__.engine.transport._requester.redactor,
    "options": lambda _: CallOptions(token=SECRET),
    "stream of bytes": lambda app: app.__connection__.engine.transport.stream("/config", 60),
    "job": lambda _: make_job(),
    "stream": lambda _: gp.Stream(make_job()),
    "pipe": lambda app: gp.pipe(["x"], app.echo, {"text": 0}),
    "event": lambda app: gp.event(app.url, "echo", "id"),
    "response": lambda app: gp.request(app, "GET", "/config"),
    "results": lambda _: Results("/api/models", (_ for _ in ()), None),
}


@pytest.fixture
def app(web: Web) -> Iterator[Any]:
    serve_app(web, "echo")
    with gp.connect(web.url, token=SECRET, headers={"X-Key": SECRET}) as session:
        yield session


@pytest.mark.parametrize("pickler", PICKLERS)
@pytest.mark.parametrize("what", KEPT)
def test_what_is_pickled_has_an_address_and_no_secret(app: Any, what: str, pickler: str) -> None:
    """And no code: it connects again where it is unpickled."""
    value = KEPT[what](app)
    pickled = PICKLERS[pickler](value)
    assert SECRET.encode() not in pickled
    assert len(pickled) < 200
    names = [argument for _, argument, _ in pickletools.genops(pickled) if argument]
    assert not any("dill" in str(name) or "cloudpickle" in str(name) for name in names)
    again = pickle.loads(pickled)  # noqa: S301 - made here
    try:
        assert type(again).__name__ == type(value).__name__
        if isinstance(value, gp.Session):
            assert (again.url, list(again), again is value) == (app.url, ["/echo"], False)
            assert again.name not in {each for each in gp.sessions() if each is again}
    finally:
        getattr(again, "close", int)()


@pytest.mark.parametrize("copier", COPIERS)
@pytest.mark.parametrize("what", KEPT)
def test_a_copy_is_the_thing_itself(app: Any, what: str, copier: str) -> None:
    value = KEPT[what](app)
    assert COPIERS[copier](value) is value


@pytest.mark.parametrize("way", [*PICKLERS, *COPIERS])
@pytest.mark.parametrize("what", REFUSED)
def test_what_holds_connections_or_secrets(app: Any, what: str, way: str) -> None:
    """The error says so, before anything of it is read."""
    value = REFUSED[what](app)
    try:
        with pytest.raises(TypeError, match="as it holds connections or secrets"):
            ({**PICKLERS, **COPIERS}[way])(value)
    finally:
        getattr(value, "close", int)()
