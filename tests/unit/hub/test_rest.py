"""Asking the Hub: endpoints, pages, records, and what its refusals become."""

from __future__ import annotations

import ast
import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.hub import Record, Space
from tests.support.hub_server import OTHER, TOKEN, refused
from tests.support.quoted_secrets import find_secrets
from tests.support.web_server import Reply, Web, redirect, reply_json

if TYPE_CHECKING:
    from tests.support.hub_server import StandIn


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("models", "/api/models?x=1"),
        ("/models/", "/api/models?x=1"),
        ("api/models", "/api/models?x=1"),
        ("/api/models", "/api/models?x=1"),
        (" models/a/b ", "/api/models/a/b?x=1"),
        ("models?search=bert&full=", "/api/models?search=bert&full=&x=1"),
        ("HUB/api/models?y=2", "/api/models?y=2&x=1"),
        ("datasets/a/b/tree/main/sub folder", None),
        ("datasets/a/b/tree/main/sub%20folder", "/api/datasets/a/b/tree/main/sub%20folder?x=1"),
        ("https://example.org/api/models", None),
        ("HUB/models", None),
        ("models/../../settings", None),
        ("models/./x", None),
        ("models\\x", None),
        ("models\r\nX: y", None),
        ("", None),
        ("/api/", None),
    ],
)
def test_an_endpoint_as_people_write_it(hub: StandIn, endpoint: str, target: str | None) -> None:
    """An endpoint is what stands behind ``/api/``, with or without that; nothing else is sent."""
    hub.web.otherwise = reply_json({"ok": True})
    endpoint = endpoint.replace("HUB", hub.web.url)
    if target is None:
        with pytest.raises(ValueError, match=r"endpoint|address of the API"):
            gp.hub.get(endpoint, x=1)
        assert hub.requests == []
    else:
        assert gp.hub.get(endpoint, x=1).ok is True
        assert hub.requests == [f"GET {target}"]


def test_a_query(hub: StandIn) -> None:
    """Lists give a name several times, booleans are those of JSON, and ``None`` is left out."""
    hub.web.otherwise = reply_json({})
    gp.hub.get(
        "models", expand=["a", "b"], full=True, sort=None, search="a b&c", params={"token": "t"}
    )
    assert hub.requests == ["GET /api/models?expand=a&expand=b&full=true&search=a+b%26c&token=t"]


def test_pages_come_when_they_are_needed(hub: StandIn) -> None:
    """The first page is fetched at the call, others as the iteration gets there, once."""
    hub.add_models(*(f"alice/m{number}" for number in range(8)))
    results = gp.hub.get("models", author="alice")
    assert len(hub.requests) == 1
    assert repr(results) == (
        "<results of /api/models: 'alice/m0', 'alice/m1', 'alice/m2', more pages>"
    )
    assert next(results).id == "alice/m0"
    assert [next(results).id for _ in range(2)] == ["alice/m1", "alice/m2"]
    assert len(hub.requests) == 1
    assert [found.id for found in results] == [f"alice/m{number}" for number in range(3, 8)]
    assert hub.requests[1:] == [
        "GET /api/models?author=alice&cursor=3",
        "GET /api/models?author=alice&cursor=6",
    ]
    assert list(results) == []
    assert repr(results) == "<results of /api/models: none left>"
    assert hub.web.connections == 1


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (99, 3)])
def test_a_limit_is_the_end(hub: StandIn, limit: int, requests: int) -> None:
    """No more items come than are wanted, and no page is asked for beyond."""
    hub.add_models(*(f"alice/m{number}" for number in range(8)))
    for find in (lambda: gp.hub.get("models", limit=limit), lambda: gp.hub.models(limit=limit)):
        assert len(list(find())) == min(limit, 8)
        assert len(hub.requests) == requests
        assert hub.requests[0] == f"GET /api/models?limit={limit}"
        hub.web.requests.clear()
    with pytest.raises(ValueError, match="at least 1"):
        gp.hub.get("models", limit=0)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("<https://example.org/api/models?cursor=3>; rel=next", "another server"),
        ("<//example.org/x>; rel='next'; rel=next", "another server"),
        ("<HUB/api/models>; rel=next", "was there before"),
        ("<HUB/api/round>; rel=next", "was there before"),
        ("<https://example.org\\@HOST/api/models?p=2>; rel=next", "another server"),
        ("<https://[::1>; rel=next", "no web address"),
        ("<http://127.0.0.1:99999/x>; rel=next", "no web address"),
        ("<HUB/api/broken>; rel=next", "no page of a list"),
    ],
)
def test_pages_that_lead_astray(hub: StandIn, link: str, error: str) -> None:
    """A page that is not the Hub's, or not a page, is an error when it is its turn."""
    host = hub.web.url.removeprefix("http://")
    page = reply_json([{"id": "a"}], Link=link.replace("HUB", hub.web.url).replace("HOST", host))
    hub.web.on("/api/models", page)
    hub.web.on("/api/round", reply_json([], Link="</api/models>; rel=next"))
    hub.web.on("/api/broken", reply_json({"id": "b"}))
    results = gp.hub.get("models", token=TOKEN)
    assert next(results).id == "a"
    with pytest.raises(gp.ServerError, match=error):
        next(results)
    assert all(request.startswith("GET /api/") for request in hub.requests)


