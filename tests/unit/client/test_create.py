"""Functions put into namespaces and modules, and taken out again."""

from __future__ import annotations

import builtins
import pickle
from types import ModuleType
from typing import Any

import pytest

import gradioproxy as gp
from tests.support.web_server import Web, serve_app


@pytest.fixture
def app_web(web: Web) -> Web:
    """Give the server of an app whose endpoints have difficult names."""
    serve_app(web, "first", "second", "close", "a-b", "open", "open_", "lambda", "first_draft")
    return web


def test_all_functions_go_into_a_namespace(session: gp.Session) -> None:
    """They are the session's own functions; builtins and keywords get an underscore."""
    namespace: dict[str, Any] = {"mine": 1}
    made = gp.create_functions(session, into=namespace)
    names = ["first", "second", "close", "a_b", "open__2", "open_", "lambda_", "first_draft"]
    assert sorted(made) == sorted(names)
    assert namespace == {"mine": 1, **made}
    assert made["first"] is session.first
    assert made["close"] is session.close_
    assert not set(made) & set(dir(builtins))
    assert gp.created_functions(session) == made


def test_the_default_session_is_meant(session: gp.Session) -> None:
    """Without a session, the only one that is open counts."""
    namespace: dict[str, Any] = {}
    gp.create_functions(into=namespace)
    assert gp.created_functions() == namespace
    names = list(namespace)
    assert gp.remove_functions(gp.session()) == names
    assert namespace == {}
    assert gp.created_functions() == {}
    assert not session.closed


def test_without_a_namespace_they_are_only_returned(session: gp.Session) -> None:
    """What was put nowhere was not created anywhere."""
    assert "first" in gp.create_functions(session)
    assert gp.created_functions(session) == {}


def test_a_module_takes_them_as_attributes(session: gp.Session) -> None:
    """A module object is a namespace too."""
    module = ModuleType("mine")
    gp.create_functions(session, into=module, endpoints="first")
    assert module.first is session.first
    assert pickle.loads(pickle.dumps(module.first)) is session.first  # noqa: S301 - made here


@pytest.mark.parametrize(
    ("endpoints", "names"),
    [
        ("first", ["first"]),
        ("/a-b", ["a_b"]),
        (["second", "/first"], ["second", "first"]),
        ("first*", ["first", "first_draft"]),
        (["/f*", "first"], ["first", "first_draft"]),
        (1, ["second"]),
        ([], []),
    ],
)
def test_some_are_chosen(session: gp.Session, endpoints: Any, names: list[str]) -> None:
    """Endpoints are chosen by name, pattern or number, in the order in which they are named."""
    assert list(gp.create_functions(session, endpoints=endpoints)) == names


def test_functions_choose_themselves(session: gp.Session) -> None:
    """A function stands for its endpoint, alone or among others."""
    assert list(gp.create_functions(session, endpoints=session.second)) == ["second"]
    assert list(gp.create_functions(session, endpoints=[session.second, "first"])) == [
        "second",
        "first",
    ]


def test_unknown_endpoints_are_errors(session: gp.Session) -> None:
    """Neither a name nor a pattern may mean nothing."""
    with pytest.raises(gp.UnknownEndpoint, match="first"):
        gp.create_functions(session, endpoints="frist")
    with pytest.raises(gp.UnknownEndpoint):
        gp.create_functions(session, endpoints=["first", "x*"])


def test_a_prefix_goes_before_each(session: gp.Session) -> None:
    """With a prefix no name is a builtin's; one that makes no name is an error."""
    made = gp.create_functions(session, prefix="img_")
    assert {"img_first", "img_open", "img_a_b"} <= set(made)
    with pytest.raises(ValueError, match="'1first'"):
        gp.create_functions(session, prefix="1")


def test_what_is_there_stays(session: gp.Session) -> None:
    """A name that is somebody else's is an error, and then nothing at all was changed."""
    namespace: dict[str, Any] = {"second": "mine", "first_draft": "too"}
    with pytest.raises(gp.NameTaken, match=r"second, first_draft: taken") as caught:
        gp.create_functions(session, into=namespace)
    assert caught.value.names == ("second", "first_draft")
    assert namespace == {"second": "mine", "first_draft": "too"}
    gp.create_functions(session, into=namespace, overwrite=True)
    assert namespace["second"] is session.second


def test_our_own_are_replaced(session: gp.Session, web: Web) -> None:
    """What was created before makes room, also for another session's function."""
    namespace: dict[str, Any] = {}
    gp.create_functions(session, into=namespace)
    gp.create_functions(session, into=namespace)
    with gp.connect(web.url) as other:
        gp.create_functions(other, into=namespace)
        assert namespace["first"] is other.first
        assert gp.created_functions(session) == {}
        assert gp.remove_functions(session) == []
        assert namespace["first"] is other.first


def test_only_what_is_ours_is_removed(session: gp.Session) -> None:
    """A name that somebody has assigned to since is theirs."""
    namespace: dict[str, Any] = {}
    made = gp.create_functions(session, into=namespace, endpoints=["first", "second"])
    namespace["first"] = "mine"
    assert gp.remove_functions(made) == ["second"]
    assert namespace == {"first": "mine"}


def test_functions_are_removed_one_by_one(session: gp.Session) -> None:
    """A function goes from everywhere, a returned dictionary only from where it says."""
    here: dict[str, Any] = {}
    there: dict[str, Any] = {}
    gp.create_functions(session, into=here, endpoints=["first", "second"])
    made = gp.create_functions(session, into=there, endpoints=["first", "second"], prefix="x_")
    assert sorted(gp.remove_functions(session.first)) == ["first", "x_first"]
    assert gp.remove_functions(made) == ["x_second"]
    assert gp.remove_functions([session.second]) == ["second"]
    assert here == there == {}


def test_a_closed_session_creates_nothing(session: gp.Session) -> None:
    """Its functions could not be called."""
    with session:
        pass
    with pytest.raises(gp.SessionClosed):
        gp.create_functions(session)
