"""Whose time on ZeroGPU a call is for, as far as no Gradio is needed to tell."""

from __future__ import annotations

import subprocess
import sys
from contextvars import ContextVar
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import gradioproxy as gp
from gradioproxy.functions.settings import CallSettings
from gradioproxy.options import CallOptions
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.redaction import HIDDEN
from gradioproxy.transport.url import Address
from gradioproxy.transport.visitor import act_for_visitor
from tests.support.web_server import Web, redirect

SPACE = Address("https://alice-app.hf.space", space="alice/app")
VISITOR = "visitor-0123456789"


def enter_event(monkeypatch: pytest.MonkeyPatch, request: Any) -> None:
    """Be where Gradio handles an event, as its `LocalContext` tells."""
    variable: ContextVar[Any] = ContextVar("request")
    if request is not None:
        variable.set(request)
    module = ModuleType("gradio.context")
    module.LocalContext = SimpleNamespace(request=variable)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gradio.context", module)


def asking(**headers: Any) -> SimpleNamespace:
    """Return a request with headers."""
    return SimpleNamespace(headers={name.replace("_", "-"): it for name, it in headers.items()})


def headers_of(transport: Transport) -> dict[str, str]:
    """Return what goes along to the app's own origin."""
    return dict(transport.requester.policy.headers)


def test_in_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header goes beside the caller's, and is a secret as they are."""
    enter_event(monkeypatch, asking(x_ip_token=f" {VISITOR} ", cookie="c"))
    given = Transport(SPACE, Access(token="hf_x", headers={"X-Key": "key"}))  # noqa: S106
    transport = act_for_visitor(given)
    assert headers_of(transport) == {**headers_of(given), "x-ip-token": VISITOR}
    assert "x-ip-token" not in headers_of(given)
    assert transport.shown_headers["x-ip-token"] == "<value>"
    assert transport.hide(f"from {VISITOR}") == f"from {HIDDEN}"
    assert not transport.has_secrets_of(given)
    assert transport.has_secrets_of(act_for_visitor(given))
    assert VISITOR not in f"{transport!r} {transport.access!r}"


class Broken:
    """A request that says nothing."""

    @property
    def headers(self) -> Any:
        """Fail."""
        raise RuntimeError


@pytest.mark.parametrize(
    "request_",
    [
        None,
        asking(),
        asking(x_ip_token=""),
        asking(x_ip_token=None),
        asking(x_ip_token=["x"]),
        asking(x_ip_token=f"{VISITOR}\r\nX-Other: b"),
        asking(x_ip_token=f"{VISITOR}ä"),
        [asking(x_ip_token=VISITOR)],
        Broken(),
        "request",
    ],
)
def test_without_a_visitor(monkeypatch: pytest.MonkeyPatch, request_: Any) -> None:
    """Where no request is handled, or one that says nothing that can be sent."""
    enter_event(monkeypatch, request_)
    given = Transport(SPACE, Access())
    assert act_for_visitor(given) is given


@pytest.mark.parametrize("module", [ModuleType("gradio.context"), None])
def test_another_gradio(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Early ones have no such context."""
    monkeypatch.setitem(sys.modules, "gradio.context", module)
    given = Transport(SPACE, Access())
    assert act_for_visitor(given) is given


@pytest.mark.parametrize("url", ["https://alice-app.hf.space", "http://127.0.0.1:7860"])
def test_what_the_hub_did_not_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    enter_event(monkeypatch, asking(x_ip_token=VISITOR))
    given = Transport(Address(url), Access())
    assert act_for_visitor(given) is given


def test_what_the_caller_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    enter_event(monkeypatch, asking(x_ip_token=VISITOR))
    given = Transport(SPACE, Access(headers={"X-Ip-Token": "own"}))
    assert act_for_visitor(given) is given


def test_what_the_caller_takes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a header of that name without a value, however it is written."""
    enter_event(monkeypatch, asking(x_ip_token=VISITOR))
    given = Transport(SPACE, Access())
    assert act_for_visitor(given, {"X-IP-Token": None}) is given
    assert act_for_visitor(given, {"X-Other": None}) is not given
    monkeypatch.setitem(sys.modules, "gradio", ModuleType("gradio"))
    engine: Any = None
    without = CallOptions(headers={"X-IP-Token": None})
    assert CallSettings(engine, without, given).way is given
    assert headers_of(CallSettings(engine, CallOptions(), given).way)["x-ip-token"] == VISITOR


def test_it_goes_to_the_space_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No redirection takes it elsewhere."""
    enter_event(monkeypatch, asking(x_ip_token=VISITOR))
    with Web() as web, Web() as other:
        web.on("/x", redirect(f"{other.url}/x"))
        transport = act_for_visitor(Transport(Address(web.url, space="alice/app"), Access()))
        transport.get("/x")
        transport.close()
        assert [request.headers["x-ip-token"] for request in web.requests] == [VISITOR]
        assert [request.headers["x-ip-token"] for request in other.requests] == [None]


def test_a_call_looks_for_no_visitor_elsewhere() -> None:
    """A script that is no Gradio app loads nothing for it, and no Gradio."""
    code = (
        "import sys, gradioproxy as gp; from gradioproxy.functions import settings\n"
        "print('gradioproxy.transport.visitor' in sys.modules, 'gradio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False False\n"
    assert gp.__version__
