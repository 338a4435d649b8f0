"""A session that holds its app to a contract."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.client.contract import build
from gradioproxy.client.contract.build import build_contract
from gradioproxy.client.contract.storage import read_contract, write_contract
from tests.support.web_server import Reply, serve_app

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint
    from tests.support.web_server import Web

NAMES = ["first", "second"]


@pytest.fixture
def lock(web: Web, tmp_path: Path) -> Path:
    """Give the lock of an app with two functions, which *web* serves."""
    serve_app(web, *NAMES)
    path = tmp_path / "the app.lock.json"
    with gp.connect(web.url) as app:
        write_contract(path, build_contract(app))
    web.requests.clear()
    return path


def change(path: Path, **changes: Any) -> None:
    """Change what a lock says of the first function."""
    contract = read_contract(path)
    contract["functions"]["/first"] |= changes
    write_contract(path, contract)


def test_an_app_that_keeps_its_lock_is_connected_to(web: Web, lock: Path) -> None:
    """With no more requests than without one; what is new in it does no harm."""
    with gp.connect(web.url, lock=lock) as app:
        assert list(app) == ["/first", "/second"]
    assert web.paths() == ["/config", "/gradio_api/info"]
    serve_app(web, "zeroth", *NAMES, version="6.31.0")
    with gp.connect(web.url, lock=str(lock)) as app:
        assert len(app) == 3


def test_the_address_is_no_part_of_it(web: Web, lock: Path) -> None:
    """Another copy of the app is as good."""
    contract = read_contract(lock)
    contract["app"]["url"] = "http://elsewhere.test:1"
    write_contract(lock, contract)
    gp.connect(web.url, lock=lock).close()


def test_an_app_that_breaks_it_is_refused(web: Web, lock: Path) -> None:
    """Each way in which it does has a line, and nothing is left of the session."""
    serve_app(web, "second", "third")
    change(lock, name="other")
    contract = read_contract(lock)
    (parameter,) = contract["functions"]["/second"]["parameters"]
    parameter["type"] = "Any"
    write_contract(lock, contract)
    with pytest.raises(gp.SchemaChanged) as caught:
        gp.connect(web.url, lock=lock, name="x")
    advice = "Nothing was called. Adapt the script, then lock the app as it is: gradioproxy lock"
    assert str(caught.value).split("\n") == [
        f"The app at {web.url} is not what {lock} says any more:",
        "  /first: the function is gone",
        "  /second: parameter text takes str, and took Any",
        f"{advice} {web.url} -o '{lock}'",
    ]
    assert gp.sessions() == []
    assert isinstance(caught.value, RuntimeError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


def test_many_changes_are_counted(web: Web, lock: Path) -> None:
    contract = read_contract(lock)
    one = contract["functions"].pop("/first")
    contract["functions"] = {f"/gone_{number}": copy.deepcopy(one) for number in range(30)}
    write_contract(lock, contract)
    with pytest.raises(gp.SchemaChanged) as caught:
        gp.connect(web.url, lock=lock)
    lines = str(caught.value).split("\n")
    assert len(lines) == 23
    assert lines[20:22] == ["  /gone_19: the function is gone", "  and 10 more"]
    contract["functions"] = dict(list(contract["functions"].items())[:20])
    write_contract(lock, contract)
    with pytest.raises(gp.SchemaChanged) as caught:
        gp.connect(web.url, lock=lock)
    lines = str(caught.value).split("\n")
    assert len(lines) == 22
    assert lines[20] == "  /gone_19: the function is gone"


def test_a_message_is_no_longer_than_somebody_reads(web: Web, lock: Path) -> None:
    """That types are guessed is a line of it; what is to be typed is one command."""
    long = "x" * 70
    contract = read_contract(lock)
    one = contract["functions"].pop("/first")
    one["parameters"][0] |= {"type": "y" * 400, "schema": {"type": "integer"}}
    contract["functions"] = {f"/{long}": {**one, "name": long}}
    write_contract(lock, contract)
    serve_app(web, long)
    with pytest.raises(gp.SchemaChanged) as caught:
        gp.connect(web.url, lock=lock)
    assert max(map(len, str(caught.value).split("\n")[1:-1])) == 202
    web.on("/gradio_api/info", Reply(500))
    with pytest.raises(gp.SchemaChanged) as caught:
        gp.connect(web.url, lock=lock)
    *_, note, _ = str(caught.value).split("\n")
    assert "its /info answered 500" in note
    web.on("/a;b&c/config", *web._scripts["/config"])
    with pytest.raises(gp.SchemaChanged, match=r"gradioproxy lock 'http://[^ ]+/a;b&c' -o"):
        gp.connect(f"{web.url}/a;b&c", lock=lock)


def test_a_lock_that_can_not_be_read_sends_nothing(web: Web, lock: Path) -> None:
    before = lock.read_bytes()
    lock.write_text("<<<<<<< HEAD")
    with pytest.raises(gp.SchemaError, match="conflict of a merge"):
        gp.connect(web.url, lock=lock)
    lock.unlink()
    with pytest.raises(gp.MissingFile, match="there is no such file"):
        gp.connect(web.url, lock=lock)
    assert web.requests == []
    lock.write_bytes(before)
    gp.connect(web.url, lock=lock).close()


def test_a_refresh_is_held_to_it(web: Web, lock: Path) -> None:
    """What the app was stays in place, until it is that again."""
    with gp.connect(web.url, lock=lock) as app:
        first, info = app.first, app.info
        serve_app(web, "second", app_id=2)
        with pytest.raises(gp.SchemaChanged, match="/first: the function is gone"):
            app.refresh()
        assert list(app) == ["/first", "/second"]
        assert app.first is first
        assert app.info is info
        serve_app(web, *NAMES, "third", app_id=3)
        app.refresh()
        assert list(app) == ["/first", "/second", "/third"]
        assert app.first is first
        serve_app(web, "first")
        with pytest.raises(gp.SchemaChanged, match="/second: the function is gone"):
            app.with_options(call_timeout=5).refresh()


def test_functions_without_a_name(web: Web, tmp_path: Path) -> None:
    """One that the lock has is there, though the session lists it no more."""
    serve_app(web, *NAMES)
    config = json.loads(web._scripts["/config"][0].body)  # type: ignore[union-attr]
    config["dependencies"].append({"id": 2, "api_name": None, "inputs": [1], "outputs": [2]})
    serve_app(web, *NAMES, dependencies=config["dependencies"])
    path = tmp_path / "x.json"
    with gp.connect(web.url, unnamed=True) as app:
        write_contract(path, build_contract(app))
    assert "/fn_2" not in read_contract(path)["functions"]
    assert "fn_2" in read_contract(path)["functions"]
    gp.connect(web.url, lock=path).close()
    gp.connect(web.url, lock=path, unnamed=True).close()
    serve_app(web, *NAMES)
    with pytest.raises(gp.SchemaChanged, match="fn_2: the function is gone"):
        gp.connect(web.url, lock=path)


def test_what_is_kept_of_an_app_is_no_reason_to_refuse_it(web: Web, lock: Path) -> None:
    """Kept before the lock was written: the app is asked, once, what it is by now."""
    contract = lock.read_bytes()
    serve_app(web, "first", app_id=2)
    gp.connect(web.url, cache=True).close()
    serve_app(web, *NAMES, app_id=3)
    web.requests.clear()
    with gp.connect(web.url, cache=True, lock=lock) as app:
        assert list(app) == ["/first", "/second"]
    assert web.paths() == ["/config", "/gradio_api/info"]
    gp.connect(web.url, cache=True, lock=lock).close()  # it is kept now
    assert len(web.requests) == 2
    assert lock.read_bytes() == contract


def test_an_app_that_is_kept_and_breaks_its_lock_is_refused(web: Web, lock: Path) -> None:
    """What it says now is what counts; it is asked for that once, and one that is new not twice."""
    serve_app(web, "first", app_id=2)
    with pytest.raises(gp.SchemaChanged, match="/second: the function is gone"):
        gp.connect(web.url, cache=True, lock=lock)
    assert len(web.requests) == 2
    with pytest.raises(gp.SchemaChanged, match="/second: the function is gone"):
        gp.connect(web.url, cache=True, lock=lock)
    assert len(web.requests) == 4
    web.otherwise = Reply(503)
    web.on("/config", Reply(503))
    with pytest.raises(gp.ServerError):
        gp.connect(web.url, cache=True, lock=lock)
    web.wait_until(lambda: not web.open_connections)


def test_functions_that_no_lock_has_are_not_read(
    web: Web, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app may have thousands, and each takes its time; but those that are locked are."""
    read = []
    real = build._describe_function

    def note(endpoint: Endpoint, name: str) -> Any:
        read.append(endpoint.name)
        return real(endpoint, name)

    monkeypatch.setattr(build, "_describe_function", note)
    serve_app(web, "zeroth", *NAMES, "third")
    gp.connect(web.url, lock=lock).close()
    assert read == ["/first", "/second"]


def test_it_holds_for_a_session_as_a_whole(web: Web, lock: Path) -> None:
    """And for no other: what is unpickled has none."""
    with gp.connect(web.url, lock=lock) as app:
        with pytest.raises(TypeError, match="lock holds for a session as a whole"):
            app.with_options(lock=lock)
        packed = pickle.dumps(app)
        assert str(lock).encode() not in packed
        serve_app(web, "other")
        with pickle.loads(packed) as copied:  # noqa: S301
            assert list(copied) == ["/other"]