@pytest.mark.parametrize(
    "link",
    [
        '</api/models?p=2>; rel="next"',
        '<x>; rel="prev", <HUB/api/models?p=2>; title="a, b"; rel="last next"',
        "<?p=2>;REL=next",
    ],
)
def test_forms_of_links(hub: StandIn, link: str) -> None:
    """A link to the next page may be relative, and one of several (RFC 8288)."""
    hub.web.on("/api/models?p=2", reply_json([{"id": "b"}], Link='<x>; rel="prev"'))
    hub.web.on("/api/models", reply_json([{"id": "a"}], Link=link.replace("HUB", hub.web.url)))
    assert [found.id for found in gp.hub.get("models")] == ["a", "b"]


DESCRIPTION = {
    "id": "alice/app",
    "likes": 7,
    "runtime": {"stage": "RUNNING", "hardware": {"current": "cpu-basic"}},
    "tags": ["a", "b"],
    "siblings": [{"rfilename": f"file{number}"} for number in range(9)],
    "base_model:finetune": "x",
    "items": "a field",
    "class": "another",
    "title": "\x1b[31mred\u202e",
    "evil\u202e": 1,
}


def test_a_record_is_a_mapping_with_attributes() -> None:
    """Every field is there by item, and by attribute where it can be, at any depth."""
    record = json.loads(json.dumps(DESCRIPTION), object_hook=Record)

    assert record == DESCRIPTION
    assert json.loads(json.dumps(record)) == DESCRIPTION
    assert record.runtime.hardware.current == "cpu-basic"
    assert record.siblings[3].rfilename == "file3"
    assert (record["items"], record["base_model:finetune"]) == ("a field", "x")
    assert dict(record.items()) == DESCRIPTION
    assert set(dir(record)) == {"id", "likes", "runtime", "tags", "siblings", "title"}
    with pytest.raises(AttributeError, match=r"no field 'nothing'\. It has id, likes"):
        _ = record.nothing
    assert not hasattr(record, "__array__")
    with pytest.raises(AttributeError):
        record.likes = 8
    record["likes"] = 8
    assert record.likes == 8


def test_a_record_looks_harmless() -> None:
    """What a stranger wrote is shown short, and without anything that a terminal obeys."""
    shown = repr(json.loads(json.dumps(DESCRIPTION), object_hook=Space))
    assert shown == (
        "Space(id='alice/app', likes=7, runtime={2 fields}, tags=['a', 'b'], siblings=[9 items], "
        "base_model:finetune='x', items='a field', class='another', title='[31mred', evil=1)"
    )


def test_records_are_copied_and_pickled(hub: StandIn) -> None:
    """A copy has all fields; a pickle has no token."""
    hub.add_space("alice/app", private=True, runtime2={"a": [1]})
    space = gp.hub.space("alice/app", token=TOKEN)

    for other in (copy.copy(space), copy.deepcopy(space), space):
        assert (other, type(other)) == (space, Space)
        assert other.runtime2.a == [1]
        assert gp.hub.wait(other).stage == "RUNNING"
    assert copy.deepcopy(space).runtime is not space.runtime
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        content = pickle.dumps(space, protocol)
        assert TOKEN.encode() not in content
        other = pickle.loads(content)  # noqa: S301 - made here
        assert (other, type(other), type(other.runtime)) == (space, Space, Record)
        assert other.runtime2.a == [1]
    with pytest.raises(gp.SpaceError, match="alice/app"):
        gp.hub.wait(other)
    assert TOKEN not in repr(space) + str(space) + repr(space.provenance) + json.dumps(space)


def test_spaces_are_spaces_wherever_they_come_from(hub: StandIn) -> None:
    """Lists and descriptions of Spaces are of that type, and nothing else is."""
    hub.add_space("alice/one", "SLEEPING")
    hub.add_space("bob/two", private=True)
    hub.add_models("alice/model")

    assert [type(found) for found in gp.hub.spaces()] == [Space]
    assert type(gp.hub.get("spaces/alice/one")) is Space
    assert type(gp.hub.get("spaces/alice/one/runtime")) is Record
    assert type(gp.hub.model("alice/model")) is Record
    assert gp.hub.space("alice/one").stage == "SLEEPING"
    assert next(gp.hub.spaces()).stage == ""
    assert [found.id for found in gp.hub.spaces(mine=True, token=OTHER)] == ["bob/two"]
    assert [found.id for found in gp.hub.spaces(author="alice", search="on")] == ["alice/one"]
    with pytest.raises(TypeError, match="not both"):
        gp.hub.spaces(mine=True, author="alice")


@pytest.mark.parametrize("name", ["alice", "a/b/c", "a/../b", "a/..", "/a", "a b/c", "", "a--b/c"])
def test_names_that_can_be_none(hub: StandIn, name: str) -> None:
    """What can't be the name of a Space is not asked for."""
    for ask in (gp.hub.space, gp.hub.start, gp.hub.wait):
        with pytest.raises(ValueError, match="can't be the name of a Space"):
            ask(name)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (refused(401, "Invalid username or password."), gp.AuthenticationError, "wants a token"),
        (refused(403, "You may not."), gp.AuthenticationError, r"does not permit that \(You may"),
        (refused(404, "Page not found"), gp.ServerError, "404"),
        (refused(400, "Bad limit"), gp.ServerError, "Bad limit"),
        (Reply(502, b"<h1>Bad Gateway</h1>"), gp.ServerError, "502.*Bad Gateway"),
        (Reply(200, b"<html>"), gp.ServerError, "no JSON"),
        (Reply(200, b'{"id": "cut'), gp.ServerError, "no JSON"),
        (Reply(200, b"[" * 100_000), gp.ServerError, "no JSON"),
        (Reply(204), gp.ServerError, "no JSON"),
        (redirect("https://example.org/api/x"), gp.ServerError, "redirects.*another server"),
        # What the libraries below take for a path, others take for a host.
        (redirect("http://example.org\\@127.0.0.1/"), gp.ServerError, "redirects.*another server"),
        (redirect("https://[::1"), gp.ServerError, "no web address"),
        (redirect("https://127.0.0.1:abc/"), gp.ServerError, "no web address"),
        (redirect("/api/x"), gp.ServerError, "302"),
    ],
)
def test_answers_that_are_none(
    hub: StandIn, reply: Reply, kind: type[gp.GradioProxyError], said: str
) -> None:
    """Each way of not answering has its error, and nothing is asked for a second time."""
    hub.web.on("/api/x", reply)
    with pytest.raises(kind, match=said):
        gp.hub.get("x")
    assert len(hub.requests) == (5 if reply.headers.get("Location") == "/api/x" else 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17),
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"Retry-After": "17", "RateLimit": '"api";r=0;t=55'}, 17),
        ({"RateLimit": '"api";r=3;t=55'}, None),
        ({}, None),
    ],
)
def test_too_many_requests(hub: StandIn, headers: dict[str, str], seconds: float | None) -> None:
    """The error has the seconds that the Hub says to wait; nothing is repeated here."""
    hub.web.otherwise = refused(429, "Too many requests", **headers)
    for ask in (gp.hub.models, lambda: gp.hub.space("a/b"), lambda: gp.connect("a/b")):
        hub.web.requests.clear()
        with pytest.raises(gp.RateLimited, match="Too many requests") as raised:
            ask()
        assert raised.value.retry_after == seconds
        assert len(hub.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("name", ["X-Error-Message", "X-Other"])
def test_no_error_has_the_token(hub: StandIn, status: int, name: str) -> None:
    """Whether it is said again in a header or in a body."""
    said = f"You sent Bearer {TOKEN}"
    reply = reply_json({"error": said}, status)
    hub.web.otherwise = Reply(status, reply.body, {**reply.headers, name: said})
    for ask in (
        lambda: gp.hub.get("models/alice/app", token=TOKEN),
        lambda: gp.hub.models(token=TOKEN),
        lambda: gp.hub.start("alice/app", token=TOKEN),
    ):
        with pytest.raises(gp.GradioProxyError) as raised:
            ask()
        assert find_secrets(raised.value, [TOKEN]) == []


def test_what_is_missing_or_private(hub: StandIn) -> None:
    """The error says that it may be either, and what was sent, but never a token."""
    hub.add_space("bob/private", private=True)
    for name in ("bob/private", "bob/missing"):
        for token, said in ((TOKEN, "The token of token= was sent."), (False, "token=False.")):
            with pytest.raises(gp.SpaceError, match="does not exist, or it is private") as raised:
                gp.hub.space(name, token=token)
            assert said in str(raised.value)
            assert (raised.value.space, raised.value.stage) == (name, "")
            assert TOKEN not in str(raised.value) + raised.value.report()
    with pytest.raises(gp.ServerError, match="model 'bob/none' does not exist, or it is private"):
        gp.hub.model("bob/none")


def test_what_is_gated(hub: StandIn) -> None:
    """A gated repository is neither missing nor broken."""
    hub.add_space("bob/gated", gated="manual")
    hub.add_models("bob/gated", gated="auto")
    for token in (TOKEN, False):
        with pytest.raises(gp.SpaceError, match="is gated") as raised:
            gp.hub.space("bob/gated", token=token)
        assert raised.value.space == "bob/gated"
        with pytest.raises(gp.AuthenticationError, match="model 'bob/gated' is gated"):
            gp.hub.model("bob/gated", token=token)
    assert gp.hub.space("bob/gated", token=OTHER).gated == "manual"


def test_a_renamed_repository(hub: StandIn) -> None:
    """A redirection within the Hub is followed."""
    hub.add_space("alice/new")
    hub.web.on("/api/spaces/alice/old", redirect("/api/spaces/alice/new", 307))
    assert gp.hub.space("alice/old").id == "alice/new"


def test_no_network(monkeypatch: pytest.MonkeyPatch, hub: StandIn) -> None:
    """Where nobody answers, it is a ConnectError, with the Hub's address."""
    with Web() as web:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
    for ask in (gp.hub.models, lambda: gp.hub.space("a/b"), lambda: gp.connect("a/b")):
        with pytest.raises(gp.ConnectError, match=web.url):
            ask()
    assert hub.requests == []


@pytest.mark.parametrize("address", ["no address", "ftp://x", "http://"])
def test_a_wrong_address_of_the_hub(
    monkeypatch: pytest.MonkeyPatch, hub: StandIn, address: str
) -> None:
    """A Hub that can be nowhere is an error that names the variable."""
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(gp.NotGradio, match="HF_ENDPOINT"):
        gp.hub.models()
    assert hub.requests == []


def test_a_space_without_a_description(hub: StandIn) -> None:
    """What is no description of a Space is not taken for one."""
    answers: list[Any] = [[], {}, {"id": 1}, {"id": "../../x"}, "text", None]
    for value in answers:
        hub.web.on("/api/spaces/a/b", reply_json(value))
        with pytest.raises(gp.ServerError, match="does not say what"):
            gp.hub.space("a/b")


@pytest.mark.parametrize("answer", [[], None, "x", 3])
def test_what_is_no_description_of_a_model(hub: StandIn, answer: Any) -> None:
    hub.web.on("/api/models/a/b", reply_json(answer))
    with pytest.raises(gp.ServerError, match="does not say what the model 'a/b' is"):
        gp.hub.model("a/b")


@pytest.mark.parametrize(
    "answer", [[], None, "x", {}, {"name": ""}, {"name": [3]}, {"name": "../a"}, {"name": "a/b"}]
)
def test_a_hub_that_does_not_say_whose_a_token_is(hub: StandIn, answer: Any) -> None:
    """Nothing is stored, and nobody's Spaces are taken for the account's own."""
    hub.web.on("/api/whoami-v2", reply_json(answer))
    asks: list[Any] = [gp.hub.whoami, lambda token: gp.hub.spaces(mine=True, token=token)]
    for ask in [*asks, gp.hub.set_token]:
        with pytest.raises(gp.ServerError, match="does not say whose token it is"):
            ask(token=TOKEN)
    assert hub.requests == ["GET /api/whoami-v2"] * 3
    assert not Path(os.environ["HF_HOME"]).exists()


@pytest.mark.parametrize("sdk", [[], {}, None, 3])
def test_a_space_of_no_kind_that_is_known(hub: StandIn, sdk: Any) -> None:
    """It may be an app, which is asked."""
    hub.add_space("alice/app", sdk=sdk)
    with pytest.raises(gp.GradioProxyError):
        gp.connect("alice/app")
    assert hub.front.requests != []


def test_the_hub_is_loaded_lightly() -> None:
    """Looking at what there is of the Hub loads no library; a request does."""
    code = (
        "import sys, gradioproxy as gp; gp.hub.Space, gp.hub.get, dir(gp.hub)\n"
        "print(sorted({n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    loaded = set(ast.literal_eval(done.stdout.decode()))
    assert "gradioproxy" in loaded
    assert not loaded & {"requests", "urllib3", "tqdm", "websocket", "makefun", "docstring_parser"}
